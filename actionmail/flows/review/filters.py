"""By what the send log, its exports and acts on many letters are narrowed; `message_filter` finds what fits."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from actionmail.rules.delivery.states import State

LARGEST_ID = 2**63 - 1
# Of an answer that was no yes: basic (RFC 5321), or enhanced (RFC 3463).
CODE = re.compile(r"(?:(?P<basic>[3-5]\d\d)|(?P<enhanced>[45]\.\d{1,3}\.\d{1,3}))\Z", re.ASCII)


class Moment(StrEnum):
    """What `since` and `until` of a Filter are about."""

    MADE = "made"  # the supporter pressed the button
    ACCEPTED = "accepted"  # by the mail server; of several times the last
    BACK = "back"  # it came back; likewise


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which messages. Every part narrows; an empty one does not. `since` <= the moment < `until`."""

    campaign: str = ""  # slug
    letter: str = ""  # the name of one of its letters, in all versions
    state: State | None = None
    target: str = ""  # part of the legislator's name, as the roster has it
    committee: str = ""  # its key: letters to whoever sits on it now
    us_state: str = ""  # of the legislator's seat, "WI"
    district: str = ""
    party: str = ""
    domain: str = ""  # behind the @ of the recipient
    code: str = ""  # of any answer that was no yes: "550", or an enhanced one, "5.1.1" (RFC 3463)
    answer: str = ""  # words of any such answer; all have to stand in one
    language: str = ""  # in which the supporter read the page; a tag
    source: str = ""  # by which link they came
    near: int = 0  # an action's number: those made within NEARLY of it, from the same network
    alike: int = 0  # an action's number: those with the same own paragraph, or with one of the few in its bucket
    words: str = ""  # of the supporter: name, address, what they wrote
    moment: Moment = Moment.MADE
    since: datetime | None = None
    until: datetime | None = None
    number: str = ""  # Message-ID with or without its angle brackets, or the log's own number

    @property
    def is_wide(self) -> bool:
        """Whether it narrows by the state at most."""
        return replace(self, state=None, moment=Moment.MADE) == Filter()

    @property
    def is_about_events(self) -> bool:
        """Whether its moments stand in the history."""
        return self.moment is not Moment.MADE and (self.since is not None or self.until is not None)


class CannotMatch(Exception):
    """Nothing fits this filter, whatever the log holds: there is no such legislator, or nothing to look for."""


# Typed as one likes, so a supporter may be named in them. The audit trail, which is kept for good, says that they were.
_TYPED = frozenset({"words", "number", "target", "answer"})


def codes_of(wanted: Any) -> dict[str, str]:
    """What a filter narrows, by its parts, as the audit trail has it; instants as "2026-03-04T15:12:05Z"."""
    codes = {}
    for part in fields(wanted):
        value = getattr(wanted, part.name)
        if not value or value == part.default:
            continue
        if isinstance(value, datetime):
            value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        codes[part.name] = "(given)" if part.name in _TYPED else str(value)
    return codes
