"""Look a ZIP code or an address up, as the pages do."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from actionmail.cli.lookup.batch import run_batch
from actionmail.cli.platform.database import open_database
from actionmail.cli.roster.choices import FILE
from actionmail.cli.roster.reports import sentences
from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.by_address import Located, look_up, look_up_anywhere, state_of
from actionmail.flows.lookup.describing import aged, describe, of_several_states
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.reading import roster_as_of
from actionmail.gateways.http.geocoder import geocoder_for
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.rules.districts.addresses import Address, Geocode, parse
from actionmail.rules.districts.refusals import (
    AddressNotFound,
    AddressRefused,
    GeocoderUnavailable,
    LookupRefused,
)
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.settings import Settings
from actionmail.web.platform.lookup_words import in_words, refusal_sentence, trouble_sentence

_MORE = "With a ZIP code we could say more."


@click.command()
@click.argument("place", metavar="ZIP|ADDRESS", required=False)
@click.option("--state", default="", metavar="XX", help="The state, in two letters, if the place does not tell it.")
@click.option("--batch", type=FILE, help="Look up all addresses of this file, in the Census geocoder's batch form.")
@click.option("--out", type=FILE, help="With --batch: the file for the answers, in that form too, with the districts.")
@click.pass_obj
def lookup(settings: Settings, place: str | None, state: str, batch: Path | None, out: Path | None) -> None:
    """Print, as JSON, who represents a ZIP code or an address, how we know, and how sure that is.

    An address goes to the geocoders of ACTIONMAIL_GEOCODER_URL, by default to the US Census Bureau's. With --batch, the
    file has ID, street, city, state and ZIP code in each line, or is what the Census Bureau's batch answered: then
    nobody is asked, and our boundaries settle its points.
    """
    if settings.loopback_only:
        forbid_other_hosts()
    if batch and out and not (place or state):
        run_batch(settings, batch, out)
    elif place and not (batch or out):
        _print(settings, place, state)
    else:
        raise click.UsageError("Give a ZIP code or an address, or --batch and --out, both of them.")


def _print(settings: Settings, place: str, state: str) -> None:
    is_zip = re.fullmatch(r"[\d\s-]+", place) is not None
    address = Address(street="", zip=place) if is_zip else parse(place)
    with sentences():
        table = load_district_table(settings.data_dir)
        atlas = Atlas(settings.data_dir / "boundaries")
        geocode = None if is_zip else geocoder_for(settings, has_boundaries=atlas.covers)
        places = _located(table, address, state, geocode, atlas)
        with open_database(settings).read() as session:
            answers = []
            for located in places:
                answers.append(_answer(session, table, located, settings))
            as_of = roster_as_of(session)
    answer = answers[0] if len(answers) == 1 else of_several_states(answers)
    answer["roster_as_of"] = as_of.isoformat() if as_of else None
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    if as_of is None:
        click.echo("There is no legislator in the database; run `actionmail data load`.", err=True)


def _answer(session: Session, table: DistrictTable, located: Located, settings: Settings) -> dict[str, Any]:
    located = aged(session, table, located)
    described = describe(session, located, table.calendar, now=datetime.now(UTC))
    return described | in_words(located, asks_streets=bool(settings.geocoder_url))


def _located(
    table: DistrictTable, address: Address, state: str, geocode: Geocode | None, atlas: Atlas
) -> tuple[Located, ...]:
    """Raises ClickException with the sentence where there is no answer."""
    chambers = ("upper", "lower", *FEDERAL_CHAMBERS) if table.congress_version else ("upper", "lower")
    try:
        try:
            if not state:
                return look_up_anywhere(table, address, chambers=chambers, geocode=geocode, atlas=atlas)
            named = state_of(table, address, state)
            return (look_up(table, address, state=named, chambers=chambers, geocode=geocode, atlas=atlas),)
        except (AddressRefused, AddressNotFound) as refused:
            raise click.ClickException(f"{refusal_sentence(refused)} {_MORE}") from None
        except GeocoderUnavailable as trouble:
            raise click.ClickException(f"{trouble_sentence(trouble)} {_MORE}") from None
    except LookupRefused as refused:
        raise click.ClickException(refusal_sentence(refused)) from None
