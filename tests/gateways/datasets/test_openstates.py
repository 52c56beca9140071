from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from actionmail.gateways.datasets.openstates import read_people
from actionmail.gateways.datasets.yaml_files import MAX_FILE_BYTES
from tests.datasets import unusable
from tests.people import path_of, people_zip, person


def test_a_zip_and_a_folder_say_the_same(tmp_path: Path) -> None:
    more = (
        "email: rep@legis.example.org\noffices:\n- classification: home\n  voice: 555-0000\n"
        "- classification: district\n  voice: 555-0002\n- classification: capitol\n  voice: 555-0001\n"
        "links:\n- url: https://example.org/old\n- url: https://example.org/form\n  note: Contact Form\n"
    )
    files = {path_of(1): person(1, more=more), "settings.yml": "wi:\n  vacancies: []\n"}
    zipped = read_people(people_zip(tmp_path, files), version="abc")
    folder = tmp_path / "people-2026-08-05"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert read_people(folder, version="abc").rows == zipped.rows
    (row,) = zipped.rows
    assert (row.state, row.chamber, row.district, row.phone) == ("WI", "lower", "76", "555-0001")
    assert row.district_phone == "555-0002"
    assert (row.website, row.as_of) == ("https://example.org/form", date(2026, 8, 5))
    assert row.source == "openstates/people abc"


def test_the_commit_of_a_github_archive_is_its_version(tmp_path: Path) -> None:
    path = people_zip(tmp_path, {f"people-main/{path_of(1)}": person(1)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"0123456789abcdef" * 2 + b"01234567"
    assert read_people(path).version == "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("dates", "is_current"),
    [
        ("end_date: 2026-08-04", False),
        ("end_date: 2026-08-05", True),
        ("end_date: 2027-01-01", True),
        ("end_date: '2026'", True),
        ("end_date: '2026-07'", False),
        ("end_date: ''", True),
    ],
)
def test_a_role_counts_until_it_has_ended(tmp_path: Path, dates: str, is_current: bool) -> None:
    files = {path_of(1): person(1, more=f"  {dates}\n"), path_of(2): person(2, district="1")}
    rows = {row.district: row.status for row in read_people(people_zip(tmp_path, files)).rows}
    assert rows == {"76": "sitting" if is_current else "vacant", "1": "sitting"}


def test_a_left_seat_that_another_holds_is_not_vacant(tmp_path: Path) -> None:
    files = {path_of(1): person(1, more="  end_date: 2026-01-01\n"), path_of(2): person(2)}
    assert [row.status for row in read_people(people_zip(tmp_path, files)).rows] == ["sitting"]


def test_vacancies_come_from_the_settings(tmp_path: Path) -> None:
    settings = (
        "wi:\n  vacancies:\n  - chamber: lower\n    district: 29\n    vacant_until: 2026-01-01\n"
        "mn:\n  vacancies:\n  - chamber: lower\n    district: 1A\n"
    )
    rows = read_people(people_zip(tmp_path, {path_of(1): person(1), "settings.yml": settings})).rows
    assert [(row.key, row.status) for row in rows if not row.name] == [("vacant/wi/lower/29", "vacant")]


def test_congress_mayors_and_committees_are_left_aside(tmp_path: Path) -> None:
    files = {
        path_of(1): person(1),
        path_of(2, "us"): person(2, state="us"),
        "data/wi/committees/x.yml": "what: ever",
        "data/wi/executive/y.yml": "not: [valid",
    }
    assert len(read_people(people_zip(tmp_path, files)).rows) == 1


def test_names_are_composed_and_malformed_addresses_left_out(tmp_path: Path) -> None:
    text = person(1, more="email: two words@example.org\n").replace("Sample Person 1", "Nun\u0303ez")
    (row,) = read_people(people_zip(tmp_path, {path_of(1): text})).rows
    assert (row.name, row.email, row.email_note) == ("Nu\u00f1ez", "", "malformed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: x\nname: [unclosed\n", "line 3, column 1: not readable as YAML"),
        ("id: x\n\tname: y\n", "line 2, column 1: not readable"),
        ("- just\n- a list\n", "line 1, column 1: not a list of names"),
        (person(1).replace("district: '76'", "district: [7, 6]"), "line 11, column 13: district must be text"),
        (
            person(1).replace("start_date: 2025-01-06", "start_date: soon"),
            "line 8, column 15: start_date must be a date",
        ),
        (person(1).replace("country:us/state:wi", "country:ca/province:on"), "line 10, column 17: no state"),
        (person(1).replace("start_date: 2025-01-06", "start_date: 2025-13-06"), "line 8, column 15: not readable"),
        (
            person(1).replace("name: Sample Person 1", f"name: {'x' * 201}", 1),
            "line 2, column 7: name: longer than 200",
        ),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "line 2, column 8: YAML aliases are taken for values"),
        ("x: " + "[" * 50_000, "not readable as YAML"),
        ("id: x\nname: \x00\n", "line 2: holds a NUL character"),
        (person(1) + "offices:\n- 7\n", "line 13, column 3: an office must have"),
        (person(1) + "offices:\n- voice: [1]\n", "line 13, column 10: voice must be text"),
        ("# " + "x" * MAX_FILE_BYTES, "larger than 512 KB"),
    ],
)
def test_bad_yaml_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = people_zip(tmp_path, {path_of(2): person(2), path_of(1): text})
    with unusable(said) as refused:
        read_people(path)
    assert "Sample-Person-00000001.yml" in str(refused.value)


@pytest.mark.parametrize(
    "name", ["../data/wi/legislature/x.yml", "/data/wi/legislature/x.yml", "data\\..\\x.yml", "C:/x.yml"]
)
def test_a_path_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    with unusable("climb out"):
        read_people(people_zip(tmp_path, {path_of(1): person(1), name: person(2)}))


def test_text_of_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "people" / path_of(1)
    file.parent.mkdir(parents=True)
    file.write_bytes(person(1).replace("name: Sample", "name: \u00e9").encode("latin-1"))
    with unusable(r"Sample-Person-00000001\.yml, line 2: not UTF-8 text"):
        read_people(tmp_path / "people")


def test_a_zip_with_a_password_is_named(tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1)})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with unusable(r"00000001\.yml: locked with a password; pack it without one$"):
        read_people(path)


def test_a_damaged_zip_is_named(tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(number): person(number, district=str(number)) for number in range(50)})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with unusable(r"people-2026-08-05\.zip: not a whole zip file"):
        read_people(path)
    path.write_bytes(whole[:60] + b"\xff" * 40 + whole[100:])
    with unusable("damaged"):
        read_people(path)


def test_nothing_to_import_is_said(tmp_path: Path) -> None:
    with unusable("nothing to import"):
        read_people(people_zip(tmp_path, {"README.md": "hello"}))
    with unusable("no such file"):
        read_people(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with unusable("nothing to import"):
        read_people(tmp_path / "empty")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text(person(1), encoding="utf-8")
    link = tmp_path / "people" / path_of(1)
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "secret.yml")
    with unusable("leads out of the folder"):
        read_people(tmp_path / "people")
