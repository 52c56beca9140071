"""A log's line for programs: one JSON object, in codes and numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

Field = str | int | float | None | Sequence[int]


def log_line(event: str, fields: Mapping[str, Field], *, at: datetime) -> str:
    """Without its end. All of it is ASCII, so that nothing in a text ends the line."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"at": moment, "event": event, **fields}, separators=(",", ":"))
