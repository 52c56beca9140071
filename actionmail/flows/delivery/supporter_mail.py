"""Mail to supporters goes out from the database: what offices answered, and the asking whether a letter is theirs.

A mail is kept in the transaction that makes it due, so that it outlives the process which wrote it, and is handed over
by a worker. A try is counted, and the next one set, before it begins: whatever happens to the worker meanwhile, no
other touches the mail until then, and there are at most TRIES of them. A worker that dies, or whose database is away,
between the mail server's yes and noting it leaves a mail that arrives twice; a letter to a legislator never goes
through here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, cast

from msgspec import Struct
from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.db.trouble import is_passing
from actionmail.flows.delivery import message_state, pauses
from actionmail.flows.delivery.message_state import Note
from actionmail.flows.delivery.persistence import place_of
from actionmail.rules.delivery.reasons import SUPPORTER_MAIL, Reason
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, State, refused_here, retry_delay
from actionmail.rules.delivery.trouble import Trouble

WriteSessions = Callable[[], AbstractContextManager[Session]]

TRIES = 8
AT_ONCE = 20  # also as many as one death of a worker can send twice


class Kind(StrEnum):
    """What a mail to a supporter is about."""

    ANSWER = "answer"  # an office's
    ASK = "ask"  # to confirm their letters
    REMINDER = "reminder"  # of that
    DAY = "day"  # of action, of which they asked to be reminded
    DECISION = "decision"  # of staff, on what they look at first
    RECEIPT = "receipt"  # its link, once more
    COPY = "copy"  # of what they did, with its link
    QUESTION = "question"  # whether the offices answered, which they agreed to be asked


_ACTION_ID = func.coalesce(SupporterMail.action_id, Message.action_id)
ASKING = (Kind.ASK.value, Kind.REMINDER.value)


class Relay(Protocol):
    """What hands mail to a mail server; see `gateways.smtp.SmtpRelay`."""

    def deliver(self, parcels: Sequence[Parcel]) -> Handover: ...


def put(
    session: Session,
    kind: Kind,
    *,
    recipient: str,
    raw: bytes,
    due: datetime,
    message_id: int | None = None,
    action_id: int | None = None,
) -> SupporterMail:
    """Keep a mail that is to go at `due`: about a message, or about an action as a whole."""
    mail = SupporterMail(
        message_id=message_id,
        action_id=action_id,
        kind=kind.value,
        recipient=recipient,
        raw=raw,
        attempts=0,
        next_attempt_at=due,
    )
    session.add(mail)
    return mail


def drop(session: Session, message_ids: Collection[int], kinds: Collection[str] = tuple(Kind)) -> None:
    """Send no more mail of these kinds about these messages."""
    session.execute(
        delete(SupporterMail).where(SupporterMail.message_id.in_(message_ids), SupporterMail.kind.in_(kinds))
    )


def drop_of_action(session: Session, action_id: int, kinds: Collection[str] = tuple(Kind)) -> None:
    """Send no more mail of these kinds about an action as a whole."""
    session.execute(
        delete(SupporterMail).where(SupporterMail.action_id == action_id, SupporterMail.kind.in_(kinds))
    )  # fmt: skip


def drop_expired(session: Session, *, now: datetime) -> int:
    """Give up what is of no use any more; how many."""
    return cast(
        CursorResult[Any], session.execute(delete(SupporterMail).where(SupporterMail.expires_at <= now))
    ).rowcount


def send(
    write: WriteSessions,
    relay: Relay,
    *,
    from_address: str,
    now: datetime,
    kinds: Collection[Kind] = tuple(Kind),
    sign: Callable[[bytes], bytes] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[int, Trouble | None]:
    """Hand due mail to the mail server, with the organisation's `from_address` as return path; how much it took.

    A copy waits until what it is of is confirmed. What asks to confirm, or reminds of a day, waits while its campaign
    is not live; that, and what asks whether offices answered, waits while everything, the campaign or the mail domain
    is paused. A reminder beyond what an address gets in a day is left out. `sign` puts DKIM signatures before the
    bytes. One on which the program fails is tried again as any is, and the log tells where.
    """
    with write() as session:
        claimed = _claim(session, now, kinds)
        counted = _reminded(session, claimed)
    left_out = _beyond_the_day(write, counted, now)
    outcomes: dict[int, Outcome] = {}
    parcels: list[Parcel] = []
    for mail in claimed:
        if mail.id in left_out:
            continue
        try:
            raw = sign(mail.raw) if sign else mail.raw
            parcels.append(Parcel(id=mail.id, return_path=from_address, recipient=mail.recipient, raw=raw))
        except Exception as error:  # one mail on which the program fails stops no other
            outcomes[mail.id] = refused_here(Reason.PROGRAM_FAILED, state=State.DEFERRED)
            say(f"mail {mail.id} to a supporter cannot be made: {place_of(error)}")
    handover = relay.deliver(parcels) if parcels else Handover(outcomes={})
    outcomes |= handover.outcomes
    tries = [
        _Try(mail=mail, outcome=outcomes.get(mail.id), is_left_out=mail.id in left_out, is_counted=mail.id in counted)
        for mail in sorted(claimed, key=lambda mail: (mail.message_id or 0, mail.action_id or 0))
    ]
    return _record_all(write, tries, now), handover.trouble


class _Try(Struct, frozen=True, kw_only=True):
    """What became of a mail. `outcome` is None where it was not tried; `is_counted`: as one of an address's day."""

    mail: SupporterMail
    outcome: Outcome | None
    is_left_out: bool
    is_counted: bool


def _beyond_the_day(write: WriteSessions, counted: Mapping[int, str], now: datetime) -> set[int]:
    """The reminders whose mailbox got enough today. With no mail locked: whoever confirms locks the address first."""
    left_out = set()
    for id_, key in counted.items():
        with write() as session:
            if not pauses.may_ask(session, key, now=now):
                left_out.add(id_)
    return left_out


def _record_all(write: WriteSessions, tries: Sequence[_Try], now: datetime) -> int:
    """Write down each try in a transaction of its own; how many the mail server took.

    Raises the first error only once all the others are written down, lest those mails go out twice.
    """
    taken = 0
    first: Exception | None = None
    for attempt in tries:
        try:
            with write() as session:
                taken += _record(session, attempt, now)
        except Exception as error:
            if isinstance(error, DBAPIError) and is_passing(error):
                raise
            first = first or error
    if first is not None:
        raise first
    return taken


def _record(session: Session, attempt: _Try, now: datetime) -> bool:
    """Whether the mail server took it."""
    message = _about(session, attempt.mail)  # before the mail, as all do
    mail = session.get(SupporterMail, attempt.mail.id, with_for_update=True)
    if mail is None:
        return False
    if attempt.is_left_out:
        session.delete(mail)
        return False
    if attempt.outcome is None:
        mail.attempts -= not attempt.is_counted  # a reminder that is counted is not counted again
        mail.next_attempt_at = now
        return False
    is_taken = attempt.outcome.state is State.ACCEPTED
    if is_taken or attempt.outcome.state in {State.FAILED, State.HELD} or mail.attempts >= TRIES:
        if message is not None:
            _note(session, message, Kind(mail.kind), is_taken, now)
        session.delete(mail)
    return is_taken


def _about(session: Session, mail: SupporterMail) -> Message | None:
    """The message that the mail is about, locked; None for one about an action as a whole, which is locked then."""
    if mail.message_id is not None:
        return session.get_one(Message, mail.message_id, with_for_update=True)
    session.get_one(Action, mail.action_id, with_for_update=True)
    return None


def _claim(session: Session, now: datetime, kinds: Collection[Kind]) -> Sequence[SupporterMail]:
    due = session.scalars(
        select(SupporterMail)
        .outerjoin(Message, Message.id == SupporterMail.message_id)
        .join(Action, Action.id == _ACTION_ID)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(
            SupporterMail.next_attempt_at <= now,
            SupporterMail.kind.in_([kind.value for kind in kinds]),
            or_(SupporterMail.expires_at.is_(None), SupporterMail.expires_at > now),
            or_(SupporterMail.kind.in_(_TOLD), _goes_on(session)),
            or_(SupporterMail.kind.not_in(ASKING), and_(*_may_ask(now))),
            or_(SupporterMail.kind != Kind.COPY.value, Action.unconfirmed.is_(False)),
        )
        .order_by(SupporterMail.next_attempt_at, SupporterMail.id)
        .limit(AT_ONCE)
        .with_for_update(of=SupporterMail, skip_locked=True)
    ).all()
    for row in due:
        row.attempts += 1
        row.next_attempt_at = now + retry_delay(row.attempts, 0.0)
    return due


def _reminded(session: Session, claimed: Sequence[SupporterMail]) -> dict[int, str]:
    """The mailboxes' keys of the reminders that are tried for the first time, and so not counted yet."""
    ids = [row.id for row in claimed if row.kind == Kind.REMINDER and row.attempts == 1]
    if not ids:
        return {}
    rows = session.execute(
        select(SupporterMail.id, Confirmation.mailbox_key)
        .outerjoin(Message, Message.id == SupporterMail.message_id)
        .join(Confirmation, Confirmation.action_id == _ACTION_ID)
        .where(SupporterMail.id.in_(ids))
    )
    return {row.id: row.mailbox_key for row in rows}


def _may_ask(now: datetime) -> list[ColumnElement[bool]]:
    """Something is left to confirm, in time."""
    waiting = aliased(Message)
    return [
        or_(Campaign.closes_at.is_(None), Campaign.closes_at > now),
        or_(
            and_(SupporterMail.message_id.is_(None), Action.unconfirmed),
            exists().where(waiting.action_id == Message.action_id, waiting.state == State.UNCONFIRMED.value),
        ),
    ]


def _goes_on(session: Session) -> ColumnElement[bool]:
    """The campaign is live, or over and this is about what came of it, and no switch is in the way."""
    is_on = or_(Campaign.status == "live", SupporterMail.kind == Kind.QUESTION.value)
    return and_(is_on, *pauses.not_stopped(session, Campaign.id, _is_at))


def _is_at(domain: str) -> ColumnElement[bool]:
    return SupporterMail.recipient.iendswith(f"@{domain}", autoescape=True)


# What somebody answered, decided or asked for is told, also when the campaign is over.
_TOLD = (Kind.ANSWER.value, Kind.DECISION.value, Kind.RECEIPT.value, Kind.COPY.value)
# Of what the mail server said nothing is kept: it may name the supporter's address, and events are never erased.
_REASONS = {
    (Kind.ANSWER, False): Reason.ANSWER_NOT_TAKEN,
    (Kind.ASK, True): Reason.ASK_TAKEN,
    (Kind.ASK, False): Reason.ASK_NOT_TAKEN,
    (Kind.REMINDER, True): Reason.REMINDER_TAKEN,
    (Kind.REMINDER, False): Reason.REMINDER_NOT_TAKEN,
}


def _note(session: Session, message: Message, kind: Kind, is_taken: bool, now: datetime) -> None:
    reason = _REASONS.get((kind, is_taken))
    if reason is not None:
        message_state.note(session, message, Note(actor=SUPPORTER_MAIL, reason=reason), now=now)
