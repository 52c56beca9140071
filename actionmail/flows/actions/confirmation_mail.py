"""Asking a supporter by mail whether they meant it: who has to be asked, the mail, once more, and no more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation, KnownAddress
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import kinds
from actionmail.flows.delivery import pauses, supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.rules.actions import confirmation as rules
from actionmail.rules.campaigns import kinds as campaign_kinds
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings


class AskedTooOften(Exception):
    """The address got as many mails of ours as it may get in a day."""


class Request(Struct, frozen=True, kw_only=True):
    """What somebody is asked to confirm: those `messages` of the action that wait for it, or the action itself, where
    its campaign's kind has no messages.
    """

    campaign: Campaign
    action: Action
    messages: Sequence[Message]
    settings: Settings


class AddressKeys(Struct, frozen=True, kw_only=True):
    """Keyed hashes of an address: as somebody's own, and as the mailbox that its mails are counted for."""

    supporter: str
    mailbox: str


def nobody() -> str:
    """A supporter key of no supporter, for a message that takes nobody's place."""
    return secrets.token_hex(32)


def must_confirm(session: Session, campaign: Campaign, supporter_key: str) -> bool:
    """Whether a letter from this address waits until the address's owner says that it is theirs."""
    if campaign.confirm != rules.NEW:
        return campaign.confirm == rules.ALWAYS
    once = select(KnownAddress.confirmed_at).where(KnownAddress.supporter_key == supporter_key)
    return session.scalar(once) is None


def begin(session: Session, request: Request, *, keys: AddressKeys, until: datetime, now: datetime) -> None:
    """Keep the mail that asks, to go at once, and the reminder, to go at its time. Raises AskedTooOften.

    `until` is when their time is over.
    """
    waiting = Confirmation(
        action_id=request.action.id,
        token=secrets.token_urlsafe(32),
        supporter_key=keys.supporter,
        mailbox_key=keys.mailbox,
        expires_at=until,
        waits_until=until,
    )
    session.add(waiting)
    _ask(session, request, waiting, now=now)
    if (at := rules.reminder_at(now, until)) is not None:
        raw = _written(request, waiting, at=at, is_reminder=True)
        _put(session, Kind.REMINDER, request, raw, due=at)


def again(session: Session, receipt_token: str, *, settings: Settings, now: datetime) -> bool:
    """Mail the link once more. False where nothing can be confirmed, or not now. Raises AskedTooOften.

    A mail that has not left yet is not followed by a second one.
    """
    key = session.scalar(
        select(Confirmation.mailbox_key)
        .join(Action, Action.id == Confirmation.action_id)
        .where(Action.receipt_token == receipt_token)
    )
    if not key:
        return False
    pauses.known_address(session, key)  # locked before the action, as all do
    action, waiting, campaign = session.execute(
        select(Action, Confirmation, Campaign)
        .join(Confirmation, Confirmation.action_id == Action.id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(Action.receipt_token == receipt_token)
        .with_for_update(of=Action)
    ).one()
    messages = unconfirmed(session, action)
    if not messages and not waits_itself(campaign, action):
        return False
    if waiting.waits_until is None or waiting.waits_until <= now or campaign.status != "live":
        return False
    on_its_way = select(SupporterMail.id).where(
        or_(SupporterMail.message_id.in_([message.id for message in messages]), SupporterMail.action_id == action.id),
        SupporterMail.kind == Kind.ASK.value,
    )
    if session.scalar(on_its_way.limit(1)) is None:
        request = Request(campaign=campaign, action=action, messages=messages, settings=settings)
        _ask(session, request, waiting, now=now)
    return True


def end(session: Session, action: Action) -> None:
    """Ask no more: it was confirmed, taken back, erased, or its time is over."""
    waiting = session.get(Confirmation, action.id)
    if waiting is not None:
        waiting.waits_until = None
        ids = list(session.scalars(select(Message.id).where(Message.action_id == action.id)))
        supporter_mail.drop(session, ids, supporter_mail.ASKING)
        supporter_mail.drop_of_action(session, action.id, supporter_mail.ASKING)


def waits_itself(campaign: Campaign, action: Action) -> bool:
    """Whether it is the action that waits to be confirmed, and no letters of it."""
    is_over = action.cancelled_at is not None or action.erased_at is not None
    return not campaign_kinds.kind_of(campaign.kind).writes_letters and action.unconfirmed and not is_over


def unconfirmed(session: Session, action: Action) -> list[Message]:
    """The action's messages that still wait to be confirmed, locked until the transaction ends."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.action_id == action.id, Message.state == State.UNCONFIRMED.value)
            .order_by(Message.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _ask(session: Session, request: Request, waiting: Confirmation, *, now: datetime) -> None:
    if not pauses.may_ask(session, waiting.mailbox_key, now=now):
        raise AskedTooOften
    _put(session, Kind.ASK, request, _written(request, waiting, at=now), due=now)


def _put(session: Session, kind: Kind, request: Request, raw: bytes, *, due: datetime) -> None:
    about = {"message_id": request.messages[0].id} if request.messages else {"action_id": request.action.id}
    supporter_mail.put(session, kind, recipient=request.action.email, raw=raw, due=due, **about)


def _written(request: Request, waiting: Confirmation, *, at: datetime, is_reminder: bool = False) -> bytes:
    settings = request.settings
    letter = _letter(request, waiting, is_reminder=is_reminder)
    return automatic_mail(settings, recipient=request.action.email, subject=letter.subject, text=letter.text, date=at)


def _letter(request: Request, waiting: Confirmation, *, is_reminder: bool) -> rules.AskLetter:
    """What the mail says, of letters or of an action without any."""
    campaign = request.campaign
    link = f"{request.settings.base_url}/confirmations/{waiting.token}"
    if not request.messages:
        act = rules.AskingAct(
            campaign=campaign.title,
            organisation=campaign.organisation,
            did=kinds.kind_of(campaign.kind).did,
            link=link,
            denial=f"{link}/denial",
            until=waiting.expires_at,
            timezone=campaign.timezone,
        )
        return rules.ask_act(act, is_reminder=is_reminder)
    asking = rules.Asking(
        campaign=campaign.title,
        bill=campaign.bill,
        organisation=campaign.organisation,
        legislators=[message.target_name for message in request.messages],
        link=link,
        denial=f"{link}/denial",
        until=waiting.expires_at,
        timezone=campaign.timezone,
    )
    return rules.ask_letter(asking, is_reminder=is_reminder)
