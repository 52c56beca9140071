"""The supporter's three steps, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.steps import OWN_WORDS, choose_first, go_on, who, write_and_send

pytestmark = pytest.mark.browser


def test_a_supporter_in_madison_opposes_ab_969(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/")
    look(page, "home")
    page.get_by_role("searchbox", name="Search the news").fill("armed police")  # newer posts may fill the first page
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Keep armed police out of Wisconsin's schools", exact=True).click()
    expect(page).to_have_url(re.compile(r"/campaigns/ab969$"))
    look(page, "campaign")
    who(page, email, "53703")
    go_on(page)
    expect(page).to_have_url(re.compile(r"/legislators$"))
    look(page, "legislators")
    choose_first(page)
    expect(page).to_have_url(re.compile(r"/letter$"))
    look(page, "letter")
    with house.worker_asleep():
        write_and_send(page)
        expect(page).to_have_url(re.compile(r"/receipts/"))
        look(page, "receipt")
        expect(page.locator("main")).to_contain_text(re.compile("queued", re.IGNORECASE))

    letters = house.wait_for_letters(email, 2)
    assert len(letters) == 2
    assert len({letter["Message-ID"] for letter in letters}) == 2
    for letter in letters:
        assert OWN_WORDS in letter.get_content()
        assert "AB 969" in letter.get_content()
    page.reload()
    expect(page.locator("main")).to_contain_text(re.compile("accepted by the mail server", re.IGNORECASE))
    look(page, "receipt-later")
    assert house.actions(email) == 1
    letter = page.locator(".folded", has_text=OWN_WORDS).first
    expect(letter).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".folded:visible", has_text=OWN_WORDS)).to_have_count(2)
    page.emulate_media(media="screen")
    page.get_by_text("The letter as it went").first.click()
    expect(letter).to_be_visible()


def test_a_supporter_in_san_francisco_supports_sb_1161(page: Page, house: House, email: str) -> None:
    page.goto(f"{house.site}/campaigns/sb1161")
    who(page, email, " 94103-1234 ")
    go_on(page)
    expect(page).to_have_url(re.compile(r"/letter$"))  # one district per chamber: nothing to choose
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    letters = house.wait_for_letters(email, 2)
    assert len(letters) == 2
    assert all("SB 1161" in letter.get_content() for letter in letters)


def test_mistakes_are_named_and_nothing_typed_is_lost(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, "mai@nowhere", "53703")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_label("Full name")).to_have_value("Mai Example")
    expect(page.get_by_label("E-mail address")).to_have_value("mai@nowhere")
    expect(page.get_by_label("ZIP code")).to_have_value("53703")
    look(page, "campaign-error")


def test_a_letter_without_consent_is_not_sent_and_keeps_its_words(
    page: Page, house: House, email: str, look: Look
) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    page.get_by_label("Why does this matter to you?").fill(OWN_WORDS)
    page.get_by_role("button", name=re.compile("^Send ")).click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_label("Why does this matter to you?")).to_have_value(OWN_WORDS)
    look(page, "letter-error")
    assert house.actions(email) == 0


def test_the_back_button_loses_no_word(page: Page, house: House, email: str) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    expect(page).to_have_url(re.compile(r"/letter$"))
    page.get_by_label("Why does this matter to you?").fill(OWN_WORDS)
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/campaigns/ab969$"))
    expect(page.get_by_label("Full name")).to_have_value("Mai Example")
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    expect(page.get_by_label("ZIP code")).to_have_value("53703")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_label("Why does this matter to you?")).to_have_value(OWN_WORDS)


def test_a_double_click_sends_one_action(page: Page, house: House, email: str) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    page.get_by_label("Why does this matter to you?").fill(OWN_WORDS)
    page.get_by_label("Send this in my name").check()
    page.get_by_role("button", name=re.compile("^Send ")).dblclick()
    expect(page).to_have_url(re.compile(r"/receipts/"))
    assert house.actions(email) == 1
    house.wait_for_letters(email, 2)
    assert len(house.letters(email)) == 2


def test_the_form_works_by_keyboard_alone(page: Page, house: House, email: str) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    page.get_by_label("Full name").focus()
    page.keyboard.type("Mai Example")
    page.keyboard.press("Tab")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type("53703")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/legislators$"))


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/privacy", 200, "privacy"),
        ("/campaigns/closed-sample", 200, "campaign-closed"),
        ("/campaigns/there-is-none", 404, "not-found"),
        ("/v/there-is-none", 404, "verify-unknown"),
    ],
)
def test_the_other_pages_are_within_reach_of_everyone(
    page: Page, house: House, look: Look, path: str, status: int, name: str
) -> None:
    answer = page.goto(f"{house.site}{path}")
    assert answer is not None
    assert answer.status == status
    look(page, name)


def test_back_leads_through_mistakes_and_from_the_receipt(page: Page, house: House, email: str, look: Look) -> None:
    start = f"{house.site}/campaigns/ab969"
    page.goto(start)
    who(page, "mai@nowhere", "53703")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "campaign-mistake")
    page.get_by_label("E-mail address").fill(email)
    go_on(page)
    expect(page).to_have_url(re.compile(r"/legislators$"))
    page.go_back()
    expect(page.get_by_label("E-mail address")).to_have_value(email)  # and no question whether to send a form again
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(start)
    page.go_forward()
    page.go_forward()
    choose_first(page)
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    receipt = page.url
    look(page, "receipt-queued")
    page.go_back()
    expect(page).to_have_url(receipt)
    page.goto(start)
    look(page, "campaign-after-receipt")
    page.get_by_role("link", name="see what became of it").click()
    expect(page).to_have_url(receipt)
