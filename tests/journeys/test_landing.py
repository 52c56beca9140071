"""The landing page and the receipt as they are looked at: in reach, in the dark, in an organisation's colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from actionmail.db.brands import BrandRow
from tests.journeys.conftest import View, opened_page
from tests.journeys.house import House
from tests.journeys.steps import choose_first, go_on, who, write_and_send
from tests.samples import NOW

pytestmark = pytest.mark.browser

SCREEN = 800  # points, of a telephone
THUMB = View(360, True)
WIDE = View(1280, True)
BRANDS = {"ours": None, "maroon": ["#7a1030", "#ffd98a"], "black": ["#000000", "#ffffff"]}


def ends_at(place: Locator) -> float:
    """Where it ends, from the beginning of the page or of what is in view."""
    box = place.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


@pytest.fixture
def phone(browser: Browser, house: House) -> Iterator[Page]:
    with opened_page(browser, house, THUMB) as page:
        yield page


def test_write_now_is_in_reach_and_shows_the_whole_form(phone: Page, house: House) -> None:
    phone.goto(f"{house.site}/campaigns/ab969")
    press = phone.locator(".gobar").get_by_role("link", name="Write now")
    expect(press).to_be_in_viewport(ratio=1)
    assert ends_at(press) > 2 / 3 * SCREEN, "where the thumb is"
    press.click()
    expect(phone.get_by_label("Full name")).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("button", name="Continue to your legislators")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("view", [THUMB, View(360, False), View(320, True)], ids=str)
def test_a_dozen_languages_take_one_row_until_the_keyboard_opens_them(
    browser: Browser, house: House, view: View
) -> None:
    with opened_page(browser, house, view) as page:
        page.goto(f"{house.site}/campaigns/ab969")
        fold = page.locator("nav.languages")
        box = fold.bounding_box()
        assert box is not None
        assert box["height"] < 2 * 44  # of what can be pressed, one above another
        expect(fold.locator("summary")).to_contain_text("English · ")
        fold.locator("summary").press("Enter")
        link = fold.get_by_role("link", name="Español", exact=True)
        expect(link).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= view.width
        link.press("Enter")
        expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_letter_is_sent_within_three_screens(phone: Page, house: House, email: str) -> None:
    phone.goto(f"{house.site}/campaigns/ab969")
    who(phone, email, "53703")
    go_on(phone)
    choose_first(phone)
    expect(phone).to_have_url(re.compile(r"/letter$"))
    assert ends_at(phone.get_by_role("button", name=re.compile("^Send "))) <= 3 * SCREEN


def test_on_a_wide_screen_the_form_stands_beside_the_title(browser: Browser, house: House, email: str) -> None:
    with opened_page(browser, house, WIDE) as page:
        page.goto(f"{house.site}/campaigns/ab969")
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
        expect(page.get_by_label("ZIP code")).to_be_in_viewport(ratio=1)
        expect(page.locator(".gobar")).to_be_hidden()
        who(page, email, "53703")
        go_on(page)
        choose_first(page)
        page.get_by_label("Why does this matter to you?").fill("I walk past this school each morning.")
        shown = page.locator("#previews").get_by_text("I walk past this school each morning.").first
        expect(shown).to_be_in_viewport()


@dataclass(frozen=True)
class _Dressed:
    house: House
    colours: list[str] | None


@pytest.fixture(params=BRANDS.values(), ids=BRANDS)
def dressed(request: pytest.FixtureRequest, house: House) -> Iterator[_Dressed]:
    """Every organisation of the house in these colours."""
    colours: list[str] | None = request.param
    names = ("Example Community Group", "Example Justice Network")
    if colours:
        with house.database.write() as session:
            session.add_all(BrandRow(organisation=name, colours=colours, updated_at=NOW) for name in names)
    yield _Dressed(house, colours)
    with house.database.write() as session:
        for name in names:
            if row := session.get(BrandRow, name):
                session.delete(row)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_can_be_read_in_every_organisations_colours(
    browser: Browser, dressed: _Dressed, email: str, scheme: str
) -> None:
    house = dressed.house
    with opened_page(browser, house, THUMB) as page:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{house.site}/campaigns/ab969")
        assert page.evaluate("[...document.styleSheets].length") == (2 if dressed.colours else 1)
        _contrast(page)
        who(page, email, "53703")
        go_on(page)
        _contrast(page)
        choose_first(page)
        _contrast(page)
        with house.worker_asleep():
            write_and_send(page)
            expect(page).to_have_url(re.compile(r"/receipts/"))
            _contrast(page)
        page.goto(f"{house.site}/campaigns/clemency")
        _contrast(page)
        page.goto(f"{house.site}/")
        _contrast(page)


def _contrast(page: Page) -> None:
    page.wait_for_load_state()
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
    found = Axe().run(page, options={**rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


@pytest.mark.parametrize("how", [{"forced_colors": "active"}, {"media": "print"}])
def test_the_page_holds_in_forced_colours_and_on_paper(phone: Page, house: House, how: dict[str, str]) -> None:
    phone.goto(f"{house.site}/campaigns/ab969")
    phone.emulate_media(**how)  # type: ignore[arg-type]
    assert phone.evaluate("document.documentElement.scrollWidth") <= THUMB.width
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    gobar = phone.locator(".gobar")
    if "media" in how:
        expect(gobar).to_be_hidden()
    else:
        expect(gobar).to_be_visible()


def test_from_right_to_left_nothing_hangs_out(phone: Page, house: House) -> None:
    phone.goto(f"{house.site}/campaigns/ab969")
    phone.evaluate("document.documentElement.dir = 'rtl'")
    assert phone.evaluate("document.documentElement.scrollWidth") <= THUMB.width
    box = phone.get_by_label("ZIP code").bounding_box()
    assert box is not None
    assert box["x"] > THUMB.width / 3, "a short field begins at the right"


def test_the_copy_button_copies_the_link_and_says_so(phone: Page, house: House, email: str) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.goto(f"{house.site}/campaigns/sb1161")
    who(phone, email, "94103")
    go_on(phone)
    write_and_send(phone)
    phone.get_by_role("button", name="For Signal").click()
    expect(phone.get_by_text("Copied: paste it in Signal.")).to_be_visible()
    assert f"{house.site}/campaigns/sb1161?source=signal" in phone.evaluate("navigator.clipboard.readText()")
