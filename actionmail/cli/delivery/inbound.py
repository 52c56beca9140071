"""The command that reads what came back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from actionmail.cli import TRY_AGAIN_LATER
from actionmail.cli.delivery.periodic_tasks import SETTLING
from actionmail.cli.delivery.waiting import hello, lease_clock
from actionmail.cli.delivery.words import alert_words, line_of, returns_error, why_a_worker_ends
from actionmail.cli.platform.database import ready_database
from actionmail.db.engine import Database
from actionmail.flows.delivery import ClockSkew, WorkerSettings, heartbeats, supporter_mail
from actionmail.flows.delivery.reading_returns import Reader
from actionmail.flows.delivery.received import Kind, Received
from actionmail.flows.delivery.sts_policies import KeptPolicies
from actionmail.flows.delivery.sweeps import sweep_out
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.handing_over import relay_to
from actionmail.gateways.mail.returned_mail import (
    Place,
    ReturnsError,
    ReturnsFault,
    open_imap,
    open_maildir,
    parse_imap,
    read_one,
)
from actionmail.rules.delivery.forwarding import House
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError, command_words, secret_setting
from actionmail.web.platform.mail_words import trouble_sentence

_NO_DATABASE = "The database cannot be used right now."


class _Given(Struct, frozen=True, kw_only=True):
    """What stands on the command line, named as the options are."""

    maildir: Path | None
    from_stdin: bool
    recipient: str
    sender: str | None
    imap_url: str | None


_HELP = """Read what came back to the letters' return paths, and write down what it means.

Every letter leaves with a return path of its own, b+TOKEN@ your mail domain. Let your mail server put whatever
comes to b+anything into one Maildir, pipe it into this command, or keep it in an IMAP mailbox, and name that
place here: exactly one of --maildir, --stdin and --imap. Run it every few minutes, from cron or a systemd timer.

\b
  actionmail inbound --maildir /var/mail/returns
  actionmail inbound --stdin --recipient "$ORIGINAL_RECIPIENT" --sender "$SENDER"
  ACTIONMAIL_IMAP_PASSWORD=... actionmail inbound --imap imaps://returns@mail.example.org/INBOX

A letter that came back is recorded as bounced; one whose mailbox was full is sent again later; a mail that nobody
can read puts its letter on hold for staff. When letters of two different supporters meet an address that does not
exist, the address is put on hold. A complaint stops its campaign, and three refusals by policy within an hour stop
that mailbox or mail domain, until a person resumes it (`actionmail queue`).

An office's answers, and its out-of-office notes, go on to the supporter through ACTIONMAIL_SMTP_URL; without it
they wait. Nothing is ever answered. Each mail counts once, however often it is read. Mail that belongs to no
letter, and mail to letters more than 60 days old, is left alone. Nothing is deleted.

Letters of which nothing was heard for 72 hours become settled.

With --stdin the exit status is 75 (try again later) while the letter is just being handed over, and whatever else
fails (the database is away, a setting is wrong), so that the mail server keeps the mail and tries again. The
password for --imap is in ACTIONMAIL_IMAP_PASSWORD, or a command that prints a token for XOAUTH2 or OAUTHBEARER in
ACTIONMAIL_IMAP_TOKEN_COMMAND; encryption is required except on this machine. ACTIONMAIL_SECRET_KEY must be the one
with which the letters were written.
"""


@click.command(help=_HELP)
@click.option(
    "--maildir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Read the new mail of this Maildir; what was read moves from new/ to cur/.",
)
@click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read one mail from standard input, as a mail server pipes it."
)
@click.option("--recipient", default="", help="With --stdin: the address the mail came to (its envelope's).")
@click.option("--sender", default=None, help="With --stdin: the envelope's sender; empty for a mail server's report.")
@click.option(
    "--imap", "imap_url", metavar="URL", help="Read the unseen mail of imaps://user@host/mailbox, and mark it."
)
@click.pass_obj
def inbound(settings: Settings, /, **options: Any) -> None:
    given = _Given(**options)
    if sum([given.maildir is not None, given.from_stdin, given.imap_url is not None]) != 1:
        raise click.UsageError("Name one place to read from: --maildir, --stdin or --imap.")
    if (given.recipient or given.sender is not None) and not given.from_stdin:
        raise click.UsageError("--recipient and --sender go with --stdin; elsewhere the mail's own headers tell.")
    try:
        received = _run(settings, given)
    except (OperationalError, PoolTimeout):
        if not given.from_stdin:
            raise
        raise click.ClickException(_NO_DATABASE) from None
    if received is not None and received.kind is Kind.POSTPONED:
        sys.exit(TRY_AGAIN_LATER)


def _run(settings: Settings, given: _Given) -> Received | None:
    """Read, pass on, settle. What became of the mail on standard input."""
    received = None
    if not settings.secret_key:
        raise SettingsError("ACTIONMAIL_SECRET_KEY must be set: without it nobody can tell whose mail came back.")
    settings.for_letters()
    if settings.loopback_only:
        forbid_other_hosts()
    database = ready_database(settings)
    clock = lease_clock(WorkerSettings())
    try:
        with database.read() as session:
            clock.measure(session)
        reader = _reader(settings, database, clock)
        if given.from_stdin:
            received = reader.read(read_one(sys.stdin.buffer), recipient=given.recipient, sender=given.sender)
            _tell(received)
        else:
            with _place(given) as place:
                counts = reader.read_all(place, _tell)
            click.echo(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no new mail")
        with database.write() as session:
            heartbeats.beat(session, heartbeats.INBOUND, now=clock())
        _pass_on(settings, database, clock)
        if settled := sweep_out(SETTLING, write=database.write, clock=clock):
            click.echo(f"{settled} {SETTLING.name}")
    except ReturnsError as error:
        raise click.ClickException(returns_error(error)) from None
    except ClockSkew as error:
        raise click.ClickException(why_a_worker_ends(error)) from None
    finally:
        database.engine.dispose()
    return received


def _reader(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Reader:
    return Reader(
        write=database.write,
        clock=clock,
        secret=settings.keys,
        house=House(organisation=settings.organisation, from_address=settings.from_address),
    )


def _place(given: _Given) -> AbstractContextManager[Place]:
    if given.maildir is not None:
        return open_maildir(given.maildir)
    password = secret_setting(os.environ, "ACTIONMAIL_IMAP_PASSWORD")
    token_command = command_words(os.environ, "ACTIONMAIL_IMAP_TOKEN_COMMAND")
    if not (password or token_command):
        raise ReturnsError(ReturnsFault.NO_PASSWORD)
    return open_imap(parse_imap(given.imap_url or ""), password, token_command=token_command)


def _tell(received: Received) -> None:
    click.echo(line_of(received))
    if received.alert:
        click.echo(f"LOOK: {alert_words(received.alert)}", err=True)


def _pass_on(settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
    if settings.relay is None:
        return
    relay = relay_to(
        settings.for_worker().relay or settings.relay,
        hello=hello(settings),
        policy_store=KeptPolicies(database, clock=clock),
        only_here=settings.loopback_only,
    )
    try:
        taken, trouble = supporter_mail.send(
            database.write, relay, from_address=settings.from_address, now=clock(), kinds=[supporter_mail.Kind.ANSWER]
        )
    finally:
        relay.close()
    if taken:
        click.echo(f"{taken} passed on to supporters")
    if trouble:
        click.echo(f"Answers wait to be passed on. {trouble_sentence(trouble)}", err=True)
