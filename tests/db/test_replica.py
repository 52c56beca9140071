"""A replica that streams: it is read while it is fresh, and else the database itself is, whatever became of it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from actionmail.db.engine import Database
from actionmail.db.replica import LargeReads, Standing
from tests.ports import free_port
from tests.postgres import PostgresServer
from tests.replica import MUCH, NOTHING, Pair, until_it_is

pytestmark = pytest.mark.postgres


def add_row(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO rates (scope, key, used, at, halvings) VALUES ('all', '', 0, now(), 0)"))


def rows(database: Database) -> tuple[bool, int]:
    """Whether a replica answers, and how many rows it has."""
    with database.snapshot() as session:
        is_replica, count = session.execute(text("SELECT pg_is_in_recovery(), (SELECT count(*) FROM rates)")).one()
    return bool(is_replica), int(count)


def test_one_that_is_fresh_is_read(pair: Pair) -> None:
    add_row(pair.primary)
    until_it_is(Standing.FRESH, pair.reads(NOTHING).look)
    assert rows(pair.reads().database()) == (True, 1)


def test_one_that_stays_behind_is_not_read_until_it_has_come_up(pair: Pair) -> None:
    reads = pair.reads(NOTHING)
    with pair.paused():
        add_row(pair.primary)
        found = reads.look()
        assert found.standing is Standing.BEHIND
        assert found.behind is not None
        assert found.behind > NOTHING
        assert rows(reads.database()) == (False, 1)
        assert rows(pair.reads(MUCH).database()) == (True, 0), "a little behind is fresh enough"
    until_it_is(Standing.FRESH, reads.look)
    assert rows(pair.reads(MUCH).database()) == (True, 1)


def test_one_that_crashed_is_not_read_and_not_asked_at_each_page(pair: Pair) -> None:
    reads, patient = pair.reads(), pair.reads(away_rests=3600.0)
    assert rows(patient.database())[0]
    with pair.standby.away():
        found = reads.look()
        assert found.standing is Standing.AWAY
        assert found.error
        assert not rows(reads.database())[0]
        assert not rows(patient.database())[0]
    until_it_is(Standing.FRESH, reads.look)
    assert rows(reads.database())[0], "without anybody's doing"
    assert not rows(patient.database())[0], "it is left alone for a while"


def test_one_that_was_made_the_primary_of_its_own_is_none_any_more(own_postgres: PostgresServer) -> None:
    with own_postgres.fresh_database() as url, own_postgres.standby() as promoted:
        reads = LargeReads(Database(url), promoted.also_here(url), most_behind=MUCH)
        until_it_is(Standing.FRESH, reads.look)
        promoted.run("SELECT pg_promote()")
        assert reads.look().standing is Standing.OTHER
        assert not rows(reads.database())[0]


def test_another_database_is_no_replica(pair: Pair, own_postgres: PostgresServer) -> None:
    assert LargeReads(pair.primary, pair.primary_url).look().standing is Standing.OTHER
    with own_postgres.fresh_database() as url:
        elsewhere = LargeReads(pair.primary, pair.standby.also_here(url), most_behind=MUCH)
        until_it_is(Standing.OTHER, elsewhere.look)


def test_one_with_the_tables_of_another_version_is_not_read(pair: Pair) -> None:
    with pair.paused():
        with pair.primary.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
        assert pair.reads(MUCH).look().standing is Standing.OTHER


def test_nobody_there_and_no_replica_set_lead_to_the_primary(pair: Pair) -> None:
    nobody = LargeReads(pair.primary, f"postgresql://postgres:hidden@127.0.0.1:{free_port()}/one")
    assert nobody.database() is pair.primary
    assert "hidden" not in nobody.look().error
    assert LargeReads(pair.primary).database() is pair.primary


def test_a_role_that_may_do_little_can_be_told_how_it_stands(pair: Pair) -> None:
    """No superuser, and not in pg_monitor."""
    with pair.primary.write() as session:
        session.execute(text("CREATE ROLE plain LOGIN"))
        session.execute(text("GRANT SELECT ON alembic_version TO plain"))
    try:
        reads = LargeReads(
            Database(pair.primary_url.replace("//postgres@", "//plain@")),
            pair.replica_url.replace("//postgres@", "//plain@"),
        )
        until_it_is(Standing.FRESH, reads.look)
    finally:
        with pair.primary.write() as session:
            session.execute(text("DROP OWNED BY plain"))
            session.execute(text("DROP ROLE plain"))
