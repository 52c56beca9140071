"""Words for the faults that the check of every letter finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final


def _no_letter(own: str, to: str, count: int, chamber: str) -> str:
    kind = "letter of thanks" if to == "thank" else "letter"
    whose = " who are not the supporter's own" if own == "other" else ""
    some = f"{count} members" if own == "other" and count > 1 else "members"
    return f"There is no {kind} for {some} of the {chamber}{whose}."


def _who_names(rule: str) -> str:
    return f'The rule "{rule}"' if rule else "The letter"


def _committee_gone(rule: str, key: str) -> str:
    return f"{_who_names(rule)} names a committee that there is no more ({key})."


def _committee_empty(rule: str, name: str) -> str:
    return f"{_who_names(rule)} names the {name}, which has no member in office."


SENTENCES: Final[Mapping[str, str | Callable[..., str]]] = {
    "no-letter.members": _no_letter,
    "no-letter.thanks": "A rule thanks somebody, but there is no letter of thanks.",
    "no-target.by-rules": "There is nobody to write to: the rules leave nobody of the roster as it is today.",
    "no-target.in-chambers": "There is nobody to write to: the roster has no sitting member of these chambers.",
    "too-many.letters": "One supporter would write {count} letters at once; at most {most} go.",
    "committee.gone": _committee_gone,
    "committee.empty": _committee_empty,
    "person.gone": 'The rule "{rule}" names {name}, who is no longer in office.',
    "unreadable.letter": "The letter cannot be filled: line {line}, column {column}: {problem}",
    "blank.subject": "A subject is empty.",
    "blank.field": '"{field}" is empty where the letter needs it.',
    "blank.body": "The letter has no text between opening and closing.",
    "subject-too-long.subject": 'The subject "{subject}" has {length} characters; at most {most} fit.',
    "too-long.body": "The body has {length:,} characters; supporters can send {most:,}.",
    "prompt.subject": 'The subject still says "{words}".',
    "prompt.letter": 'The letter still says "{words}".',
    "position.subject": 'The subject says "{words}", but the campaign\'s position is: {position}.',
    "position.letter": 'The letter says "{words}", but the campaign\'s position is: {position}.',
    "capitals.subject": 'The subject "{words}" is all capitals.',
    "capitals.letter": '"{words}" is all capitals.',
    "bill.not-named": "The letter does not name the bill, {bill}.",
    "links.too-many": "There are {count} links; more than one makes a letter look like an advert.",
    "links.mark": 'Set a space behind the link in "{link}", or give it its own line: many would open the mark too.',
    "chamber.letter": 'The letter says "{words}", but {who}, sits in the {chamber}.',
    "title.greeting": 'The greeting "{line}" has a wrong title: for {who}, it is {title}.',
    "name.greeting": 'The greeting "{line}" has another name than that of {who}.',
    "constituent.letter": 'It says "{words}", but goes to legislators who are not the supporter\'s own as well.',
}
