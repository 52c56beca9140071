"""No regular expression takes time that grows faster than the text: one that does lets anybody stop the site."""

from __future__ import annotations

import re
import time

import pytest

from tests.patterns import Found, everything, growing

# Characters to begin with: well beyond what any expression bounds, but shorter where that takes long already.
_LENGTHS = (150, 300, 1_200)
_LONG_ENOUGH = 2_000_000  # nanoseconds that can be measured well
_MOST_GROWTH = 2.8  # twice the text, at most so many times the time: midway between what is linear, and its square
_FOUND = everything()


def _took(found: Found, text: str) -> float:
    begun = time.thread_time_ns()
    found.run(text)
    return max(time.thread_time_ns() - begun, 1)


def _text(shape: tuple[str, str, str], length: int) -> str:
    lead, body, end = shape
    return lead + body * (length // len(body)) + end


def _growth(found: Found, shape: tuple[str, str, str], length: int, tries: int) -> float:
    """How many times longer twice the text takes; the best of several tries on both sides."""
    short, long = _text(shape, length), _text(shape, 2 * length)
    before, after = [], []
    for _ in range(tries):
        before.append(_took(found, short))
        after.append(_took(found, long))
    return min(after) / min(before)


def _length(found: Found, shape: tuple[str, str, str]) -> int:
    """At which length growth shows: the last of `_LENGTHS`, or the first that takes long, time and again."""
    for length in _LENGTHS:
        text = _text(shape, length)
        if _took(found, text) > _LONG_ENOUGH and min(_took(found, text) for _ in range(5)) > _LONG_ENOUGH:
            return length
    return _LENGTHS[-1]


def _is_slow(found: Found, shape: tuple[str, str, str], length: int) -> bool:
    """Whether it grows too fast from here on. Where a bound begins to bind there is a step, and none at the next."""
    return all(_growth(found, shape, length, tries) > _MOST_GROWTH for tries in (1, 3, 7))


def grows_too_fast(found: Found) -> str:
    """The text on which the expression takes longer than it may, or "". Only what looks slow is measured again."""
    for shape in growing(found.pattern):
        length = _length(found, shape)
        if _is_slow(found, shape, length) and _is_slow(found, shape, 2 * length):
            return f"{shape[0][:40]!r}, then {shape[1][:40]!r} again and again, then {shape[2]!r}"
    return ""


@pytest.mark.parametrize("found", _FOUND, ids=[found.where for found in _FOUND])
def test_an_expression_takes_time_in_proportion_to_the_text(found: Found) -> None:
    assert grows_too_fast(found) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "is_slow"),
    [
        (r"_{3,}(?=x)", True),
        (r"\s+$", True),
        (r"[A-Z]{2,}[A-Z]*!", True),
        (r"(?:a|b)*c", True),
        (r"(?<!_)_{3,}(?=x)", False),
        (r"a{1,9}b", False),
        (r"\d+-", True),
    ],
)
def test_the_measure_tells_slow_ones_from_others(pattern: str, is_slow: bool) -> None:
    found = Found(where="sample", pattern=re.compile(pattern), from_start=False)
    assert bool(grows_too_fast(found)) is is_slow


def test_every_expression_is_found() -> None:
    named = {found.where for found in _FOUND}
    assert "actionmail.rules.campaigns.lint._SHOUTING" in named  # held by a module
    assert "actionmail.web.supporter.step.kept_key" in named or len(named) > 80  # written into a function
