"""How far a ZIP table's candidates are from what census blocks say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from actionmail.rules.districts.blocks import Part, ZipRow

WORST = 10  # ZIP codes are named


class Worst(Struct, frozen=True, kw_only=True):
    """A ZIP code whose candidates differ: `missed` by the table, `added` by it; how many live in what is missed."""

    zip: str
    missed: tuple[str, ...]
    added: tuple[str, ...]
    weight: float


class Measure(Struct, frozen=True, kw_only=True):
    """How far a table's candidates for one chamber are from what the blocks say. Parts of 1, except the counts."""

    chamber: str
    pairs: int  # of a ZIP code and a district
    lived_in: int  # of these, with people
    missed: int
    missed_lived_in: int
    added: int
    missed_weight: float  # people (or land) in pairs that are missed, of all
    added_weight: float  # people (or land) that the table puts into pairs that are not there, of all
    worst: tuple[Worst, ...]


def measure(parts: Iterable[Part], table: Iterable[ZipRow], chamber: str, *, by_people: bool) -> Measure:
    """Hold the table's rows for these ZIP codes against the parts, which are of one chamber."""
    truth: dict[tuple[str, str, str], int] = {}
    lived: set[tuple[str, str, str]] = set()
    of_zip: dict[str, int] = {}
    states = set()
    for part in parts:
        weight = part.people if by_people else part.land
        of_zip[part.zip] = of_zip.get(part.zip, 0) + weight
        states.add(part.state)
        for district in part.districts:
            key = (part.zip, part.state, district)
            truth[key] = truth.get(key, 0) + weight
            if part.people:
                lived.add(key)
    shares = {
        (row.zip, row.state, row.district): row.share
        for row in table
        if row.chamber == chamber and row.state in states and row.zip in of_zip
    }
    missed, added = truth.keys() - shares.keys(), shares.keys() - truth.keys()
    total = sum(of_zip.values()) or 1
    weights: dict[str, float] = {}
    for key in missed:
        weights[key[0]] = weights.get(key[0], 0.0) + truth[key]
    astray = {key[0] for key in missed | added}
    listed = [
        Worst(
            zip=zip5,
            missed=_districts_of(zip5, missed),
            added=_districts_of(zip5, added),
            weight=weights.get(zip5, 0.0) / total,
        )
        for zip5 in _first(astray, weights, missed, added)
    ]
    return Measure(
        chamber=chamber,
        pairs=len(truth),
        lived_in=len(lived),
        missed=len(missed),
        missed_lived_in=len(missed & lived),
        added=len(added),
        missed_weight=sum(truth[key] for key in missed) / total,
        added_weight=sum(shares[key] * of_zip[key[0]] for key in added) / total,
        worst=tuple(listed),
    )


def _districts_of(zip5: str, keys: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{state} {district}" for zip_code, state, district in keys if zip_code == zip5))


def _first(
    astray: set[str],
    weights: Mapping[str, float],
    missed: Iterable[tuple[str, str, str]],
    added: Iterable[tuple[str, str, str]],
) -> Sequence[str]:
    """The ZIP codes to look at first: most people missed, then most districts missed, then most added."""
    counts: dict[str, list[int]] = {zip5: [0, 0] for zip5 in astray}
    for place, keys in enumerate((missed, added)):
        for zip5, _, _ in keys:
            counts[zip5][place] += 1
    return sorted(astray, key=lambda zip5: (-weights.get(zip5, 0.0), [-count for count in counts[zip5]], zip5))[:WORST]
