"""Two people, or two processes, change the datasets at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Correction, DatasetVersion, Legislator
from actionmail.flows.roster import corrections
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.dataset_versions import Curator, latest_version
from actionmail.flows.roster.importing import OlderDataset
from actionmail.flows.roster.reading import dataset_rows
from actionmail.rules.roster.seats import SeatRow, from_csv
from tests.datasets import DAY, bring_people
from tests.people import seat_row

NOW = datetime.fromisoformat("2026-08-30T12:00:00+00:00")
KEY = seat_row(1).key


def bring(session: Session, rows: list[SeatRow], *, as_of: date = DAY) -> bytes:
    return bring_people(session, rows, as_of=as_of, now=NOW, confirmed=True).roster


def mend(session: Session, value: str, by: str = "anna@example.org") -> None:
    corrections.correct(session, KEY, "email", value, why="It bounced", curator=Curator(by=by, now=NOW))


class Second(threading.Thread):
    """Another process's transaction: begun while the first is open, ended after it."""

    def __init__(self, database: Database, change: Callable[[Session], object]) -> None:
        super().__init__(daemon=True)
        self.database, self.change = database, change
        self.begun = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        self.begun.set()
        try:
            with self.database.write() as session:
                self.change(session)
        except Exception as error:
            self.error = error


def at_once(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], object]
) -> Exception | None:
    """Do `second` as far as it goes while `first` is done and not yet committed; then let both end. Its error."""
    other = Second(database, second)
    with database.write() as session:
        first(session)
        other.start()
        assert other.begun.wait(60)
        wait_until_it_waits(database, other)
    other.join(60)
    assert not other.is_alive()
    return other.error


def wait_until_it_waits(database: Database, other: threading.Thread) -> None:
    """Until the other transaction waits for a lock, or has ended. On SQLite it cannot have begun."""
    if database.engine.dialect.name == "sqlite":
        return
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3000):
        with database.engine.connect() as connection:
            if connection.scalar(waiting) or not other.is_alive():
                return
        time.sleep(0.02)
    raise AssertionError("the second transaction neither waits nor ends")


def test_a_correction_during_an_import_takes_nothing_of_it_back(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2)])
    newer = [seat_row(1, phone="555-9999"), seat_row(2, phone="555-8888")]
    error = at_once(
        any_database,
        lambda session: bring(session, newer, as_of=DAY + timedelta(days=10)),
        lambda session: mend(session, "mended@legis.example.org"),
    )
    with any_database.read() as session:
        row = session.scalars(select(Legislator).where(Legislator.key == KEY)).one()
    assert error is None
    assert (row.phone, row.email) == ("555-9999", "mended@legis.example.org")


def test_an_import_during_a_correction_keeps_it(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2)])
    newer = [seat_row(1, phone="555-9999"), seat_row(2)]
    error = at_once(
        any_database,
        lambda session: mend(session, "mended@legis.example.org"),
        lambda session: bring(session, newer, as_of=DAY + timedelta(days=10)),
    )
    with any_database.read() as session:
        row = session.scalars(select(Legislator).where(Legislator.key == KEY)).one()
    assert error is None
    assert (row.phone, row.email) == ("555-9999", "mended@legis.example.org")


def test_an_older_import_at_the_same_time_is_refused(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
    newer, older = DAY + timedelta(days=10), DAY + timedelta(days=5)
    error = at_once(
        any_database,
        lambda session: bring(session, [seat_row(1, phone="555-9999", as_of=newer)], as_of=newer),
        lambda session: bring(session, [seat_row(1, phone="555-5555", as_of=older)], as_of=older),
    )
    with any_database.read() as session:
        phone = session.scalars(select(Legislator.phone)).one()
    assert isinstance(error, OlderDataset), error
    assert phone == "555-9999"


def test_two_first_imports_at_once_are_one_after_the_other(any_database: Database) -> None:
    error = at_once(
        any_database,
        lambda session: bring(session, [seat_row(1)]),
        lambda session: bring(session, [seat_row(1), seat_row(2)]),
    )
    with any_database.read() as session:
        keys = session.scalars(select(Legislator.key)).all()
        versions = session.scalars(select(DatasetVersion.row_count).order_by(DatasetVersion.id)).all()
    assert error is None, error
    assert (len(keys), list(versions)) == (2, [1, 2])


def test_two_corrections_at_once_are_one_after_the_other(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1)])
    error = at_once(
        any_database,
        lambda session: mend(session, "first@legis.example.org"),
        lambda session: mend(session, "second@legis.example.org", "ben@example.org"),
    )
    with any_database.read() as session:
        email = session.scalars(select(Legislator.email)).one()
        made = session.execute(select(Correction.value, Correction.ended_by).order_by(Correction.id)).all()
    assert error is None, error
    assert email == "second@legis.example.org"
    assert [tuple(row) for row in made] == [
        ("first@legis.example.org", "ben@example.org"),
        ("second@legis.example.org", ""),
    ]


def test_two_imports_of_two_states_at_once_are_both_in_the_version_in_force(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(9, state="MN")])
    error = at_once(
        any_database,
        lambda session: bring(session, [seat_row(1), seat_row(2)]),
        lambda session: bring(session, [seat_row(9, state="MN"), seat_row(10, state="MN")]),
    )
    with any_database.read() as session:
        latest = latest_version(session, "people")
        held = dataset_rows(session)
    assert error is None, error
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
