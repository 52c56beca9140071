"""The organisations under a statement, for staff: approved, declined, put together, and all of it taken back again.

Every change is of one action, locked, and of what staff saw of it: whoever was slower is told, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, not_, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.pictures import OrganisationLogo
from actionmail.flows.actions import logos, organisations
from actionmail.flows.actions.logos import Logo
from actionmail.flows.actions.organisations import Signer
from actionmail.flows.campaigns.reading import counted, is_merged, locked_campaign, undisputed
from actionmail.flows.review import decision_mail
from actionmail.flows.staff.audit import record
from actionmail.rules import speech
from actionmail.rules.actions.likely_duplicates import Likeness, likely_duplicates
from actionmail.rules.actions.organisations import Mark, mark_of
from actionmail.rules.actions.reviews import Review, decision_letter
from actionmail.rules.campaigns.campaign_form import revision
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.settings import Settings

ON_A_PAGE: Final = 50
MOST_GRACE: Final = 14 * 24  # hours after the deadline


class Standing(StrEnum):
    """Which organisations."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    MERGED = "merged"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"


class Row(Struct, frozen=True, kw_only=True):
    """An organisation with its contact, "" where that was erased. `revision` is of what staff decide on."""

    signer: Signer
    contact: str
    email: str
    role: str
    note: str
    says_another: bool  # than the one that the page asked about
    mark: Mark
    review: Review
    reason: str
    created_at: datetime
    reviewed_at: datetime | None
    is_merged: bool
    logo: Logo | None
    revision: str


class Alike(Struct, frozen=True, kw_only=True):
    """Another organisation that is likely the same."""

    signer: Signer
    reason: str


class Refusal(StrEnum):
    """Why nothing was changed."""

    UNKNOWN = "unknown"
    CHANGED = "changed"  # since the page was made
    GONE = "gone"  # withdrawn, erased or never confirmed
    MERGED = "merged"
    ITSELF = "itself"
    OTHER_IS_MERGED = "other-is-merged"
    NO_DEADLINE = "no-deadline"


class ReviewRefused(Exception):
    """Nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class SignerPage(Struct, frozen=True, kw_only=True):
    """Some of them, the oldest first; `earlier` and `later` are numbers to go on from, None at the ends."""

    rows: Sequence[Row]
    earlier: int | None
    later: int | None


def page(
    session: Session, campaign: Campaign, standing: Standing, *, after: int = 0, before: int | None = None
) -> SignerPage:
    """The first ON_A_PAGE above the number `after`, or the last below `before`.

    Whoever decided on the last ones of a page is shown those before it.
    """
    query = _rows(campaign, *_STANDING[standing])
    if before is None:
        later = _some(session, query.where(Action.id > after).order_by(Action.id))
        rows, has_later = later[:ON_A_PAGE], len(later) > ON_A_PAGE
        has_earlier = after > 0
        if rows or not has_earlier:
            return _page(rows, has_earlier=has_earlier, has_later=has_later)
    is_below = Action.id <= after if before is None else Action.id < before
    earlier = _some(session, query.where(is_below).order_by(Action.id.desc()))
    has_later = bool(_some(session, query.where(not_(is_below)).order_by(Action.id)))
    return _page(earlier[:ON_A_PAGE][::-1], has_earlier=len(earlier) > ON_A_PAGE, has_later=has_later)


def _some(session: Session, query: _Rows) -> list[Row]:
    """One more than ON_A_PAGE where there are more."""
    return [_row(*row) for row in session.execute(query.limit(ON_A_PAGE + 1))]


def _page(rows: Sequence[Row], *, has_earlier: bool, has_later: bool) -> SignerPage:
    return SignerPage(
        rows=rows,
        earlier=rows[0].signer.number if rows and has_earlier else None,
        later=rows[-1].signer.number if rows and has_later else None,
    )


def exported(session: Session, campaign: Campaign) -> list[Row]:
    """All that were not withdrawn and had to be confirmed by nobody, the oldest first."""
    query = _rows(campaign, *undisputed()).order_by(Action.id)
    return [_row(*row) for row in session.execute(query)]


_Rows = Select[Action, bool, OrganisationLogo | None]


def _rows(campaign: Campaign, *conditions: ColumnElement[bool]) -> _Rows:
    query = select(Action, is_merged(), OrganisationLogo)
    joined = query.outerjoin(OrganisationLogo, OrganisationLogo.action_id == Action.id)
    return joined.where(Action.campaign_id == campaign.id, *conditions)


def counts(session: Session, campaign: Campaign) -> dict[Standing, int]:
    """How many, by standing."""
    every = {}
    for standing, conditions in _STANDING.items():
        query = select(func.count()).select_from(Action).where(Action.campaign_id == campaign.id, *conditions)
        every[standing] = session.scalar(query) or 0
    return every


def alike(session: Session, campaign: Campaign) -> dict[int, list[Alike]]:
    """By number, those that are likely the same as this one and stand beside it: approved, or still to be looked at."""
    query = select(Action.id, Action.details).where(
        Action.campaign_id == campaign.id, *undisputed(), Action.review != Review.DECLINED, not_(is_merged())
    )
    signers = {row.id: organisations.signer(row.id, row.details) for row in session.execute(query.order_by(Action.id))}
    alike_by_number: dict[int, list[Alike]] = {}
    for likeness in likely_duplicates(list(map(organisations.named, signers.values()))):
        _pair(alike_by_number, signers, likeness)
    return alike_by_number


def _pair(alike_by_number: dict[int, list[Alike]], signers: Mapping[int, Signer], likeness: Likeness) -> None:
    first, second = int(likeness.first), int(likeness.second)
    alike_by_number.setdefault(first, []).append(Alike(signer=signers[second], reason=likeness.reason))
    alike_by_number.setdefault(second, []).append(Alike(signer=signers[first], reason=likeness.reason))


class Change(Struct, frozen=True, kw_only=True):
    """On which action somebody decides what: `seen` is the revision that was on their page."""

    number: int
    seen: str
    by: int
    now: datetime


def approve(session: Session, campaign: Campaign, change: Change, *, settings: Settings) -> None:
    """Let it stand in the public list, and tell its contact. Raises ReviewRefused."""
    action = _locked(session, campaign, change)
    _decide(session, campaign, action, change, review=Review.APPROVED, settings=settings)
    _record(session, AuditAction.ORGANISATION_APPROVED, action, change)


def decline(session: Session, campaign: Campaign, change: Change, *, reason: str, settings: Settings) -> None:
    """Keep it out of the public list, and tell its contact why. Raises ReviewRefused."""
    action = _locked(session, campaign, change)
    action.review_reason = reason
    _decide(session, campaign, action, change, review=Review.DECLINED, settings=settings)
    _record(session, AuditAction.ORGANISATION_DECLINED, action, change)


def reopen(session: Session, campaign: Campaign, change: Change) -> None:
    """Take back what was decided: it is looked at again. A mail that has left has left. Raises ReviewRefused."""
    action = _locked(session, campaign, change)
    before = action.review
    organisations.look_again(session, action)
    _record(session, AuditAction.ORGANISATION_REOPENED, action, change, before=before)


def merge(session: Session, campaign: Campaign, change: Change, *, into: int) -> None:
    """Let the action `into` stand for this one too. Raises ReviewRefused."""
    if into == change.number:
        raise ReviewRefused(Refusal.ITSELF)
    # In the order of their numbers, so that two who put the same together crosswise wait and do not block each other.
    numbers = select(Action.id).where(Action.id.in_((into, change.number)), Action.campaign_id == campaign.id)
    session.execute(numbers.order_by(Action.id).with_for_update())
    action = _locked(session, campaign, change)
    other = _action(session, campaign, into)
    if _is_merged(session, action):
        raise ReviewRefused(Refusal.MERGED)
    if not _stands(other) or other.review == Review.DECLINED:
        raise ReviewRefused(Refusal.GONE)
    if _is_merged(session, other):
        raise ReviewRefused(Refusal.OTHER_IS_MERGED)
    other.merged_into = None  # in one that does not count: so that no circle can come of it, should that count again
    action.merged_into = into
    _record(session, AuditAction.ORGANISATION_MERGED, action, change, into=into)


def part(session: Session, campaign: Campaign, change: Change) -> None:
    """Undo `merge`: it stands for itself, as it was decided. Raises ReviewRefused."""
    action = _locked(session, campaign, change)
    if (out_of := action.merged_into) is None:
        raise ReviewRefused(Refusal.CHANGED)
    action.merged_into = None
    _record(session, AuditAction.ORGANISATION_PARTED, action, change, out_of=out_of)


def give_grace(session: Session, slug: str, *, hours: int, by: int | None, now: datetime) -> datetime | None:
    """Take signatures for so many hours after the deadline, 0 for none; until when, None where that is the deadline.

    The campaign is locked: whoever signs at this moment does so before or after it. Raises ReviewRefused and
    UnknownCampaign.
    """
    campaign = locked_campaign(session, slug)
    if campaign.deadline_at is None:
        raise ReviewRefused(Refusal.NO_DEADLINE)
    until = campaign.deadline_at + timedelta(hours=hours) if hours else None
    if until == campaign.grace_until:
        return until
    campaign.grace_until = until
    if until is None:
        record(session, AuditAction.GRACE_ENDED, ObjectKind.CAMPAIGN, slug, by=by, now=now)
    else:
        until_text = until.isoformat(timespec="minutes")
        record(session, AuditAction.GRACE_GIVEN, ObjectKind.CAMPAIGN, slug, by=by, now=now, until=until_text)
    return until


def _action(session: Session, campaign: Campaign, number: int) -> Action:
    query = select(Action).where(Action.id == number, Action.campaign_id == campaign.id, Action.review != "")
    action = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if action is None:
        raise ReviewRefused(Refusal.UNKNOWN)
    return action


def _locked(session: Session, campaign: Campaign, change: Change) -> Action:
    """The action as it is now, which is as it was seen."""
    action = _action(session, campaign, change.number)
    if not _stands(action):
        raise ReviewRefused(Refusal.GONE)
    if _revision(action, session.get(OrganisationLogo, action.id, populate_existing=True)) != change.seen:
        raise ReviewRefused(Refusal.CHANGED)
    return action


def _is_merged(session: Session, action: Action) -> bool:
    return bool(session.scalar(select(is_merged()).where(Action.id == action.id)))


def _stands(action: Action) -> bool:
    return action.cancelled_at is None and action.invalid_at is None and not action.unconfirmed


def _decide(
    session: Session, campaign: Campaign, action: Action, change: Change, *, review: Review, settings: Settings
) -> None:
    action.review = review
    action.reviewed_at = change.now
    with speech.as_kept(action.language):
        letter = decision_letter(decision_mail.decision_of(campaign, action, settings))
    decision_mail.put(session, action, letter, now=change.now, settings=settings)


def _record(session: Session, done: AuditAction, action: Action, change: Change, **details: str | int) -> None:
    record(session, done, ObjectKind.ACTION, action.id, by=change.by, now=change.now, **details)


def _revision(action: Action, logo: OrganisationLogo | None) -> str:
    """Of what staff see when they decide."""
    seen = [action.review, action.merged_into, action.details, action.name, action.email]
    return revision({"seen": seen, "logo": [logo.sha256, logo.alternative] if logo else []})


def _row(action: Action, merged: bool, logo: OrganisationLogo | None) -> Row:
    details: Mapping[str, Any] = action.details
    return Row(
        signer=organisations.signer(action.id, details),
        contact=action.name,
        email=action.email,
        role=details.get("role", ""),
        note=details.get("note", ""),
        says_another=bool(details.get("is_another")),
        mark=mark_of(action.email, details.get("website", "")) if action.email else Mark.NONE,
        review=Review(action.review),
        reason=action.review_reason,
        created_at=action.created_at,
        reviewed_at=action.reviewed_at,
        is_merged=merged,
        logo=logos.of_row(logo) if logo else None,
        revision=_revision(action, logo),
    )


_STANDING: Final[Mapping[Standing, Sequence[ColumnElement[bool]]]] = {
    Standing.WAITING: (*undisputed(), Action.review == Review.WAITING, not_(is_merged())),
    Standing.APPROVED: counted(),
    Standing.DECLINED: (*undisputed(), Action.review == Review.DECLINED, not_(is_merged())),
    Standing.MERGED: (*undisputed(), is_merged()),
    Standing.UNCONFIRMED: (Action.unconfirmed.is_(True), Action.cancelled_at.is_(None)),
    Standing.WITHDRAWN: (Action.cancelled_at.is_not(None),),
}
