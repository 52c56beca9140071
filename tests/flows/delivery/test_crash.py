"""Workers that are killed with -9, as real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import IO

import pytest
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import Worker, count_states, run_once, supporter_mail
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.states import State
from actionmail.settings import RelayAddress
from tests.any_state import any_state
from tests.gateways.scripted_smtp import SILENCE, Script, ScriptedServer, scripted_server
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message

pytestmark = pytest.mark.slow  # workers as processes of their own

_MINUTES = 300.0  # seconds: for what would hang otherwise


def fill(database: Database, letters: int) -> list[int]:
    now = datetime.now(UTC)
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session)
        return [
            sample_message(
                session,
                sample_action(session, campaign, email=f"mai{number}@example.org"),
                legislator,
                campaign.letters[0],
                next_attempt_at=now,
                expires_at=now + timedelta(hours=96),
            ).id
            for number in range(letters)
        ]


def start_worker(
    database: Database, server: ScriptedServer, *options: str, log: int | IO[str] = subprocess.PIPE, **settings: str
) -> subprocess.Popen[str]:
    """The command as a real process, which writes its lines to `log`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")}
    environment |= {
        "ACTIONMAIL_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        **settings,
    }
    command = [
        sys.executable,
        "-c",
        "from actionmail.cli import main; main()",
        "worker",
        "--target-hour",
        "0",
        *options,
    ]
    return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=_MINUTES)


def after_restart(database: Database, server: ScriptedServer, *, minutes: float) -> None:
    """What a worker does that starts so many minutes later."""
    relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=server.port, tls="none"), hello="client.example")
    later = datetime.now(UTC) + timedelta(minutes=minutes)
    worker = Worker(
        name="restarted:1",
        write=database.write,
        relay=relay,
        clock=lambda: later,
        wait=threading.Event().wait,
        say=lambda line: None,
        jitter=lambda: 0.0,
    )
    while run_once(worker).claimed:
        pass
    relay.close()


def signalling(verb: str, answer: bytes | None) -> tuple[threading.Event, Callable[[str, str], bytes | None]]:
    """An event that is set when the server first gets `verb`, which it then answers with `answer`."""
    reached = threading.Event()

    def decide(got: str, _argument: str) -> bytes | None:
        if got != verb or reached.is_set():
            return None
        reached.set()
        return answer

    return reached, decide


def states(database: Database, id_: int) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Event.to_state).where(Event.message_id == id_).order_by(Event.id)))


def test_a_worker_killed_before_the_letter_was_on_the_wire_costs_nothing(any_database: Database) -> None:
    (id_,) = fill(any_database, 1)
    reached, decide = signalling("CONNECT", SILENCE)
    with scripted_server(Script(answer=decide)) as server:
        process = start_worker(any_database, server)
        assert reached.wait(_MINUTES)
        kill(process)
        assert server.taken == []
        after_restart(any_database, server, minutes=6)
        assert len(server.taken) == 1
    assert states(any_database, id_) == ["sending", "deferred", "sending", "accepted"]
    with any_database.read() as session:
        assert session.scalars(select(Message.possible_duplicate)).one() is False


def test_a_worker_killed_before_the_answer_to_the_dot_leaves_an_ambiguous_letter(any_database: Database) -> None:
    (id_,) = fill(any_database, 1)
    reached, decide = signalling("BODY", SILENCE)
    with scripted_server(Script(answer=decide)) as server:
        process = start_worker(any_database, server)
        assert reached.wait(_MINUTES)
        kill(process)
        after_restart(any_database, server, minutes=6)
        assert server.taken == []  # the lease of a letter on the wire is a longer one
        after_restart(any_database, server, minutes=21)
        assert len(server.taken) == 1
        assert len(set(server.bodies)) == 1
    assert states(any_database, id_) == ["sending", "ambiguous", "sending", "accepted"]
    with any_database.read() as session:
        assert session.scalars(select(Message.possible_duplicate)).one() is True


def test_a_worker_killed_while_it_asks_a_supporter_leaves_the_mail_to_the_next(any_database: Database) -> None:
    (id_,) = fill(any_database, 1)
    now = datetime.now(UTC)
    with any_database.write() as session, any_state(session):
        session.get_one(Message, id_).state = State.UNCONFIRMED
        supporter_mail.put(
            session, supporter_mail.Kind.ASK, message_id=id_, recipient="mai@example.org", raw=b"Hello\r\n", due=now
        )
    reached, decide = signalling("BODY", SILENCE)
    with scripted_server(Script(answer=decide)) as server:
        process = start_worker(any_database, server, ACTIONMAIL_FROM_ADDRESS="letters@act.example.org")
        assert reached.wait(_MINUTES)
        kill(process)
        relay = SmtpRelay(RelayAddress(host="127.0.0.1", port=server.port, tls="none"), hello="client.example")
        sent = [
            supporter_mail.send(any_database.write, relay, from_address="letters@act.example.org", now=now + wait)[0]
            for wait in (timedelta(minutes=29), timedelta(minutes=35), timedelta(hours=9))
        ]
        relay.close()
        assert (sent, len(server.taken)) == ([0, 1, 0], 1)
    assert states(any_database, id_) == ["unconfirmed"]


def test_sigterm_finishes_the_letters_on_the_wire(any_database: Database) -> None:
    fill(any_database, 60)
    reached, decide = signalling("BODY", None)
    with scripted_server(Script(answer=decide)) as server:
        process = start_worker(any_database, server)
        assert reached.wait(_MINUTES)
        process.terminate()
        output, _none = process.communicate(timeout=_MINUTES)
        assert process.returncode == 0
        taken = len(server.taken)
    assert "nothing is left half done" in output
    assert "@" not in re.sub("(?m)^In the database .*$", "", output)  # whose URL has one
    with any_database.read() as session:
        counts = count_states(session)
    assert counts.pop(State.ACCEPTED) == taken
    assert set(counts) <= {State.DEFERRED, State.QUEUED}


def test_once_delivers_what_is_due_and_ends(database: Database) -> None:
    fill(database, 3)
    with scripted_server() as server:
        output, _none = start_worker(database, server, "--once").communicate(timeout=_MINUTES)
    assert "3 claimed: 3 accepted" in output
    assert len(server.taken) == 3


@pytest.mark.parametrize("letters", [500])
def test_kills_at_random_moments_lose_no_letter_and_bound_the_duplicates(any_database: Database, letters: int) -> None:
    fill(any_database, letters)
    kills = 6
    with scripted_server() as server:
        for number in range(kills):
            goal = len(server.taken) + 17 + 7 * number
            process = start_worker(any_database, server, "--batch", "25")
            for _ in range(60_000):
                if len(server.taken) >= goal or process.poll() is not None:
                    break
                threading.Event().wait(0.005)
            kill(process)
        after_restart(any_database, server, minutes=6)
        after_restart(any_database, server, minutes=30)
        copies = Counter(taken.raw for taken in server.taken)
    with any_database.read() as session:
        assert count_states(session) == {State.ACCEPTED: letters}
        flagged = {row.return_path for row in session.scalars(select(Message).where(Message.possible_duplicate))}
    assert len(copies) == letters
    twice = {taken.sender for taken in server.taken if copies[taken.raw] > 1}
    assert twice <= flagged
    assert max(copies.values()) <= 2
    assert len(flagged) <= kills * 25
