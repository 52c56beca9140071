"""JSON lines (https://jsonlines.org): one object a row, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from actionmail.rules.csv_export import Cell


def json_lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file in pieces, one a row, each ending in LF; rows are asked for one at a time, none is kept.

    All of it is ASCII, so that no tool takes U+2028 within a text for the end of a line. None is null. Raises
    ValueError where a row is longer or shorter than the head.
    """
    for row in rows:
        yield json.dumps(dict(zip(head, row, strict=True))) + "\n"
