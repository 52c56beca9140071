"""Whom a campaign writes to, as rules over today's roster, and which of its letters each of them gets.

Rules are looked up at each use and never frozen into a list of names, so they follow the roster. Their order does not
matter: of the supporter's own legislators in the campaign's chambers those whom an "only" rule names (where there is
one), with whom an "add" rule names, without whom a "leave out" rule names. A "thank" rule picks another letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from actionmail.rules.roster import titles

DO: Final = ("only", "add", "leave out", "thank")
OWN: Final = ("any", "own", "other")
TO: Final = ("ask", "thank")
CONDITIONS: Final = ("chambers", "parties", "committees", "people")
MAX_RULES: Final = 20
MAX_LETTERS: Final = 40  # of one action: more than that is a mailing, which offices and mail servers turn away

_Letter = TypeVar("_Letter")


@dataclass(frozen=True, kw_only=True)
class Person:
    """What rules ask about a legislator in office. `committees` are the keys of theirs, as far as any are named."""

    key: str
    chamber: str
    party: str = ""
    committees: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Target(Person):
    """A legislator in office whom a campaign might write to."""

    key: str = ""
    state: str
    district: str
    name: str
    family_name: str
    has_address: bool

    @property
    def label(self) -> str:
        return f"{titles.title(self.state, self.chamber)} {self.name}, district {self.district}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. Every condition that is given must hold; within one, any of its values will do."""

    do: str
    chambers: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def names(self, state: str, person: Person) -> bool:
        """Whether this legislator of `state` meets every condition."""
        return (
            _meets(state, person, self.chambers, self.parties, self.committees)
            and (not self.people or person.key in self.people)
        )  # fmt: skip

    def count(self, state: str, people: Iterable[Person]) -> int:
        """How many of these legislators meet every condition."""
        return sum(self.names(state, person) for person in people)


@dataclass(frozen=True, kw_only=True)
class Addressing:
    """How a campaign may write to one legislator: as a supporter's own, as somebody else's, with thanks or not."""

    as_own: bool
    as_other: bool
    is_thanked: bool

    @cached_property
    def ways(self) -> tuple[bool, ...]:
        """As the supporter's own (True), as somebody else's (False), both, or neither."""
        return (True,) * self.as_own + (False,) * self.as_other


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who of a campaign's targets a letter is for. What is empty names everybody."""

    chambers: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    own: str = "any"
    to: str = "ask"

    def matches(self, state: str, person: Person, *, is_own: bool, is_thanked: bool) -> bool:
        """Whether the letter fits this target."""
        return (
            self.to == ("thank" if is_thanked else "ask")
            and self.own in ("any", "own" if is_own else "other")
            and _meets(state, person, self.chambers, self.parties, self.committees)
        )

    def committee_of(self, person: Person, names: Mapping[str, str]) -> str:
        """The name of the first of the letter's committees on which this legislator sits, or ""."""
        for key in self.committees:
            if key in person.committees:
                return names.get(key, "")
        return ""


def rules_of(stored: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules as they are kept with a campaign: each with the keys that it gives."""
    rules = []
    for rule in stored:
        conditions = {}
        for key in CONDITIONS:
            conditions[key] = tuple(rule.get(key, ()))
        rules.append(Rule(do=rule["do"], **conditions))
    return rules


def audience_of(letter: Mapping[str, Any]) -> Audience:
    """The audience among a letter's columns."""
    return Audience(
        chambers=tuple(letter["chambers"]),
        parties=tuple(letter.get("parties", ())),
        committees=tuple(letter.get("committees", ())),
        own=letter.get("own", "any"),
        to=letter.get("to", "ask"),
    )


def addressing_of(state: str, chambers: Sequence[str], rules: Sequence[Rule], person: Person) -> Addressing:
    """How a campaign with these chambers and rules may write to this legislator of its state."""
    do = {rule.do for rule in rules if rule.names(state, person)}
    is_added, is_out = "add" in do, "leave out" in do
    of_chambers = bool(chambers) and titles.is_for(state, person.chamber, chambers)
    is_kept = "only" in do or all(rule.do != "only" for rule in rules)
    everybodys = of_chambers and person.chamber == "us_upper"
    return Addressing(
        as_own=of_chambers and (is_kept or is_added) and not is_out,
        as_other=is_added and not everybodys and not is_out,
        is_thanked="thank" in do,
    )


def first_match(
    letters: Sequence[tuple[Audience, str, _Letter]],
    state: str,
    person: Person,
    *,
    is_own: bool,
    is_thanked: bool,
    language: str,
) -> _Letter | None:
    """The first letter that fits, in `language` or else in any. `letters` are audience, language, letter, in order."""
    fitting = []
    for audience, written_in, letter in letters:
        if audience.matches(state, person, is_own=is_own, is_thanked=is_thanked):
            fitting.append((written_in, letter))
    return preferred(fitting, language)


def preferred(fitting: Sequence[tuple[str, _Letter]], language: str) -> _Letter | None:
    """The first in this language, or else in any: offices read what there is. Each stands behind its own."""
    for written_in, letter in fitting:
        if written_in == language:
            return letter
    return fitting[0][1] if fitting else None


def adds(rules: Sequence[Rule]) -> bool:
    """Whether every supporter writes to somebody, represented by them or not."""
    return any(rule.do == "add" for rule in rules)


def reaches(state: str, chambers: Sequence[str], rules: Sequence[Rule], chamber: str) -> bool:
    """Whether anybody in this chamber may be written to, whoever sits there."""
    if titles.is_for(state, chamber, chambers):
        return True
    for rule in rules:
        if rule.do == "add" and (not rule.chambers or titles.is_for(state, chamber, rule.chambers)):
            return True
    return False


@dataclass(frozen=True, kw_only=True)
class Members:
    """Whom a rule names, by name: parties, committees, chambers and people; None stands for what is gone."""

    parties: tuple[str, ...] = ()
    committees: tuple[str | None, ...] = ()
    chambers: tuple[str, ...] = ()
    people: tuple[str | None, ...] = ()


def members_of(state: str, rule: Rule, committees: Mapping[str, str], people: Mapping[str, str]) -> Members:
    """Whom a rule of a campaign of this state names. `committees` and `people` have names by key."""
    return Members(
        parties=rule.parties,
        committees=tuple(map(committees.get, rule.committees)),
        chambers=tuple(titles.chamber_name(state, chamber) for chamber in rule.chambers),
        people=tuple(map(people.get, rule.people)),
    )


def parties_of(party: str) -> list[str]:
    """The parties of a legislator: the roster joins several with "/", and that of Congress says Democrat."""
    parties = []
    for part in party.split("/"):
        if part:
            parties.append("Democratic" if part == "Democrat" else part)
    return parties


def _meets(
    state: str, person: Person, chambers: Collection[str], parties: Collection[str], committees: Collection[str]
) -> bool:
    if chambers and not titles.is_for(state, person.chamber, chambers):
        return False
    if parties and set(parties).isdisjoint(parties_of(person.party)):
        return False
    return not committees or not person.committees.isdisjoint(committees)
