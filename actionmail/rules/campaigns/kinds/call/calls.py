"""Whom to call and which number comes next, as a function of the calls made so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from actionmail.rules.campaigns.kinds.call.office_hours import OfficeHours
from actionmail.rules.campaigns.kinds.call.phone_numbers import PhoneNumber, phone_number
from actionmail.rules.campaigns.problems import CampaignValueError, Problem

_Number = tuple[str, str, str]  # target, digits, extension


class Outcome(StrEnum):
    """How a call went, as whoever called says."""

    SPOKE = "spoke"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NOT_NOW = "not_now"


class Office(StrEnum):
    """Where a number rings: at the capitol, in the district, or at the one number that a campaign names."""

    CAPITOL = "capitol"
    DISTRICT = "district"
    FIXED = "fixed"


REACHED: Final = frozenset({Outcome.SPOKE, Outcome.VOICEMAIL})
_ORDER: Final = (Office.FIXED, Office.CAPITOL, Office.DISTRICT)


class Line(Struct, frozen=True, kw_only=True):
    """One number of one target. `target` is a legislator's key, or the campaign's own for its fixed number."""

    target: str
    office: Office
    number: PhoneNumber
    tty: PhoneNumber | None = None
    hours: OfficeHours | None = None


class Lines(Struct, frozen=True, kw_only=True):
    """The numbers in the order to call, and which could not be read, by target."""

    lines: tuple[Line, ...]
    unusable: tuple[tuple[str, str, Problem], ...] = ()  # target, the number as it stands in the roster, why


class Call(Struct, frozen=True, kw_only=True):
    """One call that was made, or put off."""

    target: str
    digits: str
    extension: str
    outcome: Outcome


class Progress(Struct, frozen=True, kw_only=True):
    """Where somebody stands: the number to call next, None when all were tried, and those to try again."""

    following: Line | None
    again: tuple[Line, ...]  # in the order in which they were put off
    reached: tuple[str, ...]  # targets, in the order of their lines
    to_call: int  # targets that nobody was tried of yet


def legislators_lines(
    targets: Sequence[str], phones: Mapping[str, Sequence[tuple[Office, str]]], *, own: Collection[str] = ()
) -> Lines:
    """The lines of legislators in the order given, but the caller's own first, and of each the capitol's first.

    `phones` are those of the roster by target's key. Offices that share a number are called once each.
    """
    lines: list[Line] = []
    unusable: list[tuple[str, str, Problem]] = []
    known: set[_Number] = set()
    for target in sorted(dict.fromkeys(targets), key=lambda key: key not in own):
        for office, typed in sorted(phones.get(target, ()), key=lambda phone: _ORDER.index(phone[0])):
            try:
                number = phone_number(typed)
            except CampaignValueError as error:
                unusable.append((target, typed, error.problem))
                continue
            if (target, number.digits, number.extension) not in known:
                known.add((target, number.digits, number.extension))
                lines.append(Line(target=target, office=office, number=number))
    return Lines(lines=tuple(lines), unusable=tuple(unusable))


def progress(lines: Sequence[Line], calls: Iterable[Call]) -> Progress:
    """What comes after these calls, in the order in which they were made.

    Whoever was spoken to, or has a message, is done with. Where it is busy or nobody answers, the target's next number
    follows; "not now" leaves the target for later, with all its numbers. The last that is said of a number counts.
    """
    last: dict[_Number, tuple[int, Outcome]] = {}
    for turn, call in enumerate(calls):
        last[call.target, call.digits, call.extension] = turn, call.outcome
    heard = [(line, *last.get(_number(line), (-1, None))) for line in lines]
    reached: dict[str, None] = {}
    later: set[str] = set()
    for line, _, outcome in heard:
        if outcome in REACHED:
            reached[line.target] = None
        elif outcome == Outcome.NOT_NOW:
            later.add(line.target)
    following: Line | None = None
    again: list[tuple[int, Line]] = []
    for line, turn, outcome in heard:
        if line.target in reached:
            continue
        if outcome is not None:
            again.append((turn, line))
        elif following is None and line.target not in later:
            following = line
    return Progress(
        following=following,
        again=tuple(line for _, line in sorted(again, key=lambda put_off: put_off[0])),
        reached=tuple(reached),
        to_call=len({line.target for line in lines} - {target for target, _, _ in last}),
    )


def _number(line: Line) -> _Number:
    return line.target, line.number.digits, line.number.extension


def offered(lines: Sequence[Line], calls: Sequence[Call]) -> Line | None:
    """The number to show now: the next one, and when all were tried the one put off longest ago; None at the end."""
    where = progress(lines, calls)
    return where.following or next(iter(where.again), None)
