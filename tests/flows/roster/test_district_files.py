"""Datasets that are files: each version can be had back, whatever was imported and undone in between."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import DatasetVersion
from actionmail.flows.roster.atomic_files import LOCK_FILE, files_in_place
from actionmail.flows.roster.boundaries import BoundariesDataset, prepare_boundaries
from actionmail.flows.roster.dataset_versions import VersionMoved, versions
from actionmail.flows.roster.district_files import (
    BOUNDARIES,
    ZIPS,
    DistrictFilesReport,
    FilesOutOfStep,
    held_files,
    out_of_step,
)
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.reading import Seat
from actionmail.flows.roster.undoing import UndoReport, undo
from actionmail.flows.roster.zip_tables import ZipTableDataset
from actionmail.rules.districts.boundary_maps import District, Map
from actionmail.rules.districts.map_differences import compare
from actionmail.rules.districts.map_files import pack, read_map
from actionmail.rules.roster.seats import DatasetError
from actionmail.web.roster.words import roster_sentence
from tests.datasets import RITA, provenance, write_files
from tests.older_maps import older_file
from tests.samples import sample_legislator

DAY = date(2024, 11, 5)


def drawn(chamber: str, *names: str, state: str = "WI", width: float = 0.1) -> Map:
    """Districts in a row, each so wide in degrees."""
    districts = tuple(
        District(names=(name,), title=name, area=MultiPolygon([box(-89 + n * width, 43, -89 + (n + 1) * width, 43.1)]))
        for n, name in enumerate(names)
    )
    return Map(state=state, chamber=chamber, as_of=DAY, source="made up", districts=districts)


def proposed(folder: Path, maps: Sequence[Map], *, zip_districts: set[Seat]) -> BoundariesDataset:
    prepared = prepare_boundaries(folder, maps)
    return BoundariesDataset(folder=folder, prepared=prepared, zip_districts=zip_districts, zips_as_of=DAY)


def bring(session: Session, folder: Path, now: datetime, *maps: Map) -> DistrictFilesReport:
    dataset = proposed(folder, maps, zip_districts=set())
    report = import_dataset(session, dataset, provenance(DAY), now=now, confirmed=True)
    write_files(folder, report.files)
    return report


def back(session: Session, folder: Path, *, dry_run: bool = False) -> UndoReport:
    return undo(session, folder, BOUNDARIES, RITA, dry_run=dry_run)


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
            undone = back(session, tmp_path)
            write_files(tmp_path, undone.files)
        assert held(tmp_path) == before
    with any_database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "9"))
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        assert held(tmp_path) == seen[0]
        assert [one.row_count for one in versions(session) if not one.undone_at] == [2, 1, 2]


def test_files_changed_by_hand_are_a_version_to_go_back_to(database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        file = tmp_path / "boundaries" / "WI_lower.topo"
        by_hand = file.read_bytes().replace(b"made up", b"by hand")
        file.write_bytes(by_hand)
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        undone = back(session, tmp_path)
        assert undone.files == {"boundaries/WI_lower.topo": by_hand}
        assert [(one.source, one.as_of) for one in versions(session)][1] == (f"found in {tmp_path.name}", DAY)


def test_files_that_are_in_no_version_are_not_lost_by_going_back(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        file = tmp_path / "boundaries" / "WI_lower.topo"
        file.write_bytes(pack(drawn("lower", "1", "2", "3")))
        by_hand = held(tmp_path)
        for dry_run in (True, False):
            with pytest.raises(FilesOutOfStep) as refused:
                back(session, tmp_path, dry_run=dry_run)
            assert "not those of version 2, which is in force" in roster_sentence(refused.value)
        kept = bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
        assert (kept.is_new_version, kept.files, held(tmp_path)) == (True, {}, by_hand)
        assert out_of_step(session, tmp_path, BOUNDARIES) is None
        write_files(tmp_path, back(session, tmp_path).files)
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
            back(session, tmp_path)
        else:
            bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
            (tmp_path / "boundaries" / "WI_lower.topo").write_bytes(before["WI_lower.topo"])
        assert out_of_step(session, tmp_path, BOUNDARIES) is not None
        bring(session, tmp_path, now, drawn("lower", "1", "2", "3"))
        assert out_of_step(session, tmp_path, BOUNDARIES) is None


def test_a_version_whose_files_are_lost_is_not_half_restored(database: Database, tmp_path: Path, now: datetime) -> None:
    with database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1"))
        bring(session, tmp_path, now, drawn("upper", "1"))
        bring(session, tmp_path, now, drawn("lower", "2"))
        first, second, _ = session.scalars(select(DatasetVersion).order_by(DatasetVersion.id)).all()
        first.snapshot = second.snapshot
        session.flush()
        with pytest.raises(DatasetError, match="files_lost"):
            back(session, tmp_path)


def test_the_same_again_is_no_version_however_it_is_packed(database: Database, tmp_path: Path, now: datetime) -> None:
    line, _, arcs = pack(drawn("lower", "1")).partition(b"\n")
    with database.write() as session:
        write_files(tmp_path, {"boundaries/WI_lower.topo": line + b"\n" + zlib.compress(zlib.decompress(arcs), 1)})
        again = bring(session, tmp_path, now, drawn("lower", "1"))
        assert (again.is_new_version, again.files, versions(session)) == (False, {}, [])


def test_a_map_of_an_older_version_gives_way_and_can_be_had_back(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    older = {"WI_lower.json.gz": older_file(drawn("lower", "1")), "WI_upper.json.gz": older_file(drawn("upper", "1"))}
    write_files(tmp_path, {f"boundaries/{name}": raw for name, raw in older.items()})
    with database.write() as session:
        report = bring(session, tmp_path, now, drawn("lower", "1"))
        assert (report.redrawn[0].before, report.redrawn[0].added, report.redrawn[0].changed) == (1, (), ())
        assert held(tmp_path) == {
            "WI_lower.topo": pack(drawn("lower", "1")),
            "WI_upper.json.gz": older["WI_upper.json.gz"],
        }
        assert [version.row_count for version in versions(session)] == [2, 2]
        undone = back(session, tmp_path, dry_run=True)
        assert [(change.before, change.after) for change in undone.redrawn] == [(1, 1)]
        write_files(tmp_path, back(session, tmp_path).files)
    assert held(tmp_path) == older


def test_seats_without_ground_and_those_over_others_need_no_boundary(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as session:
        for state, district in (("ME", "1"), ("ME", "Passamaquoddy Tribe"), ("NH", "Coos 1"), ("NH", "Coos 7")):
            sample_legislator(session, state=state, district=district)
        dataset = proposed(
            tmp_path,
            [drawn("lower", "1", state="ME"), drawn("lower", "Coos 1", state="NH")],
            zip_districts={("ME", "lower", "1"), ("NH", "lower", "Coos 1")},
        )
        report = import_dataset(session, dataset, provenance(DAY), now=now)
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
    file = tmp_path / "boundaries" / "WI_lower.topo"
    file.write_bytes(b"\x1f\x8bnot gzip")
    with database.write() as session:
        report = bring(session, tmp_path, now, drawn("lower", "1"))
    assert report.redrawn[0].added == ("1",)
    assert read_map(file.read_bytes(), file.name).districts[0].names == ("1",)


def test_files_change_together_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")

    class Trouble(Exception):
        pass

    def names() -> list[str]:
        return [file.name for file in tmp_path.iterdir() if file.name != LOCK_FILE]

    with pytest.raises(Trouble), files_in_place(tmp_path) as put:
        put(tmp_path / "new", b"new")
        put(tmp_path / "old", None)
        raise Trouble
    assert names() == ["old"]
    with files_in_place(tmp_path) as put:
        put(tmp_path / "new", b"new")
        put(tmp_path / "old", None)
    assert names() == ["new"]


def test_maps_compared_with_others_than_those_in_force_are_refused(
    any_database: Database, tmp_path: Path, now: datetime
) -> None:
    """Comparing takes long, so it is done before anything is locked; somebody else may be quicker."""
    late = proposed(tmp_path, [drawn("lower", "1")], zip_districts=set())
    beside = proposed(tmp_path, [drawn("upper", "1")], zip_districts=set())
    with any_database.write() as session:
        bring(session, tmp_path, now, drawn("lower", "1", "2"))
        first = held(tmp_path)
    with pytest.raises(VersionMoved), any_database.write() as session:
        import_dataset(session, late, provenance(DAY), now=now, confirmed=True)
    with any_database.write() as session:
        report = import_dataset(session, beside, provenance(DAY), now=now, confirmed=True)
        write_files(tmp_path, report.files)
        assert out_of_step(session, tmp_path, BOUNDARIES) is None
    assert held(tmp_path).items() > first.items()


def test_a_table_made_from_another_than_that_in_force_is_refused(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    def table(zip5: str) -> bytes:
        text = f"zip,state,chamber,district,share,method,as_of\n{zip5},WI,lower,1,1.0,pop,2024-11-05\n"
        return gzip.compress(text.encode(), mtime=0)

    made = ZipTableDataset(folder=tmp_path, packed=table("53703"), made_from=held_files(tmp_path, ZIPS))
    with database.write() as session:
        other = ZipTableDataset(folder=tmp_path, packed=table("53704"))
        write_files(tmp_path, import_dataset(session, other, provenance(DAY), now=now, confirmed=True).files)
    with pytest.raises(VersionMoved), database.write() as session:
        import_dataset(session, made, provenance(DAY), now=now, confirmed=True)
