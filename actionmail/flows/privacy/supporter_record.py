"""One supporter as staff see them: what they did, on every campaign, and what became of it; whoever looks is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import drafts
from actionmail.flows.lookup.homes import Home, homes_of
from actionmail.flows.privacy import supporters
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.translations import name_of
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

ON_A_PAGE: Final = 20  # actions


class SupporterLetter(Struct, frozen=True, kw_only=True):
    """One letter, which the send log tells all of."""

    number: int
    target_name: str
    recipient: str
    subject: str  # "" once erased
    state: State
    updated_at: datetime


class WaitingMail(Struct, frozen=True, kw_only=True):
    """A mail to the supporter that has not left."""

    kind: str
    due: datetime
    attempts: int


class SupporterAction(Struct, frozen=True, kw_only=True):
    """One action; what tells who they are is "" once it was erased. `details` is what the campaign's kind keeps."""

    number: int
    at: datetime
    campaign: str  # slug
    campaign_title: str
    kind: str
    name: str
    email: str
    phone: str
    place: str  # street, city, state and ZIP code, as far as they were given
    language: str  # its name
    source: str
    homes: Sequence[Home]
    consent_text: str
    consent_address: str
    wants_updates: bool
    may_be_asked: datetime | None  # whether offices answered: since when
    details: Mapping[str, Any]
    unconfirmed: bool
    asked_until: datetime | None  # to confirm it by mail
    still_asked: bool
    cancelled_at: datetime | None
    erased_at: datetime | None
    invalid_at: datetime | None
    invalid_reason: str
    review: Review
    review_reason: str
    receipt_mailed_at: datetime | None
    letters: Sequence[SupporterLetter]
    mails: Sequence[WaitingMail]


class Supporter(Struct, frozen=True, kw_only=True):
    """Who did the action `number`, and all that they did; `older` is where the next page begins, None at the end."""

    number: int
    name: str
    email: str
    count: int
    drafts: int  # typed within about a day, and not sent
    actions: Sequence[SupporterAction]
    older: int | None


def look(
    session: Session, number: int, *, by: int | None, now: datetime, before: int | None = None
) -> Supporter | None:
    """The supporter of an action, the newest of their actions first, or None; that `by` looked goes into the trail."""
    action = session.get(Action, number)
    if action is None:
        return None
    record(session, AuditAction.SUPPORTER_VIEWED, ObjectKind.ACTION, number, by=by, now=now)
    whose = supporters.theirs(action)
    query = select(Action, Campaign).join(Campaign, Campaign.id == Action.campaign_id).where(whose)
    if before is not None:
        query = query.where(Action.id < before)
    rows = session.execute(query.order_by(Action.id.desc()).limit(ON_A_PAGE + 1)).all()
    shown = [_action(session, supporter_action, campaign) for supporter_action, campaign in rows[:ON_A_PAGE]]
    return Supporter(
        number=number,
        name=action.name,
        email=action.email,
        count=session.scalar(select(func.count()).select_from(Action).where(whose)) or 0,
        drafts=len(drafts.of_address(session, action.email)),
        actions=shown,
        older=shown[-1].number if len(rows) > ON_A_PAGE else None,
    )


def _action(session: Session, action: Action, campaign: Campaign) -> SupporterAction:
    asked = session.get(Confirmation, action.id)
    town = " ".join(part for part in (action.state, action.zip) if part)
    return SupporterAction(
        number=action.id,
        at=action.created_at,
        campaign=campaign.slug,
        campaign_title=campaign.title,
        kind=campaign.kind,
        name=action.name,
        email=action.email,
        phone=action.phone,
        place=", ".join(part for part in (action.street, action.city, town) if part),
        language=name_of(action.language) if action.language else "",
        source=action.source,
        homes=homes_of(action.state, action.lookup),
        consent_text=action.consent_text,
        consent_address=action.consent_address,
        wants_updates=action.wants_updates,
        may_be_asked=session.scalar(select(AnswerQuestion.agreed_at).where(AnswerQuestion.action_id == action.id)),
        details=action.details,
        unconfirmed=action.unconfirmed,
        asked_until=asked.expires_at if asked else None,
        still_asked=asked is not None and asked.waits_until is not None,
        cancelled_at=action.cancelled_at,
        erased_at=action.erased_at,
        invalid_at=action.invalid_at,
        invalid_reason=action.invalid_reason,
        review=Review(action.review),
        review_reason=action.review_reason,
        receipt_mailed_at=action.receipt_mailed_at,
        letters=_letters(session, action),
        mails=_mails(session, action),
    )


def _letters(session: Session, action: Action) -> list[SupporterLetter]:
    letters = []
    for message in session.scalars(select(Message).where(Message.action_id == action.id).order_by(Message.id)):
        letters.append(
            SupporterLetter(
                number=message.id,
                target_name=message.target_name,
                recipient=message.recipient,
                subject=message.subject,
                state=State(message.state),
                updated_at=message.updated_at,
            )
        )
    return letters


def mails_of(session: Session, action: Action) -> Sequence[SupporterMail]:
    """The mails to the supporter about this action or its messages that have not left."""
    messages = select(Message.id).where(Message.action_id == action.id)
    about = (SupporterMail.action_id == action.id) | SupporterMail.message_id.in_(messages)
    return session.scalars(select(SupporterMail).where(about).order_by(SupporterMail.id)).all()


def _mails(session: Session, action: Action) -> list[WaitingMail]:
    mails = []
    for mail in mails_of(session, action):
        mails.append(WaitingMail(kind=mail.kind, due=mail.next_attempt_at, attempts=mail.attempts))
    return mails
