"""What mail servers say is kept for ever, in events that nobody changes: so it is kept without its supporters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.messages import Message
from actionmail.rules.delivery.blotting import Private, blotted
from actionmail.rules.delivery.states import Outcome


def without_supporters(session: Session, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """These answers, by the number of their message, without what they repeat of who wrote it."""
    kept = dict(outcomes)
    answered = [id_ for id_, outcome in outcomes.items() if outcome.code is not None and outcome.text]
    if not answered:
        return kept
    rows = session.execute(
        select(Message.id, Action.name, Action.email, Action.street, Action.phone, Action.erased_at)
        .join(Action, Action.id == Message.action_id)
        .where(Message.id.in_(answered))
    )
    for row in rows:
        outcome = kept[row.id]
        if (words := without_supporter(outcome.text, row)) != outcome.text:
            kept[row.id] = replace(outcome, text=words)
    return kept


def without_supporter(words: str, action: Any) -> str:
    """A stranger's words without what they repeat of the supporter; none, once the supporter was erased.

    Nobody knows any more then what to leave out, and a report may quote the letter.
    """
    if action.erased_at is not None:
        return ""
    return blotted(words, Private(name=action.name, others=(action.email, action.street, action.phone)))
