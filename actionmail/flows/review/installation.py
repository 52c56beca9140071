"""What an installation still lacks. Nothing is changed, and nothing is connected to but the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from actionmail.db.engine import Database
from actionmail.flows.delivery.lease_clock import MOST_SKEW, database_time
from actionmail.flows.lookup.by_address import Atlas
from actionmail.flows.lookup.by_zip import load_district_table
from actionmail.flows.roster import district_files, reading
from actionmail.rules.districts.elections import election_alarm
from actionmail.rules.roster.seats import DatasetError, age_alarm
from actionmail.settings import Settings, SettingsError


class Check(StrEnum):
    """What was looked at."""

    WEB_SETTINGS = "web_settings"
    WORKER_SETTINGS = "worker_settings"
    PROXY = "proxy"
    TABLES = "tables"
    CLOCK = "clock"
    ROSTER_AGE = "roster_age"
    DISTRICT_FILES = "district_files"
    ZIP_TABLE = "zip_table"
    ELECTIONS = "elections"
    BOUNDARIES = "boundaries"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `detail` is what the looking said, where that is more than well or not.

    `as_of` and `count` are the day and the size of data that are well; `skew` is how far this machine's clock is ahead
    of the database's; `kind` and `version` are the dataset whose files are not its own; `error` is why the ZIP table
    cannot be read.
    """

    check: Check
    is_well: bool
    detail: str = ""
    as_of: date | None = None
    count: int = 0
    skew: timedelta = timedelta(0)
    kind: str = ""
    version: int = 0
    error: DatasetError | None = None


def findings(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """Look at settings, database and data, one after the other."""
    today = now.date()
    yield _settings_finding(Check.WEB_SETTINGS, settings.for_web)
    if settings.lacks_proxy:
        yield Finding(check=Check.PROXY, is_well=False)
    yield _settings_finding(Check.WORKER_SETTINGS, settings.for_worker)
    is_current = _is_current(database)
    yield Finding(check=Check.TABLES, is_well=is_current)
    if is_current:
        yield _clock_finding(database, now)
        yield from _roster_findings(settings, database, today)
    yield from _table_findings(settings, today)


def _settings_finding(check: Check, look: Callable[[], Settings]) -> Finding:
    try:
        look()
    except SettingsError as error:
        return Finding(check=check, is_well=False, detail=str(error))
    return Finding(check=check, is_well=True)


def _is_current(database: Database) -> bool:
    """SQLite would make a file that is not there."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return False
    return database.is_current()


def _clock_finding(database: Database, now: datetime) -> Finding:
    with database.read() as session:
        skew = now - database_time(session)
    return Finding(check=Check.CLOCK, is_well=abs(skew) <= MOST_SKEW, skew=skew)


def _roster_findings(settings: Settings, database: Database, today: date) -> Iterator[Finding]:
    with database.read() as session:
        as_of = reading.roster_as_of(session)
        alarm = age_alarm(as_of, today)
        yield Finding(check=Check.ROSTER_AGE, is_well=not alarm, detail=alarm, as_of=as_of)
        for kind in district_files.FILES:
            version = district_files.out_of_step(session, settings.data_dir, kind)
            if version is not None:
                yield Finding(check=Check.DISTRICT_FILES, is_well=False, kind=kind, version=version)


def _table_findings(settings: Settings, today: date) -> Iterator[Finding]:
    try:
        table = load_district_table(settings.data_dir)
    except DatasetError as error:
        yield Finding(check=Check.ZIP_TABLE, is_well=False, error=error)
        return
    alarm = election_alarm(table.days, today)
    yield Finding(check=Check.ELECTIONS, is_well=not alarm, detail=alarm, as_of=table.as_of, count=len(table))
    for fault in Atlas(settings.data_dir / "boundaries").faults(table):
        yield Finding(check=Check.BOUNDARIES, is_well=False, detail=fault)
