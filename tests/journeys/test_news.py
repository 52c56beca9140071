"""The news: found, narrowed, read on and followed; and how staff give a post its picture and look at it first."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.pictures import encoded, speckled

pytestmark = pytest.mark.browser


def test_a_post_is_searched_and_what_is_set_is_taken_away(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/")
    every = page.locator(".posts > li").count()
    page.get_by_role("searchbox", name="Search the news").fill("riders law")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".posts > li")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 post, of those that fit this:")
    look(page, "news-search")
    page.get_by_role("combobox", name="State").select_option("New York")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("main")).to_contain_text("Nothing fits all of this.")
    look(page, "news-search-nothing")
    page.get_by_role("link", name=re.compile("^Take away: “riders law”")).click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        ["Bring Sam Example home", "A second chance after long sentences"]
    )
    page.get_by_role("navigation", name="Kinds of posts").get_by_role("link", name="Letter").click()
    expect(page.locator("main")).to_contain_text("Nothing fits all of this.")
    page.get_by_role("link", name="See everything").click()
    expect(page.locator(".posts > li")).to_have_count(every)
    expect(page.get_by_role("link", name="Follow the news by feed (Atom)")).to_be_visible()


def test_a_picture_stands_on_the_list_and_the_page_with_its_words(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/?state=MN")
    picture = page.get_by_role("img", name="A school under a large sun")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    page.get_by_role("link", name="Let every student in Minnesota meet ethnic studies", exact=True).click()
    expect(page.get_by_role("img", name="A school under a large sun")).to_be_visible()
    look(page, "letter-with-picture")


def test_staff_give_a_post_a_picture_and_look_at_it_before_anybody_does(page: Page, house: House, look: Look) -> None:
    slug, gate = f"gate-{token_hex(4)}", f"A gate that is open, number {token_hex(4)}."
    sign_in(page, house)
    page.goto(f"{house.site}/staff/drafts")
    page.get_by_label("A post to read, without anything to do.").check()
    page.get_by_label("Title of the campaign").fill("The gate is open")
    page.get_by_label("Its part of the page's address").fill(slug)
    page.get_by_label("Time zone").select_option("America/Chicago")
    page.get_by_role("button", name="Begin the draft").click()
    page.get_by_role("link", name="The page's text").click()
    page.get_by_label("What the page says").fill("They said:\n\n> We are glad that you came.\n\nSo are we.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Picture", exact=True).click()
    look(page, "staff-post-picture-none")
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "gate.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    page.get_by_label("What the picture shows").fill(gate)
    page.get_by_role("button", name="Upload").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_label("What the picture shows")).to_have_value(gate)
    look(page, "staff-post-picture-error")
    file = {"name": "gate.png", "mimeType": "image/png", "buffer": encoded(speckled(600, 400), "PNG")}
    page.get_by_label("Picture", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_contain_text("The page shows this picture")
    expect(page.get_by_role("img", name=gate)).to_be_visible()
    look(page, "staff-post-picture")
    page.goto(f"{house.site}/staff/campaigns/{slug}")
    page.get_by_role("link", name="Look at the whole page").click()
    expect(page.get_by_role("note")).to_contain_text("Nobody but staff sees this page.")
    expect(page.get_by_role("img", name=gate)).to_be_visible()
    expect(page.get_by_role("blockquote")).to_have_text("We are glad that you came.")
    look(page, "staff-whole-page")
    assert page.goto(f"{house.site}/campaigns/{slug}").status == 404  # type: ignore[union-attr]


def test_from_the_page_of_a_draft_nothing_can_be_sent(page: Page, house: House, look: Look) -> None:
    sign_in(page, house)
    page.goto(f"{house.site}/staff/campaigns/clemency/whole-page")
    expect(page.get_by_role("button", name="Sign the petition")).to_be_disabled()
    look(page, "staff-whole-page-petition")
    page.get_by_role("link", name="Back to the campaign").click()
    expect(page).to_have_url(f"{house.site}/staff/campaigns/clemency")
