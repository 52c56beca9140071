"""Finding one supporter: by e-mail address, by a part of their name, or by the link of a receipt.

Whoever acted under one address, in whatever capitals, is one supporter; that is also what makes a letter theirs
(`flows.actions.submitting.supporter_key_of`). In addresses of pages and in the audit trail a supporter is named by the
number of one of their actions, so that nobody's name or address gets into a browser's history or a log.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.actions import search_index
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.address_bucket import bucket_of
from actionmail.rules.actions.invisible_marks import sought
from actionmail.rules.actions.search_words import SearchTerm, search_terms
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind, SoughtBy

ON_A_PAGE: Final = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LINK = re.compile(r"/receipts/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


class Hit(Struct, frozen=True, kw_only=True):
    """One action of somebody; name and address are "" once they were erased."""

    number: int
    at: datetime
    name: str
    email: str
    campaign: str  # title


def by_address(session: Session, address: str) -> Sequence[Hit]:
    """What was done under this address, the newest first: one more than ON_A_PAGE where there are more."""
    return _hits(session, _under(address))


def by_name(session: Session, part: str, *, before: int | None = None) -> Sequence[Hit]:
    """Actions of people with this in their names, the newest first: one more than ON_A_PAGE where there are more.

    `before`: below this number.
    """
    wanted = sought(part)
    if not wanted:
        return []
    conditions = [Action.name.icontains(wanted, autoescape=True), Action.erased_at.is_(None)]
    if before is not None:
        conditions.append(Action.id < before)
    terms = search_terms(wanted)
    if not terms or any(term.is_whole for term in terms):  # which the index knows as whole words alone
        return _hits(session, *conditions)
    start = before - 1 if before is not None else None
    return _hits(session, Action.id.in_(_with_words(session, terms, conditions, start)))


def _with_words(
    session: Session, terms: Sequence[SearchTerm], conditions: Sequence[ColumnElement[bool]], start: int | None
) -> list[int]:
    """The numbers of the newest that fit, by the index, and of those that are not in it yet; more than are shown."""

    def fits(number: ColumnElement[int]) -> Select[Any]:
        return select(Action.id).where(Action.id == number, *conditions)

    numbers = session.scalars(search_index.hits(session, terms, fits, limit=ON_A_PAGE + 1, start=start))
    new = select(Action.id).where(~Action.is_searchable, *conditions).order_by(Action.id.desc()).limit(ON_A_PAGE + 1)
    return [*numbers, *session.scalars(new)]


def by_receipt(session: Session, link: str) -> int | None:
    """The number of the action whose receipt this link, or its token alone, opens; None where it opens none."""
    token = _LINK.search(link) or _TOKEN.fullmatch(link.strip())
    if token is None:
        return None
    return session.scalar(select(Action.id).where(Action.receipt_token == token[token.lastindex or 0]))


def of_action(session: Session, number: int | None) -> Sequence[Hit]:
    """What the supporter of this action did, the newest first, as `by_address` does; nothing for None."""
    action = session.get(Action, number) if number is not None else None
    return _hits(session, theirs(action)) if action is not None else []


def note_search(session: Session, sought_by: SoughtBy, count: int, *, by: int | None, now: datetime) -> None:
    """Write into the audit trail that somebody was shown a list of supporters."""
    details: dict[str, str | int] = {"sought_by": sought_by.value, "count": count}
    record(session, AuditAction.SUPPORTERS_LISTED, ObjectKind.PAGE, "supporters", by=by, now=now, **details)


def theirs(action: Action) -> ColumnElement[bool]:
    """The actions of the supporter of this one; of one that was erased, or that has no address, itself alone."""
    if not action.email:
        return Action.id == action.id
    return _under(action.email)


def _under(address: str) -> ColumnElement[bool]:
    return and_(Action.address_bucket == bucket_of(address), func.lower(Action.email) == address.lower())


def _hits(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Hit]:
    rows = session.execute(
        select(Action.id, Action.created_at, Action.name, Action.email, Campaign.title)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(*conditions)
        .order_by(Action.id.desc())
        .limit(ON_A_PAGE + 1)
    )
    hits = []
    for row in rows:
        hits.append(Hit(number=row.id, at=row.created_at, name=row.name, email=row.email, campaign=row.title))
    return hits
