"""The corpus of answers: each written after a server or service that gives such a one, or in words of our own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from actionmail.rules.delivery.answer_table import ROWS
from actionmail.rules.delivery.answers import classify, is_said_of_any_letter, taken_apart
from actionmail.rules.delivery.states import Phase


def corpus(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# After what servers say; after what services publish; and in words of our own, as somebody else might put it.
FILES = ("answers.csv", "answers_documented.csv", "answers_in_other_words.csv")
CORPUS = [case for name in FILES for case in corpus(name)]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case['phase']} {case['answer'][:60]}")
def test_an_answer_is_about_whom_its_words_say(case: dict[str, str]) -> None:
    answer = taken_apart(Phase(case["phase"]), case["answer"])
    assert answer is not None
    outcome = classify(answer.phase, answer.code, case["answer"][4:])
    assert (outcome.blame, outcome.state, outcome.signal) == (case["blame"], case["state"], case["signal"])


def test_the_corpus_meets_every_row_but_those_that_no_server_gives() -> None:
    met = set()
    for case in CORPUS:
        answer = taken_apart(Phase(case["phase"]), case["answer"])
        assert answer is not None
        met.add(next(number for number, row in enumerate(ROWS) if row.covers(answer)))
    unmet = {ROWS[number].meaning.value for number in range(len(ROWS)) if number not in met}
    assert unmet == {"other_success", "lost_after_body", "out_of_place"}


@pytest.mark.parametrize(
    "text",
    ["Ok", "2.0.0 Ok", "2.0.0 Ok: queued as 4B1F2C0A9D", "2.0.0 Ok: queued as 4bXyZ17rKqzQ2w", "Ok: queued as F00BA4"],
)
def test_what_postfix_says_of_any_letter_is_of_nobody(text: str) -> None:
    assert is_said_of_any_letter(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2.0.0 Ok: queued as MaiVang",
        "2.0.0 Ok: queued as mai7.vang",
        "2.0.0 Ok: queued as 4B1F2C0A9D for Mai Vang",
        "2.0.0 Ok, Mai Vang",
        "2.0.0 Ok\nMai Vang",
        "2.1.5 Ok",
    ],
)
def test_what_may_tell_of_somebody_is_looked_at(text: str) -> None:
    assert not is_said_of_any_letter(text)
