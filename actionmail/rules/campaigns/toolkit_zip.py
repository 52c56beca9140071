"""A toolkit as one file to take away: its texts, and its pictures, each with its words beside it.

Written piece by piece, so that no more than one picture is in memory; the same toolkit gives the same bytes, whatever
the day, so that a cache can tell it by its hash.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from typing import Final

import regex
from msgspec import Struct

ZIP_TYPE: Final = "application/zip"
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the first that the format knows
_LONGEST: Final = 60  # characters of a name, its ending and number left out
# Letters with their marks and digits of any script; all else might mean something to somebody's system.
_NAMELESS: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_RESERVED: Final = frozenset(
    {"aux", "con", "nul", "prn", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
)


class ToolkitText(Struct, frozen=True, kw_only=True):
    """One text, such as a post for a network or a sample op-ed; `name` becomes the file's."""

    name: str
    text: str


class ToolkitPicture(Struct, frozen=True, kw_only=True):
    """One picture: `read` gives its bytes once they are needed; `ending` as in `pictures.ENDINGS`."""

    name: str
    ending: str
    alternative: str
    read: Callable[[], bytes]


def toolkit_zip(texts: Iterable[ToolkitText], pictures: Iterable[ToolkitPicture]) -> Iterator[bytes]:
    """The pieces of a zip: `texts/NAME.txt`, `pictures/NAME.jpg` and `pictures/NAME.alt.txt`, UTF-8, CRLF."""
    to = _Pieces()
    names = _Names()
    with zipfile.ZipFile(to, "w") as archive:
        for text in texts:
            _put(archive, names.new("texts/", text.name, ".txt"), _lines(text.text))
            yield to.taken()
        for picture in pictures:
            name = names.new("pictures/", picture.name, f".{picture.ending}")
            _put(archive, name, picture.read(), is_packed=True)
            _put(archive, f"{name.rpartition('.')[0]}.alt.txt", _lines(picture.alternative))
            yield to.taken()
    yield to.taken()


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, is_packed: bool = False) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.create_system = 3  # whatever system writes it
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _lines(text: str) -> bytes:
    """With the line ends that every editor reads."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{lines}\n".replace("\n", "\r\n").encode("utf-8", "replace")


class _Names:
    """Names of files that any system can unpack, each once whatever its case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, folder: str, name: str, ending: str) -> str:
        stem = _NAMELESS.sub("-", unicodedata.normalize("NFC", name)).strip("-")[:_LONGEST].strip("-")
        if not stem or stem.casefold() in _RESERVED:
            stem = f"{stem}-file".strip("-")
        number = 1
        plain = stem
        while f"{folder}{stem}".casefold() in self._taken:
            number += 1
            stem = f"{plain}-{number}"
        self._taken.add(f"{folder}{stem}".casefold())
        return f"{folder}{stem}{ending}"


class _Pieces(RawIOBase):
    """What was written and not yet taken; it cannot be gone back in, which zipfile finds out and does without."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, piece: object, /) -> int:
        content = bytes(piece)  # type: ignore[call-overload]
        self._written.append(content)
        return len(content)

    def taken(self) -> bytes:
        pieces, self._written = self._written, []
        return b"".join(pieces)
