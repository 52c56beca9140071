"""Who wants to be reminded of which day of action."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class DayReminder(Base):
    """One day of which the supporter of an action is to be reminded. Gone with their data, or when they take it back.

    `token` is that of the link which ends it, and not the receipt's: mail is passed on. `reminded_for` is the date of
    the day that they were reminded of, so that a day which is moved is told anew.
    """

    __tablename__ = "day_reminders"

    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(80), primary_key=True)  # its key in the campaign's details
    token: Mapped[str] = mapped_column(String(43), unique=True)
    reminded_for: Mapped[date | None]
