"""What mail servers say is kept for ever, in events that nobody changes: so it is kept without its supporters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, select, text
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.prepared import Prepared
from actionmail.flows.delivery.statements import listed
from actionmail.rules.delivery.answers import is_said_of_any_letter
from actionmail.rules.delivery.blotting import Private, blotted
from actionmail.rules.delivery.states import Outcome


def without_supporters(session: Session, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """These answers, by the number of their message, without what they repeat of who wrote it."""
    cleaned = dict(outcomes)
    answered = []
    for id_, outcome in outcomes.items():
        if outcome.code is not None and outcome.text and not is_said_of_any_letter(outcome.text):
            answered.append(id_)
    if not answered:
        return cleaned
    supporters = _SUPPORTERS_OF[session.get_bind().dialect.name]
    for row in supporters.all(session, ids=listed(session, answered)):
        outcome = cleaned[row.id]
        if (words := without_supporter(outcome.text, row)) != outcome.text:
            cleaned[row.id] = replace(outcome, text=words)
    return cleaned


_SUPPORTERS = (
    "SELECT messages.id, name, email, street, phone, erased_at FROM messages "
    "JOIN actions ON actions.id = messages.action_id WHERE messages.id"
)
_ACTIONS = cast(Table, Action.__table__).c
_COLUMNS = (_ACTIONS.id, _ACTIONS.name, _ACTIONS.email, _ACTIONS.street, _ACTIONS.phone, _ACTIONS.erased_at)
_SUPPORTERS_OF = {  # of each letter that is sent, so in statements that are made once
    "sqlite": Prepared(text(f"{_SUPPORTERS} IN (SELECT value FROM json_each(:ids))"), *_COLUMNS),  # noqa: S608
    "postgresql": Prepared(text(f"{_SUPPORTERS} = ANY (CAST(:ids AS bigint[]))"), *_COLUMNS),
}


def without_supporter(words: str, action: Any) -> str:
    """A stranger's words without what they repeat of the supporter; none, once the supporter was erased.

    Nobody knows any more then what to leave out, and a report may quote the letter.
    """
    if action.erased_at is not None:
        return ""
    return blotted(words, private_of(action))


def without_any_of(session: Session, words: str, whose: ColumnElement[bool]) -> str:
    """What staff give as one reason for many, without what it repeats of any of the supporters of these actions.

    It is kept with all of them and in the audit trail, so that whom it names may be another one's supporter.
    """
    people = select(Action.name, Action.email, Action.street, Action.phone).where(whose, Action.erased_at.is_(None))
    for person in session.execute(people.distinct()):
        words = blotted(words, private_of(person))
    return words


def private_of(action: Any) -> Private:
    """What tells who acted."""
    return Private(name=action.name, others=(action.email, action.street, action.phone))
