"""A petition as it is handed over: its paper, made in the background, and the mails to whom it is addressed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class PetitionPaper(Base):
    """The one paper of a petition: asked for, being made, ready, or why there is none.

    Whoever makes it has its `ticket`; with another one there, what they make is not wanted any more.
    """

    __tablename__ = "petition_papers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), unique=True)
    state: Mapped[str] = mapped_column(String(16))  # rules.actions.paper_jobs.PaperState
    comments: Mapped[str] = mapped_column(String(16))  # rules.actions.paper_jobs.Comments
    ticket: Mapped[str] = mapped_column(String(43), default="")
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    number: Mapped[int] = mapped_column(default=0)  # signatures it has
    done: Mapped[int] = mapped_column(default=0)  # of them set so far
    taken_at: Mapped[datetime | None]  # about the moment of which it tells
    erased: Mapped[int] = mapped_column(default=0)  # who had signed by then, and were erased by then
    finished_at: Mapped[datetime | None]
    pages: Mapped[int] = mapped_column(default=0)
    octets: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    trouble: Mapped[dict[str, Any]] = mapped_column(default=dict)  # a code and its values, where there is none


class PaperPart(Base):
    """A piece of a paper's file, so that nobody has to hold all of it."""

    __tablename__ = "petition_paper_parts"

    paper_id: Mapped[int] = mapped_column(BigId, ForeignKey("petition_papers.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)  # from 0
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PetitionMail(Base):
    """A mail that hands a petition over. `place` counts those of a petition from 1: of two at once, one is taken."""

    __tablename__ = "petition_mails"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    place: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)  # rules.delivery.states.State
    recipient_name: Mapped[str] = mapped_column(String(120))
    recipient: Mapped[str] = mapped_column(String(254))
    domain: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)  # all of it, as it goes
    paper_sha256: Mapped[str] = mapped_column(String(64))  # of the paper that goes with it; "": none
    message_id: Mapped[str] = mapped_column(String(254), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(32), default="")  # rules.delivery.reasons.Reason
    smtp_code: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")  # the mail server's own, or where the program failed
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("campaign_id", "place"),)
