"""Stops that follow from what came back, and addresses that seem dead. Other flows may ask here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.throttles import AddressFault, Switch
from actionmail.rules.throttle import ADDRESS_ON_HOLD, FAULTS_TO_HOLD, Scope

QUEUE_LOCK = 7265001  # PostgreSQL's advisory lock, which workers take for the same tables (flows.deliver.claim)


def is_held(session: Session, address: str) -> bool:
    """Whether letters of two different supporters failed for good at `address`: no letter should go there."""
    faults = select(func.count()).select_from(AddressFault).where(AddressFault.recipient == address)
    return (session.scalar(faults) or 0) >= FAULTS_TO_HOLD


def note_fault(session: Session, message: Message, *, actor: str, now: datetime) -> bool:
    """`message` failed for good at its address. True if that put the address on hold just now.

    A second letter of the same supporter adds nothing: one person may have met one passing mistake twice.
    """
    _in_turn(session)
    session.merge(AddressFault(recipient=message.recipient, supporter_key=message.supporter_key, at=now))
    session.flush()
    return is_held(session, message.recipient) and stop(
        session, Scope.TARGET, str(message.legislator_id), reason=ADDRESS_ON_HOLD, actor=actor, now=now
    )


def stop(session: Session, scope: Scope, key: str, *, reason: str, actor: str, now: datetime) -> bool:
    """Send nothing that `scope` and `key` cover until a person resumes it. False if it was stopped already."""
    _in_turn(session)
    if session.get(Switch, (scope.value, key)) is not None:
        return False
    session.add(Switch(scope=scope.value, key=key, reason=reason, actor=actor, at=now))
    session.flush()
    return True


def _in_turn(session: Session) -> None:
    """Until the transaction ends no other process changes switches and faults; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": QUEUE_LOCK})
