"""People files of the weeks in which legislatures change hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from actionmail.gateways.datasets.openstates import People, read_people
from actionmail.web.roster.words import doubt_sentence
from tests.datasets import unusable
from tests.people import path_of, people_zip, person

CASES = Path(__file__).parent / "turnover"
HANDOVER = date(2027, 1, 4)


def sitting(people: People) -> dict[str, str]:
    return {row.seat: row.name for row in people.rows if row.status == "sitting"}


def vacant(people: People) -> list[str]:
    return [row.seat for row in people.rows if row.status == "vacant"]


def said(people: People) -> list[str]:
    return [doubt_sentence(reason) for reason in people.doubts]


def roles(*each: str) -> str:
    """The text of a person of Wisconsin with these roles, each `chamber district start end`."""
    lines = ["id: ocd-person/1", "name: Pat Example", "roles:"]
    for role in each:
        chamber, district, start, end = role.split()
        lines += [f"- type: {chamber}", "  jurisdiction: ocd-jurisdiction/country:us/state:wi/government"]
        lines += [
            f"  district: '{district}'",
            f"  start_date: {start}",
            *([] if end == "-" else [f"  end_date: {end}"]),
        ]
    return "\n".join(lines) + "\n"


def read(folder: Path, texts: Sequence[str], *, day: date = HANDOVER) -> People:
    files = {path_of(number): text for number, text in enumerate(texts)}
    return read_people(people_zip(folder, files), as_of=day)


def test_dates_that_are_aliases_are_dates() -> None:
    people = read_people(CASES / "alias", as_of=date(2025, 1, 10))
    assert sitting(people) == {"MT lower 69": "Pat Example"}
    assert vacant(people) == ["MT lower 71"]


def test_on_the_day_of_the_handover_everybody_holds_one_seat() -> None:
    people = read_people(CASES / "turn", as_of=HANDOVER)
    assert sitting(people) == {
        "WI lower 76": "Ann Stays",
        "WI lower 77": "Dee Follows",
        "WI lower 79": "Gus Appointed",
        "WI upper 26": "Eve Moves",
        "WI upper 27": "Bea Elect",
    }
    assert vacant(people) == ["WI lower 78"]
    assert said(people) == []


def test_whoever_is_elected_and_not_seated_is_kept_out_and_named() -> None:
    people = read_people(CASES / "keep", as_of=date(2026, 11, 28))
    assert sitting(people) == {
        "WI lower 76": "Ann Stays",
        "WI lower 77": "Cal Leaves",
        "WI lower 78": "Eve Moves",
        "WI lower 79": "Gus Appointed",
        "WI upper 26": "Fay Leaves",
    }
    assert vacant(people) == ["WI upper 27"]
    waiting = [(row.seat, row.name, row.begins) for row in people.waiting]
    assert waiting == [
        ("WI upper 26", "Eve Moves", HANDOVER),
        ("WI upper 27", "Bea Elect", HANDOVER),
        ("WI lower 77", "Dee Follows", HANDOVER),
    ]


def test_the_role_that_began_last_counts(tmp_path: Path) -> None:
    again = roles("lower 76 2025-01-06 2027-01-04", "lower 76 2027-01-04 -")
    assert sitting(read(tmp_path, [again])) == {"WI lower 76": "Pat Example"}


def test_a_person_in_two_chambers_is_a_doubt(tmp_path: Path) -> None:
    people = read(tmp_path, [roles("lower 76 2025-01-06 -", "upper 26 2027-01-04 -")])
    assert (sitting(people), vacant(people)) == ({"WI upper 26": "Pat Example"}, ["WI lower 76"])
    (sentence,) = said(people)
    assert "Sample-Person-00000000.yml" in sentence
    assert "WI lower 76" in sentence


def test_a_seat_of_one_with_two_holders_is_a_doubt(tmp_path: Path) -> None:
    old = person(1).replace("start_date: 2025-01-06", "start_date: 2023-01-03")
    people = read(tmp_path, [old, person(2)])
    assert sitting(people) == {"WI lower 76": "Sample Person 2"}
    (sentence,) = said(people)
    assert "Sample Person 1" in sentence
    assert "Sample Person 2" in sentence


def test_where_nobody_began_last_all_are_said_to_be_kept(tmp_path: Path) -> None:
    (sentence,) = said(read(tmp_path, [person(1), person(2)]))
    assert (
        "nothing tells which of Sample Person 1, Sample Person 2 began last, so that all of these are kept" in sentence
    )
    assert "the role that began last counts" not in sentence


def test_a_seat_of_several_has_several_holders(tmp_path: Path) -> None:
    two = [person(number).replace("state:wi", "state:az") for number in (1, 2)]
    people = read(tmp_path, two)
    assert [row.name for row in people.rows] == ["Sample Person 1", "Sample Person 2"]
    assert said(people) == []


def test_a_party_that_was_left_is_not_named(tmp_path: Path) -> None:
    parties = "party:\n- name: Democratic\n  end_date: 2026-05-01\n- name: Republican\n  start_date: 2026-05-01\n"
    people = read(tmp_path, [roles("lower 76 2025-01-06 -") + parties])
    assert [row.party for row in people.rows] == ["Republican"]


@pytest.mark.parametrize(
    ("names", "name", "family"),
    [
        ("name: Pat Example Jr.\nfamily_name: Jr.\n", "Pat Example Jr.", ""),
        ("name: Pat Example III\nfamily_name: III\n", "Pat Example III", ""),
        ("name: Example, Pat\nfamily_name: Example\n", "Pat Example", "Example"),
        ("name: Example, Pat Q.\ngiven_name: Pat\n", "Pat Q. Example", ""),
        ("name: Pat Example\ngiven_name: Example\nfamily_name: Pat\n", "Pat Example", ""),
        ("name: Pat Example\nfamily_name: 'Example, Pat'\n", "Pat Example", ""),
        ("name: Example, Pat\ngiven_name: 'Example,'\nfamily_name: Pat\n", "Pat Example", ""),
        ("name: Pat E.\nfamily_name: E.\n", "Pat E.", ""),
    ],
)
def test_a_name_that_cannot_be_greeted_is_a_doubt(tmp_path: Path, names: str, name: str, family: str) -> None:
    text = roles("lower 76 2025-01-06 -").replace("name: Pat Example\n", names)
    people = read(tmp_path, [text])
    assert [(row.name, row.family_name) for row in people.rows] == [(name, family)]
    (sentence,) = said(people)
    assert "Sample-Person-00000000.yml" in sentence


def test_the_hyphens_of_typesetters_are_hyphens(tmp_path: Path) -> None:
    text = roles("lower 76 2025-01-06 -").replace(
        "name: Pat Example\n", "name: Pat Ex\u2010Am\u2011Ple\nfamily_name: Ex\u2010Am\u2011Ple\n"
    )
    people = read(tmp_path, [text])
    assert [(row.name, row.family_name) for row in people.rows] == [("Pat Ex-Am-Ple", "Ex-Am-Ple")]
    assert said(people) == []


@pytest.mark.parametrize(
    "names",
    [
        "name: Pat Example Jr.\nfamily_name: Example\n",
        "name: Pat Example, Jr.\nfamily_name: Example\n",
        "name: Pat Example, M.D.\ngiven_name: Pat\nfamily_name: Example\n",
        "name: Pat Example\nfamily_name: Example Jr.\n",
        "name: Tri Ta\nfamily_name: Ta\n",
        "name: Example Example\ngiven_name: Example\nfamily_name: Example\n",
        "name: Pat O'Example de la Cruz\nfamily_name: de la Cruz\n",
    ],
)
def test_a_name_that_can_be_greeted_is_none(tmp_path: Path, names: str) -> None:
    text = roles("lower 76 2025-01-06 -").replace("name: Pat Example\n", names)
    assert said(read(tmp_path, [text])) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: *a\n",
        "a: &a {x: y}\nb: {<<: *a}\n",
        f"a: &a {'x' * 500}\nb: *a\n",
        "a: &a x\nb: [" + "*a, " * 20_000 + "*a]\n",
        "a: &a x\nb: &a [y]\nc: *a\n",
    ],
)
def test_other_aliases_are_refused(tmp_path: Path, text: str) -> None:
    with unusable("YAML aliases"):
        read(tmp_path, [text, person(2)])
