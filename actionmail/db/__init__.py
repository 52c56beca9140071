"""The tables, by domain word, and the one connection to them."""

from actionmail.db import (
    actions,
    campaigns,
    confirmations,
    messages,
    outbox,
    page_drafts,
    returns,
    roster,
    staff,
    throttles,
)
from actionmail.db.base import Base

__all__ = [
    "Base",
    "actions",
    "campaigns",
    "confirmations",
    "messages",
    "outbox",
    "page_drafts",
    "returns",
    "roster",
    "staff",
    "throttles",
]
