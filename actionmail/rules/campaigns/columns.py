"""The values of a campaign, its letters, rules and translations: each with its check, and what it is without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from actionmail.rules.actions import reviews
from actionmail.rules.actions.confirmation import CONFIRM, OFF
from actionmail.rules.campaigns import branding
from actionmail.rules.campaigns import targets as target_rules
from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.kinds import CODES, kind_of, words_for
from actionmail.rules.campaigns.kinds import LETTER as LETTER_KIND
from actionmail.rules.campaigns.pictures import LONGEST_ALTERNATIVE
from actionmail.rules.campaigns.problems import CampaignValueError
from actionmail.rules.campaigns.value_checks import REQUIRED, Columns

MAX_THANKS: Final = 600  # characters: a receipt thanks in a breath
STATUSES: Final = ("draft", "scheduled", "live", "paused", "closed", "archived")


def _targets(value: Any) -> list[dict[str, Any]]:
    """Rules that come from a form, not from a file."""
    checks.is_a(list, value)
    if len(value) > target_rules.MAX_RULES:
        raise CampaignValueError("value.too-many-rules", count=len(value), most=target_rules.MAX_RULES)
    return [_checked_rule(rule) for rule in value]


def _checked_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return named_rule({key: check(rule[key]) for key, (check, _) in RULE.items() if key in rule})


def only_given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty."""
    return {key: value for key, value in values.items() if value}


def named_rule(checked: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as it is kept: with what it gives and nothing else."""
    rule = only_given(checked)
    if rule.keys().isdisjoint(target_rules.CONDITIONS):
        raise CampaignValueError("value.rule-names-nobody")
    return rule


def _table(value: Any) -> dict[str, Any]:
    """One that was read value by value, each at its place."""
    checks.is_a(dict, value)
    return dict(value)


CAMPAIGN: Final[Columns] = {
    "slug": (checks.slug, REQUIRED),
    "kind": (checks.one_of(*CODES), LETTER_KIND),
    "status": (checks.one_of(*STATUSES), REQUIRED),
    "title": (checks.line(200), REQUIRED),
    "state": (checks.state, REQUIRED),
    "session": (checks.line(80), REQUIRED),
    "bill": (checks.line(40), REQUIRED),
    "bill_title": (checks.line(300), REQUIRED),
    "stage": (checks.optional_line(200), ""),
    "position": (checks.one_of("support", "oppose"), REQUIRED),
    "chambers": (checks.some_chambers, []),
    "targets": (_targets, []),
    "summary": (checks.paragraphs, REQUIRED),
    "organisation": (checks.line(120), REQUIRED),
    "organisation_url": (checks.optional_url, ""),
    "posted_on": (checks.day, None),
    "categories": (checks.categories, []),
    "listed": (checks.flag, True),
    "then": (checks.slugs, []),
    "sites": (checks.sites, []),
    "link_url": (checks.optional_url, ""),
    "link_text": (checks.optional_line(200), ""),
    "picture": (checks.optional_picture, ""),
    "picture_alt": (checks.optional_line(LONGEST_ALTERNATIVE), ""),
    "outcome": (checks.optional_line(300), ""),
    "thanks": (checks.finished_paragraphs(MAX_THANKS), ""),
    "colours": (branding.colours, []),
    "font": (checks.one_of("", *branding.FONTS), ""),
    "privacy_line": (checks.paragraphs, REQUIRED),
    "notice": (checks.optional_paragraphs, ""),
    "opens": (checks.instant, None),
    "deadline": (checks.instant, None),
    "deadline_label": (checks.optional_line(200), ""),
    "timezone": (checks.timezone, REQUIRED),
    "goal": (checks.goal, None),
    "erase_after_days": (checks.days, None),
    "shows_party": (checks.flag, True),
    "asks_street": (checks.flag, False),
    "confirm": (checks.one_of(*CONFIRM), OFF),
    "review": (checks.one_of(*reviews.REVIEWS), reviews.OFF),
    "translations": (_table, {}),
    "details": (_table, {}),
}
# What only some kinds ask for may be empty for the others.
_EMPTY_OR: Final[Columns] = {
    "state": (checks.optional_state, ""),
    "session": (checks.optional_line(80), ""),
    "bill": (checks.optional_line(40), ""),
    "bill_title": (checks.optional_line(300), ""),
    "position": (checks.one_of("", "support", "oppose"), ""),
}
_OF_LETTERS: Final = ("chambers", "targets", "shows_party", "asks_street", "review")
TRANSLATION: Final[Columns] = {
    "title": (checks.optional_line(200), ""),
    "bill_title": (checks.optional_line(300), ""),
    "stage": (checks.optional_line(200), ""),
    "summary": (checks.optional_paragraphs, ""),
    "notice": (checks.optional_paragraphs, ""),
    "deadline_label": (checks.optional_line(200), ""),
    "privacy_line": (checks.optional_paragraphs, ""),
    "picture_alt": (checks.optional_line(LONGEST_ALTERNATIVE), ""),
    "outcome": (checks.optional_line(300), ""),
    "thanks": (checks.finished_paragraphs(MAX_THANKS), ""),
}
RULE: Final[Columns] = {
    "do": (checks.one_of(*target_rules.DO), REQUIRED),
    "chambers": (checks.some_chambers, []),
    "parties": (checks.names, []),
    "committees": (checks.names, []),
    "people": (checks.names, []),
}
LETTER: Final[Columns] = {
    "name": (checks.line(80), REQUIRED),
    "chambers": (checks.some_chambers, []),
    "parties": (checks.names, []),
    "committees": (checks.names, []),
    "own": (checks.one_of(*target_rules.OWN), "any"),
    "to": (checks.one_of(*target_rules.TO), "ask"),
    "language": (checks.language, "en"),
    "subjects": (checks.subjects, REQUIRED),
    "opening": (checks.part, REQUIRED),
    "body": (checks.part, REQUIRED),
    "closing": (checks.part, REQUIRED),
}
CAMPAIGN_KEYS: Final = (*(key for key in CAMPAIGN if key != "details"), "letters")
COLUMN_OF: Final = {"opens": "opens_at", "deadline": "deadline_at"}  # the file's instants
CAMPAIGN_COLUMNS: Final = tuple(COLUMN_OF.get(key, key) for key in CAMPAIGN)
LETTER_KEYS: Final = tuple(LETTER)
RULE_KEYS: Final = tuple(RULE)


def columns_for(kind: str) -> Columns:
    """The keys of a campaign of this kind, those that only letters have left out."""
    of_kind = kind_of(kind)
    columns = {}
    for key, column in CAMPAIGN.items():
        if of_kind.writes_letters or key not in _OF_LETTERS:
            is_needed = key in of_kind.requires or key not in _EMPTY_OR
            columns[key] = column if is_needed else _EMPTY_OR[key]
    return columns


def translation_for(kind: str, details: Mapping[str, Any]) -> Columns:
    """The words of a translation of a campaign of this kind with these details."""
    return {**TRANSLATION, **words_for(kind, details)}


def without_defaults(letter: Mapping[str, Any]) -> dict[str, Any]:
    """A letter's columns without what says nothing about its audience: as they were before letters had one."""
    return {
        key: letter[key]
        for key in LETTER_KEYS
        if key not in ("parties", "committees", "own", "to") or letter[key] != LETTER[key][1]
    }


def check_value(columns: Columns, key: str, value: Any) -> Any:
    """One value of a table, cleaned; None for what may be left out. Raises CampaignValueError."""
    check, default = columns[key]
    return None if value is None and default is None else check(value)
