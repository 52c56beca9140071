"""Which letters there are and where each stands: the pages of the send log.

Pages go by id, newest first (keyset), so that the last page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.flows.delivery.queue import counts_by_state
from actionmail.rules.delivery.states import State

PAGE_SIZE = 50
COUNTED = 10_000  # of one state, over the whole log
LARGEST_ID = 2**63 - 1
_Columns = TypeVarTuple("_Columns")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which messages. Every part narrows; an empty one does not. Days are UTC, `until` included."""

    campaign: str = ""  # slug
    state: State | None = None
    target: str = ""  # part of the legislator's name as the letter has it
    since: date | None = None
    until: date | None = None
    number: str = ""  # Message-ID with or without its angle brackets, or the log's own number

    @property
    def is_wide(self) -> bool:
        """Whether it narrows by the state at most."""
        return replace(self, state=None) == Filter()


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One message, as a line of the send log."""

    id: int
    at: datetime
    campaign: str
    target_name: str
    state: State
    attempts: int


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """Newest first. `older` and `newer` are the ids to go on from, None at that end."""

    entries: Sequence[LogEntry]
    older: int | None
    newer: int | None


def page(session: Session, wanted: Filter, *, before: int | None = None, after: int | None = None) -> LogPage:
    """The messages older than id `before`, or newer than `after`, or else the newest; at most PAGE_SIZE."""
    statement = _narrowed(
        select(
            Message.id,
            Message.created_at,
            Campaign.slug,
            Message.target_name,
            Message.state,
            Message.attempts,
        ).join(Campaign, Campaign.id == Message.campaign_id),
        wanted,
    ).limit(PAGE_SIZE + 1)
    if after is not None:
        newer = session.execute(statement.where(Message.id > _bounded(after)).order_by(Message.id)).all()
        rows = newer[:PAGE_SIZE][::-1]
        more_newer, more_older = len(newer) > PAGE_SIZE, True
    else:
        if before is not None:
            statement = statement.where(Message.id < _bounded(before))
        older = session.execute(statement.order_by(Message.id.desc())).all()
        rows = older[:PAGE_SIZE]
        more_newer, more_older = before is not None, len(older) > PAGE_SIZE
    return LogPage(
        entries=[_entry(row) for row in rows],
        older=rows[-1].id if rows and more_older else None,
        newer=rows[0].id if rows and more_newer else None,
    )


def counts(session: Session, wanted: Filter) -> dict[State, int]:
    """How many messages stand in each state, whatever state the filter names.

    Over the whole log it stops at COUNTED + 1 of a state, so that the page costs the same however long the log is.
    """
    if wanted.is_wide:
        return _counts_of_all(session)
    statement = _narrowed(select(Message.state, func.count()), replace(wanted, state=None)).group_by(Message.state)
    return counts_by_state(session, statement)


def _counts_of_all(session: Session) -> dict[State, int]:
    numbers = [count_some(COUNTED, Message.state == state) for state in State]
    counts = {}
    for state, number in zip(State, session.execute(select(*numbers)).one(), strict=True):
        if number:
            counts[state] = number
    return counts


def count_some(most: int, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many messages there are, as a column; it stops at `most` + 1."""
    first = select(Message.id).where(*conditions).limit(most + 1).subquery()
    return select(func.count()).select_from(first).scalar_subquery()


def campaigns(session: Session) -> Sequence[tuple[str, str]]:
    """Slug and title of every campaign, to choose from."""
    query = select(Campaign.slug, Campaign.title).order_by(Campaign.title)
    return session.execute(query).all()


def _narrowed(statement: Select[*_Columns], wanted: Filter) -> Select[*_Columns]:
    return statement.where(*_conditions(wanted))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.campaign:
        conditions.append(
            Message.campaign_id == select(Campaign.id).where(Campaign.slug == wanted.campaign).scalar_subquery()
        )
    if wanted.state is not None:
        conditions.append(Message.state == wanted.state.value)
    if wanted.target:
        conditions.append(Message.target_name.icontains(wanted.target, autoescape=True))
    if wanted.since is not None:
        conditions.append(Message.created_at >= datetime.combine(wanted.since, time.min, UTC))
    if wanted.until is not None:
        conditions.append(Message.created_at <= datetime.combine(wanted.until, time.max, UTC))
    if wanted.number:
        conditions.append(_numbered(wanted.number))
    return conditions


def _numbered(text: str) -> ColumnElement[bool]:
    if text.isascii() and text.isdecimal():
        return Message.id == _bounded(int(text[:20]))
    return Message.message_id == f"<{text.strip('<>')}>"


def _bounded(number: int) -> int:
    return max(0, min(number, LARGEST_ID))


def _entry(row: Row[int, datetime, str, str, str, int]) -> LogEntry:
    return LogEntry(
        id=row.id,
        at=row.created_at,
        campaign=row.slug,
        target_name=row.target_name,
        state=State(row.state),
        attempts=row.attempts,
    )
