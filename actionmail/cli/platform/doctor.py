"""Say in plain sentences what an installation still lacks.

Nothing is changed; nothing is connected to but the database, the broker, the geocoders, which are asked what they have,
and the DNS, about the domain that letters come from. Only where letters go straight to the receiving domains, it is
asked about this machine too, and three of their servers are greeted. With `--probe` one mail goes out.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from actionmail.cli.delivery.waiting import hello
from actionmail.cli.delivery.words import folder_error, key_refused
from actionmail.cli.delivery.worker import refused_options
from actionmail.cli.platform.broker_findings import broker_findings
from actionmail.cli.platform.database import open_database
from actionmail.cli.platform.doctor_words import sentence
from actionmail.cli.platform.probe import probe_finding
from actionmail.db.engine import Database
from actionmail.flows.review.installation import AskGeocoders, Check, Finding
from actionmail.flows.review.installation import findings as installation_findings
from actionmail.flows.review.sender import SenderDns, sender_findings
from actionmail.flows.review.sending_directly import AskWayOut, way_out_findings
from actionmail.gateways.http.geocoder import geocoder_reports
from actionmail.gateways.mail.dkim_folder import FolderError, KeyFolder
from actionmail.gateways.mail.dns import Dns
from actionmail.gateways.mail.handing_over import look_out
from actionmail.gateways.pictures.fonts import IS_SHAPED
from actionmail.rules.delivery.dkim import KeyRefused
from actionmail.rules.delivery.dkim_keys import KeyState, neglected
from actionmail.settings import Settings
from actionmail.settings_names import sentence_of_unknown, unknown_names
from actionmail.settings_reading import CONFIG

CANNOT_RUN, LOOK = 1, 3  # 2 is a command line that cannot be read
_STATES: Final = {"well": "well", "unknown": "not known", "look": "LOOK", "amiss": "AMISS"}


class Outside(Struct, frozen=True, kw_only=True):
    """What is asked beyond this machine and the database."""

    ask_geocoders: AskGeocoders
    ask_way_out: AskWayOut
    dns: SenderDns
    shapes_text: bool  # whether this machine has all that draws the cards of links


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document: check, state and sentence of each.")
@click.option(
    "--probe",
    is_flag=False,
    flag_value="",
    metavar="[ADDRESS]",
    help="First send a mail that is to come back: to its own return path, or else to ADDRESS, where somebody answers "
    "it or nobody lives.",
)
@click.pass_obj
def doctor(settings: Settings, as_json: bool, probe: str | None) -> None:
    """Check settings, database, workers, backups, disk, data, geocoder, and what the DNS says of the sender.

    Status 0: all is well. 1: something keeps it from running (AMISS). 3: it runs, and a person should look (LOOK).
    What is "not known" cannot be told from here, and changes no status.
    """
    database = open_database(settings) if settings.database_url else None
    findings = [] if probe is None else [probe_finding(settings, database, probe, now=datetime.now(UTC))]
    findings += look(settings, database, outside_of(settings), now=datetime.now(UTC))
    tell(findings, as_json=as_json)
    if status := status_of(findings):
        raise click.exceptions.Exit(status)


def outside_of(settings: Settings) -> Outside:
    records = KeyFolder(settings.dkim_folder, settings.mail_domain).signing_records() if settings.dkim_folder else {}
    dns = Dns()
    return Outside(
        ask_geocoders=partial(geocoder_reports, settings),
        ask_way_out=partial(look_out, hello(settings), settings.mail_domain),
        shapes_text=IS_SHAPED,
        dns=SenderDns(ask_txt=dns.txt, ask_names=dns.names, ask_hosts=dns.mail_hosts, records=records),
    )


def look(settings: Settings, database: Database | None, outside: Outside, *, now: datetime) -> list[Finding]:
    """Everything that is looked at, in the order in which it is told."""
    return [
        *_config_findings(),
        *_limit_findings(),
        *_key_findings(settings, now),
        *broker_findings(settings),
        *installation_findings(settings, database, ask_geocoders=outside.ask_geocoders, now=now),
        *sender_findings(settings, outside.dns),
        *way_out_findings(settings, database, ask=outside.ask_way_out),
        *(() if outside.shapes_text else (Finding(check=Check.SHAPING, is_well=False),)),
    ]


def tell(findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"check": finding.check, "state": _state(finding), "sentence": sentence(finding)} for finding in findings
        ]
        click.echo(json.dumps({"findings": rows}, indent=1))
        return
    for finding in findings:
        click.echo(f"{_STATES[_state(finding)]}: {sentence(finding)}")


def status_of(findings: Sequence[Finding]) -> int:
    states = {_state(finding) for finding in findings}
    if "amiss" in states:
        return CANNOT_RUN
    return LOOK if "look" in states else 0


def _state(finding: Finding) -> str:
    if finding.is_well:
        return "well"
    if not finding.is_known:
        return "unknown"
    return "amiss" if finding.stops else "look"


def _config_findings() -> Iterator[Finding]:
    path = os.environ.get(CONFIG, "")
    if path and Path(path).stat().st_mode & stat.S_IROTH:
        yield Finding(check=Check.CONFIG, is_well=False, values={"path": path})
    for unknown in unknown_names(os.environ):
        yield Finding(check=Check.UNKNOWN_NAME, is_well=False, values={"sentence": sentence_of_unknown(unknown)})


def _limit_findings() -> Iterator[Finding]:
    for error in refused_options():
        yield Finding(check=Check.WORKER_SETTINGS, is_well=False, values={"error": error})


def _key_findings(settings: Settings, now: datetime) -> Iterator[Finding]:
    if settings.dkim_folder is None:
        return
    folder = KeyFolder(settings.dkim_folder, settings.mail_domain)
    try:
        keys, signers = folder.keys(), folder.signers()
    except KeyRefused as error:
        yield Finding(check=Check.DKIM, is_well=False, values={"error": key_refused(error)})
        return
    except FolderError as error:
        yield Finding(check=Check.DKIM, is_well=False, values={"error": folder_error(error)})
        return
    if signers:
        yield Finding(check=Check.DKIM, is_well=True, values={"count": len(signers)})
    else:
        yield Finding(check=Check.DKIM_KEYS, is_well=False, values={"keys": _UNSIGNED})
    if looked := neglected(keys, now):
        sentences = " ".join(_NEGLECTED[key.state].format(selector=key.selector) for key in looked)
        yield Finding(check=Check.DKIM_KEYS, is_well=False, values={"keys": sentences})


_UNSIGNED = "Letters are signed with no DKIM key: `actionmail dkim new`, then `actionmail dkim use`."
_NEGLECTED = {
    KeyState.NEW: "The DKIM key {selector} was made and never used: `actionmail dkim use` it, or `retire` it.",
    KeyState.SIGNING: "Letters are signed with {selector} for more than a year: make new keys, `actionmail dkim new`.",
    KeyState.LEAVING: "{selector} signs no more for two months: `actionmail dkim retire {selector}`.",
}
