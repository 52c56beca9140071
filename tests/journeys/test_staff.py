"""Staff sign in and read what became of a letter; whoever tries the demo reads the inbox."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import STAFF, House
from tests.journeys.steps import OWN_WORDS, choose_first, go_on, who, write_and_send

pytestmark = pytest.mark.browser


def test_staff_sign_in_and_read_the_log(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    assert len(house.wait_for_letters(email, 2)) == 2

    page.goto(f"{house.site}/staff/messages")
    expect(page).to_have_url(re.compile(r"/staff/sign-in"))
    look(page, "staff-sign-in")
    for path in ("resets", "invitations/unknown"):
        page.goto(f"{house.site}/staff/{path}")
        look(page, f"staff-{path.replace('/', '-')}")
    page.goto(f"{house.site}/staff/messages")
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill(STAFF)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-sign-in-error")
    page.get_by_label("Password").fill(house.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile(r"/staff/sign-in"))

    page.goto(f"{house.site}/staff/")
    look(page, "staff-home")
    for path in (
        "account",
        "accounts",
        "confirmation",
        "password",
        "second-factor",
        "preflight",
        "dmarc",
        "campaigns/ab969/preview",
        "campaigns/ab969/rules",
    ):
        page.goto(f"{house.site}/staff/{path}")
        look(page, f"staff-{path.rpartition('/')[2]}")
    invite(page, house, look)
    page.goto(f"{house.site}/staff/messages")
    look(page, "staff-messages")
    page.locator("main a[href^='/staff/messages/']").first.click()
    expect(page.locator("main")).to_contain_text(OWN_WORDS)
    look(page, "staff-message")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{house.site}/staff/messages")
    expect(page).to_have_url(re.compile(r"/staff/sign-in"))


def invite(page: Page, house: House, look: Look) -> None:
    """Invite somebody, and open the link as they would."""
    email = f"ben.{token_hex(4)}@example.org"
    page.goto(f"{house.site}/staff/accounts")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("The mail server took an invitation")
    look(page, "staff-invited")
    page.goto(house.link_mailed_to(email))
    expect(page.locator("main")).to_contain_text(f"For the account of {email}, author.")
    look(page, "staff-choose-password")


def test_the_inbox_shows_a_letter(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    write_and_send(page)
    assert len(house.wait_for_letters(email, 2)) == 2
    page.goto(f"{house.inbox_site}/")
    look(page, "inbox")
    name = next(iter(house.letters_by_name(email)))  # others' mail may have come after it
    page.locator(f"main a[href$='/{name}']").click()
    expect(page.locator("body")).to_contain_text(OWN_WORDS)
    look(page, "inbox-letter")
