"""The measure itself tells work that grows with its input from work that grows with its square.

By a clock that the work winds on itself, so that the answer is the same on every machine.
"""

from __future__ import annotations

import pytest

from tests.growth import LINEAR, growth


class Clock:
    """Shows what was worked, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.disturbances: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def work(self, seconds: float) -> None:
        slowness = self.disturbances.pop(0) if self.disturbances else 1.0
        self.seconds += seconds * slowness


@pytest.fixture
def clock() -> Clock:
    return Clock()


def linear(clock: Clock, size: int) -> None:
    clock.work(size / 10_000)


def quadratic(clock: Clock, size: int) -> None:
    clock.work(size**2 / 1_000_000)


def test_linear_work_is_linear(clock: Clock) -> None:
    assert growth(lambda size: linear(clock, size), 150, 300, clock=clock) == pytest.approx(2)


def test_quadratic_work_is_not(clock: Clock) -> None:
    assert growth(lambda size: quadratic(clock, size), 150, 300, clock=clock) == pytest.approx(4)


def test_work_that_does_not_look_at_its_input_does_not_grow(clock: Clock) -> None:
    assert growth(lambda _size: clock.work(0.01), 1, 1_000_000, clock=clock) == pytest.approx(1)


def test_a_busy_machine_does_not_make_linear_work_look_worse(clock: Clock) -> None:
    clock.disturbances = [1.0] * 3 + [1.0, 5.0] * 4  # the larger input is disturbed for the first four rounds
    assert growth(lambda size: linear(clock, size), 150, 300, clock=clock) <= LINEAR


def test_a_busy_machine_does_not_hide_a_square(clock: Clock) -> None:
    clock.disturbances = [1.0] * 3 + [3.0, 1.0] * 2  # the smaller input is disturbed for all rounds but one
    assert growth(lambda size: quadratic(clock, size), 150, 300, clock=clock) > LINEAR


def test_the_clock_that_is_read_else_is_the_processors() -> None:
    assert growth(lambda size: sum(range(size)), 1_000, 10_000, enough=100) > 1
