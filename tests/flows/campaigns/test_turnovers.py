"""Campaigns are warned a week before their targets change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from actionmail.cli.platform.doctor import doctor
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns.turnovers import TargetsChange, changes_ahead
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.samples import sample_campaign, sample_legislator
from tests.web.staff_pages import at, hire, signed_in, staff_app, words

FIRST = date(2027, 1, 4)
WEEK_BEFORE = datetime.fromisoformat("2026-12-28T06:00:00+00:00")  # midnight in Wisconsin
HEADER = "state,chamber,election,first_day,rule,note,source\n"
TABLE = HEADER + "WI,lower,2026-11-03,2027-01-04,rule,,source\nWI,upper,2026-11-03,2027-01-04,rule,,source\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def ahead(database: Database, folder: Path, now: datetime = WEEK_BEFORE) -> list[TargetsChange]:
    with database.read() as session:
        return changes_ahead(session, folder, now=now)


def test_those_who_go_and_come_within_a_week_are_counted(any_database: Database, folder: Path) -> None:
    with any_database.write() as session:
        sample_campaign(session, chambers=["lower"])
        sample_legislator(session, ends=FIRST.replace(day=3))
        sample_legislator(session, district="77")
        sample_legislator(session, district="76", status="elected", begins=FIRST)
        sample_legislator(session, chamber="upper", district="26", ends=FIRST.replace(day=3))
        sample_legislator(session, state="CA", ends=FIRST.replace(day=3))
    assert ahead(any_database, folder, datetime.fromisoformat("2026-12-28T05:59:00+00:00")) == []
    (change,) = ahead(any_database, folder)
    assert (change.slug, change.day, change.going, change.coming, change.unknown) == ("ab969", FIRST, 1, 1, ())
    assert ahead(any_database, folder, datetime.fromisoformat("2027-01-04T06:00:00+00:00")) == []


def test_a_house_of_which_the_roster_has_nobody_elected(any_database: Database, folder: Path) -> None:
    (folder / "first_days.csv").write_text(TABLE)
    with any_database.write() as session:
        sample_campaign(session, chambers=["lower"])
        sample_legislator(session)
    (change,) = ahead(any_database, folder)
    assert (change.day, change.going, change.coming, change.unknown) == (FIRST, 0, 0, ("lower",))


def test_rules_decide_whose_going_matters(any_database: Database, folder: Path) -> None:
    with any_database.write() as session:
        gone = sample_legislator(session, chamber="upper", district="26", ends=FIRST.replace(day=3))
        sample_campaign(session, chambers=["lower"], targets=[{"do": "add", "people": [gone.key]}])
        sample_campaign(session, slug="other", chambers=["lower"])
    assert [(change.slug, change.going) for change in ahead(any_database, folder)] == [("ab969", 1)]


@pytest.mark.parametrize("status", ["draft", "closed", "archived"])
def test_what_does_not_run_is_not_warned(database: Database, folder: Path, status: str) -> None:
    with database.write() as session:
        sample_campaign(session, chambers=["lower"], status=status)
        sample_legislator(session, ends=FIRST.replace(day=3))
    assert ahead(database, folder) == []


def test_staff_see_it_at_home_and_at_the_campaign(settings: Settings, database: Database, folder: Path) -> None:
    app = _app(settings, folder)
    hire(database, "ada@example.org", Role.ADMIN)
    with database.write() as session:
        sample_campaign(session, chambers=["lower"])
        sample_legislator(session, ends=FIRST.replace(day=3))
        sample_legislator(session, status="elected", begins=FIRST)
    browser = signed_in(app, "ada@example.org")
    for address in ("/staff/", "/staff/campaigns/ab969"):
        assert "On 2027-01-04, 1 of those it writes to goes and 1 comes." in words(browser.get(address))
    (folder / "first_days.csv").write_text(TABLE)
    with database.write() as session:
        session.execute(update(Campaign).values(chambers=["lower", "upper"]))
        sample_legislator(session, chamber="upper", district="26")
    page = words(browser.get("/staff/campaigns/ab969"))
    assert "Those elected to the upper house are not in the roster: import a newer one before." in page


def test_doctor_says_it(settings: Settings, database: Database, folder: Path) -> None:
    today = datetime.now().astimezone().date()
    with database.write() as session:
        sample_campaign(session, chambers=["lower"])
        sample_legislator(session, ends=today)
    checked = CliRunner().invoke(doctor, obj=replace(settings, data_dir=folder))
    assert "LOOK: ab969 is live, and its targets change: " in checked.output


def _app(settings: Settings, folder: Path) -> Flask:
    return at(staff_app(settings, folder), lambda: WEEK_BEFORE)
