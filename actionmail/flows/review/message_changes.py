"""The few things that staff may change about a message: never its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import FrozenLetter, Message
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import Transition
from actionmail.flows.delivery.private_words import private_of
from actionmail.flows.review.message_filter import LARGEST_ID
from actionmail.flows.staff.audit import record
from actionmail.rules.delivery.blotting import blotted
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State, may_follow
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

LONGEST_REASON = 500


class Act(StrEnum):
    """What staff may do to a message."""

    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"
    REQUEUE = "requeue"
    GIVE_UP = "give up"


@dataclass(frozen=True, kw_only=True)
class _Effect:
    done: AuditAction
    before: frozenset[State]  # narrower than TRANSITIONS, which also holds what only the worker does
    after: State


# A bounced letter is not here: it needs a mended address and a new Message-ID first.
_EFFECTS: Mapping[Act, _Effect] = {
    Act.CANCEL: _Effect(
        done=AuditAction.MESSAGE_CANCELLED,
        before=frozenset({State.UNCONFIRMED, State.REVIEW, State.QUEUED, State.DEFERRED}),
        after=State.CANCELLED,
    ),
    Act.HOLD: _Effect(
        done=AuditAction.MESSAGE_HELD,
        before=frozenset({State.QUEUED, State.DEFERRED, State.AMBIGUOUS}),
        after=State.HELD,
    ),
    Act.RELEASE: _Effect(done=AuditAction.MESSAGE_RELEASED, before=frozenset({State.HELD}), after=State.QUEUED),
    Act.REQUEUE: _Effect(done=AuditAction.MESSAGE_REQUEUED, before=frozenset({State.FAILED}), after=State.QUEUED),
    Act.GIVE_UP: _Effect(done=AuditAction.MESSAGE_GIVEN_UP, before=frozenset({State.HELD}), after=State.FAILED),
}


class Refusal(StrEnum):
    """Why staff cannot change a message so, now."""

    UNKNOWN_MESSAGE = "unknown message"
    NO_REASON = "no reason"
    REASON_TOO_LONG = "reason too long"
    MOVED_ON = "moved on"  # it does not stand where the act may begin
    TAKEN_BACK = "taken back"  # by its supporter
    ERASED = "erased"
    DEADLINE_PASSED = "deadline passed"


class MessageChangeRefused(Exception):
    """A message cannot be changed so, now. `length` is that of a reason that is too long, in characters."""

    def __init__(self, code: Refusal, *, act: Act, length: int = 0) -> None:
        super().__init__(code.value)
        self.code, self.act, self.length = code, act, length


def change(session: Session, number: int, act: Act, *, reason: str, by: int, now: datetime) -> State:
    """Do `act` to a message and keep why, in its events and in the audit trail. Gives its new state.

    Both are kept for good, so the reason is kept without the supporter, should it name them.

    One conditional statement decides, so that of a worker's claim and this only one happens. A letter that staff
    release goes, even while its campaign holds its letters back. Raises MessageChangeRefused.
    """
    words = _reason(reason, act)
    message = message_state.lock(session, number) if 0 < number <= LARGEST_ID else None
    if message is None:
        raise MessageChangeRefused(Refusal.UNKNOWN_MESSAGE, act=act)
    before, effect = State(message.state), _EFFECTS[act]
    if before not in effect.before or not may_follow(before, effect.after):
        raise MessageChangeRefused(Refusal.MOVED_ON, act=act)
    words = blotted(words, private_of(session.get_one(Action, message.action_id)))
    also: dict[str, object] = {}
    if effect.after is State.QUEUED:
        also = {"expires_at": _send_until(session, message, act, now), "released_alone": True}
    transition = Transition(
        after=effect.after,
        actor=Actor.staff(by),
        words=words,
        next_attempt_at=now if effect.after is State.QUEUED else None,
    )
    if not message_state.move(session, message, transition, now=now, also=also):
        raise MessageChangeRefused(Refusal.MOVED_ON, act=act)
    record(session, effect.done, ObjectKind.MESSAGE, number, by=by, now=now, reason=words)
    return effect.after


def permitted(state: State, *, is_sendable: bool) -> list[Act]:
    """What staff may do to a message in this state; only what is sendable may be queued."""
    acts = []
    for act, effect in _EFFECTS.items():
        begins = state in effect.before and may_follow(state, effect.after)
        if begins and (is_sendable or effect.after is not State.QUEUED):
            acts.append(act)
    return acts


def _send_until(session: Session, message: Message, act: Act, now: datetime) -> datetime:
    """Until when it is tried once it is queued again. Raises MessageChangeRefused where it must not be sent."""
    if session.get_one(Action, message.action_id).cancelled_at is not None:
        raise MessageChangeRefused(Refusal.TAKEN_BACK, act=act)
    if session.get(FrozenLetter, message.id) is None:
        raise MessageChangeRefused(Refusal.ERASED, act=act)
    deadline = session.get_one(Campaign, message.campaign_id).deadline_at
    if deadline is not None and deadline <= now:
        raise MessageChangeRefused(Refusal.DEADLINE_PASSED, act=act)
    return min(now + GIVE_UP_AFTER, deadline) if deadline else now + GIVE_UP_AFTER


def _reason(text: str, act: Act) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split())
    if not words:
        raise MessageChangeRefused(Refusal.NO_REASON, act=act)
    if len(words) > LONGEST_REASON:
        raise MessageChangeRefused(Refusal.REASON_TOO_LONG, act=act, length=len(words))
    return words
