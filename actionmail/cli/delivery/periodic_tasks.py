"""What a worker does now and then beside delivering: it forgets what is old, settles letters, passes answers on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.db.engine import Database
from actionmail.flows.actions import (
    answer_questions,
    confirmation,
    day_reminders,
    paper_jobs,
    petition_mailing,
    pressure,
    search_index,
    sums,
)
from actionmail.flows.campaigns import unsaved_edits
from actionmail.flows.campaigns.opening import open_due
from actionmail.flows.delivery import PeriodicTask, dmarc, out_of_office, settling, supporter_mail
from actionmail.flows.delivery.supporter_mail import Relay
from actionmail.flows.delivery.sweeps import Sweep, sweeping
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.flows.privacy import campaign_retention, retention
from actionmail.flows.review import crowd_cleaning, letter_reviews, webhook_sending
from actionmail.flows.roster.handover import hand_over
from actionmail.flows.staff import purge_sessions
from actionmail.settings import Settings
from actionmail.web.platform.mail_words import trouble_sentence

_HOURLY, _EVERY_MINUTE, _SOON = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=10)

SETTLING = Sweep(
    name="letters settled",
    every=_HOURLY,
    do=lambda session, now: settling.settle(session, now, limit=500),
    most=500,
)
RETENTION = Sweep(
    name="supporters erased whose campaign keeps them no longer",
    every=_HOURLY,
    do=lambda session, now: campaign_retention.erase_due(session, now=now, limit=200),
    most=200,
)
SWEEPS = (
    Sweep(
        name="changes of letters added up",
        every=_SOON,
        do=lambda session, _now: sums.add_up(session, sums.LETTERS),
        most=sums.AT_ONCE,
    ),
    Sweep(
        name="changes of actions added up",
        every=_SOON,
        do=lambda session, _now: sums.add_up(session, sums.ACTIONS),
        most=sums.AT_ONCE,
    ),
    Sweep(name="drafts forgotten", every=_HOURLY, do=lambda session, now: retention.purge_drafts(session, now=now)),
    Sweep(
        name="unsaved edits of staff forgotten",
        every=_HOURLY,
        do=lambda session, now: unsaved_edits.purge(session, now=now),
    ),
    Sweep(
        name="addresses forgotten that were asked and never confirmed",
        every=_HOURLY,
        do=lambda session, now: retention.purge_asked(session, now=now),
    ),
    Sweep(
        name="supporters erased who never confirmed",
        every=_HOURLY,
        do=lambda session, now: retention.erase_unconfirmed(session, now=now, limit=200),
        most=200,
    ),
    Sweep(
        name="supporters erased whose days of action are over",
        every=_HOURLY,
        do=lambda session, now: retention.erase_reminded(session, now=now, limit=200),
        most=200,
    ),
    RETENTION,
    Sweep(
        name="mails to supporters given up whose time is over",
        every=_HOURLY,
        do=lambda session, now: supporter_mail.drop_expired(session, now=now),
    ),
    Sweep(
        name="petitions' papers deleted whose time is over",
        every=_HOURLY,
        do=lambda session, now: paper_jobs.purge(session, now=now),
    ),
    Sweep(
        name="old counts of refused sign-ins forgotten",
        every=_HOURLY,
        do=lambda session, now: retention.purge_attempts(session, now=now),
    ),
    Sweep(name="DMARC reports forgotten", every=_HOURLY, do=lambda session, now: dmarc.purge(session, now=now)),
    Sweep(
        name="counts of where actions came from forgotten",
        every=_HOURLY,
        do=lambda session, now: pressure.purge(session, now=now),
    ),
    Sweep(
        name="crowds noticed of which webhooks are told",
        every=_EVERY_MINUTE,
        do=lambda session, now: webhook_sending.notice_crowds(session, now=now),
    ),
    Sweep(
        name="webhooks that are over forgotten",
        every=_HOURLY,
        do=lambda session, now: webhook_sending.purge(session, now=now),
    ),
    Sweep(
        name="old sessions of staff forgotten",
        every=_HOURLY,
        do=lambda session, now: purge_sessions(session, now=now),
    ),
    SETTLING,
    Sweep(
        name="campaigns opened at their time", every=_EVERY_MINUTE, do=lambda session, now: open_due(session, now=now)
    ),
    Sweep(
        name="seats handed over on their day", every=_EVERY_MINUTE, do=lambda session, now: hand_over(session, now=now)
    ),
    Sweep(
        name="letters to legislators who are gone were ended",
        every=_EVERY_MINUTE,
        do=lambda session, now: out_of_office.end_letters(session, now, limit=500),
        most=500,
    ),
    Sweep(
        name="mails that hand a petition over were held, since nobody knows whether they went",
        every=_EVERY_MINUTE,
        do=lambda session, now: petition_mailing.hold_unclear(session, now=now),
    ),
    Sweep(
        name="mails that hand a petition over were held, since they did not go in time",
        every=_EVERY_MINUTE,
        do=lambda session, now: petition_mailing.hold_late(session, now=now),
    ),
    Sweep(
        name="letters were not read by staff in time",
        every=_EVERY_MINUTE,
        do=lambda session, now: letter_reviews.expire(session, now=now, limit=200),
        most=200,
    ),
    Sweep(
        name="supporters' letters were not confirmed in time",
        every=_EVERY_MINUTE,
        do=lambda session, now: confirmation.expire(session, now=now, limit=200),
        most=200,
    ),
)


def made_searchable(database: Database, *, say: Callable[[str], None]) -> PeriodicTask:
    """What supporters wrote can be found by staff; the write lock is held for putting it in alone."""

    def do() -> bool:
        with database.read() as session:
            prepared = search_index.prepare(session)
        if not prepared:
            return False
        with database.write() as session:
            count = search_index.put(session, prepared)
        if count:
            say(f"{count} actions made searchable")
        return count == search_index.AT_ONCE

    return PeriodicTask(name="actions made searchable", every=_SOON, do=do)


def merged_search(write: WriteSessions) -> PeriodicTask:
    """What was erased leaves SQLite's index of what is searched too; between its steps letters go on."""
    is_first = True

    def do() -> bool:
        nonlocal is_first
        with write() as session:
            is_left = search_index.merge(session, is_first=is_first)
        is_first = not is_left
        return is_left

    return PeriodicTask(name="the index of what is searched merged", every=_HOURLY, do=do)


def emptied_log(database: Database) -> PeriodicTask:
    """What the sweeps erased and deleted leaves SQLite's write-ahead log too, in time."""

    def do() -> bool:
        database.empty_log()
        return False

    return PeriodicTask(name="the database's log emptied", every=_HOURLY, do=do)


def periodic_tasks(
    write: WriteSessions,
    relay: Relay,
    *,
    settings: Settings,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    sign: Callable[[bytes], bytes] | None = None,
) -> tuple[PeriodicTask, ...]:
    """Each one short, and without personal data in what it says. Without a from-address, mail to supporters waits.

    `sign` puts DKIM signatures before the bytes of such mail.
    """

    def tell(sweep: Sweep, count: int) -> None:
        say(f"{count} {sweep.name}")

    def mail_supporters() -> bool:
        count, trouble = supporter_mail.send(
            write, relay, from_address=settings.from_address, now=clock(), sign=sign, say=say
        )
        if count:
            say(f"{count} mails went to supporters")
        if trouble:
            say(f"Mail to supporters waits. {trouble_sentence(trouble)}")
        return count == supporter_mail.AT_ONCE

    def hand_petitions_over() -> bool:
        was_one, trouble = petition_mailing.send(write, relay, settings=settings, now=clock(), sign=sign, say=say)
        if was_one:
            say("a mail that hands a petition over was tried")
        if trouble:
            say(f"Mail that hands petitions over waits. {trouble_sentence(trouble)}")
        return was_one and not trouble

    sweeps = (*SWEEPS, _floods(settings))
    always = tuple(sweeping(sweep, write=write, clock=clock, tell=tell) for sweep in sweeps)
    if not settings.from_address:
        say("ACTIONMAIL_FROM_ADDRESS is not set: mail to supporters waits, and so do letters that they must confirm")
        return always
    # Somebody may sit there and wait for it.
    mailing = PeriodicTask(name="mail to supporters", every=timedelta(seconds=5), do=mail_supporters, needs_relay=True)
    handing = PeriodicTask(
        name="petitions handed over", every=timedelta(seconds=5), do=hand_petitions_over, needs_relay=True
    )
    reminding = sweeping(_reminders(settings), write=write, clock=clock, tell=tell)
    asking = sweeping(_questions(settings), write=write, clock=clock, tell=tell)
    return (*always, reminding, asking, mailing, handing)


def _floods(settings: Settings) -> Sweep:
    hold = 0 if settings.lacks_proxy else settings.hold_hour  # then all visitors have one address
    return Sweep(
        name="actions were held that came before a flood was noticed",
        every=_EVERY_MINUTE,
        do=lambda session, now: crowd_cleaning.hold_back(session, hold=hold, now=now),
    )


def _reminders(settings: Settings) -> Sweep:
    return Sweep(
        name="reminders of days put among the mails",
        every=_EVERY_MINUTE,
        do=lambda session, now: day_reminders.put_due(session, settings=settings, now=now),
        most=day_reminders.AT_ONCE,
    )


def _questions(settings: Settings) -> Sweep:
    return Sweep(
        name="supporters' questions for answers looked at",
        every=_HOURLY,
        do=lambda session, now: answer_questions.put_due(session, settings=settings, now=now),
        most=answer_questions.AT_ONCE,
    )
