"""What staff are told of by mail: what keeps letters from going, and what waits for a decision of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.flows.actions import petition_mails
from actionmail.flows.actions.petition_mails import MailLine
from actionmail.flows.delivery.stops import Stop, stops
from actionmail.flows.review import crowd_cleaning, dashboard
from actionmail.flows.review.crowd_cleaning import HeldOf
from actionmail.flows.review.crowds import Crowd, crowds
from actionmail.flows.review.dashboard import Running, Troubled

_OPEN = ("live", "scheduled", "paused")


class Attention(Struct, frozen=True, kw_only=True):
    """Falsy where nothing needs anybody."""

    stops: Sequence[Stop]
    troubled: Sequence[Troubled]
    not_opened: Sequence[Running]
    mails: Sequence[MailLine]
    crowds: Sequence[Crowd]
    held: Sequence[HeldOf]

    def __bool__(self) -> bool:
        return bool(self.stops or self.troubled or self.not_opened or self.mails or self.crowds or self.held)


def attention(session: Session, *, now: datetime) -> Attention:
    """All of it, as the page that staff begin from has it; without what is the roster's alone."""
    overview = dashboard.dashboard(session, now=now)
    return Attention(
        stops=overview.stops,
        troubled=overview.troubled,
        not_opened=[campaign for campaign in overview.running if campaign.not_opened],
        mails=petition_mails.undecided(session, since=now - dashboard.RECENT),
        crowds=crowds(session, now=now),
        held=crowd_cleaning.held(session),
    )


def burning(session: Session) -> dict[str, Stop]:
    """What stops letters now, each under a name that no other stop ever has."""
    return {f"{stop.scope} {stop.name} {stop.at.isoformat()}": stop for stop in stops(session)}


def site_clock(session: Session) -> ZoneInfo:
    """The time zone that most of the campaigns under way have; UTC where none is."""
    zones = Counter(session.scalars(select(Campaign.timezone).where(Campaign.status.in_(_OPEN))))
    if not zones:
        return ZoneInfo("UTC")
    most = max(zones.values())
    return ZoneInfo(min(zone for zone, count in zones.items() if count == most))
