"""A PDF file that is written object by object, so that none of it has to be kept: ISO 32000-1, 7.5.

Small objects are packed into object streams (7.5.7). Where each object lies is kept in a file, too.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO, Final

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_A_PACK: Final = 200  # small objects in one stream
_STREAM_END: Final = b"\nendstream\nendobj\n"
_ENTRY: Final = 8  # bytes of a reference: kind, place, index
_A_BLOCK: Final = 4_096  # references that leave memory together
_A_PIECE: Final = 65_536  # bytes copied at once
_FREE, _DIRECT, _PACKED = 0, 1, 2  # kinds of entries of a cross-reference stream


class _References:
    """Where each object lies, 8 bytes an object as a cross-reference stream has them (7.5.8).

    A block of them leaves memory for a file without a name once all of its objects are written; few blocks wait, since
    few objects are numbered long before they are.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  # it is gone with this object
        self._blocks: dict[int, bytearray] = {}
        self._missing: dict[int, int] = {}
        self.count = 0  # numbers given, 0 among them

    def give(self) -> int:
        number = self.count
        block = number // _A_BLOCK
        if block not in self._blocks:
            self._blocks[block] = bytearray(_A_BLOCK * _ENTRY)
            self._missing[block] = _A_BLOCK
        self.count += 1
        return number

    def note(self, number: int, kind: int, place: int, index: int) -> None:
        block, within = divmod(number, _A_BLOCK)
        entry = kind.to_bytes(1) + place.to_bytes(5) + index.to_bytes(2)
        self._blocks[block][within * _ENTRY : (within + 1) * _ENTRY] = entry
        self._missing[block] -= 1
        if not self._missing[block]:
            self._file.seek(block * _A_BLOCK * _ENTRY)
            self._file.write(self._blocks.pop(block))
            del self._missing[block]

    def blocks(self) -> Iterator[bytes]:
        """All of them in order, once every object is written. Raises ValueError where one is not."""
        for block in range(-(-self.count // _A_BLOCK)):
            size = min(_A_BLOCK, self.count - block * _A_BLOCK)
            if block not in self._blocks:
                self._file.seek(block * _A_BLOCK * _ENTRY)
                yield self._file.read(size * _ENTRY)
                continue
            if self._missing[block] > _A_BLOCK - size:
                raise ValueError(block * _A_BLOCK)
            yield bytes(self._blocks[block][: size * _ENTRY])


class PdfFile:
    """Objects are numbered from 1. A number is given first and written once, later, in any order."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0
        self._references = _References()
        self._references.note(self._references.give(), _FREE, 0, 65535)
        self._pack: list[tuple[int, bytes]] = []
        self._put(_HEADER)

    def number(self) -> int:
        """The number of an object that will be written."""
        return self._references.give()

    def add(self, number: int, body: str) -> None:
        """A small object: a dictionary or an array, in ASCII."""
        self._pack.append((number, body.encode("ascii")))
        if len(self._pack) == _A_PACK:
            self._write_pack()

    def add_stream(self, number: int, dictionary: str, data: bytes) -> None:
        """`dictionary` is what it holds besides the length and the filter."""
        self._put_stream(number, dictionary, zlib.compress(data))

    def _put_stream(self, number: int, dictionary: str, packed: bytes) -> None:
        self._references.note(number, _DIRECT, self._at, 0)
        self._put(_stream_head(number, dictionary, len(packed)))
        self._put(packed)
        self._put(_STREAM_END)

    def finish(self, *, root: int, info: int) -> None:
        """Raises ValueError where a number was given out and nothing written for it."""
        self._write_pack()
        number = self.number()
        begins = self._at
        self._references.note(number, _DIRECT, begins, 0)
        dictionary = f"/Type/XRef/Size {self._references.count}/W[1 5 2]/Root {root} 0 R/Info {info} 0 R"
        packer = zlib.compressobj()
        with TemporaryFile() as packed:  # its length stands before it
            for block in self._references.blocks():
                packed.write(packer.compress(block))
            packed.write(packer.flush())
            self._put(_stream_head(number, dictionary, packed.tell()))
            packed.seek(0)
            while piece := packed.read(_A_PIECE):
                self._put(piece)
        self._put(_STREAM_END)
        self._put(f"startxref\n{begins}\n%%EOF\n".encode("ascii"))

    def _write_pack(self) -> None:
        if not self._pack:
            return
        number = self.number()
        heads, bodies = bytearray(), bytearray()
        for index, (inner, body) in enumerate(self._pack):
            heads += f"{inner} {len(bodies)} ".encode("ascii")
            bodies += body + b"\n"
            self._references.note(inner, _PACKED, number, index)
        dictionary = f"/Type/ObjStm/N {len(self._pack)}/First {len(heads)}"
        self._pack = []
        self.add_stream(number, dictionary, bytes(heads + bodies))

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._at += len(data)


def _stream_head(number: int, dictionary: str, length: int) -> bytes:
    return f"{number} 0 obj\n<<{dictionary}/Filter/FlateDecode/Length {length}>>\nstream\n".encode("ascii")


def references(numbers: Iterable[int]) -> str:
    """Objects, as they are named within others."""
    return " ".join(f"{number} 0 R" for number in numbers)


def text_string(text: str) -> str:
    """A text outside the pages: a title, what is read instead of glyphs."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"
