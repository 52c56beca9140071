"""The moving windows of the limits on posting, in this process's memory.

The library's own store starts a thread, at most every hundredth of a second, to look for what is over, which costs a
request more than the limit itself. This one looks when it is asked, once in a while.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import Final

from limits.storage import MovingWindowSupport, Storage

_LOOK_EVERY: Final = 60.0  # seconds


class _Window:
    """When somebody was let through, oldest first, for as long as `expiry` seconds."""

    __slots__ = ("expiry", "times")

    def __init__(self) -> None:
        self.expiry = 0.0
        self.times: deque[float] = deque()

    def forget_before(self, moment: float) -> None:
        while self.times and self.times[0] < moment:
            self.times.popleft()


class Windows(Storage, MovingWindowSupport):
    """No more windows than there were senders within their limits' time, each with no more entries than its limit."""

    STORAGE_SCHEME: Final = ["windows"]  # type: ignore[misc]  # the library wants an address of its stores

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._windows: dict[str, _Window] = {}
        self._looked_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Let `amount` through, unless that were more than `limit` within `expiry` seconds."""
        now = time.time()
        with self._lock:
            if now - self._looked_at >= _LOOK_EVERY:
                self._forget(now)
            window = self._windows.setdefault(key, _Window())
            window.expiry = expiry
            window.forget_before(now - expiry)
            if len(window.times) + amount > limit:
                return False
            window.times.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest within the window was let through, or now, and how many there are."""
        now = time.time()
        with self._lock:
            window = self._windows.get(key)
            times = [moment for moment in window.times if moment > now - expiry] if window else []
        return (times[0], len(times)) if times else (now, 0)

    def _forget(self, now: float) -> None:
        self._looked_at = now
        for key, window in list(self._windows.items()):
            window.forget_before(now - window.expiry)
            if not window.times:
                del self._windows[key]

    def clear(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> int:
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def check(self) -> bool:
        return True

    # Counters, which other strategies count with.

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError
