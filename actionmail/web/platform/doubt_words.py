"""Why a district is not certain, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.districts.legislatures import districts_of
from actionmail.rules.roster.titles import district_in_house

_FINDERS = {
    "": "the Census",
    "census": "the Census",
    "nominatim": "OpenStreetMap",
    "pelias": "the address finder",
    "points": "our file of addresses",
    "file": "the address finder",
}
_ROUGH = {
    "interpolated": "knows the house only by the numbers around it",
    "street": "knows the street, but not the house",
    "area": "knows the neighbourhood, but not the house",
    "uncertain": "is not sure that it found this address",
}
_SOURCES = {"boundary": "our map says", "geocoder": "the Census", "openstates": "Open States"}


def _near_border(doubt: Doubt) -> str:
    place = district_in_house(doubt.state, doubt.chamber, doubt.values["district"])
    return f"the border of {place} is {doubt.values['metres']} m away"


def _disagreement(doubt: Doubt) -> str:
    values = doubt.values
    first = f"{_SOURCES[values['source']]} {district_in_house(doubt.state, doubt.chamber, values['district'])}"
    return f"{first}, {_SOURCES[values['other_source']]} {values['other_district']}"


def _other_year(doubt: Doubt) -> str:
    return f"our map is of {doubt.values['year']}, and no other source could check it"


def _several_places(doubt: Doubt) -> str:
    return "several places have this address"


def _outside_zip(doubt: Doubt) -> str:
    place = district_in_house(doubt.state, doubt.chamber, doubt.values["district"])
    return f"the ZIP code {doubt.values['zip']} does not reach into {place}"


def _other_zip(doubt: Doubt) -> str:
    values = doubt.values
    finder = _FINDERS[values.get("found_by", "")]
    return f"{finder} has this address in the ZIP code {values['found_zip']}, not in {values['zip']}"


def _rough_point(doubt: Doubt) -> str:
    return f"{_FINDERS[doubt.values['found_by']]} {_ROUGH[doubt.values['exactness']]}"


def _older_congress(doubt: Doubt) -> str:
    return (
        f"our districts of the House of Representatives are the {_ordinal(doubt.values['congress'])} Congress's, "
        f"and its members are the {_ordinal(doubt.values['sitting'])}'s"
    )


def _newer_map(doubt: Doubt) -> str:
    election = date.fromisoformat(doubt.values["first_election"])
    return (
        f"{districts_of(doubt.state, doubt.chamber)} were redrawn for the election of "
        f"{election:%B} {election.day}, {election.year}, and we have only those from before"
    )


def _ordinal(number: str) -> str:
    teens = number[-2:] in {"11", "12", "13"}
    return number + ("th" if teens else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th"))


_DOUBTS: dict[DoubtCode, Callable[[Doubt], str]] = {
    DoubtCode.NEAR_BORDER: _near_border,
    DoubtCode.DISAGREEMENT: _disagreement,
    DoubtCode.OTHER_YEAR: _other_year,
    DoubtCode.SEVERAL_PLACES: _several_places,
    DoubtCode.OUTSIDE_ZIP: _outside_zip,
    DoubtCode.OTHER_ZIP: _other_zip,
    DoubtCode.ROUGH_POINT: _rough_point,
    DoubtCode.NEWER_MAP: _newer_map,
    DoubtCode.OLDER_CONGRESS: _older_congress,
}


def doubt_words(doubt: Doubt) -> str:
    """Why a district is not certain, to stand after a colon."""
    return _DOUBTS[doubt.code](doubt)
