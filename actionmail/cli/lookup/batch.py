"""Look many addresses up, from a file into a file."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import click

from actionmail.cli.roster.reports import sentences
from actionmail.cli.roster.sources import MB
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.batch import look_up_batch
from actionmail.flows.lookup.by_address import Located
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.gateways.datasets.whole_files import read_file
from actionmail.gateways.http.geocoder import geocoder_for
from actionmail.rules.districts.batch_files import read_batch, write_batch
from actionmail.rules.districts.refusals import GeocoderUnavailable, LookupRefused
from actionmail.rules.roster.seats import DatasetError, utf8_text
from actionmail.settings import Settings
from actionmail.web.platform.lookup_words import note_sentence, refusal_sentence, trouble_sentence

_LARGEST = 32 * MB  # 10,000 addresses, each of three thousand bytes


def run_batch(settings: Settings, file: Path, out: Path) -> None:
    """Write the answers to `out`, which must not be there yet; all of them or none."""
    with sentences():
        rows = read_batch(utf8_text(read_file(file, _LARGEST), file.name, "points_not_utf8"), file.name)
        table = load_district_table(settings.data_dir)
        atlas = Atlas(settings.data_dir / "boundaries")
        geocode = None if all(row.is_answered for row in rows) else geocoder_for(settings, has_boundaries=atlas.covers)
        answers = list(look_up_batch(table, rows, geocode=geocode, atlas=atlas, note=_note))
        _write(out, write_batch(answers))
    counts = Counter(answer.ours[-3] or "none" for answer in answers)
    certainties = ", ".join(f"{counts[name]:,} {name}" for name in ("high", "medium", "low", "none") if counts[name])
    click.echo(f"{len(answers):,} addresses, by confidence: {certainties}. {out.name} has them.")


def _write(out: Path, text: str) -> None:
    """Only whoever runs this may read it: it holds addresses."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise DatasetError(out.name, "cannot_be_written", why=error.strerror) from None


def _note(outcome: Located | LookupRefused | GeocoderUnavailable) -> str:
    if isinstance(outcome, Located):
        return note_sentence(outcome)
    return refusal_sentence(outcome) if isinstance(outcome, LookupRefused) else trouble_sentence(outcome)
