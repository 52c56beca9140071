"""The form in which days of action are written, each with its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from wtforms import FieldList, Form, FormField, SelectField

from actionmail.rules.campaigns.kinds.days.reading import MAX_DAYS, MAX_SESSIONS, new_key
from actionmail.rules.campaigns.kinds.days.week import warnings
from actionmail.rules.campaigns.kinds.kind import row_word
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.time_zones import ZONES
from actionmail.web.campaigns.kinds.kind import Kind
from actionmail.web.platform.fields import area_field, box_field, choices_of, line_field

_ZONES: Final = tuple(dict.fromkeys(chain.from_iterable(ZONES.values())))


class _OneSession(Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self._fields["timezone"]
        others = [zone.data] if zone.data and zone.data not in _ZONES else []  # as a file named it
        zone.choices = choices_of([("", "Choose"), *zip(chain(others, _ZONES), chain(others, _ZONES), strict=True)])


# "from" is a word of Python's, so the fields stand in a table.
_SessionForm: type[Form] = type(
    "_SessionForm",
    (_OneSession,),
    {
        "title": line_field("What it is (optional)", "Such as Teach-in."),
        "from": line_field("From", "Such as 15:00 or 3 pm."),
        "to": line_field("To", "Such as 16:30 or 4:30 pm."),
        "timezone": SelectField("Time zone", choices=[], validate_choice=False),
        "link": line_field("A link to join it (optional)", "Such as https://example.org/join."),
    },
)


class _DayForm(Form):
    key = line_field(
        "Its name in addresses (optional)",
        "Small letters, digits and hyphens, such as great-lakes; left empty, it is made of the region's name. "
        "Calendars know the day by it, so leave it as it is later on.",
    )
    date = line_field("Date", "Such as 2022-02-02.")
    region = line_field("Region", "Such as Great Lakes.")
    states = line_field("Its states", "Their two letters, such as WI, MI, OH.")
    host = line_field("Who hosts it (optional)")
    link = line_field("A link to join the day (optional)", "Such as https://example.org/join.")
    text = area_field("What the day is about (optional)", "An empty line begins a paragraph.", 5)
    after = area_field(
        "What to do once it has passed (optional)", "Left empty, what is offered after the campaign stands there.", 3
    )
    sessions = FieldList(
        FormField(_SessionForm),
        "Sessions",
        description="A day without any is a whole day in calendars.",
        max_entries=MAX_SESSIONS,
        render_kw={"row_name": "Session", "add": "Add a session"},
    )


class DaysForm(Form):
    reminders = box_field("Supporters may be reminded by mail", "The evening before each day that they tick.")
    after = area_field(
        "What to do once all days have passed (optional)",
        "An empty line begins a paragraph. Left empty, what is offered after the campaign stands there.",
        3,
    )
    day = FieldList(
        FormField(_DayForm),
        "Days",
        description="In any order; the page shows them by date.",
        max_entries=MAX_DAYS,
        render_kw={"row_name": "Day", "add": "Add a day"},
    )


def _typed(form: DaysForm) -> dict[str, Any]:
    """With the states as a list, and a name in addresses for each day that has none."""
    typed = dict(form.data)
    taken = {day["key"] for day in typed["day"]}
    for day in typed["day"]:
        day["states"] = [code.upper() for code in (day["states"] or "").replace(",", " ").split()]
        if not day["key"] and day["region"]:
            day["key"] = new_key(day["region"], taken)
            taken.add(day["key"])
    return typed


def _shown(details: Mapping[str, Any]) -> dict[str, Any]:
    days = [{**day, "states": ", ".join(day["states"])} for day in details["day"]]
    return {**details, "day": days}


def _word_fields(details: Mapping[str, Any]) -> dict[str, Any]:
    """For each day what it says: what it does not say in English, nobody translates."""
    fields: dict[str, Any] = {}
    for day in details.get("day", ()):
        for name, what in (("text", "What the day is about"), ("after", "What to do once it has passed")):
            if day.get(name):
                word = row_word("day", day["key"], name)
                fields[word] = area_field(f"{day['region']}: {what[0].lower()}{what[1:]}", "", 4)
    return fields


def _notes(details: Mapping[str, Any]) -> list[Problem]:
    """What to look at; a warning about one day names it."""
    notes = []
    for warning in warnings(details):
        problem = warning.problem
        if warning.number >= 0:
            problem = Problem("days.of-day", {"number": warning.number + 1, "problem": problem})
        notes.append(problem)
    return notes


def _left_out(states: str, count: int) -> str:
    names = ", ".join(STATES[code] for code in states.split(", "))
    return f"{count} {'state has' if count == 1 else 'states have'} no day of their own: {names}."


KIND: Final = Kind(
    code="days",
    name="Days of action",
    about="A day for each region, any of which one may join.",
    form=DaysForm,
    heading="The days",
    hint="Each with its region and its sessions. “Add”, “Remove” and “Move” change this page; Save keeps it.",
    typed=_typed,
    shown=_shown,
    notes=_notes,
    details_words=lambda details: ", ".join(details.get("days", ())),
    word_names={"after": "what to do once all days have passed"},
    row_word_names={"day.text": "what “{key}” is about", "day.after": "what to do after “{key}”"},
    word_fields=_word_fields,
    sentences={
        "days.none": "There is no day; add one.",
        "days.no-state": "A region covers at least one state.",
        "days.state-twice-in-region": "It names {state} twice.",
        "days.state-twice": "{state} is in the region “{region}” already.",
        "days.key-twice": "Another day has the name “{key}” already.",
        "days.ends-before-begins": "It ends before it begins.",
        "days.ends-before-begins-near": "It ends before it begins; do you mean {near}?",
        "days.hour-twice": "The clocks in {zone} show this hour twice on that day; the first is meant.",
        "days.states-left-out": _left_out,
        "days.of-day": "Day {number}: {problem}",
        "value.no-day": "It must be a date such as 2022-02-18.",
        "value.no-clock-time": "It must be a time such as 15:00 or 3 pm.",
        "value.no-web-link": "It must be an address that begins with https:// and has no blanks in it.",
        "value.too-many-tables": "There are {count}; at most {most} are taken.",
    },
)
