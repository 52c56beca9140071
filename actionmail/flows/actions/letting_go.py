"""A letter that waited for somebody's yes is dated, and given its time, when it may go."""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import FrozenLetter, Message
from actionmail.rules.delivery.envelope import redated
from actionmail.rules.delivery.states import GIVE_UP_AFTER


def date_anew(session: Session, campaign: Campaign, message: Message, now: datetime) -> None:
    """Only now it is complete and ready to be sent (RFC 5322 3.6.1): its date, its hash and its time begin anew."""
    # The message is locked by now: whatever was read of it before may be of a version that was replaced since.
    frozen = session.get_one(FrozenLetter, message.id, populate_existing=True)
    frozen.raw = redated(frozen.raw, now.astimezone(ZoneInfo(campaign.timezone)))
    message.sha256 = hashlib.sha256(frozen.raw).hexdigest()
    message.expires_at = min(now + GIVE_UP_AFTER, campaign.deadline_at or now + GIVE_UP_AFTER)
