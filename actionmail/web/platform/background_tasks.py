"""Small work that no page waits for, on one thread of this process. What is undone when the process ends is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from logging import Logger
from threading import BoundedSemaphore

_AT_MOST = 100  # waiting; what comes on top is dropped


class BackgroundTasks:
    """`do(task)` returns at once. The thread begins with the first task, so after the server's fork."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._room = BoundedSemaphore(_AT_MOST)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="later")

    def do(self, task: Callable[[], None]) -> None:
        if not self._room.acquire(blocking=False):
            self._logger.error("Mail to the staff was dropped: %d wait already", _AT_MOST)
            return
        self._pool.submit(self._run, task)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:
            # The kind only: an error's text may name an address.
            self._logger.error("Mail to the staff was not sent: %s", type(error).__name__)
        finally:
            self._room.release()
