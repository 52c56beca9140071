"""What `claim` and `message_state` say to the database for many letters at once: one statement each, compiled once.

SQLite gets a list as JSON, PostgreSQL as an array; what becomes of letters goes to both as JSON rows. So the text of a
statement does not depend on how many letters it is about, and neither SQLAlchemy nor the database reads it anew.
Where PostgreSQL can change letters and add their events in one statement, it does (SQLite's RETURNING cannot be read
from).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Date, Table, bindparam, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.messages import SENDING, WAITING, FrozenLetter, Message
from actionmail.db.prepared import Prepared
from actionmail.db.roster import Legislator


class Statements(Struct, frozen=True, kw_only=True):
    """In the words of one database. `:ids`, `:targets`, `:campaigns`, `:holding`, `:domains` are made by `listed`."""

    targets: Prepared  # which have waiting letters, after one and in their order
    perhaps_absent: Prepared  # of some targets, those who do not surely hold a seat from one day to another
    to_perhaps_absent: Prepared  # of some letters, those to them
    left: Prepared  # whose lease ran out, the oldest first
    over: Prepared  # whose time to wait is over, likewise
    due: Prepared  # the oldest due letters of some of these
    claim: Prepared
    leased: Prepared  # all that a worker has
    note_claim: Prepared | None  # the events of `claim`, where it does not add them itself
    start: Prepared  # bodies begin
    parcels: Prepared
    record: Prepared  # `:answers` end the tries of letters that are ours, when no next try has to be worked out
    note_record: Prepared | None  # their events, likewise


def statements(session: Session) -> Statements:
    return _STATEMENTS[session.get_bind().dialect.name]


def listed(session: Session, values: Collection[int] | Collection[str]) -> object:
    """A parameter that stands for all of `values`."""
    return _json(list(values)) if session.get_bind().dialect.name == "sqlite" else list(values)


ANSWER_KEYS = ("id", "state", "phase", "code", "enhanced", "text", "queue_id")


def rows_of(session: Session, answers: Sequence[Sequence[object]]) -> str:
    """The parameter `:answers`, of rows of ANSWER_KEYS. SQLite finds a place in a list sooner than a name in a row."""
    if session.get_bind().dialect.name == "sqlite":
        return _json(answers)
    return _json([dict(zip(ANSWER_KEYS, answer, strict=True)) for answer in answers])


def _json(values: object) -> str:
    return msgspec.json.encode(values).decode()


_FROM_JSON = ", ".join(f"json_extract(value, '$[{place}]') AS {key}" for place, key in enumerate(ANSWER_KEYS))
# What stands in for {each} of these in the texts below. Both walks of the claim go along ix_messages_due, a few steps
# for each target, so they cost as much for a million letters as for ten. SQLite has no LATERAL, and without the hint
# prefers the index on the state.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "waiting": WAITING,
        "messages": "messages INDEXED BY ix_messages_due",
        "each_seat": "messages AS line ON line.id IN",
        "columns": "messages.id",
        "as_line": "",
        "skip_locked": "",
        "in_ids": "IN (SELECT value FROM json_each(:ids))",
        "in_targets": "IN (SELECT value FROM json_each(:targets))",
        "not_in_campaigns": "NOT IN (SELECT value FROM json_each(:campaigns))",
        "not_in_holding": "NOT IN (SELECT value FROM json_each(:holding))",
        "not_in_domains": "NOT IN (SELECT value FROM json_each(:domains))",
        "answers": f"(SELECT {_FROM_JSON} FROM json_each(:answers)) AS answers",  # noqa: S608
        "claimed": "id",
        "those_claimed": "messages WHERE id IN (SELECT value FROM json_each(:ids))",
        "recorded": "messages.id",
        "those_recorded": (
            f"(SELECT {_FROM_JSON} FROM json_each(:answers)) AS answers "  # noqa: S608
            "JOIN messages ON messages.id = answers.id"
        ),
        "tries": "messages.attempts",
    },
    "postgresql": {
        "waiting": WAITING,
        "messages": "messages",
        "each_seat": "LATERAL",
        "columns": "*",
        "as_line": " AS line",
        "skip_locked": "FOR UPDATE SKIP LOCKED",
        "in_ids": "= ANY (CAST(:ids AS bigint[]))",
        "in_targets": "= ANY (CAST(:targets AS bigint[]))",
        "not_in_campaigns": "<> ALL (CAST(:campaigns AS bigint[]))",
        "not_in_holding": "<> ALL (CAST(:holding AS bigint[]))",
        "not_in_domains": "<> ALL (CAST(:domains AS text[]))",
        "answers": (
            "json_to_recordset(CAST(:answers AS json)) AS answers"
            "(id bigint, state text, phase text, code integer, enhanced text, text text, queue_id text)"
        ),
        "claimed": "id, claimed_from, possible_duplicate, attempts",
        "those_claimed": "claimed",
        "recorded": "answers.*, messages.attempts",
        "those_recorded": "answers",
        "tries": "answers.attempts",
    },
}
# Staff may release one letter of a campaign that holds the others.
_NOT_HELD = "(released_alone OR campaign_id NOT IN (SELECT id FROM campaigns WHERE holds_letters))"
_IN_OFFICE = """EXISTS (
            SELECT 1 FROM legislators AS seat
            WHERE seat.id = messages.legislator_id AND seat.gone_at IS NULL AND seat.status = 'sitting'
          )"""
# Whatever day it is where the legislature sits.
_SITS = """(
          seat.status = 'sitting' AND seat.gone_at IS NULL AND (seat.begins IS NULL OR seat.begins <= :day_before)
          AND (seat.ends IS NULL OR seat.ends >= :day_after)
        )"""
_EVENT = (
    "message_id, at, from_state, to_state, actor_kind, actor_id, reason_code, attempt, phase, enhanced, text, queue_id"
)
_TEXTS: Mapping[str, str] = {
    "targets": """
        WITH RECURSIVE round(target) AS (
          SELECT min(legislator_id) FROM {messages} WHERE {waiting} AND legislator_id > :after
          UNION ALL
          SELECT (SELECT min(legislator_id) FROM {messages} WHERE {waiting} AND legislator_id > round.target)
          FROM round WHERE round.target IS NOT NULL
        )
        SELECT target FROM round WHERE target IS NOT NULL LIMIT :size
        """,
    "perhaps_absent": """
        SELECT id, state, status, begins, ends, gone_at FROM legislators AS seat WHERE id {in_targets} AND NOT {sits}
        """,
    "to_perhaps_absent": """
        SELECT messages.id, seat.state, status, begins, ends, gone_at
        FROM messages JOIN legislators AS seat ON seat.id = messages.legislator_id
        WHERE messages.id {in_ids} AND NOT {sits}
        """,
    "left": """
        SELECT id FROM messages WHERE {sending} AND lease_until <= :now ORDER BY lease_until LIMIT :most
        """,
    "over": """
        SELECT id FROM messages WHERE {waiting} AND expires_at <= :now ORDER BY expires_at LIMIT :most
        """,
    "due": """
        SELECT line.id, line.legislator_id, line.campaign_id, line.domain
        FROM legislators AS seat CROSS JOIN {each_seat} (
          SELECT {columns} FROM {messages}
          WHERE {waiting} AND legislator_id = seat.id AND next_attempt_at <= :now
            AND campaign_id {not_in_campaigns}
            AND (released_alone OR campaign_id {not_in_holding})
            AND domain {not_in_domains}
          ORDER BY next_attempt_at, id LIMIT :depth
        ){as_line}
        WHERE seat.id {in_targets}
        ORDER BY seat.id, line.next_attempt_at, line.id
        """,
    "claim": """
        WITH due AS (
          SELECT id FROM messages
          WHERE {waiting} AND id {in_ids} AND next_attempt_at <= :now AND expires_at > :now AND {not_held}
            AND {in_office}
          {skip_locked}
        )
        UPDATE messages
        SET state = 'sending', claimed_from = state,
          possible_duplicate = (possible_duplicate OR state = 'ambiguous'),
          lease_owner = :owner, lease_until = :until, body_started_at = :begun_at, updated_at = :now
        WHERE id IN (SELECT id FROM due)
        RETURNING {claimed}
        """,
    "leased": """
        SELECT id FROM messages WHERE {sending} AND lease_owner = :owner
        """,
    "note_claim": """
        INSERT INTO events
          ({event})
        SELECT id, :now, claimed_from, 'sending', 'worker', :owner,
          CASE WHEN possible_duplicate THEN :twice ELSE '' END, attempts + 1, '', '', '', ''
        FROM {those_claimed}
        """,
    "start": """
        UPDATE messages SET body_started_at = :now, lease_until = :until
        WHERE id {in_ids} AND state = 'sending' AND lease_owner = :owner AND lease_until > :now AND {not_held}
          AND {in_office}
        RETURNING id
        """,
    "parcels": """
        SELECT messages.id, return_path, recipient, messages.message_id, sha256, raw
        FROM messages LEFT JOIN frozen_letters ON frozen_letters.message_id = messages.id
        WHERE messages.id {in_ids} ORDER BY messages.id
        """,
    # coalesce, because SQLite would rather begin with all that are in this state.
    "record": """
        UPDATE messages
        SET state = answers.state, attempts = attempts + 1, next_attempt_at = NULL, lease_owner = NULL,
          lease_until = NULL, queue_id = answers.queue_id, last_code = answers.code, updated_at = :now
        FROM {answers}
        WHERE messages.id = answers.id AND coalesce(messages.state, '') = 'sending' AND lease_owner = :owner
        RETURNING {recorded}
        """,
    "note_record": """
        INSERT INTO events
          ({event}, smtp_code)
        SELECT answers.id, :now, 'sending', answers.state, 'worker', :owner, '', {tries}, answers.phase,
          answers.enhanced, answers.text, answers.queue_id, answers.code
        FROM {those_recorded}
        """,
}


def _in_words_of(dialect: str) -> Statements:
    shared = {"not_held": _NOT_HELD, "in_office": _IN_OFFICE, "sits": _SITS, "event": _EVENT, "sending": SENDING}
    texts = {name: template.format(**_WORDS[dialect], **shared) for name, template in _TEXTS.items()}
    made: dict[str, Any] = {}
    if dialect == "postgresql":
        texts["claim"] = _with_events("claimed", texts["claim"], texts.pop("note_claim"))
        texts["record"] = _with_events("answers", texts["record"], texts.pop("note_record"))
        made = {"note_claim": None, "note_record": None}
    for name, words in texts.items():
        typed = [bindparam(moment, type_=kind) for moment, kind in _MOMENTS.items() if f":{moment}" in words]
        made[name] = Prepared(text(words).bindparams(*typed), *_ANSWERS.get(name, (_ID,)))
    return Statements(**made)


def _with_events(name: str, change: str, note: str) -> str:
    """One statement: changed letters are read by `name`, and the numbers of those that got an event come back."""
    return f"WITH {name} AS ({change}) {note} RETURNING message_id AS id"


_MOMENTS = dict.fromkeys(("now", "until", "begun_at"), Instant()) | dict.fromkeys(("day_before", "day_after"), Date())
_LETTER = cast(Table, Message.__table__).c
_SEAT = cast(Table, Legislator.__table__).c
_ID = _LETTER.id
_TERM = (_SEAT.state, _SEAT.status, _SEAT.begins, _SEAT.ends, _SEAT.gone_at)
_ANSWERS: Mapping[str, Sequence[Column[Any]]] = {  # the number of a letter, unless named here
    "targets": [Column("target", _SEAT.id.type)],
    "perhaps_absent": [_SEAT.id, *_TERM],
    "to_perhaps_absent": [_ID, *_TERM],
    "due": [_ID, _LETTER.legislator_id, _LETTER.campaign_id, _LETTER.domain],
    "parcels": [
        *(_ID, _LETTER.return_path, _LETTER.recipient, _LETTER.message_id, _LETTER.sha256),
        cast(Table, FrozenLetter.__table__).c.raw,
    ],
    "note_claim": (),
    "note_record": (),
}
_STATEMENTS = {dialect: _in_words_of(dialect) for dialect in _WORDS}
