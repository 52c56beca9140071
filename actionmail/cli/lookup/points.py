"""Import a file of address points, which the geocoder `points` answers from."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from actionmail.cli.roster.choices import DAY, DRY_RUN, YES, ImportChoices, with_choices
from actionmail.cli.roster.reports import sentences
from actionmail.cli.roster.sources import MB, file_or_url
from actionmail.flows.roster.atomic_files import files_at_rest
from actionmail.flows.roster.importing import is_too_many
from actionmail.gateways.datasets.points import POINTS_FILE, PointsReport, examine_points, index_points
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings

_LARGEST = 16_384 * MB
_REASONS = {
    "no_house": "without a house number and a street",
    "no_state": "without a state",
    "no_town": "without a ZIP code or a town",
    "no_point": "without a point in degrees",
    "outside": "with a point outside of the United States",
}


@click.command()
@click.option("--as-of", type=DAY, required=True, help="The day the points are of.")
@click.option("--source", required=True, help="Where they come from.")
@click.option("--licence", required=True, help="Under which licence.")
@click.option("--state", default="", metavar="XX", help="The state of lines that name none, as in a county's file.")
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(_LARGEST)
@with_choices
def points(settings: Settings, path: Path, choices: ImportChoices) -> None:
    """Import a CSV of addresses with their points: OpenAddresses', or a county's.

    Columns: number, street, city, state, zip, longitude, latitude (or OpenAddresses' names of them), coordinates in WGS
    84 degrees. It takes the place of the file of points before it. Put `points` into ACTIONMAIL_GEOCODER_URL to use it.
    """
    state = choices.state.strip().upper()
    if state and state not in STATES:
        raise click.ClickException(f"{state[:20]!r} is no state; use two letters such as WI.")
    with sentences():
        if choices.dry_run:
            _print(examine_points(path, state=state))
            click.echo("Nothing was changed (--dry-run).")
            return
        about = {
            "source": choices.source,
            "licence": choices.licence,
            "as_of": choices.day.isoformat(),
            "version": f"{choices.day.isoformat()} {path.name}",
        }
        target = settings.data_dir / POINTS_FILE
        with files_at_rest(settings.data_dir):
            index_points(path, target, about, state=state, accept=partial(_accept, path, is_confirmed=choices.yes))
    click.echo(f"{target.name} has them now: {target.stat().st_size:,} bytes.")
    if not any(geocoder.kind == "points" for geocoder in settings.geocoders):
        click.echo("ACTIONMAIL_GEOCODER_URL does not name `points`, so nobody asks it yet.")


def _accept(path: Path, report: PointsReport, *, is_confirmed: bool) -> None:
    """Raises DatasetError where too much was left out and nobody has confirmed it."""
    _print(report)
    left_out = report.total - report.points
    if is_too_many(left_out, report.total) and not is_confirmed:
        raise DatasetError(path.name, "points_left_out", count=left_out, total=report.total)


def _print(report: PointsReport) -> None:
    states = ", ".join(f"{state} {count:,}" for state, count in sorted(report.states.items()))
    click.echo(f"{report.points:,} points of {report.total:,} lines ({states}).")
    for reason, count in report.left_out.items():
        lines = ", ".join(map(str, report.lines[reason]))
        click.echo(f"{count:,} left out {_REASONS[reason]}, such as line {lines}.")
