"""The render matrix: every letter of a campaign, filled for every legislator it may go to, and what is wrong in it.

Each letter is filled by `letters.fill_letter`, the function that fills what is sent. What a supporter later writes is
not looked at here: a campaign has a position, its supporters have their own words.

The checks read paragraph by paragraph and remember what they found, since most paragraphs are the same for everybody.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from actionmail.rules.campaigns import letter_language as letter_rules
from actionmail.rules.campaigns.targets import (
    MAX_LETTERS,
    Audience,
    Person,
    Rule,
    Standing,
    audience_of,
    first_match,
    in_words,
    preferred,
    rules_of,
    standing,
)
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster import titles

MAX_BODY: Final = 5_000  # characters of the part that supporters edit: their page takes no more
MAX_LINKS: Final = 1
SHOWN: Final = 3  # targets named with a fault
_NOBODY: Final[Mapping[str, str]] = {}


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
class Fault:
    """What is wrong in one letter, for how many targets, and the first of these. Of the campaign itself: no letter."""

    letter: str
    kind: str
    sentence: str
    targets: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Members of one chamber who stand alike, and the letter that they get. "" where there is none."""

    chamber: str
    chamber_name: str
    own: str  # "own": of the supporter; "other": written to whoever the supporter is
    to: str  # "ask", "thank"
    letter: str
    targets: int
    without_address: int

    @property
    def who(self) -> str:
        """ "own", "others, thanked" """
        return f"{'own' if self.own == 'own' else 'others'}{', thanked' if self.to == 'thank' else ''}"


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Who gets which letter, and every fault. `rendered` counts letters filled; `unused` are letters nobody gets.

    `most` is how many letters one action may write; `rules` are the campaign's in words, with how many each names.
    """

    targets: int
    most: int
    letters: int
    rendered: int
    rules: tuple[tuple[str, int], ...]
    audiences: tuple[Row, ...]
    unused: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        return not self.faults


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
    found = _Found()
    state, rules = campaign["state"], rules_of(campaign["targets"])
    targets = addressed(campaign, people)
    picked = _picked(state, letters, targets)
    rows = _who_gets_which(campaign, letters, targets, picked)
    for one in rows:
        if not one.letter:
            found.add("", "no letter", _no_letter(one), "")
    if any(rule.do == "thank" for rule in rules) and all(letter["to"] != "thank" for letter in letters):
        found.add("", "no letter", "A rule thanks somebody, but there is no letter of thanks.", "")
    if not targets:
        found.add("", "no target", _nobody(campaign), "")
    _check_names(rules, letters, people, committees, gone, found)
    most = most_letters(targets)
    if most > MAX_LETTERS:
        found.add("", "too many", f"One supporter would write {most} letters at once; at most {MAX_LETTERS} go.", "")
    rendered = 0
    reader = _Reader(campaign)
    for letter in letters:
        audience = audience_of(letter)
        hearing = [
            (
                one,
                _values(campaign, one, SAMPLES[0], audience.committee_of(one, committees)),
                picked.get((id(one), False)) == letter["name"],
            )
            for one, how in targets
            if _hears(audience, state, one, how)
        ]
        try:
            rendered += _render(letter, hearing, campaign, reader, found)
        except letter_rules.LetterError as error:
            found.add(letter["name"], "unreadable", f"The letter cannot be filled: {error}.", "")
    used = {one.letter for one in rows}
    names = {one.key: one.label for one in people} | dict(gone)
    return Matrix(
        targets=len(targets),
        most=most,
        letters=len(letters),
        rendered=rendered,
        rules=tuple(
            (f"{rule.do}: {in_words(state, rule, committees, names)}", sum(rule.names(state, one) for one in people))
            for rule in rules
        ),
        audiences=tuple(rows),
        unused=tuple(letter["name"] for letter in letters if letter["name"] not in used),
        faults=found.faults(),
    )


def addressed(campaign: Mapping[str, Any], people: Sequence[Target]) -> list[tuple[Target, Standing]]:
    """Those whom the campaign writes to, as somebody's own legislator or as others."""
    rules = rules_of(campaign["targets"])
    standings = ((one, standing(campaign["state"], campaign["chambers"], rules, one)) for one in people)
    return [(one, how) for one, how in standings if how.as_own or how.as_other]


def most_letters(targets: Sequence[tuple[Target, Standing]]) -> int:
    """How many letters one action may write: to all who are added, and to one district's in each chamber."""
    districts: dict[str, Counter[str]] = {}
    for one, how in targets:
        if how.as_own and not how.as_other:
            districts.setdefault(one.chamber, Counter())[one.district] += 1
    own = sum(max(counted.values()) for counted in districts.values())
    return own + sum(how.as_other for _, how in targets)


def _who_gets_which(
    campaign: Mapping[str, Any],
    letters: Sequence[Mapping[str, Any]],
    targets: Sequence[tuple[Target, Standing]],
    picked: Mapping[tuple[int, bool], str],
    *,
    language: str = "en",
) -> list[Row]:
    """For each chamber and standing the letter that these targets get: the first in `language`, or else in any."""
    state = campaign["state"]
    ordered = [(audience_of(letter), letter["language"], letter["name"]) for letter in letters]
    counted: Counter[tuple[str, bool, bool, str]] = Counter()
    without_email: Counter[tuple[str, bool, bool, str]] = Counter()
    for one, how in targets:
        for is_own in how.ways:
            row = (one.chamber, is_own, how.is_thanked, picked[id(one), is_own])
            counted[row] += 1
            without_email[row] += not one.has_address
    chambers = _chambers(state, campaign["chambers"])
    for chamber in chambers:  # where nobody sits, or nobody yet as far as the roster knows
        if all(one.chamber != chamber for one, _ in targets):
            fitting = [(said, name) for audience, said, name in ordered if _asks_own_in(chamber, state, audience)]
            counted[chamber, True, False, preferred(fitting, language) or ""] = 0
    order = [*chambers, *(one for one in ("upper", "lower", "legislature", *FEDERAL_CHAMBERS) if one not in chambers)]
    names = [*(name for _, _, name in ordered), ""]

    def place(row: tuple[str, bool, bool, str]) -> tuple[Any, ...]:
        chamber, is_own, is_thanked, letter = row
        return not is_own, order.index(chamber), is_thanked, names.index(letter)

    return [
        Row(
            chamber=chamber,
            chamber_name=titles.chamber_name(state, chamber),
            own="own" if is_own else "other",
            to="thank" if is_thanked else "ask",
            letter=letter,
            targets=counted[chamber, is_own, is_thanked, letter],
            without_address=without_email[chamber, is_own, is_thanked, letter],
        )
        for chamber, is_own, is_thanked, letter in sorted(counted, key=place)
    ]


def _picked(
    state: str,
    letters: Sequence[Mapping[str, Any]],
    targets: Sequence[tuple[Target, Standing]],
    *,
    language: str = "en",
) -> dict[tuple[int, bool], str]:
    """The letter of each target, by its `id` and whether they represent the supporter; "" where there is none."""
    ordered = [(audience_of(letter), letter["language"], letter["name"]) for letter in letters]
    alike: dict[Any, str] = {}  # the same for most
    found: dict[tuple[int, bool], str] = {}
    for one, how in targets:
        for is_own in how.ways:
            asked = (one.chamber, one.party, one.committees, is_own, how.is_thanked)
            if asked not in alike:
                letter = first_match(ordered, state, one, is_own=is_own, is_thanked=how.is_thanked, language=language)
                alike[asked] = letter or ""
            found[id(one), is_own] = alike[asked]
    return found


def _asks_own_in(chamber: str, state: str, audience: Audience) -> bool:
    """Whether a letter asks a supporter's own legislators in this chamber, or some of them."""
    heard = not audience.chambers or titles.is_for(state, chamber, audience.chambers)
    return heard and audience.to == "ask" and audience.own != "other"


def _hears(audience: Audience, state: str, person: Person, how: Standing) -> bool:
    return any(audience.matches(state, person, is_own=is_own, is_thanked=how.is_thanked) for is_own in how.ways)


def _no_letter(row: Row) -> str:
    """Which letter is missing."""
    kind = "letter of thanks" if row.to == "thank" else "letter"
    whose = " who are not the supporter's own" if row.own == "other" else ""
    some = f"{row.targets} members" if row.own == "other" and row.targets > 1 else "members"
    return f"There is no {kind} for {some} of the {row.chamber_name}{whose}."


def _nobody(campaign: Mapping[str, Any]) -> str:
    if campaign["targets"]:
        return "There is nobody to write to: the rules leave nobody of the roster as it is today."
    return "There is nobody to write to: the roster has no sitting member of these chambers."


def _check_names(
    rules: Sequence[Rule],
    letters: Sequence[Mapping[str, Any]],
    people: Sequence[Target],
    committees: Mapping[str, str],
    gone: Mapping[str, str],
    found: _Found,
) -> None:
    """Committees that are gone or have nobody on them, and people who are no longer in office."""
    seats = {key for one in people for key in one.committees}
    present = {one.key for one in people}
    named = [("", f'The rule "{rule.do}"', rule.committees) for rule in rules]
    named += [(letter["name"], "The letter", tuple(letter["committees"])) for letter in letters]
    for letter, who, keys in named:
        for key in keys:
            if key not in committees:
                found.add(letter, "committee", f"{who} names a committee that there is no more ({key}).", "")
            elif key not in seats:
                found.add(letter, "committee", f"{who} names the {committees[key]}, which has no member in office.", "")
    for rule in rules:
        for key in rule.people:
            if key not in present:
                name = gone.get(key, key)
                found.add("", "person", f'The rule "{rule.do}" names {name}, who is no longer in office.', "")


def _chambers(state: str, chambers: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(titles.seat_chamber(state, chamber) for chamber in chambers))


def _values(campaign: Mapping[str, Any], target: Target, sample: Sample, committee: str) -> dict[str, str]:
    return letter_rules.field_values(
        state=target.state,
        chamber=target.chamber,
        legislator_name=target.name,
        legislator_family_name=target.family_name,
        district=target.district,
        committee=committee,
        supporter_name=sample.name,
        street=sample.street,
        city=sample.city,
        zip_code=sample.zip_code,
        supporter_state=campaign["state"],
        campaign_title=campaign["title"],
        **{name: campaign[name] for name in ("bill", "bill_title", "session", "position", "organisation")},
    )


def _render(
    letter: Mapping[str, Any],
    targets: Sequence[tuple[Target, dict[str, str], bool]],
    campaign: Mapping[str, Any],
    reader: _Reader,
    found: _Found,
) -> int:
    """Every subject and every sample supporter for one target of each chamber, then the letter for all the others.

    With each target stands whether somebody may write to them whom they do not represent.
    Subject and body hold nothing that differs among targets (`check_letter` sees to that), so they are filled once.
    """
    texts = [
        letter_rules.LetterText(letter["opening"], letter["body"], letter["closing"], subject)
        for subject in letter["subjects"]
    ]
    tried: set[tuple[str, str, bool]] = set()
    name, count = letter["name"], 0
    body = subject = ""
    for target, values, is_others in targets:
        if (target.state, target.chamber, is_others) not in tried:
            tried.add((target.state, target.chamber, is_others))
            for sample in SAMPLES:
                put = _values(campaign, target, sample, values[letter_rules.COMMITTEE])
                for text in texts:
                    filled = letter_rules.fill_letter(text, put)
                    found.add_all(name, reader.subject_faults(filled.subject, is_others=is_others), target)
                    found.add_all(name, reader.faults(filled, target, put, is_others=is_others), target)
                    count += 1
            filled = letter_rules.fill_letter(texts[0], values)
            body, subject = filled.body, filled.subject
        else:
            filled = letter_rules.fill_letter(texts[0], values, body=body, subject=subject)
            found.add_all(name, reader.faults(filled, target, values, is_others=is_others), target)
            count += 1
    return count


@dataclass(frozen=True)
class _Wrong:
    """One fault of one letter. `group` tells faults of a kind apart that are mended at different places."""

    kind: str
    sentence: str
    group: str = ""


class _Found:
    """Faults, gathered: the same fault for many targets is one."""

    def __init__(self) -> None:
        self._sentences: dict[tuple[str, str, str], str] = {}
        self._targets: dict[tuple[str, str, str], dict[int, Target]] = {}

    def add_all(self, letter: str, wrongs: Sequence[_Wrong], target: Target) -> None:
        for wrong in wrongs:
            key = (letter, wrong.kind, wrong.group)
            self._sentences.setdefault(key, wrong.sentence)
            self._targets.setdefault(key, {})[id(target)] = target

    def add(self, letter: str, kind: str, sentence: str, group: str) -> None:
        self._sentences.setdefault((letter, kind, group or sentence), sentence)

    def faults(self) -> tuple[Fault, ...]:
        return tuple(
            Fault(
                letter=key[0],
                kind=key[1],
                sentence=sentence,
                targets=len(self._targets.get(key, {})),
                examples=tuple(one.label for one in list(self._targets.get(key, {}).values())[:SHOWN]),
            )
            for key, sentence in self._sentences.items()
        )


@dataclass(frozen=True)
class _Paragraph:
    wrongs: tuple[_Wrong, ...]
    links: int
    names_bill: bool
    claims: tuple[_Wrong, ...]  # wrong where the legislator does not represent the supporter


@dataclass
class _Reader:
    """Reads filled letters for one campaign. Remembers paragraphs, by the chamber that they go to."""

    campaign: Mapping[str, Any]
    _known: dict[tuple[str, str, str], _Paragraph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bill = bill_pattern(self.campaign["bill"])
        self._against = _contrary(self.campaign["position"], self._bill.pattern)

    def subject_faults(self, subject: str, *, is_others: bool) -> list[_Wrong]:
        found = list(_claims(subject)) if is_others else []
        if not subject:
            found.append(_Wrong("blank", "A subject is empty."))
        if len(subject) > letter_rules.MAX_SUBJECT:
            words = f'The subject "{subject}" has {len(subject)} characters; at most {letter_rules.MAX_SUBJECT} fit.'
            found.append(_Wrong("subject too long", words, subject[:20]))
        found += self._prompts(subject, "subject")
        if sentence := self._contradiction(subject):
            found.append(_Wrong("position", f"The subject {sentence}", subject[:20]))
        if _is_shouting(subject):
            found.append(_Wrong("capitals", f'The subject "{subject}" is all capitals.', subject[:20]))
        return found

    def faults(
        self, filled: letter_rules.FilledLetter, target: Target, values: Mapping[str, str], *, is_others: bool
    ) -> list[_Wrong]:
        found = [_Wrong("blank", f'"{name}" is empty where the letter needs it.', name) for name in filled.blanks]
        if not filled.body.strip():
            found.append(_Wrong("blank", "The letter has no text between opening and closing.", "body"))
        if len(filled.body) > MAX_BODY:
            found.append(
                _Wrong("too long", f"The body has {len(filled.body):,} characters; supporters can send {MAX_BODY:,}.")
            )
        links, names_bill = 0, False
        for text in filled.text.split("\n\n"):
            paragraph = self._paragraph(text, target)
            found += paragraph.wrongs
            found += paragraph.claims if is_others else ()
            links += paragraph.links
            names_bill = names_bill or paragraph.names_bill
        if not names_bill:
            found.append(_Wrong("bill", f"The letter does not name the bill, {self.campaign['bill']}."))
        if links > MAX_LINKS:
            found.append(_Wrong("links", f"There are {links} links; more than one makes a letter look like an advert."))
        if wrong := _greeting(filled.opening.partition("\n")[0], target, values):
            found.append(wrong)
        return found

    def _paragraph(self, text: str, target: Target) -> _Paragraph:
        key = (target.state, target.chamber, text)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._read(text, target)
        return known

    def _read(self, text: str, target: Target) -> _Paragraph:
        wrongs = list(self._prompts(text, "letter"))
        if sentence := self._contradiction(text):
            wrongs.append(_Wrong("position", f"The letter {sentence}", text[:20]))
        if match := _SHOUTING.search(text):
            wrongs.append(_Wrong("capitals", f'"{match[0]}" is all capitals.', match[0]))
        if sentence := _other_chamber(text, target):
            wrongs.append(_Wrong("chamber", sentence, text[:20]))
        return _Paragraph(
            tuple(wrongs), len(_LINK.findall(text)), self._bill.search(text) is not None, tuple(_claims(text))
        )

    def _prompts(self, text: str, where: str) -> Iterator[_Wrong]:
        for words in letter_rules.prompts(text, of_staff=True):
            yield _Wrong("prompt", f'The {where} still says "{words}".', words)

    def _contradiction(self, text: str) -> str:
        """How the text takes the other side, or ""."""
        for clause in _CLAUSE.split(text):
            match = self._against.search(clause)
            if match and not _NOT_OURS.search(clause, 0, match.start()):
                position = self.campaign["position"]
                return f'says "{" ".join(clause.split())}", but the campaign\'s position is: {position}.'
        return ""


def bill_pattern(bill: str) -> re.Pattern[str]:
    """The bill's number however it is spaced and dotted: "SB 1161", "SB1161", "S.B. 1161"."""
    parts = re.findall(r"[^\W\d_]|\d+", bill)
    return re.compile(r"(?<!\w)" + r"[\s.\-]*".join(map(re.escape, parts)) + r"(?!\w)", re.IGNORECASE)


def _contrary(position: str, bill: str) -> re.Pattern[str]:
    """What only somebody of the other position asks for."""
    matter = rf"(?:{bill}|(?:this|the) (?:bill|measure|legislation|proposal))"
    verbs, vote = {
        "support": (r"oppose|reject|defeat|block|stop|kill|veto|vote against|vote down", r"vote (?:no|nay)"),
        "oppose": (
            r"support|back|pass|approve|co-?sponsor|vote for|vote in favou?r of|sign",
            r"vote (?:yes|aye|yea)|vote in favou?r",
        ),
    }[position]
    nouns = {"support": "opposition to|no vote on", "oppose": "support for|support of|yes vote on"}[position]
    return re.compile(rf"\b(?:{vote})\b|\b(?:{verbs}|{nouns})\s+{matter}", re.IGNORECASE)


_CLAUSE = re.compile(r"[.!?;:]\s|,\s+(?:but|and|so)\s|\n\n")
# "Do not support it", "those who support it", "if you support it": somebody else's side, or none.
_NOT_OURS = re.compile(
    r"\b(?:not|never|cannot|no one|nobody|against|instead of|rather than|refuse|whether|if|unless|who|whoever|which|"
    r"they|some|others|many|groups|people|those|lobbyists|opponents|supporters|proponents)\b|n['’]t\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"\b(?:https?://|www\.)\S", re.IGNORECASE)
_SHOUTING = re.compile(r"\b(?:[A-Z]{2,}['’]?[A-Z]*[\s,!]+){3,}[A-Z]{2,}\b")


def _is_shouting(subject: str) -> bool:
    return (subject.isupper() and sum(map(str.isalpha, subject)) >= 12) or _SHOUTING.search(subject) is not None


_TITLES = re.compile(
    r"\b(?:Senator|Representative|Assembly ?member|Assembly ?man|Assembly ?woman|Assembly Representative|Delegate|"
    r"Council ?member|Council ?man|Council ?woman|(?:Sen|Rep|Asm|Del)\.)",
    re.IGNORECASE,
)


def _greeting(line: str, target: Target, values: Mapping[str, str]) -> _Wrong | None:
    """What is wrong in the greeting for this legislator. One without any title or name is nobody's fault."""
    if line == values["salutation"]:
        return None
    named = _TITLES.search(line)
    if not named or not (line.startswith("Dear ") or named.start() == 0):
        return None
    own = (values["legislator_title"], values["legislator_short_title"])
    if named[0].lower() not in {one.lower() for one in own}:
        return _Wrong("title", f'The greeting "{line}" has a wrong title: for {target.label}, it is {own[0]}.')
    rest = line[named.end() :].strip(" ,:")
    if rest and values["legislator_last_name"] not in rest:
        return _Wrong("name", f'The greeting "{line}" has another name than that of {target.label}.')
    return None


_CHAMBER_WORDS: Final = r"(?:Senate|Assembly|House of Representatives|House of Delegates|House)"
_YOUR_CHAMBER = re.compile(
    r"\b(?:your (?:vote|seat|colleagues|work|committee) (?:in|on)|you represent me in|represents? me in|"
    r"you vote in|(?:a )?members? of|vote (?:yes|no|aye|nay)[^.!?\n]{0,80}?\b(?:before|in|reaches|on the floor of))"
    rf" the ((?:[A-Z][a-z]+ ){{0,3}}{_CHAMBER_WORDS})"
)
_ADDRESS_LINE = re.compile(rf"^((?:[A-Z][a-z]+ ){{1,3}}{_CHAMBER_WORDS}|{_CHAMBER_WORDS} of [A-Z].*)$", re.MULTILINE)


def _other_chamber(text: str, target: Target) -> str:
    """How the text places this legislator in another chamber, or ""."""
    for pattern in (_YOUR_CHAMBER, _ADDRESS_LINE):
        for match in pattern.finditer(text):
            if _kind_of_chamber(match[1]) != _kind_of_chamber(titles.chamber_name(target.state, target.chamber)):
                own = titles.chamber_name(target.state, target.chamber)
                return f'The letter says "{match[0]}", but {target.label}, sits in the {own}.'
    return ""


_CLAIM = re.compile(
    r"\byour (?:[a-z]+ )?constituents?\b|\bconstituents? of yours\b|"
    r"\b(?:as|am|from) (?:a|an) (?:[a-z]+ )?constituent\b|\bconstituent (?:in|from|at|living)\b|"
    r"\bmy (?:own )?(?:state )?(?:senator|representative|assembly ?member|delegate|council ?member|legislator)\b|"
    r"\brepresents? me\b|\b(?:in|from) your (?:own )?district\b",
    re.IGNORECASE,
)
# "I am not your constituent", "I have written to my senator too": no claim on the one who reads it.
_NO_CLAIM = re.compile(
    r"\b(?:not|never|neither|nor|no|asked|ask|asking|told|wrote|write|written|writing to|called|contacted|urged)\b|"
    r"n['’]t\b",
    re.IGNORECASE,
)


def _claims(text: str) -> Iterator[_Wrong]:
    """Where the text says that the legislator represents the supporter."""
    for clause in _CLAUSE.split(text):
        match = _CLAIM.search(clause)
        if match and not _NO_CLAIM.search(clause, 0, match.start()):
            sentence = f'It says "{match[0]}", but goes to legislators who are not the supporter\'s own as well.'
            yield _Wrong("constituent", sentence, match[0].lower())


def _kind_of_chamber(name: str) -> str:
    """ "Senate" or whatever the lower chamber's kind is; "Legislature" and "Council" are only themselves."""
    kinds = ("Senate", "General Assembly", "Assembly", "House", "Legislature", "Council")
    return next((kind.removeprefix("General ") for kind in kinds if kind in name), name)
