"""Fonts for pages in scripts that not every device has letters for, made of those of printed papers and of cards.

`make fonts` writes them into actionmail/static/fonts, with a stylesheet for each script. A browser takes the device's
own font where it has one, and otherwise fetches the file, and only where a page is in a language that names the script.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "data" / "fonts"
TARGET = ROOT / "actionmail" / "static" / "fonts"
FAMILY = "ActionMail script"

# By what joins letters, what divides words, and the circle on which a mark stands that has no letter.
JOINERS = ((0x200B, 0x200D), (0x25CC, 0x25CC))


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script's font in `SOURCE`, its letters (first and last), and the fonts that devices bring, by full name."""

    font: str
    letters: tuple[tuple[int, int], ...]
    regular: tuple[str, ...]
    bold: tuple[str, ...]

    def codes(self) -> list[int]:
        return [code for first, last in (*self.letters, *JOINERS) for code in range(first, last + 1)]


# Android has Noto; Windows Leelawadee UI and Myanmar Text; macOS and iOS the Sangam fonts.
SCRIPTS = {
    "khmer": Script(
        font="NotoSansKhmer",
        letters=((0x1780, 0x17FF), (0x19E0, 0x19FF)),
        regular=("Noto Sans Khmer", "Leelawadee UI", "Khmer Sangam MN"),
        bold=("Noto Sans Khmer Bold", "Leelawadee UI Bold"),
    ),
    "lao": Script(
        font="NotoSansLao",
        letters=((0x0E80, 0x0EFF),),
        regular=("Noto Sans Lao", "Leelawadee UI", "Lao Sangam MN"),
        bold=("Noto Sans Lao Bold", "Leelawadee UI Bold"),
    ),
    "myanmar": Script(
        font="NotoSansMyanmar",
        letters=((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
        regular=("Noto Sans Myanmar", "Myanmar Text", "Myanmar Sangam MN"),
        bold=("Noto Sans Myanmar Bold", "Myanmar Text Bold", "Myanmar Sangam MN Bold"),
    ),
}


def file_of(name: str, weight: str) -> Path:
    return TARGET / f"{name}-{weight.lower()}.woff2"


def _write_font(name: str, script: Script, weight: str) -> None:
    """Every feature is kept: without them Khmer and Burmese fall apart."""
    options = subset.Options(layout_features=["*"], hinting=False, flavor="woff2", recalc_timestamp=False)
    font = subset.load_font(str(SOURCE / f"{script.font}-{weight}.ttf"), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=script.codes())
    cutter.subset(font)
    subset.save_font(font, str(file_of(name, weight)), options)


def _face(name: str, script: Script, weight: str, number: int) -> str:
    own = script.bold if weight == "Bold" else script.regular
    sources = [f'local("{one}")' for one in own]
    sources.append(f'url("{file_of(name, weight).name}") format("woff2")')
    ranges = ", ".join(f"U+{first:04X}-{last:04X}" for first, last in (*script.letters, *JOINERS))
    return (
        f'@font-face {{\n  font-family: "{FAMILY}"; font-weight: {number}; font-display: swap;\n'
        f"  src: {', '.join(sources)};\n  unicode-range: {ranges};\n}}\n"
    )


def _sheet(name: str, script: Script) -> str:
    """Behind the page's own fonts, which have the Latin letters and may have these too."""
    faces = _face(name, script, "Regular", 400) + _face(name, script, "Bold", 700)
    return f'/* Made by `make fonts`. */\n{faces}body {{ font-family: var(--sans), "{FAMILY}"; }}\n'


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name, script in SCRIPTS.items():
        for weight in ("Regular", "Bold"):
            _write_font(name, script, weight)
        (TARGET / f"{name}.css").write_text(_sheet(name, script), encoding="utf-8")


if __name__ == "__main__":
    main()
