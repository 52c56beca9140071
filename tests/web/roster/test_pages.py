"""The roster over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.roster import Correction, Legislator
from actionmail.flows.roster.dataset_versions import versions
from actionmail.flows.roster.reading import dataset_rows
from actionmail.flows.staff import Role
from actionmail.settings import Settings, bundled
from actionmail.web.roster.words import elections_sentence
from tests.audit import audited
from tests.datasets import bring_people
from tests.people import seat_row
from tests.web.staff_pages import StaffBrowser, hire, signed_in, staff_app, words


def fresh() -> date:
    """Asked for when it is needed: a run of the suite may see midnight."""
    return datetime.now(UTC).date()


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    hire(database, "otto@example.org", Role.AUTHOR)
    return staff_app(settings, tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


@pytest.fixture
def number(database: Database) -> int:
    """A roster of sixty with two problems; the page of Assembly District 1."""
    rows = [seat_row(n, name=f"Sample <{n}>", as_of=fresh()) for n in range(1, 59)]
    rows += [seat_row(60, email="", as_of=fresh()), seat_row(61, email="x@gmail.com", as_of=fresh())]
    with database.write() as session:
        bring_people(session, rows, as_of=fresh(), now=datetime.now(UTC))
        return session.scalars(select(Legislator.id).where(Legislator.district == "1")).one()


def value(database: Database, number: int, field: str) -> str:
    with database.read() as session:
        return str(getattr(session.get_one(Legislator, number), field))


def test_an_empty_roster_says_so_there_and_at_home(browser: StaffBrowser) -> None:
    assert "The roster is empty." in words(browser.get("/staff/roster"))
    assert "Load the roster. Without it there is nobody to write to." in words(browser.get("/staff/"))


def test_problems_come_first_and_pages_follow(browser: StaffBrowser, number: int) -> None:
    page = browser.get("/staff/roster")
    said = words(page)
    assert "60 seats, problems first; page 1 of 2" in said
    assert "1 without an address" in said
    assert said.index("Sample Person 60") < said.index("Sample Person 61") < said.index("Sample <1>")
    assert "Sample &lt;1&gt;" in page.text
    assert "legislators as of" in said
    assert ", in force" in said
    assert "page=2" in page.text
    assert "Page before" in words(browser.get("/staff/roster?page=2"))
    assert "2 seats" in words(browser.get("/staff/roster?show=problems"))
    assert "Sample <7>" in words(browser.get("/staff/roster?words=7&state=WI"))
    assert "Nobody fits this search." in words(browser.get("/staff/roster?words=nobody&state=XX&show=x&page=-3"))


def test_an_old_roster_raises_the_alarm(browser: StaffBrowser, number: int, database: Database) -> None:
    assert "days old" not in words(browser.get("/staff/"))
    with database.write() as session:
        session.get_one(Legislator, number).as_of = fresh() - timedelta(days=90)
    assert "Old data . The roster is as of" in words(browser.get("/staff/"))
    said = words(browser.get("/staff/roster"))
    assert "Old data. The roster is as of" in said
    with browser.client.application.app_context():
        days = browser.client.application.extensions["actionmail"].districts.days
    assert " ".join(elections_sentence(days, fresh()).replace("`", " ").split()) in said
    assert "90 days old" in said


def test_a_correction_is_made_and_withdrawn(browser: StaffBrowser, number: int, database: Database) -> None:
    here = f"/staff/roster/{number}"
    browser.get(here)
    done = browser.post(f"{here}/corrections", field="phone", value=" 555-7777 ", why="The office <said> so")
    assert (done.status_code, done.headers["Location"]) == (303, here)
    assert value(database, number, "phone") == "555-7777"
    page = browser.get(here)
    assert "555-7777; corrected by rita@example.org, the dataset says 555-0001" in words(page)
    assert "The office &lt;said&gt; so" in page.text
    assert "corrected by staff" in words(browser.get("/staff/roster?show=corrected"))
    browser.get(here)
    assert browser.post(f"{here}/corrections/phone/withdrawal", why="").status_code == 422
    assert browser.post(f"{here}/corrections/phone/withdrawal", why="They moved back").status_code == 303
    assert value(database, number, "phone") == "555-0001"
    with database.read() as session:
        trail = audited(session)[-2:]
    who = "legislator ocd-person/00000001"
    assert trail == [
        (1, "corrected", who, {"field": "phone", "reason": "The office <said> so"}),
        (1, "correction_withdrawn", who, {"field": "phone", "reason": "They moved back"}),
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"field": "email", "value": "no address", "why": "x"}, "This cannot be the email: this is no e-mail address."),
        ({"field": "phone", "value": "1", "why": " "}, "Say why, in a few words"),
        ({"field": "district", "value": "1", "why": "x"}, "Choose what to correct"),
        ({}, "Choose what to correct"),
    ],
)
def test_a_wrong_correction_keeps_what_was_typed(
    browser: StaffBrowser, number: int, database: Database, sent: dict[str, str], said: str
) -> None:
    browser.get(f"/staff/roster/{number}")
    page = browser.post(f"/staff/roster/{number}/corrections", **sent)
    assert page.status_code == 422
    assert said in words(page)
    assert "<title>Error: " in page.text
    assert all(f'value="{text}"' in page.text for name, text in sent.items() if name == "value")
    with database.read() as session:
        assert session.scalars(select(Correction)).all() == []


def test_an_author_may_look_but_not_correct(app: Flask, number: int, database: Database) -> None:
    browser = StaffBrowser(app)
    browser.sign_in("otto@example.org")
    page = browser.get(f"/staff/roster/{number}")
    assert "With your role you may not correct it" in words(page)
    assert "<textarea" not in page.text
    refused = browser.post(f"/staff/roster/{number}/corrections", field="phone", value="1", why="x")
    assert refused.status_code == 403
    assert "you may not correct the roster" in words(refused)
    assert value(database, number, "phone") == "555-0001"


@pytest.fixture
def admin(app: Flask, database: Database, number: int) -> StaffBrowser:
    """An admin, after a second import that blanked nothing but took Sample Person 61's phone for another."""
    hire(database, "ada@example.org", Role.ADMIN)
    with database.write() as session:
        rows = [replace(row, phone="555-9999") if row.district == "61" else row for row in dataset_rows(session)]
        bring_people(session, rows, as_of=fresh(), now=datetime.now(UTC))
    browser = StaffBrowser(app)
    assert browser.sign_in("ada@example.org").status_code == 303
    return browser


def test_an_admin_sees_what_going_back_changes_and_goes_back(
    admin: StaffBrowser, number: int, database: Database, tmp_path: Path
) -> None:
    here = "/staff/roster/imports/people/undo"
    assert here in admin.get("/staff/roster").text
    page = admin.get(here)
    assert "1 changed back WI lower 61: Sample Person 61: phone '555-9999' -> '555-0061'" in words(page)
    assert "Go back to version 1" in words(page)
    with database.read() as session:
        assert versions(session)[0].undone_at is None
    done = admin.post(here, version="2")
    assert (done.status_code, done.headers["Location"]) == (303, "/staff/roster#versions")
    assert "Done. Legislators: version 1" in words(admin.get("/staff/roster"))
    assert here not in admin.get("/staff/roster").text
    assert b"555-0061" in (tmp_path / "legislators.csv").read_bytes()
    with database.read() as session:
        assert session.scalars(select(Legislator.phone).where(Legislator.district == "61")).one() == "555-0061"
        (entry,) = audited(session, "import_undone")
    details = {"undone": 2, "restored": 1, "made_by": "ada@example.org"}
    assert entry == (3, "import_undone", "dataset people", details)


def test_going_back_needs_the_version_that_was_looked_at(admin: StaffBrowser, database: Database) -> None:
    here = "/staff/roster/imports/people/undo"
    admin.get(here)
    for version in ("1", "", "x"):
        refused = admin.post(here, version=version)
        assert refused.status_code == 409
        assert "Another version is in force by now." in words(refused)
    with database.read() as session:
        assert versions(session)[0].undone_at is None
        assert audited(session, "import_undone") == []


def test_going_back_where_the_folder_cannot_be_written_changes_nothing(
    admin: StaffBrowser, database: Database, tmp_path: Path
) -> None:
    here = "/staff/roster/imports/people/undo"
    admin.get(here)
    (tmp_path / "legislators.csv").mkdir()
    refused = admin.post(here, version="2")
    assert refused.status_code == 409
    assert "Whoever runs this site can go back with: actionmail data undo people" in words(refused)


def test_nobody_but_an_admin_goes_back(browser: StaffBrowser, admin: StaffBrowser) -> None:
    here = "/staff/roster/imports/people/undo"
    assert here not in browser.get("/staff/roster").text
    assert "you may not go back to older data" in words(browser.get(here))
    assert browser.post(here, version="2").status_code == 403
    assert admin.get("/staff/roster/imports/nothing/undo").status_code == 404
    assert "No import of boundaries is there to undo." in words(admin.get("/staff/roster/imports/boundaries/undo"))


def test_strangers_and_unknown_numbers(app: Flask, browser: StaffBrowser, number: int) -> None:
    assert StaffBrowser(app).get("/staff/roster").status_code == 303
    assert browser.get("/staff/roster/999999").status_code == 404
    assert browser.get("/staff/roster/99999999999999999999").status_code == 404
    browser.get(f"/staff/roster/{number}")
    assert browser.post("/staff/roster/999999/corrections", field="phone", value="1", why="x").status_code == 404
    assert browser.get("/staff/roster").headers["Cache-Control"] == "no-store"


def test_a_vacant_and_a_left_seat_offer_no_form(browser: StaffBrowser, number: int, database: Database) -> None:
    vacant = replace(
        seat_row(99, key="vacant/wi/lower/99", as_of=fresh()),
        status="vacant",
        name="",
        family_name="",
        email="",
        phone="",
    )
    with database.write() as session:
        bring_people(session, [vacant], as_of=fresh(), now=datetime.now(UTC), confirmed=True)
        number_of_vacant = session.scalars(select(Legislator.id).where(Legislator.status == "vacant")).one()
    assert "Correct it" not in words(browser.get(f"/staff/roster/{number_of_vacant}"))
    gone = words(browser.get(f"/staff/roster/{number}"))
    assert "not in office any more since" in gone
    assert "Correct it" not in gone


def test_the_calendar_says_who_takes_office_when(browser: StaffBrowser, number: int, tmp_path: Path) -> None:
    assert "is not in the table" in words(browser.get("/staff/roster/calendar"))
    table = tmp_path / "first_days.csv"
    table.write_bytes((bundled("data") / "first_days.csv").read_bytes())
    said = words(browser.get("/staff/roster/calendar"))
    assert "2027-01-04 (first Monday in January)" in said
    assert "AK" in said
    one_state = words(browser.get("/staff/roster/calendar?state=wi"))
    assert "first Monday in January" in one_state
    assert "third Tuesday" not in one_state
    assert browser.get("/staff/roster/calendar?state=%00").status_code == 200


def test_whoever_is_elected_stands_there_with_the_day(browser: StaffBrowser, database: Database) -> None:
    day = fresh() + timedelta(days=40)
    rows = [
        seat_row(1, as_of=fresh(), ends=day),
        seat_row(2, as_of=fresh(), district="1", status="elected", begins=day),
    ]
    with database.write() as session:
        bring_people(session, rows, as_of=fresh(), now=datetime.now(UTC))
    said = words(browser.get("/staff/roster"))
    assert f"in office until {day.isoformat()}" in said
    assert f"elected, in office from {day.isoformat()}" in said
    assert "1 seats" in words(browser.get("/staff/roster?show=elected"))
    assert "1 state legislators and 0 vacant seats" in said
