"""A flood of forged actions is held, taken out in two presses, put back in one; whoever is asked for work goes on."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from secrets import token_hex

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.pressure import PlaceCount
from tests.journeys.conftest import Look, View, opened_page
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.samples import sample_campaign

pytestmark = pytest.mark.browser
FORGED, ADDRESSES = 200, 8
PARAGRAPH = "As a mother of three I ask you to think of our children, and to vote no on this bill."


def open_campaign(house: House) -> str:
    """One that nobody else writes on."""
    slug = f"flood-{token_hex(4)}"
    with house.database.write() as session:
        sample_campaign(session, slug=slug, title=f"Flooded {slug}")
    return slug


def fields(page: str) -> dict[str, str]:
    """The hidden fields and texts of a page's first form."""
    form = page[page.index('<form method="post"') :]
    found = dict(re.findall(r'<input type="(?:hidden|text)"[^>]* name="([^"]+)" value="([^"]*)"', form))
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', form):
        found[name] = text
    return {name: unescape(value) for name, value in found.items()}


def forge(site: str, slug: str, number: int) -> None:
    """What a program does: fill everything in, press at once, and press whatever comes next."""
    program = requests.Session()
    program.headers["X-Forwarded-For"] = f"203.0.113.{number % ADDRESSES + 1}"
    page = f"{site}/campaigns/{slug}"
    typed = {"name": f"Forged {number}", "email": f"forged.{number}.{slug}@example.org", "zip": "53004"}
    letter = program.post(page, data={**fields(program.get(page).text), **typed, "homepage": ""})
    last = {**fields(letter.text), "personal": PARAGRAPH, "consent": "y", "go": "send", "homepage": ""}
    answer = program.post(letter.url, data=last)
    if answer.url.endswith("/check"):
        answer = program.post(f"{page}/letter", data=fields(answer.text))
    assert "/receipts/" in answer.url, answer.text


def standings(database: Database, slug: str) -> Counter[str]:
    """How many of the forged actions the public counts, wait for staff, or for their supporters."""
    with database.read() as session:
        number = session.scalars(select(Campaign.id).where(Campaign.slug == slug)).one()
        actions = session.scalars(select(Action).where(Action.campaign_id == number)).all()
    found: Counter[str] = Counter()
    for action in actions:
        where = "held" if action.review else "asked" if action.unconfirmed else "count"
        found["out" if action.invalid_at else where] += 1
    return found


def test_a_flood_of_two_hundred_is_held_and_taken_out_in_two_presses(browser: Browser, house: House) -> None:
    slug = open_campaign(house)
    for number in range(FORGED):
        forge(house.site, slug, number)
    came = standings(house.database, slug)
    print(f"{FORGED} forged: {dict(came)}")
    assert sum(came.values()) == FORGED
    assert came["held"] >= FORGED - 20
    with opened_page(browser, house, View(1280, True)) as page:
        sign_in(page, house)
        line = page.get_by_role("listitem").filter(has_text=f"Flooded {slug}").filter(has_text="same paragraph")
        line.get_by_role("link", name=re.compile("take them all out")).click()
        expect(page.locator("h1")).to_have_text(f"Many at once: {FORGED} actions")
        page.get_by_role("button", name=f"Take all {FORGED} out").click()
        expect(page.get_by_role("status")).to_contain_text(f"Done. {FORGED} taken out of the count.")
        assert standings(house.database, slug) == {"out": FORGED}
        with house.database.read() as session:
            of_flood = select(Message.state).join(Campaign, Campaign.id == Message.campaign_id)
            left = Counter(session.scalars(of_flood.where(Campaign.slug == slug)))
        print(f"letters after that: {dict(left)}")
        assert "queued" not in left
        page.get_by_role("button", name="Undo: put them back").click()
        expect(page.get_by_role("status")).to_contain_text(f"{FORGED} put back.")
        page.get_by_role("button", name=f"Take all {FORGED} out").click()
        expect(page.get_by_role("status")).to_contain_text("taken out of the count")


def test_under_pressure_a_browser_works_and_whoever_has_no_script_confirms_by_mail(
    page: Page, house: House, look: Look, view: View, email: str
) -> None:
    slug = open_campaign(house)
    where = {"X-Forwarded-For": f"2001:db8:{token_hex(2)}:1::1"}
    page.context.set_extra_http_headers(where)
    first = requests.Session()
    first.headers.update(where)
    path = f"{house.site}/campaigns/{slug}"
    typed = {"name": "First", "email": f"{token_hex(4)}@example.org", "zip": "53004", "homepage": ""}
    before = {row.place: row.actions for row in rows(house.database)}
    letter = first.post(path, data={**fields(first.get(path).text), **typed})
    first.post(letter.url, data={**fields(letter.text), "consent": "y", "go": "send", "homepage": ""})
    with house.database.write() as session:
        for row in session.scalars(select(PlaceCount)).all():
            if row.actions != before.get(row.place):
                row.actions += 40  # as if a campus had acted
    page.goto(path)
    page.get_by_label("Full name").fill("Mai Example")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("ZIP code").fill("53004")
    page.get_by_role("button", name="Continue to your legislators").click()
    page.get_by_label("Send this in my name").check()
    page.get_by_role("button", name=re.compile("^Send")).click()
    if view.scripts:
        expect(page).to_have_url(re.compile("/receipts/"))
        assert len(house.wait_for_letters(email, 2)) == 2
        return
    expect(page.locator("h1")).to_have_text("One moment, please")
    look(page, "check")
    page.get_by_role("button", name="Go on by mail").click()
    expect(page.locator("main")).to_contain_text("Nothing is sent before you confirm by the link that we mail to")
    page.goto(house.confirmation_mailed_to(email))
    page.get_by_role("button", name=re.compile("^Yes")).click()
    assert len(house.wait_for_letters(email, 2)) == 2


def rows(database: Database) -> list[PlaceCount]:
    with database.read() as session:
        return list(session.scalars(select(PlaceCount)))
