"""A campaign and its letters as forms: the same checks as for a file, with every fault at its own field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from actionmail.rules.actions import reviews
from actionmail.rules.actions.confirmation import OFF
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns.columns import (
    CAMPAIGN,
    LETTER,
    LETTER_KEYS,
    check_value,
    columns_for,
    only_given,
    translation_for,
)
from actionmail.rules.campaigns.kinds import CODES, DetailsError, Kind, kind_of, lists_in, misfit
from actionmail.rules.campaigns.kinds import LETTER as LETTER_KIND
from actionmail.rules.campaigns.letter_check import check_part
from actionmail.rules.campaigns.problems import CampaignValueError, LetterError, Problem
from actionmail.rules.campaigns.value_checks import REQUIRED, Columns, in_zone
from actionmail.rules.roster import titles

Faults = dict[str, list[Problem]]  # by field

# What a campaign begins with; its page and its letters are written afterwards.
BLANK: Final[Mapping[str, Any]] = {
    "status": "draft",
    "summary": "",
    "privacy_line": (
        "We give your name, address and letter to the legislators you write to, and to nobody else. You can have your "
        "data erased at any time by the link in your receipt."
    ),
    "notice": "",
    "opens_at": None,
    "deadline_at": None,
    "deadline_label": "",
    "goal": None,
    "erase_after_days": None,
    "shows_party": True,
    "asks_street": False,
    "confirm": OFF,
    "review": reviews.OFF,
    "stage": "",
    "targets": [],
    "translations": {},
    "kind": LETTER_KIND,
    "state": "",
    "session": "",
    "bill": "",
    "bill_title": "",
    "position": "",
    "organisation_url": "",
    "posted_on": None,
    "categories": [],
    "listed": True,
    "then": [],
    "sites": [],
    "link_url": "",
    "link_text": "",
    "picture": "",
    "picture_alt": "",
    "outcome": "",
    "thanks": "",
    "colours": [],
    "font": "",
    "details": {},
}


def check_campaign(
    values: Mapping[str, Any], *, timezone: str = "", kind: str = LETTER_KIND
) -> tuple[dict[str, Any], Faults]:
    """Some of a campaign's columns, cleaned, and what is wrong with the others. `values` has a file's keys.

    A `deadline` without an offset is meant in the time zone among the values, or else in `timezone`. `kind` is the
    campaign's, where it is not among the values.
    """
    code = values.get("kind", kind)
    of_kind = columns_for(code) if code in CODES else CAMPAIGN
    columns, faults = _checked(of_kind, {key: value for key, value in values.items() if key in of_kind})
    if "deadline" in columns:
        zone = columns.get("timezone", timezone)
        try:
            columns["deadline_at"] = in_zone(columns.pop("deadline"), zone) if zone else None
        except CampaignValueError as error:
            faults.setdefault("deadline", []).append(error.problem)
    return columns, faults


def check_details(kind: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    """A kind's details, cleaned, and what is wrong with them: by key, or "day-1-region" for the key of a row."""
    of_kind = kind_of(kind)
    details, faults = _checked_rows(of_kind, values)
    if not faults:
        try:
            of_kind.fit(details)
        except DetailsError as error:
            faults[error.field] = [error.problem]
    return details, faults


def _checked_rows(kind: Kind, typed: Mapping[str, Any], row: str = "", path: str = "") -> tuple[dict[str, Any], Faults]:
    """The kind's own table, or one of its rows, with the rows in it."""
    columns = kind.rows[row] if row else kind.table
    cleaned, wrong = _checked(columns, _given(columns, typed))
    faults = {f"{path}{key}": problems for key, problems in wrong.items()}
    for key, name in lists_in(kind.rows, row):
        cleaned[key] = []
        for number, inner in enumerate(typed.get(key, ())):
            values, more = _checked_rows(kind, inner, name, f"{path}{key}-{number}-")
            cleaned[key].append(values)
            faults |= more
    return cleaned, faults


def _given(columns: Columns, values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each key, its default where there is none, and "" where it has no default either."""
    return {key: values.get(key, "" if default is REQUIRED else default) for key, (_, default) in columns.items()}


def first_chambers(kind: str, state: str) -> list[str]:
    """Whom a new campaign writes to: everybody's legislators."""
    if not kind_of(kind).writes_letters:
        return []
    return ["legislature"] if state in titles.ONE_CHAMBER else ["upper", "lower"]


def check_letter(
    campaign: Mapping[str, Any], values: Mapping[str, Any], *, names: Sequence[str] = ()
) -> tuple[dict[str, Any], Faults]:
    """A letter, cleaned, and what is wrong with it by field; `names` are those of the campaign's other letters.

    Prompts left and the like are no fault here: they keep a campaign from being published, not a draft from being kept.
    """
    letter, faults = _checked(LETTER, {key: values[key] for key in LETTER_KEYS})
    if letter.get("name") in names:
        faults.setdefault("name", []).append(Problem("form.name-taken"))
    if stray := _stray_chamber(campaign, letter):
        name = titles.chamber_name(campaign["state"], stray)
        faults.setdefault("chambers", []).append(Problem("form.not-written-to", {"chamber": name}))
    for part in ("opening", "body", "closing"):
        if part in letter and (error := _part_error(part, letter[part], letter)):
            faults.setdefault(part, []).append(_placed(error, error.line))
    for number, subject in enumerate(letter.get("subjects", ()), 1):
        if error := _part_error("subject", subject, letter):
            faults.setdefault("subjects", []).append(_placed(error, number))
    return letter, faults


def _stray_chamber(campaign: Mapping[str, Any], letter: Mapping[str, Any]) -> str:
    """The first of the letter's chambers that the campaign does not write to, or ""."""
    rules = target_rules.rules_of(campaign["targets"])
    for chamber in letter.get("chambers", ()):
        if not target_rules.reaches(campaign["state"], campaign["chambers"], rules, chamber):
            return str(chamber)
    return ""


def check_translation(
    kind: str, values: Mapping[str, Any], *, details: Mapping[str, Any]
) -> tuple[dict[str, str], Faults]:
    """The words of a page in another language, cleaned, without what is empty, and what is wrong with the others.

    `details` are the campaign's, in whose place some of them stand.
    """
    columns = translation_for(kind, details)
    words, faults = _checked(columns, {key: values.get(key, "") for key in columns})
    if error := misfit(kind, details, only_given(words)):
        faults.setdefault(error.key, []).append(error.problem)
    return only_given(words), faults


def revision(values: Mapping[str, Any]) -> str:
    """What these values are, in short: another one tells that somebody changed them."""
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=False, default=_instant)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _checked(columns: Columns, values: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    cleaned: dict[str, Any] = {}
    faults: Faults = {}
    for key, value in values.items():
        try:
            cleaned[key] = check_value(columns, key, value)
        except CampaignValueError as error:
            faults[key] = [error.problem]
    return cleaned, faults


def _part_error(part: str, text: str, letter: Mapping[str, Any]) -> LetterError | None:
    try:
        check_part(part, text, has_committees=bool(letter.get("committees")))
    except LetterError as error:
        return error
    return None


def _placed(error: LetterError, line: int) -> Problem:
    return Problem("form.in-letter", {"line": line, "column": error.column, "problem": error.problem})
