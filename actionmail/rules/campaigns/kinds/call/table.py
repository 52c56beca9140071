"""The table `[call]` of a campaign: whom to call, when somebody answers, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.clock_times import minute_of_day, written
from actionmail.rules.campaigns.kinds.call.calls import Line, Office
from actionmail.rules.campaigns.kinds.call.office_hours import OfficeHours, days_of_week, read_hours
from actionmail.rules.campaigns.kinds.call.phone_numbers import phone_number
from actionmail.rules.campaigns.kinds.call.scripts import Script, read_script, script_errors
from actionmail.rules.campaigns.kinds.kind import DetailsError, Kind
from actionmail.rules.campaigns.kinds.typed_tables import Faults, dates
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.value_checks import REQUIRED
from actionmail.rules.districts.states import FEDERAL_CHAMBERS

NUMBER: Final = "number"
OWN: Final = "own"
COMMITTEE: Final = "committee"
WHOM: Final = (NUMBER, OWN, COMMITTEE)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    NUMBER: ("name", "number"),
    OWN: ("chambers",),
    COMMITTEE: ("committees",),
}
_OF_LEGISLATORS: Final = frozenset({"chamber_name", "committee"})


def _optional_number(value: Any) -> str:
    return phone_number(value).written if checks.text(value).strip() else ""


def _optional_zone(value: Any) -> str:
    return checks.timezone(value) if value != "" else ""


def _closed(value: Any) -> list[str]:
    return [day.isoformat() for day in dates(value)]


def _days(value: Any) -> list[str]:
    return list(days_of_week(value))


def _time(value: Any) -> str:
    return written(minute_of_day(value))


def _script(value: Any) -> str:
    text = checks.paragraphs(value)
    for error in script_errors(text):
        raise CampaignValueError("value.in-text", problem=error.problem, line=error.line, column=error.column)
    return text


def _optional_script(value: Any) -> str:
    return _script(value) if checks.text(value).strip() else ""


def _fit(details: Mapping[str, Any]) -> None:
    whom = details["whom"]
    for of, keys in _NEEDED.items():
        for key in keys:
            if of == whom and not details[key]:
                raise DetailsError(key, f"call.{whom}-needs", name=key)
            if of != whom and details[key]:
                raise DetailsError(key, "call.not-for-whom", name=key)
    if whom != NUMBER and details["tty"]:
        raise DetailsError("tty", "call.not-for-whom", name="tty")
    for field in read_script(details["script"]).fields:
        if whom == NUMBER and (field in _OF_LEGISLATORS or field.startswith("legislator_")):
            raise DetailsError("script", "call.no-legislator", field=field)
    _fit_hours(details)


def _fit_hours(details: Mapping[str, Any]) -> None:
    if not details["hours"]:
        if details["closed"]:
            raise DetailsError("closed", "call.closed-without-hours")
        return
    if not details["timezone"]:
        raise DetailsError("timezone", "call.hours-without-zone")
    faults: Faults = {}
    read_hours(_hours_table(details), faults)
    for path, problems in faults.items():
        _, row, *rest = path.split(".")
        if row == "spans" and rest:
            raise DetailsError(rest[-1], problems[0].code, row="hours", number=int(rest[0]), **problems[0].values)
        raise DetailsError("timezone", problems[0].code, **problems[0].values)


def _hours_table(details: Mapping[str, Any]) -> dict[str, Any]:
    return {"timezone": details["timezone"], "closed": details["closed"], "spans": details["hours"]}


def hours_of(details: Mapping[str, Any]) -> OfficeHours | None:
    """When somebody answers, of details that fit; None where the campaign does not say."""
    return read_hours(_hours_table(details), {}) if details["hours"] else None


def fixed_line(slug: str, details: Mapping[str, Any]) -> Line:
    """The one number of a campaign that names one. `slug` is the campaign's, which stands for its target."""
    return Line(
        target=slug,
        office=Office.FIXED,
        number=phone_number(details["number"]),
        tty=phone_number(details["tty"]) if details["tty"] else None,
        hours=hours_of(details),
    )


def script_of(text: str) -> Script:
    """The script as callers read it. Raises LetterError."""
    return read_script(text)


def needs_state(details: Mapping[str, Any]) -> bool:
    """Whether it is about the legislators of one state: members of Congress are called from all of them."""
    if details.get("whom") == OWN:
        return not set(details.get("chambers", ())) <= set(FEDERAL_CHAMBERS)
    return details.get("whom") == COMMITTEE


_TABLE: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "whom": (checks.one_of(*WHOM), REQUIRED),
    "name": (checks.optional_line(120), ""),  # who answers: "The White House comment line"
    "number": (_optional_number, ""),
    "tty": (_optional_number, ""),  # for who types what they say
    "chambers": (checks.some_chambers, []),
    "committees": (checks.names, []),
    "script": (_script, REQUIRED),
    "timezone": (_optional_zone, ""),
    "closed": (_closed, []),
}

KIND: Final = Kind(
    code="call",
    table=_TABLE,
    rows={"hours": {"days": (_days, REQUIRED), "from": (_time, REQUIRED), "to": (_time, REQUIRED)}},
    words={"script": (_optional_script, "")},
    fit=_fit,
    needs_state=needs_state,
    chambers=lambda details: _names(details, "chambers"),
    keeps_names=False,
)


def _names(details: Mapping[str, Any], key: str) -> Sequence[str]:
    return tuple(details.get(key, ()))
