"""The roster's commands, and what bad files get: a sentence with file and place, status 1, nothing changed."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, func, select

from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.db.roster import Committee, CommitteeMember, Correction, DatasetVersion, Legislator
from actionmail.flows.roster.atomic_files import LOCK_FILE
from actionmail.flows.roster.handover import hand_over
from actionmail.rules.roster.seats import MAX_CSV_BYTES, to_csv
from actionmail.settings import Settings
from tests.people import committee, path_of, people_zip, person, seat_row

NEW = "people-2026-08-05.zip"
OLD = "people-2026-06-03.zip"


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(data, [str(argument) for argument in arguments], obj=settings)


def roster(folder: Path, numbers: range, name: str = NEW, more: str = "") -> Path:
    files = {path_of(n): person(n, district=str(n), more=more) for n in numbers}
    return people_zip(folder, files, name)


def rows(database: Database) -> list[int]:
    with database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Legislator, DatasetVersion, Correction, Committee)
        ]


def test_a_suspicious_import_needs_yes(here: Settings, database: Database, tmp_path: Path) -> None:
    assert run(here, "import", "people", roster(tmp_path, range(1, 21), OLD)).exit_code == 0
    kept = (here.data_dir / "legislators.csv").read_bytes()
    fewer = roster(tmp_path, range(1, 11))
    dry = run(here, "import", "people", fewer, "--dry-run")
    assert dry.exit_code == 0
    assert "10 would be gone\n  WI lower 11: Sample Person 11\n" in dry.output
    assert "Look at this: WI: 10 of 20 legislators would be gone (50 %).\n" in dry.output
    assert dry.output.endswith("Nothing was changed (--dry-run). It will need --yes.\n")
    refused = run(here, "import", "people", fewer)
    assert (refused.exit_code, "If it is right, say so with --yes." in refused.output) == (1, True)
    assert (rows(database)[1], (here.data_dir / "legislators.csv").read_bytes()) == (1, kept)
    assert run(here, "import", "people", fewer, "--yes").exit_code == 0
    listed = run(here, "versions").output.splitlines()
    assert [("in force" in line) for line in listed] == [True, False]
    undone = run(here, "undo", "--by", "Rita Sample")
    assert "10 back again" in undone.output
    assert "Version 2 is undone; version 1, as of 2026-06-03, is in force and in legislators.csv." in undone.output
    assert (here.data_dir / "legislators.csv").read_bytes() == kept
    assert "undone" in run(here, "versions").output.splitlines()[0]
    nothing = run(here, "undo", "--by", "Rita Sample")
    assert (nothing.exit_code, "is the first of people" in nothing.output) == (1, True)


def test_a_difference_is_shown_field_by_field(here: Settings, tmp_path: Path) -> None:
    old = roster(tmp_path, range(1, 3), OLD, "offices:\n- classification: capitol\n  voice: 555-0001\n")
    assert run(here, "import", "people", old).exit_code == 0
    new = roster(tmp_path, range(1, 3), NEW, "offices:\n- classification: capitol\n  voice: 555-0002\n")
    assert (
        "  WI lower 1: Sample Person 1: phone '555-0001' -> '555-0002'\n"
        in run(here, "import", "people", new, "--dry-run").output
    )
    lacking = roster(tmp_path, range(1, 3))
    assert "2 kept an older phone" in run(here, "import", "people", lacking, "--dry-run").output
    blanked = run(here, "import", "people", lacking, "--dry-run", "--blank-missing").output
    assert "  WI lower 1: Sample Person 1: phone '555-0001' -> ''\n" in blanked


def test_corrections_from_the_command_line(here: Settings, tmp_path: Path) -> None:
    path = roster(tmp_path, range(1, 3))
    run(here, "import", "people", path)
    key = "ocd-person/00000001"
    made = run(here, "correct", key, "phone", "555-7777", "--why", "They moved", "--by", "Rita Sample")
    assert made.output == f"The phone of {key} is '555-7777' from now on; the dataset says ''.\n"
    assert "by Rita Sample" in run(here, "import", "people", path).output
    assert "They moved" in run(here, "corrections").output
    wrong = run(here, "correct", key, "email", "nonsense", "--why", "x", "--by", "y")
    assert (wrong.exit_code, "no e-mail address" in wrong.output) == (1, True)
    assert run(here, "withdraw", key, "phone", "--why", "x", "--by", "y").exit_code == 0
    assert run(here, "corrections").output == "No correction is in force.\n"


def test_the_own_csv_for_states_and_congress(here: Settings, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    senator = seat_row(7, key="bioguide/S1", chamber="us_upper", district="Statewide", email="")
    path.write_bytes(to_csv([seat_row(1), senator]))
    result = run(here, "import", "csv", path)
    assert result.exit_code == 0, result.output
    assert b"bioguide/S1" in (here.data_dir / "congress.csv").read_bytes()
    assert b"ocd-person/00000001" in (here.data_dir / "legislators.csv").read_bytes()
    assert len(run(here, "versions", "--kind", "congress").output.splitlines()) == 1
    loaded = run(here, "load")
    assert "1 members of Congress as of 2026-08-05: 0 added, 0 changed, 0 gone." in loaded.output


def test_committees_of_congress_are_known_by_their_files(here: Settings, tmp_path: Path) -> None:
    (tmp_path / "committees-current.yaml").write_text(
        "- type: senate\n  name: Senate Committee on the Budget\n  thomas_id: SSBU\n", encoding="utf-8"
    )
    (tmp_path / "committee-membership-current.yaml").write_text(
        "SSBU:\n- name: Sample Member 1\n  bioguide: S000001\n", encoding="utf-8"
    )
    assert (
        "US us_upper: Senate Committee on the Budget (1 members)" in run(here, "import", "committees", tmp_path).output
    )


def test_committees_from_the_command_line(here: Settings, database: Database, tmp_path: Path) -> None:
    files = {f"data/wi/committees/{n}.yml": committee(n, members=[("chair", n)]) for n in (1, 2)}
    path = people_zip(tmp_path, files)
    assert run(here, "import", "committees", path, "--dry-run").output.endswith("Nothing was changed (--dry-run).\n")
    assert rows(database)[3] == 0
    imported = run(here, "import", "committees", path).output
    assert "2 added\n  WI lower: Committee 1 (1 members)" in imported
    assert imported.endswith("The committees are in the database and in committees.csv.gz.\n")
    assert run(here, "import", "committees", path).output.endswith("The same as before: nothing changed.\n")
    assert run(here, "undo", "committees", "--by", "Rita").exit_code == 1


def test_committees_are_kept_in_a_file_that_is_loaded_with_the_roster(
    here: Settings, database: Database, tmp_path: Path
) -> None:
    files = {f"data/wi/committees/{n}.yml": committee(n, members=[("chair", n)]) for n in (1, 2)}
    assert run(here, "import", "people", roster(tmp_path, range(1, 5))).exit_code == 0
    path = people_zip(tmp_path, files)
    run(here, "import", "committees", path, "--dry-run")
    file = here.data_dir / "committees.csv.gz"
    assert not file.exists()
    run(here, "import", "committees", path)
    packed = file.read_bytes()
    assert packed == gzip.compress(gzip.decompress(packed), 9, mtime=0)
    assert "2 committees with 2 members as of 2026-08-05: 0 added, 0 changed, 0 gone." in run(here, "load").output
    with database.write() as session:
        session.execute(delete(CommitteeMember))
        session.execute(delete(Committee))
        session.execute(delete(DatasetVersion).where(DatasetVersion.kind == "committees"))
    assert "2 added, 0 changed, 0 gone." in run(here, "load").output.splitlines()[-1]
    for damaged, words in [
        (packed[:40], "cannot be read"),
        (gzip.compress(b"a,b\n"), "the columns are not those of committees"),
        (gzip.compress(gzip.decompress(packed).replace(b"2026-08-05", b"yesterday")), "not a date"),
        (gzip.compress(gzip.decompress(packed).replace(b",WI,", b",XX,")), "no state's two capital letters"),
        (gzip.compress(gzip.decompress(packed) + b"one,cell\n"), "too few or too many cells"),
    ]:
        file.write_bytes(damaged)
        refused = run(here, "load")
        assert refused.exit_code == 1
        assert words in refused.output


def _half_a_zip(folder: Path) -> Path:
    path = roster(folder, range(1, 30))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def _bomb(folder: Path) -> Path:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
    ]
    return people_zip(folder, {path_of(1): person(1), path_of(2): "\n".join(lines)})


def _climbing(folder: Path) -> Path:
    return people_zip(folder, {path_of(1): person(1), "../data/wi/legislature/x.yml": person(2)})


def _latin(folder: Path) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(to_csv([seat_row(1), seat_row(2, name="Nuñez")]).decode().encode("latin-1"))
    return path


def _columns(folder: Path) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(to_csv([seat_row(1)]).replace(b"district", b"seat", 1))
    return path


def _half_a_csv(folder: Path) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(to_csv([seat_row(1), seat_row(2)])[:-30])
    return path


def _endless(folder: Path) -> Path:
    path = folder / "mine.csv"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)  # ten sparse gigabytes
    assert path.stat().st_size > MAX_CSV_BYTES
    return path


def _half_a_congress(folder: Path) -> Path:
    path = folder / "congress-2026-06-15.yaml"
    path.write_text("- id:\n    bioguide: S000001\n  name: {first: A, last: B}\n  terms:\n  - {type: 'rep", "utf-8")
    return path


def _federal_columns(folder: Path) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(to_csv([seat_row(1)]).replace(b",lower,", b",us_middle,"))
    return path


@pytest.mark.parametrize(
    ("command", "make", "said"),
    [
        ("people", _half_a_zip, "people-2026-08-05.zip: not a whole zip file"),
        ("committees", _half_a_zip, "people-2026-08-05.zip: not a whole zip file"),
        ("people", _bomb, "Sample-Person-00000002.yml, line 2, column"),
        ("people", _climbing, "'../data/wi/legislature/x.yml' would climb out of the zip"),
        ("csv", _latin, "mine.csv, line 3: not UTF-8 text"),
        ("csv", _columns, "mine.csv, line 1: the first line must name the columns"),
        ("csv", _half_a_csv, "mine.csv, line 3"),
        ("csv", _endless, "mine.csv: larger than 32 MB"),
        ("csv", _federal_columns, "mine.csv, line 2, column chamber: 'us_middle'"),
        ("congress", _half_a_congress, "congress-2026-06-15.yaml, line 5"),
        ("people", lambda folder: folder / "nowhere.zip", "nowhere.zip: there is no such file or folder"),
        ("csv", lambda folder: folder / "nowhere.csv", "nowhere.csv: cannot be read: No such file"),
    ],
)
def test_a_bad_file_is_named_and_changes_nothing(
    here: Settings, database: Database, tmp_path: Path, command: str, make: Callable[[Path], Path], said: str
) -> None:
    assert run(here, "import", "people", roster(tmp_path, range(1, 3), OLD)).exit_code == 0
    before = rows(database), (here.data_dir / "legislators.csv").read_bytes()
    result = run(here, "import", command, make(tmp_path))
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Error: " in result.output
    assert said in result.output
    assert (rows(database), (here.data_dir / "legislators.csv").read_bytes()) == before
    assert sorted(path.name for path in here.data_dir.iterdir()) == [LOCK_FILE, "legislators.csv"]


def test_half_of_congress_needs_a_second_look(here: Settings, tmp_path: Path) -> None:
    path = tmp_path / "congress-2026-06-15.yaml"
    path.write_text(
        "- id: {bioguide: S000001}\n  name: {first: A, last: B}\n  terms:\n"
        "  - {type: sen, start: '2025-01-03', end: '2031-01-03', state: WI, party: Example}\n",
        "utf-8",
    )
    refused = run(here, "import", "congress", path)
    assert (refused.exit_code, "names 1 members, and Congress has 541" in refused.output) == (1, True)
    assert run(here, "import", "congress", path, "--yes").exit_code == 0
    assert b"bioguide/S000001,WI,us_upper,Statewide" in (here.data_dir / "congress.csv").read_bytes()


def test_loading_again_after_a_handover_changes_nothing(here: Settings, database: Database) -> None:
    rows = [seat_row(1, ends=date(2026, 9, 1)), seat_row(2)]
    (here.data_dir / "legislators.csv").write_bytes(to_csv(rows))
    assert "1 legislators and 1 vacant seats" in run(here, "load").output
    with database.write() as session:
        assert hand_over(session, now=datetime.now(UTC)) == 0
    assert "0 added, 0 changed, 0 gone" in run(here, "load").output
    assert len(run(here, "versions").output.splitlines()) == 1
