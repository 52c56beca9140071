"""One message with all that happened to it; whoever looks is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import EarlierLetter, Event, FrozenLetter, Message
from actionmail.db.staff import StaffMember
from actionmail.flows.delivery import pulses, waiting
from actionmail.flows.lookup.homes import Home, homes_of
from actionmail.flows.review import answered
from actionmail.flows.review.answered import OfLetter
from actionmail.flows.review.filters import LARGEST_ID
from actionmail.flows.review.message_changes import Act, Refusal, permitted, refusal_of, standings
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns.translations import name_of
from actionmail.rules.delivery.mail_text import headers_of
from actionmail.rules.delivery.rates import Limits
from actionmail.rules.delivery.reasons import Actor, ActorKind, Reason
from actionmail.rules.delivery.states import WAITING, State
from actionmail.rules.delivery.waiting import Reason as Why
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


class HistoryStep(Struct, frozen=True, kw_only=True):
    """One event of a message. `staff` is the address of the staff member, where one did it and is known still."""

    at: datetime
    before: State | None
    after: State
    actor: Actor
    staff: str
    reason: Reason
    attempt: int
    phase: str
    smtp_code: int | None
    enhanced: str
    text: str
    queue_id: str


class AsSent(Struct, frozen=True, kw_only=True):
    """The frozen letter: decoded for reading, and as it is on the wire."""

    headers: Sequence[tuple[str, str]]
    text: str
    raw: str
    is_intact: bool  # its SHA-256 is the one noted when it was frozen


class EarlierVersion(Struct, frozen=True, kw_only=True):
    """A version that was replaced since its legislator has another address; `letter` None once it was erased."""

    recipient: str
    message_id: str
    sha256: str
    replaced_at: datetime
    letter: AsSent | None


class MessageDetail(Struct, frozen=True, kw_only=True):
    """One message with all that happened to it; `letter` is None once the supporter was erased."""

    id: int
    action: int
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
    steps: Sequence[HistoryStep]
    letter: AsSent | None
    erased_at: datetime | None
    language: str  # the name of the one in which the supporter read the campaign's page; "" once they were erased
    homes: Sequence[Home]
    acts: Sequence[Act]  # what TRANSITIONS permits now
    legislator: int  # number
    is_dead: bool  # letters failed for good at its address, which the roster still has
    new_address: str  # of the legislator, where it is another by now
    not_readdressed: Refusal | None  # why it cannot go there; None where it can
    earlier: Sequence[EarlierVersion]  # the first one first
    waits: Sequence[Why]  # what keeps it, the weightiest first; [] where it does not wait
    limits: Limits  # those that workers keep
    answer: OfLetter | None  # what is known of an answer


def look(session: Session, number: int, *, by: int, now: datetime) -> MessageDetail | None:
    """One message, or None; that staff member `by` looked goes into the audit trail."""
    message = session.get(Message, number) if 0 < number <= LARGEST_ID else None
    if message is None:
        return None
    record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, number, by=by, now=now)
    campaign = session.get_one(Campaign, message.campaign_id)
    action = session.get_one(Action, message.action_id)
    frozen = session.get(FrozenLetter, message.id)
    state = State(message.state)
    stands = standings(session, [message.id])[message.id]
    return MessageDetail(
        id=message.id,
        action=message.action_id,
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
        steps=history(session, message.id),
        letter=_as_sent(frozen.raw, message.sha256) if frozen is not None else None,
        erased_at=action.erased_at,
        language=name_of(action.language) if action.language else "",
        homes=homes_of(action.state, action.lookup),
        acts=permitted(stands, now=now),
        legislator=message.legislator_id,
        is_dead=stands.is_dead and not stands.new_address,
        new_address=stands.new_address,
        not_readdressed=refusal_of(Act.READDRESS, stands, now=now),
        earlier=_earlier(session, message.id),
        waits=waiting.reasons(session, [message.id], now=now).get(message.id, []),
        limits=pulses.pulse(session).limits,
        answer=answered.of_letters(session, [message.id]).get(message.id),
    )


def _earlier(session: Session, number: int) -> list[EarlierVersion]:
    versions = []
    for version in session.scalars(
        select(EarlierLetter).where(EarlierLetter.letter == number).order_by(EarlierLetter.id)
    ):
        versions.append(
            EarlierVersion(
                recipient=version.recipient,
                message_id=version.message_id,
                sha256=version.sha256,
                replaced_at=version.replaced_at,
                letter=_as_sent(version.raw, version.sha256) if version.raw is not None else None,
            )
        )
    return versions


def history(session: Session, number: int) -> list[HistoryStep]:
    events = session.scalars(select(Event).where(Event.message_id == number).order_by(Event.id)).all()
    people = _staff_addresses(session, events)
    return [_step(event, people) for event in events]


def _step(event: Event, people: dict[str, str]) -> HistoryStep:
    actor = Actor(kind=ActorKind(event.actor_kind), id=event.actor_id)
    return HistoryStep(
        at=event.at,
        before=State(event.from_state) if event.from_state else None,
        after=State(event.to_state),
        actor=actor,
        staff=people.get(actor.id, "") if actor.kind is ActorKind.STAFF else "",
        reason=Reason(event.reason_code),
        attempt=event.attempt,
        phase=event.phase,
        smtp_code=event.smtp_code,
        enhanced=event.enhanced,
        text=event.text,
        queue_id=event.queue_id,
    )


def _staff_addresses(session: Session, events: Sequence[Event]) -> dict[str, str]:
    """Events name staff by number, since an append-only table should hold nobody's address; screens name the person."""
    numbers = set()
    for event in events:
        if event.actor_kind == ActorKind.STAFF and event.actor_id.isdecimal():
            numbers.add(int(event.actor_id))
    if not numbers:
        return {}
    rows = session.execute(select(StaffMember.id, StaffMember.email).where(StaffMember.id.in_(numbers)))
    return {str(row.id): row.email for row in rows}


def _as_sent(raw: bytes, noted: str) -> AsSent:
    letter = message_from_bytes(raw, _class=EmailMessage, policy=mail_policy)
    return AsSent(
        headers=headers_of(letter),
        text=str(letter.get_content()).replace("\r\n", "\n"),
        raw=raw.decode("utf-8", "replace").replace("\r\n", "\n"),
        is_intact=sha256(raw).hexdigest() == noted,
    )
