"""What a supporter typed so far: kept between the steps, so that no step and no back button loses a word.

`privacy.retention.purge_drafts` ends it after a day; sending ends it at once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import JSON, ColumnElement, Connection, CursorResult, Text, bindparam, delete, select, text
from sqlalchemy import cast as as_text
from sqlalchemy.orm import Session

from actionmail.db.actions import Draft
from actionmail.db.base import Instant
from actionmail.db.prepared import Prepared


def new_key() -> str:
    """A key that nobody guesses; it later makes a double click one action."""
    return secrets.token_urlsafe(24)


def load(session: Session, key: str, *, campaign_id: int) -> dict[str, Any] | None:
    """The values kept under `key`, or None where there are none for this campaign."""
    draft = session.get(Draft, key) if key else None
    return dict(draft.values) if draft is not None and draft.campaign_id == campaign_id else None


def save(session: Session | Connection, key: str, *, campaign_id: int, values: dict[str, Any], now: datetime) -> None:
    """Keep `values` under `key`, in place of what was kept there, also by another press of a button at this moment."""
    _SAVE.run(session, key=key, campaign=campaign_id, typed=values, now=now)


_SAVE: Final = Prepared(
    text(
        'INSERT INTO drafts ("key", campaign_id, "values", updated_at) VALUES (:key, :campaign, :typed, :now) '
        'ON CONFLICT ("key") DO UPDATE SET campaign_id = excluded.campaign_id, "values" = excluded."values", '
        "updated_at = excluded.updated_at"
    ).bindparams(bindparam("typed", type_=JSON), bindparam("now", type_=Instant()))
)


def of_address(session: Session, address: str) -> Sequence[Draft]:
    """The drafts in which this address was typed, in whatever capitals; none for ""."""
    if not address:
        return []
    return session.scalars(select(Draft).where(_has(address)).order_by(Draft.updated_at)).all()


def drop_of_address(session: Session, address: str) -> int:
    """Delete the drafts in which this address was typed; how many, and none for ""."""
    if not address:
        return 0
    return cast(CursorResult[Any], session.execute(delete(Draft).where(_has(address)))).rowcount


def drop_all(session: Session, keys: Iterable[str]) -> None:
    """Delete what was kept under these keys."""
    session.execute(delete(Draft).where(Draft.key.in_(list(keys))))


def _has(address: str) -> ColumnElement[bool]:
    """As a whole value, since one address may be a part of another. Looked for in the text: PostgreSQL does not take
    apart what has a U+0000 in it, and whatever was typed is kept.
    """
    return as_text(Draft.values, Text).icontains(json.dumps(address), autoescape=True)


def drop(session: Session, key: str, *, campaign_id: int) -> None:
    """Delete what was kept under `key` for this campaign."""
    session.execute(delete(Draft).where(Draft.key == key, Draft.campaign_id == campaign_id))
