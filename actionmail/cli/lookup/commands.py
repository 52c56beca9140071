"""Look a ZIP code or an address up, as the pages do."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import click

from actionmail.cli.roster.reports import sentences
from actionmail.db.engine import Database
from actionmail.flows.lookup.by_address import Address, Atlas, describe, look_up, parse, state_of
from actionmail.flows.lookup.by_zip import load_district_table
from actionmail.flows.roster.status import roster_status
from actionmail.gateways.http.geocoder import geocoder_for
from actionmail.gateways.http.network_lockdown import forbid_other_hosts
from actionmail.rules.districts.zip_districts import FEDERAL_CHAMBERS
from actionmail.settings import Settings


@click.command()
@click.argument("place", metavar="ZIP|ADDRESS")
@click.option("--state", default="", metavar="XX", help="The state, in two letters, if the place does not tell it.")
@click.pass_obj
def lookup(settings: Settings, place: str, state: str) -> None:
    """Print, as JSON, who represents a ZIP code or an address, how we know, and how sure that is.

    An address goes to the geocoder of ACTIONMAIL_GEOCODER_URL, by default the US Census Bureau's.
    """
    if settings.loopback_only:
        forbid_other_hosts()
    is_zip = re.fullmatch(r"[\d\s-]+", place) is not None
    address = Address(street="", zip=place) if is_zip else parse(place)
    with sentences():
        table = load_district_table(settings.data_dir)
        atlas = Atlas(settings.data_dir / "boundaries")
        located = look_up(
            table,
            address,
            state=state_of(table, address, state),
            chambers=("upper", "lower", *FEDERAL_CHAMBERS) if table.congress_version else ("upper", "lower"),
            geocode=None if is_zip else geocoder_for(settings, has_boundaries=atlas.covers),
            atlas=atlas,
        )
        with Database(settings.database_url).read() as session:
            answer = describe(session, located)
            status = roster_status(session, now=datetime.now(UTC))
    answer["roster_as_of"] = status.as_of.isoformat() if status.as_of else None
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    if status.as_of is None:
        click.echo("There is no legislator in the database; run `actionmail data load`.", err=True)
