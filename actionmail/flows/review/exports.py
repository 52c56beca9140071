"""What leaves as a table: letters as the send log finds them, supporters who asked for news, and actions.

Each table is read in pages, of which one is in memory at a time. In a session of `Database.snapshot` all of them see
the same moment, however many letters go out meanwhile. The columns are described in docs/exports.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Event, Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.reading import counted, undisputed
from actionmail.flows.review import answered
from actionmail.flows.review.filters import CannotMatch, Filter, codes_of
from actionmail.flows.review.message_filter import Place, matching
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.news_columns import PLAIN, Columns, Subscriber
from actionmail.rules.csv_export import Cell, csv_lines
from actionmail.rules.delivery.states import State
from actionmail.rules.json_lines import json_lines
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

_AT_ONCE: Final = 1_000  # rows in memory
_WRITTEN_AT_ONCE: Final = 200
MESSAGE_COLUMNS: Final = (
    *("letter_number", "made_at", "campaign", "letter", "letter_version"),
    *("legislator", "chamber", "district", "party", "us_state"),
    *("state", "state_since", "accepted_at", "came_back_at", "last_code", "language", "source"),
    *("answer_came_at", "supporter_says"),
)
ACTION_COLUMNS: Final = (
    *("action_number", "made_at", "campaign", "kind", "us_state", "districts", "language", "source", "letters"),
    *("counts", "unconfirmed", "taken_back_at", "invalid_at", "erased_at", "review", "wants_updates"),
)
PERSON_COLUMNS: Final = ("name", "email", "zip")


class What(StrEnum):
    """Which table."""

    MESSAGES = "messages"
    SUPPORTERS = "supporters"
    ACTIONS = "actions"


class Format(StrEnum):
    """Of the file."""

    CSV = "csv"
    JSON_LINES = "jsonl"


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Which actions. Every part narrows; an empty one does not. `since` <= when it was made < `until`."""

    campaign: str = ""  # slug
    us_state: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Table(Struct, frozen=True, kw_only=True):
    """`count` rows are to come, each as long as `head`; `filter` is what they were chosen by, in codes."""

    what: What
    head: Sequence[str]
    count: int
    rows: Iterator[Sequence[Cell]]
    filter: list[str]
    has_people: bool


def message_table(session: Session, wanted: Filter, *, with_people: bool) -> Table:
    """The letters that fit, in the send log's order; names, addresses and ZIP codes only `with_people`."""
    head = (*MESSAGE_COLUMNS, *PERSON_COLUMNS) if with_people else MESSAGE_COLUMNS
    return Table(
        what=What.MESSAGES,
        head=head,
        count=sum(map(len, _pages_of_letters(session, wanted))),
        rows=_letters(session, wanted, len(head)),
        filter=filter_codes(wanted),
        has_people=with_people,
    )


def count_letters(session: Session, wanted: Filter, *, most: int) -> int:
    """How many letters fit; it stops at `most` + 1."""
    try:
        newest = matching(session, wanted, limit=most + 1).subquery()
    except CannotMatch:
        return 0
    return session.scalar(select(func.count()).select_from(newest)) or 0


def action_table(session: Session, wanted: ActionFilter, *, with_people: bool) -> Table:
    """The actions that fit, newest first, whether they count or not; people as in `message_table`."""
    head = (*ACTION_COLUMNS, *PERSON_COLUMNS) if with_people else ACTION_COLUMNS
    return Table(
        what=What.ACTIONS,
        head=head,
        count=session.scalar(select(func.count()).select_from(Action).where(*_made(wanted))) or 0,
        rows=_actions(session, wanted, len(head)),
        filter=filter_codes(wanted),
        has_people=with_people,
    )


def supporter_table(session: Session, wanted: ActionFilter, *, columns: Columns = PLAIN) -> Table:
    """Who asked for news, once an address, as they last asked; in the columns that another program imports.

    Nobody who has not confirmed where their campaign asks for that, who took their action back, or who was erased.
    """
    asked = _asked(wanted).subquery()
    return Table(
        what=What.SUPPORTERS,
        head=columns.head,
        count=session.scalar(select(func.count()).select_from(asked)) or 0,
        rows=map(columns.row, _subscribers(session, wanted)),
        filter=[*filter_codes(wanted), f"columns={columns.code}"],
        has_people=True,
    )


def note(session: Session, table: Table, *, file_format: Format, by: int | None, now: datetime) -> None:
    """Write down that this table leaves: before its first row does."""
    record(
        session,
        AuditAction.EXPORTED,
        ObjectKind.EXPORT,
        table.what.value,
        by=by,
        now=now,
        format=file_format.value,
        people=int(table.has_people),
        count=table.count,
        filter=table.filter,
    )


def written(table: Table, file_format: Format) -> Iterator[tuple[int, str]]:
    """The file in pieces of some rows each, as they are asked for: how many rows a piece has, and its text.

    In the CSV no cell is a formula (`rules.csv_export`).
    """
    is_table = file_format is Format.CSV
    lines = csv_lines(table.head, table.rows) if is_table else json_lines(table.head, table.rows)
    if is_table:
        yield 0, next(lines)
    while piece := list(islice(lines, _WRITTEN_AT_ONCE)):
        yield len(piece), "".join(piece)


def filter_codes(wanted: Filter | ActionFilter) -> list[str]:
    """What is narrowed, each as `name=value`."""
    return [f"{name}={value}" for name, value in codes_of(wanted).items()]


def _instant(moment: datetime | None) -> str | None:
    """ "2026-03-04T15:12:05Z" """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


# Letters


def _pages_of_letters(session: Session, wanted: Filter) -> Iterator[list[int]]:
    place: Place | None = None
    while True:
        try:
            ids = list(session.scalars(matching(session, wanted, limit=_AT_ONCE, place=place)))
        except CannotMatch:
            return
        if ids:
            yield ids
        if len(ids) < _AT_ONCE:
            return
        place = Place(id=ids[-1])


def _letters(session: Session, wanted: Filter, columns: int) -> Iterator[Sequence[Cell]]:
    for ids in _pages_of_letters(session, wanted):
        history, answers = _history(session, ids), answered.of_letters(session, ids)
        rows: dict[int, Sequence[Cell]] = {}
        for row in session.execute(_LETTERS.where(Message.id.in_(ids))):
            since, accepted_at, came_back_at = history.get(row.id, (row.created_at, None, None))
            cells = (
                *(row.id, _instant(row.created_at), row.slug, row.letter, row.version),
                *(row.target_name, row.chamber, row.district, row.party, row.us_state),
                *(row.state, _instant(since), _instant(accepted_at), _instant(came_back_at), row.last_code),
                *(row.language, row.source, *_answer(answers.get(row.id)), row.name, row.email, row.zip),
            )
            rows[row.id] = cells[:columns]
        for number in ids:
            yield rows[number]


def _answer(known: answered.OfLetter | None) -> tuple[str | None, str]:
    """When a person's answer came to us, and what the supporter says: "yes", "no", "asked" for nothing yet, or ""."""
    if known is None:
        return None, ""
    if known.saying is None:
        return _instant(known.came_at), "asked" if known.asked_at else ""
    return _instant(known.came_at), "yes" if known.saying.is_answered else "no"


_LETTERS: Final = (
    select(
        Message.id,
        Message.created_at,
        Campaign.slug,
        Letter.name.label("letter"),
        Letter.version,
        Message.target_name,
        Legislator.chamber,
        Legislator.district,
        Legislator.party,
        Legislator.state.label("us_state"),
        Message.state,
        Message.last_code,
        Action.language,
        Action.source,
        Action.name,
        Action.email,
        Action.zip,
    )
    .join(Campaign, Campaign.id == Message.campaign_id)
    .join(Letter, Letter.id == Message.letter_id)
    .join(Legislator, Legislator.id == Message.legislator_id)
    .join(Action, Action.id == Message.action_id)
)


def _history(session: Session, ids: Sequence[int]) -> dict[int, tuple[datetime, datetime | None, datetime | None]]:
    """Of each letter that has one: since when it stands where it does, when it was accepted last, and came back."""
    moved = Event.from_state != Event.to_state
    query = (
        select(
            Event.message_id,
            func.max(Event.at),
            func.max(case((Event.to_state == State.ACCEPTED.value, Event.at))),
            func.max(case((Event.to_state == State.BOUNCED.value, Event.at))),
        )
        .where(Event.message_id.in_(ids), moved)
        .group_by(Event.message_id)
    )
    history = {}
    for number, since, accepted_at, came_back_at in session.execute(query):
        history[number] = (since, accepted_at, came_back_at)
    return history


# Actions


def _made(wanted: ActionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.campaign:
        campaign = select(Campaign.id).where(Campaign.slug == wanted.campaign).scalar_subquery()
        conditions.append(Action.campaign_id == campaign)
    if wanted.us_state:
        conditions.append(Action.state == wanted.us_state)
    if wanted.source:
        conditions.append(Action.source == wanted.source)
    if wanted.since is not None:
        conditions.append(Action.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Action.created_at < wanted.until)
    return conditions


def _actions(session: Session, wanted: ActionFilter, columns: int) -> Iterator[Sequence[Cell]]:
    query = _action_columns().where(*_made(wanted)).order_by(Action.id.desc()).limit(_AT_ONCE)
    last: int | None = None
    while True:
        page = session.execute(query if last is None else query.where(Action.id < last)).all()
        for row in page:
            cells = (
                *(row.id, _instant(row.created_at), row.slug, row.kind, row.state),
                *(" ".join(row.lookup.get("districts", ())), row.language, row.source, row.letters),
                *(int(row.counts), int(row.unconfirmed), _instant(row.cancelled_at), _instant(row.invalid_at)),
                *(_instant(row.erased_at), row.review, int(row.wants_updates), row.name, row.email, row.zip),
            )
            yield cells[:columns]
        if len(page) < _AT_ONCE:
            return
        last = page[-1].id


def _action_columns() -> Select[*tuple[Any, ...]]:
    letters = select(func.count()).select_from(Message).where(Message.action_id == Action.id).scalar_subquery()
    return select(
        *(Action.id, Action.created_at, Campaign.slug, Campaign.kind, Action.state, Action.lookup),
        *(Action.language, Action.source, Action.unconfirmed, Action.cancelled_at, Action.invalid_at),
        *(Action.erased_at, Action.review, Action.wants_updates, Action.name, Action.email, Action.zip),
        letters.label("letters"),
        and_(*counted()).label("counts"),
    ).join(Campaign, Campaign.id == Action.campaign_id)


# Who asked for news


def _asked(wanted: ActionFilter) -> Select[int]:
    """The last action of each address that asks for news."""
    asks = (Action.wants_updates.is_(True), Action.erased_at.is_(None), *undisputed(), *_made(wanted))
    return select(func.max(Action.id).label("id")).where(*asks).group_by(func.lower(Action.email))


def _subscribers(session: Session, wanted: ActionFilter) -> Iterator[Subscriber]:
    query = (
        select(
            *(Action.name, Action.email, Action.city, Action.state, Action.zip, Action.language),
            *(Action.source, Action.created_at, Campaign.slug),
        )
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(Action.id.in_(_asked(wanted)))
        .order_by(Action.id)
    )
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Subscriber(
            name=row.name,
            email=row.email,
            city=row.city,
            us_state=row.state,
            zip_code=row.zip,
            language=row.language,
            source=row.source,
            campaign=row.slug,
            agreed_at=_instant(row.created_at) or "",
        )
