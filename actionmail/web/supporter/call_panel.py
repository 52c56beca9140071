"""What a caller has before them: the number that comes next, the script with their words, what they told so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from flask import request
from flask_wtf import FlaskForm
from msgspec import Struct
from wtforms import SelectField, StringField

from actionmail.flows.actions import calling, drafts
from actionmail.flows.actions.submitting import is_open
from actionmail.flows.campaigns.reading import all_columns, details_of
from actionmail.flows.lookup import by_zip
from actionmail.rules.campaigns.fields import (
    CampaignFields,
    LegislatorFields,
    SupporterFields,
    campaign_values,
    legislator_values,
    supporter_values,
)
from actionmail.rules.campaigns.kinds.call.calls import Line, Outcome, Progress, offered, progress
from actionmail.rules.campaigns.kinds.call.phone_numbers import RELAY
from actionmail.rules.campaigns.kinds.call.scripts import Part
from actionmail.rules.campaigns.kinds.call.table import OWN, script_of
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.time_zones import sure_zone, zones_of
from actionmail.rules.moments import zone_words
from actionmail.rules.speech import lazy
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, one_line, plain_number
from actionmail.web.supporter import call_words, mistakes
from actionmail.web.supporter.forms import MAX_CITY, MAX_NAME, OneLine
from actionmail.web.supporter.mistakes import Mistakes
from actionmail.web.supporter.step import StartOver, draft_key, step_in

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_STATES: Final = choices_of([("", lazy("Choose a state")), *sorted(STATES.items(), key=lambda entry: entry[1])])
KEEP_CALLER: Final = "supporter.keep_caller"  # where `CallerForm` is posted to


class CallerForm(FlaskForm):  # type: ignore[misc]
    """What fills the script, all of it as one likes; a ZIP code where it tells whom to call."""

    name = StringField(lazy("Your name"), filters=[one_line], validators=[OneLine("Your name", MAX_NAME)])
    city = StringField(lazy("City"), filters=[one_line], validators=[OneLine("The city", MAX_CITY)])
    zip = StringField(lazy("ZIP code"), filters=[plain_number], validators=[OneLine("The ZIP code", 20)])
    state = SelectField(lazy("State"), choices=_STATES, validate_choice=False)  # where the ZIP code lies in several


class Caller(Struct, frozen=True, kw_only=True):
    """What is known of who calls: what they typed, and what follows from it. `seats` is None while that is open."""

    who: Mapping[str, str]
    state: str
    seats: Sequence[tuple[str, str]] | None
    must_choose: bool = False


class Shown(Struct, frozen=True, kw_only=True):
    """The number to call now. `value` stands for it in the form."""

    line: Line
    value: str
    callee: calling.Callee
    number: str
    aloud: str
    week: Sequence[str]
    zone: str
    is_callers_zone: bool
    standing: str


class Panel(Struct, frozen=True, kw_only=True):
    """All of it. `turn` is the number of the call that comes next, `last` that of the one that can be undone."""

    form: CallerForm
    key: str
    caller: Caller
    must_give_zip: bool
    is_open: bool
    shown: Shown | None
    script: Sequence[Part]
    turn: int
    last: int | None
    made: Sequence[tuple[str, str]]  # who was called, and how it went
    place: Progress
    without_phone: Sequence[str]
    outcomes: Mapping[Outcome, str]
    receipt: str  # the token of the last call made, "" where none was
    relay: str = RELAY

    def outcome_words(self, outcome: str) -> str:
        """As its button says it."""
        return str(self.outcomes[Outcome(outcome)])


def value_of(line: Line) -> str:
    """What stands for a number in the form."""
    return f"{line.target} {line.number.digits} {line.number.extension}"


def caller_of(db: Session, campaign: Campaign, key: str) -> Caller:
    """Who calls, as far as the draft tells."""
    values = drafts.load(db, key, campaign_id=campaign.id) or {}
    who = values.get("who", {})
    if details_of(campaign)["whom"] == OWN:
        try:
            step = step_in(db, campaign, key, values)
        except StartOver:
            return Caller(who=who, state="", seats=None)
        return Caller(who=who, state=step.lookup.state, seats=step.seats, must_choose=step.seats is None)
    state = ""
    if who.get("zip"):
        try:
            state = by_zip.home_of(services().districts, who["zip"], preferred=campaign.state).state
        except LookupRefused:  # of another kind's page, which takes what this one does not
            state = ""
    return Caller(who=who, state=state, seats=())


def panel(db: Session, campaign: Campaign) -> Panel:
    """What the page shows at this moment to whoever asks for it."""
    now, key = services().clock(), draft_key(campaign.slug) or drafts.new_key()
    caller = caller_of(db, campaign, key)
    to_call = calling.to_call(db, campaign, caller.seats or (), state=caller.state)
    made, turn = calling.turns(db, campaign.id, key)
    calls = [each.call for each in made]
    line = offered(to_call.lines.lines, calls)
    callees = to_call.callees
    shown = _shown(line, callees[line.target], caller, now) if line else None
    return Panel(
        form=_form(caller, mistakes.told_here(db, campaign)),
        key=key,
        caller=caller,
        must_give_zip=caller.seats is None and not caller.must_choose,
        is_open=is_open(campaign, now),
        shown=shown,
        script=_script(campaign, caller, shown),
        turn=turn,
        last=made[-1].number if made else None,
        made=[
            (
                callees[call.target].name if call.target in callees else call.digits,
                str(call_words.OUTCOMES[call.outcome]),
            )
            for call in calls
        ],
        place=progress(to_call.lines.lines, calls),
        without_phone=to_call.without_phone,
        outcomes=call_words.OUTCOMES,
        receipt=next((each.receipt_token for each in reversed(made) if each.call.outcome != Outcome.NOT_NOW), ""),
    )


def _form(caller: Caller, form_mistakes: Mistakes) -> CallerForm:
    """As it was posted, or as it was kept, with what is wrong with it."""
    if request.endpoint == KEEP_CALLER and request.method == "POST":
        return CallerForm()
    caller_values = {name: caller.who.get(name, "") for name in ("name", "city", "zip", "state")}
    form = CallerForm(formdata=None, data={**caller_values, **form_mistakes.typed})
    mistakes.put_at_fields(form, form_mistakes)
    return form


def _shown(line: Line, callee: calling.Callee, caller: Caller, now: datetime) -> Shown:
    zone = sure_zone(zones_of([caller.state]), now) if caller.state else ""
    hours = line.hours
    return Shown(
        line=line,
        value=value_of(line),
        callee=callee,
        number=call_words.shown(line.number),
        aloud=call_words.aloud(line.number),
        week=call_words.week_words(hours, zone, now) if hours else (),
        zone=zone_words(now.astimezone(ZoneInfo(zone or hours.zone))) if hours else "",
        is_callers_zone=bool(zone),
        standing=call_words.standing(hours, zone, now) if hours else "",
    )


def _script(campaign: Campaign, caller: Caller, shown: Shown | None) -> Sequence[Part]:
    """The script in the language of the page, filled with what is known."""
    who = caller.who
    supporter = SupporterFields(
        name=who.get("name", ""),
        zip_code=who.get("zip", ""),
        state=caller.state,
        street=who.get("street", ""),
        city=who.get("city", ""),
    )
    about = CampaignFields.of(all_columns(campaign))
    values = {**supporter_values(supporter), **campaign_values(about)}
    if shown and (legislator := shown.callee.legislator):
        fields = LegislatorFields(
            state=legislator.state,
            chamber=legislator.chamber,
            name=legislator.name,
            family_name=legislator.family_name,
            district=legislator.district,
            committee=shown.callee.committee,
        )
        values |= legislator_values(fields)
    return script_of(languages.reading(campaign).words["script"].text).fill(values)
