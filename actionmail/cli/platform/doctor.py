"""Say in plain sentences what an installation still lacks. Nothing is changed, and nothing is connected to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.delivery.words import skew
from actionmail.db.engine import Database
from actionmail.flows.delivery.lease_clock import MOST_SKEW, database_time
from actionmail.flows.lookup.by_address import Atlas
from actionmail.flows.lookup.by_zip import load_district_table
from actionmail.flows.roster import district_files, reading
from actionmail.rules.districts.elections import election_alarm
from actionmail.rules.roster.seats import DatasetError, age_alarm
from actionmail.settings import Settings, SettingsError
from actionmail.web.roster.words import out_of_step_sentence, roster_sentence


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Check settings, database, data and mail server's address. Status 1 if something is amiss."""
    amiss = 0
    for is_well, sentence in _findings(settings):
        amiss += not is_well
        click.echo(f"{'well' if is_well else 'AMISS'}: {sentence}")
    if amiss:
        raise click.exceptions.Exit(1)


def _findings(settings: Settings) -> Iterator[tuple[bool, str]]:
    yield _setting(settings.for_web, "the web process has the settings it needs.")
    yield _setting(
        settings.for_worker, "the worker has a mail server for its letters; whether it answers was not tried."
    )
    database = Database(settings.database_url)
    file = database.engine.url.database if database.engine.dialect.name == "sqlite" else None
    is_current = (file is None or Path(file).is_file()) and database.is_current()  # SQLite would make the file
    yield (
        is_current,
        (
            "the database's tables are up to date."
            if is_current
            else "The database's tables are missing or old; run `actionmail migrate`."
        ),
    )
    today = datetime.now(UTC).date()
    if is_current:
        with database.read() as session:
            yield _clock(database_time(session), datetime.now(UTC))
            as_of = reading.roster_as_of(session)
            strange = {
                kind: district_files.out_of_step(session, settings.data_dir, kind) for kind in district_files.FILES
            }
        alarm = age_alarm(as_of, today)
        yield not alarm, alarm or f"the roster is as of {as_of}, fresh enough."
        for kind, version in strange.items():
            if version is not None:
                yield False, f"{kind}: {out_of_step_sentence(version)}."
    try:
        table = load_district_table(settings.data_dir)
    except DatasetError as error:
        yield False, f"The ZIP table cannot be used: {roster_sentence(error)}"
    else:
        alarm = election_alarm(table.days, today)
        yield not alarm, alarm or f"the ZIP table has {len(table):,} ZIP codes, for the districts of {table.as_of}."
        yield from ((False, sentence) for sentence in Atlas(settings.data_dir / "boundaries").faults(table))


def _clock(database: datetime, here: datetime) -> tuple[bool, str]:
    if abs(here - database) > MOST_SKEW:
        return False, f"{skew(here - database)} No worker sends from here until both are right (NTP)."
    return True, "this machine's clock is the database's, within a minute."


def _setting(check: Callable[[], Settings], sentence: str) -> tuple[bool, str]:
    try:
        check()
    except SettingsError as error:
        return False, str(error)
    return True, sentence
