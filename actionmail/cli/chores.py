"""What a worker does now and then beside delivering: it forgets what is old, settles letters, passes answers on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.db.engine import Database
from actionmail.flows.author import open_due
from actionmail.flows.deliver import Chore
from actionmail.flows.forget import purge_drafts
from actionmail.flows.inbound import send_forwards, settle
from actionmail.flows.pages import purge
from actionmail.flows.staff import purge_sessions
from actionmail.gateways.smtp import SmtpRelay

SETTLED_AT_ONCE = 500
FORWARDED_AT_ONCE = 50


def chores(
    database: Database,
    relay: SmtpRelay,
    *,
    from_address: str,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
) -> tuple[Chore, ...]:
    """Each one short, and without personal data in what it says. Without a `from_address`, answers wait."""

    def forget() -> bool:
        with database.write() as session:
            count = purge_drafts(session, now=clock()) + purge(session, now=clock())
            ended = purge_sessions(session, now=clock())
        if count:
            say(f"{count} drafts forgotten")
        if ended:
            say(f"{ended} old sessions of staff forgotten")
        return False

    def settle_some() -> bool:
        with database.write() as session:
            count = settle(session, clock(), limit=SETTLED_AT_ONCE)
        if count:
            say(f"{count} letters settled")
        return count == SETTLED_AT_ONCE

    def open_campaigns() -> bool:
        with database.write() as session:
            count = open_due(session, now=clock())
        if count:
            say(f"{count} campaigns opened at their time")
        return False

    def pass_on() -> bool:
        count, trouble = send_forwards(
            database.write, relay, from_address=from_address, now=clock(), limit=FORWARDED_AT_ONCE
        )
        if count:
            say(f"{count} passed on to supporters")
        if trouble:
            say(f"Answers wait to be passed on. {trouble.sentence}")
        return count == FORWARDED_AT_ONCE

    always = (
        Chore(every=timedelta(hours=1), do=forget),
        Chore(every=timedelta(hours=1), do=settle_some),
        Chore(every=timedelta(minutes=1), do=open_campaigns),
    )
    if not from_address:
        return always
    return (*always, Chore(every=timedelta(minutes=1), do=pass_on, needs_relay=True))
