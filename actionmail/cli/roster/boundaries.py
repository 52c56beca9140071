"""Import district boundaries into the product's own files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.roster.files import MB, file_or_url
from actionmail.cli.roster.reports import DRY_RUN, YES, print_table, sentences
from actionmail.db.engine import Database
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster import district_files
from actionmail.gateways.datasets.boundary_files import read_boundaries
from actionmail.rules.districts.boundary_maps import from_geojson
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings


@click.command()
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day from which the districts hold."
)
@click.option("--state", "states", multiple=True, metavar="XX", help="Only this state; may be given several times.")
@click.option("--source", default="", help="Where the file comes from, kept in it.")
@click.option("--licence", default="", help="Under which licence.")
@DRY_RUN
@YES
@click.pass_obj
@file_or_url(512 * MB)
def boundaries(
    settings: Settings,
    path: Path,
    as_of: datetime,
    states: Sequence[str],
    source: str,
    licence: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Import district boundaries: GeoJSON files or shapefiles, alone, in a folder or in a zip.

    They are named after state and chamber, such as WI_lower.json. Districts of chambers without a file stay.
    """
    wanted = {state.upper() for state in states}
    if unknown := sorted(wanted - STATES.keys()):
        raise click.ClickException(f"{unknown[0]!r} is no state; use two letters such as WI.")
    with sentences():
        table = load_district_table(settings.data_dir)
        maps = (
            from_geojson(file.raw, file.name, state=file.state, chamber=file.chamber, as_of=as_of.date(), source=source)
            for file in read_boundaries(path)
            if not wanted or file.state in wanted
        )
        prepared = district_files.prepare_boundaries(settings.data_dir, maps)
        if not prepared.maps:
            raise DatasetError(path.name, f"nothing in it for {', '.join(sorted(wanted))}")
        with district_files.in_place() as put, Database(settings.database_url).write() as session:
            report = district_files.import_boundaries(
                session,
                settings.data_dir,
                prepared,
                zip_districts=table.districts(),
                zips_as_of=table.as_of,
                source=source or path.name,
                source_version=path.name,
                licence=licence,
                now=datetime.now(UTC),
                confirmed=yes,
                dry_run=dry_run,
            )
            if not dry_run:
                for name, content in report.files.items():
                    put(settings.data_dir / name, content)
    print_table(report)
