"""What a letter's text says that it should not: the other side's wish, shouting, another chamber, a claim on strangers.

Each text is read once for each chamber that it goes to; what a supporter writes is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from actionmail.rules.campaigns.filled_letter import MAX_SUBJECT, FilledLetter
from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.problems import Problem
from actionmail.rules.campaigns.targets import Target
from actionmail.rules.roster import titles

MAX_BODY: Final = 5_000  # characters of the part that supporters edit: their page takes no more
MAX_LINKS: Final = 1


@dataclass(frozen=True)
class LintFinding:
    """One fault of one letter. `group` tells faults of one code apart that are mended at different places."""

    problem: Problem
    group: str = ""


def _finding(code: str, group: str = "", **values: Any) -> LintFinding:
    return LintFinding(Problem(code, values), group)


@dataclass(frozen=True)
class _Paragraph:
    """What was read in a paragraph, whoever gets it."""

    findings: tuple[LintFinding, ...] = ()
    chambers: tuple[tuple[str, str], ...] = ()  # words that place the reader in a chamber, and which kind it is
    claims: tuple[LintFinding, ...] = ()  # wrong where the legislator does not represent the supporter
    links: int = 0
    names_bill: bool = False


@dataclass(frozen=True)
class _Part:
    """What was read in the paragraphs of a letter's part, for one chamber."""

    findings: tuple[LintFinding, ...]
    of_others: tuple[LintFinding, ...]  # the same with the claims
    links: int
    names_bill: bool


@dataclass(frozen=True, eq=False)
class _Asked:
    """What a campaign asks for, as patterns. `number`, where there is one, stands in every text that names the bill."""

    position: str
    number: str
    bill: re.Pattern[str]
    against: re.Pattern[str]

    def contradiction(self, text: str) -> str:
        """The clause in which the text takes the other side, or ""."""
        for clause in _CLAUSE.split(text):
            match = self.against.search(clause)
            if match and not _NOT_OURS.search(clause, 0, match.start()):
                return clause
        return ""

    def says_nothing(self, text: str) -> bool:
        """Whether the words and signs are missing without which nothing is found, as in nearly every greeting."""
        if not (self.number and text.isascii()):
            return False
        if self.number in text or _SIGNS.search(text) or _CAPITALS.search(text):
            return False
        return not _WORDS.search(text.lower())


@dataclass
class Reader:
    """Reads filled letters for one campaign. Remembers their parts, by the chamber that they go to."""

    campaign: Mapping[str, Any]
    _known: dict[tuple[str, str, str], _Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._asked = _asked(self.campaign["bill"], self.campaign["position"])

    def subject_faults(self, subject: str, *, is_others: bool) -> list[LintFinding]:
        """`is_others`: it goes to legislators who do not represent the supporter."""
        findings = list(_claims(subject)) if is_others else []
        group = subject[:20]
        if not subject:
            findings.append(_finding("blank.subject"))
        if len(subject) > MAX_SUBJECT:
            findings.append(
                _finding("subject-too-long.subject", group, subject=subject, length=len(subject), most=MAX_SUBJECT)
            )
        findings += _left_over(subject, "subject")
        if clause := self._asked.contradiction(subject):
            findings.append(_position("subject", self._asked, clause, group))
        if _is_shouting(subject):
            findings.append(_finding("capitals.subject", group, words=subject))
        return findings

    def faults(
        self, filled: FilledLetter, target: Target, values: Mapping[str, str], *, is_others: bool
    ) -> list[LintFinding]:
        """What is wrong in a letter filled with `values` for this target, but for its subject."""
        findings = [_finding("blank.field", name, field=name) for name in filled.blanks]
        if not filled.body.strip():
            findings.append(_finding("blank.body", "body"))
        if len(filled.body) > MAX_BODY:
            findings.append(_finding("too-long.body", length=len(filled.body), most=MAX_BODY))
        links, names_bill = 0, False
        for text in (filled.opening, filled.personal, filled.body, filled.closing):
            if text:
                part = self._part(text, target)
                findings += part.of_others if is_others else part.findings
                links += part.links
                names_bill = names_bill or part.names_bill
        if not names_bill:
            findings.append(_finding("bill.not-named", bill=self.campaign["bill"]))
        if links > MAX_LINKS:
            findings.append(_finding("links.too-many", count=links))
        if wrong := _greeting(filled.opening.partition("\n")[0], target, values):
            findings.append(wrong)
        return findings

    def _part(self, text: str, target: Target) -> _Part:
        key = (target.state, target.chamber, text)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._read_part(text, target)
        return known

    def _read_part(self, text: str, target: Target) -> _Part:
        if self._asked.says_nothing(text):  # so none of its paragraphs says anything
            return _NOTHING_AT_ALL
        paragraphs = [_read(paragraph, self._asked) for paragraph in text.split("\n\n")]
        return _together(paragraphs, text, target)


_NOTHING: Final = _Paragraph()
_NOTHING_AT_ALL: Final = _Part((), (), 0, names_bill=False)
# What the patterns below and those of prompts need, each of them something: signs, two capitals, and words in small
# letters. Signs and capitals in one pattern would take four times as long.
_SIGNS = re.compile(r"[\[{}<(*%_]")
_CAPITALS = re.compile("[A-Z][A-Z]")
_WORDS = re.compile(
    "your|insert|lorem|http|www| the |(?:senate|assembly|house|representatives|delegates)(?:$| of )|constituent"
    "|represents? me|my |district|vote|support|back|pass|approve|sponsor|sign|oppos|reject|defeat|block|stop|kill|veto",
    re.MULTILINE,
)


@lru_cache(maxsize=64)
def _asked(bill: str, position: str) -> _Asked:
    pattern = bill_pattern(bill)
    numbers = re.findall("[0-9]+", bill.partition("(")[0])
    number = numbers[0] if numbers else ""
    return _Asked(position, number, pattern, _contrary(position, pattern.pattern))


@lru_cache(maxsize=4096)  # of letters that are looked at again and again while they are written
def _read(text: str, asked: _Asked) -> _Paragraph:
    if asked.says_nothing(text):
        return _NOTHING
    findings = list(_left_over(text, "letter"))
    if clause := asked.contradiction(text):
        findings.append(_position("letter", asked, clause, text[:20]))
    if match := _SHOUTING.search(text):
        findings.append(_finding("capitals.letter", match[0], words=match[0]))
    findings += [_finding("links.mark", link, link=link) for link in _links_with_marks(text)]
    return _Paragraph(
        findings=tuple(findings),
        chambers=tuple(_chambers(text)),
        claims=tuple(_claims(text)),
        links=len(_LINK.findall(text)),
        names_bill=asked.bill.search(text) is not None,
    )


def _together(paragraphs: Sequence[_Paragraph], text: str, target: Target) -> _Part:
    if all(paragraph is _NOTHING for paragraph in paragraphs):
        return _NOTHING_AT_ALL
    findings: list[LintFinding] = []
    of_others: list[LintFinding] = []
    for paragraph, words in zip(paragraphs, text.split("\n\n"), strict=True):
        own = list(paragraph.findings)
        if elsewhere := _other_chamber(paragraph.chambers, words, target):
            own.append(elsewhere)
        findings += own
        of_others += [*own, *paragraph.claims]
    links = sum(paragraph.links for paragraph in paragraphs)
    return _Part(tuple(findings), tuple(of_others), links, any(paragraph.names_bill for paragraph in paragraphs))


def _position(where: str, asked: _Asked, clause: str, group: str) -> LintFinding:
    return _finding(f"position.{where}", group, words=" ".join(clause.split()), position=asked.position)


def _left_over(text: str, where: str) -> Iterator[LintFinding]:
    for words in prompts(text, of_staff=True):
        yield _finding(f"prompt.{where}", words, words=words)


def bill_pattern(bill: str) -> re.Pattern[str]:
    """The bill's number however it is spaced and dotted: "SB 1161", "SB1161", "S.B. 1161".

    What stands between its letters and numbers may be written, or left out, or be "and": "HF 3434/SF 3551" is named by
    "HF 3434 and SF 3551". What is in brackets need not be said: "H.R. 1234 (118th Congress)".
    """
    number, bracket, aside = bill.partition("(")
    expression = _spelled(number)
    if bracket and expression:
        expression += f"(?:{_gap(' (')}{_spelled(aside)})?"
    return re.compile(rf"(?<!\w){expression or _spelled(bill)}(?!\w)", re.IGNORECASE)


def _spelled(text: str) -> str:
    """The letters and numbers of a text, with whatever may be between them."""
    expression = ""
    end = 0
    for part in re.finditer(r"[^\W\d_]|\d+", text):
        if expression:
            expression += _gap(text[end : part.start()])
        expression += re.escape(part[0])
        end = part.end()
    return expression


def _gap(between: str) -> str:
    """Blanks, dots, hyphens and dashes, and what the bill itself has there; "and" where it has a sign for that."""
    own = "".join(sorted(set(between) - set(" .-")))
    signs = rf"[\s.\-\u2010-\u2015{re.escape(own)}]"
    return rf"(?:{signs}|and|or)*" if set(between) & set("/,&;+") else f"{signs}*"


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
# Of Khmer, Burmese, Chinese, Arabic. Programs find links in plain text by themselves; many know only English's marks.
_SENTENCE_MARK = re.compile(
    "[\u17d4\u17d5\u104a\u104b\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\u060c\u061b\u061f\u06d4]"
)
_SHOUTING = re.compile(r"\b(?:[A-Z]{2,}(?:['’][A-Z]*)?[\s,!]+){3,}[A-Z]{2,}\b")


def _links_with_marks(text: str) -> Iterator[str]:
    """Each link that a mark follows at once, with the mark: who presses it may be led to an address that nobody has."""
    for word in text.split():
        link = _LINK.search(word)
        mark = link and _SENTENCE_MARK.search(word, link.end())
        if link and mark:
            yield word[link.start() : mark.end()]


def _is_shouting(subject: str) -> bool:
    """Letters of scripts without capitals (Lao, Khmer, Burmese, Chinese, ...) are neither loud nor quiet."""
    return (subject.isupper() and sum(map(str.isupper, subject)) >= 12) or _SHOUTING.search(subject) is not None


_TITLES = re.compile(
    r"\b(?:Senator|Representative|Assembly ?member|Assembly ?man|Assembly ?woman|Assembly Representative|Delegate|"
    r"Council ?member|Council ?man|Council ?woman|(?:Sen|Rep|Asm|Del)\.)",
    re.IGNORECASE,
)


def _greeting(line: str, target: Target, values: Mapping[str, str]) -> LintFinding | None:
    """What is wrong in the greeting for this legislator. One without any title or name is nobody's fault."""
    if line == values["salutation"]:
        return None
    named = _TITLES.search(line)
    if not named or not (line.startswith("Dear ") or named.start() == 0):
        return None
    own = (values["legislator_title"], values["legislator_short_title"])
    if named[0].lower() not in (own[0].lower(), own[1].lower()):
        return _finding("title.greeting", line=line, who=target.label, title=own[0])
    rest = line[named.end() :].strip(" ,:")
    if rest and values["legislator_last_name"] not in rest:
        return _finding("name.greeting", line=line, who=target.label)
    return None


_CHAMBER_WORDS: Final = r"(?:Senate|Assembly|House of Representatives|House of Delegates|House)"
_YOUR_CHAMBER = re.compile(
    r"\b(?:your (?:vote|seat|colleagues|work|committee) (?:in|on)|you represent me in|represents? me in|"
    r"you vote in|(?:a )?members? of|vote (?:yes|no|aye|nay)[^.!?\n]{0,80}?\b(?:before|in|reaches|on the floor of))"
    rf" the ((?:[A-Z][a-z]+ ){{0,3}}{_CHAMBER_WORDS})"
)
_ADDRESS_LINE = re.compile(rf"^((?:[A-Z][a-z]+ ){{1,3}}{_CHAMBER_WORDS}|{_CHAMBER_WORDS} of [A-Z].*)$", re.MULTILINE)


def _chambers(text: str) -> Iterator[tuple[str, str]]:
    """The words that place a legislator in a chamber, and its kind."""
    for pattern in (_YOUR_CHAMBER, _ADDRESS_LINE):
        for match in pattern.finditer(text):
            yield match[0], _kind_of_chamber(match[1])


def _other_chamber(chambers: Sequence[tuple[str, str]], text: str, target: Target) -> LintFinding | None:
    """Where the text places this legislator in another chamber."""
    if not chambers:
        return None
    own = titles.chamber_name(target.state, target.chamber)
    for words, kind in chambers:
        if kind != _kind_of_chamber(own):
            return _finding("chamber.letter", text[:20], words=words, who=target.label, chamber=own)
    return None


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


def _claims(text: str) -> Iterator[LintFinding]:
    """Where the text says that the legislator represents the supporter."""
    for clause in _CLAUSE.split(text):
        match = _CLAIM.search(clause)
        if match and not _NO_CLAIM.search(clause, 0, match.start()):
            yield _finding("constituent.letter", match[0].lower(), words=match[0])


def _kind_of_chamber(name: str) -> str:
    """ "Senate" or whatever the lower chamber's kind is; "Legislature" and "Council" are only themselves."""
    kinds = ("Senate", "General Assembly", "Assembly", "House", "Legislature", "Council")
    return next((kind.removeprefix("General ") for kind in kinds if kind in name), name)
