"""Asking supporters who agreed to it whether the offices that they wrote to answered, once, and keeping what they say.

Answers go straight to supporters, so nobody else can tell. Who is asked: whoever ticked the box beside their letters,
and whose address is theirs as far as the campaign asks for that. What is due is asked of the letters as they are at
that moment: nobody is asked about a letter that did not go, or came back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import message_state, supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.delivery.message_state import Note
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.rules import speech
from actionmail.rules.actions import answer_mail
from actionmail.rules.actions.address_bucket import bucket_of
from actionmail.rules.actions.answer_mail import ASK_AFTER, GIVE_UP_AFTER, LOOK_AGAIN, MAIL_HELPS_FOR, Asking, Written
from actionmail.rules.delivery.reasons import SUPPORTER, Reason
from actionmail.rules.delivery.states import OPEN, TAKEN, State
from actionmail.settings import Settings

AT_ONCE: Final = 100


class Said(Struct, frozen=True, kw_only=True):
    """One letter of the page, and what was said of it: None for nothing yet."""

    number: int
    name: str
    is_answered: bool | None
    words: str


class Question(Struct, frozen=True, kw_only=True):
    """What the link of a mail opens."""

    campaign: str  # title
    organisation: str
    letters: Sequence[Said]


class Saying(Struct, frozen=True, kw_only=True):
    """What a supporter says of one letter. `words` are the office's, given for staff to read."""

    is_answered: bool
    words: str = ""


def agree(session: Session, action_id: int, *, now: datetime) -> None:
    """Note that the supporter of this action, which is being taken, may be asked."""
    session.add(
        AnswerQuestion(
            action_id=action_id, token=secrets.token_urlsafe(32), agreed_at=now, ask_at=now + ASK_AFTER, asked_at=None
        )
    )


def put_due(session: Session, *, settings: Settings, now: datetime, limit: int = AT_ONCE) -> int:
    """Look at those whose time may have come, and have those asked whose has; how many were looked at.

    Two workers at once share them: each row is locked with its action, so that nobody is erased in between.
    """
    due = session.execute(
        select(AnswerQuestion, Action, Campaign)
        .join(Action, Action.id == AnswerQuestion.action_id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(AnswerQuestion.ask_at <= now)
        .order_by(AnswerQuestion.ask_at, AnswerQuestion.action_id)
        .limit(limit)
        .with_for_update(of=(Action, AnswerQuestion), skip_locked=True)
    ).all()
    for question, action, campaign in due:
        with speech.as_kept(action.language):
            _look(session, question, action, campaign, settings=settings, now=now)
    session.flush()
    return len(due)


def _look(
    session: Session, question: AnswerQuestion, action: Action, campaign: Campaign, *, settings: Settings, now: datetime
) -> None:
    """Ask now, later, or never."""
    messages = session.scalars(select(Message).where(Message.action_id == action.id).order_by(Message.id)).all()
    taken = [message for message in messages if message.state in TAKEN]
    is_on_its_way = any(message.state in OPEN for message in messages)
    is_over = action.cancelled_at is not None or action.erased_at is not None or action.invalid_at is not None
    if is_over or now - question.agreed_at >= GIVE_UP_AFTER or not (taken or is_on_its_way):
        session.delete(question)
        return
    if is_on_its_way:
        question.ask_at = now + LOOK_AGAIN
        return
    due = max(_taken_at(session, taken), default=action.created_at) + ASK_AFTER
    if due > now:
        question.ask_at = due
        return
    question.ask_at, question.asked_at = None, now
    mail = supporter_mail.put(
        session,
        Kind.QUESTION,
        recipient=action.email,
        raw=_written(campaign, question, action, taken, settings=settings, now=now),
        due=now,
        action_id=action.id,
    )
    mail.expires_at = now + MAIL_HELPS_FOR


def _taken_at(session: Session, messages: Sequence[Message]) -> list[datetime]:
    """When a mail server took each of them last."""
    ids = [message.id for message in messages]
    query = (
        select(func.max(Event.at))
        .where(Event.message_id.in_(ids), Event.to_state == State.ACCEPTED.value, Event.from_state != Event.to_state)
        .group_by(Event.message_id)
    )
    return list(session.scalars(query))


def _written(
    campaign: Campaign,
    question: AnswerQuestion,
    action: Action,
    messages: Sequence[Message],
    *,
    settings: Settings,
    now: datetime,
) -> bytes:
    page = f"{settings.base_url}/answers/{question.token}"
    asking = Asking(
        campaign=campaign.title,
        organisation=campaign.organisation,
        letters=[Written(number=message.id, name=message.target_name) for message in messages],
        page=page,
        stop=f"{page}/stop",
        language="" if speech.spoken() is speech.ENGLISH else speech.spoken().tag,
    )
    return automatic_mail(
        settings,
        recipient=action.email,
        subject=answer_mail.subject(asking),
        text=answer_mail.text(asking),
        date=now,
        unsubscribe_url=asking.stop,
    )


def find(session: Session, token: str) -> Question | None:
    """What this link asks; None where it opens nothing, or nothing yet."""
    row = session.execute(
        select(AnswerQuestion, Campaign)
        .join(Action, Action.id == AnswerQuestion.action_id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(
            AnswerQuestion.token == token,
            AnswerQuestion.asked_at.is_not(None),
            Action.erased_at.is_(None),
            Action.cancelled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    question, campaign = row
    rows = session.execute(
        select(Message.id, Message.target_name, SaidAnswer.is_answered, SaidAnswer.words)
        .outerjoin(SaidAnswer, SaidAnswer.message_id == Message.id)
        .where(Message.action_id == question.action_id, Message.state.in_(TAKEN))
        .order_by(Message.id)
    )
    letters = [
        Said(number=row.id, name=row.target_name, is_answered=row.is_answered, words=row.words or "") for row in rows
    ]
    return Question(campaign=campaign.title, organisation=campaign.organisation, letters=letters)


def say(session: Session, token: str, sayings: Mapping[int, Saying], *, now: datetime) -> bool:
    """Keep what is said of the letters of this link, in place of what was said before; False where it opens nothing.

    Saying it twice is saying it once, and what is no letter of this link is left out.
    """
    action = session.scalar(
        select(Action)
        .join(AnswerQuestion, AnswerQuestion.action_id == Action.id)
        .where(AnswerQuestion.token == token)
        .with_for_update(of=Action)
    )
    if action is None or (question := find(session, token)) is None:
        return False
    for letter in question.letters:
        saying = sayings.get(letter.number)
        if saying is None or (saying.is_answered, saying.words) == (letter.is_answered, letter.words):
            continue
        words = saying.words if saying.is_answered else ""
        session.merge(SaidAnswer(message_id=letter.number, is_answered=saying.is_answered, said_at=now, words=words))
        if saying.is_answered != letter.is_answered:
            reason = Reason.SAID_ANSWERED if saying.is_answered else Reason.SAID_NOT_ANSWERED
            message = session.get_one(Message, letter.number, with_for_update=True)
            message_state.note(session, message, Note(actor=SUPPORTER, reason=reason), now=now)
    session.flush()
    return True


def stop(session: Session, token: str) -> bool:
    """Ask no more, by this link or any other of the same address; whether it opened anything.

    What was said stays. Doing it twice is doing it once.
    """
    email = session.scalar(
        select(Action.email)
        .join(AnswerQuestion, AnswerQuestion.action_id == Action.id)
        .where(AnswerQuestion.token == token)
    )
    if not email:
        return False
    theirs = session.scalars(
        select(Action.id)
        .join(AnswerQuestion, AnswerQuestion.action_id == Action.id)
        .where(Action.address_bucket == bucket_of(email), func.lower(Action.email) == email.lower())
        .order_by(Action.id)
        .with_for_update(of=Action)
    ).all()
    for action_id in theirs:
        supporter_mail.drop_of_action(session, action_id, [Kind.QUESTION.value])
    session.execute(
        delete(AnswerQuestion).where(AnswerQuestion.action_id.in_(theirs), AnswerQuestion.asked_at.is_(None))
    )
    return True


def not_again(session: Session, *, now: datetime) -> None:
    """Of a restored database: who may have been asked since it was copied is not asked by it again."""
    session.execute(
        update(AnswerQuestion).where(AnswerQuestion.ask_at <= now).values(ask_at=None, asked_at=now),
        execution_options={"synchronize_session": False},
    )


def forget(session: Session, action_id: int) -> None:
    """Of somebody who is erased: ask nothing any more, and keep of what they said whether it is yes or no."""
    session.execute(delete(AnswerQuestion).where(AnswerQuestion.action_id == action_id))
    of_action = select(Message.id).where(Message.action_id == action_id)
    session.execute(update(SaidAnswer).where(SaidAnswer.message_id.in_(of_action)).values(words=""))
