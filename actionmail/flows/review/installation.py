"""What an installation still lacks.

Nothing is changed; nothing is connected to but the database, and the geocoder by what the door hands over.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import TROUBLE, Database
from actionmail.db.messages import Message
from actionmail.db.replica import LargeReads, Standing
from actionmail.flows.campaigns.reading import outlived
from actionmail.flows.campaigns.turnovers import changes_ahead
from actionmail.flows.delivery import heartbeats, waiting, waking
from actionmail.flows.delivery.lease_clock import MOST_SKEW, database_time
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.review import webhooks
from actionmail.flows.roster import district_files, reading, refreshing
from actionmail.flows.roster.calendar_files import missing_tables, turnovers_due
from actionmail.rules.delivery.states import State
from actionmail.rules.districts.elections import elections_since
from actionmail.rules.districts.vintages import GeocoderReport, layers_of_table, vintages_with, years_served
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.calendar import WARNING, congress_of
from actionmail.rules.roster.seats import STALE_AFTER_DAYS, DatasetError, is_stale
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError

# What each of the geocoders says of itself, in the order in which they are asked.
AskGeocoders = Callable[[], Iterable[GeocoderReport]]


_WENT = (State.ACCEPTED.value, State.SETTLED.value, State.BOUNCED.value)
_INBOUND_RESTS = timedelta(days=1)  # from cron every few minutes; piped in, only when mail comes
_ROOM = 500 * 1024**2
_LATE = 3  # times as long as it should be between two looks


class Check(StrEnum):
    """What was looked at. Behind each the names of a finding's values, where it is well | where it is not."""

    WEB_SETTINGS = "web_settings"  # | error: one finding for each that is missing
    WORKER_SETTINGS = "worker_settings"  # | error
    PROXY = "proxy"
    CONFIG = "config"  # | path: others on the machine may read it
    DKIM = "dkim"  # count | error: keys that sign can be read
    DKIM_KEYS = "dkim_keys"  # | keys: none signs, or some are old, or forgotten on their way in or out
    UNKNOWN_NAME = "unknown_name"  # | sentence: a variable that looks like a setting and is none
    DATABASE = "database"  # | error: the database's own words
    TABLES = "tables"
    REPLICA = "replica"  # behind | look: a read replica, and how it stands
    CLOCK = "clock"  # skew: how far this machine's is ahead of the database's
    WORKER = "worker"  # machinery, now | machinery, now: whether one is at work, and its mail server takes letters
    WEBHOOKS = "webhooks"  # count | count, unsigned: addresses that are told, and those for which nothing can be signed
    NO_WORKER = "no_worker"  # | none is at work, and no letter is due yet
    BROKER = "broker"  # broker, count | broker, away: wake-ups that wait there; why it cannot be used
    CELERY = "celery"  # | Celery is not installed, and a broker is set
    WAKER = "waker"  # at | at: when workers were last woken through the broker, None: never
    INBOUND = "inbound"  # at | at: when mail that came back was last looked for, None: never
    RETURN_PATH = "return_path"  # sent, back | sent, back: whether our own probe came back, None: never
    PROBE = "probe"  # to | to, error: a mail that was handed over just now, to come back
    BACKUP = "backup"  # at | at: when the last one was made, None: never
    DISK = "disk"  # folder, free | folder, free: octets
    ROSTER_AGE = "roster_age"  # as_of, today
    TURNOVER = "turnover"  # | turnovers, today: houses that changed hands since the day of their roster, or will soon
    CONGRESS_AGE = "congress_age"  # as_of, days | as_of, days
    CONGRESS_LIST = "congress_list"  # number, as_of | number, as_of, elected: the Congress of the list, and the latest
    CALENDAR = "calendar"  # | error
    NO_TABLE = "no_table"  # | name, folder: one of the calendar's
    REFRESH = "refresh"  # kind, found | kind, found: what the last look for a newer dataset came to
    REFRESHING = "refreshing"  # | hours, folder: nobody looks for newer datasets, though they should
    SOURCES = "sources"  # | error
    SESSIONS = "sessions"  # | slug, status, session: a campaign that is live or scheduled though it is over
    TARGETS = "targets"  # | change: of a campaign that runs, within a week
    DISTRICT_FILES = "district_files"  # | kind, version: the dataset whose files are not its own
    ZIP_TABLE = "zip_table"  # | error
    ELECTIONS = "elections"  # count, as_of, days, today
    BOUNDARIES = "boundaries"  # | fault
    GEOCODER = "geocoder"  # report | report: what it says of itself, or why it says nothing
    DNS = "dns"  # | name: nothing could be asked about it
    SPF = "spf"  # found | found: as rules.campaigns.preflight has it, here and in the next three
    DKIM_RECORD = "dkim_record"
    DMARC = "dmarc"
    POINTER = "pointer"  # of the mail server's address
    WAY_BACK = "way_back"  # name, hosts | name, hosts: that take mail to the domain of return paths
    HELO_NAME = "helo_name"  # name, addresses | name: that is given in EHLO, where letters go straight to the domains
    PTR = "ptr"  # name, addresses | name, addresses: that are not called so
    SPF_ADDRESS = "spf_address"  # name, addresses | lets, name, addresses: that SPF lets send, or not
    PORT_25 = "port_25"  # domains, words | domains, words: whether any of them answers
    UNWELCOME = "unwelcome"  # | domain, words: its server does not want us
    NOBODY_TO_VISIT = "nobody_to_visit"  # | no legislator has an address yet
    DANE = "dane"  # checks: whether the resolver checks signatures |
    SHAPING = "shaping"  # | a library for the text on cards is missing
    LAYERS = "layers"  # house, year, vintages | house, year, others


# What is amiss there keeps pages or letters from working now; anything else is for a person to look at.
_STOPPING = frozenset(
    {
        Check.WEB_SETTINGS,
        Check.WORKER_SETTINGS,
        Check.DKIM,
        Check.DATABASE,
        Check.TABLES,
        Check.CLOCK,
        Check.WORKER,
        Check.PROBE,
        Check.PORT_25,
        Check.ZIP_TABLE,
    }
)


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `is_known`: whether it could be told from here."""

    check: Check
    is_well: bool
    is_known: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether the installation cannot run as it is."""
        return not self.is_well and self.check in _STOPPING


def findings(
    settings: Settings, database: Database | None, *, ask_geocoders: AskGeocoders, now: datetime
) -> Iterator[Finding]:
    """Look at settings, database, data and geocoder, one after the other; what fails keeps nothing else from it."""
    yield from _settings_findings(settings)
    yield from _database_findings(settings, database, now) if database is not None else ()
    yield from _disk_findings(settings, database)
    try:
        table = load_district_table(settings.data_dir)
    except DatasetError as error:
        yield Finding(check=Check.ZIP_TABLE, is_well=False, values={"error": error})
        return
    yield from _table_findings(settings, table, now.date())
    for report in ask_geocoders():
        yield from _geocoder_findings(table, report)


def _settings_findings(settings: Settings) -> Iterator[Finding]:
    lacks = settings.lacks_for_web()
    for error in lacks:
        yield Finding(check=Check.WEB_SETTINGS, is_well=False, values={"error": error})
    if not lacks:
        yield Finding(check=Check.WEB_SETTINGS, is_well=True)
    if settings.lacks_proxy:
        yield Finding(check=Check.PROXY, is_well=False)
    try:
        settings.for_worker()
    except SettingsError as error:
        yield Finding(check=Check.WORKER_SETTINGS, is_well=False, values={"error": str(error)})
    else:
        yield Finding(check=Check.WORKER_SETTINGS, is_well=True)


def _database_findings(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    try:
        is_current = _is_current(database)
    except TROUBLE as error:
        yield Finding(check=Check.DATABASE, is_well=False, values={"error": str(getattr(error, "orig", error))})
        return
    yield Finding(check=Check.TABLES, is_well=is_current)
    if is_current:
        yield _clock_finding(database, now)
        yield from _replica_findings(settings, database)
        yield from _worker_findings(database, now)
        yield from _waker_findings(settings, database, now)
        yield from _heartbeat_findings(settings, database, now)
        yield from _webhook_findings(settings, database)
        yield from _roster_findings(settings, database, now)


def _is_current(database: Database) -> bool:
    """SQLite would make a file that is not there."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return False
    return database.is_current()


def _clock_finding(database: Database, now: datetime) -> Finding:
    with database.read() as session:
        skew = now - database_time(session)
    return Finding(check=Check.CLOCK, is_well=abs(skew) <= MOST_SKEW, values={"skew": skew})


def _replica_findings(settings: Settings, database: Database) -> Iterator[Finding]:
    if settings.read_database_url:
        look = LargeReads(database, settings.read_database_url).look()
        is_well = look.standing is Standing.FRESH
        yield Finding(check=Check.REPLICA, is_well=is_well, values={"look": look})


def _heartbeat_findings(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    with database.read() as session:
        seen, backup = (heartbeats.seen_at(session, name) for name in (heartbeats.INBOUND, heartbeats.BACKUP))
        sent, back = (heartbeats.seen_at(session, name) for name in (heartbeats.PROBE, heartbeats.PROBE_BACK))
        any_letter = session.scalar(select(Message.id).where(Message.state.in_(_WENT)).limit(1))
    if any_letter is not None or seen is not None:
        is_well = seen is not None and now - seen <= _INBOUND_RESTS
        yield Finding(check=Check.INBOUND, is_well=is_well, values={"at": seen})
    if sent is not None or (any_letter is not None and not settings.loopback_only):
        is_back = sent is not None and back is not None and back >= sent
        yield Finding(check=Check.RETURN_PATH, is_well=is_back, values={"sent": sent, "back": back})
    if settings.backup_hours and not settings.loopback_only:
        is_well = backup is not None and now - backup <= timedelta(hours=settings.backup_hours)
        yield Finding(check=Check.BACKUP, is_well=is_well, values={"at": backup})


def _waker_findings(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    if settings.broker is None:
        return
    with database.read() as session:
        woken = heartbeats.seen_at(session, heartbeats.WAKER)
    is_well = woken is not None and now - woken <= waking.AWAY_AFTER
    yield Finding(check=Check.WAKER, is_well=is_well, values={"at": woken})


def _disk_findings(settings: Settings, database: Database | None) -> Iterator[Finding]:
    """Of the folders that grow."""
    folders = {settings.data_dir}
    if database is not None and database.engine.url.get_backend_name() == "sqlite":
        folders.add(Path(database.engine.url.database or "").parent)
    for folder in sorted(folders):
        if folder.is_dir():
            free = shutil.disk_usage(folder).free
            yield Finding(check=Check.DISK, is_well=free >= _ROOM, values={"folder": folder, "free": free})


def _worker_findings(database: Database, now: datetime) -> Iterator[Finding]:
    with database.read() as session:
        machinery = waiting.machinery(session, now=now)
    values = {"machinery": machinery, "now": now}
    if machinery.lacks_worker(now) or machinery.lacks_relay(now):
        yield Finding(check=Check.WORKER, is_well=False, values=values)
    elif machinery.pulse.is_away(now):
        yield Finding(check=Check.NO_WORKER, is_well=False)
    else:
        yield Finding(check=Check.WORKER, is_well=True, values=values)


def _webhook_findings(settings: Settings, database: Database) -> Iterator[Finding]:
    with database.read() as session:
        count, signed = webhooks.signable(session, settings.keys)
    if count:
        values = {"count": count, "unsigned": count - signed}
        yield Finding(check=Check.WEBHOOKS, is_well=signed == count, values=values)


def _roster_findings(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    with database.read() as session:
        as_of = reading.roster_as_of(session)
        is_old = is_stale(as_of, now.date())
        turnovers = list(_turnover_findings(session, settings.data_dir, now))
        is_turned_over = any(finding.check is Check.TURNOVER for finding in turnovers)
        if is_old or not is_turned_over:  # a roster is not fresh where others sit by now, however young it is
            yield Finding(check=Check.ROSTER_AGE, is_well=not is_old, values={"as_of": as_of, "today": now.date()})
        yield from turnovers
        yield from _congress_findings(session, now.date())
        yield from _refresh_findings(session, settings, now)
        yield from _targets_findings(session, settings.data_dir, now)
        for campaign in outlived(session, today=now.date()):
            yield Finding(check=Check.SESSIONS, is_well=False, values=_of(campaign))
        for kind in district_files.KINDS:
            version = district_files.out_of_step(session, settings.data_dir, kind)
            if version is not None:
                yield Finding(check=Check.DISTRICT_FILES, is_well=False, values={"kind": kind, "version": version})


def _turnover_findings(session: Session, folder: Path, now: datetime) -> Iterator[Finding]:
    for name in missing_tables(folder):
        yield Finding(check=Check.NO_TABLE, is_well=False, values={"name": name, "folder": folder.name})
    try:
        turnovers = turnovers_due(session, folder, now=now, ahead=WARNING)
    except DatasetError as error:
        yield Finding(check=Check.CALENDAR, is_well=False, values={"error": error})
        return
    if turnovers:
        yield Finding(check=Check.TURNOVER, is_well=False, values={"turnovers": turnovers, "today": now.date()})


def _refresh_findings(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    for look in refreshing.refreshes(session):
        yield Finding(
            check=Check.REFRESH, is_well=not look.needs_somebody, values={"kind": look.kind, "found": look.comparison}
        )
    if not settings.refresh_hours:
        return
    try:
        kinds = refreshing.kinds_in(settings.data_dir)
    except DatasetError as error:
        yield Finding(check=Check.SOURCES, is_well=False, values={"error": error})
        return
    late = timedelta(hours=settings.refresh_hours) * _LATE
    if not kinds or refreshing.is_due(session, kinds, every=late, now=now):
        values = {"hours": settings.refresh_hours, "folder": settings.data_dir.name}
        yield Finding(check=Check.REFRESHING, is_well=False, values=values)


def _congress_findings(session: Session, today: date) -> Iterator[Finding]:
    as_of = reading.roster_as_of(session, reading.CONGRESS)
    if as_of is not None:
        days = (today - as_of).days
        values = {"as_of": as_of, "days": days}
        yield Finding(check=Check.CONGRESS_AGE, is_well=days <= STALE_AFTER_DAYS, values=values)


def _targets_findings(session: Session, folder: Path, now: datetime) -> Iterator[Finding]:
    try:
        ahead = changes_ahead(session, folder, now=now)
    except DatasetError:
        return  # said by the calendar's own check
    for change in ahead:
        yield Finding(check=Check.TARGETS, is_well=False, values={"change": change})


def _of(campaign: Campaign) -> dict[str, str]:
    return {"slug": campaign.slug, "status": campaign.status, "session": campaign.session}


def _table_findings(settings: Settings, table: DistrictTable, today: date) -> Iterator[Finding]:
    since = elections_since(table.days, today)
    values = {"as_of": table.as_of, "count": len(table), "days": table.days, "today": today}
    yield Finding(check=Check.ELECTIONS, is_well=not since, values=values)
    if table.congress_as_of is not None:
        listed, elected = table.congress, congress_of(today)
        congresses = {"number": listed, "elected": elected, "as_of": table.congress_as_of}
        yield Finding(check=Check.CONGRESS_LIST, is_well=listed >= elected, values=congresses)
    for fault in Atlas(settings.data_dir / "boundaries").faults(table):
        yield Finding(check=Check.BOUNDARIES, is_well=False, values={"fault": fault})


def _geocoder_findings(table: DistrictTable, report: GeocoderReport) -> Iterator[Finding]:
    """Whether it answers; of one with layers, whether a vintage has those with districts of the tables' years."""
    if report.layers is None:
        yield Finding(check=Check.GEOCODER, is_well=report.trouble is None, values={"report": report})
        return
    for house, year in sorted(layers_of_table(table)):
        vintages = vintages_with(report.layers, (house, year))
        others = years_served(report.layers, house)
        values = {"house": house, "year": year, "vintages": vintages, "others": others}
        yield Finding(check=Check.LAYERS, is_well=bool(vintages), values=values)
