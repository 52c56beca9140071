"""The windows of limits let through what they should, and forget what is over."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from actionmail.web.platform.windows import Windows


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000.0
        monkeypatch.setattr(time, "time", lambda: self.now)


def test_within_any_twenty_seconds_no_more_than_eight_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, dice, windows = Clock(monkeypatch), random.Random(969), Windows()
    let_through: dict[str, list[float]] = {"a": [], "b": []}
    for _ in range(3000):
        clock.now += dice.choice((0, 0, 0.53, 1.07, 7.01))
        key = dice.choice("ab")
        before = [moment for moment in let_through[key] if moment >= clock.now - 20]
        assert windows.has_room(key, 8) is (len(before) < 8)
        assert windows.take(key, 8, 20) is (len(before) < 8)
        if len(before) < 8:
            let_through[key].append(clock.now)


def test_what_is_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, windows = Clock(monkeypatch), Windows()
    for number in range(1000):
        windows.take(f"sender {number}", 60, 60)
    clock.now += 121
    windows.take("another", 60, 60)
    assert len(windows) == 1


def test_of_many_at_once_no_more_are_let_through() -> None:
    windows = Windows()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: windows.take("one", 50, 3600), range(400)))
    assert sum(answers) == 50
