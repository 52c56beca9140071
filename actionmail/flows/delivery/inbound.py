"""What comes back to a letter's return path becomes events, and answers go on to the supporter.

Only the signed token of the address leads to a letter; what the mail says decides no more than what became of that one
letter. Each mail counts once (by the hash of its bytes). Nothing here ever answers a mail.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.returns import Return
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.pauses import note_fault, pause
from actionmail.rules.delivery.bounces import arrived_at, classify
from actionmail.rules.delivery.forwarding import House, passed_on
from actionmail.rules.delivery.mail_headers import EnvelopeError
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.delivery.returned import (
    AbuseReport,
    AutoReply,
    Bounce,
    Delayed,
    Delivered,
    PersonalReply,
    Unknown,
)
from actionmail.rules.delivery.states import MAILBOX_FULL_WAIT, Signal, State, may_follow, retry_delay
from actionmail.rules.delivery.tokens import new_message_id, read_token

TOKENS_LAST = timedelta(days=60)
QUIET = timedelta(hours=72)
MOST_FORWARDS = 10  # per letter: a return path that got into wrong hands is no way to flood a supporter
ACTOR = "returned mail"


class Kind(StrEnum):
    """What a mail turned out to be."""

    BOUNCE = "bounce"
    FULL = "full"  # a bounce, but only because the mailbox is full
    GAVE_UP = "gave up"  # a bounce after a temporary failure
    DELAYED = "delayed"
    DELIVERED = "delivered"
    AUTO_REPLY = "auto reply"
    REPLY = "reply"
    ABUSE = "abuse report"
    UNKNOWN = "unknown"
    STRANGER = "not ours"  # no valid token: it belongs to no letter
    OLD = "too old"
    REPEATED = "repeated"
    POSTPONED = "postponed"  # its letter is on the wire at this moment: read it again later


@dataclass(frozen=True, kw_only=True)
class ForwardLetter:
    """An answer, ready to go to a supporter."""

    message: int
    recipient: str
    raw: bytes


@dataclass(frozen=True, kw_only=True)
class Received:
    """What was made of one mail; holds no personal data."""

    kind: Kind
    message: int | None = None
    before: State | None = None
    after: State | None = None
    status: str = ""
    alert: str = ""  # a sentence for staff
    forwarded: bool = False

    def __str__(self) -> str:
        if self.message is None:
            return f"{self.kind}: left alone"
        moved = f", {self.before} -> {self.after}" if self.before != self.after else ""
        extra = f" {self.status}" if self.status else ""
        return f"{self.kind}{extra}: letter {self.message}{moved}{', passed on' if self.forwarded else ''}"


def receive(
    session: Session,
    raw: bytes,
    *,
    secret: str,
    now: datetime,
    house: House,
    forward: Callable[[ForwardLetter], None],
    recipient: str = "",
    sender: str | None = None,
) -> Received:
    """Read one mail and write down what it means. `recipient` and `sender` are its envelope's, where they are known.

    Without `recipient` the headers that mail servers add tell where it came to. A mail without a valid token changes
    nothing. On POSTPONED nothing is written down, and the mail must be read again.
    """
    address = _token_address(raw, recipient, secret)
    message = _message(session, address, secret) if address else None
    if message is None:
        return Received(kind=Kind.STRANGER)
    if message.created_at < now - TOKENS_LAST:
        return Received(kind=Kind.OLD, message=message.id)
    sha256 = hashlib.sha256(raw).hexdigest()
    if session.scalar(select(Return.id).where(Return.message_id == message.id, Return.sha256 == sha256)):
        return Received(kind=Kind.REPEATED, message=message.id)
    found = classify(raw, recipient=message.recipient, sender=sender)
    before = State(message.state)
    if before is State.SENDING and not isinstance(found, PersonalReply | AutoReply):
        return Received(kind=Kind.POSTPONED, message=message.id, before=before, after=before)
    reader = _Reader(session, message, now)
    match found:
        case Bounce():
            done = reader.bounce(found)
        case Delayed():
            done = reader.delayed(found)
        case Delivered():
            done = reader.note(
                Kind.DELIVERED, f"The receiving side reports: {found.action}.\n{found.text}", found.status
            )
        case AbuseReport():
            done = reader.abuse(found)
        case Unknown():
            done = reader.unknown(found)
        case AutoReply() | PersonalReply():
            done = reader.reply(found, house=house, forward=forward, token=_token_of(address))
    session.add(Return(message_id=message.id, at=now, kind=done.kind.value, sha256=sha256, forwarded=done.forwarded))
    session.flush()
    return done


def settle(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Accepted letters of which nothing was heard for 72 hours are settled; how many, at most `limit`."""
    quiet = (
        select(Message.id)
        .where(Message.state == State.ACCEPTED, Message.updated_at <= now - QUIET)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("quiet")
    )
    settled = session.scalars(
        update(Message)
        .where(Message.id.in_(select(quiet.c.id)))
        .values(state=State.SETTLED.value, updated_at=now)
        .returning(Message.id),
        execution_options={"synchronize_session": False},
    ).all()
    session.add_all(
        Event(
            message_id=id_,
            at=now,
            from_state=State.ACCEPTED.value,
            to_state=State.SETTLED.value,
            actor="the clock",
            text="Nothing came back for 72 hours.",
        )
        for id_ in sorted(settled)
    )
    session.flush()
    return len(settled)


def keep_forward(session: Session, letter: ForwardLetter, *, now: datetime) -> None:
    """Queue an answer in the same transaction that wrote it down."""
    supporter_mail.put(
        session,
        supporter_mail.Kind.ANSWER,
        message_id=letter.message,
        recipient=letter.recipient,
        raw=letter.raw,
        due=now,
    )


class _Reader:
    """One mail's effect on one letter, whose row is locked."""

    def __init__(self, session: Session, message: Message, now: datetime) -> None:
        self._session = session
        self._message = message
        self._now = now
        self._before = State(message.state)

    def bounce(self, found: Bounce) -> Received:
        if found.is_full:
            return self._full(found)
        if found.is_temporary:
            return self._gave_up(found)
        alert = self._blame(found)
        if may_follow(self._before, State.BOUNCED):
            self._move(State.BOUNCED, found, "")
        elif self._before is State.AMBIGUOUS:
            self._move(State.HELD, found, "A report says that it was taken and came back; a person decides.")
        else:
            self._log(found.text, found.status, found.code, f"{_NO_CHANGE} It reports that the letter came back.")
        return self._received(Kind.BOUNCE, found.status, alert=alert)

    def delayed(self, found: Delayed) -> Received:
        if self._before is State.ACCEPTED:
            self._message.updated_at = self._now  # the 72 quiet hours begin anew
        return self.note(Kind.DELAYED, f"The receiving side is still trying.\n{found.text}", found.status)

    def abuse(self, found: AbuseReport) -> Received:
        self._log(f"A complaint came back: {found.feedback}.", "", None, "")
        if found.feedback == "not-spam":
            return self._received(Kind.ABUSE, "")
        message = self._message
        reason = f"{message.domain} reports letter {message.id} as {found.feedback}."
        self._stop(Scope.CAMPAIGN, str(message.campaign_id), reason)
        return self._received(Kind.ABUSE, "", alert=f"{reason} Its campaign is stopped.")

    def unknown(self, found: Unknown) -> Received:
        words = f"A mail came back that cannot be read. {found.why}"
        if self._before is State.ACCEPTED:
            self._move(State.HELD, None, words)
        else:
            self._log("", "", None, f"{_NO_CHANGE} {words}")
        return self._received(Kind.UNKNOWN, "", alert=f"Letter {self._message.id}: {words}")

    def reply(
        self,
        found: PersonalReply | AutoReply,
        *,
        house: House,
        forward: Callable[[ForwardLetter], None],
        token: str,
    ) -> Received:
        kind = Kind.REPLY if isinstance(found, PersonalReply) else Kind.AUTO_REPLY
        name = "An answer" if kind is Kind.REPLY else "An automatic answer"
        action = self._session.get_one(Action, self._message.action_id)
        if why_not := self._why_not_forwarded(found, action, house):
            return self.note(kind, f"{name} came back. {why_not}", "")
        forward(
            ForwardLetter(
                message=self._message.id,
                recipient=action.email,
                raw=passed_on(
                    found,
                    house=house,
                    recipient=action.email,
                    target_name=self._message.target_name,
                    message_id=f"<fw.{secrets.token_hex(13)}@{house.from_address.rpartition('@')[2]}>",
                    date=self._now,
                    token=token,
                ),
            )
        )
        self._log(f"{name} came back, and is passed on to the supporter.", "", None, "")
        return self._received(kind, "", forwarded=True)

    def note(self, kind: Kind, words: str, status: str) -> Received:
        """Write down what changes nothing."""
        self._log(words.strip(), status, None, "")
        return self._received(kind, status)

    def _full(self, found: Bounce) -> Received:
        if self._before is State.ACCEPTED:
            next_at = self._now + retry_delay(max(self._message.attempts, 1), 0.0, at_least=MAILBOX_FULL_WAIT)
            if self._can_go_again(next_at):
                self._defer(found, next_at, "The mailbox is full; the letter will be sent again.")
            else:
                self._move(State.BOUNCED, found, "The mailbox is full, and no time is left to try again.")
        elif may_follow(self._before, State.BOUNCED):
            self._move(State.BOUNCED, found, "The mailbox is full, and the letter is too old to try again.")
        else:
            self._log(found.text, found.status, found.code, f"{_NO_CHANGE} It reports that the mailbox is full.")
        return self._received(Kind.FULL, found.status)

    def _gave_up(self, found: Bounce) -> Received:
        """The remote side gave up on something temporary: once more, then it has failed."""
        if self._before is State.ACCEPTED:
            earlier = self._session.scalar(
                select(Return.id)
                .where(Return.message_id == self._message.id, Return.kind == Kind.GAVE_UP.value)
                .limit(1)
            )
            next_at = self._now + retry_delay(1, 0.0)
            again = earlier is None and self._can_go_again(next_at)
            self._defer(
                found, next_at, "The receiving side gave up; the letter will be sent once more." if again else ""
            )
            if not again:
                why = (
                    "The receiving side gave up twice." if earlier else "It gave up, and no time is left to try again."
                )
                self._move(State.FAILED, found, why)
        elif may_follow(self._before, State.BOUNCED):
            self._move(State.BOUNCED, found, "The receiving side gave up, and the letter is too old to try again.")
        else:
            self._log(found.text, found.status, found.code, f"{_NO_CHANGE} The receiving side gave up.")
        return self._received(Kind.GAVE_UP, found.status)

    def _can_go_again(self, next_at: datetime) -> bool:
        frozen = select(FrozenLetter.message_id).where(FrozenLetter.message_id == self._message.id)
        return next_at < self._message.expires_at and self._session.scalar(frozen) is not None

    def _blame(self, found: Bounce) -> str:
        """What the bounce says beyond this letter; a sentence for staff where it stopped something."""
        message = self._message
        if self._before not in _WAS_TAKEN:
            return ""
        if found.signal is Signal.SUSPECT_ADDRESS and note_fault(
            self._session,
            recipient=message.recipient,
            supporter_key=message.supporter_key,
            target=message.legislator_id,
            actor=ACTOR,
            now=self._now,
        ):
            return f"The address of letter {message.id} is on hold: two supporters' letters came back from it."
        if found.signal is Signal.BREAK_DOMAIN and self._stop(
            Scope.DOMAIN, message.domain, f"A letter came back, refused by policy ({found.status})."
        ):
            return f"{message.domain} sent letter {message.id} back, refused by policy ({found.status}); it is stopped."
        return ""

    def _stop(self, scope: Scope, key: str, reason: str) -> bool:
        return pause(self._session, scope, key, reason=reason, actor=ACTOR, now=self._now)

    def _why_not_forwarded(self, found: PersonalReply | AutoReply, action: Action, house: House) -> str:
        if action.erased_at is not None or not action.email:
            return "The supporter's address was erased, so it is not passed on."
        if found.sender.casefold() in {action.email.casefold(), house.from_address.casefold()}:
            return "It comes from the supporter or from us, so it is not passed on."
        before = select(func.count()).select_from(Return).where(Return.message_id == self._message.id, Return.forwarded)
        if (self._session.scalar(before) or 0) >= MOST_FORWARDS:
            return f"{MOST_FORWARDS} were passed on already, so this one is not."
        return ""

    def _defer(self, found: Bounce, next_at: datetime, why: str) -> None:
        self._move(State.DEFERRED, found, why)
        self._message.next_attempt_at = next_at
        self._message.body_started_at = None

    def _move(self, after: State, found: Bounce | None, why: str) -> None:
        message = self._message
        before = State(message.state)
        if not may_follow(before, after):
            raise ValueError(f"{before} does not lead to {after}")
        text = found.text if found else ""
        message.state = after.value
        message.next_attempt_at = None
        message.last_code = found.code if found else None
        message.last_text = "\n".join(part for part in (text, why) if part)
        message.updated_at = self._now
        _log(
            self._session,
            message,
            before,
            self._now,
            message.last_text,
            enhanced=found.status if found else "",
            code=found.code if found else None,
        )

    def _log(self, text: str, status: str, code: int | None, why: str) -> None:
        words = "\n".join(part for part in (text, why) if part)
        _log(self._session, self._message, self._before, self._now, words, enhanced=status, code=code)

    def _received(self, kind: Kind, status: str, *, alert: str = "", forwarded: bool = False) -> Received:
        return Received(
            kind=kind,
            message=self._message.id,
            before=self._before,
            after=State(self._message.state),
            status=status,
            alert=alert,
            forwarded=forwarded,
        )


_WAS_TAKEN = frozenset({State.ACCEPTED, State.SETTLED, State.AMBIGUOUS, State.BOUNCED})
_NO_CHANGE = "A mail came back too late to change anything."


def _log(
    session: Session,
    message: Message,
    before: State,
    now: datetime,
    text: str,
    *,
    enhanced: str = "",
    code: int | None = None,
) -> None:
    session.add(
        Event(
            message_id=message.id,
            at=now,
            from_state=before.value,
            to_state=message.state,
            actor=ACTOR,
            attempt=message.attempts,
            smtp_code=code,
            enhanced=enhanced[:12],
            text=text,
        )
    )
    session.flush()


def _token_address(raw: bytes, recipient: str, secret: str) -> str:
    """The one address with a valid token, else "". Where two of a kind lead to different letters, neither counts."""
    for group in [[recipient]] if recipient else arrived_at(raw):
        by_key = {key: address for address in group if (key := read_token(address, secret))}
        if by_key:
            return by_key.popitem()[1] if len(by_key) == 1 else ""
    return ""


def _token_of(address: str) -> str:
    return address.partition("@")[0].lower().removeprefix("b+")


def _message(session: Session, address: str, secret: str) -> Message | None:
    """The letter, locked until the transaction ends."""
    key = read_token(address, secret)
    if key is None:
        return None
    try:
        message_id = new_message_id(key, address.rpartition("@")[2])
    except EnvelopeError:
        return None
    return session.scalar(select(Message).where(Message.message_id == message_id).with_for_update())
