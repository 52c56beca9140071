"""A paper takes its place when it is whole, or not at all."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from icu4py.breakers import CharacterBreaker

from actionmail.gateways.documents.fonts import Fonts, is_space
from actionmail.gateways.documents.paper import Paper
from actionmail.gateways.documents.typesetting import Typesetter
from actionmail.rules.actions.papers import Sheet
from actionmail.settings import bundled


def unprintable_in(texts: Iterable[str], language: str) -> Iterator[tuple[str, ...]]:
    """For each text the characters that no font at hand has, each once, by code point: to find who wrote them."""
    fonts = Fonts(bundled("data") / "fonts", language)
    for text in texts:
        fonts.unprintable.clear()
        for line in unicodedata.normalize("NFC", text).replace("\t", " ").splitlines():
            for cluster in CharacterBreaker(line, language):
                if not is_space(cluster):
                    fonts.for_cluster(cluster)
        yield tuple(sorted(fonts.unprintable))


@contextmanager
def printing(path: Path, sheet: Sheet, *, made_at: datetime) -> Iterator[Paper]:
    """A paper that lies beside `path` until it is finished; only the owner may read it, since names stand in it."""
    fonts = Fonts(bundled("data") / "fonts", sheet.language)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            yield Paper(stream, Typesetter(fonts, sheet.language), sheet, made_at=made_at)
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
