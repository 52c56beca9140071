"""`--from-url` and `--sha256` of the imports."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.db.roster import DatasetVersion
from actionmail.settings import Settings
from tests.gateways.datasets.test_congress import member
from tests.gateways.files_server import files_server
from tests.people import path_of, people_zip, person

NAME = "people-2026-08-05.zip"


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return replace(settings, data_dir=folder)


def run(settings: Settings, cache: Path, *arguments: str | Path) -> Result:
    env = {"XDG_CACHE_HOME": str(cache)}
    return CliRunner(env=env).invoke(data, ["import", "people", *map(str, arguments)], obj=settings)


def test_people_from_the_web(here: Settings, tmp_path: Path) -> None:
    body = people_zip(tmp_path, {path_of(1): person(1, district="1")}, NAME).read_bytes()
    found = hashlib.sha256(body).hexdigest()
    cache = tmp_path / "cache"
    with files_server({f"/{NAME}": body}) as server:
        url = f"{server.url}/{NAME}"
        dry = run(here, cache, "--from-url", url, "--sha256", found, "--dry-run")
        assert f"{NAME}: {len(body):,} bytes, SHA-256 {found}\nFrom {url}, version " in dry.output
        assert "; of 2026-08-05; licence: CC0-1.0.\nAs of 2026-08-05, WI: 1 legislators." in dry.output
        assert len(list(cache.rglob(NAME))) == 1
        assert run(here, cache, "--from-url", url).exit_code == 0
        assert not list(cache.rglob(NAME))
        assert (here.data_dir / "legislators.csv").is_file()


def test_the_version_names_the_address_its_etag_and_the_day_it_was_written(
    here: Settings, database: Database, tmp_path: Path
) -> None:
    members = "".join(member(number, district=str(number)) for number in range(1, 9))
    with files_server({"/legislators-current.yaml": members.encode()}) as server:
        server.modified = "Mon, 15 Jun 2026 12:00:00 GMT"
        url = f"{server.url}/legislators-current.yaml"
        env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        arguments = ["import", "congress", "--from-url", url, "--yes"]
        done = CliRunner(env=env).invoke(data, arguments, obj=here)
    assert done.exit_code == 0, done.output
    with database.read() as session:
        version = session.scalars(select(DatasetVersion)).one()
    assert (version.source, version.as_of.isoformat(), version.licence) == (url, "2026-06-15", "CC0-1.0")
    assert version.source_version.startswith('"')


def test_what_is_not_the_file_is_refused(here: Settings, tmp_path: Path) -> None:
    path = people_zip(tmp_path, {path_of(1): person(1, district="1")}, NAME)
    with files_server({f"/{NAME}": path.read_bytes()}) as server:
        for source in (["--from-url", f"{server.url}/{NAME}"], [str(path)]):
            refused = run(here, tmp_path / "cache", *source, "--sha256", "0" * 64)
            assert (refused.exit_code, "its SHA-256 is" in refused.output) == (1, True)
    assert not list(here.data_dir.iterdir())
    assert path.is_file()


def test_a_path_or_an_address(here: Settings, tmp_path: Path) -> None:
    for arguments in ([], ["x.zip", "--from-url", "https://example.org/x.zip"]):
        refused = run(here, tmp_path / "cache", *arguments)
        assert (refused.exit_code, "one of the two" in refused.output) == (2, True)
    forbidden = run(here, tmp_path / "cache", "--from-url", "https://example.org/x.zip")
    assert (forbidden.exit_code, "LOOPBACK_ONLY" in forbidden.output) == (1, True)


@pytest.mark.parametrize(
    "kind", ["people", "committees", "counties", "zcta", "places", "zips", "points", "blocks", "csv"]
)
def test_what_has_no_end_is_no_file(here: Settings, kind: str) -> None:
    about = ["--as-of", "2026-10-01"]
    about += ["--source", "x", "--licence", "x"] if kind == "points" else []
    refused = CliRunner().invoke(data, ["import", kind, "/dev/zero", *about], obj=here)
    assert (refused.exit_code, "zero: neither a file nor a folder" in refused.output) == (1, True), refused.output


def test_where_a_table_came_from_and_its_licence_are_listed(here: Settings, tmp_path: Path) -> None:
    table = b"state,chamber,election,first_day,rule,note,source\nWI,lower,2026-11-03,2027-01-04,rule,,source\n"
    with files_server({"/days.csv": table}) as server:
        url = f"{server.url}/days.csv"
        arguments = ["import", "first-days", "--from-url", url, "--as-of", "2026-11-28", "--licence", "CC0-1.0"]
        env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        done = CliRunner(env=env).invoke(data, arguments, obj=here)
        assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(data, ["versions"], obj=here).output
    assert f"from {url}, licence: CC0-1.0" in listed
