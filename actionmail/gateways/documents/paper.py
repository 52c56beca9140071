"""A paper from top to bottom: text flows onto pages of US Letter, and each page is written when it is full.

How many pages there are is known at the end, so every page draws the same small form, which is written last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Final

from msgspec import Struct

from actionmail.gateways.documents.fonts import UNITS, FontFile
from actionmail.gateways.documents.images import write_image
from actionmail.gateways.documents.pdf_file import PdfFile, references, text_string
from actionmail.gateways.documents.tags import Tags
from actionmail.gateways.documents.typesetting import Line, Typesetter, operators
from actionmail.rules.actions.papers import NUMBER, PAGE_MARGIN, TOTAL, Sheet, UnprintableText

WIDTH: Final = 612.0  # US Letter, in points
HEIGHT: Final = 792.0
TEXT_WIDTH: Final = WIDTH - 2 * PAGE_MARGIN
_FOOT: Final = 36.0  # where the page's number stands
_BOTTOM: Final = 60.0  # where the text ends
_LEADING: Final = 1.7  # from line to line, to the size: Khmer and Burmese letters stand on two storeys
_DEPTH: Final = 1.15  # of the first baseline below the top, to the size
_GAP: Final = 8.0  # between columns
_ROW_LINES: Final = 20  # fit on a page below the tallest letterhead
_SMALL: Final = 9.0
_AROUND: Final = 6.0  # above and below a picture, together
_ARTIFACT: Final = "/Artifact<</Type/Pagination>>BDC\n"


class Column(Struct, frozen=True, kw_only=True):
    head: str
    width: float  # points, with the gap on its right


class Paper:
    """Writes to `stream`, which need not be seekable. `made_at` is noted in the file."""

    def __init__(self, stream: IO[bytes], typesetter: Typesetter, sheet: Sheet, *, made_at: datetime) -> None:
        self._file = PdfFile(stream)
        self._typesetter = typesetter
        self._sheet = sheet
        self._made_at = made_at
        self.tags = Tags(self._file)
        self._tree = self._file.number()
        self._resources = self._file.number()
        self._total = self._file.number()
        self._pages: list[int] = []
        self._names: dict[FontFile, str] = {}
        self._images: list[int] = []
        self._content: list[str] = []
        self._head: tuple[str, Sequence[Column]] | None = None
        self._y = 0.0
        self.tags.begin("Document")
        self._begin_page()

    @property
    def pages(self) -> int:
        return len(self._pages)

    def text(self, text: str, *, name: str, size: float, after: float = 6.0, indent: float = 0.0) -> None:
        """A paragraph or a heading (`name` is P, H1, H2 ...), over as many pages as it takes; `indent` is points."""
        self.tags.begin(name)
        for line in self._lines(text, size, TEXT_WIDTH - indent):
            self.make_room(size * _LEADING)
            self._content.append(self.tags.mark(self._pages[-1]))
            self._draw(line, PAGE_MARGIN + indent, size)
            self._content.append("EMC\n")
            self._y -= size * _LEADING
        self.tags.end()
        self._y -= after

    @contextmanager
    def beside(self, picture: bytes, alternative: str, *, size: tuple[float, float]) -> Iterator[None]:
        """A small picture on the left, of at most this width and height, and to its right what is written meanwhile."""
        self.make_room(size[1] + _AROUND)
        placed = write_image(self._file, picture, width=size[0], height=size[1])
        self._images.append(placed.number)
        self.tags.begin("Figure", f"/Alt {text_string(alternative)}")
        self._content.append(self.tags.mark(self._pages[-1]))
        bottom = self._y - _AROUND / 2 - placed.height
        matrix = f"{placed.width:.2f} 0 0 {placed.height:.2f} {PAGE_MARGIN:g} {bottom:.2f}"
        self._content.append(f"q {matrix} cm /I{len(self._images)} Do Q\nEMC\n")
        self.tags.end()
        pages = self.pages
        yield
        if self.pages == pages:  # else the text went on below it, on a page where the picture is not
            self._y = min(self._y, bottom - _AROUND / 2)

    def space(self, height: float) -> None:
        """As much paper left free, unless the page ends before."""
        self._y -= height

    def new_page(self) -> None:
        self._end_page()
        self._begin_page()

    @contextmanager
    def table(self, caption: str, columns: Sequence[Column]) -> Iterator[None]:
        """Rows under a heading and the columns' heads, which come again on each page."""
        size = 11.0
        self.make_room(size * _LEADING + 4 * _SMALL * _LEADING)
        if caption:
            self.text(caption, name="H3", size=size, after=0)
        self.tags.begin("Table")
        self.tags.begin("THead")
        self.row(_heads(columns), columns, name="TH")
        self.tags.end()
        self.tags.begin("TBody")
        self._head = (caption, columns)
        yield
        self._head = None
        self.tags.end()
        self.tags.end()
        self._y -= 8

    def row(self, cells: Sequence[str], columns: Sequence[Column], *, name: str = "TD") -> None:
        """One row, whole on one page, in as many lines as it takes; what is longer goes on in another row."""
        set_cells = self._set(cells, columns)
        for begin in range(0, max(map(len, set_cells)), _ROW_LINES):
            self._row([cell[begin : begin + _ROW_LINES] for cell in set_cells], columns, name)

    def _row(self, cells: Sequence[Sequence[Line]], columns: Sequence[Column], name: str) -> None:
        height = max(map(len, cells)) * _SMALL * _LEADING
        self.make_room(height)
        self.tags.begin("TR")
        x = PAGE_MARGIN
        for column, cell in zip(columns, cells, strict=True):
            self.tags.begin(name, "/A<</O/Table/Scope/Column>>" if name == "TH" else "")
            self._content.append(self.tags.mark(self._pages[-1]))
            self._draw_lines(cell, x)
            self._content.append("EMC\n")
            self.tags.end()
            x += column.width
        self.tags.end()
        self._y -= height
        self._rule()

    def finish(self) -> None:
        """Raises UnprintableText; what was written is then of no use."""
        self._end_page()
        self.tags.end()
        self._write_total()
        missing = self._typesetter.fonts.unprintable
        if missing:
            raise UnprintableText(tuple(sorted(missing)))
        self._write_fonts()
        self.tags.finish()
        self._file.add(
            self._tree,
            f"<</Type/Pages/Count {self.pages}/Kids[{references(self._pages)}]/MediaBox[0 0 {WIDTH:g} {HEIGHT:g}]"
            f"/Resources {self._resources} 0 R>>",
        )
        self._write_catalog()

    # Pages

    def _begin_page(self) -> None:
        self._pages.append(self._file.number())
        self._content = []
        self._y = HEIGHT - self._sheet.top

    def _end_page(self) -> None:
        line = self._typesetter.shape_once(self._sheet.page_words.partition(TOTAL)[0].replace(NUMBER, str(self.pages)))
        self._content.append(_ARTIFACT)
        self._content.append(operators(line, x=PAGE_MARGIN, y=_FOOT, size=_SMALL, names=self._named(line)))
        x = PAGE_MARGIN + line.width * _SMALL / UNITS
        self._content.append(f"q 1 0 0 1 {x:.2f} {_FOOT:g} cm /Total Do Q\nEMC\n")
        page, content = self._pages[-1], self._file.number()
        self._file.add_stream(content, "", "".join(self._content).encode("ascii"))
        key = self.tags.end_page()
        self._file.add(
            page, f"<</Type/Page/Parent {self._tree} 0 R/Contents {content} 0 R/StructParents {key}/Tabs/S>>"
        )

    def make_room(self, height: float) -> None:
        """What is as high as this comes whole on this page or on the next."""
        if self._y - height >= _BOTTOM or self._y == HEIGHT - self._sheet.top:
            return
        self.new_page()
        if self._head is not None:
            self.tags.end()
            self.tags.begin("TBody")  # one a page, so that no more than a page's rows are kept
            self._repeat_head(*self._head)

    def _repeat_head(self, caption: str, columns: Sequence[Column]) -> None:
        """For the eye: a reading voice goes on with the table."""
        self._content.append(_ARTIFACT)
        for line in self._lines(caption, _SMALL, TEXT_WIDTH) if caption else ():
            self._draw(line, PAGE_MARGIN, _SMALL)
            self._y -= _SMALL * _LEADING
        cells = self._set(_heads(columns), columns)
        x = PAGE_MARGIN
        for column, cell in zip(columns, cells, strict=True):
            self._draw_lines(cell, x)
            x += column.width
        self._content.append("EMC\n")
        self._y -= max(map(len, cells)) * _SMALL * _LEADING
        self._rule()

    # Lines

    def _set(self, cells: Sequence[str], columns: Sequence[Column]) -> list[list[Line]]:
        pairs = zip(cells, columns, strict=True)
        return [list(self._lines(cell, _SMALL, column.width - _GAP)) for cell, column in pairs]

    def _lines(self, text: str, size: float, width: float) -> Iterator[Line]:
        return self._typesetter.lines(text, width * UNITS / size)

    def _draw_lines(self, lines: Sequence[Line], x: float) -> None:
        top = self._y
        for line in lines:
            self._draw(line, x, _SMALL)
            self._y -= _SMALL * _LEADING
        self._y = top

    def _draw(self, line: Line, x: float, size: float) -> None:
        y = self._y - size * _DEPTH
        self._content.append(operators(line, x=x, y=y, size=size, names=self._named(line)))

    def _named(self, line: Line) -> dict[FontFile, str]:
        for run in line.runs:
            self._names.setdefault(run.font, f"F{len(self._names) + 1}")
        return self._names

    def _rule(self) -> None:
        y = self._y + 0.2 * _SMALL
        right = WIDTH - PAGE_MARGIN
        self._content.append(f"{_ARTIFACT}0.3 w 0.7 G {PAGE_MARGIN:g} {y:.2f} m {right:g} {y:.2f} l S\nEMC\n")

    # The end of the file

    def _write_total(self) -> None:
        line = self._typesetter.shape(str(self.pages) + self._sheet.page_words.partition(TOTAL)[2])
        drawn = operators(line, x=0, y=0, size=_SMALL, names=self._named(line))
        box = f"/Type/XObject/Subtype/Form/BBox[0 -20 {TEXT_WIDTH:g} 40]/Resources {self._resources} 0 R"
        self._file.add_stream(self._total, box, drawn.encode("ascii"))

    def _write_fonts(self) -> None:
        entries = []
        for font, name in self._names.items():
            number = self._file.number()
            font.embed(self._file, number)
            entries.append(f"/{name} {number} 0 R")
        images = "".join(f"/I{place} {number} 0 R" for place, number in enumerate(self._images, start=1))
        drawn = f"/Total {self._total} 0 R{images}"
        self._file.add(self._resources, f"<</Font<<{''.join(entries)}>>/XObject<<{drawn}>>>>")

    def _write_catalog(self) -> None:
        root, info = self._file.number(), self._file.number()
        self._file.add(
            root,
            f"<</Type/Catalog/Pages {self._tree} 0 R/Lang {text_string(self._sheet.language)}/MarkInfo<</Marked true>>"
            f"/StructTreeRoot {self.tags.root} 0 R/ViewerPreferences<</DisplayDocTitle true>>>>",
        )
        made = self._made_at.strftime("D:%Y%m%d%H%M%SZ")
        title, author = text_string(self._sheet.title), text_string(self._sheet.author)
        self._file.add(info, f"<</Title {title}/Author {author}/CreationDate({made})>>")
        self._file.finish(root=root, info=info)


def _heads(columns: Sequence[Column]) -> list[str]:
    return [column.head for column in columns]
