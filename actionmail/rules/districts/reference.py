"""How far the ZIP table's answers are from a reference: every district of every ZIP code that somebody else has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from actionmail.rules.districts.overlays import is_settled
from actionmail.rules.districts.zip_table import Candidate

WORTH_A_QUESTION = 0.01  # of a ZIP code's people: a candidate that is extra counts apart from here on
WORST = 10  # ZIP codes are named

Key = tuple[str, str, str]  # ZIP code, state, chamber
# The candidates in force for one chamber of a ZIP code in a state.
CandidatesOf = Callable[[str, str, str], Sequence[Candidate]]


class ReferenceRow(Struct, frozen=True, kw_only=True):
    """A district that a ZIP code lies in; `share` of its people, 0 where the reference does not tell it."""

    zip: str
    state: str
    chamber: str
    district: str
    share: float = 0.0


class Comparison(Struct, frozen=True, kw_only=True):
    """One chamber, over all states: counts of pairs of a ZIP code and a district, and of ZIP codes' answers."""

    chamber: str
    answers: int  # ZIP codes in a state that the reference speaks of
    pairs: int  # of the reference
    matched: int  # of these, in the table
    missed_in_guesses: int  # of those not found, in ZIP codes of which the table says that it guesses
    table_pairs: int
    extra: int  # of these, not in the reference
    extra_above: int  # of these, with a share of WORTH_A_QUESTION or more
    certain: int  # answers that ask nothing
    incomplete: int  # of these, without a district that the reference has
    worst: tuple[str, ...]  # ZIP codes whose certain answers are incomplete, then those that miss most

    @property
    def recall(self) -> float:
        return self.matched / self.pairs if self.pairs else 1.0


def compare(rows: Iterable[ReferenceRow], candidates_of: CandidatesOf) -> list[Comparison]:
    """Hold the table against the reference, chamber by chamber, in the ZIP codes that the reference has."""
    truth: dict[Key, set[str]] = {}
    for row in rows:
        truth.setdefault((row.zip, row.state, row.chamber), set()).add(row.district)
    by_chamber: dict[str, dict[Key, set[str]]] = {}
    for key, districts in truth.items():
        by_chamber.setdefault(key[2], {})[key] = districts
    return [_compared(chamber, keys, candidates_of) for chamber, keys in sorted(by_chamber.items())]


def _compared(chamber: str, truth: Mapping[Key, set[str]], candidates_of: CandidatesOf) -> Comparison:
    matched = table_pairs = extra = extra_above = missed_in_guesses = certain = 0
    missing: dict[str, int] = {}
    incomplete: list[str] = []
    for key, districts in sorted(truth.items()):
        candidates = candidates_of(*key)
        names = {candidate.district for candidate in candidates}
        beyond = []
        for candidate in candidates:
            if candidate.district not in districts:
                beyond.append(candidate)
        missed = len(districts - names)
        matched += len(districts & names)
        table_pairs += len(names)
        extra += len(beyond)
        extra_above += sum(candidate.share >= WORTH_A_QUESTION for candidate in beyond)
        if any(candidate.is_guess for candidate in candidates):
            missed_in_guesses += missed
        is_certain = bool(candidates) and is_settled(candidates)
        certain += is_certain
        if missed:
            missing[key[0]] = missed
            if is_certain:
                incomplete.append(key[0])
    by_count = sorted(missing, key=lambda zip5: (zip5 not in incomplete, -missing[zip5], zip5))
    return Comparison(
        chamber=chamber,
        answers=len(truth),
        pairs=sum(map(len, truth.values())),
        matched=matched,
        missed_in_guesses=missed_in_guesses,
        table_pairs=table_pairs,
        extra=extra,
        extra_above=extra_above,
        certain=certain,
        incomplete=len(incomplete),
        worst=tuple(by_count[:WORST]),
    )
