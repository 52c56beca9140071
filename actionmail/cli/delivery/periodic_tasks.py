"""What a worker does now and then beside delivering: it forgets what is old, settles letters, passes answers on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actionmail.db.engine import Database
from actionmail.flows.actions.confirmation import expire
from actionmail.flows.campaigns.opening import open_due
from actionmail.flows.campaigns.unsaved_edits import purge
from actionmail.flows.delivery import PeriodicTask, supporter_mail
from actionmail.flows.delivery.inbound import settle
from actionmail.flows.privacy.erasure import erase_unconfirmed, purge_asked, purge_drafts
from actionmail.flows.staff import purge_sessions
from actionmail.gateways.mail.smtp import SmtpRelay

SETTLED_AT_ONCE = 500
EXPIRED_AT_ONCE = 200
ERASED_AT_ONCE = 200


def periodic_tasks(
    database: Database,
    relay: SmtpRelay,
    *,
    from_address: str,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    sign: Callable[[bytes], bytes] | None = None,
) -> tuple[PeriodicTask, ...]:
    """Each one short, and without personal data in what it says. Without a `from_address`, mail to supporters waits.

    `sign` puts DKIM signatures before the bytes of such mail.
    """

    def forget() -> bool:
        with database.write() as session:
            count = purge_drafts(session, now=clock()) + purge(session, now=clock())
            purge_asked(session, now=clock())
            erased = erase_unconfirmed(session, now=clock(), limit=ERASED_AT_ONCE)
            ended = purge_sessions(session, now=clock())
        if count:
            say(f"{count} drafts forgotten")
        if ended:
            say(f"{ended} old sessions of staff forgotten")
        if erased:
            say(f"{erased} supporters erased who never confirmed")
        return erased == ERASED_AT_ONCE

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

    def end_unconfirmed() -> bool:
        with database.write() as session:
            count = expire(session, now=clock(), limit=EXPIRED_AT_ONCE)
        if count:
            say(f"{count} supporters' letters were not confirmed in time")
        return count == EXPIRED_AT_ONCE

    def mail_supporters() -> bool:
        count, trouble = supporter_mail.send(database.write, relay, from_address=from_address, now=clock(), sign=sign)
        if count:
            say(f"{count} mails went to supporters")
        if trouble:
            say(f"Mail to supporters waits. {trouble.sentence}")
        return count == supporter_mail.AT_ONCE

    always = (
        PeriodicTask(every=timedelta(hours=1), do=forget),
        PeriodicTask(every=timedelta(hours=1), do=settle_some),
        PeriodicTask(every=timedelta(minutes=1), do=open_campaigns),
        PeriodicTask(every=timedelta(minutes=1), do=end_unconfirmed),
    )
    if not from_address:
        say("ACTIONMAIL_FROM_ADDRESS is not set: mail to supporters waits, and so do letters that they must confirm")
        return always
    # Somebody may sit there and wait for it.
    return (*always, PeriodicTask(every=timedelta(seconds=5), do=mail_supporters, needs_relay=True))
