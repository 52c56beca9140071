"""The three steps in the browser's own language: on a telephone without script, by keyboard, right to left."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, Page, expect

from actionmail.rules.speech import Tongue, gettext, speaking
from actionmail.web.platform import tongues
from tests.journeys import dari
from tests.journeys.conftest import Look, View, opened_page
from tests.journeys.hands import Keyboard, Pointing
from tests.journeys.house import House

pytestmark = pytest.mark.browser

MOST_KEYS, MOST_PAGES = 60, 4
VIETNAMESE = View(360, scripts=False, language="vi")
HMONG = View(1280, scripts=True, language="hmn")
# Every one that is written so: as an installation adds it, and those that come with us.
RIGHT_TO_LEFT = [
    View(360, scripts=True, language=tag)
    for tag in (
        dari.TAG,
        *(tag for tag, one in tongues.read([tongues.TRANSLATIONS]).items() if one.direction == "rtl"),
    )
]


@pytest.fixture
def page(browser: Browser, house: House, view: View) -> Iterator[Page]:
    with opened_page(browser, house, view) as opened:
        yield opened


@pytest.fixture
def tongue(house: House, view: View) -> Tongue:
    return tongues.of_installation(house.folder / "data")[view.language]


@pytest.fixture
def email() -> str:
    """As short as many are: each key is counted."""
    return f"{token_hex(4)}@example.org"


def act(hands: Pointing, house: House, tongue: Tongue, look: Look, email: str) -> None:
    """From the campaign's page to the receipt, by the words of the language alone."""
    page = hands.page

    def said(words: str, **values: str) -> str:
        with speaking(tongue):
            assert tongue.find(words) is not None, f"{tongue.name} does not say {words!r}"
            return gettext(words, **values)

    def stands(name: str) -> None:
        expect(page.locator("html")).to_have_attribute("lang", tongue.tag)
        look(page, f"{name}-{tongue.tag}")

    page.goto(f"{house.site}/campaigns/ab969")
    stands("campaign")
    if isinstance(hands, Keyboard):
        hands.skip(page.get_by_role("link", name=said("Write now")).first)
    else:
        hands.press(page.locator(".gobar").get_by_role("link", name=said("Write now")))  # where the thumb is
    hands.write(page.get_by_label(said("Full name")), "Mai Example")
    hands.write(page.get_by_label(said("E-mail address")), email)
    hands.write(page.get_by_label(said("ZIP code")), "53703")
    hands.send(page.get_by_role("button", name=said("Continue to your legislators")))
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Which legislators are yours?"))
    stands("legislators")
    hands.skip(page.get_by_role("link", name=said("Or choose them by name")))
    hands.pick(page.get_by_role("radio").nth(1))  # the first is "I am not sure"
    hands.press(page.get_by_role("button", name=said("Continue to your letter")))
    expect(page.get_by_role("heading", level=1)).to_have_text(said("Your legislators, your letter"))
    stands("letter")
    count = said("%(count)s of at most %(most)s characters", count="{}", most="2,000")
    expect(page.locator("#personal-count")).to_have_text(count.replace("{}", "0"))  # as a script says it
    hands.skip(page.get_by_role("link", name=said("Ready to send?")))
    hands.tick(page.get_by_label(said("Send this in my name")))
    hands.press(page.locator("button[name=go][value=send]"))
    with speaking(tongue):
        thanks = tongues.element("Thank you, %(name)s.", name="Mai Example").striptags()
    expect(page.get_by_role("heading", level=1)).to_have_text(thanks)
    stands("receipt")
    print(f"{tongue.name} at {page.viewport_size}: {hands.told()}")
    assert len(house.wait_for_letters(email, 2)) == 2


@pytest.mark.parametrize("view", [VIETNAMESE], ids=str)
def test_in_vietnamese_on_a_telephone_without_script(
    page: Page, house: House, tongue: Tongue, look: Look, email: str
) -> None:
    hands = Pointing(page)
    act(hands, house, tongue, look, email)
    assert hands.keys <= MOST_KEYS
    assert hands.pages <= MOST_PAGES


@pytest.mark.parametrize("view", [HMONG], ids=str)
def test_in_hmong_by_the_keyboard_alone(page: Page, house: House, tongue: Tongue, look: Look, email: str) -> None:
    hands = Keyboard(page)
    act(hands, house, tongue, look, email)
    assert hands.keys <= MOST_KEYS
    assert hands.pages <= MOST_PAGES


@pytest.mark.parametrize("view", RIGHT_TO_LEFT, ids=str)
def test_from_right_to_left_in_a_language_that_no_code_knows(
    page: Page, house: House, tongue: Tongue, look: Look, email: str
) -> None:
    hands = Pointing(page)
    act(hands, house, tongue, look, email)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert hands.keys <= MOST_KEYS
    assert hands.pages <= MOST_PAGES
