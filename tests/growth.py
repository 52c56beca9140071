"""How the cost of a piece of work grows with its input: what a test may ask of a machine whose speed nobody knows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

LINEAR = 2.8  # twice the input costs at most so many times as much: midway between twice and its square, four times
_ROUNDS_AT_LEAST, _ROUNDS_AT_MOST = 3, 60
_CERTAIN = 10.0  # seconds of the processor: more of them are not a matter of chance
_LONG_ENOUGH = 0.005  # seconds of the processor: enough for its clock to tell

Input = TypeVar("Input")


Clock = Callable[[], float]  # shows seconds


def growth(
    work: Callable[[Input], object],
    small: Input,
    large: Input,
    *,
    enough: float = LINEAR,
    clock: Clock = time.process_time,
) -> float:
    """How many times as much of the processor's time `work(large)` takes as `work(small)`, best of several.

    Each side keeps its best of the rounds, which take turns; there are more of them as long as the answer is over
    `enough`, since a machine that is busy with something else can only make it look worse.
    """
    work(small)  # what is made once, at the first call, belongs to neither
    times = _times_to_measure(work, small, clock)
    best_small = best_large = float("inf")
    for number in range(1, _ROUNDS_AT_MOST + 1):
        best_small = min(best_small, _cost(work, small, times, clock))
        best_large = min(best_large, _cost(work, large, times, clock))
        if number >= _ROUNDS_AT_LEAST and (best_large <= enough * best_small or best_large > _CERTAIN):
            break
    return best_large / best_small


def _times_to_measure(work: Callable[[Input], object], given: Input, clock: Clock) -> int:
    """How often it is to be done in a row, so that the clock can tell."""
    times = 1
    while _cost(work, given, times, clock) < _LONG_ENOUGH:
        times *= 2
    return times


def _cost(work: Callable[[Input], object], given: Input, times: int, clock: Clock) -> float:
    """Without the collector of garbage, whose time is that of everything else that the process holds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        begun = clock()
        for _ in range(times):
            work(given)
        return clock() - begun
    finally:
        if was_on:
            gc.enable()
