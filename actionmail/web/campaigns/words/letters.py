"""Words for the letter language and for filled letters, and what each field is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from actionmail.rules.speech import gettext

FIELDS: Final[Mapping[str, str]] = {
    "salutation": "The greeting with title and last name, comma included.",
    "legislator_title": "The legislator's title in full.",
    "legislator_short_title": "The legislator's title in its short form.",
    "legislator_name": "The legislator's whole name, without title.",
    "legislator_last_name": "The legislator's last name, or the whole name where the last one is not known.",
    "legislator_district": "The district that the legislator represents.",
    "chamber_name": "The chamber that the legislator sits in.",
    "committee": (
        "The committee that the legislator sits on, of those the letter is for; only in letters that are for the "
        "members of committees."
    ),
    "supporter_name": "The supporter's name as they typed it.",
    "address": "The supporter's postal address, on one or two lines; at least state and ZIP code.",
    "street": "The supporter's street and number; may be empty.",
    "city": "The supporter's city; may be empty.",
    "state": "The supporter's state, its name in full.",
    "zip": "The supporter's five-digit ZIP code.",
    "place": (
        "The supporter's city and ZIP code; the ZIP code alone where the city is not known, or where the subject would "
        "become too long with it."
    ),
    "bill": "The bill's number.",
    "bill_title": "The bill's title in plain words.",
    "session": "The legislative session.",
    "position": "The campaign's position: support or oppose.",
    "campaign_title": "The campaign's title.",
    "organisation": "The organisation that runs the campaign.",
}

_NOTHING_ELSE = "Nothing else can be used in a letter."


def _direction_mark(number: int) -> str:
    return gettext("The invisible mark %(mark)s turns the reading direction; delete it.", mark=f"U+{number:04X}")


def _control_character(number: int) -> str:
    return gettext("The control character %(mark)s cannot stand in a letter; delete it.", mark=f"U+{number:04X}")


SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "letter.direction-mark": _direction_mark,
    "letter.control-character": _control_character,
    "letter.too-long": "The text has {length:,} characters; at most {most:,} are taken.",
    "letter.filled-too-long": "Filled, the letter is longer than {most} characters.",
    "letter.unreadable": "This cannot be read: {reason}.",
    "letter.not-allowed": "Only text, {{{{ field }}}} and {{% if field %}} may stand here. " + _NOTHING_ELSE,
    "letter.never-closed": "{{% if {field} %}} is never closed; put {{% endif %}} behind it.",
    "letter.committee-field": '"{field}" can only stand in a letter for the members of committees.',
    "letter.field-per-legislator": (
        '"{field}" differs from legislator to legislator, and the supporter edits this part once for all of them; use '
        "it in the opening or the closing."
    ),
    "letter.unknown-field-near": 'There is no field "{field}"; did you mean {near}?',
    "letter.unknown-field": 'There is no field "{field}"; the fields are: {fields}.',
    "letter.may-be-empty": (
        '"{field}" may be empty; write {{% if {field} %}}…{{{{ {field} }}}}…{{% endif %}} around what needs it.'
    ),
    "letter.too-deep": "More than {most} {{% if %}} stand within each other.",
    "letter.no-if": "There is no {{% if %}} before this {tag}.",
    "letter.second-else": "This {{% if %}} has an {{% else %}} already.",
    "letter.comment": "Comments cannot stand in a letter.",
    "letter.closes-nothing": "{tag} closes nothing; is a {{{{ or {{% missing before it?",
    "letter.tag-not-closed": "{tag} is not closed; put {end} behind the field's name.",
    "letter.more-than-field": "{tag} is more than a field's name. " + _NOTHING_ELSE,
    "letter.unknown-block": ("{tag} is none of {{% if field %}}, {{% else %}} and {{% endif %}}. " + _NOTHING_ELSE),
    "letter.empty-part": "The {name} is empty.",
    "letter.single-brace": (
        "A single {brace} stands here. A field is written with two on each side, such as {{{{ bill }}}}."
    ),
    "letter.unsigned": "The closing must sign with {{{{ supporter_name }}}}.",
    "letter.html": "{tag} is HTML. Letters are plain text: it would stand there as you typed it; delete it.",
    "letter.header-in-subject": '"{header}" belongs to the head of a message; write the subject alone.',
    "letter.subject-lines": "A subject is one line.",
    "letter.subject-too-long": "The subject is longer than {most} characters before any field is filled.",
    "filled.blank": '"{field}" is empty where the letter needs it.',
    "filled.no-subject": "The subject is empty.",
    "filled.long-subject": "The subject has {length} characters; at most {most} fit.",
    "filled.no-text": "The letter has no text.",
    "filled.long-text": "The letter has {length} characters; at most {most} fit.",
    "filled.left-over-in-subject": 'The subject still says "{words}".',
    "filled.left-over-in-letter": 'The letter still says "{words}".',
}
