"""A paper takes its place when it is whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from actionmail.gateways.documents.fonts import Fonts
from actionmail.gateways.documents.paper import Paper
from actionmail.gateways.documents.typesetting import Typesetter
from actionmail.rules.actions.papers import Sheet
from actionmail.settings import bundled


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
