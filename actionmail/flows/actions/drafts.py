"""What a supporter typed so far: kept between the steps, so that no step and no back button loses a word.

`privacy.retention.purge_drafts` ends it after a day; sending ends it at once.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from actionmail.db.actions import Draft


def new_key() -> str:
    """A key that nobody guesses; it later makes a double click one action."""
    return secrets.token_urlsafe(24)


def load(session: Session, key: str, *, campaign_id: int) -> dict[str, Any] | None:
    """The values kept under `key`, or None where there are none for this campaign."""
    draft = session.get(Draft, key) if key else None
    return dict(draft.values) if draft is not None and draft.campaign_id == campaign_id else None


def save(session: Session, key: str, *, campaign_id: int, values: dict[str, Any], now: datetime) -> None:
    """Keep `values` under `key`, in place of what was kept there."""
    session.merge(Draft(key=key, campaign_id=campaign_id, values=values, updated_at=now))


def drop(session: Session, key: str, *, campaign_id: int) -> None:
    """Delete what was kept under `key` for this campaign."""
    session.execute(delete(Draft).where(Draft.key == key, Draft.campaign_id == campaign_id))
