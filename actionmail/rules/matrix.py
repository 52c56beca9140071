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

from actionmail.rules import letters as letter_rules
from actionmail.rules import titles

MAX_BODY: Final = 5_000  # characters of the part that supporters edit: their page takes no more
MAX_LINKS: Final = 1
SHOWN: Final = 3  # targets named with a fault


@dataclass(frozen=True, kw_only=True)
class Target:
    """A sitting legislator whom the campaign can reach."""

    state: str
    chamber: str
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
class Audience:
    """One chamber, and the letter that its members get. "" where there is none."""

    chamber: str
    chamber_name: str
    letter: str
    targets: int
    without_address: int


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Who gets which letter, and every fault. `rendered` counts letters filled; `unused` are letters nobody gets."""

    targets: int
    letters: int
    rendered: int
    audiences: tuple[Audience, ...]
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
    campaign: Mapping[str, Any], letters: Sequence[Mapping[str, Any]], targets: Sequence[Target]
) -> Matrix:
    """Fill and check everything. `campaign` and `letters` have the columns that `read_campaign` gives."""
    found = _Found()
    audiences = who_gets_which(campaign, letters, targets)
    for one in audiences:
        if not one.letter:
            found.add("", "no letter", f"There is no letter for members of the {one.chamber_name}.", "")
    if not targets:
        found.add(
            "", "no target", "There is nobody to write to: the roster has no sitting member of these chambers.", ""
        )
    rendered = 0
    reader = _Reader(campaign)
    values = [_values(campaign, target, SAMPLES[0]) for target in targets]
    for letter in letters:
        hears = _chambers(campaign["state"], letter["chambers"])
        own = [(one, put) for one, put in zip(targets, values, strict=True) if one.chamber in hears]
        try:
            rendered += _render(letter, own, campaign, reader, found)
        except letter_rules.LetterError as error:
            found.add(letter["name"], "unreadable", f"The letter cannot be filled: {error}.", "")
    used = {one.letter for one in audiences}
    return Matrix(
        targets=len(targets),
        letters=len(letters),
        rendered=rendered,
        audiences=tuple(audiences),
        unused=tuple(letter["name"] for letter in letters if letter["name"] not in used),
        faults=found.faults(),
    )


def who_gets_which(
    campaign: Mapping[str, Any],
    letters: Sequence[Mapping[str, Any]],
    targets: Sequence[Target],
    *,
    language: str = "en",
) -> list[Audience]:
    """For each chamber the letter that its members get: the first in `language`, or else in any. With their number."""
    state = campaign["state"]
    sitting = Counter(target.chamber for target in targets)
    mute = Counter(target.chamber for target in targets if not target.has_address)
    found = []
    for chamber in _chambers(state, campaign["chambers"]):
        fitting = [one for one in letters if titles.is_for(state, chamber, one["chambers"])]
        used = next((one for one in fitting if one["language"] == language), fitting[0] if fitting else {"name": ""})
        found.append(
            Audience(
                chamber=chamber,
                chamber_name=titles.chamber_name(state, chamber),
                letter=used["name"],
                targets=sitting[chamber],
                without_address=mute[chamber],
            )
        )
    return found


def _chambers(state: str, chambers: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(titles.seat_chamber(state, chamber) for chamber in chambers))


def _values(campaign: Mapping[str, Any], target: Target, sample: Sample) -> dict[str, str]:
    return letter_rules.field_values(
        state=target.state,
        chamber=target.chamber,
        legislator_name=target.name,
        legislator_family_name=target.family_name,
        district=target.district,
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
    targets: Sequence[tuple[Target, dict[str, str]]],
    campaign: Mapping[str, Any],
    reader: _Reader,
    found: _Found,
) -> int:
    """Every subject and every sample supporter for one target of each chamber, then the letter for all the others.

    Subject and body hold nothing that differs among targets (`check_letter` sees to that), so they are filled once.
    """
    texts = [
        letter_rules.LetterText(letter["opening"], letter["body"], letter["closing"], subject)
        for subject in letter["subjects"]
    ]
    tried: set[tuple[str, str]] = set()
    name, count = letter["name"], 0
    body = subject = ""
    for target, values in targets:
        if (target.state, target.chamber) not in tried:
            tried.add((target.state, target.chamber))
            for sample in SAMPLES:
                put = _values(campaign, target, sample)
                for text in texts:
                    filled = letter_rules.fill_letter(text, put)
                    found.add_all(name, reader.subject_faults(filled.subject), target)
                    found.add_all(name, reader.faults(filled, target, put), target)
                    count += 1
            filled = letter_rules.fill_letter(texts[0], values)
            body, subject = filled.body, filled.subject
        else:
            filled = letter_rules.fill_letter(texts[0], values, body=body, subject=subject)
            found.add_all(name, reader.faults(filled, target, values), target)
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


@dataclass
class _Reader:
    """Reads filled letters for one campaign. Remembers paragraphs, by the chamber that they go to."""

    campaign: Mapping[str, Any]
    _known: dict[tuple[str, str, str], _Paragraph] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bill = bill_pattern(self.campaign["bill"])
        self._against = _contrary(self.campaign["position"], self._bill.pattern)

    def subject_faults(self, subject: str) -> list[_Wrong]:
        found = []
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

    def faults(self, filled: letter_rules.FilledLetter, target: Target, values: Mapping[str, str]) -> list[_Wrong]:
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
        return _Paragraph(tuple(wrongs), len(_LINK.findall(text)), self._bill.search(text) is not None)

    def _prompts(self, text: str, where: str) -> Iterator[_Wrong]:
        for words in letter_rules.prompts(text):
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


def _kind_of_chamber(name: str) -> str:
    """ "Senate" or whatever the lower chamber's kind is; "Legislature" and "Council" are only themselves."""
    kinds = ("Senate", "General Assembly", "Assembly", "House", "Legislature", "Council")
    return next((kind.removeprefix("General ") for kind in kinds if kind in name), name)
