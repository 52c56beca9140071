"""How an organisation's pages look: two colours of its own, a font, and what follows from them, light and dark.

Every derived colour keeps its contrast (WCAG 2.2, 1.4.3 and 1.4.11) whatever the two are. What oppose, support, an
error or a warning look like is nobody's to choose: their meaning must not change with the organisation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from actionmail.rules.campaigns.problems import CampaignValueError

# The dark one lies below white letters; the light one is for bars, and for the button of what comes next.
OWN_COLOURS: Final = ("#15525f", "#f5b63e")
TEXT: Final = 4.5  # contrast of letters with what is behind them
MARK: Final = 3.0  # of a bar or a frame
SEVERAL: Final = (
    '"Noto Sans", "Noto Sans Lao", "Noto Sans Khmer", "Noto Sans Myanmar", "Noto Sans CJK SC", "Noto Sans CJK TC", '
    '"Noto Sans Pahawh Hmong", sans-serif'
)
# Fonts that devices bring along: nothing is fetched, and each list ends with the languages that its first fonts lack.
FONTS: Final[Mapping[str, str]] = {
    "rounded": f'ui-rounded, "Hiragino Maru Gothic ProN", "Arial Rounded MT Bold", Quicksand, system-ui, {SEVERAL}',
    "humanist": f'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", system-ui, {SEVERAL}',
    "serif": f'Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", Georgia, serif, {SEVERAL}',
}
_WHITE, _BLACK = "#ffffff", "#000000"
_ON_LIGHT: Final = "#241800"  # letters on the light colour
_DARK_CARD: Final = "#1b2528"  # of site.css
_DARK_PAPER: Final = "#12191b"
_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


class Brand(Struct, frozen=True, kw_only=True):
    """`colours` are none or two of them, the dark one first; `font` is one of `FONTS`, or "" for the device's own."""

    colours: tuple[str, ...] = ()
    font: str = ""

    def over(self, other: Brand) -> Brand:
        """This one, with `other` where it says nothing."""
        return Brand(colours=self.colours or other.colours, font=self.font or other.font)


def colours(value: Any) -> list[str]:
    """None, or two that go together, each as #rrggbb. Raises CampaignValueError, with a colour that would do."""
    if not isinstance(value, list):
        raise CampaignValueError("value.no-list")
    if not value:
        return []
    if len(value) != len(OWN_COLOURS):
        raise CampaignValueError("value.not-two-colours", count=len(value))
    dark, light = map(_colour, value)
    if (ratio := contrast(dark, _WHITE)) < TEXT:
        raise CampaignValueError("value.colour-too-light", colour=dark, found=_shown(ratio), better=darker(dark))
    if contrast(light, _ON_LIGHT) < TEXT or contrast(light, dark) < MARK:
        better = lighter(light, dark)
        raise CampaignValueError("value.colour-too-dark", colour=light, other=dark, better=better)
    return [dark, light]


def _colour(value: Any) -> str:
    match = _HEX.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise CampaignValueError("value.no-colour", colour=str(value)[:40])
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _shown(ratio: float) -> str:
    """Rounded down: 4.49 is not said to be 4.5."""
    return f"{int(ratio * 10) / 10:.1f}"


def darker(colour: str) -> str:
    """The nearest shade that white letters can be read on."""
    return _until(colour, _BLACK, lambda shade: contrast(shade, _WHITE) >= TEXT)


def lighter(colour: str, dark: str) -> str:
    """The nearest tint that dark letters can be read on, and that stands out from `dark`."""
    return _until(
        colour, _WHITE, lambda tint: contrast(tint, _ON_LIGHT) >= TEXT and contrast(tint, dark) >= MARK
    )  # fmt: skip


def style_sheet(brand: Brand) -> str:
    """The rules that lay the brand over `site.css`; "" where it has nothing of its own."""
    parts = []
    if brand.font:
        parts.append(f":root {{ --sans: {FONTS[brand.font]}; }}")
    if brand.colours:
        light, dark = derived(brand.colours)
        parts += [f":root {{ {_declared(light)} }}", "@media (prefers-color-scheme: dark) {"]
        parts += [f"  :root {{ {_declared(dark)} }}", "}"]
    return "\n".join(parts) + "\n" if parts else ""


def _declared(tokens: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in tokens.items())


def derived(two: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The tokens of `site.css` that follow from the two colours, for light and for dark pages."""
    own, band = two
    paper, tint = mixed(_WHITE, own, 0.03), mixed(_WHITE, own, 0.09)
    accent = _until(own, _BLACK, lambda shade: contrast(shade, tint) >= TEXT)
    light = {
        "field": own,
        "band": band,
        "accent": accent,
        "accent-dark": mixed(accent, _BLACK, 0.3),
        "on-accent": _WHITE,
        "paper": paper,
        "tint": tint,
    }
    # A tint that stays dark enough for the light letters on it.
    dark_tint = _until(mixed(_DARK_PAPER, own, 0.35), _DARK_PAPER, lambda shade: contrast(shade, _WHITE) >= 10)
    dark_accent = _until(own, _WHITE, lambda tone: min(contrast(tone, _DARK_CARD), contrast(tone, dark_tint)) >= 7)
    dark = {
        "field": mixed(own, _BLACK, 0.28),
        "band": band,
        "accent": dark_accent,
        "accent-dark": mixed(dark_accent, _WHITE, 0.35),
        "on-accent": mixed(own, _BLACK, 0.85),
        "paper": _DARK_PAPER,
        "tint": dark_tint,
    }
    return light, dark


# -- colours


def contrast(colour: str, other: str) -> float:
    """The contrast ratio of WCAG, from 1 to 21."""
    low, high = sorted((_luminance(colour), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with so large a `share` of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _until(colour: str, towards: str, fits: Callable[[str], bool]) -> str:
    """The first mixture that fits, in steps of a fiftieth; `towards` itself where none before it does."""
    for step in range(50):
        mixture = mixed(colour, towards, step / 50)
        if fits(mixture):
            return mixture
    return towards
