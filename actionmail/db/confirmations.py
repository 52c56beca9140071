"""Who is asked by mail whether they meant it, and which addresses said yes once."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class Confirmation(Base):
    """An action whose supporter is asked by mail to confirm it. `token` is the mailed link's, and not the receipt's:
    whoever typed the address has that one.

    `supporter_key` is what the action's messages get as theirs once it is confirmed (`db.messages.Message`).
    """

    __tablename__ = "confirmations"

    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    supporter_key: Mapped[str] = mapped_column(String(64), index=True)
    mailbox_key: Mapped[str] = mapped_column(String(64))  # by which mails are counted, `rules.confirmation.mailbox_of`
    expires_at: Mapped[datetime]
    waits_until: Mapped[datetime | None] = mapped_column(index=True)  # `expires_at` until it ended, however it did


class KnownAddress(Base):
    """What is remembered of an address, under its keyed hash: whether it confirmed once, and how often we asked there.

    Mails are counted at the address of the mailbox; what somebody confirms is their address as they typed it.
    """

    __tablename__ = "known_addresses"

    supporter_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    confirmed_at: Mapped[datetime | None]
    asked: Mapped[float] = mapped_column(default=0.0)  # mails, as of `asked_at`: a bucket that empties as time passes
    asked_at: Mapped[datetime | None] = mapped_column(index=True)
