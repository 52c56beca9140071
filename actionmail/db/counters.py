"""Numbers that triggers keep at every write, so that no page has to count or to look whether something changed.

A row of the first two has a slot beside what it counts: SQLite writes into slot 0 alone, PostgreSQL into one that its
process picks, so that those who write at the same moment wait for one another as little as may be. What counts is the
sum. Of the others triggers only write new rows, the moves, for which nobody waits; a worker adds them to the sums. What
counts are the sums and the moves that are left (`flows.actions.sums`).
"""

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId

NONE = "number = 0"


class ContentChange(Base):
    """Tells that what supporters read and write to was changed: campaigns, letters, the roster, committees, pictures.

    The sum grows with every transaction that changed one of them, and becomes visible with its changes. It grows by a
    number that is drawn, so that no other history of the database has the same.
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


class LetterMove(Base):
    """A letter that came, or what it was counted under before and is since: -1 there and 1 here.

    One that a worker has is counted where the worker found it.
    """

    __tablename__ = "letter_moves"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hour: Mapped[str] = mapped_column(String(13))  # "2026-03-04 15", UTC: in which it was made
    campaign_id: Mapped[int]
    legislator_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))  # rules.delivery.State
    difference: Mapped[int]


class LetterSum(Base):
    """How many letters were made in a period. `span` is of flows.actions.sums.Span."""

    __tablename__ = "letter_sums"

    span: Mapped[str] = mapped_column(String(5), primary_key=True)
    period: Mapped[str] = mapped_column(String(13), primary_key=True)  # "2026-03-04 15", "2026-03-04", "2026-03"
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    legislator_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]

    __table_args__ = (Index("ix_letter_sums_none", "number", sqlite_where=text(NONE), postgresql_where=text(NONE)),)


class ActionMove(Base):
    """The same of actions. `standing` is one of review's Standing, or "merged": another action stands for it."""

    __tablename__ = "action_moves"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    hour: Mapped[str] = mapped_column(String(13))
    campaign_id: Mapped[int]
    standing: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    difference: Mapped[int]


class ActionSum(Base):
    """How many actions were made in a period."""

    __tablename__ = "action_sums"

    span: Mapped[str] = mapped_column(String(5), primary_key=True)
    period: Mapped[str] = mapped_column(String(13), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    standing: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]

    __table_args__ = (Index("ix_action_sums_none", "number", sqlite_where=text(NONE), postgresql_where=text(NONE)),)
