"""Why a district is not certain, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from actionmail.rules.districts.basis import Doubt, DoubtCode
from actionmail.rules.moments import beside, day
from actionmail.rules.speech import ENGLISH, gettext, lazy, spoken
from actionmail.web.platform.places import district_in_house, districts_of


def _found_by(doubt: Doubt) -> str:
    """Who found the point; older drafts do not name the Census."""
    return doubt.values.get("found_by", "") or "census"


_OTHER_ZIP = {
    "census": lazy("the Census has this address in the ZIP code %(found)s, not in %(zip)s"),
    "nominatim": lazy("OpenStreetMap has this address in the ZIP code %(found)s, not in %(zip)s"),
    "pelias": lazy("the address finder has this address in the ZIP code %(found)s, not in %(zip)s"),
    "points": lazy("our file of addresses has this address in the ZIP code %(found)s, not in %(zip)s"),
    "file": lazy("the address finder has this address in the ZIP code %(found)s, not in %(zip)s"),
}
_FINDERS = {
    "census": lazy("the Census"),
    "nominatim": "OpenStreetMap",
    "pelias": lazy("the address finder"),
    "points": lazy("our file of addresses"),
    "file": lazy("the address finder"),
}
_ROUGH = {
    "interpolated": lazy("%(finder)s knows the house only by the numbers around it"),
    "street": lazy("%(finder)s knows the street, but not the house"),
    "area": lazy("%(finder)s knows the neighbourhood, but not the house"),
    "uncertain": lazy("%(finder)s is not sure that it found this address"),
}
_SAYS = {
    "boundary": lazy("our map says %(district)s"),
    "geocoder": lazy("the Census %(district)s"),
    "openstates": lazy("Open States %(district)s"),
}


def _near_border(doubt: Doubt) -> str:
    place = district_in_house(doubt.state, doubt.chamber, doubt.values["district"])
    return gettext("the border of %(district)s is %(metres)s m away", district=place, metres=doubt.values["metres"])


def _disagreement(doubt: Doubt) -> str:
    values = doubt.values
    place = district_in_house(doubt.state, doubt.chamber, values["district"])
    first = gettext(_SAYS[values["source"]], district=place)
    return beside([first, gettext(_SAYS[values["other_source"]], district=values["other_district"])])


def _other_year(doubt: Doubt) -> str:
    return gettext("our map is of %(year)s, and no other source could check it", year=doubt.values["year"])


def _several_places(doubt: Doubt) -> str:
    return gettext("several places have this address")


def _outside_zip(doubt: Doubt) -> str:
    place = district_in_house(doubt.state, doubt.chamber, doubt.values["district"])
    return gettext("the ZIP code %(zip)s does not reach into %(district)s", zip=doubt.values["zip"], district=place)


def _other_zip(doubt: Doubt) -> str:
    values = doubt.values
    return gettext(_OTHER_ZIP[_found_by(doubt)], found=values["found_zip"], zip=values["zip"])


def _rough_point(doubt: Doubt) -> str:
    return gettext(_ROUGH[doubt.values["exactness"]], finder=str(_FINDERS[_found_by(doubt)]))


def _older_congress(doubt: Doubt) -> str:
    return gettext(
        "our districts of the House of Representatives are the %(congress)s Congress's, and its members are the "
        "%(sitting)s's",
        congress=_ordinal(doubt.values["congress"]),
        sitting=_ordinal(doubt.values["sitting"]),
    )


def _newer_map(doubt: Doubt) -> str:
    election = date.fromisoformat(doubt.values["first_election"])
    return gettext(
        "%(districts)s were redrawn for the election of %(day)s, and we have only those from before",
        districts=districts_of(doubt.state, doubt.chamber),
        day=day(election),
    )


def _ordinal(number: str) -> str:
    if spoken() is not ENGLISH:
        return number
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
