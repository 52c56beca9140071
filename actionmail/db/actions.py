"""What a supporter did, and what they are still typing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ForeignKey, Index, Integer, String, Text, UniqueConstraint, event, false, text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId
from actionmail.rules.actions.address_bucket import bucket_of

# Literal, because SQLite matches a partial index by its text; where a query has to go along it, in the query too.
UNSEARCHABLE = "NOT is_searchable AND erased_at IS NULL"
MERGED = "merged_into IS NOT NULL"
SOURCED = "source <> ''"
ERASED = "erased_at IS NOT NULL"
PARAGRAPH = "paragraph_bucket IS NOT NULL"
INVALID = "invalid_at IS NOT NULL"
HELD = "held_for <> ''"
OTHER = "language <> 'en' AND language <> ''"


class Draft(Base):
    """What a supporter typed so far, kept for about a day so that no step loses a word. Gone when they send."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)  # random; becomes the action's idempotency key
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    values: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Action(Base):
    """One supporter's submission to one campaign. Erasing blanks the person and sets `erased_at`; the counts stay.

    While it is `unconfirmed` nobody knows whether the owner of its address made it, and it counts as nobody's.
    `mailbox_key`, a keyed hash, is set while it is somebody's only one on a campaign that takes one from a mailbox.
    """

    __tablename__ = "actions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    idempotency_key: Mapped[str] = mapped_column(String(43))
    receipt_token: Mapped[str] = mapped_column(String(43), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    address_bucket: Mapped[int | None]  # rules/actions/address_bucket.py; kept in step with `email` below
    zip: Mapped[str] = mapped_column(String(5))
    street: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(2))  # "" where the ZIP code does not tell it
    phone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(16), default="en")
    lookup: Mapped[dict[str, Any]]  # method, data version, districts: how the legislators were found
    source: Mapped[str] = mapped_column(String(40), default="", server_default="")  # rules/campaigns/sharing.py
    consent_text: Mapped[str] = mapped_column(Text)
    consent_address: Mapped[str] = mapped_column(String(45), default="")  # where the consent came from (IP)
    wants_updates: Mapped[bool]
    # Their own paragraph, where they said that it may be quoted without their name.
    quotable: Mapped[str] = mapped_column(Text, default="", server_default="")
    paragraph_bucket: Mapped[int | None]  # of their own paragraph: rules/actions/paragraph_bucket.py
    unconfirmed: Mapped[bool] = mapped_column(default=False, server_default=false())  # stays so where it was never
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # what its campaign's kind keeps
    mailbox_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    invalid_at: Mapped[datetime | None]  # when staff found that it does not count
    invalid_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    review: Mapped[str] = mapped_column(String(16), default="", server_default="")  # rules/actions/reviews.py
    review_reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # of staff who declined it
    reviewed_at: Mapped[datetime | None]
    held_for: Mapped[str] = mapped_column(String(16), default="", server_default="")  # rules/actions/pressure.py
    receipt_mailed_at: Mapped[datetime | None]  # when staff last had its receipt's link mailed
    mail_copy: Mapped[str] = mapped_column(String(8), default="", server_default="")  # rules/actions/copy_mail.py
    merged_into: Mapped[int | None] = mapped_column(BigId)  # the action that stands for this one too, while it counts
    is_searchable: Mapped[bool] = mapped_column(default=False, server_default=false())  # flows/actions/search_index.py

    __table_args__ = (
        UniqueConstraint("campaign_id", "idempotency_key"),
        Index("ix_actions_campaign_created", "campaign_id", "created_at"),
        Index("ix_actions_created_id", "created_at", "id"),
        Index("ix_actions_address_bucket_id", "address_bucket", "id"),  # all that somebody did
        # One action a mailbox and campaign: this decides, whoever was quicker.
        Index("uq_actions_campaign_mailbox", "campaign_id", "mailbox_key", unique=True),
        Index("ix_actions_unsearchable", "id", sqlite_where=text(UNSEARCHABLE), postgresql_where=text(UNSEARCHABLE)),
        Index(  # whether somebody who may stand on a petition's paper was erased
            "ix_actions_erased", "campaign_id", "created_at", sqlite_where=text(ERASED), postgresql_where=text(ERASED)
        ),
        Index("ix_actions_merged", "campaign_id", sqlite_where=text(MERGED), postgresql_where=text(MERGED)),
        Index("ix_actions_held", "campaign_id", "id", sqlite_where=text(HELD), postgresql_where=text(HELD)),
        Index(  # what was taken out of the count at one moment
            "ix_actions_invalid",
            "campaign_id",
            "invalid_at",
            sqlite_where=text(INVALID),
            postgresql_where=text(INVALID),
        ),
        Index("ix_actions_source", "source", "id", sqlite_where=text(SOURCED), postgresql_where=text(SOURCED)),
        Index(
            "ix_actions_paragraph",
            "paragraph_bucket",
            "id",
            sqlite_where=text(PARAGRAPH),
            postgresql_where=text(PARAGRAPH),
        ),
        Index("ix_actions_language", "language", "id", sqlite_where=text(OTHER), postgresql_where=text(OTHER)),
    )


@event.listens_for(Action, "before_insert")
@event.listens_for(Action, "before_update")
def _put_into_bucket(_mapper: object, _connection: object, action: Action) -> None:
    action.address_bucket = bucket_of(action.email)


class SearchText(Base):
    """What staff can search of one action, as `rules.actions.search_words` makes it. Gone when the person is erased.

    `grams` is PostgreSQL's index (GIN). SQLite has the table `search_grams` (FTS5) beside this one, by the same numbers
    in hexadecimal; its rowid is the action's id.
    """

    __tablename__ = "search_texts"

    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[int] | None] = mapped_column(ARRAY(Integer).with_variant(Text(), "sqlite"))
