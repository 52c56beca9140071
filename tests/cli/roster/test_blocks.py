from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.roster.blocks import blocks
from actionmail.cli.roster.datasets import data
from actionmail.flows.lookup.by_zip import find_seats
from actionmail.flows.lookup.congress_files import pack_congress_rows, read_congress_rows
from actionmail.flows.lookup.zip_conversion import pack_zip_rows, read_zip_rows
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.boundaries import Boundaries, unpack
from actionmail.settings import Settings, bundled
from tests.census_blocks import Block, write_areas, write_districts, write_people
from tests.gateways.files_server import files_server

FILES = ("zip_districts.csv.gz", "zip_congress.csv.gz", "district_codes.csv")


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(bundled("data") / "district_codes.csv", folder / "district_codes.csv")
    for name in FILES[:2]:
        (folder / name).write_bytes(some_states(name))
    return replace(settings, data_dir=folder)


@cache
def some_states(name: str) -> bytes:
    """A shipped table without most states, which is read and written more quickly than the whole."""
    lines = gzip.decompress((bundled("data") / name).read_bytes()).decode().splitlines(keepends=True)
    states = {"WI", "ID", "NH", "DC", "NE"}
    return gzip.compress("".join([lines[0], *(line for line in lines if line[6:8] in states)]).encode(), 1, mtime=0)


def run(settings: Settings, *arguments: str | Path, yes: bool = True) -> Result:
    more = ["--yes"] if yes else []
    return CliRunner().invoke(blocks, [*map(str, arguments), "--as-of", "2024-11-05", *more], obj=settings)


def contents(settings: Settings) -> dict[str, bytes]:
    return {name: (settings.data_dir / name).read_bytes() for name in FILES}


def house(chamber: str) -> Boundaries:
    name = f"WI_{chamber}.topo"
    return unpack((bundled("data") / "boundaries" / name).read_bytes(), name)


@cache
def wisconsin() -> tuple[Block, ...]:
    """A grid of points over Wisconsin as blocks, in the districts they really lie in, and in square ZIP codes."""
    lower, upper = house("lower"), house("upper")
    made = []
    for north in range(60):
        for east in range(60):
            latitude, longitude = 42.5 + north * 0.075, -92.9 + east * 0.1
            assembly, senate = lower.at(latitude, longitude), upper.at(latitude, longitude)
            if assembly and senate:
                made.append(
                    Block(
                        id=f"55001{north:03}{east:03}{1000 + len(made):04}",
                        zip=f"{53000 + north // 6 * 10 + east // 6:05}",
                        lower=assembly.names[0].zfill(3),
                        upper=senate.names[0].zfill(3),
                        congress=f"{1 + north % 8:02}",
                        people=(north * east) % 7,
                    )
                )
    return tuple(made)


def write(folder: Path, some: Sequence[Block]) -> list[Path]:
    return [
        write_areas(folder, some),
        *(write_districts(folder, some, chamber) for chamber in ("upper", "lower", "congress")),
        write_people(folder, some),
    ]


def test_block_files_from_the_web(here: Settings, tmp_path: Path) -> None:
    some = wisconsin()[:200]
    areas, *others = write(tmp_path, some)
    served = {f"/{path.name}": path.read_bytes() for path in others}
    caches = tmp_path / "cache"

    def fetch(*arguments: str | Path) -> Result:
        env = {"XDG_CACHE_HOME": str(caches)}
        return CliRunner(env=env).invoke(
            blocks, [*map(str, arguments), "--as-of", "2024-11-05", "--yes"], obj=replace(here, loopback_only=True)
        )

    with files_server(served) as server:
        urls = [part for name in served for part in ("--from-url", f"{server.url}{name}")]
        digests = [part for body in served.values() for part in ("--sha256", hashlib.sha256(body).hexdigest())]
        odd = fetch(areas, *urls, "--sha256", "0" * 64)
        assert (odd.exit_code, "one --sha256 for each --from-url" in odd.output) == (2, True)
        wrong = fetch(areas, *urls, *digests[:-1], "0" * 64)
        assert (wrong.exit_code, "not what was said" in wrong.output) == (1, True)
        before = contents(here)
        dry = fetch(areas, *urls, *digests, "--dry-run")
        assert dry.exit_code == 0, dry.output
        assert (contents(here), {path.name for path in caches.rglob("*") if f"/{path.name}" in served}) == (
            before,
            {path.name for path in others},
        )
        done = fetch(areas, *urls, *digests)
    assert done.exit_code == 0, done.output
    assert "Written: zip_districts.csv.gz" in done.output
    assert areas.is_file()
    assert not [path for path in caches.rglob("*") if f"/{path.name}" in served]
    nothing = fetch()
    assert (nothing.exit_code, "at least one" in nothing.output) == (2, True)


def test_every_block_of_wisconsin_finds_its_districts_by_its_zip_code(here: Settings, tmp_path: Path) -> None:
    made = wisconsin()
    assert len(made) > 1000
    files = write(tmp_path, made)
    result = run(here, *reversed(files))  # in any order
    assert result.exit_code == 0, result.output
    assert "Written: zip_districts.csv.gz" in result.output
    assert "Written: zip_congress.csv.gz" in result.output
    table = load_district_table(here.data_dir)
    for block in made:
        found = find_seats(table, block.zip, state="WI", chambers=("upper", "lower", "us_lower")).seats
        assert block.lower.lstrip("0") in {one.district for one in found["lower"]}
        assert block.upper.lstrip("0") in {one.district for one in found["upper"]}
        assert block.congress.lstrip("0") in {one.district for one in found["us_lower"]}
        assert sum(one.share for one in found["lower"]) == pytest.approx(1, abs=0.003)
        assert {one.method for one in found["lower"]} == {"block"}
    again = run(here, *files, "--dry-run", yes=False)
    assert "misses 0 (0.00%, 0 of them with people) and adds 0 (0.00%)" in again.output
    before = contents(here)
    run(here, *files)
    assert contents(here) == before


def test_a_dry_run_measures_the_table_in_force_and_writes_nothing(here: Settings, tmp_path: Path) -> None:
    made = [
        Block(id="550250016041000", zip="53703", lower="076", upper="026", people=70),
        Block(id="550250016041001", zip="53703", lower="048", upper="026", people=30),
        Block(id="550250016041002", zip="", lower="ZZZ", upper="ZZZ"),
    ]
    before = contents(here)
    result = run(here, *write(tmp_path, made)[:3], write_people(tmp_path, made), "--dry-run", yes=False)
    assert result.exit_code == 0, result.output
    assert (
        "lower: by blocks 2 pairs of ZIP code and district, 2 of them with people. The table in force misses 1 "
        "(50.00%, 1 of them with people) and adds 1 (50.00%). By people: misses 30.000%, adds 39.780%."
    ) in result.output
    assert "  53703: misses WI 48; adds WI 77 (30.0000% of all people missed)" in result.output
    assert "Look at this: WI lower:" in result.output
    assert "Nothing was changed (--dry-run)" in result.output
    assert contents(here) == before
    refused = run(here, *write(tmp_path, made)[:3], yes=False)
    assert (refused.exit_code, contents(here) == before) == (1, True)


def test_other_states_and_post_office_boxes_stay(here: Settings, tmp_path: Path) -> None:
    made = [Block(id="550250016041000", zip="53703", lower="076", upper="026")]
    before = read_zip_rows(here.data_dir)
    assert run(here, *write(tmp_path, made)[:3]).exit_code == 0
    after = read_zip_rows(here.data_dir)
    assert [one for one in after if one.zip != "53703"] == [one for one in before if one.zip != "53703"]
    assert {(one.chamber, one.district, one.share) for one in after if one.zip == "53703"} == {
        ("lower", "76", 1),
        ("upper", "26", 1),
    }
    assert find_seats(load_district_table(here.data_dir), "53703", state="WI", chambers=("lower",)).is_certain
    assert CliRunner().invoke(data, ["undo", "zips", "--by", "Rita"], obj=here).exit_code == 0
    assert read_zip_rows(here.data_dir) == before


def test_the_shipped_tables_survive_being_read_and_packed() -> None:
    shipped = bundled("data")
    for name, packed in (
        ("zip_districts.csv.gz", pack_zip_rows(read_zip_rows(shipped))),
        ("zip_congress.csv.gz", pack_congress_rows(read_congress_rows(shipped))),
    ):
        assert gzip.decompress(packed) == gzip.decompress((shipped / name).read_bytes())


@pytest.mark.parametrize(
    ("state", "code", "chamber", "expected"),
    [
        ("16", "004", "lower", {"4A", "4B"}),
        ("33", "003", "lower", {"Belknap 3", "Belknap 8"}),
        ("11", "002", "upper", {"Ward 2", "At-Large", "Chairman"}),
        ("31", "028", "upper", {"28"}),
    ],
)
def test_the_laws_oddities(
    here: Settings, tmp_path: Path, state: str, code: str, chamber: str, expected: set[str]
) -> None:
    made = [replace(Block(id=f"{state}0010001001000", zip="00501"), **{chamber: code})]
    result = run(here, write_areas(tmp_path, made), write_districts(tmp_path, made, chamber))
    assert result.exit_code == 0, result.output
    assert {one.district for one in read_zip_rows(here.data_dir) if one.zip == "00501" and one.method == "block"} == (
        expected
    )


ONE = Block(id="550250016041000", zip="53703", lower="076", upper="026", congress="02")


def districts(folder: Path, text: str, name: str = "55_WI_SLDL24.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-16" if name.endswith("16.txt") else "utf-8"))
    return path


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n550250016041000,76\n", "line 2: '76' has lost its leading zeros"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n55025001604100,076\n", "line 2: block '55025001604100' has lost"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n5.5025E+14,076\n", "line 2: '5.5025E+14' is no block of 15 digits"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n550250016041000,076\n5502500", "line 3: 1 cells where 2 are needed"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n550250016041000,0é6\n", "line 2: '0��6' is no district code"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n550250016041000,776\n", "is called: WI lower 776. Name"),
        (
            "55_WI_SLDL24.txt",
            "GEOID,SLDLST\n" + "550250016041000,076\n" * 2,
            "line 3: block 550250016041000 is there twice",
        ),
        ("55_WI_SLDL24.txt", "GEOID,DISTRICT_NAME\n550250016041000,076\n", "line 1: its first line is of no file"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n360250016041000,076\n", "none of its blocks is in a ZIP area"),
        ("55_WI_SLDL24.txt", "GEOID,SLDLST\n" + "5" * 9000, "a line of more than 8,192 bytes"),
        ("sldl16.txt", "GEOID,SLDLST\n550250016041000,076\n", "line 1: its first line is of no file"),
        ("BlockAssign_ST55_WI_SLDL.txt", "BLOCKID|DISTRICT\n550250016041000|076\n", "the districts of 2018"),
        ("half.zip", "PK\x03\x04", "half a download"),
    ],
)
def test_bad_files_get_a_sentence_and_change_nothing(
    here: Settings, tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    before = contents(here)
    result = run(here, write_areas(tmp_path, [ONE]), districts(tmp_path, text, name))
    assert result.exit_code == 1, result.output
    assert sentence in result.output
    assert contents(here) == before


def test_bad_areas_and_people(here: Settings, tmp_path: Path) -> None:
    codes = write_districts(tmp_path, [ONE], "lower")
    areas = write_areas(tmp_path, [replace(ONE, zip="3703")])
    assert "line 2: '3703' is no ZIP code of five digits" in run(here, areas, codes).output
    areas.write_text(areas.read_text(encoding="utf-8-sig").replace("AREALAND_PART", "AREA"), encoding="utf-8")
    assert "line 1: the column AREALAND_PART is missing" in run(here, areas, codes).output
    assert "none of the files says which ZIP area" in run(here, codes).output
    assert "none of the files says which district" in run(here, write_areas(tmp_path, [ONE])).output
    people = tmp_path / "people.csv"
    people.write_text("GEOID,POP\n550250016041000,many\n", encoding="utf-8")
    assert "line 2: 'many' is no number of people" in run(here, write_areas(tmp_path, [ONE]), codes, people).output
    people.write_text("GEOID,POP\n550250016041009,3\n", encoding="utf-8")
    assert "1 of 1 blocks have no people told" in run(here, write_areas(tmp_path, [ONE]), codes, people).output
    assert "cannot be read" in run(here, tmp_path / "missing.txt").output


def test_half_a_file_of_whole_lines_is_noticed(here: Settings, tmp_path: Path) -> None:
    made = [replace(ONE, id=f"55025001604{at}") for at in range(1000, 1200)]
    areas, codes = write_areas(tmp_path, made), write_districts(tmp_path, made[:100], "lower")
    assert "100 of 200 blocks of WI are in no line of it" in run(here, areas, codes).output
    wet = [replace(one, lower="ZZZ") for one in made[100:101]]
    codes = write_districts(tmp_path, [*made[:100], *wet, *made[101:]], "lower")
    assert "WI lower: 1 of 200 blocks with land are in no district." in run(here, areas, codes).output


def test_a_damaged_zip_gets_a_sentence(here: Settings, tmp_path: Path) -> None:
    codes = write_districts(tmp_path, wisconsin(), "lower")
    raw = bytearray(codes.read_bytes())
    with zipfile.ZipFile(codes) as archive:
        start = archive.getinfo("NationalSLDL24.txt").header_offset
    raw[start + 2000 : start + 2100] = bytes(100)
    codes.write_bytes(raw)
    result = run(here, write_areas(tmp_path, wisconsin()), codes)
    assert (result.exit_code, "damaged, locked, or only half a download" in result.output) == (1, True), result.output


def test_a_states_own_file_of_a_plan_is_read_by_its_name(here: Settings, tmp_path: Path) -> None:
    plan = districts(tmp_path, "BLOCKID,DISTRICT\n550250016041000,076\n", "new_plan_SLDL.csv")
    result = run(here, write_areas(tmp_path, [ONE]), plan, "--state", "wi")
    assert result.exit_code == 0, result.output
    assert run(here, write_areas(tmp_path, [ONE]), plan, "--state", "xx").exit_code == 1
