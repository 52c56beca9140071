"""The street that decides, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.steps import go_on, who, write_and_send

pytestmark = pytest.mark.browser


def test_the_street_finds_the_district(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    expect(page.get_by_text("Wisconsin State Assembly: your street decides.")).to_be_visible()
    page.get_by_label("House number and street").fill("2 E Main St")
    look(page, "address")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("These are your legislators")
    expect(page.get_by_role("img", name=re.compile("Map of Assembly District 76"))).to_be_visible()
    look(page, "address-found")
    page.get_by_role("button", name="Continue to your letter").click()
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    assert house.actions(email) == 1
    assert len(house.wait_for_letters(email, 2)) == 2


def test_a_street_that_is_not_found_leaves_the_names(page: Page, house: House, email: str, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/ab969")
    who(page, email, "53703")
    go_on(page)
    page.get_by_label("House number and street").fill("9 Nowhere Ln")
    page.get_by_role("button", name="Find my district").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_contain_text("We could not find this address")
    expect(page.get_by_label("House number and street")).to_have_value("9 Nowhere Ln")
    look(page, "address-error")
    for question in page.locator("fieldset:has(input[type=radio])").all():
        question.get_by_role("radio").nth(1).check()  # the first is "I am not sure"
    page.get_by_role("button", name="Continue to your letter").click()
    expect(page).to_have_url(re.compile(r"/letter$"))
