"""Files of the data folder that take their places with a commit: all together, or none; one change at a time.

The rows of some datasets are in files and not in the database, so that a web process needs no database to know a
district; of others the file is a copy. Either way file and database must say the same, so whoever changes both holds
the folder's lock from before the transaction begins until the files stand in their places.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from actionmail.rules.roster.seats import DatasetError

LOCK_FILE = ".datasets.lock"
PATIENCE_SECONDS = 600.0  # an import of everything takes much less
_PAUSE_SECONDS = 0.05

Put = Callable[[Path, bytes | None], None]


@contextmanager
def files_in_place(folder: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Put]:
    """Files that take their places together when the block ends well (None: the file goes); else nothing changes.

    Waits, for `patience_seconds`, until nobody else is changing the files of `folder`; begin the transaction inside,
    and commit it there. Each file is written beside its place at once, so that a full disk is found out while
    everything can still be undone. Raises DatasetError.
    """
    staged: list[tuple[Path | None, Path]] = []

    def put(target: Path, content: bytes | None) -> None:
        staged.append((None if content is None else stage(target, content), target))

    with _locked(folder, patience_seconds):
        try:
            yield put
            for temporary, target in staged:
                if temporary:
                    temporary.replace(target)
                else:
                    target.unlink(missing_ok=True)
        finally:
            for temporary, _ in staged:
                if temporary:
                    temporary.unlink(missing_ok=True)


@contextmanager
def files_at_rest(folder: Path) -> Iterator[None]:
    """While nobody changes the files of `folder`. One where nothing may be written is taken to be at rest."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        yield
        return
    with _held(descriptor, folder, PATIENCE_SECONDS):
        yield


def stage(target: Path, content: bytes) -> Path:
    """The content in a file beside the target, ready to take its place. Raises DatasetError."""
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
    except OSError as error:
        raise DatasetError(target.name, "cannot_be_written", why=error.strerror) from None
    return Path(name)


@contextmanager
def _locked(folder: Path, patience_seconds: float) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DatasetError(folder.name, "cannot_be_written", why=error.strerror) from None
    with _held(descriptor, folder, patience_seconds):
        yield


@contextmanager
def _held(descriptor: int, folder: Path, patience_seconds: float) -> Iterator[None]:
    """The lock, which the system takes back from a process that dies. Raises DatasetError where it is not to be had."""
    try:
        tries = max(1, round(patience_seconds / _PAUSE_SECONDS))
        while not _taken(descriptor):
            tries -= 1
            if tries <= 0:
                raise DatasetError(folder.name, "folder_busy")
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
