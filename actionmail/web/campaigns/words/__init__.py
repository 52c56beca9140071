"""What staff read of campaigns, in English: the one place that turns codes into sentences, for the pages and the shell.

Each code has a text with blanks for its values, or a function of them where a number or a nested problem decides. To
translate ActionMail, translate these tables. Nothing reads a sentence back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from actionmail.flows.campaigns.refusals import UnknownCampaign, UnknownVersion
from actionmail.rules.campaigns.problems import About, CampaignFileError, LetterError, Problem, from_json
from actionmail.web.campaigns import kinds
from actionmail.web.campaigns.words import changes, faults, files, letters, pictures, preflight
from actionmail.web.campaigns.words.audiences import members
from actionmail.web.campaigns.words.changes import SCHEDULE_WHEN, change_words, letters_effect, overtaken, page_effect
from actionmail.web.campaigns.words.turnovers import targets_change

__all__ = [
    "SCHEDULE_WHEN",
    "change_words",
    "file_error",
    "letter_error",
    "letters_effect",
    "members",
    "not_opened",
    "overtaken",
    "page_effect",
    "sentence",
    "targets_change",
    "unknown",
]

Words = Mapping[str, str | Callable[..., str]]

SENTENCES: Final[Words] = {
    **letters.SENTENCES,
    **files.SENTENCES,
    **faults.SENTENCES,
    **changes.SENTENCES,
    **preflight.SENTENCES,
    **kinds.sentences(),
    **pictures.SENTENCES,
}


def sentence(problem: Problem) -> str:
    """What a problem says, problems within it first put into words."""
    values: dict[str, Any] = {}
    for name, value in problem.values.items():
        values[name] = sentence(value) if isinstance(value, Problem) else value
    words = SENTENCES[problem.code]
    return words.format(**values) if isinstance(words, str) else words(**values)


def file_error(error: CampaignFileError) -> str:
    """Where in which file, and why it is refused."""
    place = f", line {error.line}" if error.line else ""
    place += f", column {error.column}" if error.column else ""
    where_and_why = f"{error.file}{place}: {_about(error.about)}{sentence(error.problem)}"
    line, column = error.inside
    return f"{where_and_why} It stands in line {line}, column {column} of the text." if line else where_and_why


def _about(about: About) -> str:
    if about.letter:
        return f'letter "{about.letter}"{f", {about.part}" if about.part else ""}: '
    if about.rule:
        return f"target rule {about.rule}: "
    return f"{about.key}: " if about.key else ""


def letter_error(error: LetterError) -> str:
    """Where in a part of a letter, and why it cannot be read."""
    return f"line {error.line}, column {error.column}: {sentence(error.problem)}"


def unknown(error: UnknownCampaign | UnknownVersion) -> str:
    """What there is not."""
    if isinstance(error, UnknownCampaign):
        return f'There is no campaign "{error.slug}".'
    if error.version:
        return f'The campaign "{error.slug}" has no version {error.version} of a letter "{error.name}".'
    return f'The campaign "{error.slug}" has no letter "{error.name}" now.'


def not_opened(stored: str) -> str:
    """Why a campaign did not open at its time, as it is kept with it; versions before this one kept the sentence."""
    problem = from_json(stored)
    return sentence(problem) if problem else stored
