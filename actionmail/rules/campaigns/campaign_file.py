"""A campaign with its letters as one TOML file: every key checked, every letter tried, every refusal with its place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from actionmail.rules.campaigns import file_checks, translations
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns.columns import (
    CAMPAIGN,
    COLUMN_OF,
    LETTER,
    RULE,
    columns_for,
    named_rule,
    only_given,
    translation_for,
)
from actionmail.rules.campaigns.file_places import TOP, Places, Table
from actionmail.rules.campaigns.kinds import CODES, DetailsError, Kind, kind_of, lists_in, misfit
from actionmail.rules.campaigns.problems import About, CampaignFileError, CampaignValueError, Problem
from actionmail.rules.campaigns.value_checks import REQUIRED, Columns, in_zone

MAX_FILE: Final = 500_000  # characters
MAX_READ: Final = 16_000_000  # bytes of a file, before anything of it is looked at


def decode(raw: bytes, *, source: str) -> str:
    """The text of a campaign file. Raises CampaignFileError where it is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise CampaignFileError(source, (line, column), Problem("file.not-utf-8")) from None


def read_campaign(toml_text: str, *, source: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of the campaign and of its letters, in order, all of them checked. Raises CampaignFileError."""
    text = toml_text.replace("\r\n", "\n")
    places = Places(text, source)
    if len(text) > MAX_FILE:
        raise places.refused_whole("file.too-long", length=len(text), most=MAX_FILE)
    table = _toml(places)
    kind = _kind(places, table)
    raw_letters, raw_rules = table.pop("letters", None), table.pop("targets", [])
    raw_translations, raw_details = table.pop("translations", {}), table.pop(kind.code, {})
    columns = columns_for(kind.code)
    campaign = _table(places, table, {key: column for key, column in columns.items() if key not in _TABLES}, TOP)
    campaign["targets"] = _rules(places, raw_rules) if kind.writes_letters else []
    campaign["details"] = _details(places, kind, raw_details)
    campaign["translations"] = _translations(places, raw_translations, translation_for(kind.code, campaign["details"]))
    if kind.needs_state(campaign["details"]) and not campaign["state"]:
        raise places.refused((kind.code, 0), "", "kind.needs-state")
    _check_translated(places, kind, campaign)
    for key, column in COLUMN_OF.items():
        try:
            campaign[column] = in_zone(campaign.pop(key), campaign["timezone"])
        except CampaignValueError as error:
            raise places.refused_for(TOP, key, error.problem) from None
    file_checks.check_opening(places, campaign)
    file_checks.check_picture(places, campaign)
    if campaign["slug"] in campaign["then"]:
        raise places.refused(TOP, "then", "file.then-itself")
    if not kind.writes_letters:
        return {**campaign, "chambers": []}, []
    letters = _letters(places, raw_letters)
    file_checks.check_chambers(places, campaign, letters)
    for number, letter in enumerate(letters):
        file_checks.check_letter(places, campaign, letter, number)
    return campaign, letters


_TABLES: Final = ("targets", "translations", "details")  # read by themselves
_OF_LETTERS: Final = ("chambers", "targets", "shows_party", "asks_street", "review", "letters")


def _kind(places: Places, table: Mapping[str, Any]) -> Kind:
    """The kind that the file names, once nothing in it belongs to another."""
    code = table.get("kind", CAMPAIGN["kind"][1])
    try:
        kind = kind_of(CAMPAIGN["kind"][0](code))
    except CampaignValueError as error:
        raise places.refused_for(TOP, "kind", error.problem) from None
    for key in table:
        is_other_table = key in CODES and key != kind.code
        if is_other_table or (key in _OF_LETTERS and not kind.writes_letters):
            which = TOP if places.begin(TOP, key) is not None else (key, 0)
            where = key if which is TOP else ""
            raise places.refused(which, where, "file.of-other-kind", about=About(), name=key, kind=kind.code)
    return kind


def _details(places: Places, kind: Kind, raw: Any) -> dict[str, Any]:
    """The kind's own table, with the rows in it."""
    if not isinstance(raw, dict):
        raise places.refused(TOP, kind.code, "value.no-table")
    details = _DetailsReader(places, kind).read(raw, (kind.code, 0))
    try:
        kind.fit(details)
    except DetailsError as error:
        which = (f"{kind.code}.{error.row}", error.number_in_file(details)) if error.row else (kind.code, 0)
        key = error.key if places.begin(which, error.key) is not None else ""  # what is missing has no place of its own
        raise places.refused_for(which, key, error.problem, about=About(key=error.key)) from None
    return details


class _DetailsReader:
    """Reads a kind's tables, and counts those of each name as the file has them."""

    def __init__(self, places: Places, kind: Kind) -> None:
        self._places = places
        self._kind = kind
        self._seen = Counter[str]()

    def read(self, raw: Mapping[str, Any], which: Table, row: str = "") -> dict[str, Any]:
        """The values of the kind's own table, or of one of its rows, with the rows in it."""
        table, rows = dict(raw), self._kind.rows
        lists = [(key, name, table.pop(key, [])) for key, name in lists_in(rows, row)]
        values = _table(self._places, table, rows[row] if row else self._kind.table, which)
        for key, name, tables in lists:
            full = f"{self._kind.code}.{name}"
            if not _is_tables(tables):
                raise self._places.refused(which, key, "file.no-rows", name=full)
            values[key] = []
            for inner in tables:
                number = self._seen[name]
                self._seen[name] += 1
                values[key].append(self.read(inner, (full, number), name))
        return values


def _check_translated(places: Places, kind: Kind, campaign: Mapping[str, Any]) -> None:
    for tag, words in campaign["translations"].items():
        if error := misfit(kind.code, campaign["details"], words):
            which = (f"translations.{tag}", 0)
            raise places.refused_for(which, error.key, error.problem, about=About(key=error.key))


def _toml(places: Places) -> dict[str, Any]:
    try:
        return tomllib.loads(places.text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(places, str(error)) from None
    except RecursionError:
        raise places.refused_whole("file.too-deep") from None


# How tomllib says where: its error has no attributes for it before Python 3.14.
_TOML_ERROR = re.compile(r"\A(.*) \(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.DOTALL)


def _unreadable(places: Places, message: str) -> CampaignFileError:
    match = _TOML_ERROR.match(message)
    reason, line, column = (match[1], match[2], match[3]) if match else (message, None, None)
    last_line, last_column = places.line_and_column(len(places.text))
    place = int(line or last_line), int(column or last_column)
    return CampaignFileError(places.source, place, Problem("file.not-toml", {"reason": reason.replace("\n", " ")}))


def _table(places: Places, table: Mapping[str, Any], columns: Columns, which: Table) -> dict[str, Any]:
    """The checked values of one table, with the defaults of what is left out."""
    for key in table:
        if key not in columns:
            raise _unknown_key(places, which, key, columns)
    values = {}
    for key, (check, default) in columns.items():
        if key in table:
            try:
                values[key] = check(table[key])
            except CampaignValueError as error:
                raise places.refused_for(which, key, error.problem) from None
        elif default is REQUIRED:
            raise places.refused(which, "", "file.missing-key", name=key, table=which[0], number=which[1] + 1)
        else:
            values[key] = default
    return values


def _unknown_key(places: Places, which: Table, key: str, columns: Columns) -> CampaignFileError:
    near = difflib.get_close_matches(key[:40], columns, n=1)
    if near:
        return places.refused(which, key, "file.unknown-key-near", about=About(), name=key[:40], near=near[0])
    return places.refused(which, key, "file.unknown-key", about=About(), name=key[:40])


def _is_tables(raw: Any) -> bool:
    return isinstance(raw, list) and all(isinstance(table, dict) for table in raw)


def _letters(places: Places, raw: Any) -> list[dict[str, Any]]:
    if not raw or not _is_tables(raw):
        raise places.refused_whole("file.no-letter")
    return [_table(places, table, LETTER, ("letters", number)) for number, table in enumerate(raw)]


def _rules(places: Places, raw: Any) -> list[dict[str, Any]]:
    if not _is_tables(raw):
        raise places.refused(TOP, "targets", "file.no-rules")
    most = target_rules.MAX_RULES
    if len(raw) > most:
        raise places.refused(("targets", most), "", "file.too-many-rules", most=most)
    rules = []
    for number, table in enumerate(raw):
        checked = _table(places, table, RULE, ("targets", number))
        try:
            rules.append(named_rule(checked))
        except CampaignValueError as error:
            about = About(rule=number + 1)
            raise places.refused_for(("targets", number), "", error.problem, about=about) from None
    return rules


def _translations(places: Places, raw: Any, columns: Columns) -> dict[str, dict[str, str]]:
    """The words by language, in the table's order and without what is empty."""
    if not isinstance(raw, dict) or not _is_tables(list(raw.values())):
        raise places.refused(TOP, "translations", "file.no-translations")
    for tag in raw:
        if tag not in translations.languages():
            raise _unknown_language(places, tag)
    read: dict[str, dict[str, str]] = {}
    for tag in translations.languages():
        if tag in raw:
            words = _table(places, raw[tag], columns, (f"translations.{tag}", 0))
            if given := only_given(words):
                read[tag] = given
    return read


def _unknown_language(places: Places, tag: str) -> CampaignFileError:
    which, near = (f"translations.{tag}", 0), translations.near(tag)
    if near:
        return places.refused(which, "", "file.unknown-language-near", tag=tag[:40], near=near)
    return places.refused(which, "", "file.unknown-language", tag=tag[:40], tags=", ".join(translations.languages()))
