"""A letter goes out through a real Postfix, and comes back as the delivery report that Postfix writes."""

from __future__ import annotations

import hashlib
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.rules.delivery.envelope import Parts, freeze
from actionmail.rules.delivery.states import may_follow
from actionmail.rules.delivery.tokens import new_message_id, verp_address
from tests.conftest import unavailable
from tests.postfix import NoPostfix, Postfix, private_postfix
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message

SECRET = "0123456789abcdef" * 4
NAME = "សុខា វណ្ណា Example"
KEY = "khmer0123456789abcdef01234"


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    try:
        with private_postfix() as running:
            yield running
    except NoPostfix as error:
        unavailable(f"NO LETTER WENT THROUGH A REAL MAIL SERVER: {error}")


def environment(url: str, postfix: Postfix) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ACTIONMAIL_DATABASE_URL": url,
        "ACTIONMAIL_SECRET_KEY": SECRET,
        "ACTIONMAIL_BASE_URL": "http://127.0.0.1:8000",
        "ACTIONMAIL_ORGANISATION": "Example Org",
        "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{postfix.port}",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }


def actionmail(*arguments: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "actionmail.cli", *arguments],
        env=env,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def queue_letter(database: Database) -> int:
    """A letter of a supporter with a Khmer name, frozen as the action page freezes it."""
    now = datetime.now(UTC)
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session, email="nobody.here@legis.example")
        action = sample_action(session, campaign, name=NAME, email="mai@example.org", created_at=now)
        message_id = new_message_id(KEY, "act.example.org")
        parts = Parts(
            organisation="Example Org",
            from_address="letters@act.example.org",
            supporter_name=NAME,
            supporter_email="mai@example.org",
            recipient_name="Representative Lara Sample",
            recipient="nobody.here@legis.example",
            subject="Oppose AB 969 - a constituent in 53703",
            text=f"Dear Representative Sample,\n\nខ្ញុំសូមស្នើឱ្យលោកស្រីបោះឆ្នោតប្រឆាំង។\n\nSincerely,\n{NAME}",
            message_id=message_id,
            date=now,
            verify_url="http://127.0.0.1:8000/v/x",
        )
        raw = freeze(parts)
        message = sample_message(
            session,
            action,
            legislator,
            campaign.letters[0],
            message_id=message_id,
            return_path=verp_address(KEY, SECRET, "act.example.org"),
            created_at=now,
            updated_at=now,
            next_attempt_at=now - timedelta(seconds=1),
            expires_at=now + timedelta(hours=96),
        )
        session.get_one(FrozenLetter, message.id).raw = raw
        message.sha256 = hashlib.sha256(raw).hexdigest()
        return message.id


def state_of(database: Database, id_: int) -> str:
    with database.read() as session:
        return session.get_one(Message, id_).state


def test_a_letter_in_utf8_comes_back_from_a_real_postfix_and_is_bounced(
    database: Database, sqlite_url: str, postfix: Postfix
) -> None:
    id_ = queue_letter(database)
    env = environment(sqlite_url, postfix)

    actionmail("worker", "--once", env=env)
    assert state_of(database, id_) == "accepted"

    (report,) = postfix.arrived(postfix.returns)
    raw = report.read_bytes()
    read = message_from_bytes(raw, policy=default)
    assert read.get_content_type() == "multipart/report"
    assert b"Return-Path: <>" in raw
    (headers,) = (part for part in read.walk() if part.get_content_type() == "text/rfc822-headers")
    ours = message_from_bytes(headers.get_payload(decode=True))
    assert str(make_header(decode_header(ours["From"]))) == f"{NAME} via Example Org <letters@act.example.org>"

    said = actionmail("inbound", "--maildir", str(postfix.returns), env=env)
    assert f"bounce 5.1.1: letter {id_}, accepted -> bounced" in said
    assert state_of(database, id_) == "bounced"
    with database.read() as session:
        steps = list(session.scalars(select(Event).where(Event.message_id == id_).order_by(Event.id)))
    assert [step.to_state for step in steps] == ["sending", "accepted", "bounced"]
    assert all(may_follow(step.from_state, step.to_state) for step in steps)
    assert (steps[-1].smtp_code, steps[-1].enhanced) == (550, "5.1.1")
    assert "User unknown" in steps[-1].text
    assert not any((postfix.returns / "new").iterdir())

    assert "no new mail" in actionmail("inbound", "--maildir", str(postfix.returns), env=env)


def test_an_answer_through_a_real_postfix_reaches_the_supporter(
    database: Database, sqlite_url: str, postfix: Postfix
) -> None:
    id_ = queue_letter(database)
    env = environment(sqlite_url, postfix)
    return_path = verp_address(KEY, SECRET, "act.example.org")
    answer = EmailMessage()
    answer["From"] = "Aide Example <aide@legis.example>"
    answer["To"] = return_path
    answer["Subject"] = f"Re: {NAME}"
    answer.set_content(f"Dear {NAME},\n\nthank you. You wrote from {return_path}.\n")
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=300) as client:
        client.send_message(answer, from_addr="aide@legis.example", to_addrs=[return_path])

    postfix.arrived(postfix.returns)
    said = actionmail("inbound", "--maildir", str(postfix.returns), env=env)
    assert f"reply: letter {id_}, passed on" in said

    (passed,) = postfix.arrived(postfix.supporters)
    got = message_from_bytes(passed.read_bytes(), policy=default)
    assert got["Reply-To"] == "aide@legis.example"
    assert got["Subject"] == f"Answer to your letter: Re: {NAME}"
    assert got["Auto-Submitted"] == "auto-generated"
    assert f"Dear {NAME}" in got.get_content()
    assert return_path.partition("@")[0][2:] not in passed.read_text()
