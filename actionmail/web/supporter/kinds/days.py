"""Days of action: the agenda of all of them, whose day is whose, and a form to be reminded by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from flask_wtf import FlaskForm
from msgspec import Struct
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Optional

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import news
from actionmail.rules.campaigns.kinds.days import days as rules
from actionmail.rules.campaigns.kinds.days.days import ActionDay, Phase, Session, Standing
from actionmail.rules.campaigns.kinds.days.reminder_mail import clock_times, same_clock
from actionmail.rules.campaigns.kinds.days.week import days_in
from actionmail.rules.districts.states import STATES, TERRITORIES
from actionmail.rules.districts.time_zones import sure_zone, zones_of
from actionmail.rules.moments import listed
from actionmail.rules.speech import lazy, ngettext
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import one_line, plain_number
from actionmail.web.supporter.forms import MAX_NAME, OneLine
from actionmail.web.supporter.kinds.kind import Kind, TakeForm, Texts

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Db

    from actionmail.db.campaigns import Campaign


class RemindForm(TakeForm):
    """`days` are offered by the page, which knows the campaign."""

    name = StringField(lazy("Name"), filters=[one_line], validators=[Optional(), OneLine("Your name", MAX_NAME)])
    city = None  # type: ignore[assignment]  # nobody needs it
    days = SelectMultipleField(
        lazy("Remind me of"),
        choices=[],
        validate_choice=False,
        validators=[DataRequired(lazy("Tick the days that you want to be reminded of."))],
    )
    consent = BooleanField(lazy("You may keep my address to remind me by mail"))


class HomeForm(FlaskForm):  # type: ignore[misc]
    """Which day is one's own. Its ZIP code answers this one question and is kept nowhere."""

    home = StringField(
        lazy("Your ZIP code"),
        filters=[plain_number],
        validators=[OneLine("The ZIP code", 20, lazy("Enter the ZIP code where you live."))],
    )


class ShownSession(Struct, frozen=True, kw_only=True):
    """`times` by its own clocks, `theirs` by the supporter's: "" where those are the same, or not known for sure."""

    session: Session
    begins: datetime
    times: str
    theirs: str
    is_past: bool


class ShownDay(Struct, frozen=True, kw_only=True):
    """One day of the agenda; `states` by name."""

    day: ActionDay
    phase: Phase
    is_own: bool
    states: str
    sessions: tuple[ShownSession, ...]


class Agenda(Struct, frozen=True, kw_only=True):
    """All days in their order, and what to tell somebody who is in `states`, where they said so."""

    days: tuple[ShownDay, ...]
    standing: Standing
    states: tuple[str, ...] | None

    @property
    def open_days(self) -> list[ShownDay]:
        return [day for day in self.days if day.phase is not Phase.PAST]

    @property
    def where(self) -> str:
        """The states that the ZIP code lies in, in words."""
        return state_names(self.states or ())


def agenda(campaign: Campaign, states: tuple[str, ...] | None = None) -> Agenda:
    """The days as they stand now."""
    now = services().clock()
    standing = rules.standing(days_in(campaign.details), states or (), now)
    zones = zones_of(states or ())
    own = {day.key for day in standing.own}
    days = []
    for day, phase in standing.phases:
        sessions = tuple(_session(day, session, zones, now) for session in day.sessions)
        names = state_names(day.states)
        days.append(ShownDay(day=day, phase=phase, is_own=day.key in own, states=names, sessions=sessions))
    return Agenda(days=tuple(days), standing=standing, states=states)


def state_names(states: Collection[str]) -> str:
    return listed([STATES.get(code) or TERRITORIES.get(code, code) for code in states])


def _session(day: ActionDay, session: Session, zones: Collection[str], now: datetime) -> ShownSession:
    begins, ends = day.begins(session), day.ends(session)
    zone = sure_zone(zones, begins)
    is_other = zone and not same_clock(begins, zone, session.zone)
    return ShownSession(
        session=session,
        begins=begins,
        times=clock_times(begins, ends, session.zone),
        theirs=clock_times(begins, ends, zone) if is_other else "",
        is_past=rules.session_phase(day, session, now) is Phase.PAST,
    )


def _asks(campaign: Campaign) -> bool:
    """Whether there is a day to be reminded of."""
    now = services().clock()
    is_any_left = any(rules.phase(day, now) is not Phase.PAST for day in days_in(campaign.details))
    return bool(campaign.details.get("reminders", True)) and is_any_left


def _shown(db: Db, campaign: Campaign) -> Mapping[str, Any]:
    now = services().clock()
    offered = [other for other in news.offered_after(db, campaign) if submitting.is_open(other, now)]
    return {"agenda": agenda(campaign), "second_form": HomeForm(formdata=None), "offered": offered}


def _details(form: RemindForm) -> dict[str, Any]:
    return {"days": list(dict.fromkeys(form.days.data or []))}


KIND: Final = Kind(
    code="days",
    name=lazy("Days of action"),
    act=lazy("Remind me by mail"),
    counted=lambda count: ngettext(
        "%(count)s person wants to be reminded", "%(count)s people want to be reminded", count
    ),
    form=RemindForm,
    asks=_asks,
    details=_details,
    shown=_shown,
    texts=Texts(
        done=lazy("We will remind you"),
        waiting=lazy("No reminder yet: please confirm"),
        undone=lazy("You get no reminder"),
        undo=lazy("Send me no reminders"),
        confirm=lazy("Yes, remind me"),
        over=lazy("“%(campaign)s” has no day left to be reminded of."),
        must_consent=lazy("Tick this box to say that we may keep your address to remind you."),
        before=lazy(
            "Somebody asked for reminders with this mailbox already, so nothing was added. To choose other days, "
            "take that back by the link on the receipt, and then ask again."
        ),
    ),
)
