"""An author makes a campaign from nothing, mends what is refused, publishes, and a supporter acts."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.journeys.steps import go_on, who, write_and_send

pytestmark = pytest.mark.browser

CLOSING = "Sincerely,\n{{ supporter_name }}\n{{ address }}"


def test_from_an_empty_campaign_to_an_action(page: Page, house: House, email: str, look: Look) -> None:
    slug = f"rides-{token_hex(4)}"
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns")
    page.get_by_role("link", name="New campaign").click()
    look(page, "staff-draft")
    page.get_by_role("button", name="Begin the draft").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-draft-error")
    page.get_by_label("Title of the campaign").fill("Safer rides for everyone")
    page.get_by_label("Its part of the page's address").fill(slug)
    page.get_by_label("State", exact=True).select_option("CA")
    page.get_by_label("Legislative session").fill("2021-2022")
    page.get_by_label("Number of the bill").fill("SB 1161")
    page.get_by_label("The bill in plain words").fill("Safer rides on public transit")
    page.get_by_label("Support the bill").check()
    page.get_by_label("Time zone").select_option("America/Los_Angeles")
    page.get_by_role("button", name="Begin the draft").click()
    expect(page.get_by_role("status")).to_contain_text("a draft: nobody sees it")
    home = f"{house.site}/staff/campaigns/{slug}"

    page.get_by_role("link", name="The page's text").click()
    page.get_by_label("What the page says").fill("Riders are harassed.\n\nThis bill makes transit look and act.")
    look(page, "staff-page-text")
    page.get_by_role("button", name="Save").click()

    letter(page, "Senate", "Please support {{ biil }}.", leave_out="Assembly")
    page.get_by_role("button", name="Save the letter").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_role("alert")).to_contain_text("Line 1, column 19")
    expect(page.get_by_role("alert")).to_contain_text("did you mean bill?")
    look(page, "staff-letter-error")
    expect(page.get_by_label("Body")).to_have_value("Please support {{ biil }}.")
    page.get_by_label("Body").fill("Please support {{ bill }}. I ride every day.")
    page.get_by_role("button", name="Preview without saving").click()
    expect(page.get_by_label("The text of the letter")).to_contain_text("Dear Senator")
    expect(page.get_by_label("The text of the letter")).to_contain_text("Please support SB 1161.")
    look(page, "staff-letter")
    page.get_by_role("button", name="Save the letter").click()
    expect(page).to_have_url(home)

    page.goto(f"{home}/changes/publish")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no letter for members of the California State Assembly")
    page.goto(home)
    letter(page, "Assembly", "Please support {{ bill }}. I ride every day.", leave_out="Senate")
    page.get_by_role("button", name="Save the letter").click()
    expect(page).to_have_url(home)
    look(page, "staff-campaign")
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status")).to_contain_text("This campaign is now live.")

    page.goto(f"{house.site}/campaigns/{slug}")
    expect(page.locator("main")).to_contain_text("Riders are harassed.")
    who(page, email, "94103")
    go_on(page)
    write_and_send(page)
    expect(page).to_have_url(re.compile(r"/receipts/"))
    page.goto(house.confirmation_mailed_to(email))  # a new campaign asks whoever never confirmed
    page.locator("main form[method=post] button.button").first.click()
    expect(page).to_have_url(re.compile(r"/receipts/"))
    sent = house.wait_for_letters(email, 2)
    assert len(sent) == 2
    assert all("Please support SB 1161. I ride every day." in one.get_content() for one in sent)


def test_a_field_is_put_in_where_one_wrote_last(page: Page, house: House, view: object, look: Look) -> None:
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns/ab969/letter")
    page.get_by_text("Fields: what differs from letter to letter").click()
    look(page, "staff-letter-fields")
    insert = page.get_by_role("button", name=re.compile(r"^Insert\s+bill$"))
    if "scriptless" in str(view):
        expect(insert).to_be_hidden()
        return
    page.get_by_label("Subjects").fill("Please oppose ")
    insert.click()
    expect(page.get_by_label("Subjects")).to_have_value("Please oppose {{ bill }}")


def test_the_preview_follows_what_is_typed_and_the_words_are_kept(
    page: Page, house: House, view: object, look: Look
) -> None:
    if "scriptless" in str(view):
        return  # the buttons do it
    sign_in(page, house)
    slug = copy(page, house)
    page.goto(f"{house.site}/staff/campaigns/{slug}/letter")
    preview = page.get_by_role("region", name="Preview", exact=True)
    page.get_by_label("Your name for this letter").fill("Live")
    page.get_by_label("Subjects").fill("{{ bill }}: please vote no")
    page.get_by_label("Body").fill("Typed as I think about {{ biil }}.")
    expect(preview).to_contain_text("did you mean bill?")
    page.get_by_label("Body").fill("Typed as I think about {{ bill }}.")
    expect(preview).to_contain_text("Typed as I think about AB 969.")
    expect(preview).to_contain_text("Reply-To")
    expect(page.get_by_label("Body")).to_be_focused()
    expect(page.locator("#kept")).to_contain_text("Draft kept")
    page.get_by_label("from a made-up supporter who").select_option("1")
    expect(preview).not_to_contain_text("Sample Street")
    look(page, "staff-letter-live")
    page.goto(f"{house.site}/staff/campaigns/{slug}/letter")
    expect(page.locator("main")).to_contain_text("You have unsaved changes")
    expect(page.get_by_label("Body")).to_have_value("Typed as I think about {{ bill }}.")
    look(page, "staff-letter-unsaved")
    page.get_by_role("button", name="Discard them").click()
    expect(page.get_by_label("Body")).to_have_value("")


def test_the_pages_text_is_previewed_as_supporters_will_see_it(
    page: Page, house: House, view: object, look: Look
) -> None:
    sign_in(page, house)
    slug = copy(page, house)
    page.goto(f"{house.site}/staff/campaigns/{slug}/page")
    page.get_by_text("How to write this").click()
    page.get_by_label("What the page says").fill("## Why\n\n- **No** to this bill\n- [Read it](https://example.org)")
    if "scriptless" in str(view):
        page.get_by_role("button", name="Preview without saving").click()
    preview = page.get_by_role("region", name="Preview", exact=True)
    expect(preview.get_by_role("heading", name="Why")).to_be_visible()
    expect(preview.get_by_role("link", name="Read it")).to_have_attribute("rel", "noopener noreferrer")
    look(page, "staff-page-preview")
    page.goto(f"{house.site}/staff/campaigns/{slug}/changes/publish")
    look(page, "staff-publish")


def test_more_text_than_a_page_takes_is_told_and_stands_there_still_when_one_goes_back(
    page: Page, house: House, view: object
) -> None:
    if str(view) != "360px":
        return  # the server answers alike, whatever asks
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns/{copy(page, house)}/letter")
    page.get_by_label("Your name for this letter").fill("Far too long")
    page.get_by_label("Body").evaluate("area => { area.value = 'My words. '.repeat(1000000) }")
    page.get_by_role("button", name="Save the letter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is too much text")
    expect(page.locator("main")).to_contain_text("go back, where your text still stands")
    page.go_back()
    expect(page.get_by_label("Your name for this letter")).to_have_value("Far too long")
    assert page.get_by_label("Body").evaluate("area => area.value.length") == 10_000_000


def copy(page: Page, house: House) -> str:
    """A campaign of this test's own, with the sample's letters."""
    slug = f"copy-{token_hex(4)}"
    page.goto(f"{house.site}/staff/campaigns/ab969/copies")
    page.get_by_label("The copy's title").fill("A copy to try")
    page.get_by_label("The copy's part of the page's address").fill(slug)
    page.get_by_role("button", name="Duplicate").click()
    return slug


def letter(page: Page, name: str, body: str, *, leave_out: str) -> None:
    page.get_by_role("link", name="Letters", exact=True).click()
    page.get_by_role("link", name="New letter").click()
    page.get_by_label("Your name for this letter").fill(name)
    page.get_by_label(f"California State {leave_out}").uncheck()
    page.get_by_label("Subjects").fill("{{ bill }}: please support - {{ place }}")
    page.get_by_label("Body").fill(body)
    page.get_by_label("Closing").fill(CLOSING)
