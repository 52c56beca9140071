"""Staff look at the organisations under a statement."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.review.organisations import ON_A_PAGE, Standing
from actionmail.flows.staff import Role
from actionmail.rules.actions.likely_duplicates import Reason
from actionmail.rules.actions.organisations import Mark
from actionmail.settings import Settings
from actionmail.web.review.organisations import LIKENESS_WORDS, MARK_WORDS, REFUSAL_WORDS, STANDING_WORDS
from tests.audit import audited
from tests.samples import NOW, sample_organisation, sample_petition, sample_statement
from tests.web.staff_pages import StaffBrowser, hire, signed_in, staff_app, words

PAGE = "/staff/campaigns/together/organisations"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        campaign = sample_statement(session, deadline_at=NOW + timedelta(days=1))
        sample_petition(session)
        sample_organisation(session, campaign, "=Moon Aid", email="mai@gmail.com")
        sample_organisation(session, campaign, "The Moon Aid, Inc.", email="kou@example.org")
    return staff_app(settings, tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


def press(browser: StaffBrowser, do: str, number: int, standing: str = "waiting", **values: str) -> TestResponse:
    page = browser.get(f"{PAGE}?standing={standing}").text
    begin = page.index(f'name="number" value="{number}"')
    revision = page[begin:].partition('name="revision" value="')[2][:32]
    path = f"{PAGE}?standing={standing}"
    return browser.post(path, do=do, number=str(number), revision=revision, **values)


def paper(browser: StaffBrowser, query: str = "") -> TestResponse:
    return browser.client.get(f"/staff/campaigns/together/statement.pdf{query}", base_url=browser.site)


def reviews(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Action.review).order_by(Action.id)))


def test_every_code_has_its_words() -> None:
    assert set(STANDING_WORDS) == set(Standing)
    assert set(MARK_WORDS) == set(Mark) - {Mark.NONE}
    assert set(LIKENESS_WORDS) == set(Reason.__args__)
    assert len(REFUSAL_WORDS) == len(type(next(iter(REFUSAL_WORDS))))


def test_the_page_shows_who_signs_with_marks_and_what_is_likely_the_same(browser: StaffBrowser) -> None:
    said = words(browser.get(PAGE))
    assert "To be looked at: 2" in said
    assert "This address is at a mail service that anybody can use." in said
    assert "Likely the same as The Moon Aid, Inc., Madison, WI (the same words)" in said
    assert "Mai Example, director, mai@gmail.com" in said


def test_one_is_approved_and_the_decision_taken_back(browser: StaffBrowser, database: Database) -> None:
    assert press(browser, "approve", 1).status_code == 303
    assert reviews(database) == ["approved", "waiting"]
    assert "Approved: it stands in the public list" in words(browser.get(PAGE))
    press(browser, "reopen", 1, "approved")
    assert reviews(database) == ["waiting", "waiting"]
    with database.read() as session:
        done = audited(session, "organisation_approved", "organisation_reopened")
    assert [entry[1:3] for entry in done] == [
        ("organisation_approved", "action 1"),
        ("organisation_reopened", "action 1"),
    ]


def test_declining_needs_a_reason_and_loses_nothing(browser: StaffBrowser, database: Database) -> None:
    refused = press(browser, "decline", 1, reason=" ")
    assert refused.status_code == 422
    assert "Say why: it is mailed to the contact." in words(refused)
    assert 'id="reason-1-error"' in refused.text
    assert 'id="reason-2-error"' not in refused.text
    long = press(browser, "decline", 1, reason="x" * 1_001)
    assert "may have 1,000 characters at most; this has 1,001" in words(long)
    assert "x" * 1_001 in long.text
    assert reviews(database) == ["waiting", "waiting"]
    press(browser, "decline", 1, reason="We could not reach you.")
    assert reviews(database) == ["declined", "waiting"]
    assert "We could not reach you." in words(browser.get(f"{PAGE}?standing=declined"))


def test_a_page_that_is_older_than_the_last_decision_changes_nothing(browser: StaffBrowser, database: Database) -> None:
    browser.get(PAGE)
    late = browser.post(PAGE, do="approve", number="1", revision="0" * 32)
    assert late.status_code == 409
    assert "Nothing was changed: somebody else decided on this organisation" in words(late)
    assert reviews(database) == ["waiting", "waiting"]


def test_two_are_put_together_and_parted(browser: StaffBrowser, database: Database) -> None:
    press(browser, "merge", 1, into="2")
    assert "Put together with another: 1" in words(browser.get(PAGE))
    press(browser, "part", 1, "merged")
    assert "To be looked at: 2" in words(browser.get(PAGE))


def test_time_is_given_after_the_deadline(browser: StaffBrowser, database: Database) -> None:
    for typed in ("", "-1", "1.5", "337", "٣", "99999999"):
        browser.get(PAGE)
        refused = browser.post(f"{PAGE}/grace", hours=typed)
        assert refused.status_code == 422
        assert "Enter a number of hours from 0 to 336." in words(refused)
    browser.post(f"{PAGE}/grace", hours="12")
    with database.read() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "together")).one()
        assert campaign.closes_at == NOW + timedelta(days=1, hours=12)
    page = browser.get(PAGE)
    assert "Signatures are taken until" in words(page)
    assert 'value="12"' in page.text


def test_the_table_has_every_organisation_and_no_formula(browser: StaffBrowser) -> None:
    answer = browser.get(f"{PAGE}.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=together-organisations.csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["Organisation"] for row in rows] == ["'=Moon Aid", "The Moon Aid, Inc."]
    assert rows[0]["E-mail address"] == "mai@gmail.com"
    assert rows[0]["Standing"] == "waiting"


def test_the_paper_has_the_approved_ones_below_a_letterhead(browser: StaffBrowser, database: Database) -> None:
    press(browser, "approve", 2)
    answer = paper(browser, "?top=12")
    assert answer.mimetype == "application/pdf"
    page = PdfReader(io.BytesIO(answer.get_data())).pages[0]
    tops: list[float] = []
    text = page.extract_text(visitor_text=lambda piece, _cm, tm, *_: tops.append(tm[5]) if piece.strip() else None)
    said = " ".join(text.split())
    assert "We, the organisations below, stand with every student." in said
    assert "Signed by 1 organisation The Moon Aid, Inc., Madison, WI" in said
    assert "=Moon Aid" not in said
    height = float(page.mediabox.height)
    assert max(tops) <= height - 12 / 4 * 72


def test_a_character_that_no_font_has_is_named(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        action = session.get_one(Action, 2)
        action.details = {**action.details, "organisation": "Aid \U000f0000"}
        action.review = "approved"
    answer = paper(browser)
    assert answer.status_code == 409
    assert "(U+F0000)" in words(answer)


def test_authors_print_and_do_not_read_the_contacts(app: Flask, browser: StaffBrowser) -> None:
    anna = signed_in(app, "anna@example.org")
    assert anna.get(PAGE).status_code == 403
    assert anna.get(f"{PAGE}.csv").status_code == 403
    assert anna.post(PAGE, do="approve", number="1").status_code == 403
    assert paper(anna).status_code == 200
    page = words(anna.get("/staff/campaigns/together"))
    assert "Print the statement with its signers" in page
    assert "Look at those that sign" not in page


@pytest.mark.parametrize("path", ["organisations", "organisations.csv", "statement.pdf"])
def test_a_petition_has_no_organisations(browser: StaffBrowser, path: str) -> None:
    assert browser.get(f"/staff/campaigns/clemency/{path}").status_code == 404
    assert browser.get(f"/staff/campaigns/none/{path}").status_code == 404


def test_who_took_part_leads_here(browser: StaffBrowser) -> None:
    assert f'href="{PAGE}"' in browser.get("/staff/campaigns/together/actions").text
    assert "/organisations" not in browser.get("/staff/campaigns/clemency/actions").text


def test_a_decision_comes_back_to_the_page_on_which_it_was_made(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "together")).one()
        for place in range(ON_A_PAGE):
            sample_organisation(session, campaign, f"Aid number {place}")
    first = browser.get(PAGE).text
    assert 'rel="prev"' not in first
    later = re.search(r'<a rel="next" href="([^"]+)">Later ones</a>', first)
    assert later
    second = browser.get(unescape(later[1])).text
    assert 'rel="next"' not in second
    begin = second.index('name="number" value="52"')
    revision = second[begin:].partition('name="revision" value="')[2][:32]
    action = re.search(r'<form method="post" action="([^"]+organisations[^"]+)"', second[begin - 400 :])
    assert action
    done = browser.post(unescape(action[1]), do="approve", number="52", revision=revision)
    assert (done.status_code, done.location) == (303, f"{PAGE}?standing=waiting&after=50")
    press(browser, "approve", 51, "waiting&after=50")
    back = browser.get(f"{PAGE}?standing=waiting&after=50").text
    assert "Aid number 47" in back
    assert "Later ones" not in back
    before = browser.get(f"{PAGE}?standing=waiting&before=51").text
    assert "The Moon Aid, Inc." in before
