"""What slows or stops letters, kept here so that it holds for every worker at once."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actionmail.db.base import Base, BigId


class Switch(Base):
    """A stop: while the row is there, nothing it covers is sent. Set by a person, or by a worker for a domain."""

    __tablename__ = "switches"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)  # rules.delivery.rates.Scope
    key: Mapped[str] = mapped_column(String(254), primary_key=True)  # legislator id, domain, campaign id; "" for all
    reason_code: Mapped[str] = mapped_column(String(32), default="")  # rules.delivery.reasons.PauseReason
    words: Mapped[str] = mapped_column(Text, default="")  # a person's, a mail server's, or a report's
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # the letter that a complaint was about
    actor_kind: Mapped[str] = mapped_column(String(16))  # rules.delivery.reasons.ActorKind
    actor_id: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime]


class Rate(Base):
    """How much of its rate a target, domain or campaign has used: a bucket that refills as time passes."""

    __tablename__ = "rates"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(254), primary_key=True)
    used: Mapped[float] = mapped_column(default=0.0)  # letters, as of `at`
    at: Mapped[datetime]
    halvings: Mapped[int] = mapped_column(default=0)  # asked to slow down so many times, as of `slowed_at`
    slowed_at: Mapped[datetime | None]


class AddressFault(Base):
    """One supporter's letter met "no such mailbox" at this address; two different supporters put the target on hold."""

    __tablename__ = "address_faults"

    recipient: Mapped[str] = mapped_column(String(254), primary_key=True)
    supporter_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class DomainRefusal(Base):
    """A letter that was refused by policy within the last hour; several to several mailboxes stop their domain."""

    __tablename__ = "domain_refusals"

    message_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(String(254), index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime]


class Heartbeat(Base):
    """When a command that runs from time to time last did."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)  # flows.delivery.heartbeats
    at: Mapped[datetime]


class WorkerPulse(Base):
    """When a worker was last seen at work, what it says of its mail server, and the limits that it keeps."""

    __tablename__ = "worker_pulses"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)  # "host:pid"
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    trouble: Mapped[str] = mapped_column(Text, default="")  # a rules.delivery.trouble.Trouble, "" for none
    trouble_since: Mapped[datetime | None]
    target_hour: Mapped[int] = mapped_column(default=0)  # as in rules.delivery.rates.Limits
    campaign_hour: Mapped[int] = mapped_column(default=0)
    domain_minute: Mapped[int] = mapped_column(default=0)
    hours: Mapped[str] = mapped_column(String(8), default="")  # "8-18"; "" for any
