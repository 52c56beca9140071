"""What staff can search: the words of each action, put into the index a little after it was made.

Not in the transaction that takes the action, so that a crowd does not wait for it: the worker comes by
every few seconds, cuts texts into words while others write, and only then puts them in. `waiting` says how many are
still to come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from actionmail.db.actions import UNSEARCHABLE, Action, SearchText
from actionmail.db.campaigns import Letter
from actionmail.db.messages import FrozenLetter, Message
from actionmail.rules.actions.search_words import SearchTerm, grams_of, indexed_words
from actionmail.rules.delivery.envelope import letter_text

AT_ONCE = 50  # actions, for which SQLite's write lock is held
_PAGES = 200  # that are merged in one transaction
COUNTED = 1_000
_GRAMS = table("search_grams", column("rowid"), column("grams"), column("search_grams"))
_FORGET = text("INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', :id, :grams)")
_MERGE = text("INSERT INTO search_grams (search_grams, rank) VALUES ('merge', :pages)")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What is to be put into the index of one action, and what it was made of."""

    action: int
    words: str
    grams: list[int]  # rising
    made_of: tuple[str, ...]


def prepare(session: Session, *, limit: int = AT_ONCE) -> list[Prepared]:
    """The oldest actions that are not searchable, cut into words: the work, for which no write lock is needed."""
    actions = session.scalars(select(Action).where(text(UNSEARCHABLE)).order_by(Action.id).limit(limit)).all()
    letters = _personal_lines(session, [action.id for action in actions]) if actions else {}
    prepared = []
    for action in actions:
        about = tuple(_about(action))
        words = indexed_words([*about, *letters.get(action.id, ())])
        prepared.append(Prepared(action=action.id, words=words, grams=sorted(grams_of(words)), made_of=about))
    return prepared


def put(session: Session, prepared: Sequence[Prepared]) -> int:
    """Put these into the index, but for what another process has at hand and what has changed since; how many."""
    by_action = {one.action: one for one in prepared}
    locked = session.scalars(
        select(Action)
        .where(Action.id.in_(by_action), ~Action.is_searchable, Action.erased_at.is_(None))
        .order_by(Action.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    fresh = [by_action[action.id] for action in locked if tuple(_about(action)) == by_action[action.id].made_of]
    if not fresh:
        return 0
    ids = [one.action for one in fresh]
    _take_out(session, ids)  # one that was corrected
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert(SearchText), [{"action_id": one.action, "words": one.words} for one in fresh])
        session.execute(insert(_GRAMS), [{"rowid": one.action, "grams": _written(one.grams)} for one in fresh])
    else:
        rows = [{"action_id": one.action, "words": one.words, "grams": one.grams} for one in fresh]
        session.execute(insert(SearchText), rows)
    session.execute(update(Action).where(Action.id.in_(ids)).values(is_searchable=True))
    return len(ids)


def forget(session: Session, ids: Sequence[int]) -> None:
    """Take these actions out of the index. Also when the person is erased: nothing of them may be found."""
    _take_out(session, ids)
    session.execute(update(Action).where(Action.id.in_(ids)).values(is_searchable=False))


def _take_out(session: Session, ids: Sequence[int]) -> None:
    old = session.execute(select(SearchText.action_id, SearchText.words).where(SearchText.action_id.in_(ids))).all()
    if not old:
        return
    if session.get_bind().dialect.name == "sqlite":
        gone = [{"id": row.action_id, "grams": _written(sorted(grams_of(row.words)))} for row in old]
        session.execute(_FORGET, gone)
    session.execute(delete(SearchText).where(SearchText.action_id.in_([row.action_id for row in old])))


def merge(session: Session, *, is_first: bool) -> bool:
    """Let nothing that was forgotten stand in SQLite's index any more, a few pages at a time; whether more is left.

    FTS5 notes that a row was deleted and keeps its grams until parts of the index are merged. `is_first` begins with
    all parts (sqlite.org/fts5.html, "The 'merge' Command": a negative number of pages). PostgreSQL has none: False.
    """
    if session.get_bind().dialect.name != "sqlite":
        return False
    before = _changes(session)
    session.execute(_MERGE, {"pages": -_PAGES if is_first else _PAGES})
    return _changes(session) - before >= 2  # the command itself counts as one


def _changes(session: Session) -> int:
    return session.scalar(text("SELECT total_changes()")) or 0


@dataclass(frozen=True, kw_only=True)
class Hits:
    """The ids of actions in whose words all of some terms stand; `number` is the column by which they are in order."""

    statement: Select[int]
    number: ColumnElement[Any]


def hits(session: Session, terms: Sequence[SearchTerm]) -> Hits:
    """By the index, and then by the words themselves. SQLite stops at a limit where `number` alone is the order."""
    found = select(SearchText.action_id).where(*map(_stands_in, terms))
    grams = sorted(frozenset[int]().union(*(term.grams for term in terms)))
    if session.get_bind().dialect.name != "sqlite":
        with_grams = found.where(SearchText.grams.op("@>")(cast(grams, ARRAY(Integer))))
        return Hits(statement=with_grams, number=SearchText.__table__.c.action_id)
    match = " ".join(f'"{gram:x}"' for gram in grams)
    with_grams = found.join(_GRAMS, _GRAMS.c.rowid == SearchText.action_id)
    return Hits(statement=with_grams.where(_GRAMS.c.search_grams.op("MATCH")(match)), number=_GRAMS.c.rowid)


def _stands_in(term: SearchTerm) -> ColumnElement[bool]:
    if term.is_whole:
        return literal(" ").concat(SearchText.words).concat(" ").contains(f" {term.text} ", autoescape=True)
    return SearchText.words.contains(term.text, autoescape=True)


def waiting(session: Session) -> int:
    """How many actions cannot be searched yet; COUNTED + 1 where there are more than COUNTED."""
    new = select(Action.id).where(text(UNSEARCHABLE)).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(new)) or 0


def _written(numbers: Sequence[int]) -> str:
    """The grams as SQLite's FTS5 has them: words of hexadecimal digits."""
    return " ".join(f"{gram:x}" for gram in numbers)


def _about(action: Action) -> Iterator[str]:
    """Who acted, and what they typed but for letters."""
    yield from (action.name, action.email, action.phone, action.street, action.city, action.zip)
    yield from _texts(action.details)


def _texts(details: Mapping[str, Any]) -> Iterator[str]:
    for value in details.values():
        if isinstance(value, str):
            yield value


def _personal_lines(session: Session, ids: list[int]) -> dict[int, list[str]]:
    """By action, what stands in its letters and not in the campaign's: subject and lines, each once."""
    rows = session.execute(
        select(Message.action_id, Message.subject, FrozenLetter.raw, Letter.body, Message.letter_id)
        .join(FrozenLetter, FrozenLetter.message_id == Message.id)
        .join(Letter, Letter.id == Message.letter_id)
        .where(Message.action_id.in_(ids))
        .order_by(Message.id)
    )
    lines: dict[int, dict[str, None]] = {}
    read: set[tuple[int, int]] = set()
    for row in rows:
        if (row.action_id, row.letter_id) in read:  # the same letter to another legislator
            continue
        read.add((row.action_id, row.letter_id))
        own = lines.setdefault(row.action_id, {})
        own[row.subject] = None
        of_campaign = set(row.body.split("\n"))
        for line in letter_text(row.raw).split("\n"):
            if line not in of_campaign:
                own[line] = None
    return {action: list(of_action) for action, of_action in lines.items()}
