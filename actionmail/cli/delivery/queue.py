"""The commands that run delivery: the worker, the queue, and the local inbox for trying things out."""

from __future__ import annotations

import getpass
import os
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from actionmail.cli.delivery.periodic_tasks import periodic_tasks
from actionmail.cli.platform.database import ready_database
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.db.throttles import Switch
from actionmail.flows.delivery import (
    Worker,
    WorkerSettings,
    cancel,
    count_cancellable,
    count_states,
    do_periodic_tasks,
    pause,
    resume,
    run_once,
    run_worker,
    slowed,
    switches,
)
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.rules.delivery.dkim import KeyRefused, Signer, read_signer, signing_with
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor, ActorKind
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from actionmail.web.review.words import STATE_WORDS


class _Hours(click.ParamType[tuple[int, int]]):
    name = "FROM-TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        first, dash, end = str(value).partition("-")
        if dash and first.isdecimal() and end.isdecimal() and int(first) <= 24 and int(end) <= 24:
            return int(first) % 24, int(end)
        self.fail(f"{value!r} is not like 8-18", param, ctx)


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
@click.option(
    "--target-hour",
    default=30,
    show_default=True,
    type=click.IntRange(0, 100_000),
    envvar="ACTIONMAIL_TARGET_HOUR",
    show_envvar=True,
    help="Letters to one legislator in any hour, half of them at once; 0: no limit.",
)
@click.option(
    "--campaign-hour",
    default=0,
    show_default=True,
    type=click.IntRange(0, 10_000_000),
    envvar="ACTIONMAIL_CAMPAIGN_HOUR",
    show_envvar=True,
    help="Letters of one campaign in any hour; 0: no limit.",
)
@click.option(
    "--domain-minute",
    default=0,
    show_default=True,
    type=click.IntRange(0, 100_000),
    envvar="ACTIONMAIL_DOMAIN_MINUTE",
    show_envvar=True,
    help="Letters to one mail domain in any minute; 0: no limit, as fits a relay. Sending directly, 20 is right.",
)
@click.option(
    "--hours",
    type=_Hours(),
    envvar="ACTIONMAIL_SENDING_HOURS",
    show_envvar=True,
    help="Send only then, as 8-18 by the clock of the campaign's place; unset: at any hour.",
)
@click.option(
    "--dkim",
    "dkim_keys",
    multiple=True,
    metavar="SELECTOR:FILE",
    envvar="ACTIONMAIL_DKIM",
    show_envvar=True,
    help="Sign each letter with this private key (PEM; RSA or Ed25519); several make several signatures. Leave it out "
    "where the mail server signs.",
)
@click.pass_obj
def worker(
    settings: Settings,
    once: bool,
    batch: int,
    connections: int,
    target_hour: int,
    campaign_hour: int,
    domain_minute: int,
    hours: tuple[int, int] | None,
    dkim_keys: tuple[str, ...],
) -> None:
    """Hand queued letters to the mail server named by ACTIONMAIL_SMTP_URL.

    Runs until it gets SIGTERM or Ctrl-C; then it finishes the letters on the wire, records them, and gives the rest of
    its batch back to the queue. Should it be killed instead, the next worker recovers what it left.

    A letter that the server cannot take yet is tried again after 30 minutes, 1, 2, 4 and then every 8 hours, for 96
    hours or until the campaign's deadline. When the server itself is out of order (no connection, a bad certificate, a
    refused password), no letter uses up a try: the worker waits, longer each time, and says so in one line.

    Legislators take turns: a campaign with a hundred thousand letters does not keep another's ten waiting. The limits
    below are kept in the database, so they hold for all workers together; give every worker the same. `actionmail queue
    pause` stops letters without a restart.

    A full disk, or a database that is locked, read-only or away, makes it wait and never end, also at its start; what
    it has in hand by then is written down as soon as it can be. With --once it does not wait for its start.

    Now and then it also forgets what supporters typed more than a day ago and never sent, settles letters of which
    nothing was heard for 72 hours (both hourly), and passes offices' answers on to supporters (every minute).
    With --once it does each of these once.

    On SQLite run one worker. On PostgreSQL run as many as you like, on as many machines as you like.

    With --once it exits with status 1 if the mail server was out of order.
    """
    settings.for_worker()
    assert settings.relay is not None
    if settings.loopback_only:
        forbid_other_hosts()
    signers = [_signer(given, settings.for_letters().mail_domain) for given in dkim_keys]
    relay = SmtpRelay(settings.relay, hello=settings.mail_domain or socket.gethostname(), sessions=connections)
    with _stopped_by_signals() as stop:
        database = ready_database(settings) if once else _database_in_time(settings, stop.wait)
        if database is None:
            return
        sign = signing_with(signers) if signers else None
        this = Worker(
            name=f"{socket.gethostname()}:{os.getpid()}"[:120],
            write=database.write,
            relay=relay,
            clock=_now,
            wait=stop.wait,
            say=click.echo,
            jitter=random.random,
            settings=WorkerSettings(batch=batch),
            sign=sign,
            periodic_tasks=periodic_tasks(
                database, relay, from_address=settings.from_address, clock=_now, say=click.echo, sign=sign
            ),
            limits=Limits(
                target_hour=target_hour, campaign_hour=campaign_hour, domain_minute=domain_minute, hours=hours
            ),
        )
        for signer in signers:
            click.echo(f"signs with {signer.algorithm}; {signer.selector}._domainkey.{signer.domain}: {signer.record}")
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


def _database_in_time(settings: Settings, wait: Callable[[float], bool]) -> Database | None:
    """The database, waited for while it is away or cannot be written; None if told to stop meanwhile."""
    pause = 0.0
    while not wait(pause):
        try:
            return ready_database(settings)
        except (OperationalError, InterfaceError) as error:
            pause = min(max(pause * 2, 1.0), 30.0)
            click.echo(f"the database cannot be used yet, next look in {pause:.0f} s: {error.orig}")
    return None


def _signer(given: str, domain: str) -> Signer:
    selector, _colon, name = given.partition(":")
    try:
        return read_signer(selector, domain, Path(name).read_bytes())
    except KeyRefused as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"The DKIM key {name or given} cannot be read: {error.strerror}.") from None


def _until_empty(this: Worker) -> None:
    do_periodic_tasks(this, {number: this.clock() for number in range(len(this.periodic_tasks))})
    total = cursor = 0
    while True:
        done = run_once(this, after=cursor)
        cursor = done.cursor
        total += done.claimed
        if done.claimed:
            click.echo(str(done))
        if done.trouble:
            raise click.ClickException(done.trouble.sentence)
        if done.stopped or not done.claimed:
            break
    if not total:
        click.echo("no letter may go right now; `actionmail queue status` tells what is waiting")


_SCOPES = (
    click.option("--all", "everything", is_flag=True, help="Every letter."),
    click.option("--campaign", metavar="SLUG", help="The letters of one campaign, by its name in the address."),
    click.option("--domain", metavar="DOMAIN", help="Letters to addresses at one mail domain."),
    click.option("--target", metavar="NUMBER", type=int, help="Letters to one legislator, by number."),
)


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SCOPES):
        command = option(command)
    return command


@click.group()
def queue() -> None:
    """Look into the queue of letters, and stop letters.

    A pause keeps letters waiting until `resume`; `cancel` ends them for good. Workers heed both at their next batch,
    with no restart. A worker pauses a domain by itself when its mail server refuses a letter by policy (5.7.x), and a
    legislator when two different supporters' letters met an address that does not exist; look at the reason, mend what
    is wrong, then resume.
    """


@queue.command()
@click.pass_obj
def status(settings: Settings) -> None:
    """How many letters are in which state and what each state means, what is paused and why, and what is slowed."""
    database = ready_database(settings)
    with database.read() as session:
        counts = count_states(session)
        stops = [(_describe(session, stop), stop) for stop in switches(session)]
        slow = slowed(session, now=_now())
    for state in State:
        if counts.get(state):
            click.echo(f"{counts[state]:>9}  {state:<12} {STATE_WORDS[state]}")
    if not counts:
        click.echo("there is no letter yet")
    for what, stop in stops:
        click.echo(f"paused: {what}, since {stop.at:%Y-%m-%d %H:%M} UTC by {stop.actor}: {stop.reason}")
    for domain, times in slow.items():
        click.echo(f"slowed: {domain} asked for it; its rate is halved {times} times, once less every hour")


@queue.command(name="pause")
@_scoped
@click.option("--reason", required=True, help="Kept, and shown to whoever looks.")
@click.pass_obj
def pause_command(settings: Settings, /, reason: str, **which: Any) -> None:
    """Keep letters waiting: all, or those of a campaign, a domain or a legislator."""
    with ready_database(settings).write() as session:
        scope, key = _one_scope(session, **which)
        if pause(session, scope, key, reason=reason, actor=_person(), now=_now()):
            click.echo("paused; workers heed it at their next batch")
        else:
            click.echo("it was paused already; the first reason stands")


@queue.command(name="resume")
@_scoped
@click.pass_obj
def resume_command(settings: Settings, /, **which: Any) -> None:
    """Let paused letters go again.

    A legislator's address is trusted again with it: what failed there before counts no longer.
    """
    with ready_database(settings).write() as session:
        scope, key = _one_scope(session, **which)
        click.echo("resumed" if resume(session, scope, key) else "it was not paused")


@queue.command(name="cancel")
@_scoped
@click.option("--reason", required=True, help="Kept in each letter's history.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def cancel_command(settings: Settings, /, reason: str, yes: bool, **which: Any) -> None:
    """End the waiting of letters for good. What is on the wire, or may have been sent, is left alone."""
    database = ready_database(settings)
    with database.read() as session:
        scope, key = _one_scope(session, **which)
        count = count_cancellable(session, scope, key)
    if count and not yes:
        click.confirm(f"Cancel {count} letters for good?", abort=True)
    with database.write() as session:
        count = cancel(session, scope, key, reason=reason, actor=_operator(), now=_now())
    click.echo(f"{count} letters cancelled")


def _one_scope(
    session: Session, *, everything: bool, campaign: str | None, domain: str | None, target: int | None
) -> tuple[Scope, str]:
    given = [name for name, value in (("a", everything), ("c", campaign), ("d", domain), ("t", target)) if value]
    if len(given) != 1:
        raise click.UsageError("Name exactly one of --all, --campaign, --domain and --target.")
    if campaign:
        found = session.scalars(select(Campaign.id).where(Campaign.slug == campaign)).one_or_none()
        if found is None:
            raise click.ClickException(f"There is no campaign {campaign}.")
        return Scope.CAMPAIGN, str(found)
    if target:
        if session.get(Legislator, target) is None:
            raise click.ClickException(f"There is no legislator with the number {target}.")
        return Scope.TARGET, str(target)
    return (Scope.DOMAIN, domain.lower()) if domain else (Scope.ALL, "")


def _describe(session: Session, stop: Switch) -> str:
    """A stop in the words of the command that takes it away."""
    if stop.scope == Scope.CAMPAIGN:
        slug = session.scalars(select(Campaign.slug).where(Campaign.id == int(stop.key))).one_or_none()
        return f"--campaign {slug}"
    return f"--{stop.scope} {stop.key}".strip()


def _person() -> str:
    return f"command line, {getpass.getuser()}"[:120]


def _operator() -> Actor:
    return Actor(kind=ActorKind.COMMAND_LINE, id=getpass.getuser())


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
    from actionmail.gateways.mail.maildir_server import InboxError, open_inbox  # here: the worker needs no web
    from actionmail.web.review.inbox import create_inbox, serve_inbox

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
