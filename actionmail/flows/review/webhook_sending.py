"""Webhooks go out from the database: triggers note what happened, a worker makes deliveries of it and sends them.

A worker takes an address for a while, so that of two one sends, and in order; a try is counted, and the next one set,
before it begins. Whoever dies between the answer and noting it leaves a delivery that goes twice, under the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import CursorResult, Select, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Event, Message
from actionmail.db.roster import Legislator
from actionmail.db.webhooks import CrowdTold, Webhook, WebhookDelivery, WebhookNews
from actionmail.flows.delivery.worker import WriteSessions
from actionmail.flows.review.crowds import LOOK_BACK, crowds
from actionmail.flows.review.webhooks import delivery
from actionmail.rules.delivery.rates import Scope
from actionmail.rules.staff.second_factor import unseal
from actionmail.rules.staff.webhooks import (
    GIVE_UP,
    REST,
    HookAnswer,
    HookEvent,
    HookTrouble,
    hook_wait,
    signed_headers,
)
from actionmail.settings import Keys

AT_ONCE: Final = 200  # things that happened
IN_A_ROW: Final = 5  # deliveries to one address
_ROW_LASTS: Final = timedelta(seconds=5)  # after which none more begins: letters wait meanwhile
_LEASE: Final = timedelta(minutes=2)
KEPT: Final = timedelta(days=7)  # a delivery that is over
Post = Callable[[str, Mapping[str, str], bytes], HookAnswer]


class Claimed(Struct, frozen=True, kw_only=True):
    """One address with what is due there, the least tried and oldest first. `secret` None: it cannot be read."""

    hook: int
    url: str
    secret: str | None
    deliveries: Sequence[WebhookDelivery]


def fan_out(session: Session, *, now: datetime) -> int:
    """Make a delivery for each address of what happened; how many things that were."""
    news = session.scalars(
        select(WebhookNews).order_by(WebhookNews.id).limit(AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    webhooks = session.execute(_told()).all() if news else []
    for happened in news:
        hooks = [id_ for id_, events in webhooks if happened.event in events]
        data = _data(session, happened) if hooks else None
        if data is not None:
            event, at = HookEvent(happened.event), happened.at or now
            session.add_all([delivery(hook, event, data, at=at, now=now) for hook in hooks])
        session.delete(happened)
    return len(news)


def _told() -> Select[int, list[str]]:
    """Locked against being ended: whoever ends one drops what waits for it, and so waits for what is added here."""
    query = select(Webhook.id, Webhook.events).where(Webhook.ended_at.is_(None))
    return query.order_by(Webhook.id).with_for_update(read=True)


def notice_crowds(session: Session, *, now: datetime) -> int:
    """Note for `fan_out` what crowds there are, each once a day, while any address is told; how many were new."""
    subscribed = session.scalars(select(Webhook.events).where(Webhook.ended_at.is_(None)))
    if not any(HookEvent.CROWD_NOTICED in events for events in subscribed):
        return 0
    count = 0
    for crowd in crowds(session, now=now):
        try:
            with session.begin_nested():
                session.add(CrowdTold(key=crowd.key, at=now))
        except IntegrityError:  # told before, or by another worker at this moment
            continue
        count += 1
        news = WebhookNews(event=HookEvent.CROWD_NOTICED, at=crowd.until, scope=crowd.kind, key=crowd.source)
        news.row_id = crowd.action
        session.add(news)
    return count


def send(write: WriteSessions, post: Post, *, secret_key: Keys, clock: Callable[[], datetime]) -> int:
    """Send what is due to each address that does not rest; how many were taken."""
    taken = 0
    for hook in _due(write, clock()):
        now = clock()  # the address before may have taken long
        with write() as session:
            claimed = _claim(session, hook, secret_key, now)
        if claimed is None:
            continue
        answers = _send_in_a_row(claimed, post, clock, now)
        with write() as session:
            taken += _record(session, claimed, answers, now)
    return taken


def purge(session: Session, *, now: datetime) -> int:
    """Forget deliveries that have been over for a week."""
    session.execute(delete(CrowdTold).where(CrowdTold.at <= now - LOOK_BACK))
    over = delete(WebhookDelivery).where(WebhookDelivery.ended_at <= now - KEPT)
    return cast(CursorResult[Any], session.execute(over)).rowcount


def _data(session: Session, happened: WebhookNews) -> dict[str, Any] | None:
    """Codes and numbers; nobody's name or words. None where what it was about is gone."""
    if happened.event == HookEvent.STOP_OPENED:
        return {"scope": happened.scope, "key": _stop_key(session, happened), "reason": happened.reason}
    if happened.event in (HookEvent.ACTION_CONFIRMED, HookEvent.CROWD_NOTICED):
        slug = session.scalar(select(Campaign.slug).join(Action).where(Action.id == happened.row_id))
        data = {"action": happened.row_id, "campaign": slug}
        if happened.event == HookEvent.CROWD_NOTICED:
            data |= {"kind": happened.scope, "source": happened.key}
        return data if slug else None
    row = session.execute(
        select(Event, Message.id, Campaign.slug, Legislator.key)
        .join(Message, Message.id == Event.message_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Legislator, Legislator.id == Message.legislator_id)
        .where(Event.id == happened.row_id)
    ).one_or_none()
    if row is None:
        return None
    event, letter, slug, legislator = row
    codes = {"reason": event.reason_code, "smtp_code": event.smtp_code, "enhanced": event.enhanced}
    return {"letter": letter, "campaign": slug, "legislator": legislator, **codes}


def _stop_key(session: Session, happened: WebhookNews) -> str:
    """A campaign's slug, a legislator's key, a domain; "" for all."""
    if happened.scope == Scope.CAMPAIGN:
        return session.scalar(select(Campaign.slug).where(Campaign.id == int(happened.key))) or happened.key
    if happened.scope == Scope.TARGET:
        return session.scalar(select(Legislator.key).where(Legislator.id == int(happened.key))) or happened.key
    return happened.key


def _due(write: WriteSessions, now: datetime) -> Sequence[int]:
    with write() as session:
        return session.scalars(
            select(Webhook.id)
            .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
            .where(*_may_go(now), WebhookDelivery.ended_at.is_(None), WebhookDelivery.due_at <= now)
            .distinct()
            .order_by(Webhook.id)
        ).all()


def _may_go(now: datetime) -> tuple[Any, ...]:
    return Webhook.ended_at.is_(None), or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now)


def _claim(session: Session, hook: int, secret_key: Keys, now: datetime) -> Claimed | None:
    """Take the address for a while; None where somebody else has it."""
    row = session.execute(
        update(Webhook)
        .where(Webhook.id == hook, *_may_go(now))
        .values(rests_until=now + _LEASE)
        .returning(Webhook.url, Webhook.secret)
    ).one_or_none()
    if row is None:
        return None
    due = session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == hook, WebhookDelivery.ended_at.is_(None), WebhookDelivery.due_at <= now)
        .order_by(WebhookDelivery.tries, WebhookDelivery.id)
        .limit(IN_A_ROW)
    ).all()
    for waiting in due:
        waiting.tries += 1
        waiting.due_at = now + hook_wait(waiting.tries)
    return Claimed(hook=hook, url=row.url, secret=unseal(row.secret, secret_key), deliveries=due)


def _send_in_a_row(claimed: Claimed, post: Post, clock: Callable[[], datetime], now: datetime) -> dict[int, HookAnswer]:
    """By delivery, up to the first that was not taken; to an address that is slow, fewer."""
    answers: dict[int, HookAnswer] = {}
    for waiting in claimed.deliveries:
        if clock() - now >= _ROW_LASTS:
            break
        body = waiting.body.encode()
        if claimed.secret is None:
            answer = HookAnswer(trouble=HookTrouble.NO_SECRET)
        else:
            headers = signed_headers(waiting.key, body, secret=claimed.secret, now=now)
            answer = post(claimed.url, headers, body)
        answers[waiting.id] = answer
        if not answer.is_taken:
            break
    return answers


def _record(session: Session, claimed: Claimed, answers: Mapping[int, HookAnswer], now: datetime) -> int:
    """Write down each try; what was not tried is due again. How many were taken."""
    has_failed = False
    for waiting in claimed.deliveries:
        row = session.get_one(WebhookDelivery, waiting.id, with_for_update=True)
        answer = answers.get(row.id)
        if answer is None:
            row.tries, row.due_at = row.tries - 1, now
            continue
        row.tried_at, row.status, row.trouble = now, answer.status, answer.trouble.value
        if answer.is_taken:
            row.is_delivered, row.ended_at = True, row.ended_at or now
        else:
            has_failed = True
            if row.created_at + GIVE_UP <= now:
                row.ended_at = row.ended_at or now
    rest = now + REST if has_failed else None
    session.execute(
        update(Webhook)
        .where(and_(Webhook.id == claimed.hook, Webhook.rests_until == now + _LEASE))
        .values(rests_until=rest)
    )
    return sum(answer.is_taken for answer in answers.values())
