"""What became of a letter, as a filter asks for it: which of its events are meant.

Numbers and states are written literally, because SQLite matches a partial index by its text (`db.messages`).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from actionmail.db.messages import Event, Message
from actionmail.flows.review.filters import CODE, CannotMatch, Moment
from actionmail.rules.delivery.states import State

Events = type[Event]
Conditions = list[ColumnElement[bool]]


def letters_by_last_event(which: Callable[[Events], Conditions]) -> Select[int]:
    """The ids of the letters that have such an event, once each, joined to the last one (`Event`)."""
    return select(Message.id).join(Event, Event.message_id == Message.id).where(*last_of_letter(Event, which))


def last_of_letter(event: Events, which: Callable[[Events], Conditions]) -> Conditions:
    """Which events are the last such one of their message."""
    later = aliased(Event)
    return [*which(event), ~exists().where(later.message_id == event.message_id, later.id > event.id, *which(later))]


def came_about(moment: Moment, event: Events) -> Conditions:
    """The letter was accepted, or came back."""
    state = State.ACCEPTED if moment is Moment.ACCEPTED else State.BOUNCED
    name: ColumnElement[str] = literal_column(f"'{state.value}'")
    return [event.to_state == name, event.from_state != name]


def answered_with_code(code: str, event: Events) -> Conditions:
    """Raises CannotMatch where it is no code of a refusal."""
    match = CODE.fullmatch(code)
    if match is None:
        raise CannotMatch
    if match["basic"]:
        return [_is_no_by_code(event), event.smtp_code == int(code)]
    return [_is_no_by_status(event), event.enhanced == code]


def answered_with_words(words: str, event: Events) -> Conditions:
    """All of them stand in one answer that was no yes."""
    is_no = or_(_is_no_by_code(event), _is_no_by_status(event))
    return [is_no, *(event.text.icontains(word, autoescape=True) for word in words.split())]


def _is_no_by_code(event: Events) -> ColumnElement[bool]:
    return event.smtp_code >= literal_column("300")


def _is_no_by_status(event: Events) -> ColumnElement[bool]:
    return event.enhanced >= literal_column("'3'")
