"""What an office answers to a letter goes on to its supporter."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.returns import Return
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.delivery.received import ForwardLetter, Kind, Received
from actionmail.flows.delivery.returned_letter import ReturnedLetter
from actionmail.rules.delivery.forwarding import House, passed_on
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.returned import AutoReply, PersonalReply

MOST_FORWARDS = 10  # per letter: a return path that got into wrong hands is no way to flood a supporter


class PassingOn(Struct, frozen=True, kw_only=True):
    """In whose name answers are passed on, and to whom they are given; `token` is what leads to the letter."""

    house: House
    forward: Callable[[ForwardLetter], None]
    token: str


def answer(letter: ReturnedLetter, reply: PersonalReply | AutoReply, way: PassingOn) -> Received:
    kind = Kind.REPLY if isinstance(reply, PersonalReply) else Kind.AUTO_REPLY
    action = letter.session.get_one(Action, letter.message.action_id)
    outcome = _why_not(letter, reply, action, way.house) or Reason.ANSWER_PASSED_ON
    if outcome is Reason.ANSWER_PASSED_ON:
        way.forward(_forwarded(letter, reply, action, way))
    letter.note(_OF_A_MACHINE[outcome] if kind is Kind.AUTO_REPLY else outcome)
    return replace(letter.received(kind), forwarded=outcome is Reason.ANSWER_PASSED_ON)


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


def _forwarded(
    letter: ReturnedLetter, reply: PersonalReply | AutoReply, action: Action, way: PassingOn
) -> ForwardLetter:
    domain = way.house.from_address.rpartition("@")[2]
    raw = passed_on(
        reply,
        house=way.house,
        recipient=action.email,
        target_name=letter.message.target_name,
        message_id=f"<fw.{secrets.token_hex(13)}@{domain}>",
        date=letter.now,
        token=way.token,
    )
    return ForwardLetter(message=letter.message.id, recipient=action.email, raw=raw)


def _why_not(letter: ReturnedLetter, reply: PersonalReply | AutoReply, action: Action, house: House) -> Reason | None:
    if action.erased_at is not None or not action.email:
        return Reason.ANSWER_OF_ERASED
    if reply.sender.casefold() in {action.email.casefold(), house.from_address.casefold()}:
        return Reason.ANSWER_OF_OURS
    before = select(func.count()).where(Return.message_id == letter.message.id, Return.forwarded)
    if (letter.session.scalar(before) or 0) >= MOST_FORWARDS:
        return Reason.ANSWER_TOO_MANY
    return None


_OF_A_MACHINE = {
    Reason.ANSWER_PASSED_ON: Reason.AUTO_ANSWER_PASSED_ON,
    Reason.ANSWER_OF_ERASED: Reason.AUTO_ANSWER_OF_ERASED,
    Reason.ANSWER_OF_OURS: Reason.AUTO_ANSWER_OF_OURS,
    Reason.ANSWER_TOO_MANY: Reason.AUTO_ANSWER_TOO_MANY,
}
