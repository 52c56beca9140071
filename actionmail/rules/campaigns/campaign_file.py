"""A campaign with its letters as one TOML file: every key checked, every letter tried, every refusal with its place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from actionmail.rules.actions.confirmation import CONFIRM, OFF
from actionmail.rules.campaigns import letter_language as letter_rules
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns import translations
from actionmail.rules.districts.states import FEDERAL_CHAMBERS, NO_SENATORS
from actionmail.rules.roster import titles

MAX_FILE: Final = 500_000  # characters
MAX_READ: Final = 16_000_000  # bytes of a file, before anything of it is looked at
STATUSES: Final = ("draft", "scheduled", "live", "paused", "closed", "archived")


class CampaignFileError(ValueError):
    """A campaign file is refused as a whole: in which line and column (from 1; 0 where unknown), and why."""

    def __init__(self, file: str, line: int, column: int, reason: str) -> None:
        place = "".join([f", line {line}" if line else "", f", column {column}" if column else ""])
        super().__init__(f"{file}{place}: {reason}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason


def decode(raw: bytes, *, source: str) -> str:
    """The text of a campaign file. Raises CampaignFileError where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise CampaignFileError(source, line, column, "This is not UTF-8 text; save the file as UTF-8.") from None


def read_campaign(toml_text: str, *, source: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of the campaign and of its letters, in order, all of them checked. Raises CampaignFileError."""
    text = toml_text.replace("\r\n", "\n")
    if len(text) > MAX_FILE:
        raise CampaignFileError(source, 0, 0, f"The file has {len(text):,} characters; at most {MAX_FILE:,} are taken.")
    return _File(text, source).read()


def write_campaign(columns: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> str:
    """The file that `read_campaign` reads as these columns and letters."""
    lines = []
    for key in _CAMPAIGN:
        value = _local(columns, _COLUMN_OF[key]) if key in _COLUMN_OF else columns[key]
        if key not in ("targets", "translations") and value not in (None, "") and (key, value) != ("confirm", OFF):
            lines.append(f"{key} = {_toml(value)}")
    for rule in columns["targets"]:
        lines += ["", "[[targets]]", *(f"{key} = {_toml(rule[key])}" for key in _RULE if key in rule)]
    for tag, words in columns["translations"].items():
        lines += ["", f"[translations.{tag}]", *(f"{key} = {_toml(text)}" for key, text in words.items())]
    for letter in letters:
        lines += ["", "[[letters]]", *(f"{key} = {_toml(value)}" for key, value in without_defaults(letter).items())]
    return "\n".join(lines) + "\n"


def _local(columns: Mapping[str, Any], name: str) -> datetime | None:
    """The instant in the campaign's time zone; in UTC where that zone's offset had seconds, which TOML cannot say."""
    instant: datetime | None = columns[name]
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(columns["timezone"]))
    offset = local.utcoffset()
    return instant.astimezone(UTC) if offset is None or offset.seconds % 60 else local


def _toml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value)
    escaped = re.sub(
        r'[\x00-\x08\x0b-\x1f\x7f\\"]', lambda match: _ESCAPES.get(match[0]) or _code(match[0]), str(value)
    )
    if "\n" in escaped:
        # Quotes need no escape within three of them, except where they could end the text.
        return '"""\n' + re.sub(r'\\"(?!\\"|$)', '"', escaped) + '"""'
    return '"' + escaped.replace("\t", "\\t") + '"'


_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def _code(character: str) -> str:
    return f"\\u{ord(character):04X}"


class CampaignValueError(ValueError):
    """Why one value is refused, as a sentence."""


_TYPE_NAMES: Final = {str: "text in quotes", int: "a whole number", list: "a list in square brackets", dict: "a table"}


def _line(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        cleaned = _text(value).strip()
        if not cleaned:
            raise CampaignValueError("It is empty.")
        if "\n" in cleaned or "\t" in cleaned:
            raise CampaignValueError("It must be one line.")
        if len(cleaned) > limit:
            raise CampaignValueError(f"It has {len(cleaned)} characters; at most {limit} fit.")
        return cleaned

    return check


def _optional_line(limit: int) -> Callable[[Any], str]:
    return lambda value: _line(limit)(value) if _text(value).strip() else ""


def _text(value: Any) -> str:
    _is(str, value)
    try:
        return letter_rules.plain(value)
    except letter_rules.LetterError as error:
        raise CampaignValueError(
            f"{error.reason} It stands in line {error.line}, column {error.column} of the text."
        ) from None


def _paragraphs(value: Any) -> str:
    cleaned = _text(value).strip()
    if not cleaned:
        raise CampaignValueError("It is empty.")
    if len(cleaned) > letter_rules.MAX_SOURCE:
        raise CampaignValueError(f"It has {len(cleaned):,} characters; at most {letter_rules.MAX_SOURCE:,} fit.")
    return cleaned


def _optional_paragraphs(value: Any) -> str:
    return _paragraphs(value) if _text(value).strip() else ""


def _is(kind: type, value: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise CampaignValueError(f"It must be {_TYPE_NAMES[kind]}.")


def _one_of(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        _is(str, value)
        if value not in choices:
            near = difflib.get_close_matches(value.lower()[:40], [choice.lower() for choice in choices], n=1)
            listed = f"It must be one of {', '.join(choices)}." if len(choices) < 10 else "There is no such one."
            raise CampaignValueError(listed + (f" Did you mean {near[0]}?" if near and len(choices) < 10 else ""))
        return str(value)

    return check


def _slug(value: Any) -> str:
    _is(str, value)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 80:
        raise CampaignValueError(
            "It must be small letters, digits and single hyphens, at most 80: it becomes part of the address."
        )
    return str(value)


def _state(value: Any) -> str:
    _is(str, value)
    if value not in titles.STATES:
        raise CampaignValueError('It must be the two capital letters of a state, such as "WI".')
    return str(value)


def _some_chambers(value: Any) -> list[str]:
    return _chambers(value) if value != [] else []


def _chambers(value: Any) -> list[str]:
    _is(list, value)
    if not value or any(chamber not in ("upper", "lower", "legislature", *FEDERAL_CHAMBERS) for chamber in value):
        raise CampaignValueError(
            'It must be ["upper"], ["lower"] or both; ["legislature"] where there is one chamber; "us_upper" and '
            '"us_lower" for Congress.'
        )
    if len(set(value)) != len(value):
        raise CampaignValueError("It names a chamber twice.")
    return list(value)


def _language(value: Any) -> str:
    _is(str, value)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) or len(value) > 16:
        raise CampaignValueError('It must be a language tag such as "en", "es" or "zh-Hans".')
    return str(value)


def _timezone(value: Any) -> str:
    _is(str, value)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CampaignValueError('It must be a time zone such as "America/Chicago".') from None
    return str(value)


def _deadline(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise CampaignValueError("It must be a date with a time, not in quotes: 2027-02-11T09:00:00.")
    if not 2000 <= value.year < 2200:
        raise CampaignValueError(f"The year {value.year} cannot be meant.")
    return value


def _goal(value: Any) -> int:
    _is(int, value)
    if not 0 < value <= 10_000_000:
        raise CampaignValueError("It must be more than 0, and at most 10,000,000.")
    return int(value)


def _subjects(value: Any) -> list[str]:
    _is(list, value)
    if not 0 < len(value) <= 20:
        raise CampaignValueError("It must list 1 to 20 subjects.")
    for subject in value:
        _is(str, subject)
    if len(set(value)) != len(value):
        raise CampaignValueError("It lists a subject twice.")
    return list(value)


def _part(value: Any) -> str:
    _is(str, value)
    return str(value)


def _names(value: Any) -> list[str]:
    """Parties, or keys of committees or people."""
    _is(list, value)
    if len(value) > 100:
        raise CampaignValueError("It lists more than 100.")
    names = [_line(120)(name) for name in value]
    if len(set(names)) != len(names):
        raise CampaignValueError("It lists one of them twice.")
    return names


def _targets(value: Any) -> list[dict[str, Any]]:
    """Rules that come from a form, not from a file."""
    _is(list, value)
    if len(value) > target_rules.MAX_RULES:
        raise CampaignValueError(f"There are {len(value)} rules; at most {target_rules.MAX_RULES} are taken.")
    return [_rule({key: check(rule[key]) for key, (check, _) in _RULE.items() if key in rule}) for rule in value]


def _rule(checked: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as it is kept: with what it gives and nothing else."""
    rule = {key: value for key, value in checked.items() if value}
    if not any(key in rule for key in target_rules.CONDITIONS):
        raise CampaignValueError("It names nobody: give chambers, parties, committees or people.")
    return rule


def _translations(value: Any) -> dict[str, Any]:
    """Tables that were read word by word, each at its place."""
    _is(dict, value)
    return dict(value)


_REQUIRED: Final = object()
_CAMPAIGN: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "slug": (_slug, _REQUIRED),
    "status": (_one_of(*STATUSES), _REQUIRED),
    "title": (_line(200), _REQUIRED),
    "state": (_state, _REQUIRED),
    "session": (_line(80), _REQUIRED),
    "bill": (_line(40), _REQUIRED),
    "bill_title": (_line(300), _REQUIRED),
    "stage": (_optional_line(200), ""),
    "position": (_one_of("support", "oppose"), _REQUIRED),
    "chambers": (_some_chambers, []),
    "targets": (_targets, []),
    "summary": (_paragraphs, _REQUIRED),
    "organisation": (_line(120), _REQUIRED),
    "privacy_line": (_paragraphs, _REQUIRED),
    "notice": (_optional_paragraphs, ""),
    "opens": (_deadline, None),
    "deadline": (_deadline, None),
    "deadline_label": (_optional_line(200), ""),
    "timezone": (_timezone, _REQUIRED),
    "goal": (_goal, None),
    "confirm": (_one_of(*CONFIRM), OFF),
    "translations": (_translations, {}),
}
_TRANSLATION: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "title": (_optional_line(200), ""),
    "bill_title": (_optional_line(300), ""),
    "stage": (_optional_line(200), ""),
    "summary": (_optional_paragraphs, ""),
    "notice": (_optional_paragraphs, ""),
    "deadline_label": (_optional_line(200), ""),
    "privacy_line": (_optional_paragraphs, ""),
}
_RULE: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "do": (_one_of(*target_rules.DO), _REQUIRED),
    "chambers": (_some_chambers, []),
    "parties": (_names, []),
    "committees": (_names, []),
    "people": (_names, []),
}
_LETTER: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "name": (_line(80), _REQUIRED),
    "chambers": (_some_chambers, []),
    "parties": (_names, []),
    "committees": (_names, []),
    "own": (_one_of(*target_rules.OWN), "any"),
    "to": (_one_of(*target_rules.TO), "ask"),
    "language": (_language, "en"),
    "subjects": (_subjects, _REQUIRED),
    "opening": (_part, _REQUIRED),
    "body": (_part, _REQUIRED),
    "closing": (_part, _REQUIRED),
}
CAMPAIGN_KEYS: Final = (*_CAMPAIGN, "letters")
_COLUMN_OF: Final = {"opens": "opens_at", "deadline": "deadline_at"}  # the file's instants
CAMPAIGN_COLUMNS: Final = tuple(_COLUMN_OF.get(key, key) for key in _CAMPAIGN)
LETTER_KEYS: Final = tuple(_LETTER)
RULE_KEYS: Final = tuple(_RULE)


def without_defaults(letter: Mapping[str, Any]) -> dict[str, Any]:
    """A letter's columns without what says nothing about its audience: as they were before letters had one."""
    return {
        key: letter[key]
        for key in LETTER_KEYS
        if key not in ("parties", "committees", "own", "to") or letter[key] != _LETTER[key][1]
    }


def check_value(table: str, key: str, value: Any) -> Any:
    """One value of a "campaign", a "letter" or a "translation", cleaned; None for what may be left out.

    Raises CampaignValueError.
    """
    check, default = {"campaign": _CAMPAIGN, "letter": _LETTER, "translation": _TRANSLATION}[table][key]
    return None if value is None and default is None else check(value)


_Table = tuple[str, int]  # the name of a table and its number among those of the name, from 0
_TOP: Final[_Table] = ("", 0)
_CALLED: Final = {"letters": "letter", "targets": "target rule"}
NOBODY: Final = (
    "The campaign writes to nobody. Name chambers of the supporter's own legislators, or add somebody by a rule."
)
NO_THANKS: Final = 'There is no letter of thanks: a letter with to = "thank".'


def _no_such_chamber(state: str, chambers: Sequence[str]) -> str:
    if state not in titles.ONE_CHAMBER and "legislature" in chambers:
        return f'{titles.STATES[state]} has "upper" and "lower".'
    if "us_upper" in chambers and state in NO_SENATORS:
        return f"{titles.STATES[state]} has no U.S. Senators."
    return ""


class _File:
    """One campaign file being read. `places` leads from a table and a key to where its value begins."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.places: dict[tuple[_Table, str], int] = dict(_places(text))

    def read(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise self._unreadable(str(error)) from None
        except RecursionError:
            raise CampaignFileError(self.source, 0, 0, "Lists stand too deep within each other.") from None
        raw_letters, raw_rules = table.pop("letters", None), table.pop("targets", [])
        raw_translations = table.pop("translations", {})
        campaign = self._table(table, _CAMPAIGN, _TOP)
        campaign["targets"] = self._rules(raw_rules)
        campaign["translations"] = self._translations(raw_translations)
        for key, column in _COLUMN_OF.items():
            try:
                campaign[column] = in_zone(campaign.pop(key), campaign["timezone"])
            except CampaignValueError as error:
                raise self._at(_TOP, key, f"{key}: {error}") from None
        self._check_opening(campaign)
        if not (isinstance(raw_letters, list) and raw_letters and all(isinstance(raw, dict) for raw in raw_letters)):
            raise CampaignFileError(self.source, 0, 0, "There is no letter; begin each with a line [[letters]].")
        letters = [self._table(raw, _LETTER, ("letters", number)) for number, raw in enumerate(raw_letters)]
        self._check_chambers(campaign, letters)
        for number, letter in enumerate(letters):
            self._check_letter(campaign, letter, number)
        return campaign, letters

    def _table(
        self, table: Mapping[str, Any], schema: Mapping[str, tuple[Callable[[Any], Any], Any]], which: _Table
    ) -> dict[str, Any]:
        for key in table:
            if key not in schema:
                near = difflib.get_close_matches(key[:40], schema, n=1)
                raise self._at(
                    which, key, f'There is no "{key[:40]}" here{f"; did you mean {near[0]}?" if near else "."}'
                )
        values = {}
        for key, (check, default) in schema.items():
            if key in table:
                try:
                    values[key] = check(table[key])
                except CampaignValueError as error:
                    raise self._at(which, key, f"{key}: {error}") from None
            elif default is _REQUIRED:
                where = f" in {_CALLED[which[0]]} {which[1] + 1}" if which != _TOP else ""
                raise self._at(which, "", f'"{key}" is missing{where}.')
            else:
                values[key] = default
        return values

    def _check_opening(self, campaign: Mapping[str, Any]) -> None:
        opens, deadline = campaign["opens_at"], campaign["deadline_at"]
        if campaign["status"] == "scheduled" and opens is None:
            raise self._at(_TOP, "status", 'status: a scheduled campaign needs a line "opens" with date and time.')
        if campaign["status"] != "scheduled" and opens is not None:
            raise self._at(_TOP, "opens", 'opens: only a campaign with status = "scheduled" opens by itself.')
        if opens is not None and deadline is not None and deadline <= opens:
            raise self._at(_TOP, "opens", "opens: the deadline is over by then.")

    def _rules(self, raw: Any) -> list[dict[str, Any]]:
        if not (isinstance(raw, list) and all(isinstance(rule, dict) for rule in raw)):
            raise self._at(_TOP, "targets", "targets: begin each rule with a line [[targets]].")
        if len(raw) > target_rules.MAX_RULES:
            raise self._at(
                ("targets", target_rules.MAX_RULES), "", f"There are more than {target_rules.MAX_RULES} target rules."
            )
        rules = []
        for number, table in enumerate(raw):
            checked = self._table(table, _RULE, ("targets", number))
            try:
                rules.append(_rule(checked))
            except CampaignValueError as error:
                raise self._at(("targets", number), "", f"target rule {number + 1}: {error}") from None
        return rules

    def _translations(self, raw: Any) -> dict[str, dict[str, str]]:
        """The words by language, in the table's order and without what is empty."""
        if not (isinstance(raw, dict) and all(isinstance(words, dict) for words in raw.values())):
            raise self._at(
                _TOP, "translations", "translations: begin each language with a line such as [translations.es]."
            )
        for tag in raw:
            if tag not in translations.LANGUAGES:
                meant = translations.near(tag)
                reason = f"; did you mean {meant}?" if meant else f"; there are {', '.join(translations.LANGUAGES)}."
                raise self._at((f"translations.{tag}", 0), "", f'No page can be translated into "{tag[:40]}"{reason}')
        read = {tag: self._table(raw[tag], _TRANSLATION, (f"translations.{tag}", 0)) for tag in raw}
        kept = {tag: {key: text for key, text in words.items() if text} for tag, words in read.items()}
        return {tag: kept[tag] for tag in translations.LANGUAGES if kept.get(tag)}

    def _check_chambers(self, campaign: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> None:
        state, chambers, rules = campaign["state"], campaign["chambers"], target_rules.rules_of(campaign["targets"])
        for which, named in [(_TOP, chambers), *((("targets", n), rule.chambers) for n, rule in enumerate(rules))]:
            if fault := _no_such_chamber(state, named):
                raise self._at(which, "chambers", f"chambers: {fault}")
        if not chambers and not target_rules.adds(rules):
            raise self._at(_TOP, "chambers" if (_TOP, "chambers") in self.places else "", f"chambers: {NOBODY}")
        names = [letter["name"] for letter in letters]
        for number, letter in enumerate(letters):
            if letter["name"] in names[:number]:
                raise self._at(("letters", number), "name", f'name: there are two letters "{letter["name"]}".')
            if stray := [one for one in letter["chambers"] if not target_rules.reaches(state, chambers, rules, one)]:
                raise self._at(
                    ("letters", number), "chambers", f'chambers: the campaign does not write to "{stray[0]}".'
                )
            if fault := _no_such_chamber(state, letter["chambers"]):
                raise self._at(("letters", number), "chambers", f"chambers: {fault}")
        asking = [letter for letter in letters if letter["to"] == "ask" and letter["own"] != "other"]
        for chamber in chambers:
            if not any(not one["chambers"] or titles.is_for(state, chamber, one["chambers"]) for one in asking):
                raise self._at(_TOP, "chambers", f'chambers: there is no letter for "{chamber}".')
        thanks = [number for number, rule in enumerate(rules) if rule.do == "thank"]
        if thanks and all(letter["to"] != "thank" for letter in letters):
            raise self._at(("targets", thanks[0]), "do", f"do: {NO_THANKS}")

    def _check_letter(self, campaign: Mapping[str, Any], letter: Mapping[str, Any], number: int) -> None:
        for subject in letter["subjects"]:
            text = letter_rules.LetterText(letter["opening"], letter["body"], letter["closing"], subject)
            try:
                letter_rules.check_letter(text, has_committees=bool(letter["committees"]))
            except letter_rules.LetterError as error:
                raise self._in_letter(number, letter, subject, error) from None
            for fault in _trial_faults(campaign, letter, text):
                raise self._at(("letters", number), "name", f'letter "{letter["name"]}": {fault}')

    def _in_letter(
        self, number: int, letter: Mapping[str, Any], subject: str, error: letter_rules.LetterError
    ) -> CampaignFileError:
        """The error in the file's own lines, where the text stands there as it is; else named by letter and part."""
        which: _Table = ("letters", number)
        key, value = ("subjects", subject) if error.part == "subject" else (error.part, letter[error.part])
        reason = f'letter "{letter["name"]}", {error.part}: {error.reason}'
        begin = self.places.get((which, key), -1)
        quoted = re.compile(r'"""\n?|\'\'\'\n?|["\']').search(self.text, begin) if begin >= 0 else None
        if quoted is None:
            return self._at(which, key, reason)
        start = self.text.find(value, begin) if key == "subjects" else quoted.end()
        if start < 0 or not self.text.startswith(value, start):
            inside = f" It stands in line {error.line}, column {error.column} of the text."
            return self._at(which, key, reason + inside)
        line, column = self._line_and_column(start)
        return CampaignFileError(
            self.source, line + error.line - 1, error.column + (column - 1 if error.line == 1 else 0), reason
        )

    def _at(self, which: _Table, key: str, reason: str) -> CampaignFileError:
        offset = self.places.get((which, key))
        return CampaignFileError(
            self.source, *(self._line_and_column(offset) if offset is not None else (0, 0)), reason
        )

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def _unreadable(self, message: str) -> CampaignFileError:
        match = re.search(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$", message, re.DOTALL)
        reason, line, column = (match[1], match[2], match[3]) if match else (message, None, None)
        last_line, last_column = self._line_and_column(len(self.text))
        return CampaignFileError(
            self.source,
            int(line or last_line),
            int(column or last_column),
            f"This is not TOML: {reason.replace(chr(10), ' ')}.",
        )


_KEY_LINE = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*")
_TABLE_LINE = re.compile(r"[ \t]*\[\[?[ \t]*([A-Za-z0-9_.-]+)[ \t]*\]\]?")


def _places(text: str) -> Iterator[tuple[tuple[_Table, str], int]]:
    """Where each value begins. Good for the plain TOML of campaigns; a place that is missed only costs its number."""
    which, seen, offset, until = _TOP, Counter[str](), 0, ""
    for line in text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        if until:
            until = "" if until in line else until
        elif table := _TABLE_LINE.match(line):
            which = (table[1], seen[table[1]])
            seen[table[1]] += 1
            yield (which, ""), start
        elif key := _KEY_LINE.match(line):
            yield (which, key[1]), start + key.end()
            value = line[key.end() :]
            quotes = value[:3]
            if quotes in {'"""', "'''"} and quotes not in value[3:]:
                until = quotes


def in_zone(instant: datetime | None, timezone: str) -> datetime | None:
    """An instant without an offset is meant in the campaign's time zone.

    Of the two in an hour that comes twice it is the first, so that no deadline is missed. Raises CampaignValueError for
    a time that the clocks leave out.
    """
    if instant is None or instant.tzinfo is not None:
        return instant
    meant = instant.replace(tzinfo=ZoneInfo(timezone))
    if meant.astimezone(UTC).astimezone(meant.tzinfo).replace(tzinfo=None) != instant:
        raise CampaignValueError(
            f"There is no {instant:%H:%M} on that day in {timezone}: the clocks go forward. Give another time."
        )
    return meant


def _trial_faults(campaign: Mapping[str, Any], letter: Mapping[str, Any], text: letter_rules.LetterText) -> list[str]:
    """What is wrong with the letter once it is filled for made-up people, one with a very long city and one without."""
    found: list[str] = []
    anybody = ["legislature"] if campaign["state"] in titles.ONE_CHAMBER else ["upper", "lower"]
    for chamber in letter["chambers"] or campaign["chambers"] or anybody:
        for city in ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", ""):
            values = letter_rules.field_values(
                state=campaign["state"],
                chamber=chamber,
                legislator_name="Lara Sample",
                legislator_family_name="Sample",
                district="1",
                committee="Committee on Samples",
                supporter_name="Mai Example",
                city=city,
                zip_code="12345",
                **{name: campaign[name] for name in ("bill", "bill_title", "session", "position", "organisation")},
                campaign_title=campaign["title"],
            )
            found += letter_rules.faults(letter_rules.fill_letter(text, values))
    return list(dict.fromkeys(found))
