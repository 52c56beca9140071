"""From a ZIP code to the seats whose holders it may have elected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from actionmail.rules.districts.basis import NEWER, SURE, UNSURE, Basis, Doubt
from actionmail.rules.districts.neighbours import NEIGHBOURS
from actionmail.rules.districts.overlays import alternatives, is_overlay, is_settled
from actionmail.rules.districts.refusals import Refusal, WrongState
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, chambers_in
from actionmail.rules.districts.zip_codes import normalise_zip, unknown_zip
from actionmail.rules.districts.zip_table import Candidate, DistrictTable
from actionmail.rules.replacing import replace

MAX_KEPT = 10_000  # answers


class Found(Struct, frozen=True, kw_only=True):
    """The seats of one ZIP code or address in one state. Unless `is_certain`, the supporter must say yes or choose."""

    zip: str
    state: str
    method: str  # "zip", "zip-guess" where a candidate is one, or "address"
    data_version: str
    as_of: date
    seats: dict[str, tuple[Candidate, ...]]
    basis: dict[str, Basis]  # of each chamber in `seats`
    is_certain: bool
    other_states: tuple[str, ...] = ()  # that a part of the ZIP code lies in
    told_chambers: tuple[str, ...] = ()  # whose districts the address told
    doubts: tuple[Doubt, ...] = ()  # why what the address told is not certain
    is_elsewhere: bool = False  # the ZIP code is a guess in `other_states` alone, and may reach into this one
    others: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)  # all other seats of chambers in `newer`

    @property
    def newer(self) -> tuple[str, ...]:
        """The chambers whose districts are newer than our lines: `seats` has no more than the likely ones of them."""
        doubted = {doubt.chamber for doubt in self.doubts if doubt.code in NEWER}
        return tuple(chamber for chamber in self.seats if chamber in doubted)

    def options(self, chamber: str) -> tuple[tuple[Candidate, ...], ...]:
        """What the supporter chooses one of: each the districts that go together (Idaho's seats A and B)."""
        return alternatives(self.seats.get(chamber, ()))

    def other_options(self, chamber: str) -> tuple[tuple[Candidate, ...], ...]:
        """What they choose one of besides, by district, where the chamber's districts are newer than our lines."""
        others = self.others.get(chamber, ())
        if not others:
            return ()
        every = alternatives((*self.seats.get(chamber, ()), *others))
        return tuple(option for option in every if not set(others).isdisjoint(option))

    def every_option(self, chamber: str) -> tuple[tuple[Candidate, ...], ...]:
        """All that the supporter may answer, the likely ones first."""
        return (*self.options(chamber), *self.other_options(chamber))


def find_seats(table: DistrictTable, zip_text: str, *, state: str, chambers: Sequence[str]) -> Found:
    """The candidates per wanted chamber. Raises BadZip, UnknownZip or WrongState.

    A guess fences nothing: one in a state beside this one leads to no district here, and leaves it to the street.
    """
    zip5 = normalise_zip(zip_text)
    asked = (zip5, state, *chambers)
    known: Found | None = table.answers.get(asked)
    if known is None:
        known = _find(table, zip5, state, chambers)
        if len(table.answers) >= MAX_KEPT:
            table.answers.clear()
        table.answers[asked] = known
    return known


def basis_by_zip(table: DistrictTable, chamber: str, candidates: Sequence[Candidate], *, settled: str = SURE) -> Basis:
    """What a chamber rests on where only the ZIP code told; its confidence is `settled` where no question is left."""
    if not candidates:
        return Basis(method="none", data_version="", confidence=UNSURE)
    is_guess = any(candidate.is_guess for candidate in candidates)
    is_statewide = all(candidate.is_statewide for candidate in candidates)
    versions = {"us_upper": "", "us_lower": table.congress_version}  # senators are those of whoever lives in the state
    return Basis(
        method="zip-guess" if is_guess else "state" if is_statewide else "zip",
        data_version=versions.get(chamber, table.version),
        confidence=settled if is_settled(candidates) else UNSURE,
    )


def as_guess(lookup: Found, chambers: Sequence[str] | None = None) -> Found:
    """The same as no more than a guess, in all chambers or in these: what is said or chosen decides.

    What holds for the whole state stays. Where all chambers are meant, it is the ZIP code itself that is guessed.
    """
    seats, basis = dict(lookup.seats), dict(lookup.basis)
    for chamber, candidates in lookup.seats.items():
        is_meant = chambers is None or chamber in chambers
        if is_meant and candidates and not all(candidate.is_statewide for candidate in candidates):
            seats[chamber] = tuple(replace(candidate, is_guess=True) for candidate in candidates)
            method = "zip-guess" if chambers is None and basis[chamber].method == "zip" else basis[chamber].method
            basis[chamber] = replace(basis[chamber], method=method, confidence=UNSURE)
    is_guess = lookup.method == "zip" and any(of_chamber.method == "zip-guess" for of_chamber in basis.values())
    return replace(
        lookup,
        method="zip-guess" if is_guess else lookup.method,
        seats=seats,
        basis=basis,
        is_certain=lookup.is_certain and all(map(is_settled, seats.values())),
    )


def basis_kept(lookup: Found, asked: Sequence[str], chambers: Sequence[str]) -> dict[str, Basis]:
    """What is kept of `chambers` once the supporter answered for those in `asked`.

    Whoever chose a district of this state lives in it, so that a part of their ZIP code beyond it is no doubt any more.
    """
    bases = {}
    for chamber, basis in lookup.basis.items():
        if chamber not in chambers:
            continue
        if chamber in asked:
            basis = replace(basis, method=f"{basis.method}+choice", confidence=UNSURE)
        elif basis.method in {"zip", "state"} and basis.confidence == UNSURE:
            basis = replace(basis, confidence=SURE)
        bases[chamber] = basis
    return bases


class Home(Struct, frozen=True, kw_only=True):
    """What a ZIP code alone settles. `state` is "" where it does not; `districts` are such as "upper/26"."""

    zip: str
    state: str
    districts: tuple[str, ...]
    data_version: str


def home_of(table: DistrictTable, zip_text: str, *, preferred: str = "") -> Home:
    """What the ZIP code settles, and no more. Of several states it is the `preferred` one. Raises BadZip."""
    zip5 = normalise_zip(zip_text)
    states = _states_of(table, zip5)
    state = preferred if preferred in states else states[0] if len(states) == 1 else ""
    districts: list[str] = []
    if state and len(states) == 1:
        legislature = find_seats(table, zip5, state=state, chambers=("upper", "lower"))
        for candidates in legislature.seats.values():
            if candidates and is_settled(candidates):
                districts += [f"{candidate.chamber}/{candidate.district}" for candidate in candidates]
    return Home(zip=zip5, state=state, districts=tuple(districts), data_version=table.version)


def states_of(table: DistrictTable, zip_text: str) -> tuple[str, ...]:
    """The states that a ZIP code may lie in, those of whom more live there first. Raises BadZip or UnknownZip."""
    zip5 = normalise_zip(zip_text)
    states = _states_of(table, zip5)
    if not states:
        raise unknown_zip(zip5)
    return states


def _states_of(table: DistrictTable, zip5: str) -> tuple[str, ...]:
    return tuple(table.states(zip5, with_congress=False) or table.states(zip5, with_congress=True))


def _find(table: DistrictTable, zip5: str, state: str, chambers: Sequence[str]) -> Found:
    wanted = chambers_in(state, chambers)
    is_federal = any(chamber in FEDERAL_CHAMBERS for chamber in wanted)
    states = table.states(zip5, with_congress=is_federal)
    if not states:
        raise unknown_zip(zip5)
    is_elsewhere = state not in states
    if is_elsewhere and not _may_reach(table, zip5, states, state):
        raise WrongState(Refusal.ZIP_ELSEWHERE, found_states=states, zip=zip5, state=state)
    other_states = tuple(other for other in states if other != state)
    seats = {chamber: _candidates(table, zip5, state, chamber) for chamber in wanted}
    basis = {}
    for chamber, candidates in seats.items():
        basis[chamber] = basis_by_zip(table, chamber, candidates, settled=UNSURE if other_states else SURE)
    is_guess = is_elsewhere or any(of_chamber.method == "zip-guess" for of_chamber in basis.values())
    return Found(
        zip=zip5,
        state=state,
        method="zip-guess" if is_guess else "zip",
        data_version=f"{table.version} {table.congress_version}".strip() if is_federal else table.version,
        as_of=table.as_of,
        seats=seats,
        basis=basis,
        is_certain=bool(seats) and not other_states and all(map(is_settled, seats.values())),
        other_states=other_states,
        is_elsewhere=is_elsewhere,
    )


def _may_reach(table: DistrictTable, zip5: str, states: Sequence[str], state: str) -> bool:
    """Whether a ZIP code of `states` is no more than a guess, and `state` lies beside one of them."""
    is_guess = any(candidate.is_guess for candidate in table.candidates(zip5))
    return is_guess and any(state in NEIGHBOURS.get(other, ()) for other in states)


def with_every_district(table: DistrictTable, lookup: Found) -> Found:
    """The same, a choice among all the state's districts where its ZIP code is known in another state alone."""
    if not lookup.is_elsewhere:
        return lookup
    seats = dict(lookup.seats)
    for chamber, candidates in lookup.seats.items():
        if not candidates:
            seats[chamber] = _every_district(table, lookup.state, chamber)
    return replace(lookup, seats=seats)


def _every_district(table: DistrictTable, state: str, chamber: str) -> tuple[Candidate, ...]:
    """Those that people live in once, in the order of their numbers, as guesses."""
    guesses = guessed_districts(state, chamber, table.districts_in(state, chamber))
    return tuple(candidate for candidate in guesses if not is_overlay(candidate))


def guessed_districts(state: str, chamber: str, names: Iterable[str]) -> tuple[Candidate, ...]:
    """A chamber's districts of these names, none likelier than another, in the order of their numbers."""
    in_order = sorted(names, key=_by_number)
    candidates = []
    for name in in_order:
        candidate = Candidate(
            chamber=chamber, district=name, state=state, share=1 / len(in_order), method="centroid", is_guess=True
        )
        candidates.append(candidate)
    return tuple(candidates)


def _by_number(name: str) -> tuple[str, int, str]:
    """Words first, then the number in it: 9 before 10, "Cheshire 2" before "Cheshire 10"."""
    digits = "".join(filter(str.isdigit, name))
    return name.rstrip("ABC0123456789"), int(digits or 0), name


def _candidates(table: DistrictTable, zip5: str, state: str, chamber: str) -> tuple[Candidate, ...]:
    if chamber in FEDERAL_CHAMBERS:
        return table.of_congress(zip5, state, chamber)
    candidates = []
    for candidate in table.candidates(zip5):
        if candidate.state == state and candidate.chamber == chamber:
            candidates.append(candidate)
    return tuple(candidates)
