"""Publishing, scheduling, pausing, closing: no fault goes live, and nobody publishes what they did not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.staff import StaffMember
from actionmail.flows.campaigns.reading import campaign_revision, last_author, locked_campaign, matrix
from actionmail.flows.campaigns.refusals import ChangeRefused, Overtaken, Seen
from actionmail.flows.campaigns.saving import today_of
from actionmail.flows.delivery import campaign_holds
from actionmail.flows.staff.audit import record
from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.columns import CAMPAIGN, check_value
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.value_checks import in_zone
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind


class StatusChange(StrEnum):
    """What staff may do to a campaign's status."""

    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    CLOSE = "close"
    ARCHIVE = "archive"
    BRING_BACK = "bring-back"

    @property
    def opens_page(self) -> bool:
        """Whether supporters read the campaign's page because of it, now or at its time."""
        return self in (StatusChange.PUBLISH, StatusChange.SCHEDULE)


# From which status, to which, and how the audit trail calls it.
_CHANGES: Mapping[StatusChange, tuple[frozenset[str], str, AuditAction]] = {
    StatusChange.PUBLISH: (
        frozenset({"draft", "scheduled", "paused", "closed"}),
        "live",
        AuditAction.CAMPAIGN_PUBLISHED,
    ),
    StatusChange.SCHEDULE: (frozenset({"draft", "scheduled"}), "scheduled", AuditAction.CAMPAIGN_SCHEDULED),
    StatusChange.UNSCHEDULE: (frozenset({"scheduled"}), "draft", AuditAction.CAMPAIGN_UNSCHEDULED),
    StatusChange.PAUSE: (frozenset({"live"}), "paused", AuditAction.CAMPAIGN_PAUSED),
    StatusChange.CLOSE: (frozenset({"live", "paused"}), "closed", AuditAction.CAMPAIGN_CLOSED),
    StatusChange.ARCHIVE: (frozenset({"draft", "closed"}), "archived", AuditAction.CAMPAIGN_ARCHIVED),
    StatusChange.BRING_BACK: (frozenset({"archived"}), "draft", AuditAction.CAMPAIGN_BROUGHT_BACK),
}


_ON_THE_WAY = (State.QUEUED, State.SENDING, State.DEFERRED, State.AMBIGUOUS)


def changes(campaign: Campaign) -> list[StatusChange]:
    """What may be done to the campaign's status now."""
    return [change for change, (before, _, _) in _CHANGES.items() if campaign.status in before]


def waiting(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's letters are on their way to the mail server, held ones not counted."""
    return _in_states(session, campaign, _ON_THE_WAY)


def unconfirmed(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's letters wait for their supporters to confirm them by mail."""
    return _in_states(session, campaign, (State.UNCONFIRMED,))


def _in_states(session: Session, campaign: Campaign, states: Sequence[State]) -> int:
    counted = select(func.count()).where(Message.campaign_id == campaign.id, Message.state.in_(states))
    return session.scalar(counted) or 0


class Waiting(StrEnum):
    """What becomes of letters with the change: of those that wait, or that were held back before."""

    AS_IT_IS = ""
    HOLD = "hold"
    RELEASE = "release"


class Choice(Struct, frozen=True, kw_only=True):
    """How to change a status. `opens_at` is for SCHEDULE; without an offset it is meant in the campaign's time zone.

    `letters` is one of the change's `effects.letter_choices`; another one changes nothing. `seen` is the
    `campaign_revision` of what was on the page, "" where nobody looked. `two_people`: nobody opens what they wrote.
    """

    opens_at: datetime | None = None
    letters: Waiting = Waiting.AS_IT_IS
    seen: str = ""
    two_people: bool = False


AS_IT_IS = Choice()


def change_status(
    session: Session,
    slug: str,
    change: StatusChange,
    *,
    by: int | None,
    now: datetime,
    how: Choice = AS_IT_IS,
) -> Campaign:
    """Publish, pause or close, and note it in the audit trail; `by` is the staff member, None the command line.

    Raises UnknownCampaign; Overtaken where the campaign is no longer what `how.seen` tells that somebody saw;
    ChangeRefused where the campaign does not stand where the change may begin, and where publishing it would let a
    faulty letter out, or with `how.two_people` where who publishes is who wrote last.
    """
    campaign = locked_campaign(session, slug)
    check_status(campaign, change)
    if how.seen and campaign_revision(campaign) != how.seen:
        raise Overtaken({}, last_author(session, campaign), Seen.CAMPAIGN)
    opens_at = _opening(campaign, change, how.opens_at, now)
    if change.opens_page:
        refuse_unfit(session, campaign, opens_at or now, change)
        if how.two_people:
            _refuse_own(session, campaign, change, by)
    details: dict[str, str | int] = {"before": campaign.status, "waiting": waiting(session, campaign)}
    details |= _move_letters(session, campaign, change, how.letters, actor=Actor.staff(by), now=now)
    _, after, action = _CHANGES[change]
    if after == "live":
        campaign_holds.lift(campaign)
        note_opening(campaign, now)
    campaign.status = after
    campaign.opens_at, campaign.not_opened = opens_at, ""
    campaign.updated_at = now
    record(session, action, ObjectKind.CAMPAIGN, slug, by=by, now=now, **details)
    session.flush()
    return campaign


def note_opening(campaign: Campaign, now: datetime) -> None:
    """Remember the day on which it first was open."""
    campaign.opened_on = campaign.opened_on or today_of(campaign.timezone, now)


def _opening(campaign: Campaign, change: StatusChange, opens_at: datetime | None, now: datetime) -> datetime | None:
    """When a campaign that is scheduled opens; None for every other change. Raises ChangeRefused."""
    if change is not StatusChange.SCHEDULE:
        return None
    try:
        instant = in_zone(check_value(CAMPAIGN, "opens", opens_at), campaign.timezone)
    except CampaignValueError as error:
        raise ChangeRefused("publishing.wrong-time", slug=campaign.slug, problem=error.problem) from None
    if instant is None or instant <= now:
        raise ChangeRefused("publishing.time-passed", slug=campaign.slug)
    return instant


def _refuse_own(session: Session, campaign: Campaign, change: StatusChange, by: int | None) -> None:
    """Raises ChangeRefused where who would open the page is who wrote on it last."""
    person = session.get(StaffMember, by) if by is not None else None
    if person is not None and person.email == last_author(session, campaign):
        raise ChangeRefused("publishing.own-words", slug=campaign.slug, change=change.value)


def _move_letters(
    session: Session, campaign: Campaign, change: StatusChange, letters: Waiting, *, actor: Actor, now: datetime
) -> dict[str, int]:
    """Hold back or release what waits, where the change allows it; how many, for the audit trail."""
    if letters is Waiting.HOLD and change in (StatusChange.PAUSE, StatusChange.CLOSE):
        return {"held": campaign_holds.hold(session, campaign.id, actor=actor, now=now)}
    if letters is Waiting.RELEASE and change is StatusChange.PUBLISH:
        return {"released": campaign_holds.release(session, campaign.id, actor=actor, now=now)}
    return {}


def check_status(campaign: Campaign, change: StatusChange) -> None:
    """Raises ChangeRefused where the campaign does not stand where the change may begin."""
    if campaign.status not in _CHANGES[change][0]:
        status = campaign.status
        raise ChangeRefused("publishing.wrong-status", slug=campaign.slug, change=change.value, status=status)


def refuse_unfit(session: Session, campaign: Campaign, opens_at: datetime, change: StatusChange) -> None:
    """Raises ChangeRefused where the page cannot open at that time: deadline, text or letters forbid it."""
    values: dict[str, Any] = {"slug": campaign.slug, "change": change.value}
    if campaign.deadline_at is not None and campaign.deadline_at <= opens_at:
        is_over = change is StatusChange.PUBLISH
        raise ChangeRefused("publishing.deadline-passed" if is_over else "publishing.deadline-before", **values)
    if not campaign.summary:
        raise ChangeRefused("publishing.no-text", **values)
    for problem in kinds.problems(campaign.kind, campaign.details, campaign.translations, state=campaign.state):
        raise ChangeRefused("publishing.lacking", problem=problem, **values)
    checked = matrix(session, campaign.slug)
    if not checked.is_clean:
        first = checked.faults[0]
        details = {**values, "count": len(checked.faults), "letter": first.letter, "problem": first.problem}
        raise ChangeRefused("publishing.faults", matrix=checked, **details)
