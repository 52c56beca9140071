"""The list of imports, and going back to the version before the last one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.choices import DRY_RUN, FILE
from actionmail.cli.roster.reports import BY, file_names, print_changes, sentences
from actionmail.flows.roster import dataset_versions, undoing
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.dataset_versions import Curator, Version
from actionmail.flows.roster.reading import PEOPLE
from actionmail.settings import Settings
from actionmail.web.roster.words import undo_changes

_COMMIT = 40  # characters of a commit, of which twelve tell it from others
_SHORT = 12


@click.command()
@click.option("--kind", type=click.Choice(undoing.KINDS), help="Only imports of this kind.")
@click.pass_obj
def versions(settings: Settings, kind: str | None) -> None:
    """List the imports that changed something, newest first."""
    with open_database(settings).read() as session:
        listed = dataset_versions.versions(session, kind)
    if not listed:
        click.echo("Nothing was imported yet.")
    for version in listed:
        click.echo(_line(version))


@click.command()
@click.argument("kind", type=click.Choice(undoing.KINDS), default=PEOPLE)
@BY
@click.option("--out", type=FILE, help="Write the roster to this file instead of the one in data/.")
@DRY_RUN
@click.pass_obj
def undo(settings: Settings, kind: str, by: str, out: Path | None, dry_run: bool) -> None:
    """Go back to the version before the last import. Corrections by staff stay in force."""
    if out and kind not in undoing.COPIES:
        raise click.UsageError(f"--out is for {' and '.join(undoing.COPIES)}.")
    database, folder = open_database(settings), settings.data_dir
    curator = Curator(by=by, now=datetime.now(UTC))
    with sentences():
        with database.read() as session:
            seen = undoing.undo(session, folder, kind, curator, dry_run=True)
        print_changes(undo_changes(seen))
        if dry_run:
            click.echo("Nothing was changed (--dry-run).")
            return
        with files_in_place(folder) as put, database.write() as session:
            done = undoing.undo(session, folder, kind, curator, expected=seen.undone.id)
            targets = {out or folder / name: content for name, content in done.files.items()}
            for target, content in targets.items():
                put(target, content)
    names = f" and in {file_names([target.name for target in targets])}" if targets else ""
    click.echo(
        f"Version {done.undone.id} is undone; version {done.restored.id}, as of {done.restored.as_of}, "
        f"is in force{names}."
    )


def _line(version: Version) -> str:
    standing = "  in force" if version.is_current else ""
    if version.undone_at:
        standing = f"  undone {version.undone_at:%Y-%m-%d} by {version.undone_by}"
    origin = version.source_version or version.source
    if len(version.source_version) == _COMMIT:
        origin = version.source_version[:_SHORT]
    return (
        f"{version.id:>4}  {version.kind:13}  as of {version.as_of}  imported {version.imported_at:%Y-%m-%d %H:%M} UTC"
        f"  {version.row_count:>6,} rows  {origin}{standing}"
        f"  (from {version.source}, licence: {version.licence or 'not said'})"
    )
