"""Which of a campaign's letters each of its targets gets, and how many letters one supporter writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actionmail.rules.campaigns.targets import (
    Addressing,
    Audience,
    Target,
    addressing_of,
    audience_of,
    first_match,
    preferred,
    rules_of,
)
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster import titles

Addressed = tuple[Target, Addressing]
LANGUAGE = "en"  # of whom the matrix asks: offices read a letter in any, but this one first


@dataclass(frozen=True, kw_only=True)
class AudienceRow:
    """Members of one chamber who are written to alike, and the letter that they get. "" where there is none."""

    chamber: str
    chamber_name: str
    own: str  # "own": of the supporter; "other": written to whoever the supporter is
    to: str  # "ask", "thank"
    letter: str
    targets: int
    without_address: int


def addressed(campaign: Mapping[str, Any], people: Sequence[Target]) -> list[Addressed]:
    """Those whom the campaign writes to, as somebody's own legislator or as others."""
    rules = rules_of(campaign["targets"])
    named: set[str] = set()
    for rule in rules:
        named.update(rule.people)
    alike: dict[Any, Addressing] = {}  # most ask the same, so each question is answered once
    pairs = []
    for person in people:
        asked = (person.chamber, person.party, person.committees, person.key if person.key in named else "")
        how = alike.get(asked)
        if how is None:
            how = alike[asked] = addressing_of(campaign["state"], campaign["chambers"], rules, person)
        if how.as_own or how.as_other:
            pairs.append((person, how))
    return pairs


def most_letters(targets: Sequence[Addressed]) -> int:
    """How many letters one action may write: to all who are added, and to one district's in each chamber."""
    districts: dict[str, dict[str, int]] = {}
    others = 0
    for target, how in targets:
        if how.as_other:
            others += 1
        elif how.as_own:
            of_chamber = districts.setdefault(target.chamber, {})
            of_chamber[target.district] = of_chamber.get(target.district, 0) + 1
    for counted in districts.values():
        others += max(counted.values())
    return others


@dataclass
class Picks:
    """The letter of each target, by its `id` and whether they represent the supporter; "" where there is none."""

    state: str
    letters: Sequence[Mapping[str, Any]]
    ordered: list[tuple[Audience, str, str]] = field(init=False)
    by_target: dict[tuple[int, bool], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ordered = []
        for letter in self.letters:
            self.ordered.append((audience_of(letter), letter["language"], letter["name"]))

    def pick(self, targets: Sequence[Addressed]) -> None:
        """Pick for all; most ask the same, so each question is answered once."""
        alike: dict[Any, str] = {}
        for target, how in targets:
            for is_own in how.ways:
                asked = (target.chamber, target.party, target.committees, is_own, how.is_thanked)
                if asked not in alike:
                    alike[asked] = self._first(target, is_own=is_own, is_thanked=how.is_thanked)
                self.by_target[id(target), is_own] = alike[asked]

    def _first(self, target: Target, *, is_own: bool, is_thanked: bool) -> str:
        letter = first_match(self.ordered, self.state, target, is_own=is_own, is_thanked=is_thanked, language=LANGUAGE)
        return letter or ""


_Row = tuple[str, bool, bool, str]  # chamber, whether own, whether thanked, letter


def audience_rows(campaign: Mapping[str, Any], targets: Sequence[Addressed], picks: Picks) -> list[AudienceRow]:
    """For each chamber and way of being written to, the letter that these targets get."""
    counted: Counter[_Row] = Counter()
    without_email: Counter[_Row] = Counter()
    seated = set()
    for target, how in targets:
        seated.add(target.chamber)
        for is_own in how.ways:
            row = (target.chamber, is_own, how.is_thanked, picks.by_target[id(target), is_own])
            counted[row] += 1
            without_email[row] += not target.has_address
    chambers = _seat_chambers(campaign)
    for chamber in chambers:  # where nobody sits, or nobody yet as far as the roster knows
        if chamber not in seated:
            counted[chamber, True, False, _letter_for_nobody(campaign["state"], chamber, picks)] = 0
    rows = []
    for row in _in_order(counted, chambers, picks):
        chamber, is_own, is_thanked, letter = row
        rows.append(
            AudienceRow(
                chamber=chamber,
                chamber_name=titles.chamber_name(campaign["state"], chamber),
                own="own" if is_own else "other",
                to="thank" if is_thanked else "ask",
                letter=letter,
                targets=counted[row],
                without_address=without_email[row],
            )
        )
    return rows


def _seat_chambers(campaign: Mapping[str, Any]) -> list[str]:
    state = campaign["state"]
    return list(dict.fromkeys(titles.seat_chamber(state, chamber) for chamber in campaign["chambers"]))


def _letter_for_nobody(state: str, chamber: str, picks: Picks) -> str:
    """The letter that asks a supporter's own legislators in a chamber where none sits."""
    fitting = []
    for audience, language, name in picks.ordered:
        heard = not audience.chambers or titles.is_for(state, chamber, audience.chambers)
        if heard and audience.to == "ask" and audience.own != "other":
            fitting.append((language, name))
    return preferred(fitting, LANGUAGE) or ""


def _in_order(rows: Mapping[_Row, int], chambers: Sequence[str], picks: Picks) -> list[_Row]:
    """The campaign's own chambers first, then the others; within one, the letters in their order."""
    order = list(dict.fromkeys([*chambers, "upper", "lower", "legislature", *FEDERAL_CHAMBERS]))
    names = [*(name for _, _, name in picks.ordered), ""]

    def place(row: _Row) -> tuple[bool, int, bool, int]:
        chamber, is_own, is_thanked, letter = row
        return not is_own, order.index(chamber), is_thanked, names.index(letter)

    return sorted(rows, key=place)
