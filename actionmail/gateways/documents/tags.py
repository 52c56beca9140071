"""What a paper's parts are, for whoever has it read aloud: the structure tree of ISO 32000-1, 14.7.

A part is written as soon as it ends, and only those that are open are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from actionmail.gateways.documents.pdf_file import PdfFile, references


@dataclass
class Part:
    """A paragraph, a table, a cell. `number` is its object's."""

    number: int
    name: str
    parent: int
    extra: str
    kids: list[str] = field(default_factory=list)


class Tags:
    def __init__(self, file: PdfFile) -> None:
        self._file = file
        self.root = file.number()
        self._open: list[Part] = []
        self._top = ""
        self._by_page: list[int] = []  # for each page, the object that lists the parts of its marks
        self._marks: list[int] = []

    def begin(self, name: str, extra: str = "") -> None:
        """A part within the one that is open. `extra` are further entries, as they stand in the file."""
        parent = self._open[-1].number if self._open else self.root
        part = Part(self._file.number(), name, parent, extra)
        if self._open:
            self._open[-1].kids.append(f"{part.number} 0 R")
        else:
            self._top = f"{part.number} 0 R"
        self._open.append(part)

    def end(self) -> None:
        part = self._open.pop()
        kids = " ".join(part.kids)
        self._file.add(part.number, f"<</S/{part.name}/P {part.parent} 0 R{part.extra}/K[{kids}]>>")

    def is_within(self, name: str) -> bool:
        """Whether the part that is open is called so."""
        return bool(self._open) and self._open[-1].name == name

    def mark(self, page: int) -> str:
        """How a piece of the page's content begins that belongs to the open part; it ends with EMC."""
        part = self._open[-1]
        index = len(self._marks)
        part.kids.append(f"<</Type/MCR/Pg {page} 0 R/MCID {index}>>")
        self._marks.append(part.number)
        return f"/{part.name}<</MCID {index}>>BDC\n"

    def end_page(self) -> int:
        """The page is full: its key in the tree of parents."""
        number = self._file.number()
        self._file.add(number, f"[{references(self._marks)}]")
        self._by_page.append(number)
        self._marks = []
        return len(self._by_page) - 1

    def finish(self) -> None:
        parents = self._file.number()
        rows = " ".join(f"{key} {number} 0 R" for key, number in enumerate(self._by_page))
        self._file.add(parents, f"<</Nums[{rows}]>>")
        following = len(self._by_page)
        self._file.add(
            self.root,
            f"<</Type/StructTreeRoot/K[{self._top}]/ParentTree {parents} 0 R/ParentTreeNextKey {following}>>",
        )
