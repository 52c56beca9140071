"""The command `inbound`."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from actionmail.cli import TRY_AGAIN_LATER, main
from actionmail.cli.delivery.inbound import inbound
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.privacy.erasure import erase
from actionmail.rules.delivery.tokens import verp_address
from actionmail.settings import Settings
from tests import returned
from tests.any_state import any_state
from tests.gateways.imap_server import imap_server
from tests.returned import TO, mail, report
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message

RECEIPT = "r" * 43


@pytest.fixture
def path(database: Database, settings: Settings) -> str:
    """The return path of one accepted letter."""
    now = datetime.now(UTC)
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session, email=TO)
        action = sample_action(session, campaign, receipt_token=RECEIPT)
        message = sample_message(
            session, action, legislator, campaign.letters[0], state="accepted", created_at=now, updated_at=now
        )
        return verp_address(message.message_id[4:30], settings.secret_key, "act.example.org")


def run(settings: Settings, *arguments: str, given: bytes = b"", env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(inbound, list(arguments), obj=settings, input=given, env=env)


def state(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(Message.state)).one()


def test_a_mail_piped_in_is_recorded(settings: Settings, database: Database, path: str) -> None:
    raw = report("failed", "5.1.1", "550 no", to="somebody@act.example.org")
    result = run(settings, "--stdin", "--recipient", path, "--sender", "", given=raw)
    assert (result.exit_code, state(database)) == (0, "bounced")
    assert result.output == "bounce 5.1.1: letter 1, accepted -> bounced\n"


def test_a_mail_that_overtakes_the_worker_stays_with_the_mail_server(
    settings: Settings, database: Database, path: str
) -> None:
    with database.write() as session, any_state(session):
        session.execute(update(Message).values(state="sending"))
    raw = report("failed", "5.1.1", "550 no", to=path)
    assert run(settings, "--stdin", given=raw).exit_code == TRY_AGAIN_LATER


@pytest.mark.parametrize(
    ("wrong", "arguments"),
    [
        ({}, ["--recipient"]),  # a slip in the mail server's line
        ({"ACTIONMAIL_SECRET_KEY": ""}, []),
        ({"ACTIONMAIL_PROXIES": "one"}, []),
        ({"ACTIONMAIL_DATABASE_URL": "sqlite"}, []),
        ({"ACTIONMAIL_DATABASE_URL": "sqlite:////none/a.sqlite3"}, []),
        ({"ACTIONMAIL_CONFIG": "/none/actionmail.env"}, []),
    ],
)
def test_a_piped_mail_stays_with_the_mail_server_whatever_is_wrong_here(
    settings: Settings, wrong: dict[str, str], arguments: list[str]
) -> None:
    env = {
        "ACTIONMAIL_DATABASE_URL": settings.database_url,
        "ACTIONMAIL_SECRET_KEY": settings.secret_key,
        "ACTIONMAIL_FROM_ADDRESS": settings.from_address,
        **wrong,
    }
    result = CliRunner(env=env).invoke(main, ["inbound", "--stdin", *arguments], input=b"x")
    assert (result.exit_code, "Error:" in result.output) == (TRY_AGAIN_LATER, True)


def test_a_piped_mail_on_which_the_program_fails_stays_with_the_mail_server_and_the_fault_is_told(
    settings: Settings,
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if size:
                raise MemoryError("what somebody wrote")
            return b""  # the runner looks whether these are bytes

    env = {
        "ACTIONMAIL_DATABASE_URL": settings.database_url,
        "ACTIONMAIL_SECRET_KEY": settings.secret_key,
        "ACTIONMAIL_FROM_ADDRESS": settings.from_address,
    }
    result = CliRunner(env=env).invoke(main, ["inbound", "--stdin"], input=Broken())
    assert (result.exit_code, "MemoryError" in result.output) == (TRY_AGAIN_LATER, True)
    assert "what somebody wrote" not in result.output


def test_what_is_no_piped_mail_ends_as_ever() -> None:
    assert CliRunner(env={"ACTIONMAIL_SECRET_KEY": ""}).invoke(main, ["inbound", "--maildir", "x"]).exit_code == 1
    assert CliRunner().invoke(main, ["inbound", "--stdin", "--help"]).exit_code == 0


def test_a_maildir_is_read_and_a_postponed_mail_stays_new(
    settings: Settings, database: Database, path: str, tmp_path: Path
) -> None:
    box = tmp_path / "returns"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1").write_bytes(report("failed", "5.1.1", "550 no", to=path))
    (box / "new" / "2").write_bytes(b"Subject: spam\r\n\r\nbuy")
    with database.write() as session, any_state(session):
        session.execute(update(Message).values(state="sending"))
    result = run(settings, "--maildir", str(box))
    assert "1 not ours, 1 postponed" in result.output
    assert [found.name for found in (box / "new").iterdir()] == ["1"]
    with database.write() as session:
        session.execute(update(Message).values(state="accepted"))
    assert "accepted -> bounced" in run(settings, "--maildir", str(box)).output
    assert list((box / "new").iterdir()) == []
    assert len(list((box / "cur").iterdir())) == 2


def test_imap_is_read(settings: Settings, database: Database, path: str) -> None:
    raw = report("failed", "5.1.1", "550 no", to=path)
    with imap_server({5: raw}) as server:
        url = f"imap://returns@127.0.0.1:{server.port}/INBOX"
        assert "ACTIONMAIL_IMAP_PASSWORD" in run(settings, "--imap", url).output
        result = run(settings, "--imap", url, env={"ACTIONMAIL_IMAP_PASSWORD": "secret"})
        assert "accepted -> bounced" in result.output
        assert server.seen == {5}
    assert state(database) == "bounced"


def test_staff_are_told_what_to_look_at_without_anybodys_name(settings: Settings, path: str) -> None:
    result = run(settings, "--stdin", given=mail(returned.ABUSE, to=path))
    assert "LOOK: legis.example reports letter 1 as abuse. Its campaign is stopped." in result.output
    assert "mai" not in result.output.lower().replace("email", "").replace("campaign", "")


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("auth-failure", " See whether the mail domain's SPF"), ("opt-out", " Somebody there"), ("virus", "")],
)
def test_a_report_that_is_no_complaint_is_told(settings: Settings, path: str, kind: str, advice: str) -> None:
    raw = mail(returned.ABUSE, to=path).replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    output = run(settings, "--stdin", given=raw).output
    assert f"LOOK: legis.example reports {kind} of letter 1. Nothing is stopped.{advice}" in output


def test_answers_wait_without_a_relay_and_go_with_their_supporter(
    settings: Settings, database: Database, path: str
) -> None:
    assert "passed on" in run(settings, "--stdin", given=mail(returned.REPLY, to=path)).output
    with database.read() as session:
        assert len(session.scalars(select(SupporterMail)).all()) == 1
    with database.write() as session:
        assert erase(session, RECEIPT, now=datetime.now(UTC))
    with database.read() as session:
        assert session.scalars(select(SupporterMail)).all() == []


@pytest.mark.parametrize(
    "arguments", [[], ["--stdin", "--maildir", "x"], ["--maildir", "x", "--recipient", "a@b.example"]]
)
def test_one_place_must_be_named(settings: Settings, arguments: list[str]) -> None:
    assert run(settings, *arguments).exit_code == 2


def test_the_secret_must_be_there(settings: Settings) -> None:
    result = run(Settings(database_url=settings.database_url), "--maildir", "x")
    assert result.exit_code == 1
    assert "ACTIONMAIL_SECRET_KEY" in str(result.exception)
