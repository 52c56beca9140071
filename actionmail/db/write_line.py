"""The line of those who write on SQLite, which itself keeps none.

Whoever finds its lock taken sleeps, asks again up to a tenth of a second later, and may be late every time. So the
threads of a process write one after the other, and of several processes each looks every half a millisecond whether
another one's turn is over. That is a lock of the folder in which the database stands (flock), for which no file has to
be made, and which ends with its process. SQLite's own lock decides all the same.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

PATIENCE_SECONDS: Final = 1.0  # with other processes: who has it for longer does much at once, or hangs
_LOOK_EVERY: Final = 0.0005  # seconds


class Turn(Struct, frozen=True, kw_only=True):
    """Whether nobody else of this process, and of all processes, writes meanwhile."""

    is_of_process: bool
    is_of_all: bool


class WriteLine:
    """Of the threads of this process, each of which waits `patience` seconds at most, and of the processes that write
    to the database in `folder`.
    """

    def __init__(self, folder: Path | None, *, patience: float) -> None:
        self._folder = folder
        self._patience = patience
        self._here = threading.Lock()
        self._opened: tuple[int, int | None] = (0, None)  # by which process, and what

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One's own turn, or none where that takes too long."""
        turn = self.take()
        try:
            yield
        finally:
            self.give_back(turn)

    def take(self) -> Turn:
        """The same for whoever gives it back, which any thread may do."""
        if not self._here.acquire(timeout=self._patience):
            return Turn(is_of_process=False, is_of_all=False)
        try:
            return Turn(is_of_process=True, is_of_all=self._is_first_of_processes())
        except BaseException:
            self._here.release()
            raise

    def give_back(self, turn: Turn) -> None:
        if turn.is_of_all:
            self._lock(fcntl.LOCK_UN)
        if turn.is_of_process:
            self._here.release()

    def _is_first_of_processes(self) -> bool:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    return False
                time.sleep(_LOOK_EVERY)
            except OSError:  # this file system has no such locks
                return False

    def _lock(self, operation: int) -> bool:
        folder = self._open()
        if folder is None:
            return False
        fcntl.flock(folder, operation)
        return True

    def _open(self) -> int | None:
        """The folder, opened by this process itself: what it had from another before a fork is that one's lock."""
        if self._opened[0] != os.getpid():
            self._opened = (os.getpid(), self._open_anew())
        return self._opened[1]

    def _open_anew(self) -> int | None:
        if self._folder is None:
            return None
        try:
            folder = os.open(self._folder, os.O_RDONLY)
        except OSError:
            return None
        weakref.finalize(self, os.close, folder)
        return folder
