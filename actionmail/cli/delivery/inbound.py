"""The command that reads what came back."""

from __future__ import annotations

import os
import socket
import sys
from collections import Counter
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from actionmail.cli.delivery.periodic_tasks import SETTLED_AT_ONCE
from actionmail.cli.platform.database import ready_database
from actionmail.db.engine import Database
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.inbound import Envelope, receive
from actionmail.flows.delivery.office_answers import keep_forward
from actionmail.flows.delivery.received import Alert, AlertCode, ForwardLetter, House, Kind, Received
from actionmail.flows.delivery.settling import settle
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.returned_mail import Place, ReturnsError, open_imap, open_maildir, parse_imap, read_one
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.settings import Settings, SettingsError

TRY_AGAIN_LATER = 75  # EX_TEMPFAIL: the mail server keeps the mail and pipes it in again


@click.command()
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
def inbound(
    settings: Settings, maildir: Path | None, from_stdin: bool, recipient: str, sender: str | None, imap_url: str | None
) -> None:
    """Read what came back to the letters' return paths, and write down what it means.

    Every letter leaves with a return path of its own, b+TOKEN@ your mail domain. Let your mail server put whatever
    comes to b+anything into one Maildir, pipe it into this command, or keep it in an IMAP mailbox, and name that
    place here: exactly one of --maildir, --stdin and --imap. Run it every few minutes, from cron or a systemd timer.

    \b
      actionmail inbound --maildir /var/mail/returns
      actionmail inbound --stdin --recipient "$ORIGINAL_RECIPIENT" --sender "$SENDER"
      ACTIONMAIL_IMAP_PASSWORD=... actionmail inbound --imap imaps://returns@mail.example.org/INBOX

    A letter that came back is recorded as bounced; one whose mailbox was full is sent again later; a mail that nobody
    can read puts its letter on hold for staff. When letters of two different supporters meet an address that does not
    exist, the address is put on hold. A complaint stops its campaign, and a refusal by policy stops that mail domain,
    until a person resumes it (`actionmail queue`).

    An office's answers, and its out-of-office notes, go on to the supporter through ACTIONMAIL_SMTP_URL; without it
    they wait. Nothing is ever answered. Each mail counts once, however often it is read. Mail that belongs to no
    letter, and mail to letters more than 60 days old, is left alone. Nothing is deleted.

    Letters of which nothing was heard for 72 hours become settled.

    With --stdin the exit status is 75 (try again later) while the letter is just being handed over, and whenever
    something is out of order here, so that the mail server keeps the mail. The password for --imap is in
    ACTIONMAIL_IMAP_PASSWORD; encryption is required except on this machine. ACTIONMAIL_SECRET_KEY must be the one
    with which the letters were written.
    """
    if sum([maildir is not None, from_stdin, imap_url is not None]) != 1:
        raise click.UsageError("Name one place to read from: --maildir, --stdin or --imap.")
    if (recipient or sender is not None) and not from_stdin:
        raise click.UsageError("--recipient and --sender go with --stdin; elsewhere the mail's own headers tell.")
    try:
        done = _run(settings, maildir, from_stdin, recipient, sender, imap_url)
    except (click.ClickException, SettingsError, SQLAlchemyError) as error:
        if not from_stdin:
            raise
        # Whatever is out of order here, the mail must stay with the mail server, and must not go back to its sender.
        click.echo(error.message if isinstance(error, click.ClickException) else str(error), err=True)
        sys.exit(TRY_AGAIN_LATER)
    if done is not None and done.kind is Kind.POSTPONED:
        sys.exit(TRY_AGAIN_LATER)


def _run(
    settings: Settings, maildir: Path | None, from_stdin: bool, recipient: str, sender: str | None, imap_url: str | None
) -> Received | None:
    """Read, pass on, settle. What became of the mail on standard input."""
    done = None
    if not settings.secret_key:
        raise SettingsError("ACTIONMAIL_SECRET_KEY must be set: without it nobody can tell whose mail came back.")
    settings.for_letters()
    if settings.loopback_only:
        forbid_other_hosts()
    database = ready_database(settings)
    try:
        if from_stdin:
            done = _receive(database, settings, read_one(sys.stdin.buffer), recipient=recipient, sender=sender)
            _tell(done)
        else:
            with _place(maildir, imap_url) as place:
                _read_all(database, settings, place)
        _pass_on(database, settings)
        _settle(database)
    except ReturnsError as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.engine.dispose()
    return done


def _place(maildir: Path | None, imap_url: str | None) -> AbstractContextManager[Place]:
    if maildir is not None:
        return open_maildir(maildir)
    password = os.environ.get("ACTIONMAIL_IMAP_PASSWORD", "")
    if not password:
        raise ReturnsError("ACTIONMAIL_IMAP_PASSWORD is not set, so the mailbox cannot be opened.")
    return open_imap(parse_imap(imap_url or ""), password)


def _read_all(database: Database, settings: Settings, place: Place) -> None:
    counts: Counter[Kind] = Counter()
    for mail in place.new():
        done = _receive(database, settings, mail.raw)
        counts[done.kind] += 1
        _tell(done)
        if done.kind is not Kind.POSTPONED:
            place.done(mail.key)
    click.echo(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no new mail")


def _receive(
    database: Database, settings: Settings, raw: bytes, *, recipient: str = "", sender: str | None = None
) -> Received:
    now = _now()

    def forward(letter: ForwardLetter) -> None:
        keep_forward(session, letter, now=now)

    session: Session
    with database.write() as session:
        return receive(
            session,
            raw,
            secret=settings.secret_key,
            now=now,
            house=House(organisation=settings.organisation, from_address=settings.from_address),
            forward=forward,
            envelope=Envelope(recipient=recipient, sender=sender),
        )


def _tell(done: Received) -> None:
    click.echo(_line(done))
    if done.alert:
        click.echo(f"LOOK: {_sentence(done.alert)}", err=True)


def _line(done: Received) -> str:
    if done.message is None:
        return f"{done.kind}: left alone"
    moved = f", {done.before} -> {done.after}" if done.before != done.after else ""
    extra = f" {done.status}" if done.status else ""
    return f"{done.kind}{extra}: letter {done.message}{moved}{', passed on' if done.forwarded else ''}"


def _sentence(alert: Alert) -> str:
    letter = alert.message
    match alert.code:
        case AlertCode.ADDRESS_ON_HOLD:
            return f"The address of letter {letter} is on hold: two supporters' letters came back from it."
        case AlertCode.DOMAIN_STOPPED:
            return f"{alert.domain} sent letter {letter} back, refused by policy ({alert.detail}); it is stopped."
        case AlertCode.COMPLAINT:
            return f"{alert.domain} reports letter {letter} as {alert.detail}. Its campaign is stopped."
        case AlertCode.UNREADABLE:
            return f"Letter {letter}: A mail came back that cannot be read. {alert.detail}"


def _pass_on(database: Database, settings: Settings) -> None:
    if settings.relay is None:
        return
    relay = SmtpRelay(settings.for_worker().relay or settings.relay, hello=settings.mail_domain or socket.gethostname())
    try:
        taken, trouble = supporter_mail.send(
            database.write, relay, from_address=settings.from_address, now=_now(), kinds=[supporter_mail.Kind.ANSWER]
        )
    finally:
        relay.close()
    if taken:
        click.echo(f"{taken} passed on to supporters")
    if trouble:
        click.echo(f"Answers wait to be passed on. {trouble.sentence}", err=True)


def _settle(database: Database) -> None:
    total = 0
    while True:
        with database.write() as session:
            settled = settle(session, _now(), limit=SETTLED_AT_ONCE)
        total += settled
        if settled < SETTLED_AT_ONCE:
            break
    if total:
        click.echo(f"{total} letters settled")


def _now() -> datetime:
    return datetime.now(UTC)
