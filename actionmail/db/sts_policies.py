"""What receiving domains want of who sends to them, as it was last seen."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class StsPolicy(Base):
    """An MTA-STS policy (RFC 8461). It holds until `expires_at` whatever the DNS says meanwhile, so it is kept."""

    __tablename__ = "sts_policies"

    domain: Mapped[str] = mapped_column(String(254), primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(32))
    mode: Mapped[str] = mapped_column(String(8))  # rules.delivery.mta_sts.Mode
    hosts: Mapped[str] = mapped_column(Text)  # patterns, a line each
    fetched_at: Mapped[datetime]
    expires_at: Mapped[datetime]
