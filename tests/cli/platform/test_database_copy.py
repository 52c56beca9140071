"""From SQLite to PostgreSQL: all of it, the same on both sides, and never twice sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Date,
    Double,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actionmail.cli.platform.db import db
from actionmail.db import Base, copying
from actionmail.db.actions import Action, SearchText
from actionmail.db.base import Instant
from actionmail.db.campaigns import Campaign
from actionmail.db.copying import CopyFault, CopyFaultCode
from actionmail.db.engine import UNFINISHED_COPY, Database
from actionmail.db.messages import Event, Message
from actionmail.db.throttles import WorkerPulse
from actionmail.flows.delivery.stops import stops
from actionmail.flows.privacy.audit_chain import verify
from actionmail.flows.staff.audit import record
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings
from tests.audit import audited
from tests.postgres import PostgresServer
from tests.samples import (
    make_searchable,
    sample_action,
    sample_campaign,
    sample_legislators,
    sample_message,
)

pytestmark = pytest.mark.postgres


_CODES = {"scope": "domain", "actor_kind": "command_line", "reason_code": ""}  # columns that hold one of our codes


@pytest.fixture
def target(postgres: PostgresServer) -> Iterator[str]:
    with postgres.empty_database() as url:
        yield url


@pytest.fixture
def source(database: Database) -> Database:
    """With rows in every table, and odd ones in some."""
    with database.write() as session:
        campaign = sample_campaign(session, title="Ünïcode \\ \t \n 'quoted' 漢字")
        legislators = sample_legislators(session)
        for number in range(5):
            action = sample_action(session, campaign, email=f"mai{number}@example.org", receipt_token=f"{number}" * 43)
            for legislator in legislators:
                sample_message(session, action, legislator, campaign.letters[0])
        make_searchable(session)
        now = datetime.now(UTC)
        for number in range(3):
            record(session, AuditAction.BACKED_UP, ObjectKind.DATABASE, "x", by=None, now=now, octets=number)
    with database.write() as session:  # the chain of the audit trail is made when it is committed
        for table in Base.metadata.sorted_tables:
            if not session.scalar(select(func.count()).select_from(table)):
                _add_row(session, table)
    return database


def _add_row(session: Session, table: Table) -> None:
    values = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            values[column.name] = session.scalar(select(key.column).limit(1))
        else:
            values[column.name] = _CODES.get(column.name, _value(column.type))
    session.execute(insert(table).values(values))


def _value(type_: Any) -> Any:
    by_type: list[tuple[Any, Any]] = [
        (Boolean, True),
        (Instant, datetime(2026, 3, 4, 15, 12, 5, 123456, tzinfo=UTC)),
        (Date, date(2026, 3, 4)),
        (Double, 0.1),
        (LargeBinary, bytes(range(256))),
        (JSON, {"a": [None, "ü"]}),
        (ARRAY, None),
        (Integer, 7),
    ]
    for kind, value in by_type:
        if isinstance(type_, kind):
            return value
    return "é"


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(db, ["copy", *arguments], obj=settings)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.engine.dispose()


def path_of(database: Database) -> Path:
    return Path(database.engine.url.database or "")


def rows_of(session: Session, table: Table) -> list[Any]:
    return sorted(repr(tuple(row)) for row in session.execute(select(table)))


def test_every_row_of_every_table_comes_over(settings: Settings, source: Database, target: str) -> None:
    done = run(replace(settings, database_url=target), str(source.engine.url))
    assert done.exit_code == 0, done.output
    assert "every table is the same on both sides" in done.output
    with opened(target) as copied, copied.read() as session, source.read() as before:
        assert copied.is_current()
        for table in Base.metadata.sorted_tables:
            if table.name in {"search_texts", "audit", "audit_chain"}:
                continue
            was, is_ = rows_of(before, table), rows_of(session, table)
            if table.name == "actions":
                was = [row.replace("is_searchable", "") for row in was]
                assert len(was) == len(is_)
                continue
            assert is_ == was, table.name
        assert session.scalars(select(Action.is_searchable)).all() == [False] * 5
        assert session.scalars(select(Campaign.title)).first() == "Ünïcode \\ \t \n 'quoted' 漢字"
        assert verify(session).fault is None
        ((_, _, on, details),) = audited(session, "copied")
        assert (on, details["rows"] > 40) == ("database postgresql", True)
        assert [stop.scope for stop in stops(session)] == ["domain"]


def test_it_goes_on_as_an_installation(settings: Settings, source: Database, target: str) -> None:
    """Numbers go on, triggers watch, what staff search is made anew."""
    run(settings, str(source.engine.url), target)
    with opened(target) as copied:
        with copied.write() as session:
            campaign = session.scalars(select(Campaign)).one()
            counted = session.scalar(text("SELECT sum(supporters) FROM supporter_counts"))
            action = sample_action(session, campaign, email="new@example.org", receipt_token="n" * 43)
            assert action.id == 6
            assert session.scalar(text("SELECT sum(supporters) FROM supporter_counts")) == counted + 1
        with copied.write() as session:
            assert make_searchable(session) == 6
            assert len(session.scalars(select(SearchText.grams)).all()) == 6
        for forbidden in (update(Event).values(text=""), text("TRUNCATE audit_chain"), text("DELETE FROM audit")):
            with pytest.raises(DBAPIError, match="append-only"), copied.write() as session:
                session.execute(forbidden)


def test_a_copy_that_was_broken_off_goes_on_and_sees_what_changed(
    settings: Settings, source: Database, target: str
) -> None:
    steps: list[int] = []

    def broken(rows: int) -> None:
        steps.append(rows)
        if len(steps) == 60:
            raise KeyboardInterrupt

    with opened(target) as unfinished:
        with copying.open_source(path_of(source)) as opened_source, pytest.raises(KeyboardInterrupt):
            copying.begin(opened_source, unfinished)
            copying.copy_rows(opened_source, unfinished, broken, at_once=2)
        assert not unfinished.is_current(), "nobody takes it for a database of ours"
        with source.write() as session:
            session.execute(update(Campaign).values(title="Changed meanwhile"))
            sample_action(session, session.scalars(select(Campaign)).one(), email="late@example.org")
        moved: list[int] = []
        with copying.open_source(path_of(source)) as opened_source:
            copying.begin(opened_source, unfinished)
            copying.copy_rows(opened_source, unfinished, moved.append)
            same = copying.compare(opened_source, unfinished)
        assert 0 < sum(moved) < sum(table.digest.count for table in same), "the rest was there"
    done = run(settings, str(source.engine.url), target)
    assert done.exit_code == 0, done.output
    with opened(target) as copied, copied.read() as session:
        assert session.scalars(select(Campaign.title)).all() == ["Changed meanwhile"]
        assert session.scalar(select(func.count()).select_from(Action)) == 6


def test_another_ones_half_a_copy_is_no_place_for_it(
    settings: Settings, source: Database, target: str, tmp_path: Path
) -> None:
    with opened(target) as unfinished, copying.open_source(path_of(source)) as opened_source:
        copying.begin(opened_source, unfinished)
    other = tmp_path / "other.sqlite3"
    with opened(f"sqlite:///{other}") as made:
        made.upgrade()
    refused = run(settings, f"sqlite:///{other}", target)
    assert (refused.exit_code, f"a copy of {path_of(source)} that did not" in refused.output) == (1, True)


def test_what_is_not_copied_is_said(settings: Settings, source: Database, target: str, tmp_path: Path) -> None:
    url = str(source.engine.url)
    assert "There is no file" in run(settings, f"sqlite:///{tmp_path}/none", target).output
    (tmp_path / "empty.sqlite3").touch()
    assert "are not this version's" in run(settings, f"sqlite:///{tmp_path}/empty.sqlite3", target).output
    assert "SOURCE is sqlite" in run(settings, target, target).output
    assert "TARGET is postgresql" in run(settings, url, url).output
    with opened(target) as filled:
        filled.upgrade()
    refused = run(settings, url, target)
    assert (refused.exit_code, "The target is not empty" in refused.output) == (1, True)


def test_a_row_that_postgresql_refuses_is_named_and_not_shown(
    settings: Settings, source: Database, target: str
) -> None:
    with source.write() as session:
        session.execute(update(Action).where(Action.id == 2).values(name="hidden" * 1000))
    refused = run(settings, str(source.engine.url), target)
    assert refused.exit_code == 1
    assert "actions.name: value too long" in refused.output
    assert "hidden" not in refused.output
    with source.write() as session:
        session.execute(update(Action).where(Action.id == 2).values(name="hid\0den"))
    refused = run(settings, str(source.engine.url), target)
    assert ("actions" in refused.output, "NUL" in refused.output, "hid" in refused.output) == (True, True, False)
    with source.write() as session:
        session.execute(update(Action).where(Action.id == 2).values(name="Mai"))
    assert run(settings, str(source.engine.url), target).exit_code == 0


def test_while_a_worker_is_at_work_only_a_copy_in_which_nothing_goes(
    settings: Settings, source: Database, target: str
) -> None:
    with source.write() as session:
        session.execute(update(WorkerPulse).values(seen_at=datetime.now(UTC) - timedelta(seconds=9)))
    url = str(source.engine.url)
    refused = run(settings, url, target)
    assert (refused.exit_code, "A worker was at work on it" in refused.output) == (1, True)
    done = run(settings, url, target, "--while-running")
    assert done.exit_code == 0, done.output
    with opened(target) as copied, copied.read() as session:
        assert {stop.scope for stop in stops(session)} == {"all", "domain"}
        assert set(session.scalars(select(Message.state))) == {"held"}
    with source.read() as session:
        assert "held" not in session.scalars(select(Message.state)).all()


def test_what_is_written_meanwhile_is_noticed(settings: Settings, source: Database, target: str) -> None:
    with opened(target) as unfinished, copying.open_source(path_of(source)) as opened_source:
        copying.begin(opened_source, unfinished)
        with source.write() as session:
            session.execute(update(Campaign).values(title="Changed meanwhile"))
        copying.copy_rows(opened_source, unfinished, lambda rows: None)
        copying.compare(opened_source, unfinished)
        assert not opened_source.end()
    assert run(settings, str(source.engine.url), target).exit_code == 0


def test_what_became_another_row_in_the_target_is_noticed(source: Database, target: str) -> None:
    with opened(target) as unfinished, copying.open_source(path_of(source)) as opened_source:
        copying.begin(opened_source, unfinished)
        copying.copy_rows(opened_source, unfinished, lambda rows: None)
        with unfinished.write() as session:
            session.execute(text("UPDATE actions SET city = 'Elsewhere' WHERE id = 3"))
        with pytest.raises(CopyFault) as caught:
            copying.compare(opened_source, unfinished)
        assert (caught.value.code, caught.value.detail) == (CopyFaultCode.DIFFERS, "actions")
        with unfinished.read() as session:
            assert session.scalar(text(f"SELECT count(*) FROM {UNFINISHED_COPY}")) > 40
