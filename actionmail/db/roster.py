"""Who holds which seat and sits on which committee, from which dataset we know it, and what staff mended in it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from actionmail.db.base import Base

_LOCK = 0x6461746173657473  # "datasets": the number of the advisory lock


class DatasetVersion(Base):
    """One import that changed something. `snapshot` is its rows as zlib-compressed CSV, enough to go back to it.

    Of a dataset that is files, it is a zip with their names and check sums, and those files that no version before had.
    The version in force is the last of its kind that was not undone.
    """

    __tablename__ = "dataset_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))  # people, congress, committees; boundaries, zips, congress-zips
    source: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    imported_at: Mapped[datetime]
    row_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(String(254), default="", server_default="")


class Legislator(Base):
    """One seat's holder, or a vacant seat (`status="vacant"`, no name). Gone ones stay, with `gone_at`, for the log.

    Whoever changes houses has a row for each; that of the house they left is gone, and its key is "left/<id>/<key>".

    The columns hold what is used: the dataset's values with the corrections in force laid over them.
    """

    __tablename__ = "legislators"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # person id, or "vacant/<state>/<chamber>/<district>"
    state: Mapped[str] = mapped_column(String(2))
    chamber: Mapped[str] = mapped_column(String(16))  # upper, lower, legislature; us_upper, us_lower
    district: Mapped[str] = mapped_column(String(120))  # as Open States spells it
    status: Mapped[str] = mapped_column(String(16))  # sitting, vacant; elected: not before the day in `begins`
    name: Mapped[str] = mapped_column(String(200), default="")
    given_name: Mapped[str] = mapped_column(String(120), default="")
    family_name: Mapped[str] = mapped_column(String(120), default="")
    party: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_note: Mapped[str] = mapped_column(String(16), default="")  # "", missing, shared, personal, malformed
    phone: Mapped[str] = mapped_column(String(40), default="")  # of the capitol, else of the district
    district_phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    website: Mapped[str] = mapped_column(Text, default="")
    kept: Mapped[str] = mapped_column(String(80), default="")  # "phone 2026-06-03": from an older import, see import
    source: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    begins: Mapped[date | None]  # the first day in office, where the dataset says it
    ends: Mapped[date | None]  # the last
    gone_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_legislators_seat",
            "state",
            "chamber",
            "district",
            sqlite_where=text("gone_at IS NULL"),
            postgresql_where=text("gone_at IS NULL"),
        ),
        Index(  # holds all that is counted: how many, with what to note, how old
            "ix_legislators_counted",
            "email_note",
            "state",
            "chamber",
            "status",
            "as_of",
            "gone_at",  # as a column too, so that SQLite need not look at the rows
            sqlite_where=text("gone_at IS NULL"),
            postgresql_where=text("gone_at IS NULL"),
        ),
        Index("ix_legislators_address", text("lower(email)")),  # who else is written to there
    )


class Correction(Base):
    """What staff say about a legislator against the dataset; in force while `ended_at` is None, whatever is imported.

    `replaced` is what the dataset said at the last import, so that the roster without corrections can be had back.
    """

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    legislator_key: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    replaced: Mapped[str] = mapped_column(Text)
    was_malformed: Mapped[bool]  # the dataset's address was left out as malformed
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(254))
    made_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(String(254), default="")
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_corrections_in_force",
            "legislator_key",
            "field",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class DatasetRefresh(Base):
    """What the last look at the source of one kind of dataset came to, and whether one is under way.

    It is its own mail queue as well: while `mail_due_at` is set, the admins have not been told.
    """

    __tablename__ = "dataset_refreshes"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    looked_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16), default="")  # flows.roster.refreshing.Outcome
    source_version: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts, doubts and refusal, in codes and values
    busy_until: Mapped[datetime | None]  # somebody is at it, unless that has passed
    mail_due_at: Mapped[datetime | None]
    mail_attempts: Mapped[int] = mapped_column(default=0)


class Committee(Base):
    """One committee of a legislature. Gone ones stay, with `gone_at`."""

    __tablename__ = "committees"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(2), index=True)
    chamber: Mapped[str] = mapped_column(String(16))  # upper, lower; legislature: of both, or of the one there is
    name: Mapped[str] = mapped_column(String(300))
    parent_key: Mapped[str] = mapped_column(String(120), default="")  # of a subcommittee
    website: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    gone_at: Mapped[datetime | None]


class CommitteeMember(Base):
    """A seat on a committee. `legislator_key` is a Legislator's key, or "" where the dataset knows only the name."""

    __tablename__ = "committee_members"

    committee_id: Mapped[int] = mapped_column(ForeignKey("committees.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)  # the dataset's order
    legislator_key: Mapped[str] = mapped_column(String(120), index=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(80))


def lock_datasets(session: Session, *, patience_seconds: int = 60) -> None:
    """Let one transaction at a time read the datasets in order to change them; others wait until it has ended.

    Whoever has waited for `patience_seconds` gets the OperationalError of a database that is busy, as on SQLite.

    The first thing in an import, an undo and a correction: each of them computes what it writes from what it reads.
    On PostgreSQL an advisory lock, since the tables may still be empty; on SQLite writers are alone from `BEGIN
    IMMEDIATE` on.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.set_config("lock_timeout", f"{patience_seconds}s", True)))
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
