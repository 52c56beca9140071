"""The command that delivers."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any

import click
from msgspec import Struct

from actionmail.cli.delivery.celery_work import celery_is_there, work_when_woken
from actionmail.cli.delivery.log import let_go, say, say_in_json
from actionmail.cli.delivery.logged_relay import LoggedRelay
from actionmail.cli.delivery.measured_relay import MeasuredRelay
from actionmail.cli.delivery.notice_task import notice_mail
from actionmail.cli.delivery.paper_task import PaperMaking
from actionmail.cli.delivery.periodic_tasks import emptied_log, made_searchable, merged_search, periodic_tasks
from actionmail.cli.delivery.signing import signing_of
from actionmail.cli.delivery.traced_relay import TracedRelay
from actionmail.cli.delivery.waiting import (
    database_in_time,
    hello,
    lease_clock,
    now,
    process_name,
    stopped_by_signals,
)
from actionmail.cli.delivery.webhook_task import webhooks
from actionmail.cli.delivery.words import why_a_worker_ends
from actionmail.cli.platform.database import ready_database
from actionmail.cli.roster.refresh_task import Refreshing, admin_mail
from actionmail.db.engine import Database
from actionmail.flows.delivery import (
    ClockSkew,
    Relay,
    TablesMissing,
    Worker,
    WorkerSettings,
    run_until_empty,
    run_worker,
)
from actionmail.flows.delivery.sts_policies import KeptPolicies
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.gateways.mail.handing_over import relay_to
from actionmail.rules import speech
from actionmail.rules.delivery.dkim import Signer
from actionmail.rules.delivery.rates import SLOWED_DOMAIN_MINUTE, Limits
from actionmail.settings import Settings
from actionmail.web.platform import tongues
from actionmail.web.platform.fault_reports import reporter
from actionmail.web.platform.mail_words import trouble_sentence
from actionmail.web.platform.metrics import DeliveryCounters
from actionmail.web.platform.traces import LetterTraces


class _Hours(click.ParamType[tuple[int, int]]):
    name = "FROM-TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        first, dash, end = str(value).partition("-")
        if dash and first.isdecimal() and end.isdecimal() and int(first) <= 24 and int(end) <= 24:
            return int(first) % 24, int(end)
        self.fail(f"{value!r} is not like 8-18", param, ctx)


_OPTIONS = (
    click.option("--once", is_flag=True, help="Deliver what is due now, then end."),
    click.option(
        "--celery",
        "under_celery",
        is_flag=True,
        help="Look when `actionmail wake` says so through the broker in ACTIONMAIL_BROKER_URL; else once a minute.",
    ),
    click.option(
        "--batch",
        default=1000,
        show_default=True,
        type=click.IntRange(1, 10_000),
        help="Letters before it looks at what else there is to do.",
    ),
    click.option(
        "--connections",
        default=None,
        show_default="2; sending directly, 10",
        type=click.IntRange(1, 20),
        envvar="ACTIONMAIL_SMTP_CONNECTIONS",
        show_envvar=True,
        help="Connections kept to the mail server; sending directly, to all domains together, and two to each.",
    ),
    click.option(
        "--target-hour",
        default=30,
        show_default=True,
        type=click.IntRange(0, 100_000),
        envvar="ACTIONMAIL_TARGET_HOUR",
        show_envvar=True,
        help="Letters to one legislator in any hour, half of them at once; 0: no limit.",
    ),
    click.option(
        "--campaign-hour",
        default=0,
        show_default=True,
        type=click.IntRange(0, 10_000_000),
        envvar="ACTIONMAIL_CAMPAIGN_HOUR",
        show_envvar=True,
        help="Letters of one campaign in any hour; 0: no limit.",
    ),
    click.option(
        "--domain-minute",
        default=None,
        show_default=f"0; sending directly, {SLOWED_DOMAIN_MINUTE}",
        type=click.IntRange(0, 100_000),
        envvar="ACTIONMAIL_DOMAIN_MINUTE",
        show_envvar=True,
        help="Letters to one mail domain in any minute; 0: no limit, as fits a relay.",
    ),
    click.option(
        "--hours",
        type=_Hours(),
        envvar="ACTIONMAIL_SENDING_HOURS",
        show_envvar=True,
        help="Send only then, as 8-18 by the clock of the campaign's place; unset: at any hour.",
    ),
    click.option(
        "--dkim",
        "dkim_keys",
        multiple=True,
        metavar="SELECTOR:FILE",
        envvar="ACTIONMAIL_DKIM",
        show_envvar=True,
        help="Sign each letter with this private key (PEM; RSA or Ed25519); several make several signatures. Leave it "
        "out where the mail server signs.",
    ),
)
_HELP = """Hand queued letters to the mail server named by ACTIONMAIL_SMTP_URL, or, where that is "mx:", straight to the
receiving domains' own servers.

Runs until it gets SIGTERM or Ctrl-C; then it finishes the letters on the wire, records them, and gives back to the
queue what it has not begun. Should it be killed instead, the next worker recovers what it left.

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

With --celery it is a Celery worker that does all the same, for whoever runs their machines that way; it needs the extra
actionmail[celery]. Workers with and without it may run side by side.

With --once it exits with status 1 if the mail server was out of order.
"""


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    return reduce(lambda inner, option: option(inner), reversed(_OPTIONS), command)


class _Given(Struct, frozen=True, kw_only=True):
    """What stands on the command line, named as the options are."""

    once: bool
    under_celery: bool
    batch: int
    connections: int | None
    target_hour: int
    campaign_hour: int
    domain_minute: int | None
    hours: tuple[int, int] | None
    dkim_keys: tuple[str, ...]

    def limits(self, *, is_direct: bool) -> Limits:
        """Behind a relay the domains' own limits are the relay's business."""
        usual = SLOWED_DOMAIN_MINUTE if is_direct else 0
        return Limits(
            target_hour=self.target_hour,
            campaign_hour=self.campaign_hour,
            domain_minute=usual if self.domain_minute is None else self.domain_minute,
            hours=self.hours,
        )


class _Beside(Struct, frozen=True):
    """What runs in processes of its own."""

    refreshing: Refreshing
    papers: PaperMaking

    def end(self, *, wait: bool) -> None:
        """Of several that are cut off, or waited for, none outlives the worker."""
        try:
            self.refreshing.end(wait=wait)
        finally:
            self.papers.end(wait=wait)


@click.command(help=_HELP)
@_with_options
@click.pass_obj
def worker(settings: Settings, /, **options: Any) -> None:
    given = _Given(**options)
    settings.for_worker()
    if given.under_celery:
        if given.once:
            raise click.UsageError("--once and --celery do not go together: nothing waits for wake-ups then.")
        celery_is_there(settings)
    say_in_json(wanted=settings.json_log)
    assert settings.relay is not None
    _learn_languages(settings)
    if settings.loopback_only:
        forbid_other_hosts()
    signing = signing_of(settings, given.dkim_keys)
    if settings.dkim_folder is not None and not given.dkim_keys and not signing.signers:
        say("signs with no key yet: `actionmail dkim new`, then `actionmail dkim use`")
    try:
        with stopped_by_signals() as stop:
            database = ready_database(settings) if given.once else database_in_time(settings, stop.wait)
            if database is None:
                return
            database.use_memory_to_undo()
            relay = relay_to(
                settings.relay,
                hello=hello(settings),
                policy_store=KeptPolicies(database, clock=now),
                only_here=settings.loopback_only,
                connections=given.connections or 0,
            )
            beside = _Beside(
                Refreshing(settings, database.write, clock=now, say=say), PaperMaking(database.read, clock=now)
            )
            try:
                this = _worker(settings, given, database, relay, signing.sign, stop.wait, beside)
                _introduce(settings, this, signing.signers)
                gc.freeze()  # what stays until the end is not walked through again and again
                _work(this, settings, given, stop)
            finally:
                beside.end(wait=given.once and not stop.is_set())
                relay.close()
                database.engine.dispose()
        if stop.is_set():
            say("stopped; nothing is left half done")
    finally:
        let_go()


def refused_options() -> Iterator[str]:
    """Why no worker would start with its options as the environment has them, a sentence for each that is wrong."""
    context = click.Context(worker)
    for option in worker.params:
        try:
            option.handle_parse_result(context, {}, [])
        except click.BadParameter as error:
            yield error.format_message()


def _learn_languages(settings: Settings) -> None:
    """For mails to supporters. One that cannot be read keeps no letter back: those mails are in English then."""
    try:
        speech.learn(tongues.of_installation(settings.data_dir))
    except tongues.TongueError as error:
        say(f"Mails to supporters are in English. {error}")


def _worker(
    settings: Settings,
    given: _Given,
    database: Database,
    relay: Relay,
    sign: Callable[[bytes], bytes] | None,
    wait: Callable[[float], bool],
    beside: _Beside,
) -> Worker:
    pace = WorkerSettings(batch=given.batch)
    clock = lease_clock(pace)
    tasks = list(periodic_tasks(database.write, relay, settings=settings, clock=clock, say=say, sign=sign))
    tasks += [made_searchable(database, say=say), merged_search(database.write), emptied_log(database)]
    if settings.from_address:
        for mailing in (admin_mail, notice_mail):
            tasks.append(mailing(settings, database.write, relay, clock=clock, sign=sign))
    tasks += [webhooks(settings, database.write, clock=clock, say=say), beside.papers.task()]
    if settings.refresh_hours:
        tasks.append(beside.refreshing.task())
    return Worker(
        name=process_name(),
        write=database.write,
        relay=_measured(settings, relay),
        clock=clock,
        measure=clock.measure,
        wait=wait,
        say=say,
        jitter=random.random,
        settings=pace,
        word=trouble_sentence,
        report=reporter(settings.sentry_dsn) if settings.sentry_dsn else lambda _error: None,
        sign=sign,
        periodic_tasks=tasks,
        limits=given.limits(is_direct=bool(settings.relay and settings.relay.is_direct)),
    )


def _measured(settings: Settings, relay: Relay) -> Relay:
    """The relay for letters; where wanted, one that counts, one that traces, one that logs. Raises SettingsError."""
    measured: Relay = relay
    if settings.metrics_dir is not None:
        measured = MeasuredRelay(measured, DeliveryCounters(settings.metrics_dir))
    if settings.traces_url:
        measured = TracedRelay(measured, LetterTraces(settings.traces_url))
    return LoggedRelay(measured) if settings.json_log else measured


def _introduce(settings: Settings, this: Worker, signers: Sequence[Signer]) -> None:
    for signer in signers:
        say(f"signs with {signer.algorithm}; {signer.selector}._domainkey.{signer.domain}: {signer.record}")
    assert settings.relay is not None
    where = f"{settings.relay.host}:{settings.relay.port}"
    if settings.relay.is_direct:
        where = f"the receiving domains' own servers, as {hello(settings)}"
    say(f"worker {this.name} delivers to {where}")


def _work(this: Worker, settings: Settings, given: _Given, stop: threading.Event) -> None:
    try:
        if given.under_celery:
            work_when_woken(this, settings.for_broker(), stop.wait)
            return
        if not given.once:
            run_worker(this)
            return
        done = run_until_empty(this)
    except (ClockSkew, TablesMissing) as error:
        raise click.ClickException(why_a_worker_ends(error)) from None
    if done.trouble:
        raise click.ClickException(trouble_sentence(done.trouble))
    if not done.claimed:
        say("no letter may go right now; `actionmail queue status` tells what is waiting")
