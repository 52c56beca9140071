"""Publishing, scheduling, pausing, closing: what each will do is said before, and no fault goes live.

A scheduled campaign opens by itself: whoever comes first once its time is there, a visitor of its page or the worker,
has `open_due` look at it again and open it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.staff import AuditEntry, StaffMember
from actionmail.flows.campaigns.reading import UnknownCampaign, last_author, matrix
from actionmail.flows.campaigns.saving import ChangeRefused, fault_sentence
from actionmail.flows.delivery import campaign_holds
from actionmail.rules.campaigns.campaign_file import CampaignValueError, check_value, in_zone
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State


class Change(StrEnum):
    """What staff may do to a campaign's status."""

    PUBLISH = "publish"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    CLOSE = "close"
    ARCHIVE = "archive"
    BRING_BACK = "bring-back"

    @property
    def words(self) -> str:
        return self.value.replace("-", " ")

    @property
    def opens_page(self) -> bool:
        """Whether supporters read the campaign's page because of it, now or at its time."""
        return self in (Change.PUBLISH, Change.SCHEDULE)


# From which status, to which, and the verb of the audit trail.
_CHANGES: Mapping[Change, tuple[frozenset[str], str, str]] = {
    Change.PUBLISH: (frozenset({"draft", "scheduled", "paused", "closed"}), "live", "published"),
    Change.SCHEDULE: (frozenset({"draft", "scheduled"}), "scheduled", "scheduled"),
    Change.UNSCHEDULE: (frozenset({"scheduled"}), "draft", "unscheduled"),
    Change.PAUSE: (frozenset({"live"}), "paused", "paused"),
    Change.CLOSE: (frozenset({"live", "paused"}), "closed", "closed"),
    Change.ARCHIVE: (frozenset({"draft", "closed"}), "archived", "archived"),
    Change.BRING_BACK: (frozenset({"archived"}), "draft", "brought back"),
}


_ON_THE_WAY = (State.QUEUED, State.SENDING, State.DEFERRED, State.AMBIGUOUS)


def changes(campaign: Campaign) -> list[Change]:
    """What may be done to the campaign's status now."""
    return [change for change, (before, _, _) in _CHANGES.items() if campaign.status in before]


def waiting(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's letters are on their way to the mail server, held ones not counted."""
    return _in_states(session, campaign, _ON_THE_WAY)


def unconfirmed(session: Session, campaign: Campaign) -> int:
    """How many of the campaign's letters wait for their supporters to confirm them by mail."""
    return _in_states(session, campaign, (State.UNCONFIRMED,))


def _in_states(session: Session, campaign: Campaign, states: Sequence[State]) -> int:
    wanted = [state.value for state in states]
    counted = select(func.count()).where(Message.campaign_id == campaign.id, Message.state.in_(wanted))
    return session.scalar(counted) or 0


class Waiting(StrEnum):
    """What becomes of letters with the change: of those that wait, or that were held back before."""

    AS_IT_IS = ""
    HOLD = "hold"
    RELEASE = "release"


def effect(session: Session, campaign: Campaign, change: Change, letters: Waiting = Waiting.AS_IT_IS) -> str:
    """What the change will do, before it is done: to the page, and to the letters that are waiting.

    Raises ChangeRefused where the campaign does not stand where the change may begin.
    """
    return f"{page_effect(session, campaign, change)} {letters_effect(session, campaign, change, letters)}"


def letter_choices(session: Session, campaign: Campaign, change: Change) -> list[tuple[Waiting, str]]:
    """What staff may choose for the letters, each with what it does, the usual first; [] where nothing is to choose."""
    other = Waiting.RELEASE if change is Change.PUBLISH else Waiting.HOLD
    if change not in _MAY_CHOOSE or not _concerned(session, campaign, other):
        return []
    return [(one, letters_effect(session, campaign, change, one)) for one in (Waiting.AS_IT_IS, other)]


_MAY_CHOOSE = frozenset({Change.PUBLISH, Change.PAUSE, Change.CLOSE})


def _concerned(session: Session, campaign: Campaign, letters: Waiting) -> int:
    count = campaign_holds.held_back if letters is Waiting.RELEASE else campaign_holds.may_be_held
    return count(session, campaign.id)


def letters_effect(session: Session, campaign: Campaign, change: Change, letters: Waiting = Waiting.AS_IT_IS) -> str:
    """What becomes of the letters with the change."""
    count = waiting(session, campaign)
    if count == 0:
        said = "No letter is waiting to be sent."
    elif count == 1:
        said = "1 letter that a supporter has sent already is waiting; it goes out all the same."
    else:
        said = f"{count:,} letters that supporters have sent already are waiting; they go out all the same."
    held = _concerned(session, campaign, Waiting.RELEASE)
    were, stay = ("1 letter was", "stays") if held == 1 else (f"{held:,} letters were", "stay")
    if letters is Waiting.HOLD and count:
        some = _concerned(session, campaign, Waiting.HOLD)
        are = "1 letter that waits is" if some == 1 else f"{some:,} letters that wait are"
        said = (
            f"{are} held back: none goes out unless staff release it, and the supporter's receipt says so. What is "
            "being handed to the mail server at this moment still goes."
        )
    elif letters is Waiting.RELEASE and held:
        said = f"{were} held back before: released, to go out now, with as much time as a new one."
    elif held and change in _MAY_CHOOSE:
        said += f" {were} held back before, and {stay} so."
    return said


def _effect_on_unconfirmed(session: Session, campaign: Campaign, change: Change) -> str:
    count = unconfirmed(session, campaign) if change in _MAY_CHOOSE else 0
    if not count:
        return ""
    are = "1 letter is" if count == 1 else f"{count:,} letters are"
    ends = "it ends" if count == 1 else "they end"
    it = "it" if count == 1 else "them"
    if change is Change.PUBLISH:
        return f" {are} not confirmed by mail yet; supporters can confirm {it} once the page is open."
    return (
        f" {are} not confirmed by mail yet: nobody can confirm {it} or is asked to while the page is not open, and "
        f"{ends} 7 days after being written."
    )


def page_effect(session: Session, campaign: Campaign, change: Change) -> str:
    """What the change does to the page, and to letters that can be confirmed only while it is open.

    Raises ChangeRefused as `effect` does.
    """
    _check_status(campaign, change)
    said = {
        Change.PUBLISH: "The page opens at once, and supporters can send letters.",
        Change.SCHEDULE: (
            "The page opens by itself at the time that you give, if the letters have no fault then either. Until then "
            "it says when it opens, and no supporter can send a letter."
        ),
        Change.UNSCHEDULE: "The campaign is a draft again: nobody sees it before it is published or scheduled.",
        Change.PAUSE: "The page says that the campaign is paused, and no supporter can send a letter meanwhile.",
        Change.CLOSE: "The page says that the campaign is closed, and no supporter can send a letter.",
        Change.ARCHIVE: "The page is no longer to be seen, and the campaign leaves the list. Nothing of it is deleted.",
        Change.BRING_BACK: "The campaign is a draft again: nobody sees it before it is published.",
    }[change]
    return said + _effect_on_unconfirmed(session, campaign, change)


def change_status(
    session: Session,
    slug: str,
    change: Change,
    *,
    by: int | None,
    now: datetime,
    two_people: bool = False,
    opens_at: datetime | None = None,
    letters: Waiting = Waiting.AS_IT_IS,
) -> Campaign:
    """Publish, pause or close, and note it in the audit trail; `by` is the staff member, None the command line.

    `opens_at` is for SCHEDULE; without an offset it is meant in the campaign's time zone. `letters` is one of the
    change's `letter_choices`; another one changes nothing.
    Raises UnknownCampaign; ChangeRefused where the campaign does not stand where the change may begin, and where
    publishing it would let a faulty letter out, or with `two_people` where who publishes is who wrote last.
    """
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug).with_for_update())
    if campaign is None:
        raise UnknownCampaign(slug)
    _check_status(campaign, change)
    _, after, verb = _CHANGES[change]
    if opens_at is not None:
        try:
            opens_at = in_zone(check_value("campaign", "opens", opens_at), campaign.timezone)
        except CampaignValueError as error:
            raise ChangeRefused(f"You cannot schedule {slug} for that time. {error}") from None
    if change is Change.SCHEDULE and (opens_at is None or opens_at <= now):
        raise ChangeRefused(f"You cannot schedule {slug} for a time that has passed. To open it at once, publish it.")
    if change.opens_page:
        _refuse_unfit(session, campaign, opens_at or now, change)
        me = session.get(StaffMember, by) if two_people and by is not None else None
        if me is not None and me.email == last_author(session, campaign):
            raise ChangeRefused(
                f"You cannot {change.words} {slug} yourself: you changed it last. Somebody else has to read and "
                f"{change.words} it."
            )
    note = f"campaign {slug}: was {campaign.status}, {waiting(session, campaign)} letters waiting"
    actor = Actor.staff(by)
    if letters is Waiting.HOLD and change in (Change.PAUSE, Change.CLOSE):
        note += f", {campaign_holds.hold(session, campaign.id, actor=actor, now=now)} held back"
    elif letters is Waiting.RELEASE and change is Change.PUBLISH:
        note += f", {campaign_holds.release(session, campaign.id, actor=actor, now=now)} released"
    if after == "live":
        campaign_holds.lift(campaign)
    campaign.status = after
    campaign.opens_at, campaign.not_opened = opens_at if change is Change.SCHEDULE else None, ""
    campaign.updated_at = now
    session.add(AuditEntry(at=now, staff_id=by, verb=verb, subject=note))
    session.flush()
    return campaign


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether a campaign's time to open has come and nobody has looked at it since."""
    due = _due(now).where(Campaign.not_opened == "")
    return session.scalar(select(due.exists())) or False


def open_due(session: Session, *, now: datetime) -> int:
    """Open every scheduled campaign whose time has come; says how many.

    One whose letters got a fault meanwhile stays closed: `not_opened` says why, once in the audit trail too.
    """
    opened = 0
    for campaign in session.scalars(_due(now).order_by(Campaign.id).with_for_update(skip_locked=True)).all():
        note, verb = f"campaign {campaign.slug}: at its time", "opened"
        try:
            _refuse_unfit(session, campaign, now, Change.PUBLISH)
        except ChangeRefused as refused:
            if campaign.not_opened == str(refused):
                continue
            campaign.not_opened = str(refused)
            note, verb = f"campaign {campaign.slug}: {refused}", "not opened"
        else:
            campaign.status, campaign.opens_at, campaign.not_opened, campaign.updated_at = "live", None, "", now
            campaign_holds.lift(campaign)
            opened += 1
        session.add(AuditEntry(at=now, staff_id=None, verb=verb, subject=note))
        session.flush()
    return opened


def _due(now: datetime) -> Select[Campaign]:
    return select(Campaign).where(Campaign.status == "scheduled", Campaign.opens_at <= now)


def _check_status(campaign: Campaign, change: Change) -> None:
    if campaign.status not in _CHANGES[change][0]:
        raise ChangeRefused(f"You cannot {change.words} {campaign.slug}: it is {campaign.status}.")


def _refuse_unfit(session: Session, campaign: Campaign, opens_at: datetime, change: Change) -> None:
    refusal = f"You cannot {change.words} {campaign.slug}"
    if campaign.deadline_at is not None and campaign.deadline_at <= opens_at:
        over = "its deadline has passed" if change is Change.PUBLISH else "its deadline is over by then"
        raise ChangeRefused(f"{refusal}: {over}. Change the deadline first.")
    if not campaign.summary:
        raise ChangeRefused(f"{refusal}: its page has no text yet.")
    found = matrix(session, campaign.slug)
    if not found.is_clean:
        count = "1 fault" if len(found.faults) == 1 else f"{len(found.faults)} faults"
        raise ChangeRefused(f"{refusal}: the letters have {count}. The first: {fault_sentence(found.faults[0])}", found)
