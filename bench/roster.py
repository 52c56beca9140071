"""The roster page and one corrected phone number, with everybody who is shipped on SQLite: `python -m bench.roster`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.roster import corrections
from actionmail.flows.roster.dataset_versions import Curator, Provenance
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.legislators import FILES, LegislatorsDataset
from actionmail.flows.roster.reading import CONGRESS, PEOPLE
from actionmail.flows.staff import Role
from actionmail.rules.roster.seats import from_csv
from actionmail.settings import Settings, bundled
from bench.programs import ROOT
from bench.table import Row, limit, render
from tests.web.application import open_app
from tests.web.staff_pages import BASE, hire, signed_in

_TIMES = 21
_PAGES = {
    "roster page, the first": "/staff/roster",
    "roster page, the middle": "/staff/roster?page=75",
    "roster page, a part of a name": "/staff/roster?words=smith",
}


def rows() -> list[Row]:
    with TemporaryDirectory(dir=ROOT / "bench" / "out") as folder:
        url = f"sqlite:///{Path(folder) / 'actionmail.sqlite3'}"
        database = Database(url)
        database.upgrade()
        _load(database)
        hire(database, "rita@example.org", Role.REVIEWER)
        settings = Settings(
            database_url=url, secret_key="x" * 40, base_url=BASE, from_address="letters@act.example.org"
        )
        browser = signed_in(open_app(settings), "rita@example.org")
        measured = []
        for name, path in _PAGES.items():
            took = _median(partial(browser.get, path), time.process_time)
            measured.append(limit(name, took, None, "CPU ms", "<= 25"))
        for clock, unit in ((time.process_time, "CPU ms"), (time.perf_counter, "ms")):
            held = _median(partial(_correct, database), clock)
            measured.append(limit("one corrected phone number, from lock to commit", held, None, unit, "<= 20"))
        database.engine.dispose()
    return measured


def _load(database: Database) -> None:
    for kind in (PEOPLE, CONGRESS):
        file = bundled("data") / FILES[kind]
        people = from_csv(file.read_bytes(), file.name)
        provenance = Provenance(source=file.name, as_of=max(row.as_of for row in people))
        dataset = LegislatorsDataset(rows=people, kind=kind, whole=True)
        with database.write() as session:
            import_dataset(session, dataset, provenance, now=datetime.now(UTC), confirmed=True)


def _correct(database: Database) -> None:
    curator = Curator(by="rita@example.org", now=datetime.now(UTC))
    with database.write() as session:
        key = session.scalars(select(Legislator.key).where(Legislator.status == "sitting").limit(1)).one()
        corrections.correct(session, key, "phone", "555-0100", why="They told us.", curator=curator)


def _median(work: Callable[[], object], clock: Callable[[], float]) -> float:
    taken = []
    for _ in range(_TIMES + 2):
        begun = clock()
        work()
        taken.append((clock() - begun) * 1000)
    return statistics.median(taken[2:])


if __name__ == "__main__":
    print(render(rows()))
