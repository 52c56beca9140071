"""A test letter to oneself, and the page before letters go out, against a real mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.staff import Role
from actionmail.gateways.mail.maildir_server import Inbox, open_inbox
from actionmail.settings import RelayAddress, Settings, parse_relay
from actionmail.settings_reading import FilterAddress, FilterKind
from tests.audit import audited
from tests.conftest import unavailable
from tests.samples import sample_campaign, sample_legislator, sample_legislators
from tests.servers.room import NoServer
from tests.servers.spamassassin import private_spamd
from tests.web.staff_pages import StaffBrowser, hire, staff_app, words

HOME = "/staff/campaigns/ab969"
ANNA = "anna@example.org"


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with open_inbox(tmp_path / "letters", port=0, clock=lambda: datetime.now(UTC)) as opened:
        yield opened


def browser_with(settings: Settings, database: Database, folder: Path, port: int | None) -> StaffBrowser:
    hire(database, ANNA, Role.AUTHOR)
    hire(database, "rita@example.org", Role.REVIEWER)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    relay = RelayAddress(host="127.0.0.1", port=port, tls="none") if port else None
    browser = StaffBrowser(staff_app(replace(settings, relay=relay), folder))
    browser.sign_in(ANNA)
    return browser


def send(browser: StaffBrowser, database: Database, name: str = "Uma Pattern", **values: str) -> str:
    with database.read() as session:
        number = session.scalars(select(Legislator.id).where(Legislator.name == name)).one()
    browser.get(f"{HOME}/preview")
    form = {"legislator": str(number), "supporter": "1", "subject": "0", **values}
    done = browser.post(f"{HOME}/tests", **form)
    assert done.status_code == 303
    return words(browser.get(done.location))


def test_a_test_goes_to_oneself_alone_and_counts_nowhere(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox
) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    text = send(browser, database, to="rita@example.org", email="rita@example.org")
    assert f"The mail server took a test letter to {ANNA}." in text
    (kept,) = inbox.letters()
    letter = inbox.letter(kept.name)
    assert letter is not None
    assert letter.envelope_to == (ANNA,)
    assert letter.subject == "TEST: Oppose AB 969 - a constituent in 12345"
    text = letter.text.replace("\r\n", "\n")
    assert text.startswith(f"TEST. This letter went to {ANNA} and to nobody else.\n\nDear Senator Pattern,")
    assert b"legis.example" not in letter.raw
    with database.read() as session:
        assert session.scalars(select(Message)).all() == []
        assert session.scalars(select(Action)).all() == []
        assert [on for _, _, on, _ in audited(session, "test_sent")] == ["campaign ab969"]


def test_a_letter_to_somebody_without_an_address_can_be_tried(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox
) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    with database.write() as session:
        sample_legislator(session, email="", name="Lou Quiet", family_name="Quiet")
    assert "took a test letter" in send(browser, database, "Lou Quiet")


def test_no_mail_server_and_a_dead_one_are_said(settings: Settings, database: Database, tmp_path: Path) -> None:
    browser = browser_with(settings, database, tmp_path, None)
    assert "The test was not sent. No mail server is set" in send(browser, database)
    assert "Mail server: amiss." in words(browser.get("/staff/preflight"))
    with open_inbox(tmp_path / "gone", port=0, clock=lambda: datetime.now(UTC)) as gone:
        port = gone.port
    dead = StaffBrowser(
        staff_app(replace(settings, relay=RelayAddress(host="127.0.0.1", port=port, tls="none")), tmp_path)
    )
    dead.sign_in(ANNA)
    assert "The test was not sent." in send(dead, database)
    assert f"Mail server: amiss. 127.0.0.1:{port}:" in words(dead.get("/staff/preflight"))


def test_where_letters_go_straight_to_domains_both_pages_say_so(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """This machine's DNS is out of reach here."""
    browser_with(settings, database, tmp_path, None)
    direct = StaffBrowser(staff_app(replace(settings, relay=parse_relay("mx:")), tmp_path))
    direct.sign_in(ANNA)
    text = words(direct.get("/staff/preflight"))
    assert "Mail server: not known. Letters go straight to the receiving domains' own servers." in text
    assert "actionmail doctor" in text
    said = send(direct, database)
    assert "The test was not sent. The DNS does not say where this domain's mail goes: NoNameservers" in said


def test_unknown_legislators_get_no_test(settings: Settings, database: Database, tmp_path: Path, inbox: Inbox) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    browser.get(f"{HOME}/preview")
    for number in ("999", "-1", "x", "9" * 30):
        assert browser.post(f"{HOME}/tests", legislator=number, supporter="9", subject="-3").status_code == 404
    assert inbox.letters() == []


def test_the_page_before_letters_go_out(settings: Settings, database: Database, tmp_path: Path, inbox: Inbox) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    text = words(browser.get("/staff/preflight"))
    assert "Supporters' addresses: amiss. ab969 asks nobody to confirm by mail." in text
    assert "SPF: not known. The DNS was not asked" in text
    assert f"Mail server: well. 127.0.0.1:{inbox.port} lets us in." in text
    assert "Roster:" in text
    assert inbox.letters() == []


def test_without_a_filter_letters_are_looked_at_by_a_few_rules(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox
) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    text = words(browser.get("/staff/preflight"))
    assert "Spam filters: well. ab969, letter everyone, subject 1: no shouting, no lone link." in text
    assert "No spam filter is set or installed here" in text
    assert "Name of the mail server's address: not known." in text


def test_a_filter_scores_each_letter_and_gets_no_supporter(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox
) -> None:
    try:
        with private_spamd() as port:
            address = FilterAddress(kind=FilterKind.SPAMD, host="127.0.0.1", port=port)
            browser = browser_with(replace(settings, spam_filter=address), database, tmp_path, inbox.port)
            text = words(browser.get("/staff/preflight"))
    except NoServer as error:
        unavailable(f"NO LETTER WAS SCORED BY A REAL SPAMASSASSIN: {error}")
    assert "ab969, letter everyone, subject 1: 1.2 of the 5 points at which SpamAssassin calls a mail spam" in text
    assert "FREEMAIL_FORGED_REPLYTO" in text
    assert "What to do: Answers must go to supporters" in text


def test_a_filter_that_is_away_costs_the_page_nothing_else(
    settings: Settings, database: Database, tmp_path: Path, inbox: Inbox
) -> None:
    address = FilterAddress(kind=FilterKind.RSPAMD, host="127.0.0.1", port=9, url="http://127.0.0.1:9")
    browser = browser_with(replace(settings, spam_filter=address), database, tmp_path, inbox.port)
    text = words(browser.get("/staff/preflight"))
    assert "Spam filters: not known. rspamd cannot be reached (ConnectionError)." in text
    assert "Mail server: well." in text


def test_the_dns_is_asked_where_it_may_be(settings: Settings, database: Database, tmp_path: Path) -> None:
    hire(database, ANNA, Role.AUTHOR)
    app: Flask = staff_app(settings, tmp_path)
    records = {"act.example.org": ["v=spf1 mx -all"]}
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], ask_txt=lambda name: records.get(name, []))
    browser = StaffBrowser(app)
    browser.sign_in(ANNA)
    text = words(browser.get("/staff/preflight"))
    assert "SPF: well. act.example.org says: v=spf1 mx -all" in text
    assert "DMARC: amiss." in text


def test_a_reviewer_may_not(settings: Settings, database: Database, tmp_path: Path, inbox: Inbox) -> None:
    browser = browser_with(settings, database, tmp_path, inbox.port)
    browser = StaffBrowser(browser.client.application)
    browser.sign_in("rita@example.org")
    assert browser.get("/staff/preflight").status_code == 403
    browser.get("/staff/")
    assert browser.post(f"{HOME}/tests", legislator="1").status_code == 403
    assert inbox.letters() == []
