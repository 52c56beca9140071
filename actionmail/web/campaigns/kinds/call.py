"""The form in which a call is written, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from wtforms import Form, RadioField, SelectField, SelectMultipleField

from actionmail.rules.campaigns.kinds.call.hours_text import typed_rows, written_rows
from actionmail.rules.campaigns.kinds.call.table import COMMITTEE, NUMBER, OWN
from actionmail.rules.districts.time_zones import ZONES, zones_of
from actionmail.web.campaigns.kinds.kind import Kind
from actionmail.web.platform.fields import area_field, choices_of, line_field

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.choices import Choices

_ZONES: Final = tuple(dict.fromkeys(("America/New_York", "America/Chicago", *zones_of(ZONES))))


_CONGRESS: Final[Mapping[str, str]] = {
    "us_upper": "United States Senate",
    "us_lower": "United States House of Representatives",
}


class CallForm(Form):
    whom = RadioField(
        "Whom supporters call",
        choices=choices_of(
            (
                (NUMBER, "One fixed number, given below"),
                (OWN, "Their own legislators, by the phones of the roster"),
                (COMMITTEE, "The members of a committee, by the phones of the roster"),
            )
        ),
        validate_choice=False,
    )
    name = line_field("Who answers there (optional)", "Of a fixed number, such as The White House comment line.")
    number = line_field("The number (optional)", "A fixed one, such as 202-456-1111, or 202-456-1111 x12.")
    tty = line_field("Its TTY number (optional)", "For callers who type. 711 is said in any case.")
    chambers = SelectMultipleField("Their own members of", validate_choice=False, description="")
    committees = SelectMultipleField("Members of these committees", validate_choice=False, description="")
    script = area_field(
        "What callers read aloud",
        "Mark what they fill in by ____ or in brackets: My name is ____ from (city, state). What they typed is put in; "
        "what they did not type stays a blank.",
        10,
    )
    timezone = SelectField(
        "By which clocks somebody answers",
        choices=choices_of([("", "No hours are said"), *((zone, zone) for zone in _ZONES)]),
        validate_choice=False,
    )
    closed = area_field("Days on which nobody answers (optional)", "One on each line, such as 2022-11-24.", 3)
    hours = area_field("When somebody answers (optional)", "One span a line, such as tue-thu 11:00-15:00.", 3)


def _typed(form: CallForm) -> dict[str, Any]:
    return {
        **form.data,
        "whom": form.whom.data or "",
        "chambers": form.chambers.data or [],
        "committees": form.committees.data or [],
        "timezone": form.timezone.data or "",
        "hours": typed_rows(form.hours.data or ""),
    }


def _shown(details: Mapping[str, Any]) -> dict[str, Any]:
    return {**details, "closed": "\n".join(details["closed"]), "hours": written_rows(details["hours"])}


def _offer(form: CallForm, choices: Choices | None, campaign: Campaign) -> None:
    """The chambers and committees of the campaign's state, else of Congress alone, and what is chosen of others."""
    if choices is None:
        form.chambers.description = "The campaign has no state, so these are Congress's alone, for callers anywhere."
        form.committees.description = "The campaign has no state, so there are none."
    offered = (
        (form.chambers, dict(choices.chambers) if choices else _CONGRESS),
        (form.committees, {committee.key: committee.label for committee in choices.committees} if choices else {}),
    )
    for field, labels in offered:
        gone = {key: f"{key} (not there any more)" for key in field.data or [] if key not in labels}
        field.choices = choices_of([*labels.items(), *gone.items()])


def _other_country(region: str) -> str:
    where = f" It is one of {region}." if region else ""
    return f"This number is not one of the United States or its territories.{where}"


_SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "call.number-needs": lambda name: (
        "Say which number is called." if name == "number" else "Say who answers at the number."
    ),
    "call.own-needs": "Say in which chambers the legislators sit whom supporters call.",
    "call.committee-needs": "Say which committee's members supporters call.",
    "call.not-for-whom": lambda name: (
        "This is only for supporters' own legislators."
        if name == "chambers"
        else "This is only for the members of committees."
        if name == "committees"
        else "This is only for a fixed number."
    ),
    "call.no-legislator": (
        "A fixed number is nobody of the roster, so nothing can be filled in for {field}. Write the name out."
    ),
    "call.hours-without-zone": "Say by which clocks these hours are.",
    "call.closed-without-hours": "There are days on which nobody answers, but no hours on the others.",
    "call.no-number": "This is no phone number. Write one such as 202-456-1111.",
    "call.not-in-plan": "The numbering plan has no such number: its area code or its exchange is not in use.",
    "call.other-country": _other_country,
    "call.premium-number": "A call to this number costs whoever makes it. Give another one.",
    "call.several-numbers": "These are several numbers. Give one.",
    "call.more-than-number": "There is more here than a number. Put an extension behind an x: 202-456-1111 x12.",
    "call.too-long": "This number has {length} digits; a number with its area code has 10.",
    "call.too-short": "This number has {length} digits; a number with its area code has 10.",
    "hours.no-day": "There is a word here that is no day. The days are {days}.",
    "hours.day-twice": "It names a day twice.",
    "hours.ends-before-begins": "It ends before it begins.",
    "hours.ends-before-begins-near": "It ends before it begins. Did you mean {near}?",
    "hours.overlap": "These hours overlap with others on the same day.",
    "hours.none": "There are no hours.",
    "script.empty": "The script is empty.",
    "script.blank-without-field": (
        "Nothing says what is to be written on this line. Put a hint behind it, such as ____ (city), or words before "
        "it, such as My name is ____."
    ),
    "script.unknown-blank": "Nothing that supporters type fits {blank}. Write the words out, or use round brackets.",
    "script.unknown-blank-near": "Nothing that supporters type fits {blank}; did you mean {near}?",
    "script.left-over": 'The script still says "{words}".',
    "script.bracket-not-closed": "A bracket opens or closes here and has no other half.",
    "value.no-clock-time": 'It must be a time such as "11:00" or "3 pm".',
    "value.too-many-dates": "It lists more than {most} days.",
    "value.too-many-tables": "There are {count}; at most {most} are taken.",
    "value.unknown-key": "There is something here that does not belong; there are {keys}.",
}

KIND: Final = Kind(
    code="call",
    name="Call",
    about="Supporters call a number with a script, and say how it went.",
    form=CallForm,
    heading="The call",
    hint="Whom supporters call, when somebody answers, and what they say.",
    typed=_typed,
    shown=_shown,
    offer=_offer,
    word_names={"script": "what callers read aloud"},
    sentences=_SENTENCES,
)
