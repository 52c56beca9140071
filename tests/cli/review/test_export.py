"""`actionmail export`: the file, what is said, and what is written down."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.review.export import export
from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.audit import audited
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message


def run(settings: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(export, [*map(str, arguments)], obj=settings)


@pytest.fixture
def log(database: Database) -> Database:
    with database.write() as session:
        campaign = sample_campaign(session)
        member = sample_legislator(session, name="Uma Pattern")
        for number, state in enumerate(("queued", "failed")):
            action = sample_action(session, campaign, name=f"Mai {number}", wants_updates=number == 0)
            sample_message(session, action, member, campaign.letters[0], supporter_key=str(number), state=state)
    return database


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_a_file_of_letters_is_its_owners_and_is_written_down(settings: Settings, log: Database, tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    done = run(settings, "messages", "--campaign", "ab969", "--state", "failed", "--with-people", "--out", path)
    assert (done.exit_code, done.stdout) == (0, f"1 row: {path}\n")
    assert "Messages" not in done.stderr  # no bar where nobody looks
    assert [(row["name"], row["state"]) for row in table(path)] == [("Mai 1", "failed")]
    assert path.stat().st_mode & 0o077 == 0
    with log.read() as session:
        details = {"format": "csv", "people": 1, "count": 1, "filter": ["campaign=ab969", "state=failed"]}
        assert audited(session) == [(None, "exported", "export messages", details)]


def test_days_are_the_campaigns_own(settings: Settings, log: Database, tmp_path: Path) -> None:
    assert NOW.isoformat() == "2026-03-04T15:12:05+00:00"  # 9:12 in Chicago
    path = tmp_path / "letters.csv"
    for since, count in (("2026-03-04T09:12", 2), ("2026-03-04T09:13", 0)):
        assert run(settings, "messages", "--campaign", "ab969", "--since", since, "--out", path).exit_code == 0
        assert len(table(path)) == count
    for until, count in (("2026-03-04T15:12", 0), ("2026-03-04T15:13", 2)):
        assert run(settings, "actions", "--until", until, "--out", path).exit_code == 0
        assert len(table(path)) == count


def test_without_a_file_it_is_written_to_standard_output(settings: Settings, log: Database) -> None:
    done = run(settings, "supporters", "--format", "jsonl")
    assert done.exit_code == 0
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["name"] == "Mai 0"
    assert "1 row: standard output" in done.stderr


def test_the_columns_are_those_of_the_program_named(settings: Settings, log: Database, tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    assert run(settings, "supporters", "--columns", "mailchimp", "--out", path).exit_code == 0
    assert [(row["Email Address"], row["Last Name"]) for row in table(path)] == [("mai@example.org", "0")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("messages", "--campaign", "none"), 'There is no campaign "none".'),
        (("actions", "--since", "0001-01-01", "--campaign", "east"), "0001-01-01 is too far away."),
        (("actions", "--since", "0000-01-01"), "does not match the format"),
        (("messages", "--state", "lost"), "'lost' is not one of"),
        (("actions", "--out", "/nowhere/at/all.csv"), "The file cannot be written: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    settings: Settings, log: Database, arguments: tuple[str, ...], sentence: str
) -> None:
    with log.write() as session:
        sample_campaign(session, slug="east", timezone="Asia/Kolkata")
    done = run(settings, *arguments)
    assert done.exit_code != 0
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(
    settings: Settings, log: Database, tmp_path: Path
) -> None:
    path = tmp_path / "letters.csv"
    path.write_text("older")
    assert run(settings, "messages", "--campaign", "none", "--out", path).exit_code == 1
    assert path.read_text() == "older"
    assert run(settings, "messages", "--out", path).exit_code == 0
    assert len(table(path)) == 2
    assert list(tmp_path.iterdir()) == [path]
