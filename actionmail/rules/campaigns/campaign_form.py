"""A campaign and its letters as forms: the same checks as for a file, with every fault at its own field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from actionmail.rules.actions.confirmation import OFF
from actionmail.rules.campaigns import letter_language as letter_rules
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns.campaign_file import LETTER_KEYS, CampaignValueError, check_value, in_zone
from actionmail.rules.campaigns.translations import WORDS
from actionmail.rules.roster import titles

Faults = dict[str, list[str]]

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
    "confirm": OFF,
    "stage": "",
    "targets": [],
    "translations": {},
}


def check_campaign(values: Mapping[str, Any], *, timezone: str = "") -> tuple[dict[str, Any], Faults]:
    """Some of a campaign's columns, cleaned, and what is wrong with the others. `values` has a file's keys.

    A `deadline` without an offset is meant in the time zone among the values, or else in `timezone`.
    """
    columns, faults = _checked("campaign", values)
    if "deadline" in columns:
        zone = columns.get("timezone", timezone)
        try:
            columns["deadline_at"] = in_zone(columns.pop("deadline"), zone) if zone else None
        except CampaignValueError as error:
            faults.setdefault("deadline", []).append(str(error))
    return columns, faults


def first_chambers(state: str) -> list[str]:
    """Whom a new campaign writes to: everybody's legislators."""
    return ["legislature"] if state in titles.ONE_CHAMBER else ["upper", "lower"]


def check_letter(
    campaign: Mapping[str, Any], values: Mapping[str, Any], *, names: Sequence[str] = ()
) -> tuple[dict[str, Any], Faults]:
    """A letter, cleaned, and what is wrong with it by field; `names` are those of the campaign's other letters.

    Prompts left and the like are no fault here: they keep a campaign from being published, not a draft from being kept.
    """
    letter, faults = _checked("letter", {key: values[key] for key in LETTER_KEYS})
    if letter.get("name") in names:
        faults.setdefault("name", []).append("Another letter of this campaign has this name.")
    rules = target_rules.rules_of(campaign["targets"])
    stray = [
        one
        for one in letter.get("chambers", ())
        if not target_rules.reaches(campaign["state"], campaign["chambers"], rules, one)
    ]
    if stray:
        name = titles.chamber_name(campaign["state"], stray[0])
        faults.setdefault("chambers", []).append(f"The campaign does not write to the {name}.")
    for part in ("opening", "body", "closing"):
        if part in letter and (found := _part_fault(part, letter)):
            faults.setdefault(part, []).append(_placed(found, found.line))
    for number, subject in enumerate(letter.get("subjects", ()), 1):
        if found := _part_fault("subject", {**letter, "subject": subject}):
            faults.setdefault("subjects", []).append(_placed(found, number))
    return letter, faults


def check_translation(values: Mapping[str, Any]) -> tuple[dict[str, str], Faults]:
    """The words of a page in another language, cleaned, without what is empty, and what is wrong with the others."""
    words, faults = _checked("translation", {key: values[key] for key in WORDS})
    return {key: text for key, text in words.items() if text}, faults


def revision(values: Mapping[str, Any]) -> str:
    """What these values are, in short: another one tells that somebody changed them."""
    told = json.dumps(values, sort_keys=True, ensure_ascii=False, default=_instant)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(type(value).__name__)


def _checked(table: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    cleaned: dict[str, Any] = {}
    faults: Faults = {}
    for key, value in values.items():
        try:
            cleaned[key] = check_value(table, key, value)
        except CampaignValueError as error:
            faults[key] = [str(error)]
    return cleaned, faults


def _part_fault(part: str, letter: Mapping[str, Any]) -> letter_rules.LetterError | None:
    try:
        letter_rules.check_part(part, letter[part], has_committees=bool(letter.get("committees")))
    except letter_rules.LetterError as error:
        return error
    return None


def _placed(error: letter_rules.LetterError, line: int) -> str:
    return f"Line {line}, column {error.column}: {error.reason}"
