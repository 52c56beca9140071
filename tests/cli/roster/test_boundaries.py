from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import shapefile
from click.testing import CliRunner, Result

from actionmail.cli.roster.boundaries import boundaries
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.settings import Settings, bundled
from tests.samples import sample_legislator


@pytest.fixture
def here(settings: Settings, database: Database, tmp_path: Path) -> Settings:
    """A data folder of two Assembly districts by the ZIP table, and nobody's boundaries."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [f"53703,WI,lower,{n},0.5,pop,2024-11-05" for n in (76, 77)]
    (folder / "zip_districts.csv").write_text("zip,state,chamber,district,share,method,as_of\n" + "\n".join(rows))
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str | Path, as_of: str = "2024-11-05") -> Result:
    return CliRunner().invoke(boundaries, [*map(str, arguments), "--as-of", as_of], obj=settings)


def call(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(data, arguments, obj=settings)


def held(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (settings.data_dir / "boundaries").glob("*")}


def square(*names: str, width: float = 0.1) -> str:
    """Districts in a row from west to east, the first of this width in degrees."""
    features = []
    west = -89.1
    for name in names:
        east = west + width
        ring = [[west, 43.0], [east, 43.0], [east, 43.1], [west, 43.1], [west, 43.0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"district": name}, "geometry": geometry})
        west, width = east, 0.1
    return json.dumps({"type": "FeatureCollection", "features": features})


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(name.replace("__", "/").replace("_json", ".json"), text)
    return path


def test_a_zip_is_imported_once_and_undone(here: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", WI_lower_json=square("76", "77"), README="hello")
    dry = run(here, path, "--dry-run").output
    assert "WI lower: 2 districts, before 0.\n2 districts of WI lower added\n  76\n  77\n" in dry
    assert dry.endswith("Nothing was changed (--dry-run).\n")
    assert held(here) == {}
    assert run(here, path).output.endswith("Written: boundaries/WI_lower.json.gz.\n")
    first = held(here)
    assert [*first] == ["WI_lower.json.gz"]
    assert "The same as before: nothing changed." in run(here, path).output
    assert call(here, "versions").output.count("boundaries") == 1
    assert "is the first of boundaries" in call(here, "undo", "boundaries", "--by", "Rita Sample").output

    wider = zipped(tmp_path / "wider.zip", WI_lower_json=square("76", "77", width=0.105), WI_upper_json=square("26"))
    refused = run(here, wider)
    assert (refused.exit_code, held(here)) == (1, first)
    assert "2 districts of WI lower redrawn\n  77: 10.0% of its area\n  76: 5.0% of its area\n" in refused.output
    assert "the ZIP table knows no WI upper district 26. If it is right, say so with --yes." in refused.output
    assert run(here, wider, "--yes").exit_code == 0
    second = held(here)
    assert sorted(second) == ["WI_lower.json.gz", "WI_upper.json.gz"]

    dry = call(here, "undo", "boundaries", "--by", "Rita Sample", "--dry-run")
    assert "1 districts of WI upper gone\n  26\n" in dry.output
    assert (held(here), call(here, "versions").output.count("undone")) == (second, 0)
    undone = call(here, "undo", "boundaries", "--by", "Rita Sample")
    assert "Version 2 is undone; version 1, as of 2024-11-05, is in force" in undone.output
    assert held(here) == first
    assert "undone" in call(here, "versions", "--kind", "boundaries").output.splitlines()[0]


def test_what_came_with_the_code_can_be_had_back(here: Settings, tmp_path: Path) -> None:
    shipped = bundled("data") / "boundaries"
    (here.data_dir / "boundaries").mkdir()
    for file in shipped.glob("WI_*"):
        shutil.copy(file, here.data_dir / "boundaries")
    before = held(here)
    path = tmp_path / "WI_lower.json"
    path.write_text(square("76", "77"))
    refused = run(here, path)
    assert "WI lower: 97 of 99 districts would be gone (97 %)." in refused.output
    assert run(here, path, "--yes").exit_code == 0
    assert held(here) != before
    found = call(here, "versions").output
    assert "132 rows" in found  # 33 Senate and 99 Assembly districts
    assert "as of 2024-11-05" in found
    assert call(here, "undo", "boundaries", "--by", "Rita Sample").exit_code == 0
    assert held(here) == before


def test_maps_of_another_election_or_without_some_seats_need_a_second_look(
    here: Settings, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        sample_legislator(session, district="76")
        sample_legislator(session, district="78")
    path = tmp_path / "WI_lower.json"
    path.write_text(square("76", "77"))
    refused = run(here, path, as_of="2026-11-03")
    assert (refused.exit_code, held(here)) == (1, {})
    assert "WI lower 77: neither a legislator nor a known vacancy is in the roster." in refused.output
    assert "WI lower 78: there is no boundary of it." in refused.output
    assert "these hold from 2026-11-03, the ZIP table from 2024-11-05" in refused.output


def test_a_bad_file_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", WI_lower_json=square("76", "77"), WI_upper_json="{")
    result = run(here, path)
    assert result.exit_code == 1
    assert "WI_upper.json, line 1" in result.output
    assert (held(here), call(here, "versions").output) == ({}, "Nothing was imported yet.\n")


def test_a_folder_that_cannot_be_written_changes_nothing(here: Settings, tmp_path: Path) -> None:
    path = tmp_path / "WI_lower.json"
    path.write_text(square("76", "77"))
    (here.data_dir / "boundaries").write_text("in the way")
    result = run(here, path)
    assert (result.exit_code, "cannot be written (File exists). Nothing was changed" in result.output) == (1, True)
    assert call(here, "versions").output == "Nothing was imported yet.\n"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("WI_lower.json", square("76", "760"), "the ZIP table knows no WI lower district 760"),
        ("XX_lower.json", square("76"), "no state and chamber"),
        ("NE_lower.json", square("76"), "no state and chamber"),
        ("districts.json", square("76"), "must be named after state and chamber"),
        ("WI_lower.shp", "x", "its .dbf is missing"),
        ("WI_lower.dbf", "x", "name its .shp"),
        ("half.zip", "PK\x03\x04", "half a download"),
    ],
)
def test_refusals_are_sentences(here: Settings, tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    result = run(here, path)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_path_that_climbs_out_is_refused(here: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", **{"..__WI_lower_json": square("76")})
    assert "climbs out" in run(here, path).output


def test_no_file_is_a_sentence(here: Settings, tmp_path: Path) -> None:
    assert "cannot be read" in run(here, tmp_path / "WI_lower.json").output


def shapes(folder: Path, stem: str = "tl_2024_55_sldl", ring: list[list[float]] | None = None) -> Path:
    """A shapefile as TIGER/Line has it, with the water that belongs to no district."""
    square = [[-89.1, 43.0], [-89.1, 43.1], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.0]]
    with shapefile.Writer(str(folder / stem)) as writer:
        writer.field("SLDLST", "C", size=3)
        writer.field("NAMELSAD", "C", size=100)
        for number, code in enumerate(("076", "077", "ZZZ")):
            writer.poly([ring or [[west + number / 10, south] for west, south in square]])
            writer.record(code, f"Assembly District {code}")
    (folder / f"{stem}.prj").write_text('GEOGCS["GCS_North_American_1983"]')
    return folder / f"{stem}.shp"


def test_a_shapefile_is_read_with_its_parts(here: Settings, tmp_path: Path) -> None:
    path = shapes(tmp_path)
    assert "Written: boundaries/WI_lower.json.gz." in run(here, path, "--yes").output
    written = json.loads(gzip.decompress(held(here)["WI_lower.json.gz"]))
    assert [one["properties"]["district"] for one in written["features"]] == [["76"], ["77"]]  # and no water
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as opened:
        for part in tmp_path.glob("tl_*"):
            opened.write(part, f"folder/{part.name}")
    assert "The same as before: nothing changed." in run(here, packed).output


def test_a_shapefile_that_cannot_be_used(here: Settings, tmp_path: Path) -> None:
    path = shapes(tmp_path)
    path.with_suffix(".prj").write_text('PROJCS["NAD_1983_HARN_Wisconsin_TM"]')
    assert "are not degrees" in run(here, path).output
    path.with_suffix(".prj").unlink()
    whole = path.read_bytes()
    for length in (len(whole) - 40, 120, 99, 0):
        path.write_bytes(whole[:length])
        refused = run(here, path)
        assert (refused.exit_code, "half a download" in refused.output) == (1, True), (length, refused.output)
    path.write_bytes(whole)
    path.with_suffix(".dbf").unlink()
    assert "its .dbf is missing" in run(here, path).output
    assert held(here) == {}


def test_a_shape_that_crosses_itself_is_refused_with_its_place(here: Settings, tmp_path: Path) -> None:
    bow = [[-89.1, 43.0], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.1], [-89.1, 43.0]]
    refused = run(here, shapes(tmp_path, ring=bow))
    assert (refused.exit_code, "crosses itself" in refused.output) == (1, True), refused.output


def test_what_has_no_end_is_no_file(here: Settings) -> None:
    assert "zero: neither a file nor a folder" in run(here, "/dev/zero").output
