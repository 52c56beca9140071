"""Files with people in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """One that lies beside its place until it is whole; only the owner may read it, since names stand in it."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        unfinished = Path(stream.name)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
