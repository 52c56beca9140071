"""A petition is handed over by staff: the paper is asked for and taken, the mail written, looked at and sent."""

from __future__ import annotations

import re
import time
from secrets import token_hex

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from actionmail.db.engine import Database
from tests.journeys.conftest import Look
from tests.journeys.house import House
from tests.journeys.signing_in import sign_in
from tests.samples import sample_action, sample_petition

pytestmark = pytest.mark.browser


def a_petition(database: Database) -> str:
    """Of this test alone: its slug."""
    slug = f"petition-{token_hex(4)}"
    with database.write() as session:
        petition = sample_petition(session, slug=slug, state="", title="Let people ask for clemency and get an answer")
        petition.details = {**petition.details, "to_email": "office@example.org"}
        for name in ("Mai Example", "သီရိ နမူနာ", "Ann Example"):
            sample_action(session, petition, name=name, state="NY", email=f"{token_hex(4)}@example.org")
    return slug


def test_a_petition_is_handed_over(page: Page, house: House, look: Look) -> None:
    slug = a_petition(house.database)
    delivery = f"{house.site}/staff/campaigns/{slug}/delivery"
    sign_in(page, house, f"/staff/campaigns/{slug}/delivery")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand the petition over")
    look(page, "petition-delivery")
    with house.worker_asleep():
        page.get_by_label("None: names and places only").check()
        page.get_by_role("button", name="Make the paper").click()
        page.get_by_role("link", name="Keep it still").click()
        expect(page.locator("main")).to_contain_text("It waits for a worker")
        look(page, "petition-delivery-waiting")
        page.get_by_role("link", name="let the page look again by itself").click()
    paper = page.get_by_role("link", name="Download the paper")
    expect(paper).to_be_visible()  # nobody pressed anything
    look(page, "petition-delivery-ready")
    with page.expect_download() as downloading:
        paper.click()
    with pypdfium2.PdfDocument(downloading.value.path()) as document:
        assert len(document) >= 2

    page.get_by_role("link", name="Write to Governor Example").click()
    look(page, "petition-mail")
    page.get_by_label("Subject").fill("")
    page.get_by_role("button", name="Look at it as it goes").click()
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "petition-mail-error")
    subject = f"A petition to you {token_hex(4)}"
    page.get_by_label("Subject").fill(subject)
    page.get_by_role("button", name="Look at it as it goes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look once more")
    look(page, "petition-mail-preview")
    with house.worker_asleep():
        page.get_by_role("button", name="Send it to office@example.org").click()
        expect(page.locator("main")).to_contain_text("It waits for a worker.")
        look(page, "petition-delivery-mail")
        page.goto(f"{house.site}/staff/messages")
        expect(page.locator("main")).to_contain_text("Mails that hand petitions over")
        look(page, "send-log-petition")
    until = time.monotonic() + 300
    while not (came := [mail for mail in house.letters("hello@act.example.org") if mail["Subject"] == subject]):
        assert time.monotonic() < until, "the mail did not come"
        time.sleep(0.1)
    (enclosed,) = came[0].iter_attachments()
    assert enclosed.get_content() == downloading.value.path().read_bytes()
    page.goto(delivery)
    expect(page.locator("main")).to_contain_text("It was taken by the mail server")
