"""A letter as it would go, for staff to look at on their pages or in their own mailbox; nothing is kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy

from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign, Letter
from actionmail.flows.actions.composing import LANGUAGE, Copy, Supporter, compose, frozen
from actionmail.flows.actions.refusals import Unwritable
from actionmail.flows.campaigns import recipients as targets
from actionmail.flows.roster import reading
from actionmail.rules.delivery.mail_text import headers_of
from actionmail.rules.delivery.states import Parcel
from actionmail.settings import Settings


class Asked(Struct, frozen=True, kw_only=True):
    """Which letter to show. `letter` is one that is not saved yet, in place of the campaign's.

    With `as_own` the legislator represents the supporter, where the campaign may write to them either way. `variant`
    is the place of the subject, from 0.
    """

    legislator_id: int
    supporter: Supporter
    variant: int = 0
    letter: Letter | None = None
    as_own: bool = True


class Preview(Struct, frozen=True, kw_only=True):
    """A letter as it would go. `headers` and `raw` are empty where it could not: `unwritable` says why, or, without
    it, no e-mail address of the legislator is known.
    """

    copy: Copy
    headers: Sequence[tuple[str, str]] = ()
    raw: str = ""
    unwritable: Unwritable | None = None


def preview(session: Session, campaign: Campaign, asked: Asked, *, settings: Settings, now: datetime) -> Preview | None:
    """The letter that this supporter would send to this legislator now. None where the campaign has none for them."""
    legislator = reading.legislator(session, asked.legislator_id)
    if legislator is None or legislator.state != campaign.state or legislator.status != "sitting":
        return None
    to = targets.of_one(session, campaign, legislator, asked.letter, as_own=asked.as_own, language=LANGUAGE)
    if to is None:
        return None
    copy = compose(campaign, to, asked.supporter, key="preview", variant=asked.variant)
    if not copy.can_go:
        return Preview(copy=copy)
    try:
        raw = frozen(campaign, asked.supporter, copy, "preview", settings=settings, now=now)
    except Unwritable as error:
        return Preview(copy=copy, unwritable=error)
    message = message_from_bytes(raw, _class=EmailMessage, policy=mail_policy)
    return Preview(
        copy=copy,
        headers=headers_of(message),
        raw=raw.decode("ascii").replace("\r\n", "\n"),
    )


def trial_letter(
    campaign: Campaign, supporter: Supporter, copy: Copy, *, to: str, settings: Settings, now: datetime
) -> Parcel:
    """A letter to look at in one's own mailbox, marked as a test. No row is made, so nothing counts it.

    Raises Unwritable where it cannot be written as an e-mail.
    """
    filled = copy.filled._replace(
        subject=f"TEST: {copy.filled.subject}",
        text=f"TEST. This letter went to {to} and to nobody else.\n\n{copy.filled.text}",
    )
    key = secrets.token_hex(13)
    raw = frozen(campaign, supporter, replace(copy, filled=filled), key, settings=settings, now=now, recipient=to)
    return Parcel(id=1, return_path=settings.from_address, recipient=to, raw=raw)
