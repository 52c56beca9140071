"""The moving windows of the limits on posting, in this process's memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable
from threading import Lock
from typing import Final

_LOOK_EVERY: Final = 60.0  # seconds


class _Window:
    """When somebody was let through, oldest first, for as long as its `seconds`."""

    __slots__ = ("seconds", "times")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.times: deque[float] = deque()

    def forget_before(self, moment: float) -> None:
        while self.times and self.times[0] < moment:
            self.times.popleft()


class Windows:
    """No more windows than there were senders within their limits' time, each with no more entries than its limit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[Hashable, _Window] = {}
        self._looked_at = 0.0

    def __len__(self) -> int:
        return len(self._windows)

    def admit(self, key: Hashable, most: int, seconds: float) -> bool:
        """Let one more through, unless that were more than `most` within so many seconds."""
        now = time.time()
        with self._lock:
            if now - self._looked_at >= _LOOK_EVERY:
                self._forget(now)
            window = self._windows.setdefault(key, _Window())
            window.seconds = seconds
            window.forget_before(now - seconds)
            if len(window.times) >= most:
                return False
            window.times.append(now)
            return True

    def count(self, key: Hashable, seconds: float) -> int:
        """How many were let through within so many seconds."""
        since = time.time() - seconds
        with self._lock:
            window = self._windows.get(key)
            return sum(moment > since for moment in window.times) if window else 0

    def _forget(self, now: float) -> None:
        self._looked_at = now
        for key, window in list(self._windows.items()):
            window.forget_before(now - window.seconds)
            if not window.times:
                del self._windows[key]
