"""Which offices answered, as far as anybody knows: by mail that came back to us, and as supporters say.

An answer goes straight to its supporter, so most are only known from those who agreed to be asked. What an office wrote
is counted, and not kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.messages import Event, Message
from actionmail.db.returns import Return
from actionmail.flows.delivery.received import Kind
from actionmail.rules.delivery.states import TAKEN, State


@dataclass(kw_only=True)
class Answered:
    """Letters to one legislator, or to several. What answered by mail and by what supporters say counts once.

    `waits` are the times from a mail server's taking a letter to the first answer of a person that came to us.
    """

    letters: int = 0  # with an answer by a person
    by_mail: int = 0  # of these, those whose answer came to us
    by_machine: int = 0  # that only a machine answered
    asked: int = 0  # letters whose supporters were asked
    said_yes: int = 0
    said_no: int = 0
    waits: list[timedelta] = field(default_factory=list)

    @property
    def usual_wait(self) -> timedelta | None:
        if not self.waits:
            return None
        from statistics import median  # here, with fractions and random, since few pages ask

        return timedelta(seconds=median(wait.total_seconds() for wait in self.waits))

    @property
    def is_known(self) -> bool:
        """Whether anybody can say anything."""
        return bool(self.letters or self.by_machine or self.asked)


class SaidOf(Struct, frozen=True, kw_only=True):
    """What a supporter says of one letter, with the answer's words where they gave them."""

    is_answered: bool
    said_at: datetime
    words: str


class OfLetter(Struct, frozen=True, kw_only=True):
    """What is known of answers to one letter: None for nothing."""

    came_at: datetime | None = None  # the first by a person that came to us
    machine_at: datetime | None = None
    asked_at: datetime | None = None
    saying: SaidOf | None = None


def by_legislator(session: Session, fits: Sequence[ColumnElement[bool]]) -> dict[int, Answered]:
    """Of the letters that fit (conditions on Message), by the roster's number; only those with anything known."""
    totals: dict[int, Answered] = defaultdict(Answered)
    answered: set[int] = set()
    mailed = _mailed(session, fits)
    accepted = _accepted_at(session, fits)
    for row in mailed:
        if row.kind == Kind.REPLY.value:
            total = totals[row.legislator_id]
            total.letters += 1
            total.by_mail += 1
            answered.add(row.id)
            if row.id in accepted and row.came_at >= accepted[row.id]:
                total.waits.append(row.came_at - accepted[row.id])
    for row in mailed:
        if row.kind != Kind.REPLY.value and row.id not in answered:
            totals[row.legislator_id].by_machine += 1
    for row in session.execute(_SAID.where(*fits)):
        total = totals[row.legislator_id]
        total.said_yes += row.is_answered
        total.said_no += not row.is_answered
        total.letters += row.is_answered and row.id not in answered
    for legislator, asked in session.execute(_ASKED.where(*fits)):
        totals[legislator].asked += asked
    return dict(totals)


def of_legislator(session: Session, number: int) -> Answered | None:
    """Of all letters to one; None where nothing is known."""
    known = by_legislator(session, [Message.legislator_id == number]).get(number)
    return known if known is not None and known.is_known else None


def of_letters(session: Session, ids: Collection[int]) -> Mapping[int, OfLetter]:
    """What is known of each of these letters; of none of the others."""
    came: dict[int, dict[str, datetime]] = defaultdict(dict)
    for row in _mailed(session, [Message.id.in_(ids)]):
        came[row.id][row.kind] = row.came_at
    sayings = {row.id: row for row in session.execute(_SAID.where(Message.id.in_(ids)))}
    asked = dict(session.execute(_ASKED_AT.where(Message.id.in_(ids))).all())
    known = {}
    for id_ in {*came, *sayings, *asked}:
        row = sayings.get(id_)
        known[id_] = OfLetter(
            came_at=came[id_].get(Kind.REPLY.value),
            machine_at=came[id_].get(Kind.AUTO_REPLY.value),
            asked_at=asked.get(id_),
            saying=SaidOf(is_answered=row.is_answered, said_at=row.said_at, words=row.words) if row else None,
        )
    return known


def _mailed(session: Session, fits: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    """The first answer of each kind to each letter."""
    return session.execute(
        select(Message.id, Message.legislator_id, Return.kind, func.min(Return.at).label("came_at"))
        .join(Return, Return.message_id == Message.id)
        .where(Return.kind.in_((Kind.REPLY.value, Kind.AUTO_REPLY.value)), *fits)
        .group_by(Message.id, Message.legislator_id, Return.kind)
    ).all()


def _accepted_at(session: Session, fits: Sequence[ColumnElement[bool]]) -> dict[int, datetime]:
    """When a mail server first took each of those letters that were answered by mail."""
    answered = (
        select(Message.id).join(Return, Return.message_id == Message.id).where(Return.kind == Kind.REPLY.value, *fits)
    )
    query = (
        select(Event.message_id, func.min(Event.at))
        .where(
            Event.message_id.in_(answered), Event.to_state == State.ACCEPTED.value, Event.from_state != Event.to_state
        )
        .group_by(Event.message_id)
    )
    return dict(session.execute(query).all())


_SAID = select(*(Message.id, Message.legislator_id, SaidAnswer.is_answered, SaidAnswer.said_at, SaidAnswer.words)).join(
    SaidAnswer, SaidAnswer.message_id == Message.id
)
_ASKED = (
    select(Message.legislator_id, func.count())
    .join(AnswerQuestion, AnswerQuestion.action_id == Message.action_id)
    .where(AnswerQuestion.asked_at.is_not(None), Message.state.in_(TAKEN))
    .group_by(Message.legislator_id)
)
_ASKED_AT = (
    select(Message.id, AnswerQuestion.asked_at)
    .join(AnswerQuestion, AnswerQuestion.action_id == Message.action_id)
    .where(AnswerQuestion.asked_at.is_not(None), Message.state.in_(TAKEN))
)
