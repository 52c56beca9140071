"""Whom to ask whether an office answered, and what they said."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class AnswerQuestion(Base):
    """The supporter of an action agreed to be asked once by mail. Gone with their data, or when they take it back.

    `token` is that of the mail's links, and not the receipt's: mail is passed on. `ask_at` is when it is looked at next
    whether the mail is due, None once it is written (`asked_at`).
    """

    __tablename__ = "answer_questions"

    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    agreed_at: Mapped[datetime]
    ask_at: Mapped[datetime | None] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]


class SaidAnswer(Base):
    """What a supporter says of one letter: whether its office answered.

    `words` are the answer's, where the supporter gave them for staff to read; "" else, and once they are erased.
    """

    __tablename__ = "said_answers"

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), primary_key=True)
    is_answered: Mapped[bool]
    said_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
