"""What is put on a legislator's or a lobbyist's table: the letters of one campaign, or to one legislator, all counted.

Unlike `numbers`, nothing is left out where there are many: a report takes longer the more letters it is of. Nobody is
named, and only those are quoted who said that they may be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, Integer, cast, exists, extract, func, literal_column, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.reading import counted
from actionmail.flows.delivery.private_words import private_of
from actionmail.flows.review.answered import Answered, by_legislator
from actionmail.flows.review.numbers import Asked, Member, Seat, Tally
from actionmail.rules.delivery.blotting import blotted
from actionmail.rules.delivery.states import State

Counted = TypeVar("Counted")
QUOTED = 12  # the newest
_QUARTER = timedelta(minutes=15)  # days of every time zone begin with one


class Subject(Struct, frozen=True, kw_only=True):
    """A campaign as a line of a legislator's report."""

    title: str
    bill: str


class Quote(Struct, frozen=True, kw_only=True):
    """What a supporter wrote of themselves, and in which seats' districts they live."""

    text: str
    seats: Sequence[Seat]


class Report(Struct, frozen=True, kw_only=True):
    """`actions` is by how many actions the letters were written. Days without letters are left out."""

    total: Tally
    actions: int
    days: Sequence[tuple[date, Tally]]
    members: Sequence[tuple[Member, Tally]]  # by chamber and district
    campaigns: Sequence[tuple[Subject, Tally]]  # most letters first
    quotes: Sequence[Quote]  # the newest QUOTED
    answered: Sequence[tuple[Member, Answered]]  # by chamber and district; those of whom anything is known


def member_of(session: Session, number: int) -> Member | None:
    """Who holds, or held, a seat; None where the roster has no such number."""
    row = session.execute(_MEMBERS.where(Legislator.id == number)).first()
    return _member(row) if row else None


def report(session: Session, asked: Asked, *, legislator: int | None = None) -> Report:
    """The letters that `asked` is of, and of these only those to one legislator."""
    fits = _fitting(asked, legislator)
    quarter = _quarter_of(session)
    by = (Message.legislator_id, Message.campaign_id, Message.state, quarter)
    rows = session.execute(select(*by, func.count().label("letters")).where(*fits).group_by(*by))
    total, zone = Tally(), ZoneInfo(asked.timezone)
    days: dict[date, Tally] = defaultdict(Tally)
    members: dict[int, Tally] = defaultdict(Tally)
    campaigns: dict[int, Tally] = defaultdict(Tally)
    for number, campaign, state, at, letters in rows:
        day = datetime.fromtimestamp(at * _QUARTER.total_seconds(), UTC).astimezone(zone).date()
        for tally in (total, days[day], members[number], campaigns[campaign]):
            tally.add(State(state), letters)
    actions = select(func.count(Message.action_id.distinct())).where(*fits)
    return Report(
        total=total,
        actions=session.scalar(actions) or 0,
        days=sorted(days.items()),
        members=_members(session, members),
        campaigns=_campaigns(session, campaigns),
        quotes=_quotes(session, fits),
        answered=_members(session, by_legislator(session, fits)),
    )


def who_answered(session: Session, asked: Asked) -> list[tuple[Member, Answered]]:
    """Of the letters that `asked` is of: who answered most, then of whom most were asked."""
    members = _members(session, by_legislator(session, _fitting(asked, None)))
    return sorted(members, key=lambda entry: (-entry[1].letters, -entry[1].asked))


def _fitting(asked: Asked, legislator: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.campaign:
        campaign = select(Campaign.id).where(Campaign.slug == asked.campaign).scalar_subquery()
        conditions.append(Message.campaign_id == campaign)
    if legislator is not None:
        conditions.append(Message.legislator_id == legislator)
    if asked.begins is not None:
        conditions.append(Message.created_at >= asked.begins)
    if asked.ends is not None:
        conditions.append(Message.created_at < asked.ends)
    return conditions


def _quotes(session: Session, fits: Sequence[ColumnElement[bool]]) -> list[Quote]:
    """Of those whose action counts, and who were not erased; without their name where it stands in their words.

    They were told that they are quoted with their district and without their name.
    """
    wrote = exists().where(Message.action_id == Action.id, *fits)
    query = select(Action).where(Action.quotable != "", *counted(), wrote)
    quotes = []
    for action in session.scalars(query.order_by(Action.id.desc()).limit(QUOTED)):
        seats = []
        for place in action.lookup.get("districts", ()) if action.state else ():
            chamber, district = place.split("/", 1)
            seats.append(Seat(state=action.state, chamber=chamber, district=district))
        quotes.append(Quote(text=blotted(action.quotable, private_of(action)), seats=seats))
    return quotes


def _quarter_of(session: Session) -> ColumnElement[int]:
    """When a letter was made, in whole quarters of an hour since 1970."""
    if session.get_bind().dialect.name == "sqlite":
        seconds: ColumnElement[int] = cast(func.strftime("%s", Message.created_at), BigInteger)
    else:
        seconds = cast(func.floor(extract("epoch", Message.created_at)), BigInteger)
    # Literally: PostgreSQL takes two parameters of the same value for two expressions, one of them not grouped by.
    return seconds // literal_column("900", Integer)


_MEMBERS = select(
    *(Legislator.id, Legislator.name, Legislator.party, Legislator.state, Legislator.chamber, Legislator.district)
)


def _member(row: Any) -> Member:
    seat = Seat(state=row.state, chamber=row.chamber, district=row.district)
    return Member(number=row.id, name=row.name, party=row.party, seat=seat)


def _members(session: Session, tallies: Mapping[int, Counted]) -> list[tuple[Member, Counted]]:
    """What is counted by the roster's number, with the members, by chamber and district."""
    members = [(_member(row), tallies[row.id]) for row in session.execute(_MEMBERS) if row.id in tallies]
    return sorted(members, key=lambda entry: (entry[0].seat.in_order, entry[0].name))


def _campaigns(session: Session, tallies: Mapping[int, Tally]) -> list[tuple[Subject, Tally]]:
    campaigns = []
    for row in session.execute(select(Campaign.id, Campaign.title, Campaign.bill)):
        if row.id in tallies:
            campaigns.append((Subject(title=row.title, bill=row.bill), tallies[row.id]))
    return sorted(campaigns, key=lambda entry: (-entry[1].letters, entry[0].title))
