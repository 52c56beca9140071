"""One table of ratios, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """Two sides of one run. `bar` is ">= 0.5" or "<= 3" for the ratio (or, where it says so, for `ours`), or ""."""

    name: str
    ours: float | None = None
    other: float | None = None
    ratio: float | None = None
    unit: str = ""
    bar: str = ""
    holds: bool | None = None
    note: str = ""


def compare(name: str, ours: float, other: float, unit: str, bar: str = "", *, ratio: float | None = None) -> Row:
    """A row whose bar is on the ratio."""
    ratio = ours / other if ratio is None else ratio
    return Row(name=name, ours=ours, other=other, ratio=ratio, unit=unit, bar=bar, holds=_holds(ratio, bar))


def limit(name: str, ours: float, other: float | None, unit: str, bar: str, note: str = "") -> Row:
    """A row whose bar is on our own side; `other` is what it is compared with."""
    ratio = ours / other if other else None
    bar = f"ours {bar}"
    return Row(name=name, ours=ours, other=other, ratio=ratio, unit=unit, bar=bar, holds=_holds(ours, bar), note=note)


def absent(name: str, why: str) -> Row:
    return Row(name=name, note=why)


def _holds(value: float, bar: str) -> bool | None:
    if not bar:
        return None
    sign, number = bar.removeprefix("ours ").split()
    return value >= float(number) if sign == ">=" else value <= float(number)


def render(rows: Sequence[Row]) -> str:
    head = ("", "ours", "other", "ratio", "unit", "bar", "holds")
    cells = [
        (
            row.name,
            _number(row.ours),
            _number(row.other),
            _number(row.ratio),
            row.unit,
            row.bar,
            {True: "yes", False: "NO", None: ""}[row.holds],
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [head, *cells]) for i in range(len(head))]
    lines = [_line(head, widths), "  ".join("-" * width for width in widths)]
    for row, line in zip(rows, cells, strict=True):
        lines.append(_line(line, widths))
        if row.note:
            lines.append(f"    {row.note}")
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        cell.rjust(width) if 1 <= i <= 3 else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def write(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
