"""What one press of the button brings, as it comes and as it is prepared to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from actionmail.db.campaigns import Campaign
from actionmail.flows.actions import pressure
from actionmail.flows.actions.composing import LANGUAGE, Copy, Recipients, Supporter
from actionmail.rules.delivery.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One press of the button. `seen` is `fingerprint` of the copies that were on the page."""

    campaign_id: int
    key: str
    supporter: Supporter
    seats: Sequence[tuple[str, str]]  # chamber, district
    lookup: Mapping[str, Any]
    seen: str
    consent_text: str
    consent_address: str = ""
    wants_updates: bool = False
    wants_copy: bool = False  # by mail
    may_ask: bool = False  # by mail, once, whether the offices answered
    may_quote: bool = False  # what they wrote under "Why does this matter to you?", without their name
    source: str = ""  # by which link they came
    language: str = LANGUAGE  # in which they read the campaign's page
    pressed: pressure.Pressed = pressure.PLAIN


class PreparedLetter(Struct, frozen=True, kw_only=True):
    """One copy as it will be queued. `raw` is b"" where there is nothing to send or to copy."""

    copy: Copy
    message_id: str
    return_path: str
    raw: bytes
    sha256: str


class PreparedAction(Struct, frozen=True, kw_only=True):
    """A press with its letters frozen and its hashes taken, so that the transaction only writes.

    `supporter_key` and `mailbox_key` are keyed hashes of the address.
    """

    submission: Submission
    campaign: Campaign  # from which the letters were composed
    letters: tuple[PreparedLetter, ...]
    recipients: Recipients
    supporter_key: str
    mailbox_key: str
    paragraph_bucket: int | None
    come: pressure.Coming


class Queue(Struct, frozen=True, kw_only=True):
    """What the messages of one action have in common."""

    due: datetime
    expires_at: datetime
    must_confirm: bool
    must_review: bool
    why_reviewed: Reason
    supporter_key: str
