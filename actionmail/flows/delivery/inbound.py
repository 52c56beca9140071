"""What comes back to a letter's return path becomes events, and answers go on to the supporter.

Only the signed token of the address leads to a letter; what the mail says decides no more than what became of that one
letter. Each mail counts once (by the hash of its bytes). Nothing here ever answers a mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.messages import EarlierLetter, Message
from actionmail.db.returns import Return
from actionmail.flows.delivery import dmarc, message_state, probes, returned_letter
from actionmail.flows.delivery.office_answers import PassingOn, answer
from actionmail.flows.delivery.received import ForwardLetter, Kind, Received
from actionmail.flows.delivery.returned_letter import ReturnedLetter
from actionmail.rules.delivery import bounces, dmarc_reports
from actionmail.rules.delivery.forwarding import House
from actionmail.rules.delivery.mail_headers import EnvelopeError
from actionmail.rules.delivery.returned import (
    AbuseReport,
    AutoReply,
    Bounce,
    Delayed,
    Delivered,
    PersonalReply,
    Unknown,
)
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.tokens import new_message_id, read_token
from actionmail.settings import Keys

TOKENS_LAST = timedelta(days=60)
Content = Bounce | Delayed | Delivered | AbuseReport | Unknown | AutoReply | PersonalReply


class Envelope(Struct, frozen=True, kw_only=True):
    """To whom and from whom the mail came (RFC 5321), as far as that is known; "" as sender is a mail server."""

    recipient: str = ""
    sender: str | None = None


UNKNOWN_ENVELOPE = Envelope()


def receive(
    session: Session,
    raw: bytes,
    *,
    secret: Keys,
    now: datetime,
    house: House,
    forward: Callable[[ForwardLetter], None],
    envelope: Envelope = UNKNOWN_ENVELOPE,
) -> Received:
    """Read one mail and write down what it means.

    Without a recipient in `envelope` the headers that mail servers add tell where it came to. A mail without a valid
    token changes nothing. On POSTPONED nothing is written down, and the mail must be read again.
    """
    address = _token_address(raw, envelope.recipient, secret)
    if (went := probes.went_at(read_token(address, secret))) is not None:
        return Received(kind=Kind.PROBE if probes.came_back(session, went, now=now) else Kind.OLD)
    original = _message(session, address, secret) if address else None
    if original is None:
        return _report(session, raw, house, now)
    message, recipient = original
    is_current = recipient == ""
    if message.created_at < now - TOKENS_LAST and _frozen_at(session, message) < now - TOKENS_LAST:
        return Received(kind=Kind.OLD, message=message.id)
    sha256 = hashlib.sha256(raw).hexdigest()
    if session.scalar(select(Return.id).where(Return.message_id == message.id, Return.sha256 == sha256)):
        return Received(kind=Kind.REPEATED, message=message.id)
    content = bounces.classify(raw, recipient=recipient or message.recipient, sender=envelope.sender)
    before = State(message.state)
    if is_current and before is State.SENDING and not isinstance(content, PersonalReply | AutoReply):
        return Received(kind=Kind.POSTPONED, message=message.id, before=before, after=before)
    letter = ReturnedLetter(session=session, message=message, before=before, now=now)
    way = PassingOn(house=house, forward=forward, token=_token_of(address))
    done = _take_in(letter, content, way) if is_current else _about_earlier(letter, content, way)
    session.add(Return(message_id=message.id, at=now, kind=done.kind.value, sha256=sha256, forwarded=done.forwarded))
    session.flush()
    return done


def _report(session: Session, raw: bytes, house: House, now: datetime) -> Received:
    """A mail that belongs to no letter may still be a report on all mail from our domain."""
    report = dmarc_reports.aggregate_of(raw, domain=house.from_address.rpartition("@")[2])
    if report is None:
        return Received(kind=Kind.STRANGER)
    return Received(kind=Kind.DMARC if dmarc.take(session, report, now=now) else Kind.REPEATED)


def _take_in(letter: ReturnedLetter, content: Content, way: PassingOn) -> Received:
    match content:
        case Bounce():
            return returned_letter.bounce(letter, content)
        case Delayed():
            return returned_letter.delayed(letter, content)
        case Delivered():
            return returned_letter.delivered(letter, content)
        case AbuseReport():
            return returned_letter.abuse(letter, content)
        case Unknown():
            return returned_letter.unknown(letter, content)
        case AutoReply() | PersonalReply():
            return answer(letter, content, way)


def _frozen_at(session: Session, message: Message) -> datetime:
    """When the version of the letter that goes now was made."""
    replaced = select(func.max(EarlierLetter.replaced_at)).where(EarlierLetter.letter == message.id)
    return session.scalar(replaced) or message.created_at


def _token_address(raw: bytes, recipient: str, secret: Keys) -> str:
    """The one address with a valid token, else "". Where two of a kind lead to different letters, neither counts."""
    for group in [[recipient]] if recipient else bounces.arrived_at(raw):
        by_key = {}
        for address in group:
            if key := read_token(address, secret):
                by_key[key] = address
        if by_key:
            return by_key.popitem()[1] if len(by_key) == 1 else ""
    return ""


def _token_of(address: str) -> str:
    return address.partition("@")[0].lower().removeprefix("b+")


def _about_earlier(letter: ReturnedLetter, content: Content, way: PassingOn) -> Received:
    """What comes back to a version that was replaced says nothing of the one that goes now; answers go on."""
    if isinstance(content, AutoReply | PersonalReply):
        return answer(letter, content, way)
    return returned_letter.about_earlier(letter, content)


def _message(session: Session, address: str, secret: Keys) -> tuple[Message, str] | None:
    """The letter, locked until the transaction ends, and where its version went; "" for the one that goes now."""
    key = read_token(address, secret)
    if key is None:
        return None
    try:
        message_id = new_message_id(key, address.rpartition("@")[2])
    except EnvelopeError:
        return None
    number, recipient = session.scalar(select(Message.id).where(Message.message_id == message_id)), ""
    if number is None:
        columns = select(EarlierLetter.letter, EarlierLetter.recipient)
        number, recipient = session.execute(columns.where(EarlierLetter.message_id == message_id)).first() or (None, "")
    message = None if number is None else message_state.lock(session, number)
    return None if message is None else (message, recipient)
