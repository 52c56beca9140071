"""The link that was mailed to a supporter: what it shows, what confirming does, and what happens if nobody does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.confirmations import Confirmation
from actionmail.db.messages import FrozenLetter, Message
from actionmail.flows.actions import confirmation_mail, kinds, taking
from actionmail.flows.actions.letting_go import date_anew
from actionmail.flows.delivery import message_state, pauses
from actionmail.flows.delivery.message_state import Transition
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns import kinds as campaign_kinds
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.reasons import CLOCK, SUPPORTER, Reason
from actionmail.rules.delivery.states import State


class LinkState(StrEnum):
    """What a link is good for."""

    WAITING = "waiting"
    STOPPED = "stopped"  # it waits, but its campaign takes no letters now
    CONFIRMED = "confirmed"
    TAKEN_BACK = "taken back"  # or another letter from the address was confirmed
    OVER = "over"
    ERASED = "erased"


class WaitingLetter(Struct, frozen=True, kw_only=True):
    """One letter that waits. `letter` is its frozen text."""

    name: str
    language: str  # in which it was written for its legislator
    subject: str
    letter: str


class Asked(Struct, frozen=True, kw_only=True):
    """What a mailed link leads to. `name` and `email` are as they were typed, "" once erased."""

    token: str
    standing: LinkState
    campaign: Campaign
    name: str
    email: str
    details: Mapping[str, Any]  # what the campaign's kind keeps
    receipt_token: str
    until: datetime
    lines: tuple[WaitingLetter, ...]  # [] unless it waits


def find(session: Session, token: str, *, now: datetime) -> Asked | None:
    """What `token` leads to, or None; changes nothing."""
    row = session.execute(
        select(Confirmation, Action, Campaign)
        .join(Action, Action.id == Confirmation.action_id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(Confirmation.token == token)
    ).one_or_none()
    if row is None:
        return None
    waiting, action, campaign = row
    standing = _standing(session, waiting, action, campaign, now)
    lines: tuple[WaitingLetter, ...] = ()
    if standing in (LinkState.WAITING, LinkState.STOPPED):
        letters = session.execute(
            select(Message.target_name, Message.subject, Letter.language, FrozenLetter.raw)
            .join(Letter, Letter.id == Message.letter_id)
            .join(FrozenLetter, FrozenLetter.message_id == Message.id)
            .where(Message.action_id == action.id, Message.state == State.UNCONFIRMED.value)
            .order_by(Message.id)
        )
        lines = tuple(
            WaitingLetter(name=row.target_name, language=row.language, subject=row.subject, letter=letter_text(row.raw))
            for row in letters
        )
    return Asked(
        token=token,
        standing=standing,
        campaign=campaign,
        name=action.name,
        email=action.email,
        details=action.details,
        receipt_token=action.receipt_token,
        until=waiting.expires_at,
        lines=lines,
    )


def confirm(session: Session, token: str, *, undo_seconds: int, now: datetime) -> Asked | None:
    """Queue the letters that wait behind `token`, and know their address from now on; what the link leads to then.

    Of several unconfirmed letters from one address to one legislator the first that is confirmed goes; the others are
    cancelled. None leaves before `undo_seconds` after it was written, as its receipt says. Where the link is not
    WAITING nothing is changed.
    """
    waiting = session.scalar(select(Confirmation).where(Confirmation.token == token))
    if waiting is None or not waiting.supporter_key:
        return find(session, token, now=now)
    # The mailbox and the address first, and whatever else of them behind: two links of one wait for each other.
    mailbox = pauses.known_address(session, waiting.mailbox_key)
    mailbox.asked_at = mailbox.asked_at or now  # so that it is forgotten in its time
    address = pauses.known_address(session, waiting.supporter_key)
    action = session.get_one(Action, waiting.action_id, with_for_update=True)
    message_state.lock_campaigns(session, [action.campaign_id])  # so that nobody holds its letters back meanwhile
    session.refresh(waiting)
    asked = find(session, token, now=now)
    if asked is None or asked.standing is not LinkState.WAITING:
        return asked
    address.confirmed_at = address.confirmed_at or now
    if not campaign_kinds.kind_of(asked.campaign.kind).writes_letters:
        _confirm_itself(session, asked.campaign, action, waiting, now)
        return find(session, token, now=now)
    messages = confirmation_mail.unconfirmed(session, action)
    due = max(now, action.created_at + timedelta(seconds=undo_seconds))
    is_any_queued = False
    legislators = []
    for message in messages:
        legislators.append(message.legislator_id)
        if _queue(session, asked.campaign, message, waiting.supporter_key, due, now):
            is_any_queued = True
    if is_any_queued:
        action.unconfirmed = False
        for copied in session.scalars(
            select(Message).where(Message.action_id == action.id, Message.state == State.NO_CHANNEL.value)
        ):
            _own(session, copied, waiting.supporter_key)
    confirmation_mail.end(session, action)
    _end_others(session, action, waiting.supporter_key, legislators, now)
    session.flush()
    return find(session, token, now=now)


def _confirm_itself(session: Session, campaign: Campaign, action: Action, waiting: Confirmation, now: datetime) -> None:
    """Let an action without letters count. Where its kind takes one from a mailbox, the others that wait are ended; if
    another one counts by now, this one is.
    """
    confirmation_mail.end(session, action)
    if not kinds.kind_of(campaign.kind).is_once:
        action.unconfirmed = False
    elif taking.own(session, action, waiting.mailbox_key):
        for other in _others_waiting(session, action, Confirmation.mailbox_key == waiting.mailbox_key):
            taking.take_back(session, other, now=now)
    else:
        taking.take_back(session, action, now=now)
    session.flush()


def expire(session: Session, *, now: datetime, limit: int = 200) -> int:
    """End what nobody confirmed in time; how many supporters' letters that were, at most `limit`.

    A deadline that was moved forward meanwhile counts as it is now.
    """
    over = session.scalars(
        select(Action)
        .join(Confirmation, Confirmation.action_id == Action.id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(
            Confirmation.waits_until.is_not(None),
            or_(Confirmation.waits_until <= now, Campaign.closes_at <= now),
        )
        .order_by(Confirmation.waits_until)
        .limit(limit)
        .with_for_update(of=Action, skip_locked=True)
    ).all()
    for action in over:
        for message in confirmation_mail.unconfirmed(session, action):
            message_state.move(session, message, _EXPIRED, now=now)
        confirmation_mail.end(session, action)
    session.flush()
    return len(over)


def _standing(session: Session, waiting: Confirmation, action: Action, campaign: Campaign, now: datetime) -> LinkState:
    if action.erased_at is not None:
        return LinkState.ERASED
    if not action.unconfirmed:
        return LinkState.CONFIRMED
    is_over = waiting.expires_at <= now or (campaign.closes_at is not None and campaign.closes_at <= now)
    if not campaign_kinds.kind_of(campaign.kind).writes_letters:
        if action.cancelled_at is not None:
            return LinkState.TAKEN_BACK
        if is_over or waiting.waits_until is None:
            return LinkState.OVER
        return LinkState.WAITING if campaign.status == "live" else LinkState.STOPPED
    states = set(session.scalars(select(Message.state).where(Message.action_id == action.id)))
    if State.EXPIRED in states or (State.UNCONFIRMED in states and is_over):
        return LinkState.OVER
    if State.UNCONFIRMED not in states:
        return LinkState.TAKEN_BACK
    return LinkState.WAITING if campaign.status == "live" else LinkState.STOPPED


def _queue(
    session: Session, campaign: Campaign, message: Message, supporter_key: str, due: datetime, now: datetime
) -> bool:
    """Let one letter go, dated now, or to the staff who read it first."""
    if not _own(session, message, supporter_key):
        message_state.move(session, message, _WRITTEN_BEFORE, now=now)
        return False
    date_anew(session, campaign, message, now)
    action = session.get_one(Action, message.action_id)
    if action.review == Review.WAITING or action.invalid_at is not None:
        to_read = Transition(after=State.REVIEW, actor=SUPPORTER, reason=Reason.CONFIRMED)
        return message_state.move(session, message, to_read, now=now)
    queued = Transition(after=State.QUEUED, actor=SUPPORTER, reason=Reason.CONFIRMED, next_attempt_at=due)
    return message_state.move(session, message, queued, now=now)


def _own(session: Session, message: Message, supporter_key: str) -> bool:
    """Give the message to its supporter; False where a letter of theirs to this legislator is there already."""
    try:
        with session.begin_nested():
            message.supporter_key = supporter_key
    except IntegrityError:
        return False
    return True


def _end_others(
    session: Session, action: Action, supporter_key: str, legislators: Sequence[int], now: datetime
) -> None:
    """Cancel what else waits from this address to these legislators, and ask no more where nothing is left of it."""
    for other in _others_waiting(session, action, Confirmation.supporter_key == supporter_key):
        waiting = confirmation_mail.unconfirmed(session, other)
        doubles = [message for message in waiting if message.legislator_id in legislators]
        for message in doubles:
            message_state.move(session, message, _WRITTEN_BEFORE, now=now)
        if len(doubles) == len(waiting):
            confirmation_mail.end(session, other)


def _others_waiting(session: Session, action: Action, theirs: ColumnElement[bool]) -> Sequence[Action]:
    """What else of `theirs` waits on the campaign to be confirmed; locked until the transaction ends."""
    return session.scalars(
        select(Action)
        .join(Confirmation, Confirmation.action_id == Action.id)
        .where(
            theirs,
            Confirmation.waits_until.is_not(None),
            Action.campaign_id == action.campaign_id,
            Action.id != action.id,
        )
        .order_by(Action.id)
        .with_for_update(of=Action)
    ).all()


_EXPIRED = Transition(after=State.EXPIRED, actor=CLOCK, reason=Reason.NOT_CONFIRMED_IN_TIME)
_WRITTEN_BEFORE = Transition(after=State.CANCELLED, actor=SUPPORTER, reason=Reason.WRITTEN_BEFORE)
