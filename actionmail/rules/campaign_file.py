"""A campaign with its letters as one TOML file: every key checked, every letter tried, every refusal with its place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from actionmail.rules import letters as letter_rules
from actionmail.rules import titles
from actionmail.rules.districts import FEDERAL_CHAMBERS, NO_SENATORS

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
        if value not in (None, ""):
            lines.append(f"{key} = {_toml(value)}")
    for letter in letters:
        lines += ["", "[[letters]]", *(f"{key} = {_toml(letter[key])}" for key in LETTER_KEYS)]
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


_TYPE_NAMES: Final = {str: "text in quotes", int: "a whole number", list: "a list in square brackets"}


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


_REQUIRED: Final = object()
_CAMPAIGN: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "slug": (_slug, _REQUIRED),
    "status": (_one_of(*STATUSES), _REQUIRED),
    "title": (_line(200), _REQUIRED),
    "state": (_state, _REQUIRED),
    "session": (_line(80), _REQUIRED),
    "bill": (_line(40), _REQUIRED),
    "bill_title": (_line(300), _REQUIRED),
    "position": (_one_of("support", "oppose"), _REQUIRED),
    "chambers": (_chambers, _REQUIRED),
    "summary": (_paragraphs, _REQUIRED),
    "organisation": (_line(120), _REQUIRED),
    "privacy_line": (_paragraphs, _REQUIRED),
    "notice": (_optional_paragraphs, ""),
    "opens": (_deadline, None),
    "deadline": (_deadline, None),
    "deadline_label": (_optional_line(200), ""),
    "timezone": (_timezone, _REQUIRED),
    "goal": (_goal, None),
}
_LETTER: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "name": (_line(80), _REQUIRED),
    "chambers": (_chambers, _REQUIRED),
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


def check_value(table: str, key: str, value: Any) -> Any:
    """One value of a "campaign" or a "letter", cleaned; None for what may be left out. Raises CampaignValueError."""
    check, default = (_CAMPAIGN if table == "campaign" else _LETTER)[key]
    return None if value is None and default is None else check(value)


class _File:
    """One campaign file being read. `places` leads from (number of the letter or -1, key) to where its value begins."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.places: dict[tuple[int, str], int] = dict(_places(text))

    def read(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        try:
            table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise self._unreadable(str(error)) from None
        except RecursionError:
            raise CampaignFileError(self.source, 0, 0, "Lists stand too deep within each other.") from None
        raw_letters = table.pop("letters", None)
        campaign = self._table(table, _CAMPAIGN, -1)
        for key, column in _COLUMN_OF.items():
            campaign[column] = in_zone(campaign.pop(key), campaign["timezone"])
        self._check_opening(campaign)
        if not (isinstance(raw_letters, list) and raw_letters and all(isinstance(raw, dict) for raw in raw_letters)):
            raise CampaignFileError(self.source, 0, 0, "There is no letter; begin each with a line [[letters]].")
        letters = [self._table(raw, _LETTER, number) for number, raw in enumerate(raw_letters)]
        self._check_chambers(campaign, letters)
        for number, letter in enumerate(letters):
            self._check_letter(campaign, letter, number)
        return campaign, letters

    def _table(
        self, table: Mapping[str, Any], schema: Mapping[str, tuple[Callable[[Any], Any], Any]], number: int
    ) -> dict[str, Any]:
        for key in table:
            if key not in schema:
                near = difflib.get_close_matches(key[:40], schema, n=1)
                raise self._at(
                    number, key, f'There is no "{key[:40]}" here{f"; did you mean {near[0]}?" if near else "."}'
                )
        values = {}
        for key, (check, default) in schema.items():
            if key in table:
                try:
                    values[key] = check(table[key])
                except CampaignValueError as error:
                    raise self._at(number, key, f"{key}: {error}") from None
            elif default is _REQUIRED:
                raise self._at(number, "", f'"{key}" is missing{"" if number < 0 else f" in letter {number + 1}"}.')
            else:
                values[key] = default
        return values

    def _check_opening(self, campaign: Mapping[str, Any]) -> None:
        opens, deadline = campaign["opens_at"], campaign["deadline_at"]
        if campaign["status"] == "scheduled" and opens is None:
            raise self._at(-1, "status", 'status: a scheduled campaign needs a line "opens" with date and time.')
        if campaign["status"] != "scheduled" and opens is not None:
            raise self._at(-1, "opens", 'opens: only a campaign with status = "scheduled" opens by itself.')
        if opens is not None and deadline is not None and deadline <= opens:
            raise self._at(-1, "opens", "opens: the deadline is over by then.")

    def _check_chambers(self, campaign: Mapping[str, Any], letters: Sequence[Mapping[str, Any]]) -> None:
        one = campaign["state"] in titles.ONE_CHAMBER
        if not one and "legislature" in campaign["chambers"]:
            raise self._at(-1, "chambers", f'chambers: {titles.STATES[campaign["state"]]} has "upper" and "lower".')
        if "us_upper" in campaign["chambers"] and campaign["state"] in NO_SENATORS:
            raise self._at(-1, "chambers", f"chambers: {titles.STATES[campaign['state']]} has no U.S. Senators.")
        names = [letter["name"] for letter in letters]
        for number, letter in enumerate(letters):
            if letter["name"] in names[:number]:
                raise self._at(number, "name", f'name: there are two letters "{letter["name"]}".')
            if stray := [chamber for chamber in letter["chambers"] if chamber not in campaign["chambers"]]:
                raise self._at(number, "chambers", f'chambers: the campaign does not write to "{stray[0]}".')
        for chamber in campaign["chambers"]:
            if not any(titles.is_for(campaign["state"], chamber, letter["chambers"]) for letter in letters):
                raise self._at(-1, "chambers", f'chambers: there is no letter for "{chamber}".')

    def _check_letter(self, campaign: Mapping[str, Any], letter: Mapping[str, Any], number: int) -> None:
        for subject in letter["subjects"]:
            text = letter_rules.LetterText(letter["opening"], letter["body"], letter["closing"], subject)
            try:
                letter_rules.check_letter(text)
            except letter_rules.LetterError as error:
                raise self._in_letter(number, letter, subject, error) from None
            for fault in _trial_faults(campaign, letter["chambers"], text):
                raise self._at(number, "name", f'letter "{letter["name"]}": {fault}')

    def _in_letter(
        self, number: int, letter: Mapping[str, Any], subject: str, error: letter_rules.LetterError
    ) -> CampaignFileError:
        """The error in the file's own lines, where the text stands there as it is; else named by letter and part."""
        key, value = ("subjects", subject) if error.part == "subject" else (error.part, letter[error.part])
        reason = f'letter "{letter["name"]}", {error.part}: {error.reason}'
        begin = self.places.get((number, key), -1)
        quoted = re.compile(r'"""\n?|\'\'\'\n?|["\']').search(self.text, begin) if begin >= 0 else None
        if quoted is None:
            return self._at(number, key, reason)
        start = self.text.find(value, begin) if key == "subjects" else quoted.end()
        if start < 0 or not self.text.startswith(value, start):
            inside = f" It stands in line {error.line}, column {error.column} of the text."
            return self._at(number, key, reason + inside)
        line, column = self._line_and_column(start)
        return CampaignFileError(
            self.source, line + error.line - 1, error.column + (column - 1 if error.line == 1 else 0), reason
        )

    def _at(self, number: int, key: str, reason: str) -> CampaignFileError:
        offset = self.places.get((number, key))
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


def _places(text: str) -> Iterator[tuple[tuple[int, str], int]]:
    """Where each value begins. Good for the plain TOML of campaigns; a place that is missed only costs its number."""
    number, offset, until = -1, 0, ""
    for line in text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        if until:
            until = "" if until in line else until
        elif table := _TABLE_LINE.match(line):
            number += table[1] == "letters"
            yield (number, ""), start
        elif key := _KEY_LINE.match(line):
            yield (number, key[1]), start + key.end()
            value = line[key.end() :]
            quotes = value[:3]
            if quotes in {'"""', "'''"} and quotes not in value[3:]:
                until = quotes


def in_zone(instant: datetime | None, timezone: str) -> datetime | None:
    """An instant without an offset is meant in the campaign's time zone."""
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=ZoneInfo(timezone))


def _trial_faults(campaign: Mapping[str, Any], chambers: Sequence[str], text: letter_rules.LetterText) -> list[str]:
    """What is wrong with the letter once it is filled for made-up people, one with a very long city and one without."""
    found: list[str] = []
    for chamber in chambers:
        for city in ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", ""):
            values = letter_rules.field_values(
                state=campaign["state"],
                chamber=chamber,
                legislator_name="Lara Sample",
                legislator_family_name="Sample",
                district="1",
                supporter_name="Mai Example",
                city=city,
                zip_code="12345",
                **{name: campaign[name] for name in ("bill", "bill_title", "session", "position", "organisation")},
                campaign_title=campaign["title"],
            )
            found += letter_rules.faults(letter_rules.fill_letter(text, values))
    return list(dict.fromkeys(found))
