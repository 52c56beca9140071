"""Letters that staff read before they go, where their campaign says so: let go or refused, never changed.

A supporter's letters are decided on together: they hold the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import FrozenLetter, Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import composing, confirmation_mail
from actionmail.flows.actions.letting_go import date_anew
from actionmail.flows.campaigns.recipients import Addressed
from actionmail.flows.delivery import message_state
from actionmail.flows.delivery.message_state import Transition
from actionmail.flows.delivery.private_words import private_of
from actionmail.flows.review import decision_mail
from actionmail.flows.staff.audit import record
from actionmail.rules import speech
from actionmail.rules.actions.reviews import Review, letter_rejection
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.campaigns.differences import Row, side_by_side
from actionmail.rules.campaigns.problems import LetterError
from actionmail.rules.delivery.blotting import blotted
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.reasons import CLOCK, Actor, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings

ON_A_PAGE = 10
COUNTED = 1_000
LONGEST_REASON = 500


class ToRead(Struct, frozen=True, kw_only=True):
    """One letter of a supporter, with all to whom it goes. `rows`: as the campaign wrote it, and as it would go."""

    targets: Sequence[str]
    subject: str
    rows: Sequence[Row]


class Waiting(Struct, frozen=True, kw_only=True):
    """What one supporter wrote, and what it is until staff decide. `seen` is what they decide on."""

    number: int  # the action's
    at: datetime
    campaign: str
    campaign_title: str
    supporter: str
    until: datetime  # when it ends unread
    letters: Sequence[ToRead]
    seen: str


class Refusal(StrEnum):
    """Why nothing was decided."""

    UNKNOWN = "unknown"
    GONE = "gone"  # decided on, taken back, erased, or its time is over
    CHANGED = "changed"
    NO_REASON = "no_reason"
    REASON_TOO_LONG = "reason_too_long"
    DEADLINE_PASSED = "deadline_passed"


class ReviewRefused(Exception):
    """Nothing was decided, and nothing changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Reviewer(Struct, frozen=True, kw_only=True):
    """Who decides, and when."""

    staff: int
    now: datetime


def waiting(session: Session, *, after: int = 0) -> list[Waiting]:
    """The oldest first, those behind the action `after`; one more than ON_A_PAGE where there are more."""
    query = select(Action).where(*_TO_READ, Action.id > after).order_by(Action.id).limit(ON_A_PAGE + 1)
    return [_waiting(session, action) for action in session.scalars(query)]


def count(session: Session) -> int:
    """How many supporters' letters wait to be read; COUNTED + 1 where there are more than COUNTED."""
    first = select(Action.id).where(*_TO_READ).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(first)) or 0


_TO_READ = (
    exists().where(Message.action_id == Action.id, Message.state == State.REVIEW.value),
    Action.review == Review.WAITING.value,
    Action.invalid_at.is_(None),
)


def approve(session: Session, number: int, *, seen: str, by: Reviewer) -> int:
    """Let a supporter's letters go, dated now; how many. Raises ReviewRefused."""
    action, campaign, messages = _locked(session, number, seen)
    if campaign.deadline_at is not None and campaign.deadline_at <= by.now:
        raise ReviewRefused(Refusal.DEADLINE_PASSED)
    go = Transition(
        after=State.QUEUED, actor=Actor.staff(by.staff), reason=Reason.APPROVED, next_attempt_at=by.now
    )  # fmt: skip
    for message in messages:
        date_anew(session, campaign, message, by.now)
        message_state.move(session, message, go, now=by.now)
    action.review, action.reviewed_at = Review.APPROVED, by.now
    record(session, AuditAction.LETTERS_APPROVED, ObjectKind.ACTION, number, by=by.staff, now=by.now)
    return len(messages)


def reject(session: Session, number: int, *, reason: str, seen: str, by: Reviewer, settings: Settings) -> int:
    """End a supporter's letters unsent, and mail them why; how many. Raises ReviewRefused."""
    action, campaign, messages = _locked(session, number, seen)
    words = _reason(reason)
    # For good, in events and audit; the action's own goes with its erasure.
    blotted_words = blotted(words, private_of(action))
    end = Transition(after=State.REJECTED, actor=Actor.staff(by.staff), reason=Reason.REJECTED, words=blotted_words)
    for message in messages:  # and nobody's from now on: its supporter may write another one
        message_state.move(session, message, end, now=by.now, also={"supporter_key": confirmation_mail.nobody()})
    action.review, action.review_reason, action.reviewed_at = Review.DECLINED, words, by.now
    with speech.as_kept(action.language):
        letter = letter_rejection(decision_mail.decision_of(campaign, action, settings))
    decision_mail.put(session, action, letter, now=by.now, settings=settings)
    record(
        session, AuditAction.LETTERS_REJECTED, ObjectKind.ACTION, number, by=by.staff, now=by.now, reason=blotted_words
    )
    return len(messages)


def expire(session: Session, *, now: datetime, limit: int = 200) -> int:
    """End letters that nobody read in time; how many."""
    over = session.scalars(
        select(Message)
        .where(Message.state == State.REVIEW.value, Message.expires_at <= now)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    ended = Transition(after=State.EXPIRED, actor=CLOCK, reason=Reason.NOT_REVIEWED_IN_TIME)
    for message in over:
        message_state.move(session, message, ended, now=now)
    return len(over)


def _locked(session: Session, number: int, seen: str) -> tuple[Action, Campaign, list[Message]]:
    """As they are now, which is as they were seen. Raises ReviewRefused."""
    action = session.scalar(select(Action).where(Action.id == number).with_for_update())
    if action is None:
        raise ReviewRefused(Refusal.UNKNOWN)
    if action.review != Review.WAITING or action.erased_at is not None or action.invalid_at is not None:
        raise ReviewRefused(Refusal.GONE)
    campaign = session.get_one(Campaign, action.campaign_id, with_for_update={"read": True})
    messages = session.scalars(
        select(Message)
        .where(Message.action_id == number, Message.state == State.REVIEW.value)
        .order_by(Message.id)
        .with_for_update()
    ).all()
    if not messages:
        raise ReviewRefused(Refusal.GONE)
    if _seen(messages) != seen:
        raise ReviewRefused(Refusal.CHANGED)
    return action, campaign, list(messages)


def _seen(messages: Sequence[Message]) -> str:
    return revision({"seen": [[message.id, message.sha256] for message in messages]})


def _waiting(session: Session, action: Action) -> Waiting:
    campaign = session.get_one(Campaign, action.campaign_id)
    rows = session.execute(
        select(Message, FrozenLetter, Letter, Legislator)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .join(Letter, Letter.id == Message.letter_id)
        .join(Legislator, Legislator.id == Message.legislator_id)
        .where(Message.action_id == action.id, Message.state == State.REVIEW.value)
        .order_by(Message.id)
    ).all()
    letters: dict[int, ToRead] = {}
    targets: dict[int, list[str]] = {}
    for message, frozen, letter, legislator in rows:
        targets.setdefault(letter.id, []).append(message.target_name)
        if letter.id not in letters:
            written = _as_written(campaign, action, letter, legislator)
            rows_of = side_by_side(written, _without_signature(letter_text(frozen.raw)))
            letters[letter.id] = ToRead(targets=targets[letter.id], subject=message.subject, rows=rows_of)
    messages = [row[0] for row in rows]
    return Waiting(
        number=action.id,
        at=action.created_at,
        campaign=campaign.slug,
        campaign_title=campaign.title,
        supporter=action.name,
        until=min(message.expires_at for message in messages),
        letters=list(letters.values()),
        seen=_seen(messages),
    )


def _as_written(campaign: Campaign, action: Action, letter: Letter, legislator: Legislator) -> str:
    """The campaign's own text, with this supporter's name and this legislator's in it."""
    to = Addressed(legislator=legislator, letter=letter, is_own=True, is_thanked=False, committee="", why=None)
    supporter = composing.Supporter(
        name=action.name, email=action.email, zip=action.zip, street=action.street, city=action.city
    )
    try:
        return composing.compose(campaign, to, supporter, key=action.idempotency_key).unedited.text
    except LetterError:  # a name that a letter takes no more
        return "\n\n".join((letter.opening, letter.body, letter.closing))


def _without_signature(text: str) -> str:
    """A letter's words without what every letter ends with: who sent it by which page, and how to verify it."""
    return text.partition("\n-- \n")[0].partition("\n--\n")[0].rstrip()


def _reason(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split())
    if not words:
        raise ReviewRefused(Refusal.NO_REASON)
    if len(words) > LONGEST_REASON:
        raise ReviewRefused(Refusal.REASON_TOO_LONG)
    return words
