"""A command of ours that a worker starts beside itself, and that ends with it at the latest.

A process of its own: letters go on meanwhile, and the memory that it takes is given back.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

Start = Callable[[], "subprocess.Popen[bytes]"]


class OwnProcess:
    """At most one of it runs."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def begin(self) -> None:
        """Start it."""
        self._running = self._start()

    def end(self, *, wait: bool) -> None:
        """Wait for what is running, or end it."""
        if self._running is None:
            return
        if not wait:
            self._running.terminate()
        self._running.wait()


def our_command(*arguments: str) -> Start:
    """What starts `actionmail` with these arguments."""
    command = [sys.executable, "-m", "actionmail.cli", *arguments]
    return lambda: subprocess.Popen(  # noqa: S603  # our own command
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )
