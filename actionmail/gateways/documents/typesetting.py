"""Text into lines of glyphs: which font, which shape, and where a line may end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import starmap
from typing import Final

import uharfbuzz
from icu4py.breakers import CharacterBreaker, LineBreaker
from msgspec import Struct

from actionmail.gateways.documents.fonts import UNITS, FontFile, Fonts, is_space
from actionmail.gateways.documents.pdf_file import text_string

_SUBSCRIBES: Final = "\u17d2\u1039"  # Khmer's COENG, Burmese's VIRAMA: the next letter is drawn below
_KEPT: Final = 4096  # shaped texts: cities, states and dates come again and again


class Glyph(Struct, frozen=True):
    """Measures in thousandths of the em. `offset` is right and up."""

    number: int
    advance: int
    offset: tuple[int, int]


class Run(Struct, frozen=True):
    """Glyphs of one font. `read_as` is the text where the glyphs alone cannot be read back as it, else ""."""

    font: FontFile
    glyphs: tuple[Glyph, ...]
    read_as: str

    @property
    def width(self) -> int:
        return sum(glyph.advance for glyph in self.glyphs)


class Line(Struct, frozen=True):
    runs: tuple[Run, ...]
    width: int  # thousandths of the em


class Typesetter:
    """Sets text in one language (a BCP 47 tag), whose rules say where a line may end."""

    def __init__(self, fonts: Fonts, language: str) -> None:
        self.fonts = fonts
        self._language = language
        self.shape = lru_cache(maxsize=_KEPT)(self._shape)

    def lines(self, text: str, width: float) -> Iterator[Line]:
        """The text, broken to a width in thousandths of the em. An empty line of it stays empty."""
        for paragraph in unicodedata.normalize("NFC", text).replace("\t", " ").splitlines() or [""]:
            whole = self.shape(paragraph.rstrip())
            if whole.width <= width:
                yield whole
            else:
                yield from map(self.shape, self._broken(paragraph, width))

    def _broken(self, text: str, width: float) -> Iterator[str]:
        line, taken = "", 0
        for piece in self._pieces(text, width):
            wide = self.shape(piece).width
            if line and taken + self.shape(piece.rstrip()).width > width:
                yield line.rstrip()
                line, taken = "", 0
            line, taken = line + piece, taken + wide
        if line:
            yield line.rstrip()

    def _pieces(self, text: str, width: float) -> Iterator[str]:
        """Words as the language has them; what is wider than a line, letter by letter with its signs."""
        for piece in LineBreaker(text, self._language):
            if self.shape(piece.rstrip()).width <= width:
                yield piece
            else:
                yield from self._letters(piece)

    def _letters(self, text: str) -> Iterator[str]:
        """Each with its signs and what is written below it: to Unicode's segmentation a subscript is a letter of its
        own, and so is the Burmese sign AA.
        """
        letter = ""
        for cluster in CharacterBreaker(text, self._language):
            if letter and letter[-1] not in _SUBSCRIBES and not unicodedata.category(cluster[0]).startswith("M"):
                yield letter
                letter = ""
            letter += cluster
        if letter:
            yield letter

    def shape_once(self, text: str) -> Line:
        """Of what comes but once, such as a page's number: nothing of it is kept."""
        return self._shape(text)

    def _shape(self, text: str) -> Line:
        runs = tuple(starmap(self._run, self._by_font(text)))
        return Line(runs, sum(run.width for run in runs))

    def _by_font(self, text: str) -> Iterator[tuple[FontFile, str]]:
        """Neighbours that one font has; a space goes with what stands before it."""
        latin = self.fonts.files[0]
        if text.isascii() and text.isprintable():
            if text:
                yield latin, text
            return
        held, part = latin, ""
        for cluster in CharacterBreaker(text, self._language):
            font = held if is_space(cluster) else self.fonts.for_cluster(cluster)
            if part and font is not held:
                yield held, part
                part = ""
            held, part = font, part + cluster
        if part:
            yield held, part

    def _run(self, font: FontFile, text: str) -> Run:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.language = self._language
        uharfbuzz.shape(font.font, buffer)
        places = buffer.glyph_positions or []
        glyphs = []
        for info, place in zip(buffer.glyph_infos, places, strict=True):
            font.use(info.codepoint)
            glyphs.append(Glyph(info.codepoint, place.x_advance, (place.x_offset, place.y_offset)))
        clusters = [info.cluster for info in buffer.glyph_infos]
        return Run(font, tuple(glyphs), "" if _reads_back(font, text, glyphs, clusters) else text)


def _reads_back(font: FontFile, text: str, glyphs: list[Glyph], clusters: list[int]) -> bool:
    """Whether each glyph stands for its own piece of the text, and they stand in the text's order."""
    if clusters != sorted(set(clusters)):
        return False
    ends = [*clusters[1:], len(text)]
    pieces = [text[begin:end] for begin, end in zip(clusters, ends, strict=True)]
    return all(font.means(glyph.number, piece) for glyph, piece in zip(glyphs, pieces, strict=True))


def operators(line: Line, *, x: float, y: float, size: float, names: dict[FontFile, str]) -> str:
    """The line as a page's content draws it: ISO 32000-1, 9.4. `names` gives each font's name in the file."""
    parts = []
    for run in line.runs:
        drawn = f"BT /{names[run.font]} {size:g} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm {_shown(run, size)} ET\n"
        if run.read_as:
            drawn = f"/Span<</ActualText{text_string(run.read_as)}>>BDC\n{drawn}EMC\n"
        parts.append(drawn)
        x += run.width * size / UNITS
    return "".join(parts)


def _shown(run: Run, size: float) -> str:
    """Glyphs in hexadecimal, with the moves between them; a sign above or below is drawn on a raised line."""
    out, move, height = ["[<"], 0, 0
    for glyph in run.glyphs:
        right, up = glyph.offset
        if up != height:
            out.append(f">]TJ {up * size / UNITS:.3f} Ts[<")
            height = up
        if move + right:
            out.append(f">{-(move + right)}<")
        out.append(f"{glyph.number:04X}")
        move = glyph.advance - run.font.use(glyph.number) - right
    out.append(">]TJ 0 Ts" if height else ">]TJ")
    return "".join(out)
