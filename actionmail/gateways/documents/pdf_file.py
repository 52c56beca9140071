"""A PDF file that is written object by object, so that none of it has to be kept: ISO 32000-1, 7.5.

What stays in memory is where each object lies, 11 bytes an object. Small ones are packed into object streams (7.5.7).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from typing import IO, Final

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_A_PACK: Final = 200  # small objects in one stream
_FREE, _DIRECT, _PACKED = 0, 1, 2  # kinds of entries of a cross-reference stream


class PdfFile:
    """Objects are numbered from 1. A number is given first and written once, later, in any order."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0
        self._kinds = array("B", [_FREE])
        self._places = array("Q", [0])  # offset in the file, or number of the object stream
        self._indexes = array("H", [65535])  # place in the object stream
        self._pack: list[tuple[int, bytes]] = []
        self._put(_HEADER)

    def number(self) -> int:
        """The number of an object that will be written."""
        self._kinds.append(_FREE)
        self._places.append(0)
        self._indexes.append(0)
        return len(self._kinds) - 1

    def add(self, number: int, body: str) -> None:
        """A small object: a dictionary or an array, in ASCII."""
        self._pack.append((number, body.encode("ascii")))
        if len(self._pack) == _A_PACK:
            self._write_pack()

    def add_stream(self, number: int, dictionary: str, data: bytes) -> None:
        """`dictionary` is what it holds besides the length and the filter."""
        self._put_stream(number, dictionary, zlib.compress(data))

    def _put_stream(self, number: int, dictionary: str, packed: bytes) -> None:
        head = f"{number} 0 obj\n<<{dictionary}/Filter/FlateDecode/Length {len(packed)}>>\nstream\n"
        self._note(number, _DIRECT, self._at, 0)
        self._put(head.encode("ascii"))
        self._put(packed)
        self._put(b"\nendstream\nendobj\n")

    def finish(self, *, root: int, info: int) -> None:
        """Raises ValueError where a number was given out and nothing written for it."""
        self._write_pack()
        number = self.number()
        begins = self._at
        self._note(number, _DIRECT, begins, 0)
        if self._kinds.count(_FREE) > 1:
            raise ValueError(self._kinds.index(_FREE, 1))
        size = len(self._kinds)
        dictionary = f"/Type/XRef/Size {size}/W[1 5 2]/Root {root} 0 R/Info {info} 0 R"
        self._put_stream(number, dictionary, self._packed_references())
        self._put(f"startxref\n{begins}\n%%EOF\n".encode("ascii"))

    def _packed_references(self) -> bytes:
        packer = zlib.compressobj()
        packed = bytearray()
        for kind, place, index in zip(self._kinds, self._places, self._indexes, strict=True):
            packed += packer.compress(kind.to_bytes(1) + place.to_bytes(5) + index.to_bytes(2))
        return bytes(packed + packer.flush())

    def _write_pack(self) -> None:
        if not self._pack:
            return
        number = self.number()
        heads, bodies = bytearray(), bytearray()
        for index, (inner, body) in enumerate(self._pack):
            heads += f"{inner} {len(bodies)} ".encode("ascii")
            bodies += body + b"\n"
            self._note(inner, _PACKED, number, index)
        dictionary = f"/Type/ObjStm/N {len(self._pack)}/First {len(heads)}"
        self._pack = []
        self.add_stream(number, dictionary, bytes(heads + bodies))

    def _note(self, number: int, kind: int, place: int, index: int) -> None:
        self._kinds[number], self._places[number], self._indexes[number] = kind, place, index

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._at += len(data)


def references(numbers: Iterable[int]) -> str:
    """Objects, as they are named within others."""
    return " ".join(f"{number} 0 R" for number in numbers)


def text_string(text: str) -> str:
    """A text outside the pages: a title, what is read instead of glyphs."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"
