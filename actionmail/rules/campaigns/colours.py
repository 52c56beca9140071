"""Colours that another website gives its visit: taken only as far as words in them can be read (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from msgspec import Struct

READABLE: Final = 4.5
_WHITE, _BLACK = "#ffffff", "#000000"


class Theme(Struct, frozen=True, kw_only=True):
    """Each a colour as #rrggbb, or "": of links and buttons, of words, of the page."""

    accent: str = ""
    ink: str = ""
    paper: str = ""

    NAMES: ClassVar[tuple[str, ...]] = ("accent", "ink", "paper")

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Theme:
        return cls(**{name: _long(values.get(name, "")) for name in cls.NAMES})


def theme_css(theme: Theme) -> str:
    """A style sheet that sets the variables of ours; whatever could not be read stays as it is in ours.

    With colours of its own a page is light or dark as they are, whatever the visitor's system asks for.
    """
    if not any((theme.accent, theme.ink, theme.paper)):
        return ""
    paper = theme.paper or _WHITE
    is_light = contrast(paper, _BLACK) > contrast(paper, _WHITE)
    lines = {**(_LIGHT if is_light else _DARK), "--paper": paper, "--card": paper, "--tint": paper}
    if contrast(lines["--ink"], paper) < READABLE:  # on a colour between light and dark
        lines |= dict.fromkeys(("--ink", "--soft", "--error", "--good"), _BLACK if is_light else _WHITE)
    if theme.ink and contrast(theme.ink, paper) >= READABLE:
        lines |= {"--ink": theme.ink, "--soft": theme.ink}
    if theme.accent and contrast(theme.accent, paper) >= READABLE:
        on_accent = max((_WHITE, _BLACK), key=lambda colour: contrast(colour, theme.accent))
        lines |= {"--accent": theme.accent, "--accent-dark": theme.accent, "--on-accent": on_accent}
    lines["color-scheme"] = "light" if is_light else "dark"
    return f":root:root {{ {'; '.join(f'{name}: {value}' for name, value in lines.items())} }}\n"


# As in our own sheet, whichever of the two the visitor's system asks for.
_LIGHT: Final = {
    "--ink": "#1a2426", "--soft": "#4a5a5e", "--line": "#7b898c", "--hair": "#dcdfdc", "--accent": "#15525f",
    "--accent-dark": "#0d3943", "--on-accent": "#ffffff", "--error": "#a8200d", "--error-tint": "#fdf0ed",
    "--note": "#fdf4dc", "--note-line": "#a4780d", "--good": "#1c6338", "--oppose": "#a3201c", "--support": "#14623a",
    "--on-stance": "#ffffff",
}  # fmt: skip
_DARK: Final = {
    "--ink": "#eceff0", "--soft": "#b5c2c5", "--line": "#7e8e92", "--hair": "#34434a", "--accent": "#7fd0de",
    "--accent-dark": "#a5e2ec", "--on-accent": "#06262c", "--error": "#ff9d8b", "--error-tint": "#3a1914",
    "--note": "#35290b", "--note-line": "#d8ab3f", "--good": "#8fdcab", "--oppose": "#ffb3a9", "--support": "#93e0b0",
    "--on-stance": "#10191c",
}  # fmt: skip


def contrast(colour: str, other: str) -> float:
    """The ratio of WCAG 2.2: from 1 to 21."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    weights, total = (0.2126, 0.7152, 0.0722), 0.0
    for weight, place in zip(weights, (1, 3, 5), strict=True):
        part = int(colour[place : place + 2], 16) / 255
        total += weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return total


def _long(colour: str) -> str:
    if len(colour) != 4:
        return colour
    return "#" + "".join(digit * 2 for digit in colour[1:])
