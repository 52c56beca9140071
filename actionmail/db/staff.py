"""Who may sign in, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from actionmail.db.base import Base


class StaffMember(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # canonical: lower case, A-label domain
    role: Mapped[str] = mapped_column(String(16))  # author, reviewer, admin
    password_hash: Mapped[str] = mapped_column(String(200))  # argon2id
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    totp_secret: Mapped[str] = mapped_column(String(300), default="", server_default="")  # sealed; "": none
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")  # the last whose code was used
    recovery_hashes: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # of unused recovery codes
    passkeys: Mapped[list["StaffPasskey"]] = relationship(order_by="StaffPasskey.id", cascade="all, delete-orphan")


class StaffPasskey(Base):
    """The public half of a key that a machine or a security key of theirs holds."""

    __tablename__ = "staff_passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url of at most 1023 bytes
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # COSE
    sign_count: Mapped[int] = mapped_column(BigInteger)  # of the last use; 0 where the holder does not count
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StaffSession(Base):
    """One sign-in that holds, until it is ended or too old."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the key in the browser's cookie
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    device: Mapped[str] = mapped_column(String(60))  # "Firefox on Android"
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # coarse
    confirmed_at: Mapped[datetime]  # when password or passkey were given last


class OneTimeToken(Base):
    """A secret that opens one thing, once, for a while."""

    __tablename__ = "staff_passes"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")  # canonical; of somebody invited
    role: Mapped[str] = mapped_column(String(16), default="", server_default="")
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class StaffNotice(Base):
    """A mail that somebody of the staff asked for: while the row is there, they get it. `due_at`: the next look."""

    __tablename__ = "staff_notices"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # flows.staff.notices.NoticeKind
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # of the mail that is due
    told: Mapped[list[str]] = mapped_column(default=list, server_default="[]")  # what their last mail told of


class AuditEntry(Base):
    """Who did what on what, in the codes of rules/staff/audit_codes.py; never a supporter's data.

    Append-only: triggers refuse UPDATE and DELETE, and TRUNCATE on PostgreSQL. `flows.staff.audit.record` writes it,
    and an `AuditLink` for it.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "object_kind", "object_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(String(40))  # "" in an old entry that no code fits
    object_kind: Mapped[str] = mapped_column(String(20))
    object_key: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    verb: Mapped[str] = mapped_column(String(40), default="", server_default="")  # as it was written before the codes
    subject: Mapped[str] = mapped_column(Text, default="", server_default="")


class AuditLink(Base):
    """One link of the chain over the audit trail, in the form of rules/staff/audit_chain.py.

    Beside the entries and not in them: a link is written last of all in a transaction, so that writers queue for a
    moment only, and an entry as soon as there is something to tell. Append-only by triggers, as the entries are.
    """

    __tablename__ = "audit_chain"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3, without a gap
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))


class StaffAttempts(Base):
    """How often somebody who is not signed in tried this at an account within an hour."""

    __tablename__ = "staff_attempts"

    hour: Mapped[datetime] = mapped_column(primary_key=True)  # its beginning
    attempt: Mapped[str] = mapped_column(String(16), primary_key=True)  # rules.staff.audit_codes.Attempt
    staff_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: no account that there is
    count: Mapped[int]
    last_at: Mapped[datetime]
