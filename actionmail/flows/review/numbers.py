"""How many acted and wrote: by day, place, legislator, source, language and subject.

At most the newest LOOKED_AT actions and as many letters of what was asked for are counted, along an index, so that a
look costs the same however long the log is; the page says where there are more. Nobody is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.reading import counted
from actionmail.flows.review.answered import Answered, by_legislator
from actionmail.flows.review.campaign_actions import Standing
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_filter import CannotMatch, matching
from actionmail.rules.campaigns.subjects import is_filled_from, offered
from actionmail.rules.delivery.states import State

LOOKED_AT: Final = 50_000
MOST_DAYS: Final = timedelta(days=366)
_AT_ONCE: Final = 1_000
TAKEN: Final = frozenset({State.ACCEPTED, State.SETTLED})
NOT_SENT: Final = frozenset({State.FAILED, State.EXPIRED, State.NO_CHANNEL, State.CANCELLED, State.REJECTED})


@dataclass(frozen=True, kw_only=True)
class Asked:
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


@dataclass(frozen=True, kw_only=True)
class Day:
    day: date
    actions: int  # that count
    letters: int


@dataclass(frozen=True, kw_only=True)
class Seat:
    """`district` as Open States spells it."""

    state: str
    chamber: str
    district: str

    @property
    def in_order(self) -> tuple[str, str, int, str]:
        """To sort by: District 9 before District 10."""
        return self.state, self.chamber, len(self.district), self.district


@dataclass(frozen=True, kw_only=True)
class Member:
    """A legislator; `number` is the roster's."""

    number: int
    name: str
    party: str
    seat: Seat


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One of several that a letter offers in turn, and how many of its letters have another by now."""

    campaign: str  # title
    letter: str
    version: int
    text: str
    offered: int
    edited: int


@dataclass(kw_only=True)
class Numbers:
    """All of it. `days` are without a gap; a table has those with the most letters or actions first.

    `actions_from` and `letters_from`: of the newest LOOKED_AT alone, made since then; None where that are all.
    """

    days: Sequence[Day] = ()
    standings: Mapping[Standing, int] = field(default_factory=dict)
    states: Mapping[State, int] = field(default_factory=dict)
    places: Sequence[tuple[str, Tally]] = ()  # by the state of the seat
    seats: Sequence[tuple[Seat, Tally]] = ()
    members: Sequence[tuple[Member, Tally]] = ()
    sources: Sequence[tuple[str, int]] = ()  # of actions that count; "" came without
    languages: Sequence[tuple[str, int]] = ()  # likewise; "" was erased
    subjects: Sequence[Subject] = ()
    answered: Sequence[tuple[Member, Answered]] = ()  # those of whom anything is known
    actions_from: datetime | None = None
    letters_from: datetime | None = None

    @property
    def actions(self) -> int:
        """That count."""
        return self.standings.get(Standing.COUNTS, 0)

    @property
    def letters(self) -> int:
        return sum(self.states.values())


def numbers(session: Session, asked: Asked) -> Numbers:
    """Count what is asked for."""
    told = Numbers()
    zone = ZoneInfo(asked.timezone)
    actions = _count_actions(session, asked, told, zone)
    letters = _count_letters(session, asked, told, zone)
    told.days = _days(actions, letters, asked, is_cut=bool(told.actions_from or told.letters_from))
    return told


def days_between(actions: Mapping[date, int], letters: Mapping[date, int], first: date, last: date) -> list[Day]:
    """One after the other, `first` and `last` included."""
    days, day = [], first
    while day <= last:
        days.append(Day(day=day, actions=actions.get(day, 0), letters=letters.get(day, 0)))
        day += timedelta(days=1)
    return days


def _days(actions: Mapping[date, int], letters: Mapping[date, int], asked: Asked, *, is_cut: bool) -> list[Day]:
    """The days that were asked for; those from the first to the last with anything where that are all or too many."""
    seen = [*actions, *letters]
    if not seen:
        return []
    first, last = min(seen), max(seen)
    if asked.since and asked.until and not is_cut and asked.until - asked.since < MOST_DAYS:
        first, last = asked.since, asked.until
    return days_between(actions, letters, first, last)


# Actions


def _count_actions(session: Session, asked: Asked, told: Numbers, zone: ZoneInfo) -> Counter[date]:
    standings: Counter[Standing] = Counter()
    days: Counter[date] = Counter()
    sources: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    last: datetime | None = None
    for number, row in enumerate(session.execute(_actions(asked).execution_options(yield_per=_AT_ONCE))):
        if number == LOOKED_AT:
            told.actions_from = last
            break
        last = row.created_at
        standing = _standing(row)
        standings[standing] += 1
        if standing is Standing.COUNTS:
            days[row.created_at.astimezone(zone).date()] += 1
            sources[row.source] += 1
            languages[row.language] += 1
    told.standings = dict(standings)
    told.sources, told.languages = _most_first(sources), _most_first(languages)
    return days


def _actions(asked: Asked) -> Any:
    conditions: list[ColumnElement[bool]] = []
    if asked.campaign:
        campaign = select(Campaign.id).where(Campaign.slug == asked.campaign).scalar_subquery()
        conditions.append(Action.campaign_id == campaign)
    if asked.begins is not None:
        conditions.append(Action.created_at >= asked.begins)
    if asked.ends is not None:
        conditions.append(Action.created_at < asked.ends)
    columns = (Action.created_at, Action.source, Action.language, Action.cancelled_at, Action.invalid_at)
    query = select(*columns, Action.unconfirmed, and_(*counted()).label("counts")).where(*conditions)
    return query.order_by(Action.created_at.desc()).limit(LOOKED_AT + 1)


def _standing(row: Any) -> Standing:
    if row.counts:
        return Standing.COUNTS
    if row.cancelled_at is not None:
        return Standing.TAKEN_BACK
    if row.unconfirmed:
        return Standing.WAITING
    return Standing.INVALID if row.invalid_at is not None else Standing.NOT_APPROVED


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


# Letters


def _count_letters(session: Session, asked: Asked, told: Numbers, zone: ZoneInfo) -> Counter[date]:
    states: Counter[State] = Counter()
    days: Counter[date] = Counter()
    by_member: dict[int, Tally] = defaultdict(Tally)
    subjects: Counter[tuple[int, str, str]] = Counter()
    last: datetime | None = None
    for number, row in enumerate(_letters(session, asked)):
        if number == LOOKED_AT:
            told.letters_from = last
            break
        last, state = row.created_at, State(row.state)
        states[state] += 1
        days[row.created_at.astimezone(zone).date()] += 1
        by_member[row.legislator_id].add(state)
        if row.subject:
            subjects[row.letter_id, row.idempotency_key, row.subject] += 1
    told.states = {state: states[state] for state in State if states[state]}
    _tell_members(session, by_member, told)
    told.subjects = _subjects(session, subjects)
    told.answered = _answered(session, asked, told.letters_from)
    return days


def _letters(session: Session, asked: Asked) -> Iterable[Any]:
    wanted = Filter(campaign=asked.campaign, since=asked.begins, until=asked.ends)
    try:
        newest = matching(session, wanted, limit=LOOKED_AT + 1).subquery()
    except CannotMatch:
        return ()
    columns = (Message.created_at, Message.state, Message.legislator_id, Message.letter_id, Message.subject)
    query = (
        select(*columns, Action.idempotency_key)
        .join(newest, newest.c.id == Message.id)
        .join(Action, Action.id == Message.action_id)
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    return session.execute(query.execution_options(yield_per=_AT_ONCE))


def _answered(session: Session, asked: Asked, since: datetime | None) -> list[tuple[Member, Answered]]:
    """Of the same letters: who answered most, then of whom most were asked."""
    fits = [*fitting(asked), *([Message.created_at >= since] if since else [])]
    found = by_legislator(session, fits)
    return sorted(members_of(session, found), key=lambda entry: (-entry[1].letters, -entry[1].asked))


def fitting(asked: Asked) -> list[ColumnElement[bool]]:
    """The conditions of the letters that are asked for, all of them."""
    conditions: list[ColumnElement[bool]] = []
    if asked.campaign:
        campaign = select(Campaign.id).where(Campaign.slug == asked.campaign).scalar_subquery()
        conditions.append(Message.campaign_id == campaign)
    if asked.begins is not None:
        conditions.append(Message.created_at >= asked.begins)
    if asked.ends is not None:
        conditions.append(Message.created_at < asked.ends)
    return conditions


Counted = TypeVar("Counted")
MEMBERS: Final = select(
    *(Legislator.id, Legislator.name, Legislator.party, Legislator.state, Legislator.chamber, Legislator.district)
)


def member(row: Any) -> Member:
    """Of a row of MEMBERS."""
    seat = Seat(state=row.state, chamber=row.chamber, district=row.district)
    return Member(number=row.id, name=row.name, party=row.party, seat=seat)


def members_of(session: Session, counts: Mapping[int, Counted]) -> list[tuple[Member, Counted]]:
    """What is counted by the roster's number, with the members, by chamber and district."""
    members = [(member(row), counts[row.id]) for row in session.execute(MEMBERS) if row.id in counts]
    return sorted(members, key=lambda entry: (entry[0].seat.in_order, entry[0].name))


def _tell_members(session: Session, by_member: Mapping[int, Tally], told: Numbers) -> None:
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
        for sums in (places[row.state], seats[seat]):
            _sum_up(sums, tally)
    told.members = sorted(members, key=lambda entry: (-entry[1].letters, entry[0].name))
    told.places = sorted(places.items(), key=lambda entry: (-entry[1].letters, entry[0]))
    told.seats = sorted(seats.items(), key=lambda entry: (-entry[1].letters, entry[0].in_order))


def _sum_up(sums: Tally, more: Tally) -> None:
    sums.letters += more.letters
    sums.taken += more.taken
    sums.back += more.back
    sums.not_sent += more.not_sent


def _subjects(session: Session, written: Mapping[tuple[int, str, str], int]) -> list[Subject]:
    """Of letters with several subjects: those that were edited least first."""
    query = select(Letter, Campaign.title).join(Campaign, Campaign.id == Letter.campaign_id)
    letters = {letter.id: (letter, title) for letter, title in session.execute(query) if len(letter.subjects) > 1}
    was_offered: Counter[tuple[int, int]] = Counter()
    was_edited: Counter[tuple[int, int]] = Counter()
    for (number, key, subject), count in written.items():
        if number in letters:
            subjects = letters[number][0].subjects
            place = offered(key, len(subjects))
            was_offered[number, place] += count
            was_edited[number, place] += 0 if is_filled_from(subjects[place], subject) else count
    told = []
    for (number, place), count in was_offered.items():
        letter, title = letters[number]
        told.append(
            Subject(
                campaign=title,
                letter=letter.name,
                version=letter.version,
                text=letter.subjects[place],
                offered=count,
                edited=was_edited[number, place],
            )
        )
    return sorted(told, key=lambda subject: (subject.edited / subject.offered, subject.campaign, subject.text))
