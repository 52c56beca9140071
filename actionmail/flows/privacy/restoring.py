"""A database that came back from a backup: what may have gone out since is held, who was erased since goes again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.messages import Message
from actionmail.db.petitions import PetitionMail
from actionmail.flows.actions import answer_questions, petition_mails
from actionmail.flows.delivery import heartbeats, message_state, pauses
from actionmail.flows.delivery.message_state import PLAIN, Transition
from actionmail.flows.privacy.erasure import erase
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.petition_mails import MailTrouble
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause, PauseReason, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

# From each of these a worker would have gone on to send it, or did.
_ON_THEIR_WAY: Final = (State.QUEUED, State.DEFERRED, State.AMBIGUOUS, State.SENDING)
# From these a person would have let it go; whoever does so again hears that it may be the second time.
_STANDING: Final = (State.UNCONFIRMED, State.REVIEW, State.HELD, State.FAILED, State.BOUNCED)
_OVERLAP: Final = timedelta(days=1)  # whoever erased at that moment may have looked at their clock before


class ErasedElsewhere(Struct, frozen=True, kw_only=True):
    """An action that another database says is erased; `is_ended`: and counts no more."""

    receipt_token: str
    is_ended: bool


class Restored(Struct, frozen=True, kw_only=True):
    """What was done to a restored database before anything is sent from it."""

    held: int  # letters
    mails: int  # of petitions, held
    erased: int  # actions


def erased_since(session: Session, made_at: datetime) -> list[ErasedElsewhere]:
    """What the database that was lost, or what is left of it, tells of people erased since the backup."""
    rows = session.execute(
        select(Action.receipt_token, Action.cancelled_at)
        .where(Action.erased_at >= made_at - _OVERLAP)
        .order_by(Action.id)
    )
    return [ErasedElsewhere(receipt_token=token, is_ended=cancelled_at is not None) for token, cancelled_at in rows]


def settle_restored(
    session: Session, erased: Iterable[ErasedElsewhere], *, made_at: datetime, actor: Actor, now: datetime
) -> Restored:
    """Stop all letters, hold those that may have gone out since `made_at`, and erase `erased` again.

    Nothing is sent until staff lift the stop, and of what is held nothing until they release it.
    """
    pauses.resume(session, Scope.ALL, "")  # one that was there, or that kept a restore that had not got so far
    cause = PauseCause(reason=PauseReason.RESTORED, words=f"{made_at:%Y-%m-%d %H:%M} UTC")
    pauses.pause(session, Scope.ALL, "", cause, actor=actor, now=now)
    held = Transition(after=State.HELD, actor=actor, reason=Reason.RESTORED, may_be_twice=True)
    count = message_state.move_all(session, [], _ON_THEIR_WAY, held, now=now)
    answer_questions.not_again(session, now=now)
    standing = update(Message).where(Message.state.in_([state.value for state in _STANDING]))
    session.execute(standing.values(possible_duplicate=True), execution_options=PLAIN)
    done = Restored(held=count, mails=_hold_mails(session, now), erased=_erase_again(session, erased, now))
    record(
        session,
        AuditAction.RESTORED,
        ObjectKind.DATABASE,
        session.get_bind().dialect.name,
        by=None,
        now=now,
        made_at=made_at.isoformat(),
        held=done.held,
        erased=done.erased,
    )
    return done


def _hold_mails(session: Session, now: datetime) -> int:
    """The mails that hand petitions over."""
    states = [state.value for state in _ON_THEIR_WAY]
    mails = session.scalars(select(PetitionMail).where(PetitionMail.state.in_(states))).all()
    for mail in mails:
        petition_mails.move(mail, State.HELD, now)
        mail.why = MailTrouble.UNCLEAR
    return len(mails)


def _erase_again(session: Session, erased: Iterable[ErasedElsewhere], now: datetime) -> int:
    count = 0
    for action in erased:
        is_here = select(Action.id).where(Action.receipt_token == action.receipt_token, Action.erased_at.is_(None))
        if session.scalar(is_here) is not None:
            erase(session, action.receipt_token, now=now, why=Reason.ERASED_BY_STAFF, is_ended=action.is_ended)
            count += 1
    return count


def note_backup(session: Session, *, is_encrypted: bool, octets: int, now: datetime) -> None:
    """Write into the audit trail that a copy of all personal data was made, and when for whoever asks how old it is."""
    heartbeats.beat(session, heartbeats.BACKUP, now=now)
    kind = session.get_bind().dialect.name
    details = {"encrypted": int(is_encrypted), "octets": octets}
    record(session, AuditAction.BACKED_UP, ObjectKind.DATABASE, kind, by=None, now=now, **details)


def note_copy(session: Session, *, rows: int, made_at: datetime, now: datetime) -> None:
    """Write into the audit trail of the database that was copied into that it is a copy."""
    kind = session.get_bind().dialect.name
    moment = made_at.isoformat()
    record(session, AuditAction.COPIED, ObjectKind.DATABASE, kind, by=None, now=now, rows=rows, made_at=moment)
