"""A clock for tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.samples import NOW


class Clock:
    """An hour that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
