"""Import district boundaries into the product's own files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from actionmail.cli.files import MB, file_or_url
from actionmail.flows.lookup import load_district_table
from actionmail.gateways.boundary_files import read_boundaries
from actionmail.rules.boundaries import from_geojson, pack
from actionmail.rules.districts import STATES
from actionmail.rules.roster import DatasetError
from actionmail.settings import Settings

_FILE = click.Path(path_type=Path)


@click.command()
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day from which the districts hold."
)
@click.option("--state", "states", multiple=True, metavar="XX", help="Only this state; may be given several times.")
@click.option("--source", default="", help="Where the file comes from, kept in it.")
@click.option("--out", type=_FILE, help="Write to this folder instead of data/boundaries.")
@click.option("--dry-run", is_flag=True, help="Check the files, and write nothing.")
@click.pass_obj
@file_or_url(512 * MB)
def boundaries(
    settings: Settings,
    path: Path,
    as_of: datetime,
    states: Sequence[str],
    source: str,
    out: Path | None,
    dry_run: bool,
) -> None:
    """Import district boundaries: GeoJSON files named such as WI_lower.json, alone, in a folder or in a zip."""
    wanted = {state.upper() for state in states}
    if unknown := sorted(wanted - STATES.keys()):
        raise click.ClickException(f"{unknown[0]!r} is no state; use two letters such as WI.")
    target = out or settings.data_dir / "boundaries"
    try:
        known = load_district_table(settings.data_dir).districts()
        ready: list[tuple[Path, bytes, int]] = []
        for file in read_boundaries(path):
            if wanted and file.state not in wanted:
                continue
            drawn = from_geojson(
                file.raw, file.name, state=file.state, chamber=file.chamber, as_of=as_of.date(), source=source
            )
            names = {name for district in drawn.districts for name in district.names}
            here = {name for state, chamber, name in known if (state, chamber) == (file.state, file.chamber)}
            strange = sorted(names - here)
            if strange:
                raise DatasetError(
                    file.name, f"the ZIP table knows no {file.state} {file.chamber} district {strange[0]}"
                )
            ready.append((target / f"{file.state}_{file.chamber}.json.gz", pack(drawn), len(drawn.districts)))
        if not ready:
            raise DatasetError(path.name, f"nothing in it for {', '.join(sorted(wanted))}")
        changed = [item for item in ready if not (item[0].is_file() and item[0].read_bytes() == item[1])]
        if not dry_run:
            _write(target, changed)
    except DatasetError as error:
        raise click.ClickException(str(error)) from None
    for file_path, packed, count in ready:
        what = "the same as before" if (file_path, packed, count) not in changed else f"{len(packed):,} bytes"
        click.echo(f"{file_path.name}: {count} districts, {what}")
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
    elif changed:
        click.echo("Start the web processes anew to use them.")


def _write(folder: Path, files: Sequence[tuple[Path, bytes, int]]) -> None:
    """Every file beside its place first, so that a full disk changes nothing."""
    staged: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, content, _ in files:
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{target.name}.")
            staged.append((Path(name), target))
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
        for temporary, target in staged:
            temporary.replace(target)
    except OSError as error:
        raise DatasetError(folder.name, f"cannot be written ({error.strerror}); name another with --out") from None
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
