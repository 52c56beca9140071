from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
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
        ("WI_lower.shp", "x", "a shapefile, which is not read"),
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
