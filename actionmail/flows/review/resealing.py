"""After a new key: what the database keeps sealed is sealed under it, so that the old one can go."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.staff import StaffMember
from actionmail.db.webhooks import Webhook
from actionmail.flows.staff.audit import record
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.second_factor import seal, unseal
from actionmail.settings import KeyRing


class Resealed(Struct, frozen=True, kw_only=True):
    """How many secrets are sealed under the first key by now, and how many no key of the ring opens."""

    anew: int
    already: int
    unreadable: int


def reseal(session: Session, keys: KeyRing, *, now: datetime) -> Resealed:
    """Staff's second factors and webhooks' secrets."""
    counts = {"anew": 0, "already": 0, "unreadable": 0}
    for member in session.scalars(select(StaffMember).where(StaffMember.totp_secret != "").with_for_update()):
        member.totp_secret, kind = _sealed_anew(member.totp_secret, keys)
        counts[kind] += 1
    for hook in session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)).with_for_update()):
        hook.secret, kind = _sealed_anew(hook.secret, keys)
        counts[kind] += 1
    if counts["anew"]:
        kind = session.get_bind().dialect.name
        record(session, AuditAction.RESEALED, ObjectKind.DATABASE, kind, by=None, now=now, count=counts["anew"])
    return Resealed(**counts)


def _sealed_anew(sealed: str, keys: KeyRing) -> tuple[str, str]:
    if unseal(sealed, keys.first) is not None:
        return sealed, "already"
    secret = unseal(sealed, keys)
    return (sealed, "unreadable") if secret is None else (seal(secret, keys.first), "anew")
