"""What became of each letter, and the few things that staff may change about it: never its words.

Pages go by id, newest first (keyset), so that the last page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy
from enum import StrEnum
from hashlib import sha256
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.staff import StaffMember
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.translations import known
from actionmail.rules.delivery.states import GIVE_UP_AFTER, WAITING, State, may_follow
from actionmail.rules.districts.zip_districts import and_join
from actionmail.rules.roster.titles import chamber_name, district_label
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

PAGE_SIZE = 50
COUNTED = 10_000  # of one state, over the whole log
LONGEST_REASON = 500
_LARGEST_ID = 2**63 - 1
_Columns = TypeVarTuple("_Columns")


class Act(StrEnum):
    """What staff may do to a message."""

    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"
    REQUEUE = "requeue"
    GIVE_UP = "give up"


@dataclass(frozen=True, kw_only=True)
class _Move:
    done: AuditAction
    before: frozenset[State]  # narrower than TRANSITIONS, which also holds what only the worker does
    after: State


# A bounced letter is not here: it needs a mended address and a new Message-ID first.
_MOVES: Mapping[Act, _Move] = {
    Act.CANCEL: _Move(
        done=AuditAction.MESSAGE_CANCELLED,
        before=frozenset({State.UNCONFIRMED, State.QUEUED, State.DEFERRED}),
        after=State.CANCELLED,
    ),
    Act.HOLD: _Move(
        done=AuditAction.MESSAGE_HELD,
        before=frozenset({State.QUEUED, State.DEFERRED, State.AMBIGUOUS}),
        after=State.HELD,
    ),
    Act.RELEASE: _Move(done=AuditAction.MESSAGE_RELEASED, before=frozenset({State.HELD}), after=State.QUEUED),
    Act.REQUEUE: _Move(done=AuditAction.MESSAGE_REQUEUED, before=frozenset({State.FAILED}), after=State.QUEUED),
    Act.GIVE_UP: _Move(done=AuditAction.MESSAGE_GIVEN_UP, before=frozenset({State.HELD}), after=State.FAILED),
}


class ChangeRefused(ValueError):
    """A message cannot be changed so, now; `str()` is the sentence for staff."""


class UnknownMessage(ChangeRefused):
    """There is no such message."""


class BadReason(ChangeRefused):
    """Staff gave no reason, or too long a one."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which messages. Every part narrows; an empty one does not. Days are UTC, `until` included."""

    campaign: str = ""  # slug
    state: State | None = None
    target: str = ""  # part of the legislator's name as the letter has it
    since: date | None = None
    until: date | None = None
    number: str = ""  # Message-ID with or without its angle brackets, or the log's own number

    @property
    def is_wide(self) -> bool:
        """Whether it narrows by the state at most."""
        return replace(self, state=None) == Filter()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the send log."""

    id: int
    at: datetime
    campaign: str
    target_name: str
    state: State
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """Newest first. `older` and `newer` are the ids to go on from, None at that end."""

    lines: Sequence[Line]
    older: int | None
    newer: int | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event of a message."""

    at: datetime
    before: State | None
    after: State
    actor: str
    attempt: int
    phase: str
    smtp_code: int | None
    enhanced: str
    text: str
    queue_id: str


@dataclass(frozen=True, kw_only=True)
class AsSent:
    """The frozen letter: decoded for reading, and as it is on the wire."""

    headers: Sequence[tuple[str, str]]
    text: str
    raw: str
    is_intact: bool  # its SHA-256 is the one noted when it was frozen


@dataclass(frozen=True, kw_only=True)
class Home:
    """In which district of one chamber the supporter lives, and how that became known."""

    place: str  # "Wisconsin State Assembly, District 76"
    method: str  # that of `flows.lookup.Basis`; of an action before there was one per chamber, the whole lookup's
    is_chosen: bool  # by the supporter
    data_version: str
    confidence: str  # "" where none was kept


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One message with all that happened to it; `letter` is None once the supporter was erased."""

    id: int
    at: datetime
    campaign: str
    campaign_title: str
    target_name: str
    recipient: str
    state: State
    attempts: int
    next_attempt_at: datetime | None
    expires_at: datetime
    possible_duplicate: bool
    message_id: str
    queue_id: str
    sha256: str
    steps: Sequence[Step]
    letter: AsSent | None
    erased_at: datetime | None
    language: str  # the name of the one in which the supporter read the campaign's page; "" once they were erased
    homes: Sequence[Home]
    acts: Sequence[Act]  # what TRANSITIONS permits now


def page(session: Session, wanted: Filter, *, before: int | None = None, after: int | None = None) -> Page:
    """The messages older than id `before`, or newer than `after`, or else the newest; at most PAGE_SIZE."""
    statement = _narrowed(
        select(
            Message.id,
            Message.created_at,
            Campaign.slug,
            Message.target_name,
            Message.state,
            Message.attempts,
        ).join(Campaign, Campaign.id == Message.campaign_id),
        wanted,
    ).limit(PAGE_SIZE + 1)
    if after is not None:
        found = session.execute(statement.where(Message.id > _bounded(after)).order_by(Message.id)).all()
        rows = found[:PAGE_SIZE][::-1]
        more_newer, more_older = len(found) > PAGE_SIZE, True
    else:
        if before is not None:
            statement = statement.where(Message.id < _bounded(before))
        found = session.execute(statement.order_by(Message.id.desc())).all()
        rows = found[:PAGE_SIZE]
        more_newer, more_older = before is not None, len(found) > PAGE_SIZE
    return Page(
        lines=[_line(row) for row in rows],
        older=rows[-1].id if rows and more_older else None,
        newer=rows[0].id if rows and more_newer else None,
    )


def counts(session: Session, wanted: Filter) -> dict[State, int]:
    """How many messages stand in each state, whatever state the filter names.

    Over the whole log it stops at COUNTED + 1 of a state, so that the page costs the same however long the log is.
    """
    if wanted.is_wide:
        each = (select(Message.id).where(Message.state == state).limit(COUNTED + 1).subquery() for state in State)
        numbers = [select(func.count()).select_from(one).scalar_subquery() for one in each]
        return {
            state: number
            for state, number in zip(State, session.execute(select(*numbers)).one(), strict=True)
            if number
        }
    statement = _narrowed(select(Message.state, func.count()), replace(wanted, state=None)).group_by(Message.state)
    found = {State(state): number for state, number in session.execute(statement)}
    return {state: found[state] for state in State if state in found}


def campaigns(session: Session) -> list[tuple[str, str]]:
    """Slug and title of every campaign, to choose from."""
    return [(row.slug, row.title) for row in session.execute(select(Campaign).order_by(Campaign.title)).scalars()]


def look(session: Session, number: int, *, by: int, now: datetime) -> Detail | None:
    """One message, or None; that staff member `by` looked goes into the audit trail."""
    message = session.get(Message, number) if 0 < number <= _LARGEST_ID else None
    if message is None:
        return None
    record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, number, by=by, now=now)
    campaign = session.get_one(Campaign, message.campaign_id)
    action = session.get_one(Action, message.action_id)
    frozen = session.get(FrozenLetter, message.id)
    state = State(message.state)
    return Detail(
        id=message.id,
        at=message.created_at,
        campaign=campaign.slug,
        campaign_title=campaign.title,
        target_name=message.target_name,
        recipient=message.recipient,
        state=state,
        attempts=message.attempts,
        next_attempt_at=message.next_attempt_at if state in WAITING else None,
        expires_at=message.expires_at,
        possible_duplicate=message.possible_duplicate,
        message_id=message.message_id,
        queue_id=message.queue_id,
        sha256=message.sha256,
        steps=_steps(session, message.id),
        letter=_as_sent(frozen.raw, message.sha256) if frozen is not None else None,
        erased_at=action.erased_at,
        language=known(action.language).name if action.language else "",
        homes=_homes(action),
        acts=_permitted(state, is_sendable=frozen is not None and action.cancelled_at is None),
    )


def _homes(action: Action) -> list[Home]:
    districts: dict[str, list[str]] = {}
    for seat in action.lookup.get("districts", ()):
        chamber, _, name = seat.partition("/")
        districts.setdefault(chamber, []).append(name)
    homes = []
    for chamber, names in districts.items():
        basis = action.lookup.get("basis", {}).get(chamber, action.lookup)
        method, _, choice = basis.get("method", "").partition("+")
        labels = dict.fromkeys(district_label(chamber, name) for name in names)
        homes.append(
            Home(
                place=f"{chamber_name(action.state, chamber)}, {and_join(list(labels))}",
                method=method,
                is_chosen="choice" in {method, choice},
                data_version=basis.get("data_version", ""),
                confidence=basis.get("confidence", ""),
            )
        )
    return homes


def change(session: Session, number: int, act: Act, *, reason: str, by: int, now: datetime) -> State:
    """Do `act` to a message and keep why, in its events and in the audit trail. Gives its new state.

    One conditional statement decides, so that of a worker's claim and this only one happens. Raises UnknownMessage,
    BadReason, or ChangeRefused where the message does not stand where the act may begin.
    """
    why = _reason(reason)
    message = session.get(Message, number, with_for_update=True) if 0 < number <= _LARGEST_ID else None
    if message is None:
        raise UnknownMessage("There is no such message.")
    before, move = State(message.state), _MOVES[act]
    if before not in move.before or not may_follow(before, move.after):
        raise ChangeRefused(f"You cannot {act} this message now. It has moved on: look at where it stands, below.")
    values: dict[str, object] = {"state": move.after.value, "lease_owner": None, "lease_until": None, "updated_at": now}
    if move.after is State.QUEUED:
        values |= _to_be_sent(session, message, now)
    else:
        values |= {"next_attempt_at": None}
    changed = session.execute(
        update(Message)
        .where(Message.id == number, Message.state == before.value)
        .values(values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is None:
        raise ChangeRefused(f"You cannot {act} this message now. It has moved on: look at where it stands, below.")
    session.add(
        Event(
            message_id=number,
            at=now,
            from_state=before.value,
            to_state=move.after.value,
            actor=f"staff {by}",
            attempt=message.attempts,
            text=why,
        )
    )
    record(session, move.done, ObjectKind.MESSAGE, number, by=by, now=now, reason=why)
    return move.after


def _to_be_sent(session: Session, message: Message, now: datetime) -> dict[str, object]:
    """What else changes when a message is queued again: due now, with time to succeed, the same frozen bytes."""
    action = session.get_one(Action, message.action_id)
    if action.cancelled_at is not None:
        raise ChangeRefused("The supporter cancelled this letter. It will not be sent.")
    if session.get(FrozenLetter, message.id) is None:
        raise ChangeRefused("The supporter's details and this letter were erased. It cannot be sent.")
    deadline = session.get_one(Campaign, message.campaign_id).deadline_at
    if deadline is not None and deadline <= now:
        raise ChangeRefused("The campaign's deadline has passed. The letter would come too late.")
    may_have_arrived = session.scalar(
        select(
            exists().where(
                Event.message_id == message.id, Event.to_state.in_([State.ACCEPTED.value, State.AMBIGUOUS.value])
            )
        )
    )
    return {
        "next_attempt_at": now,
        "expires_at": min(now + GIVE_UP_AFTER, deadline) if deadline else now + GIVE_UP_AFTER,
        "body_started_at": None,
        "possible_duplicate": message.possible_duplicate or bool(may_have_arrived),
    }


def _permitted(state: State, *, is_sendable: bool) -> list[Act]:
    return [
        act
        for act, move in _MOVES.items()
        if state in move.before and may_follow(state, move.after) and (is_sendable or move.after is not State.QUEUED)
    ]


def _reason(text: str) -> str:
    why = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not why:
        raise BadReason("Say why, in a few words: colleagues will want to know.")
    if len(why) > LONGEST_REASON:
        raise BadReason(f"Say why in at most {LONGEST_REASON} characters; this has {len(why)}.")
    return why


def _narrowed(statement: Select[*_Columns], wanted: Filter) -> Select[*_Columns]:
    return statement.where(*_conditions(wanted))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.campaign:
        conditions.append(
            Message.campaign_id == select(Campaign.id).where(Campaign.slug == wanted.campaign).scalar_subquery()
        )
    if wanted.state is not None:
        conditions.append(Message.state == wanted.state.value)
    if wanted.target:
        conditions.append(Message.target_name.icontains(wanted.target, autoescape=True))
    if wanted.since is not None:
        conditions.append(Message.created_at >= datetime.combine(wanted.since, time.min, UTC))
    if wanted.until is not None:
        conditions.append(Message.created_at <= datetime.combine(wanted.until, time.max, UTC))
    if wanted.number:
        conditions.append(_numbered(wanted.number))
    return conditions


def _numbered(text: str) -> ColumnElement[bool]:
    if text.isascii() and text.isdecimal():
        return Message.id == _bounded(int(text[:20]))
    return Message.message_id == f"<{text.strip('<>')}>"


def _bounded(number: int) -> int:
    return max(0, min(number, _LARGEST_ID))


def _line(row: Row[int, datetime, str, str, str, int]) -> Line:
    return Line(
        id=row.id,
        at=row.created_at,
        campaign=row.slug,
        target_name=row.target_name,
        state=State(row.state),
        attempts=row.attempts,
    )


def _steps(session: Session, number: int) -> list[Step]:
    events = session.scalars(select(Event).where(Event.message_id == number).order_by(Event.id)).all()
    people = _staff_addresses(session, [event.actor for event in events])
    return [
        Step(
            at=event.at,
            before=State(event.from_state) if event.from_state else None,
            after=State(event.to_state),
            actor=people.get(event.actor, event.actor),
            attempt=event.attempt,
            phase=event.phase,
            smtp_code=event.smtp_code,
            enhanced=event.enhanced,
            text=event.text,
            queue_id=event.queue_id,
        )
        for event in events
    ]


def _staff_addresses(session: Session, actors: Sequence[str]) -> dict[str, str]:
    """Events name staff by number, since an append-only table should hold nobody's address; screens name the person."""
    numbers = {int(actor[6:]) for actor in actors if actor.startswith("staff ") and actor[6:].isdecimal()}
    if not numbers:
        return {}
    rows = session.execute(select(StaffMember.id, StaffMember.email).where(StaffMember.id.in_(numbers)))
    return {f"staff {row.id}": row.email for row in rows}


def _as_sent(raw: bytes, noted: str) -> AsSent:
    letter = message_from_bytes(raw, _class=EmailMessage, policy=mail_policy)
    return AsSent(
        headers=[(name, str(value)) for name, value in letter.items()],
        text=str(letter.get_content()).replace("\r\n", "\n"),
        raw=raw.decode("utf-8", "replace").replace("\r\n", "\n"),
        is_intact=sha256(raw).hexdigest() == noted,
    )
