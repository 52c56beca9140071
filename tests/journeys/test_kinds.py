"""From the news to the receipt of each kind, in a real browser."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from actionmail.db.actions import Action
from tests.journeys.conftest import Look, View
from tests.journeys.house import House
from tests.journeys.steps import who

pytestmark = pytest.mark.browser


def test_from_the_news_a_petition_is_signed_and_the_next_action_is_filled_in(
    page: Page, house: House, email: str, look: Look
) -> None:
    page.goto(f"{house.site}/")
    look(page, "news")
    page.goto(f"{house.site}/?kind=petition&category=Justice")
    look(page, "news-narrowed")
    page.get_by_role("link", name="A second chance after long sentences", exact=True).click()
    look(page, "petition")
    page.get_by_role("button", name="Sign the petition").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "petition-error")
    who(page, email, "10001")
    page.get_by_label("City").fill("New York")
    page.get_by_label("Why do you sign?").fill("My cousin waits for an answer.")
    page.get_by_label("Show my name on this page").check()
    page.get_by_label("You may keep this in my name").check()
    page.get_by_role("button", name="Sign the petition").click()
    expect(page).to_have_url(re.compile(r"/receipts/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("You signed")
    look(page, "petition-receipt")
    assert house.actions(email) == 1
    page.get_by_role("button", name=re.compile("^Write to your legislators")).click()
    expect(page).to_have_url(re.compile(r"/campaigns/hf3434$"))
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    expect(page.get_by_label("ZIP code")).to_have_value("10001")
    page.goto(f"{house.site}/campaigns/clemency")
    expect(page.locator(".signers")).to_contain_text("Mai Example, New York, New York")


def test_a_call_is_made_from_the_news_told_undone_and_thanked_for(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/?kind=call")
    page.get_by_role("link", name=re.compile("^Tell the President to protect refugees")).click()
    look(page, "call")
    number = page.get_by_role("link", name="two zero two, four five six, one one one one")
    expect(number).to_have_attribute("href", "tel:+12024561111")
    expect(page.locator(".script")).to_contain_text("My name is")
    page.get_by_label("ZIP code").fill("123")
    page.get_by_role("button", name="Fill it in").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "call-error")
    page.get_by_label("Your name").fill("Mai Example")
    page.get_by_label("City").fill("Madison")
    page.get_by_label("ZIP code").fill("53703")
    page.get_by_label("ZIP code").press("Enter")
    expect(page.locator(".script")).to_contain_text("My name is Mai Example from Madison, Wisconsin.")
    expect(page.locator("main")).to_contain_text("Hours, in Central time, which is yours")
    look(page, "call-filled")
    page.get_by_role("button", name="Not now").click()
    expect(page.locator(".calls")).to_contain_text("Not now")
    look(page, "call-put-off")
    page.get_by_role("button", name="Undo the last answer").click()
    expect(page.locator(".calls")).to_have_count(0)
    page.get_by_role("button", name="I left a message").press("Enter")
    expect(page).to_have_url(re.compile(r"/receipts/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for calling")
    expect(page.locator("main")).to_contain_text("You told us: I left a message.")
    look(page, "call-receipt")
    page.get_by_role("button", name=re.compile("^Sign the petition")).click()
    expect(page.get_by_label("Full name")).to_have_value("Mai Example")


def test_a_piece_of_news_is_read_and_leads_back(page: Page, house: House, look: Look) -> None:
    page.goto(f"{house.site}/campaigns/sb1161-law")
    look(page, "news-post")
    expect(page.locator("main form")).to_have_count(0)
    page.get_by_role("link", name="All actions and news").click()
    expect(page).to_have_url(f"{house.site}/")


def test_a_toolkit_is_shared_and_whoever_comes_by_its_link_is_counted(
    page: Page, house: House, email: str, look: Look, view: View
) -> None:
    page.goto(f"{house.site}/?kind=toolkit")
    page.get_by_role("link", name="Bring Sam Example home", exact=True).click()
    look(page, "toolkit")
    text = page.get_by_label("Text: On X").input_value()
    assert text.endswith("/campaigns/clemency?source=x")
    copy = page.get_by_role("button", name=re.compile(r"^Copy the text ?: On X$"))
    expect(copy).to_be_visible(visible=view.scripts)
    page.goto(text.rpartition(" ")[2])
    who(page, email, "10001")
    page.get_by_label("You may keep this in my name").check()
    page.get_by_role("button", name="Sign the petition").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You signed")
    with house.database.read() as session:
        assert session.scalars(select(Action.source).where(Action.email == email)).all() == ["x"]
    with page.expect_download() as begun:
        page.goto(f"{house.site}/campaigns/ride-safe-toolkit")
        page.get_by_role("link", name="Download all of it as one file").click()
    with ZipFile(begun.value.path()) as archive:
        assert archive.testzip() is None
        assert "texts/op-ed.txt" in archive.namelist()
