"""What each source says of one chamber's district at one place. `weighing` makes an answer of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from unicodedata import normalize

from msgspec import Struct

from actionmail.rules.districts.addresses import Place, layers_that_fit, same_district
from actionmail.rules.districts.overlays import base_district, is_overlay
from actionmail.rules.districts.zip_table import Candidate

if TYPE_CHECKING:
    from actionmail.rules.districts.boundaries import Boundaries, Near

BOUNDARY, GEOCODER, OPEN_STATES = "boundary", "geocoder", "openstates"


class ChamberQuestion(Struct, frozen=True, kw_only=True):
    """Which district of one chamber an address lies in, and what is known before any place is looked at."""

    state: str
    chamber: str
    boundaries: Boundaries | None
    year: int  # of the election whose districts the tables have; 0 where they have none
    names: tuple[str, ...]  # the roster's, of all the chamber's districts
    zip: str  # the ZIP code that was given, "" where it is none of the table's
    zip_candidates: tuple[Candidate, ...]  # the ZIP code's, likeliest first

    def candidate(self, name: str) -> Candidate:
        """The district as the address's own."""
        return Candidate(chamber=self.chamber, district=name, state=self.state, share=1.0, method="address")

    def base(self, name: str) -> str:
        """The area that the district stands for."""
        return base_district(self.candidate(name))

    def bases(self, names: Sequence[str]) -> set[str]:
        return {self.base(name) for name in names}


class Evidence(Struct, frozen=True, kw_only=True):
    """The districts that one source tells, by the roster's names: several where they share one area (Idaho)."""

    source: str  # BOUNDARY, GEOCODER or OPEN_STATES
    districts: tuple[str, ...]
    data_version: str  # of the source's data, "" where it has none


class PlaceEvidence(Struct, frozen=True, kw_only=True):
    """All that was told of one place, the authority first; a boundary may tell of a near district alone."""

    place: Place
    evidence: tuple[Evidence, ...]
    near: tuple[Near, ...]


def gather(question: ChamberQuestion, place: Place) -> PlaceEvidence:
    """Every source that tells something of this place."""
    sources = (by_boundary(question, place), by_geocoder(question, place), by_open_states(question, place))
    return PlaceEvidence(
        place=place,
        evidence=tuple(evidence for evidence in sources if evidence.districts),
        near=nearby(question, place),
    )


def by_boundary(question: ChamberQuestion, place: Place) -> Evidence:
    """The district that our own map has the point in."""
    boundaries = question.boundaries
    district = boundaries.at(place.latitude, place.longitude) if boundaries else None
    return Evidence(
        source=BOUNDARY,
        districts=district.names if district else (),
        data_version=boundaries.version if boundaries else "",
    )


def nearby(question: ChamberQuestion, place: Place) -> tuple[Near, ...]:
    """The other districts whose border is so near that our lines cannot tell, nearest first."""
    return question.boundaries.near(place.latitude, place.longitude) if question.boundaries else ()


def by_geocoder(question: ChamberQuestion, place: Place) -> Evidence:
    """The geocoder's own district, where its layer is of the districts that the tables are of."""
    layer = layers_that_fit(place, {question.chamber: question.year})[0].get(question.chamber)
    names: list[str] = []
    if layer:
        names += [name for name in question.names if same_district(question.base(name), layer)]
    return Evidence(source=GEOCODER, districts=tuple(names), data_version=f"geocoder:{layer.year}" if layer else "")


def by_open_states(question: ChamberQuestion, place: Place) -> Evidence:
    """The districts that Open States has a legislator of at this point; none that lie over others."""
    theirs = {normalize("NFC", seat.district) for seat in place.seats if seat.chamber == question.chamber}
    sitting = [name for name in question.names if name in theirs and not is_overlay(question.candidate(name))]
    areas = question.bases(sitting)
    names = [name for name in question.names if question.base(name) in areas]  # a vacant seat of a pair too
    return Evidence(source=OPEN_STATES, districts=tuple(names), data_version="")
