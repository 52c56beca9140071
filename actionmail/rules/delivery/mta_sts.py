"""What a domain wants of who sends to it: MTA-STS (RFC 8461)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from actionmail.rules.delivery.dane import covers

MOST_OCTETS: Final = 64 * 1024  # of a policy (RFC 8461 3.3)
_LONGEST: Final = 31_557_600  # seconds (RFC 8461 3.2)
_LOOK_AGAIN: Final = timedelta(days=1)
_RECORD: Final = re.compile(r"v=STSv1\s*;\s*id=([A-Za-z0-9]{1,32})\s*(?:;.*)?", re.DOTALL)
_HOST: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Mode(StrEnum):
    """What becomes of a letter whose server does not prove its name."""

    ENFORCE = "enforce"  # it waits
    TESTING = "testing"  # it goes
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A domain's policy as it was fetched. `id` is the DNS record's at that time."""

    id: str
    mode: Mode
    hosts: tuple[str, ...]  # patterns
    fetched_at: datetime
    max_age: timedelta

    def holds(self, now: datetime) -> bool:
        return now < self.fetched_at + self.max_age

    def is_fresh(self, id_: str, now: datetime) -> bool:
        """Whether there is no need to fetch it anew where the DNS says `id_`, "" for nothing."""
        return self.holds(now) and (not id_ or (id_ == self.id and now < self.fetched_at + _LOOK_AGAIN))

    def allows(self, host: str) -> bool:
        return any(covers(pattern, host) for pattern in self.hosts)


def record_id(texts: Sequence[str]) -> str:
    """The id in the one TXT record of `_mta-sts.`; "" where there is none, or more than one (RFC 8461 3.1)."""
    ours = [text for text in texts if re.match(r"v=STSv1\s*(?:;|$)", text)]
    match = _RECORD.fullmatch(ours[0]) if len(ours) == 1 else None
    return match[1] if match else ""


def read_policy(text: str, *, id_: str, now: datetime) -> Policy | None:
    """The policy in a file's text, None where it is none (RFC 8461 3.2)."""
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip(), []).append(value.strip())
    mode, age, hosts = _first(fields, "mode"), _first(fields, "max_age"), fields.get("mx", [])
    if _first(fields, "version") != "STSv1" or mode not in set(Mode) or not _is_number(age):
        return None
    if mode != Mode.NONE and not (hosts and all(_HOST.fullmatch(host) for host in hosts)):
        return None
    return Policy(
        id=id_,
        mode=Mode(mode),
        hosts=tuple(host.lower() for host in hosts),
        fetched_at=now,
        max_age=timedelta(seconds=min(int(age), _LONGEST)),
    )


def _first(fields: dict[str, list[str]], key: str) -> str:
    """Of a field that stands there twice the first counts (RFC 8461 3.2)."""
    return next(iter(fields.get(key, ())), "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10
