"""Say how the datasets stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.reports import NOTES, list_rows, sentences
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.reading import Seat
from actionmail.flows.roster.status import DataCheck, RosterStatus, check_datasets
from actionmail.rules.districts.states import CHAMBERS, STATES
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.settings import Settings
from actionmail.web.roster.words import out_of_step_sentence


@click.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Count what is there, list what is odd, and say how old it is. Status 1 if a seat cannot be checked."""
    with sentences():
        table = load_district_table(settings.data_dir)
        atlas = Atlas(settings.data_dir / "boundaries")
        with open_database(settings).read() as session:
            checked = check_datasets(session, settings.data_dir, table, now=datetime.now(UTC))
    if checked.roster.as_of is None:
        raise click.ClickException("There is no legislator in the database; run `actionmail data load`.")
    _print_roster(checked.roster)
    _print_joins(checked)
    click.echo(
        f"\nThe roster is as of {checked.roster.as_of}, {checked.roster.age_days} days old ({checked.roster.version})."
    )
    _print_table(checked, table)
    drawn = [state for state in sorted(STATES) if atlas.covers(state)]
    click.echo(f"Boundaries are there for {', '.join(drawn) or 'no state'}; elsewhere the geocoder's districts decide.")
    for kind, version in checked.out_of_step:
        click.echo(f"{kind}: {out_of_step_sentence(version)}.")
    if not checked.is_sound:
        raise click.exceptions.Exit(1)


def _print_roster(status: RosterStatus) -> None:
    click.echo("state  upper           lower           legislature")
    for state in STATES:
        upper, lower, legislature = (_cell(status, state, chamber) for chamber in CHAMBERS)
        click.echo(f"{state:5}  {upper:14}  {lower:14}  {legislature}")
    click.echo(f"\n{status.sitting:,} legislators and {len(status.vacancies)} vacant seats.")
    list_rows("vacant", status.vacancies, all_of_them=True)
    for note in ("missing", "malformed", "shared"):
        list_rows(NOTES[note], status.problems[note], all_of_them=True)
    list_rows(NOTES["personal"], status.problems["personal"])


def _cell(status: RosterStatus, state: str, chamber: str) -> str:
    count = status.counts.get((state, chamber))
    if count is None:
        return "-"
    return f"{count.sitting} + {count.vacant} vacant" if count.vacant else f"{count.sitting}"


def _print_joins(checked: DataCheck) -> None:
    _list_seats("districts of the ZIP table without a legislator or a known vacancy", checked.without_legislator)
    if checked.empty_states:
        click.echo(f"States in the ZIP table of which the roster has nobody: {', '.join(checked.empty_states)}")
    _list_seats("districts that no ZIP code leads to", checked.without_zip)
    click.echo("Puerto Rico: no ZIP code leads to a district, for want of a table.")


def _print_table(checked: DataCheck, table: DistrictTable) -> None:
    click.echo(
        f"The ZIP table has {len(table):,} ZIP codes and is as of {table.as_of}, {checked.table_age_days} days old "
        f"({table.version})."
    )
    if table.congress_version:
        click.echo(f"The list of ZIP codes for Congress is as of {table.congress_as_of} ({table.congress_version}).")
    else:
        click.echo("There is no list of ZIP codes for Congress.")


def _list_seats(what: str, seats: Sequence[Seat]) -> None:
    click.echo(f"{len(seats):,} {what}")
    for seat in seats:
        click.echo(f"  {' '.join(seat)}")
