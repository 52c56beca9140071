"""Staff learn a day ahead whose time runs out, and which line takes long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import Rate, WorkerPulse
from actionmail.flows.delivery.outlook import COUNTED, outlook
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW

LATER = NOW + timedelta(hours=2)


def pace(database: Database, target_hour: int) -> None:
    with database.write() as session:
        row = WorkerPulse(name="host:1", started_at=NOW, seen_at=NOW, target_hour=target_hour)
        session.add(row)


def expire_at(database: Database, ids: list[int], hours: float) -> None:
    with database.write() as session:
        values = {"expires_at": NOW + timedelta(hours=hours)}
        session.execute(update(Message).where(Message.id.in_(ids)).values(values))


def test_nothing_is_said_of_a_queue_that_goes_in_time(any_database: Database) -> None:
    pace(any_database, 30)
    with any_database.read() as session:
        assert outlook(session, now=LATER).lines == []
    fill(any_database, 3)
    with any_database.read() as session:
        found = outlook(session, now=LATER)
    assert (found.lines, found.ending, found.ending_from) == ([], 0, None)


def test_a_line_of_which_some_run_out_of_time_is_named_at_once(any_database: Database) -> None:
    ids = fill(any_database, 28)
    pace(any_database, 2)
    expire_at(any_database, ids, 30)
    with any_database.read() as session:
        (line,) = outlook(session, now=NOW).lines
    assert (line.name, line.waiting, line.an_hour) == ("Lara Sample", 28, 2.0)
    assert line.forecast.lost == 0
    expire_at(any_database, ids, 5)
    with any_database.read() as session:
        (line,) = outlook(session, now=NOW).lines
    assert line.forecast.lost == 23
    assert line.forecast.lost_from == NOW + timedelta(hours=5)


def test_a_pace_that_was_halved_counts(any_database: Database) -> None:
    ids = fill(any_database, 12)
    pace(any_database, 8)
    expire_at(any_database, ids, 5)
    with any_database.write() as session:
        session.add(Rate(scope="target", key="1", used=0, at=NOW, halvings=2, slowed_at=NOW))
    with any_database.read() as session:
        (line,) = outlook(session, now=NOW).lines
    assert (line.an_hour, line.forecast.lost) == (2.0, 7)


def test_without_a_pace_there_is_no_line(any_database: Database) -> None:
    expire_at(any_database, fill(any_database, 12), 5)
    pace(any_database, 0)
    with any_database.read() as session:
        assert outlook(session, now=NOW).lines == []


def test_what_runs_out_of_time_is_told_a_day_ahead(any_database: Database) -> None:
    ids = fill(any_database, 3)
    with any_database.read() as session:
        assert outlook(session, now=NOW + timedelta(hours=71)).ending == 0
    with any_database.read() as session:
        found = outlook(session, now=NOW + timedelta(hours=72))
    assert (found.ending, found.ending_from) == (3, NOW + timedelta(hours=96))
    assert found.ending <= COUNTED
    expire_at(any_database, ids[:1], 10)
    with any_database.read() as session:
        assert outlook(session, now=NOW).ending == 0  # made a moment ago: on its way as ever
        assert outlook(session, now=LATER).ending == 1
