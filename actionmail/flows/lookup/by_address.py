"""From an address to its seats: geocoder, then point in polygon, checked against each other and against the ZIP code.

Never a guess: whatever does not agree, or lies near a border, comes back as a choice among the districts it may be.
How each answer came about is kept as a trail, without the address and without the point.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.by_zip import Found, as_guess, basis_by_zip, find_seats
from actionmail.rules.districts.addresses import (
    Address,
    Geocode,
    Place,
    Years,
    as_asked,
    check,
    is_box,
    layers_that_fit,
)
from actionmail.rules.districts.basis import PROBABLE, SURE, UNSURE, Basis, Doubt, DoubtCode
from actionmail.rules.districts.evidence import ChamberQuestion, gather
from actionmail.rules.districts.overlays import is_settled
from actionmail.rules.districts.refusals import (
    AddressNotFound,
    AddressRefused,
    GeocoderUnavailable,
    LookupRefused,
    Refusal,
    SeveralStates,
    Trouble,
    UnknownZip,
    WrongState,
)
from actionmail.rules.districts.states import STATES, chambers_in
from actionmail.rules.districts.weighing import ChamberAnswer, weigh, with_overlays
from actionmail.rules.districts.zip_codes import normalise_zip, unknown_zip
from actionmail.rules.districts.zip_table import Candidate, DistrictTable
from actionmail.rules.replacing import replace
from actionmail.rules.roster.seats import DatasetError

log = logging.getLogger(__name__)

Reason = AddressRefused | AddressNotFound | GeocoderUnavailable | DatasetError


class Located(Struct, frozen=True, kw_only=True):
    """What an address led to. `lookup` holds one district per chamber, or those to choose from; `trail` is to keep."""

    lookup: Found
    trail: Mapping[str, Any] = field(default_factory=dict)
    districts: Mapping[str, list[str]] = field(default_factory=dict)  # those that the address told, to keep
    point: tuple[float, float] | None = None  # about where it is, for a map; None where there are several places
    reason: Reason | None = None  # why the address was of no use, where it was of none

    @property
    def confidence(self) -> str:
        """That of the least sure chamber."""
        each = (basis.confidence for basis in self.lookup.basis.values())
        return max(each, key=(SURE, PROBABLE, UNSURE).index, default=UNSURE)


def find_address(
    geocode: Geocode,
    atlas: Atlas,
    table: DistrictTable,
    address: Address,
    *,
    state: str,
    chambers: Sequence[str],
) -> Located:
    """The seats of an address in `state`.

    Raises LookupRefused (AddressRefused, AddressNotFound, WrongState, …), GeocoderUnavailable, and DatasetError for
    boundaries that are damaged.
    """
    check(address)
    by_zip = _by_zip(table, address, state, chambers)
    wanted = chambers_in(state, chambers)
    years = {chamber: table.year_of(state, chamber) for chamber in wanted}
    matches = geocode(as_asked(address), years)
    nearby = table.states(address.zip, with_congress=True)
    places = _in_state([_on_the_ground(place, atlas, (state, *nearby)) for place in matches], state)
    if not address.zip:
        by_zip = _by_zip_of(places[0], table, state, chambers)
    answers = {}
    for chamber in wanted:
        question = ChamberQuestion(
            state=state,
            chamber=chamber,
            boundaries=atlas.get(state, chamber),
            year=years[chamber],
            names=table.districts_in(state, chamber),
            zip=by_zip.zip if by_zip else "",
            zip_candidates=by_zip.seats.get(chamber, ()) if by_zip else (),
        )
        answers[chamber] = _answer(question, places, table)
    if _asks_for_districts(wanted) and not any(answer.is_told for answer in answers.values()):
        raise AddressNotFound(Refusal.DISTRICTS_UNKNOWN, found_zip=by_zip.zip if by_zip else "")
    lookup = _found(answers, table, by_zip, state=state, zip5=address.zip or places[0].zip)
    districts = {}
    for chamber, answer in answers.items():
        if answer.is_told:
            districts[chamber] = [candidate.district for candidate in answer.districts]
    return Located(
        lookup=replace(lookup, data_version=lines_version(table, atlas, state=state, chambers=chambers)),
        trail=_trail(answers, matches, places, years),
        districts=districts,
        point=_roughly(places[0]) if len(places) == 1 else None,
    )


def _roughly(place: Place) -> tuple[float, float]:
    """Latitude and longitude to about 100 m: enough to find oneself on a map, too little to name a house."""
    return round(place.latitude, 3), round(place.longitude, 3)


def _asks_for_districts(chambers: Sequence[str]) -> bool:
    """Senators in Congress are the whole state's."""
    return any(chamber != "us_upper" for chamber in chambers)


def _on_the_ground(place: Place, atlas: Atlas, states: Sequence[str]) -> Place:
    """With the state whose map has the point, where the geocoder told no more than the postal address's."""
    if place.is_surveyed:
        return place
    for state in dict.fromkeys((*states, place.state)):
        for chamber in chambers_in(state, ("upper", "us_lower")) if state in STATES else ():
            boundaries = atlas.get(state, chamber)
            if boundaries and boundaries.at(place.latitude, place.longitude):
                return replace(place, state=state, is_surveyed=True)
    return place


def _in_state(matches: Sequence[Place], state: str) -> tuple[Place, ...]:
    """Those in the state, or in one that the geocoder does not tell. Raises AddressNotFound or WrongState."""
    if not matches:
        raise AddressNotFound(Refusal.ADDRESS_UNKNOWN)
    places = tuple(place for place in matches if place.state in {state, ""})
    if not places:
        others = tuple(dict.fromkeys(place.state for place in matches if place.state))
        raise WrongState(Refusal.ADDRESS_ELSEWHERE, found_states=others, state=state)
    return places


def _by_zip(table: DistrictTable, address: Address, state: str, chambers: Sequence[str]) -> Found | None:
    """What the ZIP code alone says; None for one that is unknown, or of which another state is no more than a guess.

    Raises BadZip, and WrongState where the ZIP code is another state's.
    """
    if not address.zip:
        return None
    try:
        return find_seats(table, address.zip, state=state, chambers=chambers)
    except UnknownZip:
        return None
    except WrongState:
        if any(candidate.is_guess for candidate in table.candidates(normalise_zip(address.zip))):
            return None
        raise


def _by_zip_of(place: Place, table: DistrictTable, state: str, chambers: Sequence[str]) -> Found | None:
    """The same for a match's own ZIP code, where none was typed; whatever is wrong with it is not the supporter's."""
    try:
        return find_seats(table, place.zip, state=state, chambers=chambers)
    except LookupRefused:
        return None


def _answer(question: ChamberQuestion, places: Sequence[Place], table: DistrictTable) -> ChamberAnswer:
    """One chamber's: the state's for senators, else what the evidence says, else what the ZIP code does."""
    if question.chamber == "us_upper":  # whoever lives in the state
        senators = table.of_congress("", question.state, question.chamber)
        return ChamberAnswer(districts=senators, basis=basis_by_zip(table, question.chamber, senators))
    answer = weigh(question, [gather(question, place) for place in places])
    if answer is None:
        candidates = question.zip_candidates
        basis = basis_by_zip(table, question.chamber, candidates, settled=PROBABLE)
        return ChamberAnswer(districts=candidates, basis=basis)
    for doubt in answer.doubts:
        if doubt.code is DoubtCode.DISAGREEMENT:
            log.warning("Sources disagree on %s %s: %s", doubt.state, doubt.chamber, " ".join(doubt.values.values()))
    return answer


def _found(
    answers: Mapping[str, ChamberAnswer], table: DistrictTable, by_zip: Found | None, *, state: str, zip5: str
) -> Found:
    doubts: list[Doubt] = []
    for answer in answers.values():
        doubts += answer.doubts
    return Found(
        zip=by_zip.zip if by_zip else zip5,
        state=state,
        method="address",
        data_version=table.version,
        as_of=table.as_of,
        seats={chamber: answer.districts for chamber, answer in answers.items()},
        basis={chamber: answer.basis for chamber, answer in answers.items()},
        is_certain=all(answer.basis.confidence != UNSURE for answer in answers.values()),
        told_chambers=tuple(chamber for chamber, answer in answers.items() if answer.is_told),
        doubts=tuple(doubts),
    )


def lines_version(table: DistrictTable, atlas: Atlas, *, state: str, chambers: Sequence[str]) -> str:
    """What tells the table and the maps in which addresses are found from others. Raises DatasetError."""
    maps = [atlas.get(state, chamber) for chamber in chambers_in(state, chambers)]
    return " ".join([table.version, *(f"{drawn.chamber}:{drawn.version}" for drawn in maps if drawn)])


def _trail(
    answers: Mapping[str, ChamberAnswer], matches: Sequence[Place], places: Sequence[Place], years: Years
) -> dict[str, Any]:
    trail: dict[str, Any] = {
        "matches": len(matches),
        "chambers": {chamber: dict(answer.trail) for chamber, answer in answers.items()},
    }
    if places[0].found_by:
        trail |= {"found_by": places[0].found_by, "exactness": places[0].exactness.value}
    if places[0].data_version:
        trail["point_version"] = places[0].data_version
    warnings: list[str] = []
    for place in places:
        warnings += (*place.warnings, *layers_that_fit(place, years)[1])
    if warnings:
        trail["warnings"] = list(dict.fromkeys(warnings))
    return trail


def restore(
    by_zip: Found,
    districts: Mapping[str, Sequence[str]],
    *,
    basis: Mapping[str, Mapping[str, str]],
    data_version: str,
    doubts: Sequence[Doubt],
) -> Found:
    """What `find_address` found, from the `districts` it told, each chamber's `basis` and doubts, as a draft has them.

    The districts of a chamber that it told nothing about are as the ZIP code has them.
    """
    seats = dict(by_zip.seats)
    for chamber, names in districts.items():
        if chamber in seats:
            candidates = [_candidate(by_zip.state, chamber, name) for name in names]
            seats[chamber] = with_overlays(candidates, by_zip.seats[chamber])
    return replace(
        by_zip,
        seats=seats,
        basis={**by_zip.basis, **{chamber: Basis(**values) for chamber, values in basis.items()}},
        method="address",
        data_version=data_version,
        told_chambers=tuple(districts),
        doubts=tuple(doubts),
        other_states=(),
        is_certain=all(map(is_settled, seats.values())),
    )


def _candidate(state: str, chamber: str, name: str) -> Candidate:
    return Candidate(chamber=chamber, district=name, state=state, share=1.0, method="address")


# The whole ladder, for the doors that answer in one step


def look_up(
    table: DistrictTable,
    address: Address,
    *,
    state: str,
    chambers: Sequence[str],
    geocode: Geocode | None,
    atlas: Atlas,
) -> Located:
    """By ZIP code where that is enough or all there is, else by address; what went wrong on the way is the `reason`.

    Raises LookupRefused, GeocoderUnavailable or DatasetError where neither leads anywhere.
    """
    if not address.street:
        return Located(lookup=find_seats(table, address.zip, state=state, chambers=chambers))
    try:
        if geocode is None:
            raise GeocoderUnavailable(Trouble.NOT_SET_UP)
        return find_address(geocode, atlas, table, address, state=state, chambers=chambers)
    except (AddressRefused, AddressNotFound, GeocoderUnavailable, DatasetError) as error:
        zip5 = address.zip or (error.found_zip if isinstance(error, AddressNotFound) else "")
        if not zip5:
            raise
        reason = error
    legislature = find_seats(table, zip5, state=state, chambers=chambers)
    return Located(lookup=as_guess(legislature) if is_box(address) else legislature, reason=reason)


def look_up_anywhere(
    table: DistrictTable, address: Address, *, chambers: Sequence[str], geocode: Geocode | None, atlas: Atlas
) -> tuple[Located, ...]:
    """The same where no state was asked about: that of the ground, or every state that the ZIP code lies in.

    Raises as `look_up` does, and LookupRefused where nothing tells a state.
    """
    try:
        states: tuple[str, ...] = (state_of(table, address, ""),)
    except SeveralStates as several:
        states = several.found_states
    if not address.street:
        each = []
        for state in states:
            each.append(look_up(table, address, state=state, chambers=chambers, geocode=None, atlas=atlas))
        return tuple(each)
    try:
        located = look_up(table, address, state=states[0], chambers=chambers, geocode=geocode, atlas=atlas)
    except WrongState as wrong:
        elsewhere = [state for state in wrong.found_states if state in STATES]
        if len(elsewhere) != 1 or not address.street:
            raise
        return (look_up(table, address, state=elsewhere[0], chambers=chambers, geocode=geocode, atlas=atlas),)
    if located.reason is None:
        return (located,)
    others = []
    for state in states[1:]:
        other = find_seats(table, located.lookup.zip, state=state, chambers=chambers)
        others.append(replace(located, lookup=other))
    return (located, *others)


def state_of(table: DistrictTable, address: Address, state: str) -> str:
    """The state that is meant: the one named, the address's own, or the ZIP code's only one. Raises LookupRefused."""
    named = (state or address.state).upper()
    if named in STATES:
        return named
    if named:
        raise LookupRefused(Refusal.NO_SUCH_STATE, typed=named[:20])
    if not address.zip:
        if address.street:
            check(address)
        raise LookupRefused(Refusal.STATE_NOT_NAMED)
    zip5 = normalise_zip(address.zip)
    states = sorted(table.states(zip5, with_congress=False) or table.states(zip5, with_congress=True))
    if not states:
        raise unknown_zip(zip5)
    if len(states) > 1:
        raise SeveralStates(zip5, tuple(states))
    return states[0]
