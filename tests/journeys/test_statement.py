"""A statement: from the news to the receipt, past the staff into the public list, and corrected again."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.pictures import drawn, encoded

pytestmark = pytest.mark.browser


def sign(page: Page, house: House, name: str, email: str, website: str) -> None:
    page.goto(f"{house.site}/campaigns/together")
    page.get_by_label("Organisation", exact=True).fill(name)
    page.get_by_label("Website (optional)", exact=True).fill(website)
    page.get_by_label("City", exact=True).fill("Madison")
    page.get_by_label("State", exact=True).select_option("WI")
    page.get_by_label("Your full name").fill("Mai Example")
    page.get_by_label("Your role").fill("Director")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("I may sign for it").check()
    page.get_by_role("button", name="Sign for your organisation").click()


def test_an_organisation_signs_is_approved_and_stands_in_the_list(
    page: Page, house: House, email: str, look: Look
) -> None:
    own = token_hex(6)
    name = f"Lantern Street Clinic {own}"
    page.goto(f"{house.site}/?kind=statement")
    page.get_by_role("link", name="A collective statement on safe and welcoming schools", exact=True).click()
    expect(page).to_have_url(re.compile(r"/campaigns/together$"))
    look(page, "statement")
    page.get_by_role("button", name="Sign for your organisation").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "statement-error")
    sign(page, house, name, email, f"clinic-{own}.example.org")
    expect(page).to_have_url(re.compile(r"/receipts/"))
    expect(page.locator("main")).to_contain_text("To be looked at by the staff.")
    look(page, "statement-receipt")
    receipt = page.url
    page.get_by_role("link", name="Correct the name, website or place").click()
    expect(page).to_have_url(re.compile(r"/organisation$"))
    look(page, "statement-correction")

    page.goto(receipt)
    page.get_by_role("link", name="Add your logo, or change it").click()
    page.get_by_role("button", name="Save it").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "statement-logo-error")
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": encoded(drawn(240, 120), "PNG")}
    page.get_by_label("Logo", exact=True).set_input_files(file)
    page.get_by_role("button", name="Save it").click()
    expect(page).to_have_url(receipt)
    page.get_by_role("link", name="Add your logo, or change it").click()
    expect(page.get_by_role("img", name=name)).to_have_js_property("naturalWidth", 240)
    look(page, "statement-logo")

    sign_in(page, house, "/staff/campaigns/together/organisations")
    section = page.locator("section.organisation", has_text=name)
    expect(section.get_by_role("img", name=name)).to_be_visible()
    section.locator("summary").click()
    expect(section.locator("textarea")).to_be_visible()
    look(page, "staff-organisations")
    section.get_by_role("button", name=re.compile("^Decline")).click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-organisations-error")
    section.get_by_role("button", name=re.compile("^Approve")).click()
    expect(page.locator("main")).to_contain_text("Approved: it stands in the public list")
    page.goto(f"{house.site}/staff/campaigns/together/organisations?standing=approved")
    look(page, "staff-organisations-approved")
    page.goto(f"{house.site}/staff/campaigns/together")
    look(page, "staff-statement")
    page.goto(f"{house.site}/staff/campaigns/together/kind")
    look(page, "staff-statement-kind")

    page.goto(f"{house.site}/campaigns/together")
    expect(page.locator(".signers")).to_contain_text(f"{name}, Madison, Wisconsin")
    logo = page.get_by_role("img", name=name)
    logo.scroll_into_view_if_needed()
    expect(logo).to_have_js_property("naturalWidth", 240)
    look(page, "statement-signed")
    sign(page, house, f"The {name}, Inc.", f"kou.{email}", "")
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "statement-question")
    page.goto(receipt)
    expect(page.locator("main")).to_contain_text("Approved.")
    look(page, "statement-receipt-approved")
    page.get_by_role("link", name="Erase my personal data").click()
    expect(page).to_have_url(re.compile(r"/erasure$"))
    look(page, "statement-erase")
    page.goto(receipt)
    page.get_by_role("button", name="Withdraw our signature").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew your organisation's signature")
    page.goto(f"{house.site}/campaigns/together")
    expect(page.locator("main")).not_to_contain_text(name)
