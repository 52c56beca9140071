"""The audit trail: the one way into it.

It stands in the lowest room, since every room writes into it; what reads it is `privacy.audit`. What people do who are
not signed in is counted by the hour and account instead, so that nobody outside makes an append-only table grow.

Every entry is a link of one chain (`rules.staff.audit_chain`), made as the last thing before its transaction commits:
whoever writes at the same moment waits for that only, and holds nothing that others wait for meanwhile. On PostgreSQL
an advisory lock lets one at a time; on SQLite there is one writer anyway. Should both fail, two links at one position
break its primary key, and the later transaction is undone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, event, func, insert, inspect, select, text
from sqlalchemy.orm import Session

from actionmail.db.base import Instant
from actionmail.db.staff import AuditEntry, AuditLink
from actionmail.rules.delivery.reasons import ActorKind
from actionmail.rules.staff.audit_chain import NO_LINK, link_of
from actionmail.rules.staff.audit_codes import BY_A_PROGRAM, BY_THE_CLOCK, Attempt, AuditAction, ObjectKind

Value = str | int | list[str]
NOBODY = 0  # the account of whoever named none that there is


def record(
    session: Session,
    action: AuditAction,
    kind: ObjectKind,
    key: str | int,
    *,
    by: int | None,
    now: datetime,
    **details: Value,
) -> None:
    """Write that `by` did this to that: a staff member's number, None for the command line, the clock or a program.

    `key` and `details` name things and tell codes and numbers, never a supporter. Empty values are left out.
    """
    stated = {name: value for name, value in details.items() if value not in ("", [])}
    entry = AuditEntry(
        at=now,
        actor_kind=_actor(action, by).value,
        actor_id=by,
        action=action.value,
        object_kind=kind.value,
        object_key=str(key),
        details=stated,
        verb="",
        subject="",
    )
    session.add(entry)
    if _UNCHAINED not in session.info:
        session.info[_UNCHAINED] = []
        event.listen(session, "before_commit", _chain)
    session.info[_UNCHAINED].append(entry)


def _chain(session: Session) -> None:
    """Make links of what was recorded since the last commit. What was undone meanwhile is none."""
    if session.in_nested_transaction():
        return
    session.flush()
    entries = [entry for entry in session.info[_UNCHAINED] if inspect(entry).persistent]
    session.info[_UNCHAINED] = []
    if not entries:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    head = session.execute(select(AuditLink.position, AuditLink.sha256).order_by(AuditLink.position.desc()).limit(1))
    position, link = head.one_or_none() or (0, NO_LINK)
    links = []
    for entry in sorted(entries, key=lambda entry: entry.id):
        position, link = position + 1, link_of(link, entry)
        links.append({"position": position, "entry_id": entry.id, "sha256": link})
    session.execute(insert(AuditLink), links)


_UNCHAINED = "unchained audit entries"
_CHAIN_LOCK = 0x61637432  # of PostgreSQL's advisory locks: any number that nothing else of ours takes


def _actor(action: AuditAction, by: int | None) -> ActorKind:
    if action in BY_THE_CLOCK:
        return ActorKind.CLOCK
    if action in BY_A_PROGRAM:
        return ActorKind.PROGRAM
    return ActorKind.STAFF if by is not None else ActorKind.COMMAND_LINE


_COUNT = text(
    "INSERT INTO staff_attempts (hour, attempt, staff_id, count, last_at) "
    "VALUES (:hour, :attempt, :staff_id, 1, :now) "
    "ON CONFLICT (hour, attempt, staff_id) DO UPDATE SET count = staff_attempts.count + 1, last_at = excluded.last_at"
).bindparams(bindparam("hour", type_=Instant()), bindparam("now", type_=Instant()))


def count_attempt(session: Session, attempt: Attempt, staff_id: int | None, *, now: datetime) -> None:
    """Count what somebody tried who is not signed in: one row for each hour, kind and account, whoever tries how often.

    `staff_id` None: at no account that there is.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    parameters = {"hour": hour, "attempt": attempt.value, "staff_id": staff_id or NOBODY, "now": now}
    session.execute(_COUNT, parameters)
