"""The queue, which is also the send log: messages, the bytes they froze to, and every change of their state."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId

# Literal, because SQLite matches a partial index by its text; and not the bare column, because SQLite would rather use
# ix_messages_state_id for that and sort all that wait (tests/db/test_plans.py).
WAITING = "(state || '') IN ('queued', 'deferred', 'ambiguous')"
SENDING = "state = 'sending'"  # a few hundred at the most: what workers have in hand
# Where few letters stand, and none passes on its way: of one legislator they are found without reading all the others.
ASIDE_STATES = ("held", "bounced", "failed", "no_channel", "expired", "cancelled", "rejected")
ASIDE = f"state IN ({', '.join(map(repr, ASIDE_STATES))})"
TAKEN = "to_state = 'accepted' AND from_state <> 'accepted'"
BACK = "to_state = 'bounced' AND from_state <> 'bounced'"
REFUSED = "smtp_code >= 300"
STATUS = "enhanced >= '3'"


class Message(Base):
    """One filled letter to one legislator. Narrow on purpose: the claim and the log's pages read only this.

    `supporter_key` is a keyed hash of the canonical e-mail address, so that "one letter per campaign, supporter and
    target" outlives the erasure of the address itself. `state` is written by flows.delivery.message_state alone; a
    trigger refuses a step that the rules do not know.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    action_id: Mapped[int] = mapped_column(BigId, ForeignKey("actions.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    legislator_id: Mapped[int] = mapped_column(ForeignKey("legislators.id"))
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"))
    supporter_key: Mapped[str] = mapped_column(String(64))
    target_name: Mapped[str] = mapped_column(String(240))  # "Senator Kelda Roys", as it stood then
    recipient: Mapped[str] = mapped_column(String(254))  # "" where there is no channel
    domain: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))  # rules.delivery.State
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]  # 96 h after the action, or the campaign's deadline
    claimed_from: Mapped[str] = mapped_column(String(16), default="")  # the state in which the last claim found it
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    body_started_at: Mapped[datetime | None]  # set, and committed, before a body goes on the wire (RFC 1047)
    possible_duplicate: Mapped[bool] = mapped_column(default=False)
    # by staff, while its campaign holds its letters
    released_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    message_id: Mapped[str] = mapped_column(String(254), unique=True)  # RFC 5322 Message-ID, angle brackets included
    return_path: Mapped[str] = mapped_column(String(254))  # VERP
    sha256: Mapped[str] = mapped_column(String(64))  # of the frozen bytes
    template_version: Mapped[int]
    queue_id: Mapped[str] = mapped_column(String(120), default="")  # the relay's own
    last_code: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("action_id", "legislator_id"),
        UniqueConstraint("campaign_id", "supporter_key", "legislator_id"),
        Index(
            "ix_messages_due",  # by target: the claim goes round them
            "legislator_id",
            "next_attempt_at",
            "id",
            "campaign_id",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        Index("ix_messages_expiring", "expires_at", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
        Index("ix_messages_state_id", "state", "id"),
        Index("ix_messages_campaign_id", "campaign_id", "id"),
        # The send log's filters, each newest first. Of columns that no later step changes.
        Index("ix_messages_legislator_id", "legislator_id", "id"),
        Index(
            "ix_messages_aside",
            "legislator_id",
            "state",
            "id",
            sqlite_where=text(ASIDE),
            postgresql_where=text(ASIDE),
        ),
        Index("ix_messages_letter_id", "letter_id", "id"),
        Index("ix_messages_domain_id", "domain", "id"),
        Index("ix_messages_created_id", "created_at", "id"),
    )


class FrozenLetter(Base):
    """The exact bytes of a message, rendered once; every try sends these. Deleted when the supporter is erased."""

    __tablename__ = "frozen_letters"

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), primary_key=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)


class EarlierLetter(Base):
    """A version of a letter that was replaced since its legislator has another address: what went there, or would have.

    The message's own row and its FrozenLetter are the version that goes now.
    """

    __tablename__ = "earlier_letters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    letter: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(254), unique=True)  # RFC 5322 Message-ID, angle brackets included
    return_path: Mapped[str] = mapped_column(String(254))
    recipient: Mapped[str] = mapped_column(String(254))
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)  # None once the supporter is erased
    replaced_at: Mapped[datetime]


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Event(Base):
    """One change of a message's state. Append-only: triggers refuse UPDATE, DELETE and TRUNCATE."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("messages.id"), index=True)
    at: Mapped[datetime]
    from_state: Mapped[str] = mapped_column(String(16), default="")
    to_state: Mapped[str] = mapped_column(String(16))
    actor_kind: Mapped[str] = mapped_column(String(16))  # rules.delivery.reasons.ActorKind
    actor_id: Mapped[str] = mapped_column(String(120), default="")  # "host:pid" of a worker, the number of staff
    reason_code: Mapped[str] = mapped_column(String(32), default="")  # rules.delivery.reasons.Reason
    attempt: Mapped[int] = mapped_column(default=0)
    phase: Mapped[str] = mapped_column(String(16), default="")  # where on the wire: connect, mail, rcpt, data, body
    smtp_code: Mapped[int | None]
    enhanced: Mapped[str] = mapped_column(String(12), default="")  # RFC 3463
    text: Mapped[str] = mapped_column(Text, default="")  # the server's own words, or the staff's
    queue_id: Mapped[str] = mapped_column(String(120), default="")

    __table_args__ = (
        # When letters were accepted and came back, and what servers answered that was no yes.
        _partial("ix_events_accepted", "at", "message_id", where=TAKEN),
        _partial("ix_events_bounced", "at", "message_id", where=BACK),
        _partial("ix_events_code", "smtp_code", "message_id", where=REFUSED),
        _partial("ix_events_enhanced", "enhanced", "message_id", where=STATUS),
        _partial("ix_events_refused", "message_id", where=f"{REFUSED} OR {STATUS}"),
    )
