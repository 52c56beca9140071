"""What an upgrade would do is told before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import text

from actionmail.cli import main
from actionmail.db.engine import Database, _alembic


def run(database: Database, *arguments: str) -> Result:
    url = database.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["migrate", *arguments], env={"ACTIONMAIL_DATABASE_URL": url})


def test_what_is_to_do_is_told_and_nothing_is_changed(any_database: Database) -> None:
    done = run(any_database, "--check")
    assert (done.exit_code, done.output) == (0, "The database's tables are up to date.\n")
    newest = any_database.revision()
    with any_database.engine.begin() as connection:
        command.downgrade(_alembic(connection), "-2")
    older = any_database.revision()
    told = run(any_database, "--check")
    assert told.exit_code == 3, told.output
    assert (newest in told.output, "To do: 2." in told.output) == (True, True)
    assert told.output.index(f"{int(older) + 1:04}  ") < told.output.index(f"{newest}  ")
    assert any_database.revision() == older
    assert run(any_database).exit_code == 0
    assert any_database.revision() == newest


def test_no_database_is_made_by_looking(tmp_path: Path) -> None:
    file = f"{tmp_path}/none.sqlite3"
    told = CliRunner().invoke(main, ["migrate", "--check"], env={"ACTIONMAIL_DATABASE_URL": f"sqlite:///{file}"})
    assert (told.exit_code, "There is no database yet" in told.output) == (3, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_tables_of_a_newer_version_are_left_alone(any_database: Database, arguments: list[str]) -> None:
    with any_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused = run(any_database, *arguments)
    assert (refused.exit_code, "are of a newer version" in refused.output) == (1, True), refused.output
    assert any_database.revision() == "9999"
