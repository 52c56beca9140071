"""Erasing a campaign's supporters some days after its end, where the campaign says so.

Who asked for news is kept: the list needs their address. Whose letter is on the wire at that moment is left for the
next time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.flows.privacy.erasure import BeingSent, How, erase_action
from actionmail.flows.staff.audit import record
from actionmail.rules.delivery.reasons import CLOCK, Reason
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


class Retention(Struct, frozen=True, kw_only=True):
    """How long a campaign keeps its supporters. `count` are those that would go, at `due`, which may be past."""

    slug: str
    days: int
    ended_at: datetime | None  # None: it goes on
    due: datetime | None
    count: int


def retentions(session: Session, *, now: datetime) -> list[Retention]:
    """Of each campaign that says so, by its name in the address; changes nothing."""
    every = []
    for campaign in _campaigns(session):
        days, ended_at = campaign.erase_after_days or 0, _ended_at(campaign, now)
        query = select(func.count()).select_from(Action).where(*_to_erase(campaign))
        every.append(
            Retention(
                slug=campaign.slug,
                days=days,
                ended_at=ended_at,
                due=ended_at + timedelta(days=days) if ended_at else None,
                count=session.scalar(query) or 0,
            )
        )
    return every


def erase_due(session: Session, *, now: datetime, limit: int) -> int:
    """Erase those whose time has come, at most `limit`, and note it by campaign; how many."""
    count = 0
    for campaign in _campaigns(session):
        ended_at = _ended_at(campaign, now)
        if ended_at is None or now < ended_at + timedelta(days=campaign.erase_after_days or 0) or count >= limit:
            continue
        erased = _erase(session, campaign, now, limit - count)
        if erased:
            by_clock = AuditAction.SUPPORTERS_ERASED
            record(session, by_clock, ObjectKind.CAMPAIGN, campaign.slug, by=None, now=now, count=erased)
        count += erased
    return count


def _erase(session: Session, campaign: Campaign, now: datetime, limit: int) -> int:
    on_the_wire = exists().where(Message.action_id == Action.id, Message.state == State.SENDING.value)
    query = select(Action).where(*_to_erase(campaign), ~on_the_wire).order_by(Action.id).limit(limit)
    erased = 0
    for action in session.scalars(query.with_for_update(skip_locked=True)).all():
        try:
            erase_action(session, action, how=How(why=Reason.ERASED_TIME_OVER, actor=CLOCK), now=now)
        except BeingSent:  # claimed since
            continue
        erased += 1
    session.flush()
    return erased


def _campaigns(session: Session) -> Sequence[Campaign]:
    query = select(Campaign).where(Campaign.erase_after_days.is_not(None)).order_by(Campaign.slug)
    return session.scalars(query).all()


def _ended_at(campaign: Campaign, now: datetime) -> datetime | None:
    """At its deadline, or the end of the time that staff gave after it; or else when it was closed and last changed."""
    if campaign.closes_at is not None and campaign.closes_at <= now:
        return campaign.closes_at
    return campaign.updated_at if campaign.status in ("closed", "archived") else None


def _to_erase(campaign: Campaign) -> list[ColumnElement[bool]]:
    return [Action.campaign_id == campaign.id, Action.erased_at.is_(None), Action.wants_updates.is_(False)]
