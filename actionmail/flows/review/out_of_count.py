"""Taking actions out of the count, with their letters, and putting them back, whichever way they were chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import MESSAGES, Transition
from actionmail.flows.delivery.private_words import without_any_of
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

LONGEST_REASON: Final = 200
UNSENT: Final = (State.QUEUED, State.DEFERRED)
_AT_ONCE: Final = 500  # SQLite takes some thousands of values in one statement


class CountChanged(Exception):
    """Not as many fit as were shown: now it is `count`."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class By(Struct, frozen=True, kw_only=True):
    """Who changes it, and when."""

    staff: int
    now: datetime


def take(session: Session, slug: str, ids: Sequence[int], *, reason: str, by: By) -> None:
    """Take these actions of a campaign out of the count, keep their letters from going, and note why in the audit.

    The reason is kept without any of their supporters, should it name one. Their mailboxes stay taken: what was found
    not to be genuine is not made so by doing it again.
    """
    clean_reason = reason
    for some in batches(ids):
        clean_reason = without_any_of(session, clean_reason, Action.id.in_(some))
    clean_reason = clean_reason[:LONGEST_REASON]  # what is left out is longer than a short name
    stop = Transition(after=State.REVIEW, actor=Actor.staff(by.staff), reason=Reason.TAKEN_OUT, words=clean_reason)
    for some in batches(ids):
        out = {"invalid_at": by.now, "invalid_reason": clean_reason}
        session.execute(update(Action).where(Action.id.in_(some)).values(**out))
        message_state.move_all(session, [MESSAGES.c.action_id.in_(some)], UNSENT, stop, now=by.now)
    details: dict[str, str | int] = {"count": len(ids), "reason": clean_reason}
    record(session, AuditAction.ACTIONS_INVALIDATED, ObjectKind.CAMPAIGN, slug, by=by.staff, now=by.now, **details)


def put_back(session: Session, slug: str, ids: Sequence[int], *, by: By) -> None:
    """Have these actions count again, or wait again; their letters go on, unless staff are to read them first."""
    go = Transition(after=State.QUEUED, actor=Actor.staff(by.staff), reason=Reason.PUT_BACK, next_attempt_at=by.now)
    for some in batches(ids):
        session.execute(update(Action).where(Action.id.in_(some)).values(invalid_at=None, invalid_reason=""))
        read = select(Action.id).where(Action.id.in_(some), Action.review != Review.WAITING.value)
        which = (MESSAGES.c.action_id.in_(read), MESSAGES.c.expires_at > by.now)
        message_state.move_all(session, which, [State.REVIEW], go, now=by.now)
    record(session, AuditAction.ACTIONS_RESTORED, ObjectKind.CAMPAIGN, slug, by=by.staff, now=by.now, count=len(ids))


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many as one statement takes, one lot after the other."""
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
