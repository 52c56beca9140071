"""The commands that look into the queue and stop letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from actionmail.cli.delivery.explain import explained, explained_directly, table
from actionmail.cli.delivery.waiting import now, operator
from actionmail.cli.delivery.words import option_of, slowed_words, stop_refused
from actionmail.cli.platform.database import ready_database
from actionmail.flows.actions import petition_mails
from actionmail.flows.delivery import cancel, count_cancellable, count_states, slowed
from actionmail.flows.delivery.stops import stops
from actionmail.flows.review import stopping
from actionmail.flows.review.stopping import StopRefused
from actionmail.rules.delivery.answers import taken_apart
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.states import Phase, State
from actionmail.settings import Settings
from actionmail.web.review.petition_words import mail_standing
from actionmail.web.review.words import STATE_WORDS, actor_words, pause_words

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
    with no restart. A worker pauses a domain by itself when several letters to several of its mailboxes were refused by
    policy within an hour, and a legislator when that happened at one mailbox, or when two different supporters' letters
    met an address that does not exist; look at the reason, mend what is wrong, then resume.
    """


@queue.command()
@click.pass_obj
def status(settings: Settings) -> None:
    """How many letters are in which state and what each state means, what is paused and why, and what is slowed."""
    database = ready_database(settings)
    with database.read() as session:
        counts = count_states(session)
        stopped = stops(session)
        slow = slowed(session, now=now())
        mails = petition_mails.on_their_way(session)
    for state in State:
        if counts.get(state):
            click.echo(f"{counts[state]:>9}  {state:<12} {STATE_WORDS[state]}")
    if not counts:
        click.echo("there is no letter yet")
    for mail in mails:
        click.echo(f"petition {mail.slug}, mail {mail.place} to {mail.recipient_name}: {mail_standing(mail)}")
    for stop in stopped:
        since = f"since {stop.at:%Y-%m-%d %H:%M} UTC by {actor_words(stop.actor)}"
        click.echo(f"paused: {option_of(stop)}, {since}: {pause_words(stop)}")
    for slowdown in slow:
        times = "once" if slowdown.halvings == 1 else f"{slowdown.halvings} times"
        click.echo(f"slowed: {slowed_words(slowdown)} asked for it; the rate is halved {times}, once less every hour")


@queue.command(name="pause")
@_scoped
@click.option("--reason", required=True, help="Kept, and shown to whoever looks.")
@click.pass_obj
def pause_command(settings: Settings, /, reason: str, **which: Any) -> None:
    """Keep letters waiting: all, or those of a campaign, a domain or a legislator."""
    scope, name = _one_scope(**which)
    with _told(), ready_database(settings).write() as session:
        is_new = stopping.stop(session, scope, name, reason=reason, actor=operator(), by=None, now=now())
    if is_new:
        click.echo("paused; workers heed it at their next batch")
    else:
        click.echo("it was paused already; the first reason stands")


@queue.command(name="resume")
@_scoped
@click.option("--reason", default="lifted at the command line", help="Kept in the audit trail.")
@click.pass_obj
def resume_command(settings: Settings, /, reason: str, **which: Any) -> None:
    """Let paused letters go again.

    A legislator's address is trusted again with it: what failed there before counts no longer.
    """
    scope, name = _one_scope(**which)
    with _told(), ready_database(settings).write() as session:
        was_stopped = stopping.lift(session, scope, name, reason=reason, by=None, now=now())
    click.echo("resumed" if was_stopped else "it was not paused")


@queue.command(name="cancel")
@_scoped
@click.option("--reason", required=True, help="Kept in each letter's history.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def cancel_command(settings: Settings, /, reason: str, yes: bool, **which: Any) -> None:
    """End the waiting of letters for good. What is on the wire, or may have been sent, is left alone."""
    database = ready_database(settings)
    scope, name = _one_scope(**which)
    with _told(), database.read() as session:
        key = stopping.key_in(session, scope, name)
        count = count_cancellable(session, scope, key)
    if count and not yes:
        click.confirm(f"Cancel {count} letters for good?", abort=True)
    with database.write() as session:
        count = cancel(session, scope, key, reason=reason, actor=operator(), now=now())
    click.echo(f"{count} letters cancelled")


@queue.command()
@click.argument("answer", required=False)
@click.option(
    "--phase",
    type=click.Choice([phase.value for phase in Phase]),
    default=Phase.RCPT.value,
    show_default=True,
    help="Where on the wire it was given; `body` is the answer to the whole letter.",
)
@click.option("--table", "whole", is_flag=True, help="The whole table, as Markdown.")
@click.option("--direct", is_flag=True, help="As the word of a receiving domain's own server, and not of a relay.")
def explain(answer: str | None, phase: str, whole: bool, direct: bool) -> None:
    """Say what a mail server's ANSWER means: whom it is about, what becomes of the letter, what else happens.

    For example: actionmail queue explain "550 5.4.5 Daily sending quota exceeded"
    """
    if whole:
        click.echo(table())
        return
    if answer is None:
        raise click.UsageError('Give an answer, in quotes, as in "550 5.1.1 No such user"; or --table.')
    apart = taken_apart(Phase(phase), answer)
    if apart is None:
        raise click.UsageError('An answer begins with its code of three digits, as in "550 5.1.1 No such user".')
    for line in explained_directly(apart) if direct else explained(apart):
        click.echo(line)


def _one_scope(*, everything: bool, campaign: str | None, domain: str | None, target: int | None) -> tuple[Scope, str]:
    named = {
        Scope.ALL: "all" if everything else "",
        Scope.CAMPAIGN: campaign or "",
        Scope.DOMAIN: domain or "",
        Scope.TARGET: str(target) if target else "",
    }
    given = [(scope, name) for scope, name in named.items() if name]
    if len(given) != 1:
        raise click.UsageError("Name exactly one of --all, --campaign, --domain and --target.")
    scope, name = given[0]
    return scope, "" if scope is Scope.ALL else name


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StopRefused as refused:
        raise click.ClickException(stop_refused(refused)) from None
