"""From the news to the receipt of each kind, in a real browser."""

from __future__ import annotations

import re
from secrets import token_hex
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from tests.journeys.conftest import Look, View
from tests.journeys.house import House
from tests.journeys.steps import choose_first, who
from tests.samples import sample_call, sample_petition

pytestmark = pytest.mark.browser


def test_from_the_news_a_petition_is_signed_and_the_next_action_is_filled_in(
    page: Page, house: House, email: str, look: Look
) -> None:
    page.goto(f"{house.site}/")
    look(page, "news")
    page.goto(f"{house.site}/?kind=petition&category=Justice")
    look(page, "news-narrowed")
    page.get_by_role("link", name="A second chance after long sentences", exact=True).click()
    expect(page).to_have_url(re.compile(r"/campaigns/clemency$"))
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
    expect(page).to_have_url(re.compile(r"/campaigns/comment-line$"))
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
    page.goto(f"{house.site}/?kind=news")
    page.locator(".posts h2 a").first.click()
    expect(page).to_have_url(re.compile(r"/campaigns/sb1161-law$"))
    look(page, "news-post")
    expect(page.locator("main form")).to_have_count(0)
    page.get_by_role("link", name="All actions and news").click()
    expect(page).to_have_url(f"{house.site}/")


def test_a_toolkit_is_shared_and_whoever_comes_by_its_link_is_counted(
    page: Page, house: House, email: str, look: Look, view: View
) -> None:
    page.goto(f"{house.site}/?kind=toolkit")
    page.get_by_role("link", name="Bring Sam Example home", exact=True).click()
    expect(page).to_have_url(re.compile(r"/campaigns/freedom-toolkit$"))
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


def test_a_signature_is_confirmed_by_mail_and_erased_by_the_receipt(
    page: Page, house: House, email: str, look: Look
) -> None:
    slug = f"asks-{token_hex(4)}"
    with house.database.write() as session:
        sample_petition(session, slug=slug, state="", confirm="always", title=f"A petition that asks {slug}")
    page.goto(f"{house.site}/?kind=petition")
    page.get_by_role("link", name=f"A petition that asks {slug}", exact=True).click()
    who(page, email, "10001")
    page.get_by_label("You may keep this in my name").check()
    page.get_by_role("button", name="Sign the petition").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not signed yet: please confirm")
    look(page, "petition-receipt-unconfirmed")
    page.goto(house.confirmation_mailed_to(email))
    look(page, "petition-confirm")
    page.get_by_role("button", name="Yes, sign it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You signed")
    page.get_by_role("link", name="Erase my personal data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase your personal data?")
    look(page, "petition-erase")
    page.get_by_role("button", name="Erase my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data was erased")
    look(page, "petition-receipt-erased")
    with house.database.write() as session:
        session.execute(update(Campaign).where(Campaign.slug == slug).values(status="closed"))
    page.goto(f"{house.site}/campaigns/{slug}")
    expect(page.locator("main")).to_contain_text("Let people earn a second chance.")
    look(page, "petition-closed")


def test_ones_own_members_of_congress_are_called_from_any_state(
    page: Page, house: House, email: str, look: Look
) -> None:
    slug = f"congress-{token_hex(4)}"
    script = "My name is ____ from (city, state). {{ legislator_title }} {{ legislator_name }}, please act."
    own = {"whom": "own", "name": "", "number": "", "tty": "", "chambers": ["us_upper", "us_lower"], "hours": []}
    with house.database.write() as session:
        details = {**own, "timezone": "", "closed": [], "script": script}
        sample_call(session, slug=slug, title=f"Call Congress {slug}", details=details)
    page.goto(f"{house.site}/?kind=call")
    page.get_by_role("link", name=f"Call Congress {slug}", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/campaigns/{slug}$"))
    look(page, "call-own")
    page.get_by_label("ZIP code").fill("57724")
    page.get_by_role("button", name="Find whom I call").click()
    expect(page.locator("main")).to_contain_text("57724 lies in")
    look(page, "call-own-states")
    page.get_by_label("State", exact=True).select_option("SD")
    page.get_by_role("button", name="Find whom I call").click()
    expect(page).to_have_url(re.compile(r"/legislators$"))
    look(page, "call-own-choice")
    choose_first(page, "Continue to your calls")
    expect(page.locator(".call")).to_contain_text("Call Senator")
    look(page, "call-own-number")
