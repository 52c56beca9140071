"""The moving windows of limits, in this process's memory: when who was let through."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable
from threading import Lock
from typing import Final

_LOOK_EVERY: Final = 60.0  # seconds


class _Window:
    """When somebody was let through, oldest first, for as long as `seconds`."""

    __slots__ = ("seconds", "times")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.times: deque[float] = deque()

    def forget_what_is_over(self, now: float) -> None:
        while self.times and self.times[0] < now - self.seconds:
            self.times.popleft()


class Windows:
    """No more windows than there were senders within their limits' time, each with no more entries than its limit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[Hashable, _Window] = {}
        self._looked_at = 0.0

    def __len__(self) -> int:
        return len(self._windows)

    def take(self, key: Hashable, most: int, seconds: float) -> bool:
        """Let one more through, unless that were more than `most` within `seconds`."""
        now = time.time()
        with self._lock:
            self._look_for_what_is_over(now)
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = _Window(seconds)
            window.forget_what_is_over(now)
            if len(window.times) >= most:
                return False
            window.times.append(now)
            return True

    def has_room(self, key: Hashable, most: int) -> bool:
        """Whether one more would be let through; nobody is."""
        now = time.time()
        with self._lock:
            window = self._windows.get(key)
            if window is None:
                return True
            window.forget_what_is_over(now)
            return len(window.times) < most

    def _look_for_what_is_over(self, now: float) -> None:
        """Once in a while."""
        if now - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = now
        for key, window in list(self._windows.items()):
            window.forget_what_is_over(now)
            if not window.times:
                del self._windows[key]
