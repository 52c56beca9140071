"""Letters as programs of the staff read them: page by page, or one with its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.review.filters import CannotMatch, Filter
from actionmail.flows.review.message_detail import HistoryStep, history
from actionmail.flows.review.message_filter import Place, matching


class PlaceIsGone(Exception):
    """The letter behind which a page was to begin does not fit the filter any more, so nobody knows what comes next."""


@dataclass(frozen=True, kw_only=True)
class LetterRecord:
    """One letter. `subject`, `supporter`, `email` and `action` are whose it is; the first three "" once erased."""

    id: int
    made_at: datetime
    updated_at: datetime
    campaign: str  # slug
    letter: str  # its name among the campaign's
    legislator: str  # key in the roster
    target_name: str
    us_state: str
    chamber: str
    district: str
    party: str
    recipient: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    expires_at: datetime
    possible_duplicate: bool
    message_id: str
    sha256: str
    action: int
    subject: str
    supporter: str
    email: str


def letters(
    session: Session, wanted: Filter, *, limit: int, behind: int | None
) -> tuple[Sequence[LetterRecord], int | None]:
    """The letters behind the letter `behind`, or the newest, at most `limit`; and behind which to go on, None: no more.

    Raises PlaceIsGone.
    """
    place = Place(id=behind) if behind is not None else None
    try:
        ids = list(session.scalars(matching(session, wanted, limit=limit + 1, place=place)))
    except CannotMatch:
        if place is not None:
            raise PlaceIsGone from None
        return (), None
    shown = ids[:limit]
    rows = {row.id: _record(row) for row in session.execute(_query().where(Message.id.in_(shown)))}
    return [rows[id_] for id_ in shown if id_ in rows], shown[-1] if len(ids) > limit else None


def letter(session: Session, number: int) -> tuple[LetterRecord, Sequence[HistoryStep]] | None:
    """One letter with all that happened to it, the oldest first."""
    row = session.execute(_query().where(Message.id == number)).one_or_none()
    return (_record(row), history(session, number)) if row is not None else None


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id,
            Message.created_at.label("made_at"),
            Message.updated_at,
            Campaign.slug.label("campaign"),
            Letter.name.label("letter"),
            Legislator.key.label("legislator"),
            Message.target_name,
            Legislator.state.label("us_state"),
            Legislator.chamber,
            Legislator.district,
            Legislator.party,
            Message.recipient,
            Message.state,
            Message.attempts,
            Message.next_attempt_at,
            Message.expires_at,
            Message.possible_duplicate,
            Message.message_id,
            Message.sha256,
            Message.action_id.label("action"),
            Message.subject,
            Action.name.label("supporter"),
            Action.email,
        )
        .join(Campaign, Campaign.id == Message.campaign_id)
        .join(Letter, Letter.id == Message.letter_id)
        .join(Legislator, Legislator.id == Message.legislator_id)
        .join(Action, Action.id == Message.action_id)
    )


def _record(row: Row[*tuple[Any, ...]]) -> LetterRecord:
    return LetterRecord(**row._mapping)
