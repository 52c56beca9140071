"""What is kept for a while only, and goes when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, CursorResult, Delete, delete, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, Draft
from actionmail.db.confirmations import Confirmation, KnownAddress
from actionmail.db.staff import StaffAttempts
from actionmail.flows.actions import day_reminders
from actionmail.flows.privacy.erasure import erase
from actionmail.rules.delivery.reasons import Reason

DRAFTS_LAST = timedelta(days=1)
DRAFTS_AT_MOST = 100_000  # ten thousand people an hour, of whom half never send, for most of a day
UNCONFIRMED_LASTS = timedelta(days=30)
ASKS_COUNT = timedelta(days=1)  # `rules.delivery.rates.ASKS_A_DAY`
ATTEMPTS_LAST = timedelta(days=90)
REMINDED_LAST = timedelta(days=7)  # after the last of their days


def purge_drafts(session: Session | Connection, *, now: datetime, at_most: int = DRAFTS_AT_MOST) -> int:
    """Delete what was typed more than a day ago and not sent, and the oldest of more than `at_most`; how many drafts.

    Else whoever only ever begins could fill the disk.
    """
    count = _deleted(session, delete(Draft).where(Draft.updated_at < now - DRAFTS_LAST))
    newest = select(Draft.updated_at).order_by(Draft.updated_at.desc())
    too_old = session.scalar(newest.offset(at_most).limit(1))
    if too_old is not None:
        count += _deleted(session, delete(Draft).where(Draft.updated_at <= too_old))
    return count


class DraftSweep:
    """`purge_drafts` for those who keep a draft: at most once a minute in each process, whatever else may do it."""

    EVERY: Final = timedelta(minutes=1)

    def __init__(self) -> None:
        self._done_at: datetime | None = None

    def purge(self, session: Session | Connection, *, now: datetime) -> None:
        if self._done_at is None or not timedelta(0) <= now - self._done_at < self.EVERY:
            purge_drafts(session, now=now)
            self._done_at = now


def purge_asked(session: Session, *, now: datetime) -> int:
    """Forget addresses that never confirmed anything, once the mails they got count no longer; how many."""
    old = delete(KnownAddress).where(KnownAddress.confirmed_at.is_(None), KnownAddress.asked_at < now - ASKS_COUNT)
    return _deleted(session, old)


def purge_attempts(session: Session, *, now: datetime) -> int:
    """Delete the counts of refused sign-ins and resets after `ATTEMPTS_LAST`; how many rows."""
    return _deleted(session, delete(StaffAttempts).where(StaffAttempts.hour < now - ATTEMPTS_LAST))


def _deleted(session: Session | Connection, statement: Delete) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def erase_unconfirmed(session: Session, *, now: datetime, limit: int) -> int:
    """Erase who wrote what nobody confirmed, a month after its time was over: perhaps they never wrote here. How many.

    Until then they can still see on their receipt what they wrote.
    """
    tokens = session.scalars(
        select(Action.receipt_token)
        .join(Confirmation, Confirmation.action_id == Action.id)
        .where(
            Action.unconfirmed.is_(True),
            Action.erased_at.is_(None),
            Confirmation.waits_until.is_(None),
            Confirmation.expires_at < now - UNCONFIRMED_LASTS,
        )
        .order_by(Action.id)
        .limit(limit)
    ).all()
    erased = 0
    for token in tokens:
        erased += erase(session, token, now=now, why=Reason.ERASED_NEVER_CONFIRMED)
    return erased


def erase_reminded(session: Session, *, now: datetime, limit: int) -> int:
    """Erase who only wanted to be reminded of days that are over by `REMINDED_LAST`; how many. The count stays."""
    tokens = day_reminders.to_forget(session, before=now - REMINDED_LAST, limit=limit)
    return sum(erase(session, token, now=now, why=Reason.ERASED_ON_REQUEST) for token in tokens)
