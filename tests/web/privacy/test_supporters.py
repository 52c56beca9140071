"""One supporter on the staff pages."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import answer_questions
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.any_state import any_state
from tests.audit import audited
from tests.samples import (
    NOW,
    sample_action,
    sample_campaign,
    sample_legislators,
    sample_message,
    sample_organisation,
    sample_petition,
    sample_statement,
)
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

ADA, RITA, ANNA = "ada@example.org", "rita@example.org", "anna@example.org"
TOKEN = "Ab-_" * 10 + "xyz"


@pytest.fixture
def number(database: Database) -> int:
    """Mai's letter; she signed a petition too, and so did somebody else."""
    with database.write() as session:
        campaign, petition = sample_campaign(session), sample_petition(session)
        wrote = sample_action(
            session,
            campaign,
            receipt_token=TOKEN,
            street="12 Sample Street",
            phone="608 555 0100",
            source="bluesky",
            consent_address="203.0.113.9",
        )
        first, second, _ = sample_legislators(session)
        sample_message(session, wrote, first, campaign.letters[0])
        sample_message(session, wrote, second, campaign.letters[0], state="accepted")
        sample_action(
            session, petition, email="Mai@example.org", details={"comment": "It is time."}, wants_updates=True
        )
        sample_action(session, petition, name="Tou Other", email="tou@example.org")
        return wrote.id


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path, number: int) -> Flask:
    for email, role in ((ADA, Role.ADMIN), (RITA, Role.REVIEWER), (ANNA, Role.AUTHOR)):
        hire(database, email, role)
    return at(staff_app(settings, tmp_path), lambda: NOW)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, RITA)


def test_that_somebody_may_be_asked_for_answers_is_shown(
    browser: StaffBrowser, number: int, database: Database
) -> None:
    assert "May be asked" not in words(browser.get(f"/staff/supporters/{number}"))
    with database.write() as session:
        answer_questions.agree(session, number, now=NOW)
        supporter_mail.put(
            session, supporter_mail.Kind.QUESTION, recipient="mai@example.org", raw=b"x", due=NOW, action_id=number
        )
    page = words(browser.get(f"/staff/supporters/{number}"))
    assert "May be asked whether offices answered agreed at 2026-03-04 15:12 UTC" in page
    assert "the question whether offices answered, next try at" in page


def find(browser: StaffBrowser, text: str, **values: str) -> TestResponse:
    browser.get("/staff/supporters")
    return browser.post("/staff/supporters", text=text, **values)


@pytest.mark.parametrize(
    "text",
    [
        "mai@example.org",
        " MAI@EXAMPLE.ORG ",
        "mailto:mai\uff20example.org\u200b",
        f"http://127.0.0.1:8000/receipts/{TOKEN}",
        f"\u2068http://127.0.0.1:8000/receipts/{TOKEN}\u2069",
    ],
)
def test_an_address_or_a_receipt_leads_to_the_page_and_stands_in_no_address(
    browser: StaffBrowser, number: int, text: str
) -> None:
    answer = find(browser, text)
    assert answer.status_code == 303
    assert answer.location.rpartition("/")[0] == "/staff/supporters"
    page = words(browser.get(answer.location))
    for shown in (
        "Mai Example E-mail address",
        "2 actions",
        "12 Sample Street, Madison, WI 53703",
        "608 555 0100",
        "bluesky",
        "“Send this letter in my name.”, from 203.0.113.9",
        "Wisconsin State Senate, District 26",
        "Uma Pattern , letter 1 Subject Oppose AB 969 - a constituent in 53703 State waiting to be sent",
        "Lara Sample , letter 2",
        "Petition: A second chance after long sentences",
        "It is time.",
        "Wants news yes",
    ):
        assert shown in page, shown
    assert "Tou" not in page


@pytest.mark.parametrize("part", ["example", "\u2068Mai\u00a0Exam\u200bple\u2069"])
def test_a_part_of_a_name_leads_to_a_list_that_is_noted(browser: StaffBrowser, database: Database, part: str) -> None:
    page = find(browser, part)
    assert page.status_code == 200
    assert words(page).count("Mai Example") == 2
    assert "Tou Other" not in words(page)
    assert page.headers["Cache-Control"] == "no-store"
    with database.read() as session:
        assert audited(session, "supporters_listed") == [
            (2, "supporters_listed", "page supporters", {"sought_by": "name", "count": 2})
        ]


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("nobody@example.org", 200, "Nobody fits."),
        ("%", 200, "Nobody fits."),
        ("' \\ \x00", 200, "Nobody fits."),
        ("", 422, "Type something to look for."),
        ("a@@b", 422, "There is a problem"),
        ("x" * 10_000, 422, "At most 320 characters."),
        ("http://127.0.0.1:8000/receipts/" + "x" * 43, 422, "This link opens no receipt."),
    ],
)
def test_what_fits_nobody_gets_a_sentence(browser: StaffBrowser, text: str, status: int, sentence: str) -> None:
    page = find(browser, text)
    assert (page.status_code, sentence in words(page)) == (status, True)


def test_the_list_goes_on_page_by_page(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        petition = sample_petition(session, slug="long")
        for count in range(60):
            sample_action(session, petition, name=f"Pa Sample {count:02}", email=f"pa{count}@example.org")
    page = find(browser, "pa sample")
    assert "Pa Sample 59" in words(page)
    assert "Pa Sample 09" not in words(page)
    before = re.search(r'name="before" value="(\d+)"', page.text)
    assert before
    rest = browser.post("/staff/supporters", text="pa sample", before=before[1])
    assert "Pa Sample 09" in words(rest)
    assert "Pa Sample 10" not in words(rest)
    assert "Older ones" not in words(rest)


def test_looking_stands_in_the_trail_by_the_number_of_an_action(
    browser: StaffBrowser, database: Database, number: int
) -> None:
    browser.get(f"/staff/supporters/{number}")
    with database.read() as session:
        assert audited(session, "supporter_viewed") == [(2, "supporter_viewed", f"action {number}", {})]


def test_authors_see_no_supporters(app: Flask, number: int) -> None:
    author = signed_in(app, ANNA)
    for path in ("", f"/{number}", f"/{number}/erasure"):
        assert author.get(f"/staff/supporters{path}").status_code == 403
    assert 'href="/staff/supporters"' not in author.get("/staff/").text
    for noun in ("receipt-mail", "export", "erasure"):
        assert author.post(f"/staff/supporters/{number}/{noun}").status_code == 403


def test_a_supporter_who_is_not_there_is_not_found(browser: StaffBrowser) -> None:
    browser.get("/staff/supporters")
    for path in ("999", "999/erasure", "9" * 30):
        assert browser.get(f"/staff/supporters/{path}").status_code == 404
    for path in ("999/export", "999/erasure"):
        assert browser.post(f"/staff/supporters/{path}", reason="request").status_code in (404, 409)


def test_the_receipt_is_mailed_to_the_address_on_file_and_not_at_once_again(
    app: Flask, browser: StaffBrowser, database: Database, number: int
) -> None:
    browser.get(f"/staff/supporters/{number}")
    answer = browser.post(f"/staff/supporters/{number}/receipt-mail", recipient="evil@example.org")
    assert answer.status_code == 303
    page = words(browser.get(answer.location))
    assert "The link of the receipt is on its way" in page
    assert "Mail on its way the link of the receipt, next try at 2026-03-04 15:12 UTC" in page
    again = browser.post(f"/staff/supporters/{number}/receipt-mail")
    assert again.status_code == 409
    assert "mailed less than 15 minutes ago. Again from 15:27 UTC on." in words(again)
    with database.read() as session:
        assert session.scalars(select(SupporterMail.recipient)).all() == ["mai@example.org"]


def test_all_that_is_kept_comes_as_a_file(browser: StaffBrowser, database: Database, number: int) -> None:
    browser.get(f"/staff/supporters/{number}")
    answer = browser.post(f"/staff/supporters/{number}/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="supporter-{number}.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    document = json.loads(answer.data)
    assert [action["campaign"]["slug"] for action in document["actions"]] == ["ab969", "clemency"]
    assert TOKEN not in answer.text
    with database.read() as session:
        assert audited(session, "supporter_exported") == [(2, "supporter_exported", f"action {number}", {"count": 2})]


def seen(page: TestResponse) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert found
    return found[1]


def test_erasing_takes_a_second_look_and_a_reason(browser: StaffBrowser, database: Database, number: int) -> None:
    path = f"/staff/supporters/{number}/erasure"
    page = browser.get(path)
    text = words(page)
    assert "of 2 actions under mai@example.org" in text
    assert "1 letter has not left and will not be sent" in text
    assert "1 letter was handed to a mail server, or may have been, and cannot be called back" in text
    for reason in ("", "mai@example.org"):
        refused = browser.post(path, seen=seen(page), reason=reason)
        assert (refused.status_code, "Choose why" in words(refused)) == (422, True)
    answer = browser.post(path, seen=seen(page), reason="request")
    assert (answer.status_code, answer.location) == (303, "/staff/supporters")
    assert "Erased: 2 actions. 1 letter that had not left will not be sent." in words(browser.get(answer.location))
    with database.read() as session:
        assert session.scalars(select(Action.name).order_by(Action.id)).all() == ["", "", "Tou Other"]
        assert session.scalars(select(Message.state).order_by(Message.id)).all() == ["cancelled", "accepted"]
        ((by, _, on, details),) = audited(session, "supporter_erased")
        assert (by, on, details["reason"]) == (2, f"action {number}", "request")
    after = browser.get(f"/staff/supporters/{number}")
    assert "none: erased, or never given" in words(after)
    assert "Erase them" not in words(after)
    assert "nothing to erase" in words(browser.get(path))


def test_what_came_since_the_second_look_is_shown_first(browser: StaffBrowser, database: Database, number: int) -> None:
    path = f"/staff/supporters/{number}/erasure"
    page = browser.get(path)
    with database.write() as session:
        sample_action(session, sample_petition(session, slug="new"), email="mai@example.org")
    refused = browser.post(path, seen=seen(page), reason="request")
    assert refused.status_code == 409
    assert "Nothing was erased: what there is of them is not what was shown." in words(refused)
    assert "of 3 actions" in words(refused)
    assert browser.post(path, seen=seen(refused), reason="request").status_code == 303


def test_a_letter_on_the_wire_is_waited_for(browser: StaffBrowser, database: Database, number: int) -> None:
    path = f"/staff/supporters/{number}/erasure"
    with database.write() as session, any_state(session):
        message = session.scalars(select(Message)).first()
        assert message is not None
        message.state, message.lease_until = "sending", NOW + timedelta(minutes=5)
    page = browser.get(path)
    assert "1 letter is being handed to the mail server at this moment" in words(page)
    refused = browser.post(path, seen=seen(page), reason="request")
    assert refused.status_code == 409
    assert "Nothing was erased: letter 1 is being handed to the mail server at this moment." in words(refused)
    assert "at the latest after 2026-03-04 15:17 UTC" in words(refused)


def test_an_organisation_is_asked_about(app: Flask, browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        statement = sample_statement(session)
        numbers = [
            sample_organisation(session, statement, name, email=f"{index}@example.org").id
            for index, name in enumerate(("Moon Aid", "Sun Aid"))
        ]
    for one, ends in zip(numbers, ({"ends": "y"}, {}), strict=True):
        page = browser.get(f"/staff/supporters/{one}/erasure")
        assert "They signed for" in words(page)
        browser.post(f"/staff/supporters/{one}/erasure", seen=seen(page), reason="duty", **ends)
    with database.read() as session:
        gone, stays = (session.get_one(Action, one) for one in numbers)
        assert gone.cancelled_at is not None
        assert (stays.cancelled_at, stays.details["organisation"], stays.name) == (None, "Sun Aid", "")


def test_a_letters_page_and_a_list_of_signatures_lead_to_the_supporter(browser: StaffBrowser, number: int) -> None:
    assert f'href="/staff/supporters/{number}"' in browser.get("/staff/messages/1").text
    assert f'href="/staff/supporters/{number + 2}"' in browser.get("/staff/campaigns/clemency/actions").text
