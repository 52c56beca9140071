from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from actionmail.gateways.datasets.committees import read_committees
from actionmail.gateways.datasets.congress import FEWEST, MAX_BYTES, read_congress
from actionmail.rules.roster.committees import MemberRow
from actionmail.rules.roster.doubts import doubt
from actionmail.rules.roster.holders import as_elected
from tests.datasets import unusable
from tests.people import committee, people_zip


def member(number: int, *, kind: str = "rep", state: str = "WI", district: str = "2", more: str = "") -> str:
    return (
        f"- id:\n    bioguide: S{number:06d}\n  name:\n    first: Sample\n    last: Member {number}\n"
        f"  terms:\n  - type: rep\n    start: '2001-01-03'\n    end: '2025-01-03'\n    state: WI\n    district: 1\n"
        f"  - type: {kind}\n    start: '2025-01-03'\n    end: '2027-01-03'\n    state: {state}\n"
        + (f"    district: {district}\n" if kind == "rep" else "    class: 1\n")
        + f"    party: Example\n    phone: 202-555-{number:04d}\n{more}"
    )


def written(folder: Path, text: str, name: str = "congress-2026-06-15.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_members_have_a_web_form_a_phone_and_no_address(tmp_path: Path) -> None:
    text = (
        member(1, more="    url: https://one.example\n    contact_form: https://one.example/form\n")
        + member(2, kind="sen", more="    url: https://two.example\n")
        + member(3, state="GU", district="0")
        + member(4, more="").replace("'2027-01-03'", "'2026-01-03'")
    )
    found = read_congress(written(tmp_path, text), version="abc")
    assert [(row.key, row.state, row.chamber, row.district) for row in found.rows] == [
        ("bioguide/S000001", "WI", "us_lower", "2"),
        ("bioguide/S000002", "WI", "us_upper", "Statewide"),
        ("bioguide/S000003", "GU", "us_lower", "At-Large"),
    ]
    assert [row.website for row in found.rows] == ["https://one.example/form", "https://two.example", ""]
    assert {row.email for row in found.rows} == {""}
    assert (found.as_of, found.rows[0].phone, found.rows[0].source) == (
        date(2026, 6, 15),
        "202-555-0001",
        "unitedstates/congress-legislators abc",
    )
    assert found.doubts == (doubt("few_members", file="congress-2026-06-15.yaml", count=3),)


def test_a_whole_congress_raises_no_doubt(tmp_path: Path) -> None:
    text = "".join(member(number, district=str(number)) for number in range(1, FEWEST + 1))
    assert read_congress(written(tmp_path, text)).doubts == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [x]\nb: *a\n", "line 2, column 4: YAML aliases are taken for values"),
        ("id: x\n", "line 1, column 1: not a list of people"),
        (member(1) + "- id: {}\n", "line 19, column 3: person 2: a person needs id, name and terms"),
        (member(1) + member(2).replace("type: rep", "type: king"), "line 19, column 3: person 2: the type of a term"),
        (member(1).replace("'2027-01-03'", "soon"), "line 1, column 3: person 1: end of a term must be a date"),
        (member(1, district="south"), "person 1: a representative's term needs the number"),
        (member(1, state="XX"), "person 1: state: 'XX' is no state"),
        (member(1)[:-40] + '\n  phone: "202', "not readable as YAML"),
        (member(1).replace("'2027-01-03'", "'2026-01-03'"), "nobody in it has a term on 2026-06-15"),
        ("[" * 50_000, "not readable as YAML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with unusable(said) as refused:
        read_congress(written(tmp_path, text))
    assert str(refused.value).startswith("congress-2026-06-15.yaml")


def test_wrong_encodings_and_sizes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "congress-2026-06-15.yaml"
    path.write_bytes(member(1).encode().replace(b"Sample", b"\xe9\xe8"))
    with unusable("line 4: not UTF-8 text"):
        read_congress(path)
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with unusable("larger than 8 MB"):
        read_congress(path)
    with unusable("cannot be read: No such file"):
        read_congress(tmp_path / "nowhere-2026-06-15.yaml")


def test_committees_and_their_members(tmp_path: Path) -> None:
    files = {
        "data/wi/committees/a.yml": committee(1, members=[("chair", 7), ("", 0)]),
        "data/us/committees/b.yml": "not: [valid",
    }
    found = read_committees(people_zip(tmp_path, files), version="abc")
    (row,) = found.rows
    assert (row.state, row.chamber, row.name, row.website) == ("WI", "lower", "Committee 1", "https://example.org/1")
    assert row.members == (
        MemberRow(key="ocd-person/00000007", name="Sample Person 7", role="chair"),
        MemberRow(key="", name="Sample Person 0", role="member"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [x\n", "line 2, column 1: not readable"),
        (committee(1).replace("country:us/state:wi", "country:ca"), "line 2, column 15: jurisdiction: no state"),
        (committee(1).replace("chamber: lower", "chamber: middle"), "line 5, column 10: chamber: 'middle' is none"),
        (committee(1) + "members: nobody\n", "members: must be a list"),
        (committee(1, members=[("chair", 1)]).replace("name: Sample Person 1", "name: ''"), "members: '' has no name"),
    ],
)
def test_a_wrong_committee_is_named(tmp_path: Path, text: str, said: str) -> None:
    with unusable(said) as refused:
        read_committees(people_zip(tmp_path, {"data/wi/committees/a.yml": text}))
    assert "data/wi/committees/a.yml" in str(refused.value)


def test_a_committee_twice_and_none_at_all(tmp_path: Path) -> None:
    files = {"data/wi/committees/a.yml": committee(1), "data/wi/committees/b.yml": committee(1)}
    with unusable(r"b\.yml: .* is there twice"):
        read_committees(people_zip(tmp_path, files))
    with unusable("nothing to import"):
        read_committees(people_zip(tmp_path, {"README.md": "hello"}))


NEXT = (
    "  - type: {kind}\n    start: '2027-01-03'\n    end: '2029-01-03'\n    state: WI\n    {more}\n    party: Example\n"
)


def test_terms_that_are_to_come_are_of_those_elected(tmp_path: Path) -> None:
    """Of those who come, who stay, and who change houses."""
    comes = "- id:\n    bioguide: S000009\n  name:\n    first: Nina\n    last: Novice\n  terms:\n"
    text = (
        member(1, more=NEXT.format(kind="rep", more="district: 2"))
        + member(2, district="3", more=NEXT.format(kind="sen", more="url: https://two.example"))
        + comes
        + NEXT.format(kind="rep", more="district: 3")
    )
    found = read_congress(written(tmp_path, text))
    assert [(row.key, row.seat) for row in found.rows] == [
        ("bioguide/S000001", "WI us_lower 2"),
        ("bioguide/S000002", "WI us_lower 3"),
    ]
    elected = [(row.key, row.seat, row.website) for row in as_elected(found.waiting, found.rows)]
    assert elected == [
        ("bioguide/S000001/from/2027-01-03", "WI us_lower 2", ""),
        ("bioguide/S000002/from/2027-01-03", "WI us_upper Statewide", "https://two.example"),
        ("bioguide/S000009", "WI us_lower 3", ""),
    ]
