"""One chamber's answer from all the evidence on it. Never a guess: what does not agree is a choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct, field

from actionmail.rules.districts.basis import PROBABLE, SURE, UNSURE, Basis, Doubt, DoubtCode
from actionmail.rules.districts.evidence import BOUNDARY, ChamberQuestion, Evidence, PlaceEvidence
from actionmail.rules.districts.overlays import alternatives, is_overlay
from actionmail.rules.districts.zip_table import Candidate
from actionmail.rules.replacing import replace


class ChamberAnswer(Struct, frozen=True, kw_only=True):
    """One chamber's districts, likeliest first; more than one where the sources do not settle it."""

    districts: tuple[Candidate, ...]
    basis: Basis
    trail: Mapping[str, Any] = field(default_factory=dict)  # what each source told, to keep
    doubts: tuple[Doubt, ...] = ()
    is_told: bool = False  # by the address, not by the ZIP code alone


def weigh(question: ChamberQuestion, places: Sequence[PlaceEvidence]) -> ChamberAnswer | None:
    """The answer, or None where no source told anything of any of these places.

    The order of authority: our own boundary, then the geocoder's layer, then who sits there by Open States. The first
    that tells is what the answer rests on; two that agree make it sure, one alone makes it probable. Then come the
    doubts, and one of them is enough to ask: another district's border is near, two sources differ, a map of another
    election stands alone, the geocoder knows only about where the home is, one address has several places in several
    districts, the ZIP code does not reach into the district, or the geocoder found the address in another ZIP code.
    What the supporter is asked to choose among stands in the same order, what the ZIP code adds last.
    """
    basis = _rests_on(question, places)
    if basis is None:
        return None
    names: list[str] = []
    doubts: list[Doubt] = []
    trail: dict[str, Any] = {}
    for place in places:
        names += _names_at(question, place)
        doubts += _doubts_at(question, place)
        trail.update(_trail_of(question, place))
    if len(places) > 1 and len(question.bases(names)) > 1:
        doubts.append(_doubt(question, DoubtCode.SEVERAL_PLACES))
    if doubt := _doubt_of_zip(question, places, names):
        doubts.append(doubt)
        trail[doubt.code.value] = True
        names += _names_by_zip(question)
    districts = with_overlays([question.candidate(name) for name in dict.fromkeys(names)], question.zip_candidates)
    confidence = SURE if all(len(place.evidence) > 1 for place in places) else PROBABLE
    if doubts or len(alternatives(districts)) > 1:
        confidence = UNSURE
    return ChamberAnswer(
        districts=districts,
        basis=Basis(method=basis.source, data_version=basis.data_version, confidence=confidence),
        trail=trail,
        doubts=tuple(doubts),
        is_told=True,
    )


def _rests_on(question: ChamberQuestion, places: Sequence[PlaceEvidence]) -> Evidence | None:
    """The first source that told anything; a boundary may tell no more than that a district is near."""
    for place in places:
        if place.near and question.boundaries:
            return Evidence(source=BOUNDARY, districts=(), data_version=question.boundaries.version)
        if place.evidence:
            return place.evidence[0]
    return None


def _names_at(question: ChamberQuestion, place: PlaceEvidence) -> list[str]:
    """The districts told of one place, by authority, with those to choose from beside them."""
    names: list[str] = []
    for evidence in place.evidence:
        names += evidence.districts
    if _is_unchecked(question, place) or _is_rough(question, place):
        names += [candidate.district for candidate in question.zip_candidates]
    for near in place.near:
        names += near.names
    return names


def _doubts_at(question: ChamberQuestion, place: PlaceEvidence) -> Iterator[Doubt]:
    if place.near:
        near = place.near[0]
        yield _doubt(question, DoubtCode.NEAR_BORDER, district=near.names[0], metres=str(round(near.metres)))
    for evidence, other in _disagreements(place):
        yield _doubt(
            question,
            DoubtCode.DISAGREEMENT,
            source=evidence.source,
            district=evidence.districts[0],
            other_source=other.source,
            other_district=other.districts[0],
        )
    if _is_unchecked(question, place) and question.boundaries:
        yield _doubt(question, DoubtCode.OTHER_YEAR, year=str(question.boundaries.as_of.year))
    if _is_rough(question, place):
        found_by, exactness = place.place.found_by, place.place.exactness.value
        yield _doubt(question, DoubtCode.ROUGH_POINT, found_by=found_by, exactness=exactness)


def _disagreements(place: PlaceEvidence) -> list[tuple[Evidence, Evidence]]:
    return [
        (first, second) for first, second in pairwise(place.evidence) if set(first.districts) != set(second.districts)
    ]


def _is_unchecked(question: ChamberQuestion, place: PlaceEvidence) -> bool:
    """Whether a map of another election than the tables' is all that tells the district."""
    is_alone = [evidence.source for evidence in place.evidence] == [BOUNDARY]
    return is_alone and question.boundaries is not None and question.boundaries.as_of.year != question.year


def _is_rough(question: ChamberQuestion, place: PlaceEvidence) -> bool:
    """Whether the home may be some way off the point, and that leaves a choice."""
    if not place.place.exactness.is_rough or len(question.bases(question.names)) == 1:
        return False
    bases: set[str] = set()
    for evidence in place.evidence:
        bases |= question.bases(evidence.districts)
    listed = question.bases(_names_by_zip(question))
    return len(listed) != 1 or listed != bases


def _trail_of(question: ChamberQuestion, place: PlaceEvidence) -> dict[str, Any]:
    trail: dict[str, Any] = {evidence.source: evidence.districts[0] for evidence in place.evidence}
    if place.near:
        trail["border_metres"] = round(place.near[0].metres)
    if _disagreements(place):
        trail["disagreement"] = True
    return trail


def _doubt_of_zip(question: ChamberQuestion, places: Sequence[PlaceEvidence], names: Sequence[str]) -> Doubt | None:
    """Whether the ZIP code that was given speaks against the district, or leaves open which of its own it is."""
    listed = _names_by_zip(question)
    if not listed or not names:
        return None
    areas = question.bases(listed)
    if question.base(names[0]) not in areas:
        return _doubt(question, DoubtCode.OUTSIDE_ZIP, zip=question.zip, district=names[0])
    elsewhere = {place.place.zip for place in places if place.place.zip} - {question.zip}
    if elsewhere and len(areas) > 1:
        values = {"zip": question.zip, "found_zip": min(elsewhere), "found_by": places[0].place.found_by}
        return _doubt(question, DoubtCode.OTHER_ZIP, **values)
    return None


def _names_by_zip(question: ChamberQuestion) -> list[str]:
    """The ZIP code's districts, without those that lie over others. A guess fences nothing, so it has none."""
    if any(candidate.is_guess for candidate in question.zip_candidates):
        return []
    return [candidate.district for candidate in question.zip_candidates if not is_overlay(candidate)]


def _doubt(question: ChamberQuestion, code: DoubtCode, **values: str) -> Doubt:
    return Doubt(code=code, state=question.state, chamber=question.chamber, values=values)


def with_overlays(districts: Sequence[Candidate], zip_candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """A floterial or a seat at large is in no boundary file: it stays as the ZIP code has it."""
    over = []
    for candidate in zip_candidates:
        if is_overlay(candidate):
            is_everybodys = candidate.state == "DC"  # whichever ward it is
            over.append(replace(candidate, is_guess=False) if is_everybodys else candidate)
    base = [candidate for candidate in districts if not is_overlay(candidate)]
    return (*base, *over)
