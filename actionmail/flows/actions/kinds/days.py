"""Signing up to be reminded of days of action: one a mailbox, with as many days as are ticked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete

from actionmail.db.day_reminders import DayReminder
from actionmail.flows.actions.kinds.kind import Kind
from actionmail.flows.actions.refusals import CampaignClosed, DayGone
from actionmail.flows.delivery import supporter_mail
from actionmail.rules.campaigns.kinds.days.week import days_in
from actionmail.rules.speech import mark

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.actions import Action
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.actions.taking import Press


def _check(campaign: Campaign, press: Press) -> None:
    """Raises CampaignClosed where nobody is reminded, DayGone for a day that was taken out meanwhile."""
    if not campaign.details.get("reminders", True):
        raise CampaignClosed
    known = {day.key for day in days_in(campaign.details)}
    if not press.details["days"] or not known.issuperset(press.details["days"]):
        raise DayGone


def _begin(session: Session, action: Action) -> None:
    for key in action.details["days"]:
        session.add(DayReminder(action_id=action.id, day=key, token=secrets.token_urlsafe(32)))


def _end(session: Session, action: Action) -> None:
    supporter_mail.drop_of_action(session, action.id)
    session.execute(delete(DayReminder).where(DayReminder.action_id == action.id))
    action.mailbox_key = None


def _lasting(details: Mapping[str, Any]) -> dict[str, Any]:
    return {"days": details.get("days", [])}


KIND: Final = Kind(
    code="days",
    did=mark("Somebody, most likely you, asked to be reminded of days of action with this e-mail address."),
    is_once=True,
    check=_check,
    begin=_begin,
    end=_end,
    lasting=_lasting,
)
