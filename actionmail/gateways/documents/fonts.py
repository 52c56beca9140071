"""The fonts that a paper is set in, which of them has a character, and how they get into the file.

Four come along (`data/fonts`). Chinese is too large for that, and is taken from the system, as is any other script for
which the system has a Noto font. What no font has is told by name; an empty box is never printed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import uharfbuzz

from actionmail.gateways.documents.pdf_file import PdfFile

UNITS: Final = 1000  # to the em, in all measures of text
_OWN: Final = ("NotoSans-Regular", "NotoSansLao-Regular", "NotoSansKhmer-Regular", "NotoSansMyanmar-Regular")
# Where Debian, Fedora, Arch, Alpine, FreeBSD and macOS (Homebrew) put fonts.
SYSTEM_FOLDERS: Final = tuple(map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/opt/homebrew/share/fonts")))
_CHINESE: Final = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf")
_COLLECTION: Final = {"zh-Hant": 3}  # which font of the collection; 2 is for Simplified Chinese
_SIMPLIFIED: Final = 2
_SPACES: Final = " \u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_BATCH: Final = 100  # entries in one block of a CMap: at most so many


class FontFile:
    """One font, and what of it has been used. `index` is its place in a collection."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self._path = path
        self._index = index
        self._widths: dict[int, int] = {}
        self._texts: dict[int, str] = {}

    @cached_property
    def face(self) -> uharfbuzz.Face:
        return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(self._path)), self._index)

    @cached_property
    def font(self) -> uharfbuzz.Font:
        font = uharfbuzz.Font(self.face)
        font.scale = (UNITS, UNITS)
        return font

    @cached_property
    def _characters(self) -> uharfbuzz.Set:
        return self.face.unicodes

    def covers(self, characters: Iterable[str]) -> bool:
        return all(ord(character) in self._characters for character in characters)

    def use(self, glyph: int) -> int:
        """The glyph's width; from now on it is of those that get into the file."""
        width = self._widths.get(glyph)
        if width is None:
            width = self._widths[glyph] = self.font.get_glyph_h_advance(glyph)
        return width

    def means(self, glyph: int, text: str) -> bool:
        """Whether the glyph alone can be read back as this text: a glyph has one text in a file."""
        return self._texts.setdefault(glyph, text) == text

    def embed(self, file: PdfFile, number: int) -> None:
        """Write the font as object `number`, with the glyphs that were used (ISO 32000-1, 9.7)."""
        name = f"{self._tag(number)}+{self._path.stem}{self._index or ''}"
        inner, meanings = file.number(), file.number()
        file.add(
            number,
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
            f"/DescendantFonts[{inner} 0 R]/ToUnicode {meanings} 0 R>>",
        )
        file.add_stream(meanings, "", self._to_unicode())
        self._embed_inner(file, inner, name)

    @staticmethod
    def _tag(number: int) -> str:
        """Six capitals, another for each font of the file."""
        letters = ""
        for _ in range(6):
            number, rest = divmod(number, 26)
            letters += chr(65 + rest)
        return letters

    def _embed_inner(self, file: PdfFile, number: int, name: str) -> None:
        descriptor, program = file.number(), file.number()
        is_cff = "CFF " in self.face.table_tags
        kind = "CIDFontType0" if is_cff else "CIDFontType2/CIDToGIDMap/Identity"
        widths = "".join(f"{glyph}[{width}]" for glyph, width in sorted(self._widths.items()))
        file.add(
            number,
            f"<</Type/Font/Subtype/{kind}/BaseFont/{name}/FontDescriptor {descriptor} 0 R/DW {UNITS}/W[{widths}]"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        )
        extents = self.font.get_font_extents("ltr")
        low, high = extents.descender, extents.ascender
        file.add(
            descriptor,
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[-1000 {low} 3000 {high}]"
            f"/ItalicAngle 0/Ascent {high}/Descent {low}/CapHeight 714/StemV 80"
            f"/FontFile{3 if is_cff else 2} {program} 0 R>>",
        )
        subset = uharfbuzz.subset(self.face, self._wanted())
        if is_cff:
            file.add_stream(program, "/Subtype/CIDFontType0C", subset.reference_table("CFF ").data)
        else:
            data = subset.blob.data
            file.add_stream(program, f"/Length1 {len(data)}", data)

    def _wanted(self) -> uharfbuzz.SubsetInput:
        """Only outlines: the text is shaped already, and each glyph keeps its number."""
        wanted = uharfbuzz.SubsetInput()
        flags = uharfbuzz.SubsetFlags
        wanted.flags = flags.RETAIN_GIDS | flags.NO_HINTING | flags.NO_LAYOUT_CLOSURE | flags.CFF_IDENTITY_CHARSET
        wanted.sets(uharfbuzz.SubsetInputSets.GLYPH_INDEX).update(self._widths)
        dropped = wanted.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG)
        for tag in (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"name", b"vhea", b"vmtx"):
            dropped.add(int.from_bytes(tag))
        return wanted

    def _to_unicode(self) -> bytes:
        lines = [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def",
            "/CMapName/Adobe-Identity-UCS def/CMapType 2 def",
            "1 begincodespacerange<0000><FFFF>endcodespacerange",
        ]
        texts = sorted(self._readings().items())
        for begin in range(0, len(texts), _BATCH):
            batch = texts[begin : begin + _BATCH]
            lines.append(f"{len(batch)} beginbfchar")
            lines.extend(f"<{glyph:04X}><{text.encode('utf-16-be').hex().upper()}>" for glyph, text in batch)
            lines.append("endbfchar")
        lines.append("endcmap CMapName currentdict/CMap defineresource pop end end")
        return "\n".join(lines).encode("ascii")

    def _readings(self) -> dict[int, str]:
        """Of the glyphs that were used; for readers that take no replacement text, at least their plainest one."""
        readings = dict(self._texts)
        for point in self._characters:
            glyph = self.font.get_nominal_glyph(point)
            if glyph in self._widths:
                readings.setdefault(glyph, chr(point))
        return readings


class Fonts:
    """The fonts for one paper, in the order in which they are asked. `own` is the folder of those that come along."""

    def __init__(self, own: Path, language: str, system: Sequence[Path] = SYSTEM_FOLDERS) -> None:
        self._system = tuple(system)
        self._language = language
        self._files = [FontFile(own / f"{name}.ttf") for name in _OWN]
        self._has_system = False
        self.unprintable: set[str] = set()  # what no font had

    @property
    def files(self) -> Sequence[FontFile]:
        """All that were asked so far; the first is of Latin letters."""
        return self._files

    def for_cluster(self, cluster: str) -> FontFile:
        """The first font that has all of a letter with its signs; where none has, it is noted as unprintable."""
        visible = [character for character in cluster if not _is_invisible(character)]
        for file in self._files:
            if file.covers(visible):
                return file
        if not self._has_system:
            self._has_system = True
            self._files += self._of_system()
            return self.for_cluster(cluster)
        for character in visible:
            if not any(file.covers(character) for file in self._files):
                self.unprintable.add(character)
        return self._files[0]

    def _of_system(self) -> list[FontFile]:
        """Chinese first, then every other script in the alphabet's order; nothing is opened before it is asked."""
        paths: list[Path] = []
        for folder in self._system:
            paths += sorted(folder.rglob("Noto*-Regular.*"))
        index = _COLLECTION.get(self._language, _SIMPLIFIED)
        chinese, others = [], []
        for path in paths:
            if path.name in _CHINESE:
                chinese.append(FontFile(path, index if path.suffix == ".ttc" else 0))
            elif path.name.startswith("NotoSans") and path.suffix in (".ttf", ".otf"):
                others.append(FontFile(path))
        return chinese + others


def is_space(cluster: str) -> bool:
    """A space that HarfBuzz sets in any font that has the plain one."""
    return len(cluster) == 1 and cluster in _SPACES


def _is_invisible(character: str) -> bool:
    """Joiners, zero width spaces, variation selectors: they shape their neighbours and have no glyph."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"
