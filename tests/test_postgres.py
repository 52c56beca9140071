"""A database that is given out again is as new, and one that is not is not given out again."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


def used(server: PostgresServer, *statements: str) -> str:
    """The URL of a database in which the statements were done."""
    with server.fresh_database() as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    return url


RATE = "INSERT INTO rates (scope, key, used, at, halvings) VALUES ('all', '', 0, now(), 0)"


def test_rows_and_numbers_are_gone_from_a_database_that_is_given_out_again(postgres: PostgresServer) -> None:
    first = used(postgres, RATE, "SELECT nextval('actions_id_seq'), nextval('actions_id_seq')")
    with postgres.fresh_database() as url, psycopg.connect(url) as connection:
        assert url == first
        assert connection.execute("SELECT count(*) FROM rates").fetchone() == (0,)
        assert connection.execute("SELECT nextval('actions_id_seq')").fetchone() == (1,)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE another (id int)",
        "DROP TABLE rates CASCADE",
        "ALTER TABLE rates ADD COLUMN more int",
        "ALTER TABLE drafts DISABLE TRIGGER ALL",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA another",
        "ANALYZE alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "INSERT INTO rates (scope, key, used, at, halvings) SELECT 'all', n, 0, now(), 0 "
        "FROM generate_series(1, 3000) n",
    ],
)
def test_a_database_of_which_more_was_changed_is_not_given_out_again(postgres: PostgresServer, change: str) -> None:
    first = used(postgres, change)
    with postgres.fresh_database() as url:
        assert url != first


def test_the_server_itself_changes_nothing_by_which_a_used_one_is_told(postgres: PostgresServer) -> None:
    with postgres.fresh_database() as url, psycopg.connect(url) as connection:
        options = connection.execute("SELECT reloptions FROM pg_class WHERE relname = 'alembic_version'").fetchone()
    assert options == (["autovacuum_enabled=false"],)


def test_a_session_that_a_test_left_open_does_not_live_on(postgres: PostgresServer) -> None:
    with postgres.fresh_database() as url:
        left = psycopg.connect(url)
        left.execute(RATE)
    with pytest.raises(psycopg.Error):
        left.execute("SELECT 1")
