"""How many acted and wrote: by day, place, legislator, source, language and subject. Nobody is named.

All of it is told by `sums`, so that a look costs the same however long the log is; but for subjects, which are read,
of each letter's newest ones. Sums are of hours, so that days have to begin with one, as all in the United States do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, null, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import sums
from actionmail.flows.actions.sums import MERGED, Between
from actionmail.flows.campaigns.reading import counted, undisputed
from actionmail.flows.review.campaign_actions import Standing
from actionmail.rules.campaigns.subjects import is_filled_from, offered
from actionmail.rules.delivery.states import TAKEN, State

_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(2050, 1, 1)  # between which clocks are looked at
SUBJECTS_READ: Final = 1_000  # the newest of each letter
MOST_DAYS: Final = timedelta(days=366)
NOT_SENT: Final = frozenset({State.FAILED, State.EXPIRED, State.NO_CHANNEL, State.CANCELLED, State.REJECTED})


class Asked(Struct, frozen=True, kw_only=True):
    """What is counted: of one campaign (slug) or of all, of these days by the clocks of `timezone`, both included."""

    campaign: str = ""
    since: date | None = None
    until: date | None = None
    timezone: str = "UTC"

    @property
    def begins(self) -> datetime | None:
        return _midnight(self.since, self.timezone) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first instant that is not counted any more."""
        return _midnight(self.until + timedelta(days=1), self.timezone) if self.until else None


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(timezone)).astimezone(UTC)


@dataclass(kw_only=True)
class Tally:
    """Letters, and where they stand now. What is in none of the three is on its way."""

    letters: int = 0
    taken: int = 0  # by a mail server, and not given back
    back: int = 0
    not_sent: int = 0

    def add(self, state: State, letters: int = 1) -> None:
        self.letters += letters
        if state in TAKEN:
            self.taken += letters
        elif state is State.BOUNCED:
            self.back += letters
        elif state in NOT_SENT:
            self.not_sent += letters


class Day(Struct, frozen=True, kw_only=True):
    day: date
    actions: int  # that count
    letters: int


class Seat(Struct, frozen=True, kw_only=True):
    """`district` as Open States spells it."""

    state: str
    chamber: str
    district: str

    @property
    def in_order(self) -> tuple[str, str, int, str]:
        """To sort by: District 9 before District 10."""
        return self.state, self.chamber, len(self.district), self.district


class Member(Struct, frozen=True, kw_only=True):
    """A legislator; `number` is the roster's."""

    number: int
    name: str
    party: str
    seat: Seat


class Subject(Struct, frozen=True, kw_only=True):
    """One of several that a letter offers in turn, and how many of its letters have another by now."""

    campaign: str  # title
    letter: str
    version: int
    text: str
    offered: int
    edited: int


@dataclass(kw_only=True)
class Numbers:
    """All of it. `days` are without a gap; a table has those with the most letters or actions first."""

    days: Sequence[Day] = ()
    standings: Mapping[Standing, int] = field(default_factory=dict)
    states: Mapping[State, int] = field(default_factory=dict)
    places: Sequence[tuple[str, Tally]] = ()  # by the state of the seat
    seats: Sequence[tuple[Seat, Tally]] = ()
    members: Sequence[tuple[Member, Tally]] = ()
    sources: Sequence[tuple[str, int]] = ()  # of actions that count; "" came without
    languages: Sequence[tuple[str, int]] = ()  # likewise; "" was erased
    subjects: Sequence[Subject] = ()  # of the newest SUBJECTS_READ of each letter

    @property
    def actions(self) -> int:
        """That count."""
        return self.standings.get(Standing.COUNTS, 0)

    @property
    def letters(self) -> int:
        return sum(self.states.values())


def numbers(session: Session, asked: Asked) -> Numbers:
    """Count what is asked for."""
    counts = Numbers()
    actions = _count_actions(session, asked, counts)
    letters = _count_letters(session, asked, counts)
    counts.days = _days(actions, letters, asked)
    return counts


def days_between(actions: Mapping[date, int], letters: Mapping[date, int], first: date, last: date) -> list[Day]:
    """One after the other, `first` and `last` included."""
    days, day = [], first
    while day <= last:
        days.append(Day(day=day, actions=actions.get(day, 0), letters=letters.get(day, 0)))
        day += timedelta(days=1)
    return days


def _days(actions: Mapping[date, int], letters: Mapping[date, int], asked: Asked) -> list[Day]:
    """The days that were asked for; those from the first to the last with anything where that are too many, or all."""
    seen = [*actions, *letters]
    if not seen:
        return []
    first, last = min(seen), max(seen)
    if asked.since and asked.until and asked.until - asked.since < MOST_DAYS:
        first, last = asked.since, asked.until
    return days_between(actions, letters, first, last)


def _between(asked: Asked) -> Between:
    campaign = select(Campaign.id).where(Campaign.slug == asked.campaign).scalar_subquery() if asked.campaign else None
    return Between(campaign=campaign, begins=_hour(asked.begins), ends=_hour(asked.ends))


def _hour(moment: datetime | None) -> datetime | None:
    return moment.replace(minute=0) if moment else None


@cache
def _midnights(zone: ZoneInfo) -> tuple[int, ...]:
    """At which hours of UTC days begin there: so a day of UTC falls into two or three parts, not into 24 hours."""
    hours = set()
    for number in range(_LAST_DAY.toordinal() - _FIRST_DAY.toordinal()):
        midnight = datetime.combine(_FIRST_DAY + timedelta(days=number), time.min, zone)
        hours.add(midnight.astimezone(UTC).hour)
    return tuple(sorted(hours - {0}))


def _day(hour: str, zone: ZoneInfo) -> date:
    """On whose day an hour of `sums` begins."""
    return datetime.fromisoformat(f"{hour}:00+00:00").astimezone(zone).date()


# Actions


def actions_by_day(session: Session, asked: Asked) -> Counter[date]:
    """Of those that count."""
    return _count_actions(session, asked, Numbers())


def _count_actions(session: Session, asked: Asked, counts: Numbers) -> Counter[date]:
    """What another action stands for is looked at: whether it counts hangs on that one. They are few."""
    between, zone = _between(asked), ZoneInfo(asked.timezone)
    standings: Counter[Standing] = Counter()
    days: Counter[date] = Counter()
    for row in session.execute(sums.by_part_of_day(sums.ACTIONS, between, _midnights(zone))):
        if row.standing == Standing.COUNTS:
            days[_day(row.hour, zone)] += row.number
    sources: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for row in session.execute(sums.in_all(sums.ACTIONS, between, ("standing", "source", "language"))):
        if row.standing != MERGED:
            standings[Standing(row.standing)] += row.number
        if row.standing == Standing.COUNTS:
            sources[row.source] += row.number
            languages[row.language] += row.number
    for row in session.execute(_merged(between)):
        standings[Standing.COUNTS if row.counts else Standing.NOT_APPROVED] += 1
        if row.counts:
            days[row.created_at.astimezone(zone).date()] += 1
            sources[row.source] += 1
            languages[row.language] += 1
    counts.standings = {standing: standings[standing] for standing in Standing if standings[standing]}
    counts.sources, counts.languages = _most_first(sources), _most_first(languages)
    return days


def _merged(between: Between) -> Select[datetime, str, str, bool]:
    """Those of them that nothing else keeps from counting; SQLite shall not go along their days or campaigns for it."""
    made, campaign = func.coalesce(Action.created_at, null()), func.coalesce(Action.campaign_id, null())
    conditions: list[ColumnElement[bool]] = [Action.merged_into.is_not(None), *undisputed()]
    if between.campaign is not None:
        conditions.append(campaign == between.campaign)
    if between.begins is not None:
        conditions.append(made >= between.begins)
    if between.ends is not None:
        conditions.append(made < between.ends)
    columns = (Action.created_at, Action.source, Action.language)
    return select(*columns, and_(*counted()).label("counts")).where(*conditions)


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


# Letters


def _count_letters(session: Session, asked: Asked, counts: Numbers) -> Counter[date]:
    between, zone = _between(asked), ZoneInfo(asked.timezone)
    states: Counter[State] = Counter()
    days: Counter[date] = Counter()
    for row in session.execute(sums.by_part_of_day(sums.LETTERS, between, _midnights(zone))):
        days[_day(row.hour, zone)] += row.number
    by_member: dict[int, Tally] = defaultdict(Tally)
    for row in session.execute(sums.in_all(sums.LETTERS, between, ("legislator_id", "state"))):
        states[State(row.state)] += row.number
        by_member[row.legislator_id].add(State(row.state), row.number)
    counts.states = {state: states[state] for state in State if states[state]}
    _tell_members(session, by_member, counts)
    counts.subjects = _subjects(session, asked)
    return days


def _tell_members(session: Session, by_member: Mapping[int, Tally], counts: Numbers) -> None:
    columns = (Legislator.id, Legislator.name, Legislator.party, Legislator.state, Legislator.chamber)
    members: list[tuple[Member, Tally]] = []
    places: dict[str, Tally] = defaultdict(Tally)
    seats: dict[Seat, Tally] = defaultdict(Tally)
    for row in session.execute(select(*columns, Legislator.district)):
        tally = by_member.get(row.id)
        if tally is None:
            continue
        seat = Seat(state=row.state, chamber=row.chamber, district=row.district)
        members.append((Member(number=row.id, name=row.name, party=row.party, seat=seat), tally))
        for total in (places[row.state], seats[seat]):
            _sum_up(total, tally)
    counts.members = sorted(members, key=lambda entry: (-entry[1].letters, entry[0].name))
    counts.places = sorted(places.items(), key=lambda entry: (-entry[1].letters, entry[0]))
    counts.seats = sorted(seats.items(), key=lambda entry: (-entry[1].letters, entry[0].in_order))


def _sum_up(total: Tally, more: Tally) -> None:
    total.letters += more.letters
    total.taken += more.taken
    total.back += more.back
    total.not_sent += more.not_sent


def _subjects(session: Session, asked: Asked) -> list[Subject]:
    """Of letters with several subjects: those that were edited least first."""
    query = select(Letter, Campaign.title).join(Campaign, Campaign.id == Letter.campaign_id)
    if asked.campaign:
        query = query.where(Campaign.slug == asked.campaign)
    subjects: list[Subject] = []
    for letter, title in session.execute(query):
        if len(letter.subjects) > 1:
            subjects += _subjects_of(session, letter, title, asked)
    return sorted(subjects, key=lambda subject: (subject.edited / subject.offered, subject.campaign, subject.text))


def _subjects_of(session: Session, letter: Letter, title: str, asked: Asked) -> Iterable[Subject]:
    was_offered: Counter[int] = Counter()
    was_edited: Counter[int] = Counter()
    for key, subject in session.execute(_written(letter, asked)):
        place = offered(key, len(letter.subjects))
        was_offered[place] += 1
        was_edited[place] += not is_filled_from(letter.subjects[place], subject)
    for place, count in was_offered.items():
        yield Subject(
            campaign=title,
            letter=letter.name,
            version=letter.version,
            text=letter.subjects[place],
            offered=count,
            edited=was_edited[place],
        )


def _written(letter: Letter, asked: Asked) -> Select[str, str]:
    """By what a subject was offered, and the subject: of the newest, along the index of the letter's numbers."""
    conditions = [Message.letter_id == letter.id, Message.subject != ""]
    if asked.begins is not None:
        conditions += [Message.id >= _number_at(asked.begins, is_first=True), Message.created_at >= asked.begins]
    if asked.ends is not None:
        conditions += [Message.id <= _number_at(asked.ends, is_first=False), Message.created_at < asked.ends]
    newest = select(Message.action_id, Message.subject).where(*conditions)
    newest_first = newest.order_by(Message.id.desc()).limit(SUBJECTS_READ).subquery()
    key = select(Action.idempotency_key).where(Action.id == newest_first.c.action_id).scalar_subquery()
    return select(key, newest_first.c.subject)


def _number_at(moment: datetime, *, is_first: bool) -> ScalarSelect[int]:
    """The number of the first letter since then, or of the last one before, so that others need not be read."""
    if is_first:
        there = select(Message.id).where(Message.created_at >= moment).order_by(Message.created_at, Message.id)
    else:
        there = select(Message.id).where(Message.created_at < moment)
        there = there.order_by(Message.created_at.desc(), Message.id.desc())
    return there.limit(1).scalar_subquery()
