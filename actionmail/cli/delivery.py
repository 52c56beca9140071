"""The commands that run delivery: the worker, the queue, and the local inbox for trying things out."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.db.engine import Database
from actionmail.flows.deliver import Pace, Worker, count_states, run_once, run_worker
from actionmail.gateways.loopback import forbid_other_hosts
from actionmail.gateways.smtp import SmtpRelay
from actionmail.rules.delivery import MEANINGS, State
from actionmail.settings import Settings


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due now, then end.")
@click.option("--batch", default=200, show_default=True, type=click.IntRange(1, 1000), help="Letters claimed at once.")
@click.option(
    "--connections",
    default=1,
    show_default=True,
    type=click.IntRange(1, 20),
    envvar="ACTIONMAIL_SMTP_CONNECTIONS",
    show_envvar=True,
    help="Connections kept to the mail server.",
)
@click.pass_obj
def worker(settings: Settings, once: bool, batch: int, connections: int) -> None:
    """Hand queued letters to the mail server named by ACTIONMAIL_SMTP_URL.

    Runs until it gets SIGTERM or Ctrl-C; then it finishes the letters on the wire, records them, and gives the rest of
    its batch back to the queue. Should it be killed instead, the next worker recovers what it left.

    A letter that the server cannot take yet is tried again after 30 minutes, 1, 2, 4 and then every 8 hours, for 96
    hours or until the campaign's deadline. When the server itself is out of order (no connection, a bad certificate, a
    refused password), no letter uses up a try: the worker waits, longer each time, and says so in one line.

    On SQLite run one worker. On PostgreSQL run as many as you like, on as many machines as you like.

    With --once it exits with status 1 if the mail server was out of order.
    """
    settings.for_worker()
    assert settings.relay is not None
    if settings.loopback_only:
        forbid_other_hosts()
    database = _ready_database(settings)
    relay = SmtpRelay(settings.relay, hello=settings.mail_domain or socket.gethostname(), sessions=connections)
    with _stopped_by_signals() as stop:
        this = Worker(
            name=f"{socket.gethostname()}:{os.getpid()}"[:120],
            write=database.write,
            relay=relay,
            clock=_now,
            wait=stop.wait,
            say=click.echo,
            jitter=random.random,
            pace=Pace(batch=batch),
        )
        click.echo(f"worker {this.name} delivers to {settings.relay.host}:{settings.relay.port}")
        try:
            if once:
                _until_empty(this)
            else:
                run_worker(this)
        finally:
            relay.close()
            database.engine.dispose()
    if stop.is_set():
        click.echo("stopped; nothing is left half done")


def _until_empty(this: Worker) -> None:
    total = 0
    while True:
        done = run_once(this)
        total += done.claimed
        if done.claimed:
            click.echo(str(done))
        if done.trouble:
            raise click.ClickException(done.trouble.sentence)
        if done.stopped or not done.claimed:
            break
    if not total:
        click.echo("no letter is due")


@click.group()
def queue() -> None:
    """Look into the queue of letters."""


@queue.command()
@click.pass_obj
def status(settings: Settings) -> None:
    """How many letters are in which state, and what each state means."""
    database = _ready_database(settings)
    with database.read() as session:
        counts = count_states(session)
    for state in State:
        if counts.get(state):
            click.echo(f"{counts[state]:>9}  {state:<12} {MEANINGS[state]}")
    if not counts:
        click.echo("there is no letter yet")


@click.command()
@click.option("--smtp-port", default=1025, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--http-port", default=8025, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option(
    "--folder",
    default=Path("inbox"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the letters are kept, one .eml file each; made if it is not there.",
)
def inbox(smtp_port: int, http_port: int, folder: Path) -> None:
    """A mail server for trying things out: it keeps every letter, sends none on, and shows them in the browser.

    It listens on 127.0.0.1 only. Point the worker at it with ACTIONMAIL_SMTP_URL=smtp://127.0.0.1:1025 and open
    http://127.0.0.1:8025 to read. Ctrl-C ends it; the letters stay in the folder.
    """
    from actionmail.gateways.inbox import InboxError, open_inbox  # here: the worker needs no web
    from actionmail.web.inbox import create_inbox, serve_inbox

    forbid_other_hosts()
    try:
        with (
            _stopped_by_signals() as stop,
            open_inbox(folder, port=smtp_port, clock=_now) as opened,
            serve_inbox(create_inbox(opened.letters, opened.letter), port=http_port) as url,
        ):
            click.echo(f"letters for smtp://127.0.0.1:{opened.port} are shown at {url}")
            stop.wait()
    except InboxError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"Port {http_port} on 127.0.0.1 cannot be used ({error.strerror}); choose another with --http-port."
        ) from None


def _ready_database(settings: Settings) -> Database:
    database = Database(settings.database_url)
    if not database.is_current():
        raise click.ClickException("The database's tables are missing or old; run `actionmail migrate`.")
    return database


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, instead of ending the process in the middle of a letter."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
