"""A letter goes out through a real Postfix, and comes back as the delivery report that Postfix writes."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event
from actionmail.rules.delivery.states import may_follow
from tests.conftest import lent
from tests.letters_out import NAME, RETURN_PATH, actionmail, environment, queue_letter, state_of
from tests.postfix import Postfix, private_postfix

pytestmark = pytest.mark.slow  # a mail server of its own


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    yield from lent(private_postfix(), "NO LETTER WENT THROUGH A REAL MAIL SERVER")


def test_a_letter_in_utf8_comes_back_from_a_real_postfix_and_is_bounced(
    database: Database, sqlite_url: str, postfix: Postfix
) -> None:
    id_ = queue_letter(database)
    env = environment(sqlite_url, postfix.port)

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
    env = environment(sqlite_url, postfix.port)
    answer = EmailMessage()
    answer["From"] = "Aide Example <aide@legis.example>"
    answer["To"] = RETURN_PATH
    answer["Subject"] = f"Re: {NAME}"
    answer.set_content(f"Dear {NAME},\n\nthank you. You wrote from {RETURN_PATH}.\n")
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=300) as client:
        client.send_message(answer, from_addr="aide@legis.example", to_addrs=[RETURN_PATH])

    postfix.arrived(postfix.returns)
    said = actionmail("inbound", "--maildir", str(postfix.returns), env=env)
    assert f"reply: letter {id_}, passed on" in said

    (passed,) = postfix.arrived(postfix.supporters)
    got = message_from_bytes(passed.read_bytes(), policy=default)
    assert got["Reply-To"] == "aide@legis.example"
    assert got["Subject"] == f"Answer to your letter: Re: {NAME}"
    assert got["Auto-Submitted"] == "auto-generated"
    assert f"Dear {NAME}" in got.get_content()
    assert RETURN_PATH.partition("@")[0][2:] not in passed.read_text()
