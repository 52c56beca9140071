"""The people who acted, as programs of the staff read them: one row an action, never one that nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.reading import counted


@dataclass(frozen=True, kw_only=True)
class SupporterRecord:
    """Somebody, as they acted once. `counts` is false where it was taken back or staff found that it does not count."""

    action: int
    at: datetime
    campaign: str  # slug
    name: str
    email: str
    phone: str
    street: str
    city: str
    state: str
    zip: str
    language: str
    source: str
    wants_updates: bool
    consent_text: str
    counts: bool


def supporters(
    session: Session, *, campaign: str, only_updates: bool, limit: int, behind: int | None
) -> tuple[Sequence[SupporterRecord], int | None]:
    """The actions older than `behind`, or the newest, at most `limit`; and behind which to go on, None: no more.

    Nobody who was erased. With `only_updates` those who asked for news, in an action that counts. `campaign` is a slug,
    "" for all.
    """
    does_count = Action.id.in_(select(Action.id).where(*counted()))
    query = (
        select(Action, Campaign.slug, does_count.label("counts"))
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(Action.erased_at.is_(None), Action.unconfirmed.is_(False))
    )
    if only_updates:
        query = query.where(Action.wants_updates, *counted())
    if campaign:
        query = query.where(Campaign.slug == campaign)
    if behind is not None:
        query = query.where(Action.id < behind)
    rows = session.execute(query.order_by(Action.id.desc()).limit(limit + 1)).all()
    shown = [_record(action, slug, counts) for action, slug, counts in rows[:limit]]
    return shown, shown[-1].action if len(rows) > limit else None


def _record(action: Action, slug: str, counts: Any) -> SupporterRecord:
    return SupporterRecord(
        action=action.id,
        at=action.created_at,
        campaign=slug,
        name=action.name,
        email=action.email,
        phone=action.phone,
        street=action.street,
        city=action.city,
        state=action.state,
        zip=action.zip,
        language=action.language,
        source=action.source,
        wants_updates=action.wants_updates,
        consent_text=action.consent_text,
        counts=bool(counts),
    )
