"""A machine whose clock is wrong, as the commands meet it: PostgreSQL told to tell another time."""

from __future__ import annotations

import psycopg
import pytest
from click.testing import CliRunner, Result

from actionmail.cli import main
from actionmail.db.engine import Database
from tests.flows.delivery.test_crash import fill
from tests.gateways.scripted_smtp import scripted_server

ENV = {
    "ACTIONMAIL_SECRET_KEY": "0123456789abcdef" * 4,
    "ACTIONMAIL_BASE_URL": "http://127.0.0.1:8000",
    "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
}


def put_clock(url: str, minutes: int) -> None:
    """Let the database believe that it is so many minutes later."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA elsewhen")
        connection.execute(
            "CREATE FUNCTION elsewhen.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            f"$$ SELECT pg_catalog.clock_timestamp() + interval '{minutes} minutes' $$".encode()
        )
        name = psycopg.sql.Identifier(connection.info.dbname)
        connection.execute(
            psycopg.sql.SQL("ALTER DATABASE {} SET search_path = elsewhen, pg_catalog, public").format(name)
        )


def run(url: str, *arguments: str, **env: str) -> Result:
    return CliRunner(env={**ENV, "ACTIONMAIL_DATABASE_URL": url, **env}).invoke(main, arguments)


@pytest.mark.postgres
def test_a_worker_whose_clock_is_25_minutes_ahead_ends_with_a_sentence_and_sends_nothing(postgres_url: str) -> None:
    database = Database(postgres_url)
    fill(database, 3)
    database.engine.dispose()
    put_clock(postgres_url, -25)
    with scripted_server() as server:
        relay = f"smtp://127.0.0.1:{server.port}"
        once = run(postgres_url, "worker", "--once", ACTIONMAIL_SMTP_URL=relay)
        forever = run(postgres_url, "worker", ACTIONMAIL_SMTP_URL=relay)
    for result in (once, forever):
        assert result.exit_code == 1
        assert "This machine's clock is 1500 seconds ahead of the database's." in result.output
        assert "NTP" in result.output
    assert server.taken == []


@pytest.mark.postgres
def test_doctor_sees_clocks_that_differ(postgres_url: str) -> None:
    assert "well: this machine's clock is the database's" in run(postgres_url, "doctor").output
    put_clock(postgres_url, 2)
    result = run(postgres_url, "doctor")
    assert result.exit_code == 1
    assert "AMISS: This machine's clock is 120 seconds behind the database's." in result.output


@pytest.mark.postgres
def test_returned_mail_stays_with_the_mail_server_while_the_clock_is_wrong(postgres_url: str) -> None:
    put_clock(postgres_url, 2)
    assert run(postgres_url, "inbound", "--stdin").exit_code == 75
