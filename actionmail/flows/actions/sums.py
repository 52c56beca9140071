"""How many letters and actions there are of a period, without reading them: sums, and the moves since.

Triggers note each move in the transaction that makes it (`db.counters`); `add_up` puts moves into the sums and takes
them out of the moves in one transaction, and whoever asks reads both in one statement. So what is told is right at
every moment, whoever writes and whether or not a worker is there to add up; without one it only takes longer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    case,
    delete,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from actionmail.db.counters import NONE, ActionMove, ActionSum, LetterMove, LetterSum

_LOCK: Final = 0x73756D73  # "sums": of PostgreSQL's advisory locks
AT_ONCE: Final = 2_000  # moves that are added up in one transaction
MERGED: Final = "merged"  # of an action: another one stands for it, while that one counts


class Span(StrEnum):
    """How long the period of a sum is."""

    HOURS = "hours"  # an hour, told by less: for what is drawn over time
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


_FORMAT: Final = {Span.HOURS: "%Y-%m-%d %H", Span.HOUR: "%Y-%m-%d %H", Span.DAY: "%Y-%m-%d", Span.MONTH: "%Y-%m"}
_LENGTH: Final = {Span.HOURS: 13, Span.HOUR: 13, Span.DAY: 10, Span.MONTH: 7}  # of a period so written


class Ledger(Struct, frozen=True, kw_only=True):
    """Where something is summed up. `columns` are those of its own, `blank` of them what HOURS leave out."""

    moves: Table
    sums: Table
    columns: Sequence[str]
    blank: dict[str, int | str]


LETTERS: Final = Ledger(
    moves=cast(Table, LetterMove.__table__),
    sums=cast(Table, LetterSum.__table__),
    columns=("legislator_id", "state"),
    blank={"legislator_id": 0, "state": ""},
)
ACTIONS: Final = Ledger(
    moves=cast(Table, ActionMove.__table__),
    sums=cast(Table, ActionSum.__table__),
    columns=("standing", "source", "language"),
    blank={"source": "", "language": ""},
)


def add_up(session: Session, ledger: Ledger, *conditions: ColumnElement[bool], limit: int = AT_ONCE) -> int:
    """Put the oldest moves, of those that fit, into the sums; how many. None while another process does so."""
    if not _is_alone(session):
        return 0
    moves = ledger.moves.c
    ids = session.scalars(select(moves.id).where(*conditions).order_by(moves.id).limit(limit)).all()
    if not ids:
        return 0
    which = moves.id.in_(ids)
    for span in Span:
        session.execute(_added(session, ledger, span, which))
    session.execute(delete(ledger.sums).where(text(NONE)))
    session.execute(delete(ledger.moves).where(which))
    return len(ids)


def _is_alone(session: Session) -> bool:
    """Nobody waits for it, since who adds up may hold other locks: what is left is for the next turn."""
    if session.get_bind().dialect.name == "sqlite":  # which has one writer
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))))


def forget_source(session: Session, campaign: int, source: str) -> None:
    """Let no move tell of a link by which somebody came who was erased: it may have been theirs alone.

    While another process adds up, that is left to the worker, who comes by every few seconds.
    """
    moves = ACTIONS.moves.c
    while add_up(session, ACTIONS, moves.campaign_id == campaign, moves.source == source):
        pass


def _added(session: Session, ledger: Ledger, span: Span, which: ColumnElement[bool]) -> Any:
    moves = ledger.moves.c
    # Literally: PostgreSQL takes two parameters of the same value for two expressions, one of them not grouped by.
    period = func.substr(moves.hour, literal_column("1", Integer), literal_column(str(_LENGTH[span]), Integer))
    keys: list[ColumnElement[Any]] = [period, moves.campaign_id]
    names = ["period", "campaign_id"]
    for name in ledger.columns:
        if span is not Span.HOURS or name not in ledger.blank:
            keys.append(moves[name])
            names.append(name)
    blanks = ledger.blank if span is Span.HOURS else {}
    difference = func.sum(moves.difference)
    rows = (
        select(literal(span.value), *map(literal, blanks.values()), *keys, difference)
        .where(which)
        .group_by(*keys)
        .having(difference != 0)
    )
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(ledger.sums).from_select(["span", *blanks, *names, "number"], rows)
    number = ledger.sums.c.number + statement.excluded.number
    return statement.on_conflict_do_update(index_elements=ledger.sums.primary_key, set_={"number": number})


class Between(Struct, frozen=True, kw_only=True):
    """What is asked for. The moments begin an hour, and `ends` is not in it; None: no bound."""

    campaign: ColumnElement[int] | None = None  # the number of the only one
    begins: datetime | None = None
    ends: datetime | None = None


def by_part_of_day(ledger: Ledger, asked: Between, cuts: Collection[int]) -> Select[Any]:
    """How many (`number`) were made in each part of a day, by what HOURS tell.

    `cuts` are the hours of UTC at which a part begins, beside 0; `hour` is the first one of a part with anything.
    """
    hour_columns = [name for name in ledger.columns if name not in ledger.blank]
    stretch = _Stretch(span=Span.HOURS, begins=asked.begins, ends=asked.ends)
    hours = _together(ledger, asked, ["period", *hour_columns], [stretch]).subquery()
    of_day = func.substr(hours.c.period, 12)
    part = sum((case((of_day >= f"{cut:02}", 1), else_=0) for cut in cuts), literal(0))
    by = {"day": func.substr(hours.c.period, 1, 10), "part": part, **{name: hours.c[name] for name in hour_columns}}
    labelled = [column.label(name) for name, column in by.items()]
    parts = select(*labelled, hours.c.period, hours.c.number).subquery()
    keys = [parts.c[name] for name in by]
    total = cast_to(func.sum(parts.c.number), BigInteger)  # of which PostgreSQL makes a Decimal
    first = func.min(parts.c.period).label("hour")
    columns = [parts.c[name] for name in hour_columns]
    return select(first, *columns, total.label("number")).group_by(*keys).having(total != 0)


def in_all(ledger: Ledger, asked: Between, by: Sequence[str]) -> Select[Any]:
    """How many (`number`) were made in the whole time, by these columns."""
    return _together(ledger, asked, by, _stretches(asked.begins, asked.ends))


class _Stretch(Struct, frozen=True, kw_only=True):
    """Periods of one length."""

    span: Span
    begins: datetime | None
    ends: datetime | None


def _stretches(begins: datetime | None, ends: datetime | None) -> list[_Stretch]:
    """The whole months in between, the days around them, and the hours around those: few rows, however long it is."""
    stretches: list[_Stretch] = []
    for span, on, of in ((Span.HOUR, _day_on, _day_of), (Span.DAY, _month_on, _month_of)):
        first, last = on(begins) if begins else None, of(ends) if ends else None
        if first and last and first >= last:
            return [*stretches, _Stretch(span=span, begins=begins, ends=ends)]
        if begins != first:
            stretches.append(_Stretch(span=span, begins=begins, ends=first))
        if ends != last:
            stretches.append(_Stretch(span=span, begins=last, ends=ends))
        begins, ends = first, last
    return [*stretches, _Stretch(span=Span.MONTH, begins=begins, ends=ends)]


def _day_of(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _day_on(moment: datetime) -> datetime:
    """The next midnight, or this one."""
    return _day_of(moment + timedelta(days=1, microseconds=-1))


def _month_of(moment: datetime) -> datetime:
    return moment.replace(day=1)


def _month_on(moment: datetime) -> datetime:
    """The next beginning of a month, or this one."""
    return _month_of(moment + timedelta(days=31)) if moment.day > 1 else moment


def _together(ledger: Ledger, asked: Between, by: Sequence[str], stretches: Sequence[_Stretch]) -> Select[Any]:
    """In one statement, so that no move is told twice or left out while a worker adds up."""
    moves, sums = ledger.moves.c, ledger.sums.c
    campaign = asked.campaign
    of_moves = select(*(moves.hour.label(name) if name == "period" else moves[name] for name in by), moves.difference)
    parts = [of_moves.where(*_within(moves.hour, Span.HOUR, asked.begins, asked.ends))]
    if campaign is not None:
        parts = [parts[0].where(moves.campaign_id == campaign)]
    for stretch in stretches:
        part = select(*(sums[name] for name in by), sums.number).where(sums.span == stretch.span.value)
        part = part.where(*_within(sums.period, stretch.span, stretch.begins, stretch.ends))
        parts.append(part if campaign is None else part.where(sums.campaign_id == campaign))
    together = union_all(*parts).subquery()
    *columns, number = together.c
    total = cast_to(func.sum(number), BigInteger)
    return select(*columns, total.label("number")).group_by(*columns).having(total != 0)


def _within(
    period: ColumnElement[str], span: Span, begins: datetime | None, ends: datetime | None
) -> list[ColumnElement[bool]]:
    within = []
    if begins is not None:
        within.append(period >= begins.strftime(_FORMAT[span]))
    if ends is not None:
        within.append(period < ends.strftime(_FORMAT[span]))
    return within
