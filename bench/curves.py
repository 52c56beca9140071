"""Curves over time as one SVG file, which a browser and GitHub show as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 170  # of a panel, in pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 130, 30, 30  # the margins around its curves
_COLOURS = ("#1b5e9e", "#b3541e", "#2e7d32")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line. `values` are as many as there are minutes."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Panel:
    """Curves of one unit, which have one axis."""

    unit: str
    curves: Sequence[Curve]


def drawn(title: str, minutes: Sequence[float], panels: Sequence[Panel]) -> str:
    """The whole file. `minutes` are when the values were, from 0."""
    height = _HEIGHT * len(panels) + _TOP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12" role="img"><title>{escape(title)}</title>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for place, panel in enumerate(panels):
        lines.append(f'<g transform="translate(0 {_TOP + place * _HEIGHT})">')
        lines += _panel(panel, minutes)
        lines.append("</g>")
    return "\n".join([*lines, "</svg>\n"])


def _panel(panel: Panel, minutes: Sequence[float]) -> Iterator[str]:
    most = max((value for curve in panel.curves for value in curve.values), default=0.0) or 1.0
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    yield f'<text x="{_LEFT}" y="20" fill="#555">{escape(panel.unit)}</text>'
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * (bottom - _TOP)
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{share * most:,.0f}</text>'
    for share in (0.0, 0.5, 1.0):
        x = _LEFT + share * (right - _LEFT)
        words = f"{share * minutes[-1]:.0f}" + (" minutes" if share == 1 else "")
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555">{words}</text>'
    for place, curve in enumerate(panel.curves):
        colour = _COLOURS[place % len(_COLOURS)]
        points = [
            f"{_LEFT + minute / minutes[-1] * (right - _LEFT):.1f},{bottom - value / most * (bottom - _TOP):.1f}"
            for minute, value in zip(minutes, curve.values, strict=True)
        ]
        yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        yield f'<text x="{right + 8}" y="{_TOP + 14 + place * 16}" fill="{colour}">{escape(curve.name)}</text>'
