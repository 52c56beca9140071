"""The windows of the limits on posting let through what the library's own store would, and forget what is over."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits.storage import MemoryStorage

from actionmail.web.platform.windows import Windows


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000.0
        monkeypatch.setattr(time, "time", lambda: self.now)


def test_they_let_through_what_the_library_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, dice = Clock(monkeypatch), random.Random(969)
    ours, theirs = Windows(), MemoryStorage()
    for _ in range(3000):
        # No sum of them is a whole window: there the library's answer hangs on whether its timer ran, in real time.
        clock.now += dice.choice((0, 0, 0.53, 1.07, 7.01))
        key, amount = dice.choice("ab"), dice.choice((1, 1, 1, 2, 9))
        assert ours.acquire_entry(key, 8, 20, amount) is theirs.acquire_entry(key, 8, 20, amount)
        assert ours.get_moving_window(key, 8, 20)[1] == theirs.get_moving_window(key, 8, 20)[1]


def test_what_is_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, windows = Clock(monkeypatch), Windows()
    for number in range(1000):
        windows.acquire_entry(f"sender {number}", 60, 60)
    clock.now += 121
    windows.acquire_entry("another", 60, 60)
    assert windows.reset() == 1


def test_of_many_at_once_no_more_are_let_through() -> None:
    windows = Windows()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: windows.acquire_entry("one", 50, 3600), range(400)))
    assert sum(answers) == 50
