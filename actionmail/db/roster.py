"""Who holds which seat, and from which dataset we know it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class DatasetVersion(Base):
    """One import that changed something. `snapshot` is its rows as zlib-compressed CSV, enough to go back to it."""

    __tablename__ = "dataset_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))  # "people"
    source: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    imported_at: Mapped[datetime]
    row_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Legislator(Base):
    """One seat's holder, or a vacant seat (`status="vacant"`, no name). Gone ones stay, with `gone_at`, for the log."""

    __tablename__ = "legislators"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # person id, or "vacant/<state>/<chamber>/<district>"
    state: Mapped[str] = mapped_column(String(2))
    chamber: Mapped[str] = mapped_column(String(16))  # upper, lower, legislature
    district: Mapped[str] = mapped_column(String(120))  # as Open States spells it
    status: Mapped[str] = mapped_column(String(16))  # sitting, vacant
    name: Mapped[str] = mapped_column(String(200), default="")
    given_name: Mapped[str] = mapped_column(String(120), default="")
    family_name: Mapped[str] = mapped_column(String(120), default="")
    party: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_note: Mapped[str] = mapped_column(String(16), default="")  # "", missing, shared, personal, malformed
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(Text, default="")
    kept: Mapped[str] = mapped_column(String(80), default="")  # "phone 2026-06-03": from an older import, see import
    source: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
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
    )
