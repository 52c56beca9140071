"""What receivers report of mail in our name."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class DmarcReport(Base):
    """One aggregate report (RFC 7489, RFC 9990) as its reporter tells it; anybody can make one up."""

    __tablename__ = "dmarc_reports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]  # when it was read
    reporter: Mapped[str] = mapped_column(String(100))
    report_id: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(253))  # whose policy it is about: ours, or one above it
    policy: Mapped[str] = mapped_column(String(10))
    begins: Mapped[datetime]
    ends: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("reporter", "report_id", "domain"),)


class DmarcSource(Base):
    """How many mails with our domain in From came from one address, and how they fared."""

    __tablename__ = "dmarc_sources"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    report: Mapped[int] = mapped_column(BigId, ForeignKey("dmarc_reports.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(45))
    messages: Mapped[int] = mapped_column(BigInteger)
    by_dkim: Mapped[bool]  # passed, aligned with From
    by_spf: Mapped[bool]
    disposition: Mapped[str] = mapped_column(String(10))  # none, pass, quarantine, reject
