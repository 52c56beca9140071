from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.data import data
from actionmail.cli.lookup import lookup
from actionmail.settings import Settings, bundled
from tests.people import path_of, people_zip, person


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("legislators.csv", "zip_districts.csv.gz"):
        shutil.copyfile(bundled("data") / name, folder / name)
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str) -> Result:
    command = lookup if arguments[0] == "lookup" else data
    return CliRunner().invoke(command, arguments[1:] if command is lookup else arguments, obj=settings)


def test_load_check_and_lookup(here: Settings) -> None:
    assert run(here, "load").output.startswith("7,451 legislators and 30 vacant seats as of 2026-08-05: 7,481 added")
    assert "0 added, 0 changed, 0 gone" in run(here, "load").output
    checked = run(here, "check")
    assert checked.exit_code == 0, checked.output
    assert "0 districts of the ZIP table without a legislator" in checked.output
    found = run(here, "lookup", "53703", "--state", "wi")
    answer = json.loads(found.output)
    assert answer["certain"] is False
    assert [(one["district"], len(one["legislators"])) for one in answer["candidates"]["lower"]] == [
        ("76", 1),
        ("77", 1),
    ]
    assert {"method", "data_version", "as_of"} <= set(answer)
    refused = run(here, "lookup", "94103", "--state", "WI")
    assert (refused.exit_code, "California" in refused.output) == (1, True)


def test_import_people_twice(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(n): person(n, district=str(n)) for n in range(1, 4)})
    out = tmp_path / "out.csv"
    dry = run(here, "import", "people", str(path), "--out", str(out), "--dry-run")
    assert (dry.exit_code, out.exists(), "3 would be added" in dry.output) == (0, False, True)
    first = run(here, "import", "people", str(path), "--out", str(out))
    assert first.exit_code == 0, first.output
    written = out.read_bytes()
    second = run(here, "import", "people", str(path), "--out", str(out))
    assert "The same as before: nothing changed." in second.output
    assert out.read_bytes() == written
    assert not [name for name in tmp_path.iterdir() if name.name.startswith(".")]


def test_a_malformed_row_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1), path_of(2): "id: [\n"})
    before = (here.data_dir / "legislators.csv").read_bytes()
    result = run(here, "import", "people", str(path))
    assert result.exit_code == 1
    assert "Sample-Person-00000002.yml, line 2, column 1: not readable as YAML" in result.output
    assert (here.data_dir / "legislators.csv").read_bytes() == before
    csv = here.data_dir / "legislators.csv"
    csv.write_bytes(before.replace(b",WI,upper,2,", b",WX,upper,2,"))
    result = run(here, "load")
    assert result.exit_code == 1
    assert "legislators.csv, line " in result.output
    assert ", column state: 'WX'" in result.output
    assert "no legislator in the database" in run(here, "check").output


def test_a_folder_that_cannot_be_written_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1)})
    result = run(here, "import", "people", str(path), "--out", str(tmp_path / "missing" / "out.csv"))
    assert (result.exit_code, "--out" in result.output) == (1, True)
    assert "no legislator in the database" in run(here, "check").output


def test_import_zips(here: Settings, tmp_path: Path) -> None:
    source = tmp_path / "zips.csv"
    source.write_text("zip,state,chamber,district,share,method\n53703,WI,upper,26,1,pop\n", encoding="utf-8")
    assert "1 rows written" in run(here, "import", "zips", str(source), "--as-of", "2026-01-01").output
    assert "the same as before" in run(here, "import", "zips", str(source), "--as-of", "2026-01-01").output
    source.write_text("zip,state\n", encoding="utf-8")
    assert run(here, "import", "zips", str(source), "--as-of", "2026-01-01").exit_code == 1
