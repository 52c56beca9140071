"""What supporters did on a campaign without letters: listed, counted, taken out of the count, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.reading import counted, undisputed
from actionmail.flows.review import out_of_count
from actionmail.flows.review.out_of_count import By, CountChanged

ON_A_PAGE = 50


class Standing(StrEnum):
    """Whether an action counts."""

    COUNTS = "counts"
    INVALID = "invalid"
    WAITING = "waiting"  # to be confirmed
    NOT_APPROVED = "not-approved"  # by staff, who look at its kind first
    TAKEN_BACK = "taken-back"


class Wanted(Struct, frozen=True, kw_only=True):
    """Which actions. `text` is a part of name, e-mail address or ZIP code; the days are the campaign's own."""

    standing: Standing = Standing.COUNTS
    text: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None


def listed(session: Session, campaign: Campaign, wanted: Wanted, *, before: int | None = None) -> Sequence[Action]:
    """The newest that fit, below the number `before`: one more than ON_A_PAGE where there are more."""
    query = select(Action).where(*_fitting(campaign, wanted)).order_by(Action.id.desc()).limit(ON_A_PAGE + 1)
    return session.scalars(query if before is None else query.where(Action.id < before)).all()


def count(session: Session, campaign: Campaign, wanted: Wanted) -> int:
    """How many fit."""
    return session.scalar(select(func.count()).select_from(Action).where(*_fitting(campaign, wanted))) or 0


def invalidate(
    session: Session, campaign: Campaign, wanted: Wanted, *, seen: int, reason: str, by: int, now: datetime
) -> int:
    """Take all that fit out of the count, with their letters; how many. Raises CountChanged."""
    ids = _locked(session, campaign, wanted, seen)
    out_of_count.take(session, campaign.slug, ids, reason=reason, by=By(staff=by, now=now))
    return len(ids)


def restore(session: Session, campaign: Campaign, wanted: Wanted, *, seen: int, by: int, now: datetime) -> int:
    """Put all that fit back into the count; how many. Raises CountChanged."""
    ids = _locked(session, campaign, wanted, seen)
    out_of_count.put_back(session, campaign.slug, ids, by=By(staff=by, now=now))
    return len(ids)


def _locked(session: Session, campaign: Campaign, wanted: Wanted, seen: int) -> list[int]:
    query = select(Action.id).where(*_fitting(campaign, wanted)).order_by(Action.id).with_for_update()
    ids = list(session.scalars(query))
    if len(ids) != seen:
        raise CountChanged(len(ids))
    return ids


def _fitting(campaign: Campaign, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Action.campaign_id == campaign.id, *_STANDING[wanted.standing]]
    if wanted.text:
        columns = (Action.name, Action.email, Action.zip)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    if wanted.state:
        conditions.append(Action.state == wanted.state)
    zone = ZoneInfo(campaign.timezone)
    if wanted.since:
        conditions.append(Action.created_at >= datetime.combine(wanted.since, time.min, zone))
    if wanted.until:
        conditions.append(Action.created_at < datetime.combine(wanted.until + timedelta(days=1), time.min, zone))
    return conditions


_STANDING: dict[Standing, tuple[ColumnElement[bool], ...]] = {
    Standing.COUNTS: counted(),
    Standing.INVALID: (Action.invalid_at.is_not(None), Action.cancelled_at.is_(None)),
    Standing.WAITING: (Action.unconfirmed.is_(True), Action.cancelled_at.is_(None)),
    Standing.NOT_APPROVED: (*undisputed(), not_(and_(*counted()))),
    Standing.TAKEN_BACK: (Action.cancelled_at.is_not(None),),
}
