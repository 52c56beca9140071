"""What is wrong with a campaign or a letter: a code and the values that its words need. The doors have the words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `code` is a key of the doors' words, such as "letter.unknown-field"."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """For logs and tests; never shown to anybody."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}({values})"


def to_json(problem: Problem) -> str:
    """The problem as text to keep; its values are text, numbers or problems."""
    return json.dumps(problem, default=lambda value: {"code": value.code, "values": dict(value.values)}, sort_keys=True)


def from_json(text: str) -> Problem | None:
    """The problem that `to_json` wrote; None for any other text."""
    try:
        read = json.loads(text, object_hook=_read)
    except ValueError:
        return None
    return read if isinstance(read, Problem) else None


def _read(table: dict[str, Any]) -> Problem | dict[str, Any]:
    return Problem(table["code"], table["values"]) if table.keys() == {"code", "values"} else table


class LetterError(ValueError):
    """A letter cannot be read: where (line and column count from 1; `part` is "opening", "body", …) and why."""

    def __init__(self, line: int, column: int, code: str, *, part: str = "", **values: Any) -> None:
        self.line = line
        self.column = column
        self.part = part
        self.problem = Problem(code, values)
        super().__init__(f"{part}:{line}:{column}: {self.problem}")

    def in_part(self, part: str) -> LetterError:
        """The same, of a part of a letter."""
        return LetterError(self.line, self.column, self.problem.code, part=part, **self.problem.values)


class CampaignValueError(ValueError):
    """Why one value is refused."""

    def __init__(self, code: str, **values: Any) -> None:
        self.problem = Problem(code, values)
        super().__init__(str(self.problem))


class About(Struct, frozen=True, kw_only=True):
    """What in a campaign's file a problem is about: a key, a letter or a part of one, a target rule (from 1)."""

    key: str = ""
    letter: str = ""
    part: str = ""
    rule: int = 0


class CampaignFileError(ValueError):
    """A campaign file is refused as a whole: in which line and column (from 1; 0 where unknown), and why.

    `inside` are line and column in the text of a value whose own place in the file is not known, (0, 0) elsewhere.
    """

    def __init__(
        self,
        file: str,
        place: tuple[int, int],
        problem: Problem,
        *,
        about: About | None = None,
        inside: tuple[int, int] = (0, 0),
    ) -> None:
        self.file = file
        self.line, self.column = place
        self.problem = problem
        self.about = about or About()
        self.inside = inside
        super().__init__(f"{file}:{self.line}:{self.column}: {problem}")
