"""Counties, places and the areas of ZIP codes for the maps, as the Census Bureau writes them."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import shapefile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.flows.lookup.map_layers import MapLayers
from actionmail.gateways.datasets.outline_files import short_name
from actionmail.settings import Settings

GAZETTEER = (
    "USPS\tGEOID\tANSICODE\tNAME\tLSAD\tFUNCSTAT\tALAND\tAWATER\tALAND_SQMI\tAWATER_SQMI\tINTPTLAT\tINTPTLONG   \n"
    "WI\t5548000\t01583625\tMadison city\t25\tA\t206000000\t60000000\t79.6\t23.2\t43.087806\t-89.430121   \n"
    "WI\t5567200\t01584123\tShorewood Hills village\t47\tA\t2000000\t0\t0.8\t0\t43.078\t-89.4487   \n"
    "TN\t4752006\t02405092\tNashville-Davidson metropolitan government (balance)\t00\tA\t1232000000\t5\t475\t1\t"
    "36.17\t-86.78\n"
)


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return replace(settings, data_dir=folder)


def run(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(data, [str(argument) for argument in arguments], obj=settings)


def areas_zip(folder: Path, *zips: str) -> Path:
    """A shapefile of one square for each ZIP code, in a zip named as the Bureau's."""
    stem = folder / "cb_2020_us_zcta520_500k"
    with shapefile.Writer(str(stem), shapeType=shapefile.POLYGON) as writer:
        writer.field("ZCTA5CE20", "C", 5)
        writer.field("GEOID20", "C", 5)
        for number, zip5 in enumerate(zips):
            west = -89.5 + number * 0.1
            writer.poly([[[west, 43], [west, 43.1], [west + 0.1, 43.1], [west + 0.1, 43], [west, 43]]])
            writer.record(zip5, zip5)
    packed = stem.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for ending in (".shp", ".dbf", ".shx"):
            archive.write(stem.with_suffix(ending), stem.with_suffix(ending).name)
    return packed


def test_the_gazetteer_names_places(here: Settings, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "2024_Gaz_place_national.txt"
    file.write_text(GAZETTEER)
    done = run(here, "import", "places", file, "--as-of", "2024-01-01", "--licence", "public domain")
    assert done.exit_code == 0, done.output
    assert "Written: places/TN.csv, places/WI.csv." in done.output
    layers = MapLayers(here.data_dir)
    assert [place.name for place in layers.around("WI", zip5="", point=None).places] == ["Madison", "Shorewood Hills"]
    assert [place.name for place in layers.around("TN", zip5="", point=None).places] == ["Nashville-Davidson"]
    assert "nothing changed" in run(here, "import", "places", file, "--as-of", "2024-01-01").output


def test_with_bars_and_in_a_zip_it_is_the_same(here: Settings, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "2025_Gaz_place_national.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("2025_Gaz_place_national.txt", GAZETTEER.replace("\t", "|"))
    assert run(here, "import", "places", file, "--as-of", "2025-01-01").exit_code == 0
    assert len(MapLayers(here.data_dir).around("WI", zip5="", point=None).places) == 2


def test_the_areas_of_zip_codes_come_and_go_back(here: Settings, database: Database, tmp_path: Path) -> None:
    packed = areas_zip(tmp_path, "53703", "53704", "54901")
    trial = run(here, "import", "zcta", packed, "--as-of", "2020-01-01", "--dry-run")
    assert "Would be written: zip_areas/537.topo, zip_areas/549.topo." in trial.output
    assert not (here.data_dir / "zip_areas").exists()
    done = run(here, "import", "zcta", packed, "--as-of", "2020-01-01")
    assert done.exit_code == 0, done.output
    layers = MapLayers(here.data_dir)
    area = layers.around("WI", zip5="53704", point=None).zip_area
    assert area is not None
    assert area.bounds == pytest.approx((-89.4, 43.0, -89.3, 43.1))
    assert layers.around("WI", zip5="53705", point=None).zip_area is None
    more = areas_zip(tmp_path, "53703", "53704", "53705")
    assert run(here, "import", "zcta", more, "--as-of", "2020-01-01").exit_code == 0
    assert layers.around("WI", zip5="53705", point=None).zip_area is not None
    assert run(here, "undo", "zcta", "--by", "Rita Sample").exit_code == 0
    assert layers.around("WI", zip5="53705", point=None).zip_area is None


def test_fewer_names_than_before_are_a_doubt(here: Settings, database: Database, tmp_path: Path) -> None:
    many = areas_zip(tmp_path, *(f"537{number:02}" for number in range(20)))
    assert run(here, "import", "zcta", many, "--as-of", "2020-01-01").exit_code == 0
    refused = run(here, "import", "zcta", areas_zip(tmp_path, "53703"), "--as-of", "2020-01-01")
    assert refused.exit_code == 1
    assert "zip_areas/537.topo: 19 of 20 names would be gone (95 %)" in refused.output


def test_counties_come_from_geojson_too(here: Settings, database: Database, tmp_path: Path) -> None:
    ring = [[-89.8, 42.8], [-89.0, 42.8], [-89.0, 43.3], [-89.8, 43.3], [-89.8, 42.8]]
    feature = {"type": "Feature", "properties": {"STATEFP": "55", "NAME": "Dane"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    file = tmp_path / "counties.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    done = run(here, "import", "counties", file, "--as-of", "2023-01-01")
    assert done.exit_code == 0, done.output
    assert [county.name for county in MapLayers(here.data_dir).around("WI", zip5="", point=None).counties] == ["Dane"]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("places", "NAME,LAT\nMadison,43\n", "line 1: the first line must name the columns"),
        ("places", GAZETTEER.replace("43.087806", "x"), "line 2: latitude, longitude or land are no numbers"),
        ("places", GAZETTEER.replace("\t43.078", ""), "line 3: 11 cells where 12 are needed"),
        ("places", "", "the first line must name the columns"),
        ("zcta", '{"type": "FeatureCollection", "features": [{"properties": {}, "geometry": null}]}', "feature 1"),
        ("counties", '{"type": "FeatureCollection", "features": [{"properties": {"STATEFP": "55"}}]}', "feature 1"),
        ("counties", '{"type": "FeatureCollection", "features": []}', "there is no feature in it"),
        ("counties", "no json", "json"),
    ],
)
def test_what_is_no_such_file_is_said_to_be_none(
    here: Settings, database: Database, tmp_path: Path, kind: str, text: str, said: str
) -> None:
    file = tmp_path / "file.txt"
    file.write_text(text)
    refused = run(here, "import", kind, file, "--as-of", "2024-01-01")
    assert refused.exit_code == 1
    assert said.lower() in refused.output.lower()
    assert "Traceback" not in refused.output
    assert list(here.data_dir.iterdir()) == []


def test_a_damaged_layer_is_left_out_of_the_map(here: Settings) -> None:
    (here.data_dir / "places").mkdir()
    (here.data_dir / "places" / "WI.csv").write_bytes(b"\xff\xfe")
    assert MapLayers(here.data_dir).around("WI", zip5="", point=None).places == ()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Boise City city", "Boise City"),
        ("Carson City", "Carson City"),
        ("Urban Honolulu CDP", "Urban Honolulu"),
        ("Juneau city and borough", "Juneau"),
        ("Butte-Silver Bow (balance)", "Butte-Silver Bow"),
        ("Athens-Clarke County unified government (balance)", "Athens-Clarke County"),
        ("town", "town"),
    ],
)
def test_a_place_is_named_without_its_kind(name: str, short: str) -> None:
    assert short_name(name) == short
