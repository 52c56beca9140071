from __future__ import annotations

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
from actionmail.rules.districts.map_files import read_map
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
    assert run(here, path).output.endswith("Written: boundaries/WI_lower.topo.\n")
    first = held(here)
    assert [*first] == ["WI_lower.topo"]
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
    assert sorted(second) == ["WI_lower.topo", "WI_upper.topo"]

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
    for file in (shipped / "WI_lower.topo", shipped / "WI_upper.topo"):
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
    assert "Written: boundaries/WI_lower.topo." in run(here, path, "--yes").output
    written = read_map(held(here)["WI_lower.topo"], "WI_lower.topo")
    assert [district.names for district in written.districts] == [("76",), ("77",)]  # and no water
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as opened:
        for part in tmp_path.glob("tl_*"):
            opened.write(part, f"folder/{part.name}")
    assert "The same as before: nothing changed." in run(here, packed).output


def bureaus(*places: tuple[str, str, str], column: str = "SLDLST") -> str:
    """Districts in a row as the Bureau's files have them: state's number, code, and how the Bureau calls it."""
    collection = json.loads(square(*(code for _, code, _ in places)))
    for feature, (number, code, name) in zip(collection["features"], places, strict=True):
        feature["properties"] = {"STATEFP": number, column: code, "GEOID": number + code, "NAMELSAD": name}
    return json.dumps(collection)


@pytest.fixture
def whole(here: Settings) -> Settings:
    """The tables of all states, and nobody's boundaries."""
    (here.data_dir / "zip_districts.csv").unlink()
    for name in ("zip_districts.csv.gz", "zip_congress.csv.gz", "district_codes.csv"):
        shutil.copy(bundled("data") / name, here.data_dir)
    return here


@pytest.mark.parametrize(
    ("file", "number", "column", "code", "names"),
    [
        ("ID_lower", "16", "SLDLST", "001", ("1A", "1B")),
        ("MA_upper", "25", "SLDUST", "D01", ("Berkshire, Hampden, Franklin and Hampshire",)),
        ("VT_lower", "50", "SLDLST", "A-1", ("Addison-1",)),
        ("NH_lower", "33", "SLDLST", "101", ("Carroll 1",)),
        ("DC_legislature", "11", "SLDUST", "001", ("Ward 1",)),
        ("WI_lower", "55", "SLDLST", "076", ("76",)),
        ("WI_us_lower", "55", "CD119FP", "02", ("2",)),
        ("WY_us_lower", "56", "CD119FP", "00", ("At-Large",)),
        ("DC_us_lower", "11", "CD119FP", "98", ("At-Large",)),
    ],
)
def test_the_bureaus_own_codes_are_the_rosters_names(
    whole: Settings, tmp_path: Path, file: str, number: str, column: str, code: str, names: tuple[str, ...]
) -> None:
    path = tmp_path / f"{file}.json"
    path.write_text(bureaus((number, code, "as the Bureau says it"), column=column))
    result = run(whole, path, "--yes")
    assert result.exit_code == 0, result.output
    assert "the ZIP table knows no" not in result.output
    written = read_map(held(whole)[f"{file}.topo"], file)
    assert [district.names for district in written.districts] == [names]


def test_one_national_file_is_taken(whole: Settings, tmp_path: Path) -> None:
    path = tmp_path / "US_lower.json"
    places = [("55", "076", "Assembly District 76"), ("16", "001", "District 1"), ("50", "A-1", "Addison-1")]
    places += [("55", "077", "Assembly District 77"), ("72", "001", "Distrito 1"), ("78", "001", "Saint Croix")]
    path.write_text(bureaus(*places))
    assert run(whole, path, "--yes").exit_code == 0
    names = {}
    for name, raw in held(whole).items():
        names[name] = [district.names for district in read_map(raw, name).districts]
    assert names == {
        "ID_lower.topo": [("1A", "1B")],
        "PR_lower.topo": [("1",)],
        "VT_lower.topo": [("Addison-1",)],
        "WI_lower.topo": [("76",), ("77",)],
    }
    nowhere = json.loads(path.read_text())
    for feature in nowhere["features"]:
        feature["properties"] = {"SLDLST": "076"}
    path.write_text(json.dumps(nowhere))
    assert "US_lower.json: feature 1 names no state in STATEFP or GEOID" in run(whole, path).output


def test_national_shapefiles_are_taken(whole: Settings, tmp_path: Path) -> None:
    for stem, column, codes in (
        ("cb_2024_us_sldu_500k", "SLDUST", ("001", "ZZZ")),
        ("tl_2024_us_cd119", "CD119FP", ("01", "ZZ")),
    ):
        with shapefile.Writer(str(tmp_path / stem)) as writer:
            for field in ("STATEFP", column, "NAMELSAD"):
                writer.field(field, "C", size=20)
            for west, number in ((-89.1, "55"), (-77.1, "11"), (-96.1, "31")):
                for north, code in zip((43.1, 44.1), codes, strict=True):
                    ring = [[west, 43.0], [west, north], [west + 0.1, north], [west + 0.1, 43.0], [west, 43.0]]
                    writer.poly([ring])
                    writer.record(number, code, f"District {code}")
    (tmp_path / "tl_2024_us_cd119.prj").write_text('GEOGCS["GCS_North_American_1983"]')
    result = run(whole, tmp_path, "--yes")
    assert result.exit_code == 0, result.output
    houses = {"DC_legislature", "NE_legislature", "WI_upper", "DC_us_lower", "NE_us_lower", "WI_us_lower"}
    assert held(whole).keys() == {f"{house}.topo" for house in houses}


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
