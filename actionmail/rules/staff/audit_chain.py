"""The chain of the audit trail: each link is a hash over the one before and an entry, so that one changed byte shows.

The canonical form of an entry is one line of JSON, a list in this order: number, instant, actor's kind, actor's number,
action, object's kind, object's key, details, and verb and subject of entries from before there were codes. No white
space between its parts, names of details in order, everything beyond ASCII as `\\uXXXX`; the instant is UTC with six
digits of a second, `2026-03-04T15:12:05.000000+00:00`. A link is the SHA-256, in lower-case hex, of the link before (in
hex), a line feed and that line. Before the first link stand 64 zeros.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

NO_LINK: Final = "0" * 64  # before the first


class Chained(Protocol):
    """An entry, as far as the chain goes over it. `at` is aware."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def action(self) -> str: ...
    @property
    def object_kind(self) -> str: ...
    @property
    def object_key(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...
    @property
    def verb(self) -> str: ...
    @property
    def subject(self) -> str: ...


def canonical_form(entry: Chained) -> bytes:
    """The line of an entry, in ASCII, without a line end."""
    values = [
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_kind,
        entry.actor_id,
        entry.action,
        entry.object_kind,
        entry.object_key,
        dict(entry.details),
        entry.verb,
        entry.subject,
    ]
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def link_of(before: str, entry: Chained) -> str:
    """The link of an entry behind the link `before`."""
    return hashlib.sha256(before.encode() + b"\n" + canonical_form(entry)).hexdigest()
