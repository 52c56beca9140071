"""Each code has its words, and each word its value."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.doubts import Doubt, doubt
from actionmail.rules.roster.faults import fault_in
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.roster import dataset_words, words
from actionmail.web.roster.words import elections_sentence, roster_age_sentence

CODE = Path(words.__file__).resolve().parents[2]
PLACES = {"line", "column", "within"}  # they stand before the words
RAISERS = {"DatasetError", "placed", "wrong", "_wrong", "_fault", "fault_in", "CorrectionRefused", "doubt"}
ALL_WORDS = {**dataset_words._SENTENCES, **words._DOUBTS, **words._CORRECTIONS}
COMPUTED = {"percent", "reason"}  # from the values, by the words


def _refusals() -> Iterator[tuple[str, set[str]]]:
    """Every code that the code raises, with the names of its values."""
    rooms = [CODE / floor / room for floor in ("flows", "rules") for room in ("roster", "districts")]
    for path in sorted(file for room in [*rooms, CODE / "gateways" / "datasets"] for file in room.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in RAISERS:
                continue
            for argument in node.args:
                if isinstance(argument, ast.Constant) and argument.value in ALL_WORDS:
                    yield str(argument.value), {str(keyword.arg) for keyword in node.keywords} - PLACES


def test_every_code_is_given_the_values_that_its_words_need() -> None:
    refusals = list(_refusals())
    assert len(refusals) > 100
    for code, values in refusals:
        needed = {field for _, field, _, _ in string.Formatter().parse(ALL_WORDS[code]) if field} - COMPUTED
        assert needed <= values, code


def test_no_words_are_left_over() -> None:
    used = set()
    for path in CODE.rglob("*.py"):
        if path.name not in {"words.py", "dataset_words.py"}:
            constants = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
            used.update(node.value for node in constants if isinstance(node.value, str))
    spelled = {"address_shared", "address_personal"}  # from the note of the address
    assert ALL_WORDS.keys() - used - spelled == set()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            DatasetError("a.csv", "cells", line=3, count=1, needed=16),
            "a.csv, line 3: 1 cells where 16 are needed",
        ),
        (
            DatasetError("a.yml", "no_text", line=1, column=2, within="person 3", name="state"),
            "a.yml, line 1, column 2: person 3: state must be text",
        ),
        (
            DatasetError("districts", "districts_unknown", names=["WI lower 1"] * 23, codes_file="codes.csv"),
            f"districts: no district of the roster or the ZIP table is called: {', '.join(['WI lower 1'] * 20)}"
            " and 3 more. Name them in codes.csv",
        ),
    ],
)
def test_a_place_stands_before_the_words(error: DatasetError, sentence: str) -> None:
    assert dataset_words.dataset_sentence(error) == sentence


def test_doubts_and_faults_are_said() -> None:
    lost: Doubt = doubt("legislators_gone", where="WI", count=3, whole=20)
    assert words.doubt_sentence(lost) == "WI: 3 of 20 legislators would be gone (15 %)."
    moved = {"seat": "WI upper 26", "name": "Uma", "field": "district_phone", "value": "5", "other_seat": "WI lower 76"}
    said = words.doubt_sentence(doubt("correction_of_other_chamber", **moved))
    assert said.startswith("WI upper 26, Uma: the district phone that staff said is of WI lower 76")
    assert dataset_words.fault_words(fault_in("chamber", "none_of", value="x", known=("upper", "lower"))) == (
        "'x' is none of upper, lower"
    )


def test_a_few_states_that_elected_since_are_named_and_many_are_counted() -> None:
    day = date(2024, 11, 5)
    odd = dict.fromkeys(("LA", "MS", "NJ", "VA"), day)
    said = elections_sentence(odd, date(2025, 12, 1))
    assert "held on 2025-11-04 in Mississippi, New Jersey and Virginia. " in said
    assert elections_sentence({"LA": day}, date(2025, 12, 1)) == ""
    said = elections_sentence(dict.fromkeys(STATES, day), date(2026, 11, 25))
    assert "held on 2026-11-03 in 47 states and on 2025-11-04 in Mississippi, New Jersey and Virginia. " in said


def test_an_old_roster_says_its_age_and_one_with_nobody_what_to_do() -> None:
    day = date(2026, 3, 4)
    assert roster_age_sentence(day, day + timedelta(days=60)) == ""
    assert "61 days old" in roster_age_sentence(day, day + timedelta(days=61))
    assert "run `actionmail data load`" in roster_age_sentence(None, day)
