from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import shapefile
from click.testing import CliRunner, Result

from actionmail.cli.boundaries import boundaries
from actionmail.settings import Settings


def run(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(boundaries, [*map(str, arguments), "--as-of", "2024-11-05"], obj=settings)


def square(name: str) -> str:
    ring = [[-89.1, 43.0], [-89.0, 43.0], [-89.0, 43.1], [-89.1, 43.1], [-89.1, 43.0]]
    feature = {
        "type": "Feature",
        "properties": {"district": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(name.replace("__", "/").replace("_json", ".json"), text)
    return path


def test_a_zip_is_imported_once(settings: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", WI_lower_json=square("76"), README="hello")
    out = tmp_path / "out"
    assert "Nothing was written" in run(settings, path, "--out", out, "--dry-run").output
    assert not out.exists()
    assert "WI_lower.json.gz: 1 districts," in run(settings, path, "--out", out).output
    assert [file.name for file in out.iterdir()] == ["WI_lower.json.gz"]
    assert "the same as before" in run(settings, path, "--out", out).output


def test_a_bad_file_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", WI_lower_json=square("76"), WI_upper_json="{")
    result = run(settings, path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "WI_upper.json, line 1" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("WI_lower.json", square("760"), "the ZIP table knows no WI lower district 760"),
        ("XX_lower.json", square("76"), "no state and chamber"),
        ("NE_lower.json", square("76"), "no state and chamber"),
        ("districts.json", square("76"), "must be named after state and chamber"),
        ("WI_lower.shp", "x", "its .dbf is missing"),
        ("WI_lower.dbf", "x", "name its .shp"),
        ("half.zip", "PK\x03\x04", "half a download"),
    ],
)
def test_refusals_are_sentences(settings: Settings, tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    result = run(settings, path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_path_that_climbs_out_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", **{"..__WI_lower_json": square("76")})
    assert "climbs out" in run(settings, path, "--out", tmp_path / "out").output


def test_no_file_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    assert "cannot be read" in run(settings, tmp_path / "WI_lower.json").output


def shapes(folder: Path, stem: str = "tl_2024_55_sldl", ring: list[list[float]] | None = None) -> Path:
    """A shapefile as TIGER/Line has it, with the water that belongs to no district."""
    square = [[-89.1, 43.0], [-89.1, 43.1], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.0]]
    with shapefile.Writer(str(folder / stem)) as writer:
        writer.field("SLDLST", "C", size=3)
        writer.field("NAMELSAD", "C", size=100)
        for code in ("076", "ZZZ"):
            writer.poly([ring or square])
            writer.record(code, f"Assembly District {code}")
    (folder / f"{stem}.prj").write_text('GEOGCS["GCS_North_American_1983"]')
    return folder / f"{stem}.shp"


def test_a_shapefile_is_read_with_its_parts(settings: Settings, tmp_path: Path) -> None:
    path = shapes(tmp_path)
    assert "WI_lower.json.gz: 1 districts," in run(settings, path, "--out", tmp_path / "out").output
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as opened:
        for part in tmp_path.glob("tl_*"):
            opened.write(part, f"folder/{part.name}")
    assert "the same as before" in run(settings, packed, "--out", tmp_path / "out").output


def test_a_shapefile_that_cannot_be_used(settings: Settings, tmp_path: Path) -> None:
    path = shapes(tmp_path)
    path.with_suffix(".prj").write_text('PROJCS["NAD_1983_HARN_Wisconsin_TM"]')
    assert "are not degrees" in run(settings, path, "--out", tmp_path / "out").output
    path.with_suffix(".prj").unlink()
    whole = path.read_bytes()
    for length in (len(whole) - 40, 120, 99, 0):
        path.write_bytes(whole[:length])
        refused = run(settings, path, "--out", tmp_path / "out")
        assert (refused.exit_code, "half a download" in refused.output) == (1, True), (length, refused.output)
    path.write_bytes(whole)
    path.with_suffix(".dbf").unlink()
    assert "its .dbf is missing" in run(settings, path, "--out", tmp_path / "out").output
    assert not (tmp_path / "out").exists()


def test_a_shape_that_crosses_itself_is_refused_with_its_place(settings: Settings, tmp_path: Path) -> None:
    bow = [[-89.1, 43.0], [-89.0, 43.1], [-89.0, 43.0], [-89.1, 43.1], [-89.1, 43.0]]
    refused = run(settings, shapes(tmp_path, ring=bow), "--out", tmp_path / "out")
    assert (refused.exit_code, "crosses itself" in refused.output) == (1, True), refused.output
