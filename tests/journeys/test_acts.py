"""Staff stop letters and lift the stop, act on many letters, and send them to a corrected address."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.roster import Legislator
from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.samples import sample_action, sample_legislator, sample_message

pytestmark = pytest.mark.browser
DOMAIN = "office.example"


def letters_that_are_held(house: House) -> tuple[int, int]:
    """Two that no worker touches, to a legislator nobody else writes to; the number of one, and the legislator's."""
    with house.database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "ab969")).one()
        key = token_hex(4)
        legislator = sample_legislator(session, name=f"Quill {key}", district="99", email=f"rep.{key}@{DOMAIN}")
        number = 0
        for state in ("held", "bounced"):
            action = sample_action(session, campaign, email=f"{state}.{key}@example.org")
            number = sample_message(session, action, legislator, campaign.letters[0], state=state).id
        return number, legislator.id


def test_staff_stop_letters_act_on_many_and_mend_an_address(page: Page, house: House, look: Look) -> None:
    letter, legislator = letters_that_are_held(house)
    sign_in(page, house)
    page.goto(f"{house.site}/staff/stops")
    look(page, "staff-stops-none")
    page.get_by_label("Letters to a mail domain").check()
    page.get_by_label("Mail domain", exact=True).fill(DOMAIN)
    page.get_by_label("Why?").fill("The office called")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("note", name="Stops")).to_contain_text(f"Nothing is sent to addresses at {DOMAIN}")
    look(page, "staff-stops")

    page.goto(f"{house.site}/staff/")
    look(page, "staff-home-stopped")
    page.get_by_role("link", name=re.compile("Look, and lift it")).first.click()
    expect(page.get_by_label("Why can letters go again?").first).to_be_focused()
    expect(page.get_by_role("heading", name=f"Nothing is sent to addresses at {DOMAIN}")).to_be_in_viewport()
    page.keyboard.type("They are well again")
    page.get_by_role("button", name=re.compile("^Lift")).first.click()
    expect(page.get_by_role("status")).to_contain_text("Lifted.")
    expect(page.locator("main")).not_to_contain_text(f"Nothing is sent to addresses at {DOMAIN}")

    page.goto(f"{house.site}/staff/messages/{letter}")
    expect(page.locator("main")).to_contain_text("The address must be mended first.")
    look(page, "staff-letter-back")
    page.goto(f"{house.site}/staff/roster/{legislator}")
    look(page, "staff-legislator-letters")
    page.goto(f"{house.site}/staff/messages?domain={DOMAIN}")
    page.get_by_label(f"Tick letter {letter}", exact=True).check()
    look(page, "staff-messages-ticked")
    page.get_by_role("button", name="Change the ticked letters").click()
    expect(page.locator("main")).to_contain_text("chosen in the send log")
    page.get_by_role("link", name="Back").click()
    expect(page).to_have_url(re.compile(rf"/staff/messages\?domain={DOMAIN}$"))
    page.goto(f"{house.site}/staff/messages/many?legislator={legislator}")
    look(page, "staff-many")
    page.get_by_role("link", name="Give up").click()
    expect(page.locator("h1")).to_have_text("Give up: 1 letter")
    look(page, "staff-many-look")
    page.get_by_role("button", name="Give up: 1 letter").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "staff-many-error")
    page.get_by_label("Why?").fill("It is too late")
    page.get_by_role("button", name="Give up: 1 letter").click()
    expect(page.get_by_role("status")).to_contain_text("Done. 1 letter given up.")

    with house.database.write() as session:
        session.get_one(Legislator, legislator).email = f"rep.{token_hex(4)}@new.example"
    page.goto(f"{house.site}/staff/messages/{letter}")
    look(page, "staff-letter-new-address")
    page.get_by_role("link", name="Send all letters to this legislator to the new address").click()
    expect(page.locator("h1")).to_contain_text("2 letters")
    page.get_by_label("Why?").fill("The office moved")
    page.get_by_role("button", name=re.compile("^Send to the new address")).click()
    expect(page.get_by_role("status")).to_contain_text("2 letters sent to the new address.")
    page.goto(f"{house.site}/staff/messages/{letter}")
    expect(page.locator("main")).to_contain_text("Earlier versions")
    look(page, "staff-letter-versions")


def test_the_head_takes_one_line_however_long_an_address_is(page: Page, house: House) -> None:
    """Else fewer than 15 letters of the log are in view."""
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, house)
    page.goto(f"{house.site}/staff/messages")
    page.locator(".staff-who").evaluate("who => { who.textContent = 'a'.repeat(60) + '@example.org' }")
    brand, rooms = (page.locator(part).bounding_box() for part in (".brand", ".staff-nav"))
    assert brand is not None
    assert rooms is not None
    assert rooms["y"] < brand["y"] + brand["height"]
