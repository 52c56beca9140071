"""One supporter on the command line."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from actionmail.cli.privacy.supporters import supporters
from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.settings import Settings
from tests.any_state import any_state
from tests.audit import audited
from tests.samples import sample_action, sample_campaign, sample_legislators, sample_message, sample_petition

TOKEN = "Ab-_" * 10 + "xyz"


@pytest.fixture(autouse=True)
def number(database: Database) -> int:
    with database.write() as session:
        campaign = sample_campaign(session)
        wrote = sample_action(session, campaign, receipt_token=TOKEN)
        first, second, _ = sample_legislators(session)
        sample_message(session, wrote, first, campaign.letters[0])
        sample_message(session, wrote, second, campaign.letters[0], state="accepted")
        sample_action(session, sample_petition(session), name="Tou Other", email="tou@example.org")
        return wrote.id


def run(settings: Settings, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(supporters, list(arguments), obj=settings, input=given)


@pytest.mark.parametrize(
    "arguments",
    [
        ("MAI@example.org",),
        ("--name", "mai"),
        ("--receipt", TOKEN),
        ("--receipt", f"https://x.example/receipts/{TOKEN}"),
    ],
)
def test_somebody_is_found(settings: Settings, database: Database, arguments: tuple[str, ...]) -> None:
    result = run(settings, "find", *arguments)
    assert (result.exit_code, result.output) == (
        0,
        "1\t2026-03-04 15:12\tKeep armed police out of Wisconsin's schools\tMai Example\tmai@example.org\n",
    )
    with database.read() as session:
        ((by, _, on, details),) = audited(session, "supporters_listed")
    assert (by, on, details["count"]) == (None, "page supporters", 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("find", "nobody@example.org"), "Nobody fits."),
        (("find", "nobody"), 'This e-mail address has no "@"'),
        (("find", "--name", "\x00"), "Nobody fits."),
        (("find", "--receipt", "x"), "Nobody fits."),
        (("find",), "Give one of ADDRESS, --name and --receipt."),
        (("find", "a@example.org", "--name", "b"), "Give one of ADDRESS, --name and --receipt."),
        (("export", "nobody@example.org"), "Nobody fits."),
        (("export", "mai@example.org", "--out", "/nowhere/at/all.json"), "The file cannot be written"),
        (("erase", "nobody@example.org"), "Nobody fits."),
        (("erase", "mai@example.org", "--reason", "mai@example.org"), "Invalid value for '--reason'"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(settings: Settings, arguments: tuple[str, ...], sentence: str) -> None:
    result = run(settings, *arguments)
    assert result.exit_code in (1, 2)
    assert sentence in result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)


def test_all_that_is_kept_is_printed_or_written(settings: Settings, database: Database, tmp_path: Path) -> None:
    printed = run(settings, "export", "mai@example.org")
    assert printed.exit_code == 0
    assert [action["name"] for action in json.loads(printed.output)["actions"]] == ["Mai Example"]
    out = tmp_path / "mai.json"
    written = run(settings, "export", "mai@example.org", "--out", str(out))
    assert (written.exit_code, written.output) == (0, f"Written: {out}\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text())["actions"] == json.loads(printed.output)["actions"]
    with database.read() as session:
        assert len(audited(session, "supporter_exported")) == 2


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Action.name).order_by(Action.id)))


def test_erasing_says_what_and_where_and_asks(settings: Settings, database: Database) -> None:
    refused = run(settings, "erase", "mai@example.org", given="n\n")
    assert refused.exit_code == 1
    assert (
        "1 action; 1 letter not sent, and never to be; 1 letter handed over, and not to be called back."
        in refused.output
    )
    assert f"In {settings.database_url}. Erase it for good?" in refused.output
    assert names(database) == ["Mai Example", "Tou Other"]
    done = run(settings, "erase", "mai@example.org", given="y\n")
    assert done.exit_code == 0
    assert done.output.endswith("Erased: 1 action. 1 letter that had not left will not be sent.\n")
    assert names(database) == ["", "Tou Other"]
    assert run(settings, "erase", "mai@example.org", "--yes").exit_code == 1


def test_erasing_can_go_without_a_question(settings: Settings, database: Database) -> None:
    done = run(settings, "erase", "mai@example.org", "--yes", "--reason", "misuse")
    assert (done.exit_code, done.output) == (0, "Erased: 1 action. 1 letter that had not left will not be sent.\n")
    with database.read() as session:
        ((by, _, _, details),) = audited(session, "supporter_erased")
    assert (by, details["reason"]) == (None, "misuse")


def test_a_letter_on_the_wire_is_waited_for(settings: Settings, database: Database) -> None:
    with database.write() as session, any_state(session):
        message = session.scalars(select(Message)).first()
        assert message is not None
        message.state, message.lease_until = "sending", datetime.now(UTC) + timedelta(minutes=5)
    result = run(settings, "erase", "mai@example.org", "--yes")
    assert result.exit_code == 1
    assert "Nothing was erased: letter 1 is being handed to the mail server at this moment." in result.output
    assert names(database) == ["Mai Example", "Tou Other"]
