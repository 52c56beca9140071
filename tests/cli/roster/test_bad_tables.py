"""What bad files of boundaries and ZIP codes get: a sentence with file and place, status 1, nothing changed."""

from __future__ import annotations

import gzip
import io
import json
import resource
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import shapefile
from click.testing import CliRunner

from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.flows.roster.dataset_versions import versions
from actionmail.settings import Settings

ZIPS = "zip,state,chamber,district,share,method\n53703,WI,lower,76,1,pop\n"
CONGRESS = "state_fips,state_abbr,zcta,cd\n55,WI,53703,2\n"
RING = [[-89.1, 43.0], [-89.0, 43.0], [-89.0, 43.1], [-89.1, 43.1], [-89.1, 43.0]]
BOW = [[-89.1, 43.0], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.1], [-89.1, 43.0]]
MEMORY = 300 * 1024  # kilobytes that a refusal may take on top

Make = Callable[[Path], Path]
Content = bytes | Callable[[], bytes]  # what is large is made by the test that needs it


def geojson(ring: list[list[float]], name: str = "76") -> str:
    feature = {
        "type": "Feature",
        "properties": {"district": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


def holds(name: str, content: str | Content) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else made(content))
        return path

    return make


def endless(name: str) -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        with path.open("wb") as file:
            file.truncate(10 * 1024**3)  # ten sparse gigabytes
        return path

    return make


def made(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content()


def blanks() -> bytes:
    return b" " * 2**27


@cache
def bomb(size: int = 1024**3) -> bytes:
    """A gigabyte of blanks, packed."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(size // 2**20):
            file.write(b" " * 2**20)
    return packed.getvalue()


def zipped(*members: tuple[str, Content]) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "maps.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, made(content))
        return path

    return make


def half(make: Make) -> Make:
    def cut(folder: Path) -> Path:
        path = make(folder)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return path

    return cut


def shapes(*, without: str = "", name: bytes = b"Assembly District 76", ring: list[list[float]] = RING[::-1]) -> Make:
    def make(folder: Path) -> Path:
        stem = folder / "tl_2024_55_sldl"
        with shapefile.Writer(str(stem)) as writer:
            writer.field("SLDLST", "C", size=3)
            writer.field("NAMELSAD", "C", size=60)
            writer.poly([ring])
            writer.record("076", "X" * len(name))
        if without:
            stem.with_suffix(without).unlink()
        else:
            table = stem.with_suffix(".dbf")
            table.write_bytes(table.read_bytes().replace(b"X" * len(name), name))
        return stem.with_suffix(".shp")

    return make


def zipped_shapes(folder: Path) -> Path:
    shapes(without=".dbf")(folder)
    return zipped(*((file.name, file.read_bytes()) for file in sorted(folder.glob("tl_*"))))(folder)


CASES: list[tuple[str, Make, str]] = [
    ("zips", endless("zips.csv"), "zips.csv: larger than 64 MB, so this is no such table"),
    ("zips", holds("zips.csv.gz", bomb), "zips.csv.gz: larger than 64 MB"),
    ("zips", half(holds("zips.csv.gz", gzip.compress(ZIPS.encode()))), "zips.csv.gz: cannot be read"),
    ("zips", holds("zips.csv", ZIPS.replace("76", "Nu\u00f1ez").encode("latin-1")), "zips.csv, line 2: not UTF-8 text"),
    ("zips", holds("zips.csv", ZIPS.encode("utf-16")), "zips.csv, line 1: not UTF-8 text"),
    ("zips", holds("zips.csv", ZIPS.replace("share,", "")), "zips.csv, line 1: the first line must be"),
    ("zips", holds("zips.csv", ZIPS[:-7]), "zips.csv, line 2: too few or too many cells"),
    ("zips", holds("zips.csv", ZIPS + '53704,WI,lower,"76'), "zips.csv, line 3"),
    ("zips", holds("zips.csv", ZIPS.replace("WI", "W\0")), "zips.csv, line 2"),
    ("zips", lambda folder: folder / "nowhere.csv", "nowhere.csv: cannot be read"),
    ("zips", lambda folder: folder, "cannot be read"),
    ("congress-zips", endless("congress.csv"), "congress.csv: larger than 64 MB"),
    ("congress-zips", holds("congress.csv", bomb), "congress.csv: larger than 64 MB"),
    ("congress-zips", holds("congress.csv", CONGRESS.encode("utf-16")), "congress.csv, line 1: not UTF-8 text"),
    ("congress-zips", holds("congress.csv", CONGRESS[:-3]), "congress.csv, line 2"),
    ("boundaries", endless("WI_lower.json"), "WI_lower.json: larger than 64 MB unpacked"),
    ("boundaries", endless("WI_lower.shp"), "WI_lower.shp: larger than 64 MB"),
    ("boundaries", zipped(("WI_lower.json", blanks)), "WI_lower.json: larger than 64 MB unpacked"),
    ("boundaries", zipped(("a/../../WI_lower.json", b"{}")), "climbs out of the zip"),
    (
        "boundaries",
        half(zipped(("WI_lower.json", geojson(RING).encode()))),
        "maps.zip: not a zip, or only half a download",
    ),
    ("boundaries", holds("WI_lower.json", geojson(RING)[:-20]), "WI_lower.json, line 1, column"),
    ("boundaries", holds("WI_lower.json", geojson(RING).encode("utf-16")), "WI_lower.json, line 1: not UTF-8 text"),
    ("boundaries", holds("WI_lower.json", geojson(RING, "Nu\u00f1ez").encode("latin-1")), "line 1: not UTF-8 text"),
    ("boundaries", holds("WI_lower.json", "[" * 200_000), "WI_lower.json: nested too deeply"),
    ("boundaries", holds("WI_lower.json", geojson(BOW)), "feature 1 (district 76) crosses itself and cannot be mended"),
    ("boundaries", holds("WI_lower.json", geojson([])), "feature 1 (district 76)"),
    ("boundaries", shapes(ring=BOW), "feature 1 (district 76) crosses itself and cannot be mended"),
    ("boundaries", shapes(without=".dbf"), "tl_2024_55_sldl.shp: its .dbf is missing"),
    ("boundaries", zipped_shapes, "tl_2024_55_sldl.shp: its .dbf is missing"),
    ("boundaries", half(shapes()), "tl_2024_55_sldl.shp: damaged, or only half a download"),
    ("boundaries", shapes(name=b"Distrito Nu\xf1ez"), "tl_2024_55_sldl.shp: its .dbf is not UTF-8 text, at shape 1"),
    ("boundaries", lambda folder: folder / "WI_lower.json", "WI_lower.json: cannot be read"),
    ("boundaries", lambda folder: folder, "files must be named after state and chamber"),
]


@pytest.mark.parametrize(("command", "make", "said"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)])
def test_a_bad_file_is_named_and_changes_nothing(
    settings: Settings, database: Database, tmp_path: Path, command: str, make: Make, said: str
) -> None:
    folder, brought = tmp_path / "data", tmp_path / "brought"
    folder.mkdir()
    brought.mkdir()
    table = folder / "zip_districts.csv"
    table.write_text(ZIPS.replace("method", "method,as_of").replace("pop", "pop,2024-11-05"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = CliRunner().invoke(
        data,
        ["import", command, str(make(brought)), "--as-of", "2024-11-05", "--yes"],
        obj=replace(settings, data_dir=folder),
    )
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Error: " in result.output
    assert said in result.output
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    assert [file.name for file in folder.iterdir()] == ["zip_districts.csv"]
    with database.read() as session:
        assert versions(session) == []
