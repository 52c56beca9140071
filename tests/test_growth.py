"""The measure itself tells work that grows with its input from work that grows with its square."""

from __future__ import annotations

from tests.growth import LINEAR, growth


def pairs(size: int) -> int:
    return sum(1 for one in range(size) for _other in range(size) if one)


def test_linear_work_is_linear() -> None:
    assert growth(lambda size: sum(range(size)), 100_000, 200_000) <= LINEAR


def test_quadratic_work_is_not() -> None:
    assert growth(pairs, 150, 300) > LINEAR


def test_work_that_does_not_look_at_its_input_does_not_grow() -> None:
    assert growth(lambda size: sum(range(10_000)), 1, 1_000_000) <= LINEAR
