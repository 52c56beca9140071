"""Mail to supporters that waits to be handed to the mail server."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class SupporterMail(Base):
    """One mail to a supporter, about a message of theirs, or about an action as a whole.

    Gone once the mail server took it, or gave it up.
    """

    __tablename__ = "supporter_mails"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    action_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("actions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # flows.outbox.Kind
    recipient: Mapped[str] = mapped_column(String(254))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    about: Mapped[str] = mapped_column(String(120), default="", server_default="")  # which of several it is
    expires_at: Mapped[datetime | None]  # it is of no use after that
