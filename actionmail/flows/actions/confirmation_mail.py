"""Asking a supporter by mail whether they meant it: who has to be asked, the mail, once more, and no more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation, KnownAddress
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.delivery import pauses, supporter_mail
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.rules.actions import confirmation as rules
from actionmail.rules.delivery.automatic_mail import AutomaticMail
from actionmail.rules.delivery.states import State
from actionmail.rules.delivery.tokens import new_message_id
from actionmail.settings import Settings


class AskedTooOften(Exception):
    """The address got as many mails of ours as it may get in a day; `str()` is the sentence for the supporter."""


def nobody() -> str:
    """A supporter key of no supporter, for a message that takes nobody's place."""
    return secrets.token_hex(32)


def must_confirm(session: Session, campaign: Campaign, supporter_key: str) -> bool:
    """Whether a letter from this address waits until the address's owner says that it is theirs."""
    if campaign.confirm != rules.NEW:
        return campaign.confirm == rules.ALWAYS
    once = select(KnownAddress.confirmed_at).where(KnownAddress.supporter_key == supporter_key)
    return session.scalar(once) is None


def begin(
    session: Session,
    campaign: Campaign,
    action: Action,
    messages: Sequence[Message],
    *,
    supporter_key: str,
    mailbox_key: str,
    until: datetime,
    settings: Settings,
    now: datetime,
) -> None:
    """Keep the mail that asks, to go at once, and the reminder, to go at its time. Raises AskedTooOften.

    `messages` are those of the action that wait for it, `until` when their time is over.
    """
    waiting = Confirmation(
        action_id=action.id,
        token=secrets.token_urlsafe(32),
        supporter_key=supporter_key,
        mailbox_key=mailbox_key,
        expires_at=until,
        waits_until=until,
    )
    session.add(waiting)
    _ask(session, campaign, action, waiting, messages, settings=settings, now=now)
    if (at := rules.reminder_at(now, until)) is not None:
        raw = _written(campaign, action, waiting, messages, settings=settings, at=at, is_reminder=True)
        supporter_mail.put(session, Kind.REMINDER, message_id=messages[0].id, recipient=action.email, raw=raw, due=at)


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
    if not messages or waiting.waits_until is None or waiting.waits_until <= now or campaign.status != "live":
        return False
    on_its_way = select(SupporterMail.id).where(
        SupporterMail.message_id.in_([message.id for message in messages]), SupporterMail.kind == Kind.ASK.value
    )
    if session.scalar(on_its_way.limit(1)) is None:
        _ask(session, campaign, action, waiting, messages, settings=settings, now=now)
    return True


def end(session: Session, action: Action) -> None:
    """Ask no more: it was confirmed, taken back, erased, or its time is over."""
    waiting = session.get(Confirmation, action.id)
    if waiting is not None:
        waiting.waits_until = None
        ids = list(session.scalars(select(Message.id).where(Message.action_id == action.id)))
        supporter_mail.drop(session, ids, supporter_mail.ASKING)


def unconfirmed(session: Session, action: Action) -> list[Message]:
    """The action's messages that still wait to be confirmed, locked until the transaction ends."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.action_id == action.id, Message.state == State.UNCONFIRMED.value)
            .order_by(Message.id)
            .with_for_update()
        )
    )


def _ask(
    session: Session,
    campaign: Campaign,
    action: Action,
    waiting: Confirmation,
    messages: Sequence[Message],
    *,
    settings: Settings,
    now: datetime,
) -> None:
    if not pauses.may_ask(session, waiting.mailbox_key, now=now):
        raise AskedTooOften(
            "We wrote to this e-mail address several times today, asking to confirm letters, and write no more for "
            "some hours: nobody shall fill a stranger's mailbox from here. Look for our last mail, also among the "
            "spam, or try again tomorrow."
        )
    raw = _written(campaign, action, waiting, messages, settings=settings, at=now)
    supporter_mail.put(session, Kind.ASK, message_id=messages[0].id, recipient=action.email, raw=raw, due=now)


def _written(
    campaign: Campaign,
    action: Action,
    waiting: Confirmation,
    messages: Sequence[Message],
    *,
    settings: Settings,
    at: datetime,
    is_reminder: bool = False,
) -> bytes:
    link = f"{settings.base_url}/confirmations/{waiting.token}"
    letter = rules.ask_letter(
        campaign=campaign.title,
        bill=campaign.bill,
        organisation=campaign.organisation,
        legislators=[message.target_name for message in messages],
        link=link,
        denial=f"{link}/denial",
        until=waiting.expires_at,
        timezone=campaign.timezone,
        is_reminder=is_reminder,
    )
    return AutomaticMail(
        organisation=settings.organisation,
        from_address=settings.from_address,
        recipient=action.email,
        subject=letter.subject,
        text=letter.text,
        message_id=new_message_id(secrets.token_hex(13), settings.mail_domain),
        date=at,
    ).as_bytes()
