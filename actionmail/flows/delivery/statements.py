"""What `claim` and `message_state` say to the database for many letters at once: one statement each, compiled once.

SQLite gets a list as JSON, PostgreSQL as an array; what becomes of letters goes to both as JSON rows. So the text of a
statement does not depend on how many letters it is about, and neither SQLAlchemy nor the database reads it anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.messages import WAITING


@dataclass(frozen=True, kw_only=True)
class Statements:
    """In the words of one database. `:ids`, `:targets`, `:campaigns`, `:holding`, `:domains` are made by `listed`."""

    targets: TextClause  # which have waiting letters, after one and in their order
    due: TextClause  # the oldest due letters of some of these
    claim: TextClause
    note_claim: TextClause  # the events of `claim`
    start: TextClause  # bodies begin
    parcels: TextClause
    record: TextClause  # `:answers` end the tries of letters that are ours, when no next try has to be worked out
    note_record: TextClause  # their events


def statements(session: Session) -> Statements:
    return _STATEMENTS[session.get_bind().dialect.name]


def listed(session: Session, values: Collection[int] | Collection[str]) -> object:
    """A parameter that stands for all of `values`."""
    return json.dumps(list(values)) if session.get_bind().dialect.name == "sqlite" else list(values)


def rows_of(rows: Collection[Mapping[str, Any]]) -> str:
    """The parameter `:answers`."""
    return json.dumps(rows)


def _number(name: str, *, is_sqlite: bool) -> str:
    return f"IN (SELECT value FROM json_each(:{name}))" if is_sqlite else f"= ANY (CAST(:{name} AS bigint[]))"  # noqa: S608


def _neither(name: str, kind: str, *, is_sqlite: bool) -> str:
    return f"NOT IN (SELECT value FROM json_each(:{name}))" if is_sqlite else f"<> ALL (CAST(:{name} AS {kind}[]))"  # noqa: S608


# Staff may release one letter of a campaign that holds the others.
_NOT_HELD = "(released_alone OR campaign_id NOT IN (SELECT id FROM campaigns WHERE holds_letters))"


def _in_words_of(dialect: str) -> Statements:
    is_sqlite = dialect == "sqlite"
    # Both walks go along ix_messages_due, a few steps for each target, so they cost as much for a million letters as
    # for ten. SQLite has no LATERAL, and without the hint prefers the index on the state.
    messages = "messages INDEXED BY ix_messages_due" if is_sqlite else "messages"
    joined, columns, alias = (
        ("messages AS line ON line.id IN", "messages.id", "") if is_sqlite else ("LATERAL", "*", " AS line")
    )
    ids = _number("ids", is_sqlite=is_sqlite)
    keys = ("id", "state", "phase", "code", "enhanced", "text", "queue_id")
    read = ", ".join(f"json_extract(value, '$.{key}') AS {key}" for key in keys)
    answers = (
        f"(SELECT {read} FROM json_each(:answers)) AS answers"  # noqa: S608
        if is_sqlite
        else "json_to_recordset(CAST(:answers AS json)) AS answers"
        "(id bigint, state text, phase text, code integer, enhanced text, text text, queue_id text)"
    )
    texts = {
        "targets": f"""
            WITH RECURSIVE round(target) AS (
              SELECT min(legislator_id) FROM {messages} WHERE {WAITING} AND legislator_id > :after
              UNION ALL
              SELECT (SELECT min(legislator_id) FROM {messages} WHERE {WAITING} AND legislator_id > round.target)
              FROM round WHERE round.target IS NOT NULL
            )
            SELECT target FROM round WHERE target IS NOT NULL LIMIT :size
            """,  # noqa: S608
        "due": f"""
            SELECT line.id, line.legislator_id, line.campaign_id, line.domain
            FROM legislators AS seat CROSS JOIN {joined} (
              SELECT {columns} FROM {messages}
              WHERE {WAITING} AND legislator_id = seat.id AND next_attempt_at <= :now
                AND campaign_id {_neither("campaigns", "bigint", is_sqlite=is_sqlite)}
                AND (released_alone OR campaign_id {_neither("holding", "bigint", is_sqlite=is_sqlite)})
                AND domain {_neither("domains", "text", is_sqlite=is_sqlite)}
              ORDER BY next_attempt_at, id LIMIT :depth
            ){alias}
            WHERE seat.id {_number("targets", is_sqlite=is_sqlite)}
            ORDER BY seat.id, line.next_attempt_at, line.id
            """,  # noqa: S608
        "claim": f"""
            WITH due AS (
              SELECT id FROM messages
              WHERE {WAITING} AND id {ids} AND next_attempt_at <= :now AND expires_at > :now AND {_NOT_HELD}
              {"" if is_sqlite else "FOR UPDATE SKIP LOCKED"}
            )
            UPDATE messages
            SET state = 'sending', claimed_from = state,
              possible_duplicate = (possible_duplicate OR state = 'ambiguous'),
              lease_owner = :owner, lease_until = :until, body_started_at = NULL, updated_at = :now
            WHERE id IN (SELECT id FROM due)
            RETURNING id
            """,  # noqa: S608
        "note_claim": f"""
            INSERT INTO events
              (message_id, at, from_state, to_state, actor_kind, actor_id, reason_code, attempt, phase, enhanced, text,
              queue_id)
            SELECT id, :now, claimed_from, 'sending', 'worker', :owner,
              CASE WHEN possible_duplicate THEN :twice ELSE '' END, attempts + 1, '', '', '', ''
            FROM messages WHERE id {ids}
            """,  # noqa: S608
        "start": f"""
            UPDATE messages SET body_started_at = :now, lease_until = :until
            WHERE id {ids} AND state = 'sending' AND lease_owner = :owner AND lease_until > :now AND {_NOT_HELD}
            RETURNING id
            """,  # noqa: S608
        "parcels": f"""
            SELECT messages.id, return_path, recipient, messages.message_id, sha256, raw
            FROM messages LEFT JOIN frozen_letters ON frozen_letters.message_id = messages.id
            WHERE messages.id {ids} ORDER BY messages.id
            """,  # noqa: S608
        # coalesce, because SQLite would rather begin with all that are in this state.
        "record": f"""
            UPDATE messages
            SET state = answers.state, attempts = attempts + 1, next_attempt_at = NULL, lease_owner = NULL,
              lease_until = NULL, queue_id = answers.queue_id, last_code = answers.code, last_text = answers.text,
              updated_at = :now
            FROM {answers}
            WHERE messages.id = answers.id AND coalesce(messages.state, '') = 'sending' AND lease_owner = :owner
            RETURNING messages.id
            """,  # noqa: S608
        "note_record": f"""
            INSERT INTO events
              (message_id, at, from_state, to_state, actor_kind, actor_id, reason_code, attempt, phase, smtp_code,
              enhanced, text, queue_id)
            SELECT messages.id, :now, 'sending', answers.state, 'worker', :owner, '', messages.attempts, answers.phase,
              answers.code, answers.enhanced, answers.text, answers.queue_id
            FROM {answers} JOIN messages ON messages.id = answers.id
            """,  # noqa: S608
    }
    made = {}
    for name, words in texts.items():
        instants = [bindparam(one, type_=Instant()) for one in ("now", "until") if f":{one}" in words]
        made[name] = text(words).bindparams(*instants)
    return Statements(**made)


_STATEMENTS = {dialect: _in_words_of(dialect) for dialect in ("sqlite", "postgresql")}
