"""Somebody writes in about their letters: staff find them, mail their receipt again, and erase them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.journeys.steps import choose_first, go_on, who, write_and_send

pytestmark = pytest.mark.browser


def test_staff_find_show_and_erase_one_supporter(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    choose_first(page)
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    receipt = page.url
    assert len(house.wait_for_letters(email, 2)) == 2

    sign_in(page, house, "/staff/supporters")
    expect(page).to_have_title(re.compile("^Supporters"))
    look(page, "staff-supporters")
    page.get_by_label("E-mail address, part of a name").fill("%%%")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("main")).to_contain_text("Nobody fits.")
    page.get_by_label("E-mail address, part of a name").fill("mai")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("table")).to_contain_text(email)
    look(page, "staff-supporters-found")
    page.get_by_label("E-mail address, part of a name").fill(email.upper())
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page).to_have_url(re.compile(r"/staff/supporters/\d+$"))
    expect(page.locator("main")).to_contain_text("accepted by the mail server")
    look(page, "staff-supporter")

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all that is kept").click()
    document = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert document["address"] == email
    assert len(document["actions"][0]["letters"]) == 2

    page.get_by_role("button", name="Mail the receipt again").click()
    expect(page.get_by_role("status")).to_contain_text("on its way to the address on file")
    assert house.receipt_mailed_to(email) == receipt.partition("?")[0]

    page.get_by_role("link", name="Erase them").click()
    expect(page.locator("main")).to_contain_text("2 letters were handed to a mail server")
    look(page, "staff-supporter-erasure")
    page.get_by_role("button", name="Erase them").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-supporter-erasure-error")
    page.get_by_label("They asked for it").check()
    page.get_by_role("button", name="Erase them").click()
    expect(page.get_by_role("status").first).to_contain_text("Erased: 1 action")
    page.goto(receipt)
    expect(page.locator("main")).not_to_contain_text(email)

    page.goto(f"{house.site}/staff/audit?action=supporter_erased")
    expect(page.locator("table").first).to_contain_text("erased the supporter of action")
    look(page, "staff-audit-narrowed")
