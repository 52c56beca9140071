"""A file of others or of ours, read whole where it is not too large."""

from __future__ import annotations

from pathlib import Path

from actionmail.rules.roster.seats import DatasetError


def read_file(path: Path, limit: int) -> bytes:
    """One file, whole. Raises DatasetError if it is larger than `limit` or cannot be read."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(limit + 1)
    except OSError as error:
        raise DatasetError(path.name, "cannot_be_read", why=error.strerror) from None
    if len(raw) > limit:
        raise DatasetError(path.name, "not_this_large", megabytes=limit // 1024 // 1024)
    return raw
