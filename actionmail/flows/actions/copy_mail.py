"""A copy by mail for supporters who ask for one: kept with what they did, in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import KnownAddress
from actionmail.db.messages import FrozenLetter, Message
from actionmail.flows.delivery import pauses, supporter_mail
from actionmail.flows.delivery.automatic_mail import automatic_mail
from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.rules.actions import copy_mail as rules
from actionmail.rules.actions.copy_mail import CopyMail, MailCopy
from actionmail.rules.delivery.envelope import letter_text
from actionmail.settings import Settings

_TO_HAND_OVER: Final = timedelta(days=2)  # for what is confirmed at the last moment


class Addressee(Struct, frozen=True, kw_only=True):
    """Whose mailbox it is, by keyed hashes of the address. `until`: by when they have to confirm, None where they need
    not.
    """

    supporter_key: str
    mailbox_key: str
    until: datetime | None


def put(
    session: Session,
    campaign: Campaign,
    action: Action,
    to: Addressee,
    *,
    settings: Settings,
    due: datetime,
    now: datetime,
) -> None:
    """Keep the mail, to go at `due`; it counts as one of those that the address gets in a day. What waits to be
    confirmed holds it back (`supporter_mail`), and ends it a while after `to.until`.
    """
    if not pauses.may_ask(session, to.mailbox_key, now=now):
        action.mail_copy = MailCopy.REFUSED.value
        return
    once = select(KnownAddress.confirmed_at).where(KnownAddress.supporter_key == to.supporter_key)
    is_theirs = to.until is not None or session.scalar(once) is not None
    contents = CopyMail(
        campaign=campaign.title,
        organisation=campaign.organisation,
        link=f"{settings.base_url}/receipts/{action.receipt_token}",
        letters=_letters(session, action) if is_theirs else (),
    )
    raw = automatic_mail(
        settings, recipient=action.email, subject=rules.subject(contents), text=rules.text(contents), date=due
    )  # fmt: skip
    mail = supporter_mail.put(session, Kind.COPY, recipient=action.email, raw=raw, due=due, action_id=action.id)
    mail.expires_at = to.until + _TO_HAND_OVER if to.until else None
    action.mail_copy = MailCopy.KEPT.value


def _letters(session: Session, action: Action) -> list[tuple[str, str, str]]:
    rows = session.execute(
        select(Message.target_name, Message.subject, FrozenLetter.raw)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .where(Message.action_id == action.id)
        .order_by(Message.id)
    )
    return [(row.target_name, row.subject, letter_text(row.raw)) for row in rows]


def drop(session: Session, action: Action) -> None:
    """Send none: what it is a copy of was taken back."""
    if action.mail_copy:
        supporter_mail.drop_of_action(session, action.id, (Kind.COPY,))
        action.mail_copy = MailCopy.NONE.value
