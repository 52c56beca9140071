"""What other programs are told of: addresses, the outbox that triggers fill, and what is on its way."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId

WAITING = "ended_at IS NULL"  # literal, because SQLite matches a partial index by its text


class Webhook(Base):
    """An address that is told of some kinds of events, until it is ended."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]]  # rules.staff.webhooks.HookEvent
    secret: Mapped[str] = mapped_column(String(300))  # sealed
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]  # a worker is at it, or it failed a moment ago


class WebhookNews(Base):
    """Something that happened, written by a trigger in its own transaction while there is any webhook.

    `row_id` is the number of the event of a letter or of the action; of a stop there are scope, key and reason.
    """

    __tablename__ = "webhook_news"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime | None]  # None: when it is read
    row_id: Mapped[int | None] = mapped_column(BigInteger)
    scope: Mapped[str] = mapped_column(String(16), default="", server_default="")
    key: Mapped[str] = mapped_column(String(254), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(32), default="", server_default="")


class WebhookDelivery(Base):
    """One thing for one address; the same key and body at each try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "due_at",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index("ix_webhook_deliveries_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    key: Mapped[str] = mapped_column(String(40), unique=True)  # the header webhook-id
    event: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)  # JSON
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]  # of the last answer
    trouble: Mapped[str] = mapped_column(String(16), default="", server_default="")  # rules.staff.webhooks.HookTrouble
    ended_at: Mapped[datetime | None]
    is_delivered: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class CrowdTold(Base):
    """A crowd that webhooks were told of, so that they are told once a day: a number, not what its actions share."""

    __tablename__ = "crowds_told"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)  # flows.review.crowds.Crowd
    at: Mapped[datetime] = mapped_column(index=True)
