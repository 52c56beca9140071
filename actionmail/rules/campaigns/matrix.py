"""The render matrix: every letter of a campaign, filled for every legislator it may go to, and what is wrong in it.

Each letter is filled by `fill_letter`, the function that fills what is sent. What a supporter later writes is not
looked at here: a campaign has a position, its supporters have their own words.

The checks read paragraph by paragraph and remember what they found, since most paragraphs are the same for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from actionmail.rules.campaigns.audiences import (
    Addressed,
    AudienceRow,
    Picks,
    addressed,
    audience_rows,
    most_letters,
)
from actionmail.rules.campaigns.fields import (
    CampaignFields,
    LegislatorFields,
    SupporterFields,
    campaign_values,
    legislator_values,
    supporter_values,
)
from actionmail.rules.campaigns.filled_letter import FilledLetter, LetterText, fill_letter, for_another
from actionmail.rules.campaigns.lint import LintFinding, Reader
from actionmail.rules.campaigns.problems import LetterError, Problem
from actionmail.rules.campaigns.targets import (
    MAX_LETTERS,
    Audience,
    Members,
    Rule,
    Target,
    audience_of,
    members_of,
    rules_of,
)

SHOWN: Final = 3  # targets named with a fault
_NOBODY: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in one letter, for how many targets, and the first of these. Of the campaign itself: no letter."""

    letter: str
    problem: Problem
    targets: int
    examples: tuple[str, ...]

    @property
    def kind(self) -> str:
        """What has to be mended: "prompt", "bill", "committee", …"""
        return self.problem.code.partition(".")[0]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Who gets which letter, and every fault. `rendered` counts letters filled; `unused` are letters nobody gets.

    `most` is how many letters one action may write; `rules` are (what it does, whom it names, how many these are).
    """

    targets: int
    most: int
    letters: int
    rendered: int
    rules: tuple[tuple[str, Members, int], ...]
    audiences: tuple[AudienceRow, ...]
    unused: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        return not self.faults


# Of a campaign of a kind that writes none.
NO_LETTERS: Final = Matrix(
    targets=0, most=0, letters=0, rendered=0, rules=(), audiences=(), unused=(), faults=()
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A made-up supporter, by what differs among supporters."""

    name: str
    street: str
    city: str
    zip_code: str


SAMPLES: Final[Sequence[Sample]] = (
    Sample("Mai Example", "12 Sample Street", "Springfield", "12345"),
    Sample("Mai Example", "", "", "12345"),  # gave no more than what is asked
    Sample(
        "Bartholomew Featherstonehaugh-Example",
        "12345 North Martin Luther King Junior Sample Boulevard, Apartment 1234",
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
        "12345",
    ),
)


def render_matrix(
    campaign: Mapping[str, Any],
    letters: Sequence[Mapping[str, Any]],
    people: Sequence[Target],
    *,
    committees: Mapping[str, str] = _NOBODY,
    gone: Mapping[str, str] = _NOBODY,
) -> Matrix:
    """Fill and check everything. `campaign` and `letters` have the columns that `read_campaign` gives.

    `people` are all in office of its state whom its chambers or rules might name; `committees` has the names of the
    named committees that there are, `gone` those of named people who are no longer in office.
    """
    faults = _Found()
    rules = rules_of(campaign["targets"])
    targets = addressed(campaign, people)
    picks = Picks(campaign["state"], letters)
    picks.pick(targets)
    rows = audience_rows(campaign, targets, picks)
    _check_whole(campaign, letters, targets, rows, faults)
    _check_committees(rules, letters, people, committees, faults)
    _check_people(rules, people, gone, faults)
    filler = _Filler(campaign, Reader(campaign), faults)
    for letter in letters:
        hearing = _hearing(campaign, letter, targets, picks, committees)
        try:
            filler.fill(letter, hearing)
        except LetterError as error:
            values = {"problem": error.problem, "line": error.line, "column": error.column}
            faults.add(letter["name"], Problem("unreadable.letter", values))
    unused = [letter["name"] for letter in letters]
    for row in rows:
        if row.letter in unused:
            unused.remove(row.letter)
    return Matrix(
        targets=len(targets),
        most=most_letters(targets),
        letters=len(letters),
        rendered=filler.rendered,
        rules=_rules_named(campaign["state"], rules, people, committees, gone),
        audiences=tuple(rows),
        unused=tuple(unused),
        faults=faults.faults(),
    )


def _rules_named(
    state: str,
    rules: Sequence[Rule],
    people: Sequence[Target],
    committees: Mapping[str, str],
    gone: Mapping[str, str],
) -> tuple[tuple[str, Members, int], ...]:
    """Each rule, and how many in office it names."""
    names = dict(gone)
    if rules:
        for person in people:
            names[person.key] = person.label
    named = []
    for rule in rules:
        named.append((rule.do, members_of(state, rule, committees, names), rule.count(state, people)))
    return tuple(named)


def _check_whole(
    campaign: Mapping[str, Any],
    letters: Sequence[Mapping[str, Any]],
    targets: Sequence[Addressed],
    rows: Sequence[AudienceRow],
    faults: _Found,
) -> None:
    """Whether everybody has a letter, there is anybody, and nobody writes too many."""
    for row in rows:
        if not row.letter:
            values = {"own": row.own, "to": row.to, "count": row.targets, "chamber": row.chamber_name}
            faults.add("", Problem("no-letter.members", values))
    thanks = any(rule["do"] == "thank" for rule in campaign["targets"])
    if thanks and all(letter["to"] != "thank" for letter in letters):
        faults.add("", Problem("no-letter.thanks"))
    if not targets:
        faults.add("", Problem("no-target.by-rules" if campaign["targets"] else "no-target.in-chambers"))
    most = most_letters(targets)
    if most > MAX_LETTERS:
        faults.add("", Problem("too-many.letters", {"count": most, "most": MAX_LETTERS}))


def _check_committees(
    rules: Sequence[Rule],
    letters: Sequence[Mapping[str, Any]],
    people: Sequence[Target],
    committees: Mapping[str, str],
    faults: _Found,
) -> None:
    """Committees that are gone or have nobody on them."""
    seated: set[str] = set()
    for person in people:
        seated |= person.committees
    named = [("", rule.do, rule.committees) for rule in rules]
    named += [(letter["name"], "", tuple(letter["committees"])) for letter in letters]
    for letter, rule, keys in named:
        for key in keys:
            if key not in committees:
                faults.add(letter, Problem("committee.gone", {"rule": rule, "key": key}))
            elif key not in seated:
                faults.add(letter, Problem("committee.empty", {"rule": rule, "name": committees[key]}))


def _check_people(rules: Sequence[Rule], people: Sequence[Target], gone: Mapping[str, str], faults: _Found) -> None:
    """People whom a rule names and who are no longer in office."""
    present = {person.key for person in people}
    for rule in rules:
        for key in rule.people:
            if key not in present:
                faults.add("", Problem("person.gone", {"rule": rule.do, "name": gone.get(key, key)}))


class _Hearing(NamedTuple):  # there are thousands, and a tuple is made in half the time
    """One target of a letter. `is_others`: somebody may write to them whom they do not represent."""

    target: Target
    committee: str
    is_others: bool


def _hearing(
    campaign: Mapping[str, Any],
    letter: Mapping[str, Any],
    targets: Sequence[Addressed],
    picks: Picks,
    committees: Mapping[str, str],
) -> list[_Hearing]:
    """Everybody whom the letter is for."""
    audience = audience_of(letter)
    alike: dict[Any, tuple[bool, str]] = {}  # most ask the same, so each question is answered once
    hearing = []
    for target, how in targets:
        asked = (target.chamber, target.party, target.committees, how.ways, how.is_thanked)
        answer = alike.get(asked)
        if answer is None:
            is_heard = _is_for(audience, campaign["state"], target, how.ways, is_thanked=how.is_thanked)
            answer = alike[asked] = (is_heard, audience.committee_of(target, committees))
        is_heard, committee = answer
        if is_heard:
            is_others = picks.by_target.get((id(target), False)) == letter["name"]
            hearing.append(_Hearing(target=target, committee=committee, is_others=is_others))
    return hearing


def _is_for(audience: Audience, state: str, target: Target, ways: Sequence[bool], *, is_thanked: bool) -> bool:
    return any(audience.matches(state, target, is_own=is_own, is_thanked=is_thanked) for is_own in ways)


class _Filler:
    """Fills every letter; counts how often."""

    def __init__(self, campaign: Mapping[str, Any], reader: Reader, faults: _Found) -> None:
        self.rendered = 0
        about = campaign_values(CampaignFields.of(campaign))
        self._same = {sample: {**about, **_values_of(sample, campaign["state"])} for sample in SAMPLES}
        self._reader = reader
        self._found = faults

    def fill(self, letter: Mapping[str, Any], hearing: Sequence[_Hearing]) -> None:
        """Every subject and every sample supporter for one target of each chamber, then the letter for all the others.

        Subject and body hold nothing that differs among targets (`check_letter` sees to that), so they are filled once.
        Raises LetterError.
        """
        texts = [
            LetterText(letter["opening"], letter["body"], letter["closing"], subject) for subject in letter["subjects"]
        ]
        first: dict[tuple[str, str, bool], FilledLetter] = {}
        for recipient in hearing:
            values = self._values(recipient, SAMPLES[0])
            kind = (recipient.target.state, recipient.target.chamber, recipient.is_others)
            if kind not in first:
                self._try_all(letter["name"], texts, recipient)
                first[kind] = fill_letter(texts[0], values)
                continue
            filled = for_another(first[kind], texts[0], values)
            wrong = self._reader.faults(filled, recipient.target, values, is_others=recipient.is_others)
            self._found.add_all(letter["name"], wrong, recipient.target)
            self.rendered += 1

    def _try_all(self, name: str, texts: Sequence[LetterText], recipient: _Hearing) -> None:
        for sample in SAMPLES:
            values = self._values(recipient, sample)
            for text in texts:
                filled = fill_letter(text, values)
                of_subject = self._reader.subject_faults(filled.subject, is_others=recipient.is_others)
                self._found.add_all(name, of_subject, recipient.target)
                of_rest = self._reader.faults(filled, recipient.target, values, is_others=recipient.is_others)
                self._found.add_all(name, of_rest, recipient.target)
                self.rendered += 1

    def _values(self, recipient: _Hearing, sample: Sample) -> dict[str, str]:
        legislator = LegislatorFields(
            state=recipient.target.state,
            chamber=recipient.target.chamber,
            name=recipient.target.name,
            family_name=recipient.target.family_name,
            district=recipient.target.district,
            committee=recipient.committee,
        )
        return legislator_values(legislator) | self._same[sample]


def _values_of(sample: Sample, state: str) -> dict[str, str]:
    supporter = SupporterFields(
        name=sample.name, street=sample.street, city=sample.city, zip_code=sample.zip_code, state=state
    )
    return supporter_values(supporter)


class _Found:
    """Faults, gathered: the same fault for many targets is one."""

    def __init__(self) -> None:
        self._problems: dict[tuple[str, str, str], Problem] = {}
        self._targets: dict[tuple[str, str, str], dict[int, Target]] = {}

    def add_all(self, letter: str, findings: Sequence[LintFinding], target: Target) -> None:
        for finding in findings:
            key = (letter, finding.problem.code, finding.group)
            self._problems.setdefault(key, finding.problem)
            self._targets.setdefault(key, {})[id(target)] = target

    def add(self, letter: str, problem: Problem) -> None:
        """A fault that is nobody's in particular."""
        self._problems.setdefault((letter, problem.code, str(problem)), problem)

    def faults(self) -> tuple[Fault, ...]:
        gathered = []
        for key, problem in self._problems.items():
            targets = list(self._targets.get(key, {}).values())
            examples = tuple(target.label for target in targets[:SHOWN])
            gathered.append(Fault(letter=key[0], problem=problem, targets=len(targets), examples=examples))
        return tuple(gathered)
