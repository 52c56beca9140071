from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from actionmail.rules.campaigns.kinds.call.calls import (
    REACHED,
    Call,
    Line,
    Office,
    Outcome,
    legislators_lines,
    offered,
    progress,
)

PHONES = {
    "lara": [(Office.DISTRICT, "510-555-0101"), (Office.CAPITOL, "916-555-0101")],
    "ben": [(Office.CAPITOL, "916-555-0102")],
    "mia": [(Office.CAPITOL, "916-555-0101")],  # the switchboard that Lara's office has too
}
LINES = legislators_lines(["lara", "ben", "mia"], PHONES).lines


def call(line: Line, outcome: Outcome) -> Call:
    return Call(target=line.target, digits=line.number.digits, extension=line.number.extension, outcome=outcome)


def names(lines: Sequence[Line]) -> list[str]:
    return [f"{line.target} {line.office}" for line in lines]


def test_the_capitol_comes_before_the_district_and_a_shared_number_once_for_each() -> None:
    assert names(LINES) == ["lara capitol", "lara district", "ben capitol", "mia capitol"]


def test_ones_own_legislators_come_first() -> None:
    lines = legislators_lines(["lara", "ben", "mia", "ben"], PHONES, own={"mia"}).lines
    assert names(lines) == ["mia capitol", "lara capitol", "lara district", "ben capitol"]


def test_the_same_number_of_one_office_stands_once() -> None:
    lines = legislators_lines(["ben"], {"ben": [(Office.CAPITOL, "916-555-0102"), (Office.DISTRICT, "(916) 555-0102")]})
    assert names(lines.lines) == ["ben capitol"]


def test_a_number_that_cannot_be_called_is_named_with_its_reason() -> None:
    lines = legislators_lines(["ben", "zoe"], {"ben": [(Office.CAPITOL, "555-0102")]})
    assert lines.lines == ()
    assert [(target, typed, problem.code) for target, typed, problem in lines.unusable] == [
        ("ben", "555-0102", "call.too-short")
    ]


def test_nobody_is_called_twice_who_was_reached() -> None:
    for outcome in REACHED:
        where = progress(LINES, [call(LINES[0], outcome)])
        assert where.following == LINES[2]
        assert (where.reached, where.again, where.to_call) == (("lara",), (), 2)


def test_busy_or_no_answer_leads_to_the_district_office() -> None:
    for outcome in (Outcome.BUSY, Outcome.NO_ANSWER):
        where = progress(LINES, [call(LINES[0], outcome)])
        assert where.following == LINES[1]
        assert names(where.again) == ["lara capitol"]


def test_not_now_leaves_the_legislator_for_later_with_all_numbers() -> None:
    where = progress(LINES, [call(LINES[0], Outcome.NOT_NOW)])
    assert (where.following, names(where.again)) == (LINES[2], ["lara capitol"])


def test_when_all_were_tried_the_one_put_off_longest_ago_is_offered_again() -> None:
    made = [call(line, Outcome.BUSY) for line in LINES]
    assert (progress(LINES, made).following, offered(LINES, made)) == (None, LINES[0])
    made.append(call(LINES[0], Outcome.BUSY))
    assert offered(LINES, made) == LINES[1]
    made.append(call(LINES[1], Outcome.SPOKE))
    assert names(progress(LINES, made).again) == ["ben capitol", "mia capitol"]


def test_the_last_that_is_said_of_a_number_counts_and_taking_it_back_brings_the_call_back() -> None:
    made = [call(LINES[0], Outcome.SPOKE), call(LINES[0], Outcome.NO_ANSWER)]
    assert progress(LINES, made).reached == ()
    assert progress(LINES, made[:0]).following == LINES[0]


def test_a_call_to_a_number_that_is_no_longer_there_changes_nothing() -> None:
    gone = Call(target="zoe", digits="9165550109", extension="", outcome=Outcome.BUSY)
    assert progress(LINES, [gone]) == progress(LINES, [])


def test_whatever_is_said_the_calls_come_to_an_end() -> None:
    for outcomes in product(Outcome, repeat=len(LINES)):
        made: list[Call] = []
        for outcome in outcomes:
            following = progress(LINES, made).following
            if following is None:
                break
            made.append(call(following, outcome))
        assert len({(known.target, known.digits) for known in made}) == len(made)
    everyone = [call(line, Outcome.SPOKE) for line in LINES]
    assert offered(LINES, everyone) is None
    assert progress([], []).following is None
