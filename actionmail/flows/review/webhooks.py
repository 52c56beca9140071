"""The addresses that other programs are told at: added and ended by admins, with what went to each."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import CursorResult, and_, case, func, select, update
from sqlalchemy.orm import Session

from actionmail.db.webhooks import Webhook, WebhookDelivery
from actionmail.flows.staff.audit import record
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.rules.staff.second_factor import seal, unseal
from actionmail.rules.staff.webhooks import (
    HookAnswer,
    HookEvent,
    HookFault,
    HookRefused,
    HookTrouble,
    checked_url,
    new_hook_secret,
)
from actionmail.settings import Keys


class HookLine(Struct, frozen=True, kw_only=True):
    """One address, as admins see it. `last` is what came of the last try, at `last_at`."""

    id: int
    url: str
    events: Sequence[HookEvent]
    created_at: datetime
    ended_at: datetime | None
    waiting: int
    delivered: int  # within the last days: `flows.review.webhook_sending.KEPT`
    given_up: int
    last: HookAnswer | None
    last_event: HookEvent | None
    last_at: datetime | None


def add_hook(
    session: Session, url: str, events: Collection[HookEvent], *, secret_key: str, by: int, now: datetime
) -> str:
    """Tell an address of these from now on; its secret, told this once. Raises HookRefused."""
    address = checked_url(url)
    if not events:
        raise HookRefused(HookFault.NO_EVENTS)
    secret = new_hook_secret()
    codes = [event.value for event in HookEvent if event in events]
    hook = Webhook(url=address, events=codes, secret=seal(secret, secret_key), made_by=by, created_at=now)
    session.add(hook)
    session.flush()
    host = urlsplit(address).hostname or ""  # its path may be a secret of others
    record(session, AuditAction.WEBHOOK_ADDED, ObjectKind.WEBHOOK, hook.id, by=by, now=now, events=codes, host=host)
    return secret


def end_hook(session: Session, number: int, *, by: int, now: datetime) -> bool:
    """Tell it nothing any more, and drop what waits. False: there is none of that number that is told."""
    ended = session.execute(
        update(Webhook).where(Webhook.id == number, Webhook.ended_at.is_(None)).values(ended_at=now, secret="")
    )
    if not cast(CursorResult[Any], ended).rowcount:
        return False
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == number, WebhookDelivery.ended_at.is_(None))
        .values(ended_at=now)
    )
    record(session, AuditAction.WEBHOOK_ENDED, ObjectKind.WEBHOOK, number, by=by, now=now)
    return True


def ask_for_test(session: Session, number: int, *, now: datetime) -> bool:
    """Let a worker send it a test. False: there is none of that number that is told."""
    hook = session.get(Webhook, number, with_for_update={"read": True})
    if hook is None or hook.ended_at is not None:
        return False
    session.add(delivery(hook.id, HookEvent.TEST, {}, at=now, now=now))
    return True


def delivery(hook: int, event: HookEvent, data: Mapping[str, Any], *, at: datetime, now: datetime) -> WebhookDelivery:
    """Something that happened at `at`, for one address, due at once."""
    body = {"type": event.value, "timestamp": at.isoformat(), "data": dict(data)}
    return WebhookDelivery(
        webhook_id=hook,
        key=f"msg_{secrets.token_urlsafe(24)}",
        event=event.value,
        body=json.dumps(body),
        created_at=now,
        due_at=now,
    )


def hooks(session: Session) -> list[HookLine]:
    """All of them, those that are told first, then the newest first."""
    counts = _counts(session)
    last = _last_tries(session)
    order = case((Webhook.ended_at.is_(None), 0), else_=1)
    lines = []
    for hook in session.scalars(select(Webhook).order_by(order, Webhook.id.desc())):
        waiting, delivered, given_up = counts.get(hook.id, (0, 0, 0))
        tried = last.get(hook.id)
        answer = HookAnswer(status=tried.status, trouble=HookTrouble(tried.trouble)) if tried else None
        lines.append(
            HookLine(
                id=hook.id,
                url=hook.url,
                events=[HookEvent(code) for code in hook.events],
                created_at=hook.created_at,
                ended_at=hook.ended_at,
                waiting=waiting,
                delivered=delivered,
                given_up=given_up,
                last=answer,
                last_event=HookEvent(tried.event) if tried else None,
                last_at=tried.tried_at if tried else None,
            )
        )
    return lines


def signable(session: Session, secret_key: Keys) -> tuple[int, int]:
    """How many addresses are told, and whose secret can be read with the installation's key: with no other it signs."""
    secrets_kept = session.scalars(select(Webhook.secret).where(Webhook.ended_at.is_(None))).all()
    readable = [secret for secret in secrets_kept if unseal(secret, secret_key) is not None]
    return len(secrets_kept), len(readable)


def _counts(session: Session) -> dict[int, tuple[int, int, int]]:
    """Waiting, delivered, given up, by webhook."""
    is_over = WebhookDelivery.ended_at.is_not(None)
    query = select(
        WebhookDelivery.webhook_id,
        func.sum(case((WebhookDelivery.ended_at.is_(None), 1), else_=0)),
        func.sum(case((WebhookDelivery.is_delivered, 1), else_=0)),
        func.sum(case((and_(is_over, WebhookDelivery.is_delivered.is_(False)), 1), else_=0)),
    ).group_by(WebhookDelivery.webhook_id)
    return {hook: (waiting, delivered, lost) for hook, waiting, delivered, lost in session.execute(query)}


def _last_tries(session: Session) -> dict[int, WebhookDelivery]:
    newest = (
        select(WebhookDelivery.webhook_id, func.max(WebhookDelivery.tried_at).label("at"))
        .group_by(WebhookDelivery.webhook_id)
        .subquery()
    )
    tried = select(WebhookDelivery).join(
        newest,
        and_(newest.c.webhook_id == WebhookDelivery.webhook_id, newest.c.at == WebhookDelivery.tried_at),
    )
    return {row.webhook_id: row for row in session.scalars(tried.order_by(WebhookDelivery.id))}
