"""Datasets that are files: each version can be had back, whatever was imported and undone in between."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import DatasetVersion
from actionmail.flows.roster import district_files, importing
from actionmail.rules.districts.boundary_maps import District, Map, pack, read_map
from actionmail.rules.districts.map_differences import compare
from actionmail.rules.roster.seats import DatasetError
from tests.samples import sample_legislator

DAY = date(2024, 11, 5)


def drawn(chamber: str, *names: str, state: str = "WI", width: float = 0.1) -> Map:
    """Districts in a row, each so wide in degrees."""
    districts = tuple(
        District(names=(name,), title=name, area=MultiPolygon([box(-89 + n * width, 43, -89 + (n + 1) * width, 43.1)]))
        for n, name in enumerate(names)
    )
    return Map(state=state, chamber=chamber, as_of=DAY, source="made up", districts=districts)


def bring(
    session: Session, folder: Path, now: datetime, *maps: Map, confirmed: bool = True
) -> district_files.TableReport:
    report = district_files.import_boundaries(
        session,
        folder,
        district_files.prepare_boundaries(folder, maps),
        zip_districts=set(),
        zips_as_of=DAY,
        source="made up",
        source_version="",
        licence="",
        now=now,
        confirmed=confirmed,
    )
    write(folder, report.files)
    return report


def write(folder: Path, files: Mapping[str, bytes | None]) -> None:
    with district_files.in_place() as put:
        for name, content in files.items():
            put(folder / name, content)


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "boundaries").glob("*")}


def test_every_version_can_be_had_back(any_database: Database, tmp_path: Path, now: datetime) -> None:
    seen = []
    with any_database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        seen.append(held(tmp_path))
        bring(session, tmp_path, now, drawn("upper", "1"))
        seen.append(held(tmp_path))
        bring(session, tmp_path, now, drawn("lower", "1", "2", "3"), drawn("upper", "1", "2"))
    for before in reversed(seen):
        with any_database.write() as session:
            undone = district_files.undo(session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now)
            write(tmp_path, undone.files)
        assert held(tmp_path) == before
    with any_database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "9"))
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        assert held(tmp_path) == seen[0]
        assert [one.row_count for one in importing.versions(session) if not one.undone_at] == [2, 1, 2]


def test_files_changed_by_hand_are_a_version_to_go_back_to(database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        file = tmp_path / "boundaries" / "WI_lower.json.gz"
        by_hand = gzip.compress(gzip.decompress(file.read_bytes()).replace(b"made up", b"by hand"))
        file.write_bytes(by_hand)
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        undone = district_files.undo(session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now)
        assert undone.files == {"boundaries/WI_lower.json.gz": by_hand}
        assert [(one.source, one.as_of) for one in importing.versions(session)][1] == (f"found in {tmp_path.name}", DAY)


def test_files_that_are_in_no_version_are_not_lost_by_going_back(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        file = tmp_path / "boundaries" / "WI_lower.json.gz"
        file.write_bytes(pack(drawn("lower", "1", "2", "3")))
        by_hand = held(tmp_path)
        for dry_run in (True, False):
            with pytest.raises(DatasetError, match="not those of version 2, which is in force"):
                district_files.undo(
                    session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now, dry_run=dry_run
                )
        kept = bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
        assert (kept.is_new_version, kept.files, held(tmp_path)) == (True, {}, by_hand)
        assert not district_files.out_of_step(session, tmp_path, district_files.BOUNDARIES)
        write(
            tmp_path, district_files.undo(session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now).files
        )
        assert len(read_map(file.read_bytes(), file.name).districts) == 2


@pytest.mark.parametrize("undoing", [False, True])
def test_what_was_cut_off_before_the_files_took_their_places_is_said(
    database: Database, tmp_path: Path, now: datetime, undoing: bool
) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        before = held(tmp_path)
        if undoing:
            district_files.undo(session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now)
        else:
            bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
            (tmp_path / "boundaries" / "WI_lower.json.gz").write_bytes(before["WI_lower.json.gz"])
        assert "something was cut off" in district_files.out_of_step(session, tmp_path, district_files.BOUNDARIES)
        bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
        assert not district_files.out_of_step(session, tmp_path, district_files.BOUNDARIES)


def test_a_version_whose_files_are_lost_is_not_half_restored(database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        bring(session, tmp_path, now, drawn("upper", "1"))
        bring(session, tmp_path, now, drawn("lower", "2"))
        first, second, _ = session.scalars(select(DatasetVersion).order_by(DatasetVersion.id)).all()
        first.snapshot = second.snapshot
        session.flush()
        with pytest.raises(DatasetError, match="not in the database any more"):
            district_files.undo(session, tmp_path, district_files.BOUNDARIES, by="Rita Sample", now=now)


def test_the_same_again_is_no_version_however_it_is_packed(database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as session:
        write(tmp_path, {"boundaries/WI_lower.json.gz": gzip.compress(gzip.decompress(pack(drawn("lower", "1"))), 1)})
        again = bring(session, tmp_path, now, drawn("lower", "1"))
        assert (again.is_new_version, again.files, importing.versions(session)) == (False, {}, [])


def test_seats_without_ground_and_those_over_others_need_no_boundary(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as session:
        for state, district in (("ME", "1"), ("ME", "Passamaquoddy Tribe"), ("NH", "Coos 1"), ("NH", "Coos 7")):
            sample_legislator(session, state=state, district=district)
        report = district_files.import_boundaries(
            session,
            tmp_path,
            district_files.prepare_boundaries(
                tmp_path, [drawn("lower", "1", state="ME"), drawn("lower", "Coos 1", state="NH")]
            ),
            zip_districts={("ME", "lower", "1"), ("NH", "lower", "Coos 1")},
            zips_as_of=DAY,
            source="made up",
            source_version="",
            licence="",
            now=now,
        )
    assert report.doubts == []


def test_a_difference_says_how_much_of_a_district_moved() -> None:
    before, after = drawn("lower", "1", "2"), drawn("lower", "1", "3", width=0.11)
    found = compare(before, after)
    assert (found.added, found.gone, found.before, found.after) == (("3",), ("2",), 2, 2)
    assert [(name, round(part, 3)) for name, part in found.changed] == [("1", 0.1)]
    assert compare(None, after).added == ("1", "3")
    assert compare(before, None).gone == ("1", "2")
    assert compare(before, before).changed == ()


def test_a_damaged_file_in_force_is_replaced(database: Database, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "boundaries").mkdir()
    file = tmp_path / "boundaries" / "WI_lower.json.gz"
    file.write_bytes(b"\x1f\x8bnot gzip")
    with database.write() as session:
        report = bring(session, tmp_path, now, drawn("lower", "1"))
    assert report.redrawn[0].added == ("1",)
    assert read_map(file.read_bytes(), file.name).districts[0].names == ("1",)


def test_files_change_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")

    class Trouble(Exception):
        pass

    with pytest.raises(Trouble), district_files.in_place() as put:
        put(tmp_path / "new", b"new")
        put(tmp_path / "old", None)
        raise Trouble
    assert [file.name for file in tmp_path.iterdir()] == ["old"]
    with district_files.in_place() as put:
        put(tmp_path / "new", b"new")
        put(tmp_path / "old", None)
    assert [file.name for file in tmp_path.iterdir()] == ["new"]
