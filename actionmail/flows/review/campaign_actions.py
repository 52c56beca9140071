"""What supporters did on a campaign without letters: listed, counted, taken out of the count, and put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.reading import counted, undisputed
from actionmail.flows.delivery.private_words import without_any_of
from actionmail.flows.review.crowd_cleaning import By, start_letters, stop_letters
from actionmail.flows.staff.audit import record
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind

ON_A_PAGE = 50
LONGEST_REASON = 200


class Standing(StrEnum):
    """Whether an action counts."""

    COUNTS = "counts"
    INVALID = "invalid"
    WAITING = "waiting"  # to be confirmed
    NOT_APPROVED = "not-approved"  # by staff, who look at its kind first
    TAKEN_BACK = "taken-back"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which actions. `text` is a part of name, e-mail address or ZIP code; the days are the campaign's own."""

    standing: Standing = Standing.COUNTS
    text: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None


class CountChanged(Exception):
    """Not as many fit as were shown: now it is `count`."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def listed(session: Session, campaign: Campaign, wanted: Wanted, *, before: int | None = None) -> Sequence[Action]:
    """The newest that fit, below the number `before`: one more than ON_A_PAGE where there are more."""
    query = select(Action).where(*_fitting(campaign, wanted)).order_by(Action.id.desc()).limit(ON_A_PAGE + 1)
    return session.scalars(query if before is None else query.where(Action.id < before)).all()


def count(session: Session, campaign: Campaign, wanted: Wanted) -> int:
    """How many fit."""
    return session.scalar(select(func.count()).select_from(Action).where(*_fitting(campaign, wanted))) or 0


def invalidate(
    session: Session, campaign: Campaign, wanted: Wanted, *, seen: int, reason: str, by: int, now: datetime
) -> int:
    """Take all that fit out of the count, with their letters, and note why in the audit trail; how many.

    Raises CountChanged. The reason is kept without any of their supporters, should it name one.
    Their mailboxes stay taken: what was found not to be genuine is not made so by doing it again.
    """
    ids = _locked(session, campaign, wanted, seen)
    kept = reason
    for some in _batches(ids):
        kept = without_any_of(session, kept, Action.id.in_(some))
    kept = kept[:LONGEST_REASON]  # what is left out is longer than a short name
    _set(session, ids, {"invalid_at": now, "invalid_reason": kept})
    stop_letters(session, ids, reason=kept, by=By(staff=by, now=now))
    details: dict[str, str | int] = {"count": len(ids), "reason": kept}
    record(session, AuditAction.ACTIONS_INVALIDATED, ObjectKind.CAMPAIGN, campaign.slug, by=by, now=now, **details)
    return len(ids)


def restore(session: Session, campaign: Campaign, wanted: Wanted, *, seen: int, by: int, now: datetime) -> int:
    """Put all that fit back into the count; how many. Raises CountChanged."""
    ids = _locked(session, campaign, wanted, seen)
    _set(session, ids, {"invalid_at": None, "invalid_reason": ""})
    start_letters(session, ids, by=By(staff=by, now=now))
    record(session, AuditAction.ACTIONS_RESTORED, ObjectKind.CAMPAIGN, campaign.slug, by=by, now=now, count=len(ids))
    return len(ids)


def _locked(session: Session, campaign: Campaign, wanted: Wanted, seen: int) -> list[int]:
    query = select(Action.id).where(*_fitting(campaign, wanted)).order_by(Action.id).with_for_update()
    ids = list(session.scalars(query))
    if len(ids) != seen:
        raise CountChanged(len(ids))
    return ids


_AT_ONCE = 500  # SQLite takes some thousands of values in one statement


def _set(session: Session, ids: Sequence[int], values: dict[str, object]) -> None:
    for some in _batches(ids):
        session.execute(update(Action).where(Action.id.in_(some)).values(**values))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _fitting(campaign: Campaign, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Action.campaign_id == campaign.id, *_STANDING[wanted.standing]]
    if wanted.text:
        columns = (Action.name, Action.email, Action.zip)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    if wanted.state:
        conditions.append(Action.state == wanted.state)
    zone = ZoneInfo(campaign.timezone)
    if wanted.since:
        conditions.append(Action.created_at >= datetime.combine(wanted.since, time.min, zone))
    if wanted.until:
        conditions.append(Action.created_at < datetime.combine(wanted.until + timedelta(days=1), time.min, zone))
    return conditions


_STANDING: dict[Standing, tuple[ColumnElement[bool], ...]] = {
    Standing.COUNTS: counted(),
    Standing.INVALID: (Action.invalid_at.is_not(None), Action.cancelled_at.is_(None)),
    Standing.WAITING: (Action.unconfirmed.is_(True), Action.cancelled_at.is_(None)),
    Standing.NOT_APPROVED: (*undisputed(), not_(and_(*counted()))),
    Standing.TAKEN_BACK: (Action.cancelled_at.is_not(None),),
}
