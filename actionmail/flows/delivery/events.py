"""Every change of state is a row that nobody can alter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, insert, literal
from sqlalchemy.orm import Session

from actionmail.db.messages import Event
from actionmail.rules.delivery.states import State

EVENTS = cast(Table, Event.__table__)
PLAIN = {"synchronize_session": False}
AMBIGUOUS = "Nobody can know whether the mail server took the letter; it goes out once more, with the same Message-ID."
TWICE_AMBIGUOUS = "For the second time nobody can know whether the mail server took the letter; a person decides."


def event_of(
    id_: int, now: datetime, before: State | str, after: State, actor: str, words: str, *, attempt: int = 0
) -> dict[str, Any]:
    return {
        "message_id": id_,
        "at": now,
        "from_state": str(before),
        "to_state": after.value,
        "actor": actor,
        "attempt": attempt,
        "phase": "",
        "smtp_code": None,
        "enhanced": "",
        "text": words,
        "queue_id": "",
    }


def append(session: Session, events: Sequence[dict[str, Any]]) -> None:
    if events:
        session.connection().execute(insert(EVENTS), events)


def append_from(session: Session, rows: Select[Any, Any, Any, Any, Any, Any, Any]) -> None:
    names = ["message_id", "at", "from_state", "to_state", "actor", "attempt", "text"]
    blank = {"phase": literal(""), "enhanced": literal(""), "queue_id": literal("")}
    session.execute(insert(EVENTS).from_select([*names, *blank], rows.add_columns(*blank.values())))
