"""The one door through which a message's state changes: the rule, the campaign's hold, the update, the event.

Every change is a conditional UPDATE that names the state it expects, followed by its event in the same transaction. So
of two who change a message at once only one does. Which state may follow which is asked here alone (and once more by a
trigger of the database).

While a campaign's letters are held back (`Campaign.holds_letters`), whatever would begin to wait for a worker is held
with them. To decide that, a campaign's row is locked before its messages are: shared by whoever makes a letter wait,
alone by whoever holds the letters back or releases them. Always in this order, the campaign first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    String,
    Table,
    TextClause,
    bindparam,
    case,
    exists,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import SENDING as LEASED_ROWS
from actionmail.db.messages import WAITING as WAITING_ROWS
from actionmail.db.messages import Event, Message
from actionmail.db.prepared import PreparedRows, insert_into
from actionmail.flows.delivery.statements import listed
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import BEGINNINGS, WAITING, IllegalTransition, State, check_transition

EVENTS = cast(Table, Event.__table__)
MESSAGES = cast(Table, Message.__table__)
IS_WAITING = text(WAITING_ROWS)  # so that the partial indexes are found
IS_LEASED = text(LEASED_ROWS)
STEP_COLUMNS = (Message.id, Message.campaign_id, Message.state, Message.attempts, Message.released_alone)
PLAIN = {"synchronize_session": False}
# Whether a mail server may have taken the letter at some time, whatever became of it then.
MAY_HAVE_ARRIVED = exists().where(
    Event.message_id == Message.id,
    or_(Event.to_state.in_([State.ACCEPTED.value, State.AMBIGUOUS.value]), Event.smtp_code.between(200, 299)),
)


class ServerAnswer(Struct, frozen=True, kw_only=True):
    """What a mail server said: at which step of the conversation, its code, and its own name for the letter."""

    phase: str = ""
    code: int | None = None
    enhanced: str = ""  # RFC 3463
    queue_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """Where messages go, and all that their events tell of it. `words` are the server's own, or the staff's."""

    after: State
    actor: Actor
    reason: Reason = Reason.NONE
    words: str = ""
    answer: ServerAnswer | None = None
    next_attempt_at: datetime | None = None  # of a state that waits
    is_try: bool = False  # a try was used up
    may_be_twice: bool = False


class Step(Struct, frozen=True, kw_only=True):
    """One message's own transition; its row and its campaign's are locked."""

    id: int
    campaign_id: int
    before: State
    attempts: int
    released_alone: bool
    transition: Transition


def step_of(row: Any, transition: Transition) -> Step:
    """The step of a row of STEP_COLUMNS."""
    return Step(
        id=row.id,
        campaign_id=row.campaign_id,
        before=State(row.state),
        attempts=row.attempts,
        released_alone=row.released_alone,
        transition=transition,
    )


class Note(Struct, frozen=True, kw_only=True):
    """What is written into a message's history and changes nothing."""

    actor: Actor
    reason: Reason = Reason.NONE
    words: str = ""
    answer: ServerAnswer | None = None


def lock(session: Session, message_id: int) -> Message | None:
    """The message, locked after its campaign until the transaction ends; None where there is none."""
    campaign_id = session.scalar(select(Message.campaign_id).where(Message.id == message_id))
    if campaign_id is None:
        return None
    lock_campaigns(session, [campaign_id])
    return session.get(Message, message_id, with_for_update=True)


def lock_campaigns(session: Session, campaign_ids: Collection[int]) -> set[int]:
    """Lock these campaigns against being held or released meanwhile; which of them hold their letters back."""
    return _locked(session, Campaign.id.in_(sorted(campaign_ids)))


def lock_campaigns_of(session: Session, message_ids: Collection[int]) -> set[int]:
    """The same for the campaigns of these messages."""
    theirs = text(_CAMPAIGNS_OF[session.get_bind().dialect.name]).bindparams(ids=listed(session, message_ids))
    return _locked(session, theirs)


def _locked(session: Session, which: Any) -> set[int]:
    rows = session.execute(
        select(Campaign.id, Campaign.holds_letters).where(which).order_by(Campaign.id).with_for_update(read=True)
    )
    return {id_ for id_, holds_letters in rows if holds_letters}


def begin_each(
    at: Session | Connection, messages: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime
) -> list[int]:
    """Put new messages, each in a state in which messages begin, into the queue, each with its first event.

    `messages` are rows of their table, with a `reason` beside its columns; their numbers come back in the same order.
    Raises IllegalTransition, and IntegrityError where one is there already.
    """
    rows = []
    for message in messages:
        if State(message["state"]) not in BEGINNINGS:
            raise IllegalTransition(None, State(message["state"]))
        rows.append({**message, **_UNTRIED})
    numbers = {row.message_id: row.id for row in _BEGIN.all(at, rows)}
    ids = [numbers[row["message_id"]] for row in rows]
    events = []
    for id_, message in zip(ids, messages, strict=True):
        first = Transition(after=State(message["state"]), actor=actor, reason=message["reason"])
        events.append(_event(id_, "", 0, first, now))
    _FIRST.run(at, events)
    return ids


def move(
    session: Session,
    message: Message,
    transition: Transition,
    *,
    now: datetime,
    also: Mapping[str, object] | None = None,
) -> bool:
    """Change one message's state; `also` are further columns. False, and nothing changed, where it moved meanwhile.

    A message that would wait for a worker while its campaign holds its letters is held with them, unless staff
    released it alone. Raises IllegalTransition where the rule does not know the step.
    """
    before = State(message.state)
    check_transition(before, transition.after)
    released_alone = bool((also or {}).get("released_alone", message.released_alone))
    if transition.after in WAITING and not released_alone:
        transition = _unless_held(transition, lock_campaigns(session, [message.campaign_id]), message.campaign_id)
        check_transition(before, transition.after)
    session.flush()
    statement = _THIS.values({**_values(before, transition.after), **(also or {})})
    parameters = {"b_id": message.id, "b_before": before.value, **_parameters(transition, now)}
    result = cast(CursorResult[Any], session.connection().execute(statement, parameters))
    session.refresh(message)
    if not result.rowcount:
        return False
    append(session, [_event(message.id, before, message.attempts, transition, now)])
    return True


def move_each(session: Session, steps: Iterable[Step], *, held: Collection[int], now: datetime) -> None:
    """Change messages whose rows are locked, each by its own transition, in two statements.

    `held` is what `lock_campaigns` said of their campaigns; where no step leads to waiting it may be empty. Raises
    IllegalTransition.
    """
    updates: list[dict[str, object]] = []
    events: list[dict[str, object]] = []
    for step in steps:
        transition = step.transition
        check_transition(step.before, transition.after)
        if not step.released_alone:
            transition = _unless_held(transition, held, step.campaign_id)
        updates.append({"b_id": step.id, "b_before": step.before.value, **_parameters(transition, now)})
        attempts = step.attempts + transition.is_try
        events.append(_event(step.id, step.before, attempts, transition, now))
    if updates:
        session.connection().execute(_MOVE_EACH, updates)
    append(session, events)


def move_all(
    session: Session,
    which: Sequence[ColumnElement[bool] | TextClause],
    befores: Iterable[State],
    transition: Transition,
    *,
    now: datetime,
    also: Mapping[str, object] | None = None,
) -> int:
    """Change all messages that `which` picks and that stand in one of `befores`, in few statements; how many.

    What would wait for a worker while its campaign holds its letters stays where it is. Raises IllegalTransition.
    """
    conditions = list(which)
    if transition.after in WAITING:
        holding = select(Campaign.id).where(Campaign.holds_letters)
        conditions.append(or_(Message.released_alone, Message.campaign_id.not_in(holding)))
    count = 0
    for before in befores:
        check_transition(before, transition.after)
        values = {**_values(before, transition.after), **(also or {})}
        statement = update(MESSAGES).where(MESSAGES.c.state == before.value, *conditions).values(values)
        parameters = _parameters(transition, now)
        moved = session.execute(statement.returning(MESSAGES.c.id), parameters, execution_options=PLAIN).scalars().all()
        for start in range(0, len(moved), _AT_ONCE):
            _append_alike(session, moved[start : start + _AT_ONCE], before, transition, now)
        count += len(moved)
    return count


def note(session: Session, message: Message, entry: Note, *, now: datetime) -> None:
    """Write into the history what changes no state."""
    note_each(session, [message], entry, now=now)


def note_each(session: Session, messages: Iterable[Message], entry: Note, *, now: datetime) -> None:
    """The same of several."""
    events = []
    for message in messages:
        state = State(message.state)
        same = Transition(
            after=state, actor=entry.actor, reason=entry.reason, words=entry.words, answer=entry.answer
        )  # fmt: skip
        events.append(_event(message.id, state, message.attempts, same, now))
    append(session, events)


def note_late_answer(session: Session, step: Step, *, now: datetime) -> None:
    """Write down what came after the message had moved on; its state is left as it is."""
    same = replace(step.transition, after=step.before, reason=Reason.ANSWER_TOO_LATE)
    append(session, [_event(step.id, step.before, step.attempts, same, now)])


def append(session: Session, events: Sequence[Mapping[str, object]]) -> None:
    if events:
        _APPEND.run_each(session, events)


def _values(before: State, after: State) -> Mapping[str, Any]:
    """What a transition writes. What goes out anew may have arrived before: then it is marked as a second copy."""
    if after is not State.QUEUED or before is State.UNCONFIRMED:
        return _MOVED
    return {**_MOVED, "possible_duplicate": or_(_MAY_BE_TWICE, MAY_HAVE_ARRIVED)}


def _unless_held(transition: Transition, held: Collection[int], campaign_id: int) -> Transition:
    if transition.after not in WAITING or campaign_id not in held:
        return transition
    may_be_twice = transition.may_be_twice or transition.after is State.AMBIGUOUS
    return replace(
        transition,
        after=State.HELD,
        reason=Reason.CAMPAIGN_HELD,
        next_attempt_at=None,
        may_be_twice=may_be_twice,
    )


def _parameters(transition: Transition, now: datetime) -> dict[str, object]:
    answer = transition.answer or ServerAnswer()
    return {
        "b_after": transition.after.value,
        "b_next": transition.next_attempt_at,
        "b_tries": int(transition.is_try),
        "b_twice": transition.may_be_twice,
        "b_answered": transition.answer is not None,
        "b_code": answer.code,
        "b_queue_id": answer.queue_id,
        "b_now": now,
    }


def _event(id_: int, before: str, attempts: int, transition: Transition, now: datetime) -> dict[str, object]:
    answer = transition.answer or ServerAnswer()
    return {
        "message_id": id_,
        "at": now,
        "from_state": str(before),
        "to_state": transition.after.value,
        "actor_kind": transition.actor.kind.value,
        "actor_id": transition.actor.id[:_ACTOR_LENGTH],
        "reason_code": transition.reason.value,
        "attempt": attempts,
        "phase": answer.phase,
        "smtp_code": answer.code,
        "enhanced": answer.enhanced[:_ENHANCED_LENGTH],
        "text": transition.words,
        "queue_id": answer.queue_id,
    }


def _append_alike(session: Session, ids: Sequence[int], before: State, transition: Transition, now: datetime) -> None:
    """The events of `move_all`, made by the database from one."""
    event = _event(0, before, 0, transition, now)
    event |= {"message_id": MESSAGES.c.id, "attempt": MESSAGES.c.attempts}
    columns = []
    for name, value in event.items():
        columns.append(value if isinstance(value, ColumnElement) else literal(value, EVENTS.c[name].type))
    rows = select(*columns).where(MESSAGES.c.id.in_(ids))
    session.execute(insert(EVENTS).from_select(list(event), rows))


_UNTRIED: Mapping[str, Any] = {
    "attempts": 0,
    "claimed_from": "",
    "possible_duplicate": False,
    "released_alone": False,
    "queue_id": "",
}
_EVENT = (
    *("message_id", "at", "from_state", "to_state", "actor_kind", "actor_id", "reason_code", "attempt", "phase"),
    *("smtp_code", "enhanced", "text", "queue_id"),
)
_APPEND = insert_into(EVENTS, *_EVENT)
_FIRST = PreparedRows(EVENTS, *_EVENT)
_AT_ONCE = 1000
_ACTOR_LENGTH = 120
_ENHANCED_LENGTH = 12
_CAMPAIGNS_OF = {
    "sqlite": "campaigns.id IN (SELECT campaign_id FROM messages WHERE id IN (SELECT value FROM json_each(:ids)))",
    "postgresql": "campaigns.id IN (SELECT campaign_id FROM messages WHERE id = ANY (CAST(:ids AS bigint[])))",
}
# Whatever moves gives up its lease, and its next body begins anew.
_ANSWERED = bindparam("b_answered", type_=Boolean)
_QUEUE_ID = bindparam("b_queue_id", type_=String)
_MAY_BE_TWICE = or_(MESSAGES.c.possible_duplicate, bindparam("b_twice", type_=Boolean))
_MOVED: Mapping[str, Any] = {
    "state": bindparam("b_after", type_=String),
    "next_attempt_at": bindparam("b_next", type_=Instant),
    "attempts": MESSAGES.c.attempts + bindparam("b_tries", type_=Integer),
    "possible_duplicate": _MAY_BE_TWICE,
    "lease_owner": None,
    "lease_until": None,
    "body_started_at": None,
    "queue_id": case((_QUEUE_ID != "", _QUEUE_ID), else_=MESSAGES.c.queue_id),
    "last_code": case((_ANSWERED, bindparam("b_code", type_=Integer)), else_=MESSAGES.c.last_code),
    "updated_at": bindparam("b_now", type_=Instant),
}
_BEGIN = PreparedRows(
    MESSAGES,
    *("action_id", "campaign_id", "legislator_id", "letter_id", "supporter_key", "target_name", "recipient", "domain"),
    *("subject", "state", "next_attempt_at", "expires_at", "message_id", "return_path", "sha256", "template_version"),
    *("created_at", "updated_at"),
    *_UNTRIED,
    answer=("id", "message_id"),
)
_THIS = update(MESSAGES).where(MESSAGES.c.id == bindparam("b_id"), MESSAGES.c.state == bindparam("b_before"))
_MOVE_EACH = _THIS.values(_MOVED)
