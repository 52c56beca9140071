"""Numbers that triggers keep at every write, so that no page has to count or to look whether something changed.

Each row has a slot beside what it counts: SQLite writes into slot 0 alone, PostgreSQL into one that its process picks,
so that those who write at the same moment wait for one another as little as may be. What counts is the sum.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class ContentChange(Base):
    """How often what supporters read and write to was changed: campaigns, letters, the roster, committees, pictures.

    The sum grows with every transaction that changed one of them, and becomes visible with its changes.
    """

    __tablename__ = "content_changes"

    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[int] = mapped_column(BigInteger)


class SupporterCount(Base):
    """How many actions of a campaign count, those that another one stands for left out."""

    __tablename__ = "supporter_counts"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    supporters: Mapped[int]
