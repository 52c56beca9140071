"""The few things that staff may change about messages, one or many: never their words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.db.throttles import AddressFault
from actionmail.flows.delivery import message_state, readdressing
from actionmail.flows.delivery.message_state import MESSAGES, Transition
from actionmail.flows.delivery.private_words import private_of
from actionmail.flows.delivery.readdressing import MAY_BE_THERE, Naming
from actionmail.flows.review.filters import LARGEST_ID
from actionmail.flows.staff.audit import record
from actionmail.rules.delivery.blotting import blotted
from actionmail.rules.delivery.rates import FAULTS_TO_HOLD
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import GIVE_UP_AFTER, State, may_follow
from actionmail.rules.replacing import replace
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

LONGEST_REASON = 500


class Act(StrEnum):
    """What staff may do to a message."""

    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"
    REQUEUE = "requeue"
    READDRESS = "readdress"  # to the address that its legislator has by now
    GIVE_UP = "give up"


class Effect(Struct, frozen=True, kw_only=True):
    """What the audit trail says of one letter and of many, and between which states they go."""

    audit_action: AuditAction
    bulk_audit_action: AuditAction
    before: frozenset[State]  # narrower than TRANSITIONS, which also holds what only the worker does
    after: State


EFFECTS: Mapping[Act, Effect] = {
    Act.CANCEL: Effect(
        audit_action=AuditAction.MESSAGE_CANCELLED,
        bulk_audit_action=AuditAction.MESSAGES_CANCELLED,
        before=frozenset({State.UNCONFIRMED, State.REVIEW, State.QUEUED, State.DEFERRED}),
        after=State.CANCELLED,
    ),
    Act.HOLD: Effect(
        audit_action=AuditAction.MESSAGE_HELD,
        bulk_audit_action=AuditAction.MESSAGES_HELD,
        before=frozenset({State.QUEUED, State.DEFERRED, State.AMBIGUOUS}),
        after=State.HELD,
    ),
    Act.RELEASE: Effect(
        audit_action=AuditAction.MESSAGE_RELEASED,
        bulk_audit_action=AuditAction.MESSAGES_RELEASED,
        before=frozenset({State.HELD}),
        after=State.QUEUED,
    ),
    Act.REQUEUE: Effect(
        audit_action=AuditAction.MESSAGE_REQUEUED,
        bulk_audit_action=AuditAction.MESSAGES_REQUEUED,
        before=frozenset({State.FAILED}),
        after=State.QUEUED,
    ),
    Act.READDRESS: Effect(
        audit_action=AuditAction.MESSAGE_READDRESSED,
        bulk_audit_action=AuditAction.MESSAGES_READDRESSED,
        before=readdressing.STAYS | readdressing.ENDED,
        after=State.QUEUED,  # of what has ended; what waits, or is held, goes on doing so
    ),
    Act.GIVE_UP: Effect(
        audit_action=AuditAction.MESSAGE_GIVEN_UP,
        bulk_audit_action=AuditAction.MESSAGES_GIVEN_UP,
        before=frozenset({State.HELD}),
        after=State.FAILED,
    ),
}
_SENDS = frozenset({Act.RELEASE, Act.REQUEUE, Act.READDRESS})


class Refusal(StrEnum):
    """Why staff cannot change a message so, now."""

    UNKNOWN_MESSAGE = "unknown message"
    NO_REASON = "no reason"
    REASON_TOO_LONG = "reason too long"
    MOVED_ON = "moved on"  # it does not stand where the act may begin
    TAKEN_BACK = "taken back"  # by its supporter
    ERASED = "erased"
    DEADLINE_PASSED = "deadline passed"
    ADDRESS_DEAD = "address dead"  # letters failed there for good, and the roster still has it
    ADDRESS_CORRECTED = "address corrected"  # the same, and the roster has another by now
    SAME_ADDRESS = "same address"  # the roster has no other
    ADDRESS_UNUSABLE = "address unusable"  # no mail can be written to it
    MAY_BE_THERE = "may be there"  # somebody may have it at the former address
    CAMPAIGN_HOLDS = "campaign holds"  # its campaign holds its letters back


OF_REASON = frozenset({Refusal.NO_REASON, Refusal.REASON_TOO_LONG})


class MessageChangeRefused(Exception):
    """A message cannot be changed so, now. `length` is that of a reason that is too long, in characters."""

    def __init__(self, code: Refusal, *, act: Act, length: int = 0) -> None:
        super().__init__(code.value)
        self.code, self.act, self.length = code, act, length


class Standing(Struct, frozen=True, kw_only=True):
    """What decides whether a letter may be changed, and how."""

    state: State
    deadline: datetime | None  # of its campaign
    holds: bool  # its campaign, all its letters
    is_taken_back: bool
    is_erased: bool
    is_dead: bool  # letters of two supporters failed for good at its address
    new_address: str  # of its legislator, where it is another by now
    may_be_there: bool  # at its address


class Change(Struct, frozen=True, kw_only=True):
    """An act with what goes with it; `naming` is asked for by READDRESS alone."""

    act: Act
    reason: str  # as `reason_of` makes it
    by: int
    naming: Naming | None = None

    @property
    def effect(self) -> Effect:
        return EFFECTS[self.act]


def change(
    session: Session, number: int, act: Act, *, reason: str, by: int, now: datetime, naming: Naming | None = None
) -> State:
    """Do `act` to a message and keep why, in its events and in the audit trail. Gives its new state.

    Both are kept for good, so the reason is kept without the supporter, should it name them.

    Its row is locked, so that of a worker's claim and this only one happens. A letter that staff release goes, even
    while its campaign holds its letters back. `naming` is asked for by READDRESS alone. Raises MessageChangeRefused.
    """
    wanted = Change(act=act, reason=reason_of(reason, act), by=by, naming=naming)
    message = message_state.lock(session, number) if 0 < number <= LARGEST_ID else None
    if message is None:
        raise MessageChangeRefused(Refusal.UNKNOWN_MESSAGE, act=act)
    private = private_of(session.get_one(Action, message.action_id))
    wanted = replace(wanted, reason=blotted(wanted.reason, private))
    refusals = apply(session, [number], wanted, now=now)
    if refusals:
        raise MessageChangeRefused(refusals[number], act=act)
    record(session, wanted.effect.audit_action, ObjectKind.MESSAGE, number, by=by, now=now, reason=wanted.reason)
    session.refresh(message)
    return State(message.state)


def apply(session: Session, ids: Sequence[int], wanted: Change, *, now: datetime) -> dict[int, Refusal]:
    """Change these messages, whose rows and campaigns are locked; which of them were refused, and why."""
    stand = standings(session, ids)
    refusals: dict[int, Refusal] = {}
    by_expiry: dict[datetime, list[int]] = {}
    for number in ids:
        refusal = refusal_of(wanted.act, stand[number], now=now) if number in stand else Refusal.UNKNOWN_MESSAGE
        if refusal is None:
            by_expiry.setdefault(_send_until(stand[number], wanted.act, now), []).append(number)
        else:
            refusals[number] = refusal
    for expires_at, chosen in by_expiry.items():
        if wanted.act is Act.READDRESS:
            refusals |= _readdress(session, chosen, wanted, now)
        else:
            _move(session, chosen, wanted, expires_at, now)
    return refusals


def _move(session: Session, ids: Sequence[int], wanted: Change, expires_at: datetime, now: datetime) -> None:
    effect, also = wanted.effect, {}
    is_sent = effect.after is State.QUEUED
    if is_sent:
        also = {"expires_at": expires_at}
        alone = MESSAGES.update().where(MESSAGES.c.id.in_(ids))
        session.execute(alone.values(released_alone=True))  # whatever its campaign holds back
    transition = Transition(
        after=effect.after,
        actor=Actor.staff(wanted.by),
        words=wanted.reason,
        next_attempt_at=now if is_sent else None,
    )
    befores = sorted(before for before in effect.before if may_follow(before, effect.after))
    message_state.move_all(session, [MESSAGES.c.id.in_(ids)], befores, transition, now=now, also=also)


def _readdress(session: Session, ids: Sequence[int], wanted: Change, now: datetime) -> dict[int, Refusal]:
    if wanted.naming is None:
        raise ValueError("new versions have to be named")
    done = readdressing.readdress(
        session, ids, naming=wanted.naming, actor=Actor.staff(wanted.by), words=wanted.reason, now=now
    )
    return {number: Refusal.ADDRESS_UNUSABLE for number, is_done in done.items() if not is_done}


def standings(session: Session, ids: Collection[int]) -> dict[int, Standing]:
    """What decides about each of these messages."""
    faults = (
        select(func.count())
        .select_from(AddressFault)
        .where(AddressFault.recipient == Message.recipient)
        .correlate(Message)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Message.id,
            Message.state,
            Message.recipient,
            Campaign.deadline_at,
            Campaign.holds_letters,
            Action.cancelled_at,
            FrozenLetter.message_id.label("frozen"),
            Legislator.email,
            Legislator.gone_at,
            (faults >= literal(FAULTS_TO_HOLD)).label("is_dead"),
            MAY_BE_THERE.correlate(Message).label("may_be_there"),
        )
        .join(Action, Action.id == Message.action_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Legislator, Legislator.id == Message.legislator_id)
        .outerjoin(FrozenLetter, FrozenLetter.message_id == Message.id)
        .where(Message.id.in_(ids))
    )
    standings_by_id = {}
    for row in rows:
        is_other = row.email and row.gone_at is None and row.email.lower() != row.recipient.lower()
        standings_by_id[row.id] = Standing(
            state=State(row.state),
            deadline=row.deadline_at,
            holds=row.holds_letters,
            is_taken_back=row.cancelled_at is not None,
            is_erased=row.frozen is None,
            is_dead=bool(row.is_dead),
            new_address=row.email if is_other else "",
            may_be_there=bool(row.may_be_there),
        )
    return standings_by_id


def refusal_of(act: Act, letter: Standing, *, now: datetime) -> Refusal | None:
    """Why `act` cannot be done to this letter; None where it can."""
    if letter.state not in EFFECTS[act].before:
        return Refusal.MOVED_ON
    if act not in _SENDS:
        return None
    if letter.is_taken_back:
        return Refusal.TAKEN_BACK
    if letter.is_erased:
        return Refusal.ERASED
    if letter.deadline is not None and letter.deadline <= now:
        return Refusal.DEADLINE_PASSED
    if act is Act.READDRESS:
        return _why_not_readdressed(letter)
    if act is Act.REQUEUE and letter.is_dead:
        return Refusal.ADDRESS_CORRECTED if letter.new_address else Refusal.ADDRESS_DEAD
    return None


def _why_not_readdressed(letter: Standing) -> Refusal | None:
    if not letter.new_address:
        return Refusal.SAME_ADDRESS
    if letter.may_be_there:
        return Refusal.MAY_BE_THERE
    if letter.holds and letter.state in readdressing.ENDED:
        return Refusal.CAMPAIGN_HOLDS
    return None


def permitted(letter: Standing, *, now: datetime) -> list[Act]:
    """What staff may do to a letter as it is, or may try and be told why not: a dead address is to be mended.

    Whether it may be readdressed is for `refusal_of` to say.
    """
    acts: list[Act] = []
    for act in EFFECTS:
        if act is not Act.READDRESS and refusal_of(act, letter, now=now) in _TOLD:
            acts.append(act)
    return acts


def _send_until(letter: Standing, act: Act, now: datetime) -> datetime:
    """Until when it is tried, where the act sends it; for all letters of a campaign the same."""
    latest = now + GIVE_UP_AFTER
    return min(latest, letter.deadline) if letter.deadline and act in _SENDS else latest


def reason_of(text: str, act: Act) -> str:
    """Why, as it is kept. Raises MessageChangeRefused."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split())
    if not words:
        raise MessageChangeRefused(Refusal.NO_REASON, act=act)
    if len(words) > LONGEST_REASON:
        raise MessageChangeRefused(Refusal.REASON_TOO_LONG, act=act, length=len(words))
    return words


_TOLD = frozenset({None, Refusal.DEADLINE_PASSED, Refusal.ADDRESS_DEAD, Refusal.ADDRESS_CORRECTED})
