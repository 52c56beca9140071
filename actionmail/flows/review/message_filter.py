"""Which letters: what the send log, its exports and what staff do to many letters are narrowed by.

Each filter has an index behind it that holds its letters in the order in which they are shown, so that a page costs the
same however long the log is. Of several filters one is walked, and the others are looked at on the way (`_walk`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Select,
    exists,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import ASIDE_STATES, EarlierLetter, Event, Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.actions import search_index
from actionmail.flows.review.event_filter import (
    Conditions,
    answered_with_code,
    answered_with_words,
    came_about,
    last_of_letter,
    letters_by_last_event,
)
from actionmail.flows.review.filters import LARGEST_ID, CannotMatch, Filter, Moment
from actionmail.rules.actions.networks import network_of
from actionmail.rules.actions.search_words import search_terms
from actionmail.rules.delivery.states import State

NEARLY = timedelta(days=1)  # networks are given to others
MOST_NEAR = 20_000  # actions whose networks are looked at
FEW = 1_000  # letters; of more, each legislator's newest are many times what is wanted
NEWEST = 100_000  # letters that are read one after the other before legislators are walked side by side
MOST_SEATS = 450  # so many legislators are walked side by side: as many as any legislature has
_MOST_READ = "en"  # so not in the index of languages

_MESSAGE = Message.__table__.c
_NAMED = aliased(Message)
_ASIDE = frozenset(map(State, ASIDE_STATES))
_IS_ASIDE = Message.state.in_([literal_column(f"'{state}'") for state in ASIDE_STATES])


class Place(Struct, frozen=True, kw_only=True):
    """Where a page begins: behind the message `id`, in the direction that is walked."""

    id: int
    is_newer: bool = False  # towards the newest


class _Walk(Struct, frozen=True, kw_only=True):
    """The letters in the order of an index: `keys`, the last of which is the message's id."""

    start: Select[int]
    keys: tuple[Any, ...]
    rest: Filter  # what is still to be looked at
    bounds: tuple[ColumnElement[bool], ...] = ()  # how far the walk goes
    seats: tuple[int, ...] = ()  # these are walked side by side, where there are any
    is_only: bool = False  # what is looked at on the way has indexes of its own, none of which may be taken instead


def matching(session: Session, wanted: Filter, *, limit: int, place: Place | None = None) -> Select[int]:
    """The ids of the letters that fit, newest first, at most `limit`; towards the newest the oldest come first.

    What is newest is decided by what is walked: when letters were made, or accepted, or came back. Raises CannotMatch.
    """
    seats = _seats(session, wanted)
    if wanted.words:
        conditions = [*_conditions(wanted, seats), *_of_crowd(session, wanted)]
        return _with_words(session, wanted.words, conditions, limit, place)
    walk = _walk(session, wanted, seats)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    look = _in_passing if is_sqlite and walk.is_only else _as_it_is
    conditions = _conditions(walk.rest, seats, look)
    statement = walk.start.where(*walk.bounds, *conditions, *_of_crowd(session, walk.rest))
    is_newer = place is not None and place.is_newer
    if place is not None:
        bound, keys = tuple_(*_keys_of(session, walk, place.id)), tuple_(*walk.keys)
        statement = statement.where(keys > bound if is_newer else keys < bound)
    statement = statement.order_by(*(key.asc() if is_newer else key.desc() for key in walk.keys)).limit(limit)
    if not walk.seats:
        return statement
    if limit > FEW and place is None:
        newest = session.scalar(select(func.max(Message.id))) or 0
        together = statement.where(Message.id > newest - NEWEST, Message.legislator_id.in_(walk.seats))
        if session.scalar(select(func.count()).select_from(together.subquery())) == limit:
            return together
    return _side_by_side(session, walk.seats, statement, limit, is_newer=is_newer)


def _side_by_side(
    session: Session, seats: Sequence[int], statement: Select[int], limit: int, *, is_newer: bool
) -> Select[int]:
    """The first letters of each of these legislators, as `statement` has them, and of all these the first."""
    of_seat = statement.where(Message.legislator_id == Legislator.id).correlate(Legislator)
    if session.get_bind().dialect.name == "sqlite":  # which has no LATERAL
        line = aliased(Message)
        number: Any
        number, together = line.id, select(line.id).select_from(Legislator).join(line, line.id.in_(of_seat))
    else:
        newest = of_seat.lateral()
        number, together = newest.c.id, select(newest.c.id).select_from(Legislator).join(newest, true())
    return together.where(Legislator.id.in_(seats)).order_by(number.asc() if is_newer else number.desc()).limit(limit)


def _keys_of(session: Session, walk: _Walk, number: int) -> Sequence[Any]:
    """Where this message stands in the walk. Raises CannotMatch where it does not."""
    number = _bounded(number)
    if len(walk.keys) == 1:
        return (number,)
    row = session.execute(walk.start.with_only_columns(*walk.keys).where(Message.id == number)).first()
    if row is None:
        raise CannotMatch
    return row


def _walk(session: Session, wanted: Filter, seats: tuple[int, ...]) -> _Walk:
    """The first of these that the filter has is walked."""
    start = select(Message.id)
    if wanted.number:
        return _Walk(start=start, keys=(Message.id,), rest=wanted)
    of_action = start.join(Action, Action.id == Message.action_id)
    if wanted.alike:
        same = Action.paragraph_bucket == _paragraph_bucket(session, wanted.alike)
        rest = replace(wanted, alike=0)
        return _Walk(start=of_action, keys=(Action.id, Message.id), rest=rest, bounds=(same,), is_only=True)
    if wanted.near:
        near, rest = _near(session, wanted.near), replace(wanted, near=0)
        keys = (Action.created_at, Message.id)
        return _Walk(start=of_action, keys=keys, rest=rest, bounds=near, is_only=True)
    # '' and 'en' literally, because SQLite matches a partial index by its text (`db.actions`).
    if wanted.source:
        of_source = (Action.source != literal_column("''"), Action.source == wanted.source)
        rest = replace(wanted, source="")
        return _Walk(start=of_action, keys=(Action.id, Message.id), rest=rest, bounds=of_source, is_only=True)
    if wanted.language not in ("", _MOST_READ):
        is_other = (Action.language != literal_column("'en'"), Action.language != literal_column("''"))
        of_language = (*is_other, Action.language == wanted.language)
        rest = replace(wanted, language="")
        return _Walk(start=of_action, keys=(Action.id, Message.id), rest=rest, bounds=of_language, is_only=True)
    if wanted.code or wanted.answer:
        return _walk_of_answers(wanted)
    if wanted.is_about_events:
        happened = letters_by_last_event(partial(came_about, wanted.moment))
        rest, between = replace(wanted, since=None, until=None), tuple(_between(Event.at, wanted))
        keys = (Event.at, Event.message_id)
        return _Walk(start=happened, keys=keys, rest=rest, bounds=between, is_only=True)
    if seats:
        return _walk_of_seats(wanted, seats)
    if wanted.since or wanted.until:
        return _Walk(start=start, keys=(Message.created_at, Message.id), rest=wanted)
    return _Walk(start=start, keys=(Message.id,), rest=wanted)


def _walk_of_answers(wanted: Filter) -> _Walk:
    """Those with the code; else those with the words."""
    if wanted.code:
        answered = letters_by_last_event(partial(answered_with_code, wanted.code))
        return _Walk(start=answered, keys=(Event.message_id,), rest=replace(wanted, code=""), is_only=True)
    answered = letters_by_last_event(partial(answered_with_words, wanted.answer))
    return _Walk(start=answered, keys=(Event.message_id,), rest=replace(wanted, answer=""), is_only=True)


def _walk_of_seats(wanted: Filter, seats: tuple[int, ...]) -> _Walk:
    """Of letters that stand aside there is an index by legislator and state."""
    rest = replace(wanted, target="", committee="", us_state="", district="", party="")
    bounds: tuple[ColumnElement[bool], ...] = ()
    if wanted.state in _ASIDE:
        rest, bounds = replace(rest, state=None), (Message.state == wanted.state.value, _IS_ASIDE)
    return _Walk(start=select(Message.id), keys=(Message.id,), rest=rest, bounds=bounds, seats=seats, is_only=True)


def _paragraph_bucket(session: Session, number: int) -> int:
    """Raises CannotMatch where that action has no paragraph of its own."""
    bucket = session.scalar(select(Action.paragraph_bucket).where(Action.id == _bounded(number)))
    if bucket is None:
        raise CannotMatch
    return bucket


def _near(session: Session, number: int) -> tuple[ColumnElement[bool], ...]:
    """Which actions. Raises CannotMatch where nobody knows from where that one came."""
    query = select(Action.created_at, Action.consent_address).where(Action.id == _bounded(number))
    row = session.execute(query).one_or_none()
    if row is None or not row.consent_address:
        raise CannotMatch
    network = network_of(row.consent_address)
    made_then = Action.created_at.between(row.created_at - NEARLY, row.created_at + NEARLY)
    newest = select(Action.consent_address).where(made_then).order_by(Action.created_at.desc()).limit(MOST_NEAR)
    addresses = {row.consent_address}
    for address in session.scalars(newest):
        if network_of(address) == network:
            addresses.add(address)
    return made_then, Action.consent_address.in_(sorted(addresses))


def _of_crowd(session: Session, wanted: Filter) -> Conditions:
    """What is asked of the actions, where something else is walked. Raises CannotMatch."""
    asked: Conditions = []
    if wanted.alike:
        asked.append(Action.paragraph_bucket == _paragraph_bucket(session, wanted.alike))
    if wanted.near:
        asked += _near(session, wanted.near)
    return [exists().where(Action.id == Message.action_id, *asked).correlate(Message)] if asked else []


def _with_words(session: Session, words: str, conditions: Conditions, limit: int, place: Place | None) -> Select[int]:
    """By the index of what supporters wrote; that all of it stands there is looked up in the text itself.

    First the actions that have a letter that fits, then their letters: only so does SQLite's FTS5 stop at the limit.
    Raises CannotMatch.
    """
    terms = search_terms(words)
    if not terms:
        raise CannotMatch
    is_newer = place is not None and place.is_newer
    keys = tuple_(Message.action_id, Message.id)
    letters = select(Message.id).where(*conditions)
    start = None
    if place is not None:
        bound = session.execute(select(Message.action_id, Message.id).where(Message.id == _bounded(place.id))).first()
        if bound is None:
            raise CannotMatch
        start = bound.action_id
        letters = letters.where(keys > tuple_(*bound) if is_newer else keys < tuple_(*bound))

    def fits(number: ColumnElement[int]) -> Select[Any]:
        return select(Message.id).where(Message.action_id == number, *conditions)

    # One more, since of the action at the bound no letter may be left.
    matching_actions = search_index.hits(session, terms, fits, limit=limit + 1, start=start, is_newer=is_newer)
    actions = matching_actions.subquery()
    order = (Message.action_id.asc(), Message.id.asc()) if is_newer else (Message.action_id.desc(), Message.id.desc())
    return letters.join(actions, actions.c[0] == Message.action_id).order_by(*order).limit(limit)


def _between(at: Any, wanted: Filter) -> Conditions:
    conditions: Conditions = []
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at < wanted.until)
    return conditions


def _seats(session: Session, wanted: Filter) -> tuple[int, ...]:
    """The legislators that are meant. Raises CannotMatch where there are none; () where too many to be walked."""
    query = _legislators(wanted)
    if query is None:
        return ()
    seats = tuple(session.scalars(query.limit(MOST_SEATS + 1)))
    if not seats:
        raise CannotMatch
    return seats if len(seats) <= MOST_SEATS else ()


def _legislators(wanted: Filter) -> Select[int] | None:
    """Their ids, of those who are gone too; None where the filter names none."""
    conditions: Conditions = []
    if wanted.target:
        conditions.append(Legislator.name.icontains(wanted.target, autoescape=True))
    if wanted.us_state:
        conditions.append(Legislator.state == wanted.us_state)
    if wanted.district:
        conditions.append(func.lower(Legislator.district) == wanted.district.lower())
    if wanted.party:
        conditions.append(Legislator.party == wanted.party)
    if wanted.committee:
        members = select(CommitteeMember.legislator_key).join(Committee, Committee.id == CommitteeMember.committee_id)
        conditions.append(Legislator.key.in_(members.where(Committee.key == wanted.committee)))
    return select(Legislator.id).where(*conditions) if conditions else None


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column


def _in_passing(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """So that no index stands on it: SQLite would rather go along that one, and sort what it finds."""
    return func.coalesce(column, column)


def _conditions(
    wanted: Filter, seats: tuple[int, ...], look: Callable[[ColumnElement[Any]], ColumnElement[Any]] = _as_it_is
) -> Conditions:
    """All that it asks for but words and crowds. `seats` are its legislators, where they are not too many."""
    conditions = _of_message(wanted, look)
    legislators = _legislators(wanted)
    if legislators is not None:
        conditions.append(look(_MESSAGE.legislator_id).in_(seats or legislators))
    action = aliased(Action)
    if wanted.language:
        conditions.append(exists().where(action.id == Message.action_id, action.language == wanted.language))
    if wanted.source:
        conditions.append(exists().where(action.id == Message.action_id, action.source == wanted.source))
    if wanted.code:
        answer = aliased(Event)
        conditions.append(exists().where(answer.message_id == Message.id, *answered_with_code(wanted.code, answer)))
    if wanted.answer:
        answer = aliased(Event)
        with_words = answered_with_words(wanted.answer, answer)
        conditions.append(exists().where(answer.message_id == Message.id, *with_words))
    if wanted.is_about_events:
        event = aliased(Event)
        is_last = last_of_letter(event, partial(came_about, wanted.moment))
        conditions.append(exists().where(event.message_id == Message.id, *is_last, *_between(event.at, wanted)))
    if wanted.moment is Moment.MADE:
        conditions += _between(look(_MESSAGE.created_at), wanted)
    return conditions


def _of_message(wanted: Filter, look: Callable[[ColumnElement[Any]], ColumnElement[Any]]) -> Conditions:
    conditions: Conditions = []
    if wanted.campaign:
        campaign = select(Campaign.id).where(Campaign.slug == wanted.campaign).scalar_subquery()
        conditions.append(look(_MESSAGE.campaign_id) == campaign)
        if wanted.letter:
            versions = select(Letter.id).where(Letter.campaign_id == campaign, Letter.name == wanted.letter)
            conditions.append(look(_MESSAGE.letter_id).in_(versions))
    if wanted.state is not None:
        conditions.append(look(_MESSAGE.state) == wanted.state.value)
    if wanted.domain:
        conditions.append(look(_MESSAGE.domain) == wanted.domain.lower())
    if wanted.number:
        conditions.append(_numbered(wanted.number))
    return conditions


def _numbered(text: str) -> ColumnElement[bool]:
    if text.isascii() and text.isdecimal():
        return Message.id == _bounded(int(text[:20]))
    message_id = f"<{text.strip('<>')}>"
    now = select(_NAMED.id).where(_NAMED.message_id == message_id)
    earlier = select(EarlierLetter.letter).where(EarlierLetter.message_id == message_id)
    return Message.id.in_(now.union_all(earlier))  # of an "or" PostgreSQL would read the whole table


def _bounded(number: int) -> int:
    return max(0, min(number, LARGEST_ID))
