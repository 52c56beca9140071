"""Stops that follow from what came back, and addresses that seem dead. Other flows may ask here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.db.throttles import AddressFault, Switch
from actionmail.rules.throttle import ADDRESS_ON_HOLD, FAULTS_TO_HOLD, Scope


def is_held(session: Session, address: str) -> bool:
    """Whether letters of two different supporters failed for good at `address`: no letter should go there."""
    faults = select(func.count()).select_from(AddressFault).where(AddressFault.recipient == address.lower())
    return (session.scalar(faults) or 0) >= FAULTS_TO_HOLD


def note_fault(session: Session, message: Message, *, actor: str, now: datetime) -> bool:
    """`message` failed for good at its address. True if that put the address on hold just now.

    A second letter of the same supporter adds nothing: one person may have met one passing mistake twice.
    """
    session.execute(select(Legislator.id).where(Legislator.id == message.legislator_id).with_for_update())  # in turn
    address = message.recipient.lower()
    if session.get(AddressFault, (address, message.supporter_key)) is None:
        session.add(AddressFault(recipient=address, supporter_key=message.supporter_key, at=now))
        session.flush()
    if not is_held(session, address):
        return False
    return stop(session, Scope.TARGET, str(message.legislator_id), reason=ADDRESS_ON_HOLD, actor=actor, now=now)


def stop(session: Session, scope: Scope, key: str, *, reason: str, actor: str, now: datetime) -> bool:
    """Send nothing that `scope` and `key` cover until a person resumes it. False if it was stopped already."""
    if session.get(Switch, (scope.value, key)) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Switch(scope=scope.value, key=key, reason=reason, actor=actor, at=now))
    except IntegrityError:
        return False  # another process was first
    return True
