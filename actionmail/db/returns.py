"""What came back: each mail once."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class Return(Base):
    """One mail that came back to a message. Its words are not kept here: they are a stranger's."""

    __tablename__ = "returns"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))  # flows.inbound.Kind
    sha256: Mapped[str] = mapped_column(String(64))  # of the bytes as they came: the same mail counts once
    forwarded: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("message_id", "sha256"),)
