"""What is printed of a petition or a statement: the shapes that flows fill and the printer reads.

Every text is as it will be read: dates and labels in the paper's language are written by the doors. What is not here is
not printed: no e-mail address, no street, no telephone number has a place to stand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

NUMBER: Final = "{number}"
TOTAL: Final = "{total}"
MOST_MARGIN: Final = 288.0  # points: four inches of letterhead
PAGE_MARGIN: Final = 54.0


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What all papers share. `language` is a BCP 47 tag, `page_words` as "Page {number} of {total}".

    `top` is the space above the text on every page, in points (1/72 inch): a letterhead may need more. Raises
    ValueError where `page_words` has not both blanks, in this order, or `top` lies outside 54 to 288.
    """

    language: str
    title: str
    author: str
    page_words: str
    top: float = PAGE_MARGIN

    def __post_init__(self) -> None:
        before, blank, _ = self.page_words.partition(TOTAL)
        if not blank or NUMBER not in before:
            raise ValueError(self.page_words)
        if not PAGE_MARGIN <= self.top <= MOST_MARGIN:
            raise ValueError(self.top)


class PetitionWords(Struct, frozen=True, kw_only=True):
    """The labels, in the paper's language."""

    addressee: str
    organisation: str
    dated: str
    number: str
    signatures: str  # heading of the part, as are the next two
    comments: str
    text: str
    name: str  # head of a column, as are the next three
    place: str
    state: str
    signed_on: str
    nobody: str  # instead of the table where nobody has signed


class PetitionCover(Struct, frozen=True, kw_only=True):
    """`addressee` is lines: name, title, address. `number` is how many signatures follow, `number_text` as read."""

    addressee: str
    title: str
    text: str
    organisation: str
    dated: str
    number: int
    number_text: str


class PrintedSignature(Struct, frozen=True, kw_only=True):
    """`place` is the city or the first three digits of the ZIP code; `district` a label, "" where there is none."""

    name: str
    place: str
    state: str
    district: str
    signed_on: str


class PrintedComment(Struct, frozen=True, kw_only=True):
    """What a signer wrote for everybody to read. `place` as in the table, "" where it is not shown."""

    name: str
    place: str
    text: str


class PrintedOrganisation(Struct, frozen=True, kw_only=True):
    """A signer of a statement. `place` is city and state, "" where it is not shown; `logo` is a JPEG or PNG of our own
    making, b"" without one, and `logo_alternative` what is read aloud in its place.
    """

    name: str
    place: str
    logo: bytes = b""
    logo_alternative: str = ""


class StatementText(Struct, frozen=True, kw_only=True):
    """`signers` is the heading above the organisations, `nobody` stands instead of them where there are none.

    `has_logos`: any of them has one.
    """

    title: str
    text: str
    dated: str
    signers: str
    nobody: str
    has_logos: bool = False


class ReportTable(Struct, frozen=True, kw_only=True):
    """`widths` are the columns' shares of the paper, 1 in all. A row has as many cells as there are heads."""

    caption: str
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]


class ReportText(Struct, frozen=True, kw_only=True):
    """A report of letters. `lines` say what it is of; `note` says what its numbers cannot tell.

    `quotes` are what supporters wrote, each with where they live, under the heading `quoted`.
    """

    title: str
    lines: Sequence[str]
    tables: Sequence[ReportTable]
    quoted: str
    quotes: Sequence[tuple[str, str]]
    note: str


class PrintReport(Protocol):
    """Writes a report to a file (`gateways.documents.report_pdf`); how many pages. Raises UnprintableText."""

    def __call__(self, path: Path, report: ReportText, *, sheet: Sheet, made_at: datetime) -> int: ...


class Printed(Struct, frozen=True, kw_only=True):
    """What came of it: pages and lines of signers."""

    pages: int
    signers: int


class PrintStatement(Protocol):
    """Writes a statement to a file (`gateways.documents.statement_pdf`). Raises UnprintableText."""

    def __call__(
        self,
        path: Path,
        statement: StatementText,
        organisations: Iterator[PrintedOrganisation],
        *,
        sheet: Sheet,
        made_at: datetime,
    ) -> Printed: ...


class CannotPrint(Exception):
    """A paper that is not made; nothing of it has been left behind."""


class UnprintableText(CannotPrint):
    """No font at hand has these characters: all of the paper's, each once, in the order of their code points."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__("paper.unprintable", characters)
        self.characters = characters


class OutOfOrder(CannotPrint):
    """A district came a second time, after another one."""

    def __init__(self, state: str, district: str) -> None:
        super().__init__("paper.out-of-order", state, district)
        self.state = state
        self.district = district


class NumberDiffers(CannotPrint):
    """The cover tells another number than signatures came."""

    def __init__(self, number: int, came: int) -> None:
        super().__init__("paper.number-differs", number, came)
        self.number = number
        self.came = came
