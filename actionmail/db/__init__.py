"""The tables, by domain word, and the one connection to them."""

from actionmail.db import actions, campaigns, messages, roster, staff
from actionmail.db.base import Base

__all__ = ["Base", "actions", "campaigns", "messages", "roster", "staff"]
