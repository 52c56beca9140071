"""From how many on a press is asked for work, or waits for staff."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.pressure import QUICK_WEIGHT, TRAP, Scope, Signs, Verdict, bounds_of, judge


@pytest.mark.parametrize(
    ("scope", "ask", "hold"),
    [
        (Scope.ADDRESS, 30, 100),
        (Scope.NEAR, 120, 400),
        (Scope.WIDE, 1_200, None),
        (Scope.CAMPAIGN, 6_000, None),
        (Scope.MAILBOX, 6, 20),
        (Scope.PARAGRAPH, None, 30),
    ],
)
def test_the_bounds_as_they_are_set_out(scope: Scope, ask: int | None, hold: int | None) -> None:
    bounds = bounds_of(scope, ask=30, hold=100)
    assert (bounds.ask, bounds.hold) == (ask, hold)
    for count in range(0, 6_100):
        verdict = judge({scope: count}, Signs(), ask=30, hold=100)
        assert verdict.asked_for == (scope.value if ask is not None and count >= ask else "")
        assert verdict.held_for == (scope.value if hold is not None and count >= hold else "")


@pytest.mark.parametrize("scope", Scope)
def test_with_bounds_of_nought_nobody_is_asked_or_held(scope: Scope) -> None:
    assert judge({scope: 10_000}, Signs(), ask=0, hold=0) == Verdict()


def test_whoever_fills_what_nobody_sees_is_held_whatever_came_before() -> None:
    assert judge({}, Signs(is_trapped=True), ask=0, hold=0) == Verdict(held_for=TRAP)


@pytest.mark.parametrize("scope", Scope)
def test_a_quick_press_counts_more_where_that_tells_of_a_program(scope: Scope) -> None:
    assert Signs().weight(scope) == 1
    of_many = scope in (Scope.MAILBOX, Scope.WIDE, Scope.CAMPAIGN)
    assert Signs(is_quick=True).weight(scope) == (1 if of_many else QUICK_WEIGHT)


def test_a_class_of_twenty_five_in_a_library_is_asked_for_nothing() -> None:
    """The default: an evening of so many people, each reading what they send, from one address of a campus."""
    counts = {Scope.ADDRESS: 25.0, Scope.NEAR: 100.0, Scope.WIDE: 1_000.0, Scope.CAMPAIGN: 1_500.0}
    assert judge(counts, Signs(), ask=30, hold=100) == Verdict()
