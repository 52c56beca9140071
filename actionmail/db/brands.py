"""How the pages of an organisation look."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base


class BrandRow(Base):
    """By the organisation's name, as campaigns and settings have it. What is empty is the product's own."""

    __tablename__ = "brands"

    organisation: Mapped[str] = mapped_column(String(120), primary_key=True)
    colours: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # rules/campaigns/branding.py
    font: Mapped[str] = mapped_column(String(16), default="", server_default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"), index=True)
    updated_at: Mapped[datetime]
