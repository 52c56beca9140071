"""Words for a campaign's values and for its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

_TABLES: Final = {"letters": "letter", "targets": "target rule"}


def _missing_key(name: str, table: str, number: int) -> str:
    where = f" in {_TABLES[table]} {number}" if table in _TABLES else f" in [{table}]" if table else ""
    if "." in table:  # one of several
        where = f" in [[{table}]] {number}"
    return f'"{name}" is missing{where}.'


SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "value.no-text": "It must be text in quotes.",
    "value.no-number": "It must be a whole number.",
    "value.no-list": "It must be a list in square brackets.",
    "value.no-table": "It must be a table.",
    "value.empty": "It is empty.",
    "value.not-one-line": "It must be one line.",
    "value.too-long": "It has {length:,} characters; at most {most:,} fit.",
    "value.in-text": "{problem} It stands in line {line}, column {column} of the text.",
    "value.none-of": "It must be one of {choices}.",
    "value.none-of-near": "It must be one of {choices}. Did you mean {near}?",
    "value.no-slug": (
        "It must be small letters, digits and single hyphens, at most {most}: it becomes part of the address."
    ),
    "value.no-state": 'It must be the two capital letters of a state, such as "WI".',
    "value.no-chambers": (
        'It must be ["upper"], ["lower"] or both; ["legislature"] where there is one chamber; "us_upper" and '
        '"us_lower" for Congress.'
    ),
    "value.chamber-twice": "It names a chamber twice.",
    "value.no-language": 'It must be a language tag such as "en", "es" or "zh-Hans".',
    "value.no-time-zone": 'It must be a time zone such as "America/Chicago".',
    "value.no-instant": "It must be a date with a time, not in quotes: 2027-02-11T09:00:00.",
    "value.wrong-year": "The year {year} cannot be meant.",
    "value.skipped-hour": ("There is no {time} on that day in {zone}: the clocks go forward. Give another time."),
    "value.no-days": "It must be more than 0 days, and at most {most:,}.",
    "value.no-goal": "It must be more than 0, and at most {most:,}.",
    "value.left-over": 'It still says "{words}".',
    "value.not-two-colours": "It must name two colours, a dark one and a light one, or none; this has {count}.",
    "value.no-colour": '"{colour}" is no colour: it must be "#" and six digits of 0 to 9 and a to f, such as #15525f.',
    "value.colour-too-light": (
        "White letters stand on {colour}, and cannot be read well there: their contrast is {found} to 1, and has to be "
        "at least 4.5 to 1. The nearest shade that would do is {better}."
    ),
    "value.colour-too-dark": (
        "{colour} is too dark for the second colour, which has to stand out from {other} and carry dark letters. The "
        "nearest tint that would do is {better}."
    ),
    "value.no-subjects": "It must list 1 to {most} subjects.",
    "value.no-flag": "It must be true or false, without quotes.",
    "value.no-date": "It must be a date, not in quotes: 2022-02-18.",
    "value.no-email": "It must be an e-mail address, such as office@example.org, without a name beside it.",
    "value.no-site": "It must be the address of a website with nothing behind its name, such as https://example.org.",
    "value.no-url": "It must be an address on the web that begins with https://, such as https://example.org/letter.",
    "value.no-category": "A category has no quotes, commas or backslashes in it.",
    "value.subject-twice": "It lists a subject twice.",
    "value.too-many-names": "It lists more than {most}.",
    "value.name-twice": "It lists one of them twice.",
    "value.too-many-rules": "There are {count} rules; at most {most} are taken.",
    "value.rule-names-nobody": "It names nobody: give chambers, parties, committees or people.",
    "campaign.writes-to-nobody": (
        "The campaign writes to nobody. Name chambers of the supporter's own legislators, or add somebody by a rule."
    ),
    "file.not-utf-8": "This is not UTF-8 text; save the file as UTF-8.",
    "file.too-large": "The file is too large: more than {most:,} bytes are not read.",
    "file.too-long": "The file has {length:,} characters; at most {most:,} are taken.",
    "file.not-toml": "This is not TOML: {reason}.",
    "file.too-deep": "Lists stand too deep within each other.",
    "file.of-other-kind": '"{name}" is not for a campaign of kind "{kind}".',
    "value.no-picture-name": "It must be the name of a picture's file that lies beside this one, such as "
    'school.jpg: letters, digits, ".", "-" and "_", at most {most} characters, ending in jpg, png, webp or gif.',
    "file.words-without-picture": "There is no picture of which these could be the words.",
    "file.no-such-picture": "This picture is not beside the file.",
    "file.then-itself": "A campaign cannot be offered after itself.",
    "file.no-rows": "begin each with a line [[{name}]].",
    "kind.translation": "The page in {language}: {problem}",
    "kind.missing": 'The {kind} is not complete: "{name}" is empty.',
    "kind.needs-state": "It is about the legislators of a state, and the campaign has none.",
    "file.unknown-key": 'There is no "{name}" here.',
    "file.unknown-key-near": 'There is no "{name}" here; did you mean {near}?',
    "file.missing-key": _missing_key,
    "file.no-letter": "There is no letter; begin each with a line [[letters]].",
    "file.no-rules": "begin each rule with a line [[targets]].",
    "file.too-many-rules": "There are more than {most} target rules.",
    "file.no-translations": "begin each language with a line such as [translations.es].",
    "file.unknown-language": (
        'No page can be translated into "{tag}" here; there are {tags}. '
        "The folder of another language adds it (docs/translating.md)."
    ),
    "file.unknown-language-near": 'No page can be translated into "{tag}"; did you mean {near}?',
    "file.needs-opening": 'a scheduled campaign needs a line "opens" with date and time.',
    "file.needs-scheduled": 'only a campaign with status = "scheduled" opens by itself.',
    "file.opens-after-deadline": "the deadline is over by then.",
    "file.two-letters": 'there are two letters "{name}".',
    "file.not-written-to": 'the campaign does not write to "{chamber}".',
    "file.two-chambers": '{state} has "upper" and "lower".',
    "file.no-senators": "{state} has no U.S. Senators.",
    "file.no-letter-for": 'there is no letter for "{chamber}".',
    "file.no-thanks": 'There is no letter of thanks: a letter with to = "thank".',
    "form.name-taken": "Another letter of this campaign has this name.",
    "form.not-written-to": "The campaign does not write to the {chamber}.",
    "form.in-letter": "Line {line}, column {column}: {problem}",
    "form.letter-for-chamber": 'The letter "{letter}" is for the {chamber}; change it first.',
    "form.no-date": "enter a date and a time, such as 2027-02-11 09:00.",
    "form.no-day": "enter a day such as 2022-02-18.",
    "form.no-whole-number": "enter a number, such as 1000.",
}
