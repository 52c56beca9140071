"""From an address to its seats: geocoder, then point in polygon, checked against each other and against the ZIP code.

Never a guess: whatever does not agree, or lies near a border, comes back as a choice among the districts it may be.
How each answer came about is kept as a trail, without the address and without the point.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from sqlalchemy.orm import Session

from actionmail.flows.lookup.by_zip import (
    PROBABLE,
    SURE,
    UNSURE,
    Basis,
    Found,
    Stamp,
    basis_by_zip,
    find_seats,
    stamp_of,
)
from actionmail.flows.roster import reading
from actionmail.rules.districts.addresses import (
    Address,
    AddressNotFound,
    AddressRefused,
    Geocode,
    GeocoderUnavailable,
    Place,
    check,
    layers_that_fit,
    parse,
    same_district,
)
from actionmail.rules.districts.zip_districts import (
    STATES,
    TERRITORIES,
    Candidate,
    DistrictTable,
    LookupRefused,
    UnknownZip,
    WrongState,
    and_join,
    chambers_in,
    ground,
    house,
    is_settled,
    lies_over,
    normalise_zip,
    options,
    whereabouts,
)
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.roster.titles import chamber_name, title

if TYPE_CHECKING:
    from actionmail.rules.districts.boundaries import Boundaries, Drawing, Near

__all__ = [
    "Address",
    "AddressNotFound",
    "AddressRefused",
    "Atlas",
    "Geocode",
    "GeocoderUnavailable",
    "Located",
    "LookupRefused",
    "WrongState",
    "describe",
    "find_address",
    "look_up",
    "parse",
    "restore",
    "state_of",
]

log = logging.getLogger(__name__)

_WHO = {"Boundary": "our map says", "geocoder": "the Census", "Open States": "Open States"}


class Atlas:
    """The boundaries in a data folder, each file read when first asked for and kept until another takes its place.

    So an import, and going back, hold at once in every process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, str], tuple[Stamp | None, Boundaries | None]] = {}
        self._lock = threading.Lock()

    def get(self, state: str, chamber: str) -> Boundaries | None:
        """The boundaries of one chamber, None where there are none. Raises DatasetError for a damaged file."""
        key, file = (state, chamber), self._folder / f"{state}_{chamber}.json.gz"
        known = self._read.get(key)
        if known is None or known[0] != stamp_of(file):
            with self._lock:
                stamp, known = stamp_of(file), self._read.get(key)
                if known is None or known[0] != stamp:
                    known = self._read[key] = (stamp, self._load(file))
        return known[1]

    def covers(self, state: str) -> bool:
        """Whether there are boundaries for every house of the state."""
        houses = chambers_in(state, ("upper", "lower")) if state in STATES else ()
        return bool(houses) and all((self._folder / f"{state}_{one}.json.gz").is_file() for one in houses)

    def faults(self, table: DistrictTable) -> list[str]:
        """A sentence for each map that cannot be read, or is of another election than `table`'s districts."""
        found = []
        for state in sorted(STATES):
            for chamber in chambers_in(state, ("upper", "lower")):
                try:
                    drawn = self.get(state, chamber)
                except DatasetError as error:
                    found.append(f"The boundaries of {STATES[state]} cannot be used: {error}")
                    continue
                year = table.year_of(state, chamber)
                if drawn and year and drawn.as_of.year != year:
                    found.append(
                        f"The boundaries of the {chamber_name(state, chamber)} are of {drawn.as_of.year} and the ZIP "
                        f"table is of {year}: supporters are asked more often until both are of one year."
                    )
        return found

    def _load(self, file: Path) -> Boundaries | None:
        from actionmail.rules.districts.boundaries import (
            unpack,  # here, since shapely takes time that a start need not wait for
        )

        try:
            raw = file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DatasetError(file.name, f"cannot be read: {error.strerror}") from None
        return unpack(raw, file.name)

    def drawing(self, state: str, chamber: str, district: str) -> Drawing | None:
        """A small map of the district, where its boundary is known."""
        from actionmail.rules.districts.boundaries import draw  # as in `_load`

        boundaries = self.get(state, chamber)
        return draw(boundaries, district) if boundaries else None


@dataclass(frozen=True, kw_only=True)
class Located:
    """What an address led to. `found` holds one district per chamber, or those to choose from; `trail` is to keep."""

    found: Found
    trail: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, list[str]] = field(default_factory=dict)  # the districts that the address told, to keep
    note: str = ""  # why the address was of no use, where it was of none

    @property
    def confidence(self) -> str:
        """That of the least sure chamber."""
        each = (one.confidence for one in self.found.basis.values())
        return max(each, key=(SURE, PROBABLE, UNSURE).index, default=UNSURE)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """One chamber's districts, likeliest first; more than one where the sources do not settle it."""

    districts: tuple[Candidate, ...]
    basis: Basis
    trail: dict[str, Any]
    doubts: tuple[str, ...] = ()
    is_told: bool = False  # by the address, not by the ZIP code alone


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

    Raises LookupRefused (AddressRefused, AddressNotFound, WrongState, …) with a sentence, and GeocoderUnavailable.
    """
    check(address)
    by_zip = _by_zip(table, address, state, chambers)
    places = geocode(address)
    if not places:
        raise AddressNotFound(
            "We could not find this address. Please check the house number and the street, and leave out flat and "
            "suite; or choose your legislators by name."
        )
    here = tuple(place for place in places if place.state in {state, ""})
    if not here:
        others = tuple(dict.fromkeys(place.state for place in places if place.state))
        names = and_join([STATES.get(one) or TERRITORIES.get(one, one) for one in others])
        raise WrongState(
            f"This address is in {names}, not in {STATES[state]}, whose legislators are asked for here. "
            f"If you live in {STATES[state]}, please enter your home address there.",
            others,
        )
    if not address.zip:
        by_zip = _by_zip_of(here[0], table, state, chambers)
    drawn = {chamber: atlas.get(state, chamber) for chamber in chambers_in(state, chambers)}
    answers = {
        chamber: _chamber(here, boundaries, table, by_zip, state, chamber) for chamber, boundaries in drawn.items()
    }
    known = {chamber: answer for chamber, answer in answers.items() if answer.districts}
    if not known:
        raise AddressNotFound(
            "We found this address on the map, but not its districts. Please choose your legislators by name."
        )
    settled = all(answer.basis.confidence != UNSURE for answer in answers.values())
    found = Found(
        zip=by_zip.zip if by_zip else address.zip or here[0].zip,
        state=state,
        method="address",
        data_version=" ".join([table.version, *(f"{one.chamber}:{one.version}" for one in drawn.values() if one)]),
        as_of=table.as_of,
        seats={chamber: answer.districts for chamber, answer in answers.items()},
        basis={chamber: answer.basis for chamber, answer in answers.items()},
        is_certain=settled,
        explanation=_explain(state, answers, settled=settled),
    )
    trail: dict[str, Any] = {
        "matches": len(places),
        "chambers": {chamber: answer.trail for chamber, answer in answers.items()},
    }
    if warnings := list(dict.fromkeys(warning for place in here for warning in _warnings(place, table, state))):
        trail["warnings"] = warnings
    told = {
        chamber: [one.district for one in answer.districts] for chamber, answer in answers.items() if answer.is_told
    }
    return Located(found=found, trail=trail, told=told)


def restore(
    by_zip: Found,
    told: Mapping[str, Sequence[str]],
    *,
    basis: Mapping[str, Mapping[str, str]],
    data_version: str,
    explanation: str,
) -> Found:
    """What `find_address` found, from what it `told` and the `basis` of each chamber, as a draft keeps them.

    The districts of a chamber that it told nothing about are as the ZIP code has them.
    """
    seats = {
        chamber: _with_those_over(tuple(_candidate(by_zip.state, chamber, name) for name in told[chamber]), candidates)
        if chamber in told
        else candidates
        for chamber, candidates in by_zip.seats.items()
    }
    return replace(
        by_zip,
        seats=seats,
        basis={**by_zip.basis, **{chamber: Basis(**one) for chamber, one in basis.items()}},
        method="address",
        data_version=data_version,
        explanation=explanation,
        is_certain=all(map(is_settled, seats.values())),
    )


def _by_zip(table: DistrictTable, address: Address, state: str, chambers: Sequence[str]) -> Found | None:
    """What the ZIP code alone says. An unknown ZIP code is none; that of another state or of no shape is refused."""
    if not address.zip:
        return None
    try:
        return find_seats(table, address.zip, state=state, chambers=chambers)
    except UnknownZip:
        return None


def _by_zip_of(place: Place, table: DistrictTable, state: str, chambers: Sequence[str]) -> Found | None:
    """The same for a match's own ZIP code, where none was typed; whatever is wrong with it is not the supporter's."""
    try:
        return find_seats(table, place.zip, state=state, chambers=chambers)
    except LookupRefused:
        return None


def _chamber(
    places: Sequence[Place],
    boundaries: Boundaries | None,
    table: DistrictTable,
    by_zip: Found | None,
    state: str,
    chamber: str,
) -> _Answer:
    """One chamber: the boundary's district is the authority; each source that says otherwise makes it a choice."""
    if chamber == "us_upper":  # whoever lives in the state
        senators = table.of_congress("", state, chamber)
        return _Answer(districts=senators, basis=basis_by_zip(table, chamber, senators), trail={})
    names: list[str] = []
    by: list[tuple[str, str]] = []  # who told them, with the version of its data; the first is the authority
    doubts: list[str] = []
    trail: dict[str, Any] = {}
    confidence = SURE
    everybody = table.districts_in(state, chamber)
    for place in places:
        layer = layers_that_fit(place, partial(table.year_of, state))[0].get(chamber)
        told = [name for name in everybody if layer and same_district(_area(state, chamber, name), layer)]
        drawn, near = _drawn(boundaries, place)
        if boundaries and (drawn or near):
            by.append(("boundary", boundaries.version))
        if drawn:
            names += drawn
            trail["boundary"] = drawn[0]
        if near:
            trail["border_metres"] = round(near[0].metres)
            doubts.append(
                f"the border of {_called(state, chamber, near[0].names[0])} is {round(near[0].metres)} m away"
            )
        sitting = _sitting(place, everybody, state, chamber)
        said = [
            (who, names_)
            for who, names_ in (("Boundary", drawn), ("geocoder", told), ("Open States", sitting))
            if names_
        ]
        if told and layer:
            by.append(("geocoder", f"geocoder:{layer.year}"))
            trail["geocoder"] = told[0]
        if sitting:
            by.append(("openstates", ""))
            trail["openstates"] = sitting[0]
        for (one, ours), (other, theirs) in pairwise(said):
            if set(ours) != set(theirs):
                trail["disagreement"] = True
                log.warning("%s and %s disagree on %s %s: %s, %s", one, other, state, chamber, ours[0], theirs[0])
                doubts.append(f"{_WHO[one]} {_called(state, chamber, ours[0])}, {_WHO[other]} {theirs[0]}")
        if len(said) < 2:
            confidence = PROBABLE
            if boundaries and drawn and boundaries.as_of.year != table.year_of(state, chamber):
                doubts.append(f"our map is of {boundaries.as_of.year}, and no other source could check it")
                names += [one.district for one in by_zip.seats.get(chamber, ())] if by_zip else []
        names += told + sitting
        names += [name for one in near for name in one.names]
    if len(places) > 1 and len(_grounds(state, chamber, names)) > 1:
        doubts.append("several places have this address")
    listed = [one.district for one in by_zip.seats.get(chamber, ()) if not lies_over(one)] if by_zip else []
    if by_zip and names and listed:
        areas = _grounds(state, chamber, listed)
        elsewhere = {place.zip for place in places if place.zip} - {by_zip.zip}
        if _area(state, chamber, names[0]) not in areas:
            trail["outside_zip"] = True
            doubts.append(f"the ZIP code {by_zip.zip} does not reach into {_called(state, chamber, names[0])}")
            names += listed
        elif elsewhere and len(areas) > 1:
            trail["other_zip"] = True
            doubts.append(f"the Census has this address in the ZIP code {min(elsewhere)}, not in {by_zip.zip}")
            names += listed
    if not by:  # the address said nothing about this chamber
        candidates = by_zip.seats.get(chamber, ()) if by_zip else ()
        return _Answer(
            districts=candidates, basis=basis_by_zip(table, chamber, candidates, settled=PROBABLE), trail=trail
        )
    districts = tuple(_candidate(state, chamber, name) for name in dict.fromkeys(names))
    districts = _with_those_over(districts, by_zip.seats.get(chamber, ()) if by_zip else ())
    if doubts or len(options(districts)) > 1:
        confidence = UNSURE
    method, data_version = by[0]
    return _Answer(
        districts=districts,
        basis=Basis(method=method, data_version=data_version, confidence=confidence),
        trail=trail,
        doubts=tuple(dict.fromkeys(doubts)),
        is_told=True,
    )


def _drawn(boundaries: Boundaries | None, place: Place) -> tuple[list[str], tuple[Near, ...]]:
    if boundaries is None:
        return [], ()
    district = boundaries.at(place.latitude, place.longitude)
    return list(district.names) if district else [], boundaries.near(place.latitude, place.longitude)


def _sitting(place: Place, everybody: Sequence[str], state: str, chamber: str) -> list[str]:
    """The districts that Open States has a legislator of at this point, by the roster's names; none over others."""
    theirs = {normalize("NFC", seat.district) for seat in place.seats if seat.chamber == chamber}
    found = [name for name in everybody if name in theirs and not lies_over(_candidate(state, chamber, name))]
    areas = {_area(state, chamber, name) for name in found}
    return [name for name in everybody if _area(state, chamber, name) in areas]  # a vacant seat of a pair too


def _area(state: str, chamber: str, name: str) -> str:
    return ground(_candidate(state, chamber, name))


def _grounds(state: str, chamber: str, names: Sequence[str]) -> set[str]:
    return {_area(state, chamber, name) for name in names}


def _with_those_over(districts: tuple[Candidate, ...], by_zip: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """A floterial or a seat at large is in no boundary file: it stays as the ZIP code has it."""
    over = tuple(one for one in by_zip if lies_over(one))
    return (*(one for one in districts if not lies_over(one)), *over) if districts else over


def _candidate(state: str, chamber: str, name: str) -> Candidate:
    return Candidate(chamber=chamber, district=name, state=state, share=1.0, method="address")


def _called(state: str, chamber: str, name: str) -> str:
    return f"{house(state, chamber)} District {name}"


def _warnings(place: Place, table: DistrictTable, state: str) -> tuple[str, ...]:
    return (*place.warnings, *layers_that_fit(place, partial(table.year_of, state))[1])


def _explain(state: str, answers: Mapping[str, _Answer], *, settled: bool) -> str:
    places = [
        _called(state, chamber, _area(state, chamber, answer.districts[0].district))
        for chamber, answer in answers.items()
        if answer.districts and chamber != "us_upper"
    ]
    if not places:
        return f"Your address is in {STATES[state]}."
    if settled:
        return f"Your address is in {and_join(places)}."
    doubts = list(dict.fromkeys(doubt for answer in answers.values() for doubt in answer.doubts))
    reason = f": {'; '.join(doubts)}" if doubts else ""
    return f"Your address is probably in {and_join(places)}, but this is not certain{reason}. Please choose."


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
    """By ZIP code where that is enough or all there is, else by address; what went wrong on the way is in `note`.

    Raises LookupRefused where neither leads anywhere.
    """
    if not address.street:
        return Located(found=find_seats(table, address.zip, state=state, chambers=chambers))
    try:
        if geocode is None:
            raise GeocoderUnavailable("None is set up here.")
        return find_address(geocode, atlas, table, address, state=state, chambers=chambers)
    except WrongState:
        raise
    except (AddressRefused, AddressNotFound, GeocoderUnavailable, DatasetError) as reason:
        if not address.zip:
            raise AddressNotFound(f"{reason} With a ZIP code we could say more.") from None
        if isinstance(reason, GeocoderUnavailable):
            note = f"The geocoder gave no answer, so the ZIP code alone was used. {reason}"
        elif isinstance(reason, DatasetError):
            note = f"The boundaries cannot be used, so the ZIP code alone was: {reason}."
        else:
            note = str(reason)
    return Located(found=find_seats(table, address.zip, state=state, chambers=chambers), note=note)


def state_of(table: DistrictTable, address: Address, state: str) -> str:
    """The state that is meant: the one named, the address's own, or the ZIP code's only one. Raises LookupRefused."""
    named = (state or address.state).upper()
    if named in STATES:
        return named
    if named:
        raise LookupRefused(f"{named[:20]!r} is no state: use two letters such as WI.")
    if not address.zip:
        if address.street:
            check(address)
        raise LookupRefused("Please name the state or the ZIP code too, such as 2 E Main St, Madison, WI 53703.")
    zip5 = normalise_zip(address.zip)
    states = sorted(table.states(zip5, with_congress=False) or table.states(zip5, with_congress=True))
    if not states:
        raise UnknownZip(whereabouts(zip5) or f"We do not know the ZIP code {zip5}.")
    if len(states) > 1:
        raise LookupRefused(f"{zip5} lies in {and_join([STATES[one] for one in states])}: please name the state.")
    return states[0]


def describe(session: Session, located: Located) -> dict[str, Any]:
    """An answer as JSON has it, with the legislators of every district it may be. Holds no address."""
    found = located.found
    candidates = {
        chamber: [
            {
                "district": seat.district,
                "share": seat.share,
                "method": seat.method,
                "legislators": [
                    {
                        "title": title(found.state, chamber),
                        "name": holder.name or "(vacant)",
                        "party": holder.party,
                        "status": holder.status,
                        **({"website": holder.website, "phone": holder.phone} if not holder.email else {}),
                    }
                    for holder in reading.legislators_for(session, found.state, [(chamber, seat.district)])
                ],
            }
            for seat in seats
        ]
        for chamber, seats in found.seats.items()
    }
    return {
        "zip": found.zip,
        "state": found.state,
        "method": found.method,
        "basis": {chamber: asdict(basis) for chamber, basis in found.basis.items()},
        "confidence": located.confidence,
        "certain": found.is_certain,
        "explanation": found.explanation,
        "note": located.note,
        "data_version": found.data_version,
        "as_of": found.as_of.isoformat(),
        "candidates": candidates,
        "trail": dict(located.trail),
    }
