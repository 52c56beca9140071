"""Measure the ZIP tables in force against a reference."""

from __future__ import annotations

from pathlib import Path

import click

from actionmail.cli.roster.reports import sentences
from actionmail.flows.lookup.reference_files import candidates_in, read_reference
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.reference import Comparison, compare
from actionmail.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def measure(settings: Settings, file: Path) -> None:
    """Hold the ZIP tables in force against a reference CSV: zip,state,chamber,district, and share where it is known.

    It may have further columns, in any order.

    A ZIP code's rows must name all its districts of the chamber, spelled as the roster does. Nothing is changed.
    """
    with sentences():
        rows = read_reference(file)
        table = load_district_table(settings.data_dir)
    for comparison in compare(rows, candidates_in(table)):
        _print(comparison)


def _print(measured: Comparison) -> None:
    missed = measured.pairs - measured.matched
    click.echo(f"{measured.chamber}: {measured.answers:,} ZIP codes, {measured.pairs:,} pairs with a district")
    click.echo(f"  found       {_part(measured.matched, measured.pairs)}")
    click.echo(f"  missed      {_part(missed, measured.pairs)}, {measured.missed_in_guesses:,} of them in guesses")
    click.echo(
        f"  extra       {_part(measured.extra, measured.table_pairs)} of the table's, "
        f"{_part(measured.extra_above, measured.table_pairs)} with a share of 1 % or more"
    )
    click.echo(f"  certain     {_part(measured.certain, measured.answers)} of the answers")
    click.echo(f"  incomplete  {_part(measured.incomplete, measured.certain)} of the certain ones")
    if measured.worst:
        click.echo(f"  look at     {', '.join(measured.worst)}")


def _part(count: int, whole: int) -> str:
    return f"{count:,} ({count / whole:.2%})" if whole else f"{count:,}"
