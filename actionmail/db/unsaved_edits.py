"""What staff typed into a campaign's page and did not save."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class PageDraft(Base):
    """One person at one page of one campaign: when they opened it, and what they typed since their last saving."""

    __tablename__ = "page_drafts"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(100), primary_key=True)  # details, page, "letter:" and its name
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # by field; None: nothing typed
    seen: Mapped[str] = mapped_column(String(32), default="")  # the revision that they began from
    typed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(index=True)  # when they were last at the page
