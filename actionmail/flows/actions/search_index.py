"""What staff can search: the words of each action, put into the index a little after it was made.

Not in the transaction that takes the action, so that a crowd does not wait for it: the worker comes by
every few seconds, cuts texts into words while others write, and only then puts them in. `waiting` says how many are
still to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
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
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from actionmail.db.actions import UNSEARCHABLE, Action, SearchText
from actionmail.db.campaigns import Letter
from actionmail.db.messages import FrozenLetter, Message
from actionmail.rules.actions.search_words import SearchTerm, grams_of, indexed_words, telling_grams
from actionmail.rules.delivery.envelope import letter_text

AT_ONCE = 50  # actions, for which SQLite's write lock is held
_PAGES = 200  # that are merged in one transaction
COUNTED = 1_000
ASKED = 5  # grams of all terms: of more, those that many texts have cost most of a search and tell nothing
LOOKED_AT = 100  # texts from all over the log, each as far as LOOKED_FAR, to see which grams are rare
LOOKED_FAR = 2_000
_STRIDE = 0.6180339887498949  # golden: evenly, and in step with nothing that numbers are
READ_FIRST = 2_000  # texts; of words that are rarer a block has at most some hundred
BLOCK = 2**15  # actions of one block of PostgreSQL's index: between the blocks of a long log and the rows of one
_APART = 0x9E3779B1  # odd, so that no two blocks move a gram alike; otherwise any number
_MASK = 0x7FFFFFFF
_GRAMS = table("search_grams", column("rowid"), column("grams"), column("search_grams"))
_FORGET = text("INSERT INTO search_grams (search_grams, rowid, grams) VALUES ('delete', :id, :grams)")
_MERGE = text("INSERT INTO search_grams (search_grams, rank) VALUES ('merge', :pages)")


class Prepared(Struct, frozen=True, kw_only=True):
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
    by_action = {entry.action: entry for entry in prepared}
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
    ids = [entry.action for entry in fresh]
    _take_out(session, ids)  # one that was corrected
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert(SearchText), [{"action_id": entry.action, "words": entry.words} for entry in fresh])
        session.execute(insert(_GRAMS), [{"rowid": entry.action, "grams": _written(entry.grams)} for entry in fresh])
    else:
        rows = [_row_with_grams(entry) for entry in fresh]
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


# Of the number of an action, the rows that have to be there.
Fits = Callable[[ColumnElement[int]], Select[Any]]


def hits(
    session: Session,
    terms: Sequence[SearchTerm],
    fits: Fits,
    *,
    limit: int,
    start: int | None = None,
    is_newer: bool = False,
) -> Select[int]:
    """The numbers of at most `limit` actions in whose words all of `terms` stand, the newest first.

    `start` is where to begin, itself included; `is_newer`: towards the newest, the
    oldest first. Both databases stop at the limit.
    """
    newest = session.scalar(select(func.max(SearchText.action_id))) or 0
    look = _Look(terms=terms, grams=_asked(session, terms, newest), fits=fits, start=start, is_newer=is_newer)
    if session.get_bind().dialect.name == "sqlite":
        return _by_fts(look).limit(limit)
    return _by_blocks(look, newest).limit(limit)


def _asked(session: Session, terms: Sequence[SearchTerm], newest: int) -> list[int]:
    """The grams by which texts are found, in which all terms are then looked for."""
    some = {newest - int(newest * (place * _STRIDE % 1)) for place in range(LOOKED_AT)}
    others = select(func.substr(SearchText.words, 1, LOOKED_FAR)).where(SearchText.action_id.in_(some))
    return telling_grams(terms, session.scalars(others), most=ASKED)


class _Look(Struct, frozen=True, kw_only=True):
    """What is looked for, from where, and in which direction."""

    terms: Sequence[SearchTerm]
    grams: Sequence[int]
    fits: Fits
    start: int | None
    is_newer: bool

    def stand_in(self, words: ColumnElement[str]) -> list[ColumnElement[bool]]:
        return [_stands_in(term, words) for term in self.terms]

    def ordered(self, number: ColumnElement[int]) -> ColumnElement[int]:
        return number.asc() if self.is_newer else number.desc()

    def behind(self, number: ColumnElement[int], place: Any) -> ColumnElement[bool]:
        is_behind: ColumnElement[bool] = number > place if self.is_newer else number < place
        return is_behind

    def begins(self, number: ColumnElement[int]) -> list[ColumnElement[bool]]:
        if self.start is None:
            return []
        return [number >= self.start if self.is_newer else number <= self.start]


def _by_fts(look: _Look) -> Select[int]:
    """By the grams, and then by the words themselves. FTS5 stops at a limit where its own number alone is the order."""
    number: ColumnElement[int] = _GRAMS.c.rowid
    texts = SearchText.__table__.c
    match = " ".join(f'"{gram:x}"' for gram in look.grams)
    return (
        select(texts.action_id)
        .join(_GRAMS, number == texts.action_id)
        .where(_GRAMS.c.search_grams.op("MATCH")(match), *look.stand_in(texts.words))
        .where(look.fits(texts.action_id).exists(), *look.begins(number))
        .order_by(look.ordered(number))
    )


def _by_blocks(look: _Look, newest: int) -> Select[int]:
    """Some texts are read one after the other, which finds words that many have; the rest is found by its grams.

    PostgreSQL gathers all rows that have a gram before it sorts them. So a gram stands in the index together with its
    block, and the blocks are asked in turn, until there are enough. Their order holds since each has to be known before
    it can be looked into, and nothing of it is done in parallel (a common table expression is read by one alone).
    """
    texts = SearchText.__table__.c
    # From 17 on PostgreSQL knows how many of them have a common word, and would rather read all letters and join them.
    words = texts.words.concat("").label("words")
    read = select(texts.action_id, words).where(*look.begins(texts.action_id))
    first = read.order_by(look.ordered(texts.action_id)).limit(READ_FIRST).cte("first")
    of_first = select(first.c.action_id).where(*look.stand_in(first.c.words), _is_there(look.fits(first.c.action_id)))
    edge_of = func.max if look.is_newer else func.min
    edge = select(edge_of(first.c.action_id)).scalar_subquery()
    begin = newest if look.start is None else look.start
    # As numbers, from which PostgreSQL sees how few there are.
    last, step = (newest // BLOCK, 1) if look.is_newer else (0, -1)
    blocks = func.generate_series(begin // BLOCK, last, step).table_valued(column("number", BigInteger))
    blocks = blocks.render_derived("blocks")
    block = blocks.c.number
    number = texts.action_id + 0  # so that none but the index of grams is taken
    in_block = (
        select(texts.action_id)
        .where(texts.grams.op("@>")(array([_in_block(gram, block) for gram in look.grams])))
        .where(number // BLOCK == block, look.behind(number, edge), *look.stand_in(texts.words))
        .order_by(look.ordered(texts.action_id))
        .lateral("in_block")
    )
    of_blocks = select(in_block.c.action_id).select_from(blocks).join(in_block, true())
    of_blocks = of_blocks.where(_is_there(look.fits(in_block.c.action_id)))
    together = union_all(of_first, of_blocks).subquery()
    return select(together.c.action_id)


def _is_there(rows: Select[Any]) -> ColumnElement[bool]:
    """Looked up for one number after the other: else PostgreSQL would rather read all letters first, and join them."""
    return rows.offset(0).exists()


def _in_block(gram: int, block: ColumnElement[int]) -> ColumnElement[int]:
    """As `_grams_in_block` has it."""
    return cast((literal(gram, BigInteger) + block * _APART).op("&")(_MASK), Integer)


def _row_with_grams(prepared: Prepared) -> dict[str, Any]:
    """As PostgreSQL has it."""
    grams = _grams_in_block(prepared.action, prepared.grams)
    return {"action_id": prepared.action, "words": prepared.words, "grams": grams}


def _grams_in_block(number: int, grams: Sequence[int]) -> list[int]:
    """The grams of an action's words as PostgreSQL has them, each moved by its block; two may share a number."""
    moved = number // BLOCK * _APART
    return sorted((gram + moved) & _MASK for gram in grams)


def _stands_in(term: SearchTerm, words: ColumnElement[str]) -> ColumnElement[bool]:
    if term.is_whole:
        return literal(" ").concat(words).concat(" ").contains(f" {term.text} ", autoescape=True)
    return words.contains(term.text, autoescape=True)


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
