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
