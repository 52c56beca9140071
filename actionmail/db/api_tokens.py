"""The tokens with which programs of the staff read letters and supporters."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class ApiToken(Base):
    """One program's right to read. The secret itself was shown once and is not kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the secret
    name: Mapped[str] = mapped_column(String(60))
    scopes: Mapped[list[str]]  # rules.staff.api_scopes.ApiScope
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the command line
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_on: Mapped[date | None]  # UTC
    told_on: Mapped[date | None]  # the last day whose reading of personal data is in the audit trail
