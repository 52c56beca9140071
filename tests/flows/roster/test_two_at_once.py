"""Two people, or two processes, change the datasets at the same moment."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Committee, Correction, DatasetVersion, Legislator, lock_datasets
from actionmail.flows.roster import corrections
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.dataset_versions import Curator, VersionMoved, latest_version
from actionmail.flows.roster.handover import hand_over
from actionmail.flows.roster.importing import OlderDataset
from actionmail.flows.roster.reading import current_rows, dataset_rows
from actionmail.flows.roster.undoing import undo
from actionmail.rules.roster.committees import CommitteeRow
from actionmail.rules.roster.seats import DatasetError, SeatRow, from_csv
from tests.datasets import DAY, RITA, bring_committees, bring_people, go_back
from tests.people import seat_row
from tests.two_sessions import cross

NOW = datetime.fromisoformat("2026-08-30T12:00:00+00:00")
KEY = seat_row(1).key


def bring(session: Session, rows: list[SeatRow], *, as_of: date = DAY) -> bytes:
    return bring_people(session, rows, as_of=as_of, now=NOW, confirmed=True).roster


def mend(session: Session, value: str, by: str = "anna@example.org") -> None:
    corrections.correct(session, KEY, "email", value, why="It bounced", curator=Curator(by=by, now=NOW))


def test_a_correction_during_an_import_takes_nothing_of_it_back(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2)])
    newer = [seat_row(1, phone="555-9999"), seat_row(2, phone="555-8888")]
    cross(
        any_database,
        lambda session: bring(session, newer, as_of=DAY + timedelta(days=10)),
        lambda session: mend(session, "mended@legis.example.org"),
    )
    with any_database.read() as session:
        row = session.scalars(select(Legislator).where(Legislator.key == KEY)).one()
    assert (row.phone, row.email) == ("555-9999", "mended@legis.example.org")


def test_an_import_during_a_correction_keeps_it(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2)])
    newer = [seat_row(1, phone="555-9999"), seat_row(2)]
    cross(
        any_database,
        lambda session: mend(session, "mended@legis.example.org"),
        lambda session: bring(session, newer, as_of=DAY + timedelta(days=10)),
    )
    with any_database.read() as session:
        row = session.scalars(select(Legislator).where(Legislator.key == KEY)).one()
    assert (row.phone, row.email) == ("555-9999", "mended@legis.example.org")


def test_an_older_import_at_the_same_time_is_refused(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
    newer, older = DAY + timedelta(days=10), DAY + timedelta(days=5)
    with pytest.raises(OlderDataset):
        cross(
            any_database,
            lambda session: bring(session, [seat_row(1, phone="555-9999", as_of=newer)], as_of=newer),
            lambda session: bring(session, [seat_row(1, phone="555-5555", as_of=older)], as_of=older),
        )
    with any_database.read() as session:
        phone = session.scalars(select(Legislator.phone)).one()
    assert phone == "555-9999"


def test_two_first_imports_at_once_are_one_after_the_other(any_database: Database) -> None:
    cross(
        any_database,
        lambda session: bring(session, [seat_row(1)]),
        lambda session: bring(session, [seat_row(1), seat_row(2)]),
    )
    with any_database.read() as session:
        keys = session.scalars(select(Legislator.key)).all()
        versions = session.scalars(select(DatasetVersion.row_count).order_by(DatasetVersion.id)).all()
    assert (len(keys), list(versions)) == (2, [1, 2])


def test_two_corrections_at_once_are_one_after_the_other(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
    cross(
        any_database,
        lambda session: mend(session, "first@legis.example.org"),
        lambda session: mend(session, "second@legis.example.org", "ben@example.org"),
    )
    with any_database.read() as session:
        email = session.scalars(select(Legislator.email)).one()
        made = session.execute(select(Correction.value, Correction.ended_by).order_by(Correction.id)).all()
    assert email == "second@legis.example.org"
    assert [tuple(row) for row in made] == [
        ("first@legis.example.org", "ben@example.org"),
        ("second@legis.example.org", ""),
    ]


def test_two_imports_of_two_states_at_once_are_both_in_the_version_in_force(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(9, state="MN")])
    cross(
        any_database,
        lambda session: bring(session, [seat_row(1), seat_row(2)]),
        lambda session: bring(session, [seat_row(9, state="MN"), seat_row(10, state="MN")]),
    )
    with any_database.read() as session:
        latest = latest_version(session, "people")
        held = dataset_rows(session)
    assert latest is not None
    assert (latest.row_count, len(held)) == (4, 4)


def test_two_imports_of_two_states_at_once_leave_file_and_database_alike(
    any_database: Database, tmp_path: Path
) -> None:
    """The first has committed, and its file not yet taken its place, when the second comes."""
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(9, state="MN")])
    errors: list[Exception] = []

    def take(*rows: SeatRow) -> None:
        try:
            with files_in_place(tmp_path) as put, any_database.write() as session:
                put(tmp_path / "legislators.csv", bring(session, [*rows]))
        except Exception as error:
            errors.append(error)

    second = threading.Thread(target=take, args=(seat_row(9, state="MN"), seat_row(10, state="MN")), daemon=True)
    with files_in_place(tmp_path) as put:
        with any_database.write() as session:
            put(tmp_path / "legislators.csv", bring(session, [seat_row(1), seat_row(2)]))
        second.start()
        second.join(1)  # it ends where nothing holds it back, and would be overtaken
    second.join(60)
    assert not second.is_alive()
    with any_database.read() as session:
        held = {row.key for row in dataset_rows(session)}
    written = {row.key for row in from_csv((tmp_path / "legislators.csv").read_bytes(), "legislators.csv")}
    assert (errors, len(held)) == ([], 4)
    assert written == held


def test_a_correction_during_an_undo_takes_nothing_of_it_back(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
        bring(session, [seat_row(1, phone="555-9999"), seat_row(2)])
    cross(any_database, go_back, lambda session: mend(session, "mended@legis.example.org"))
    with any_database.read() as session:
        row = session.scalars(select(Legislator).where(Legislator.key == KEY)).one()
        rows = dataset_rows(session)
    assert (row.phone, row.email, len(rows)) == ("555-0001", "mended@legis.example.org", 1)


def test_two_undos_of_the_same_version_at_once_go_back_once(any_database: Database, tmp_path: Path) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
        bring(session, [seat_row(1), seat_row(2)])
        bring(session, [seat_row(1), seat_row(2), seat_row(3)])

    def back(session: Session) -> None:
        undo(session, tmp_path, "people", RITA, expected=3)

    with pytest.raises(VersionMoved):
        cross(any_database, back, back)
    with any_database.read() as session:
        latest = latest_version(session, "people")
    assert latest is not None
    assert latest.id == 2


def test_two_first_imports_of_committees_at_once_are_one_after_the_other(any_database: Database) -> None:
    def board(number: int) -> CommitteeRow:
        return CommitteeRow(key=f"c/{number}", state="WI", chamber="lower", name=f"Committee {number}", as_of=DAY)

    cross(
        any_database,
        lambda session: bring_committees(session, [board(1)]),
        lambda session: bring_committees(session, [board(1), board(2)]),
    )
    with any_database.read() as session:
        names = session.scalars(select(Committee.name).order_by(Committee.name)).all()
    assert names == ["Committee 1", "Committee 2"]


@pytest.mark.slow
def test_nobody_waits_for_ever(any_database: Database, tmp_path: Path) -> None:
    with (
        files_in_place(tmp_path),
        pytest.raises(DatasetError, match="folder_busy"),
        files_in_place(tmp_path, patience_seconds=0),
    ):
        pass
    with any_database.write() as session:
        lock_datasets(session)
        session.execute(select(1))
        with pytest.raises(OperationalError), any_database.write() as other:
            lock_datasets(other, patience_seconds=1)
            other.execute(select(1))


def test_an_import_during_a_handover_is_not_taken_back(any_database: Database) -> None:
    """And two workers at once hand over once."""
    day = datetime.fromisoformat("2027-01-05T12:00:00+00:00")
    with any_database.write() as session:
        bring(session, [seat_row(1, ends=date(2027, 1, 4)), seat_row(2)])
    newer = [seat_row(1, ends=date(2027, 1, 4)), seat_row(2, phone="555-9999"), seat_row(3)]
    cross(
        any_database,
        lambda session: bring(session, newer, as_of=DAY + timedelta(days=10)),
        lambda session: hand_over(session, now=day),
    )
    with any_database.read() as session:
        rows = {row.seat: row.phone or row.status for row in current_rows(session)}
    assert rows == {"WI lower 1": "vacant", "WI lower 2": "555-9999", "WI lower 3": "555-0003"}
    with any_database.write() as session:
        bring(session, newer, as_of=DAY + timedelta(days=20))
    cross(any_database, lambda session: hand_over(session, now=day), lambda session: hand_over(session, now=day))
    with any_database.read() as session:
        kept = session.scalars(select(DatasetVersion.source).where(DatasetVersion.source.startswith("handover"))).all()
    assert len(kept) == 2
