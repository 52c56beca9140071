"""The tables, by domain word, and the one connection to them."""

from actionmail.db import (
    actions,
    api_tokens,
    campaigns,
    confirmations,
    counters,
    day_reminders,
    messages,
    petitions,
    pictures,
    returns,
    roster,
    saved_views,
    staff,
    supporter_mail,
    throttles,
    unsaved_edits,
    webhooks,
)
from actionmail.db.base import Base

__all__ = [
    "Base",
    "actions",
    "api_tokens",
    "campaigns",
    "confirmations",
    "counters",
    "day_reminders",
    "messages",
    "petitions",
    "pictures",
    "returns",
    "roster",
    "saved_views",
    "staff",
    "supporter_mail",
    "throttles",
    "unsaved_edits",
    "webhooks",
]
