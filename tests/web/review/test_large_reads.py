"""With a replica: pages of many rows are read from it, and whoever changed something sees it at once."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from actionmail.cli.platform.doctor_words import sentence
from actionmail.cli.review.export import export
from actionmail.db.replica import Standing
from actionmail.flows.review.installation import Check, Finding, findings
from actionmail.flows.staff import Role
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from actionmail.web.review.words import STATE_WORDS
from tests.audit import audited
from tests.replica import NOTHING, Pair, until_it_is
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.application import on
from tests.web.clock import Clock
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

pytestmark = pytest.mark.postgres

RAY = "ray@example.org"
WAITS, CANCELLED = STATE_WORDS[State.QUEUED], STATE_WORDS[State.CANCELLED]


@pytest.fixture
def letter(pair: Pair) -> int:
    """A letter that waits, on the primary and on the replica."""
    with pair.primary.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(session, campaign, name="Mai Example")
        member = sample_legislator(session, name="Uma Pattern")
        number = sample_message(session, action, member, campaign.letters[0]).id
    hire(pair.primary, RAY, Role.REVIEWER)
    until_it_is(Standing.FRESH, pair.reads(NOTHING).look)
    return number


@pytest.fixture
def app(settings: Settings, pair: Pair, clock: Clock, tmp_path: Path) -> Flask:
    app = at(on(pair.primary, staff_app(settings, tmp_path)), clock)
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], large_reads=pair.reads())
    return app


@pytest.fixture
def browser(app: Flask, letter: int) -> StaffBrowser:
    return signed_in(app, RAY)


def state_in_the_log(browser: StaffBrowser) -> str:
    page = browser.get("/staff/messages")
    assert page.status_code == 200
    (state,) = [state for state in (WAITS, CANCELLED) if f'title="{state.capitalize()}"' in page.text]
    return state


def test_whoever_changed_something_reads_it_where_it_was_written(
    browser: StaffBrowser, pair: Pair, letter: int, clock: Clock
) -> None:
    with pair.paused():
        assert browser.post(f"/staff/messages/{letter}/cancellations", reason="twice").status_code == 303
        assert state_in_the_log(browser) == CANCELLED
        assert state_in_the_log(signed_in(browser.client.application, RAY)) == WAITS, "another browser"
        clock.move(31)
        assert state_in_the_log(browser) == WAITS, "as the replica stands still"
    until_it_is(Standing.FRESH, pair.reads(NOTHING).look)
    assert state_in_the_log(browser) == CANCELLED


def test_an_export_reads_the_replica_and_is_written_down_on_the_primary(
    browser: StaffBrowser, pair: Pair, letter: int, clock: Clock
) -> None:
    with pair.paused():
        browser.post(f"/staff/messages/{letter}/cancellations", reason="twice")
        clock.move(31)
        for _ in range(2):  # an export is no change, behind which the primary would be read
            table = browser.post("/staff/exports/messages", **{"letters-file_format": "csv"})
            (row,) = csv.DictReader(table.data.decode("utf-8-sig").splitlines())
            assert row["state"] == "queued"
    with pair.primary.read() as session:
        assert len(audited(session, "exported")) == 2


@pytest.mark.parametrize(
    "page", ["numbers?campaign=ab969", "reports/campaigns/ab969", "exports", "messages?words=Mai&count=all"]
)
def test_every_page_that_may_read_it_is_served_by_it_and_without_it(
    browser: StaffBrowser, pair: Pair, page: str
) -> None:
    from_replica = browser.get(f"/staff/{page}")
    assert from_replica.status_code == 200
    with pair.standby.away():
        from_primary = browser.get(f"/staff/{page}")
    assert from_primary.status_code == 200
    assert words(from_primary) == words(from_replica)


def test_the_command_exports_with_a_replica_and_without(
    settings: Settings, pair: Pair, letter: int, tmp_path: Path
) -> None:
    for number, url in enumerate((pair.replica_url, "postgresql://postgres@127.0.0.1:1/none"), start=1):
        here = replace(settings, database_url=pair.primary_url, read_database_url=url)
        done = CliRunner().invoke(export, ["messages", "--out", str(tmp_path / "letters.csv")], obj=here)
        assert done.exit_code == 0, done.output
        with pair.primary.read() as session:
            assert len(audited(session, "exported")) == number


def found_by_doctor(settings: Settings, pair: Pair, url: str) -> Finding:
    here = replace(settings, database_url=pair.primary_url, read_database_url=url)
    found = findings(here, pair.primary, ask_geocoders=lambda: (), now=Clock().now)
    (finding,) = [one for one in found if one.check is Check.REPLICA]
    assert not finding.stops
    return finding


def test_doctor_says_how_it_stands(settings: Settings, pair: Pair) -> None:
    well = found_by_doctor(settings, pair, pair.replica_url)
    assert re.fullmatch(
        "the read replica answers, and is [0-9]+ s behind; send log, numbers, reports and exports read it.",
        sentence(well),
    )
    with pair.standby.away():
        away = sentence(found_by_doctor(settings, pair, pair.replica_url))
    assert away.startswith("The read replica cannot be used: ")
    assert away.endswith("Meanwhile send log, numbers, reports and exports read the database itself.")
    other = sentence(found_by_doctor(settings, pair, pair.primary_url))
    assert other.startswith("ACTIONMAIL_READ_DATABASE_URL names no read replica of ACTIONMAIL_DATABASE_URL")
