"""Where in a TOML file each value of a campaign begins, so that a refusal can name line and column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from actionmail.rules.campaigns.problems import About, CampaignFileError, Problem

Table = tuple[str, int]  # the name of a table and its number among those of the name, from 0
TOP: Final[Table] = ("", 0)

_KEY_LINE = re.compile(r"[ \t]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*")
_TABLE_LINE = re.compile(r"[ \t]*\[\[?[ \t]*([A-Za-z0-9_.-]+)[ \t]*\]\]?")


def value_places(text: str) -> Iterator[tuple[tuple[Table, str], int]]:
    """Where each value begins. Good for the plain TOML of campaigns; a place that is missed only costs its number."""
    which, seen, offset, until = TOP, Counter[str](), 0, ""
    for line in text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        if until:
            until = "" if until in line else until
        elif table := _TABLE_LINE.match(line):
            which = (table[1], seen[table[1]])
            seen[table[1]] += 1
            yield (which, ""), start
        elif key := _KEY_LINE.match(line):
            yield (which, key[1]), start + key.end()
            value = line[key.end() :]
            quotes = value[:3]
            if quotes in {'"""', "'''"} and quotes not in value[3:]:
                until = quotes


class Places:
    """One file's text, and where each value begins: by its table and its key, or "" for the table itself."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self._begins: dict[tuple[Table, str], int] = dict(value_places(text))

    def begin(self, which: Table, key: str) -> int | None:
        """The offset of a value, None where it is not known."""
        return self._begins.get((which, key))

    def line_and_column(self, offset: int | None) -> tuple[int, int]:
        """Both from 1; (0, 0) for an unknown offset."""
        if offset is None:
            return 0, 0
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def refused(
        self, which: Table, key: str, code: str, *, about: About | None = None, **values: Any
    ) -> CampaignFileError:
        """The error at a value's place; it is about the key unless another thing is said."""
        return self.refused_for(which, key, Problem(code, values), about=about)

    def refused_for(
        self, which: Table, key: str, problem: Problem, *, about: About | None = None, inside: tuple[int, int] = (0, 0)
    ) -> CampaignFileError:
        place = self.line_and_column(self.begin(which, key))
        return CampaignFileError(self.source, place, problem, about=about or About(key=key), inside=inside)

    def refused_whole(self, code: str, **values: Any) -> CampaignFileError:
        """The error of a file that has no place to name."""
        return CampaignFileError(self.source, (0, 0), Problem(code, values))
