"""Which campaigns will write to other people within a week, because a seat or a whole house changes hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.campaign_roster import Committees, committees_named, named_committees, person_of
from actionmail.flows.roster.calendar_files import load_calendar, roster_days
from actionmail.rules.campaigns.targets import Rule, addressing_of, rules_of
from actionmail.rules.roster import titles
from actionmail.rules.roster.calendar import WARNING, Calendar, House, local_day, turnovers
from actionmail.rules.roster.seats import ELECTED

_RUNNING = ("live", "scheduled", "paused")


class TargetsChange(Struct, frozen=True, kw_only=True):
    """What happens to a campaign's targets within a week: `day` is the first on which they are others.

    `going` and `coming` are counted by the roster. `unknown` are chambers that change hands, of whose newly elected it
    has nobody.
    """

    slug: str
    title: str
    status: str
    day: date
    going: int
    coming: int
    unknown: tuple[str, ...]


def changes_ahead(session: Session, folder: Path, *, now: datetime, slug: str = "") -> list[TargetsChange]:
    """The campaigns that run and whose targets change within a week; with a `slug` that one. Raises DatasetError."""
    query = select(Campaign).where(Campaign.status.in_(_RUNNING)).order_by(Campaign.slug)
    if slug:
        query = query.where(Campaign.slug == slug)
    campaigns = session.scalars(query).all()
    if not campaigns:
        return []
    calendar, rostered = load_calendar(folder), roster_days(session)
    changes = []
    for campaign in campaigns:
        today = local_day(campaign.state, now)
        houses = _houses_changing(campaign, calendar, rostered, today)
        change = _change(session, campaign, houses, today)
        if change is not None:
            changes.append(change)
    return changes


def _houses_changing(
    campaign: Campaign, calendar: Calendar, rostered: dict[House, date], today: date
) -> dict[str, date]:
    """The first days, within a week, of the campaign's chambers whose roster is older than they are."""
    houses = {}
    chambers = {titles.seat_chamber(campaign.state, chamber) for chamber in campaign.chambers}
    for due in turnovers(calendar, rostered, today, ahead=WARNING):
        if due.state == campaign.state and due.chamber in chambers and due.first_day > today:
            houses[due.chamber] = due.first_day
    return houses


def _change(session: Session, campaign: Campaign, houses: dict[str, date], today: date) -> TargetsChange | None:
    rows = _moving(session, campaign.state, today)
    if not (rows or houses):
        return None
    rules = rules_of(campaign.targets)
    committees = committees_named(session, campaign.state, named_committees(rules, []))
    days, going, coming, unknown = list(houses.values()), 0, 0, set(houses)
    for row in rows:
        if not _is_target(campaign, rules, committees, row):
            continue
        if row.status == ELECTED:
            coming += 1
            days.append(row.begins)
            unknown.discard(row.chamber)
        else:
            going += 1
            days.append(row.ends + timedelta(days=1))
    if not days:
        return None
    return TargetsChange(
        slug=campaign.slug,
        title=campaign.title,
        status=campaign.status,
        day=min(days),
        going=going,
        coming=coming,
        unknown=tuple(sorted(unknown)),
    )


def _moving(session: Session, state: str, today: date) -> Sequence[Any]:
    """Who of the state's legislators comes or goes within a week."""
    last = today + WARNING
    comes = and_(Legislator.status == ELECTED, Legislator.begins > today, Legislator.begins <= last)
    goes = and_(Legislator.status == "sitting", Legislator.ends >= today, Legislator.ends < last)
    query = select(
        Legislator.key,
        Legislator.chamber,
        Legislator.party,
        Legislator.status,
        Legislator.begins,
        Legislator.ends,
    )
    return session.execute(query.where(Legislator.state == state, Legislator.gone_at.is_(None), or_(comes, goes))).all()


def _is_target(campaign: Campaign, rules: Sequence[Rule], committees: Committees, row: Any) -> bool:
    person = person_of(row.key, row.chamber, row.party, committees)
    return bool(addressing_of(campaign.state, campaign.chambers, rules, person).ways)
