"""Say in plain sentences what an installation still lacks.

Nothing is changed; nothing is connected to but the database and the geocoders, which are asked what they have. Only
where letters go straight to the receiving domains, the DNS is asked about this machine, and three of their servers are
greeted.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from actionmail.cli import TABLES_ARE_OLD
from actionmail.cli.delivery.waiting import hello
from actionmail.cli.delivery.words import folder_error, key_refused, skew
from actionmail.cli.platform.database import open_database
from actionmail.flows.delivery.waiting import Machinery
from actionmail.flows.lookup.atlas import MapFault
from actionmail.flows.review.installation import Check, Finding, findings
from actionmail.flows.review.sending_directly import way_out_findings
from actionmail.gateways.http.geocoder import geocoder_reports
from actionmail.gateways.mail.dkim_folder import FolderError, KeyFolder
from actionmail.gateways.mail.handing_over import look_out
from actionmail.rules.delivery.dkim import KeyRefused
from actionmail.rules.delivery.dkim_keys import KeyState, neglected
from actionmail.rules.districts.vintages import GeocoderReport
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.wording import and_join
from actionmail.settings import NO_PROXY, Settings
from actionmail.settings_names import sentence_of_unknown, unknown_names
from actionmail.settings_reading import CONFIG
from actionmail.web.campaigns.words import targets_change
from actionmail.web.platform.lookup_words import geocoder_words, map_fault_sentence
from actionmail.web.platform.mail_words import sentence_of
from actionmail.web.review.waiting_words import machinery_words
from actionmail.web.roster.refresh_words import found_sentence
from actionmail.web.roster.words import (
    elections_sentence,
    out_of_step_sentence,
    roster_age_sentence,
    roster_sentence,
    turnover_sentences,
)

# In braces stand the finding's values, as `_told` tells them.
_WELL: Mapping[Check, str] = {
    Check.WEB_SETTINGS: "the web process has the settings it needs.",
    Check.WORKER_SETTINGS: "the worker has a mail server for its letters; whether it answers was not tried.",
    Check.DKIM: "the DKIM keys that sign ({count}) can be read; `actionmail dkim dns` asks whether the DNS knows them.",
    Check.TABLES: "the database's tables are up to date.",
    Check.CLOCK: "this machine's clock is the database's, within a minute.",
    Check.WORKER: "{worker}",
    Check.WEBHOOKS: "the secrets of all webhooks ({count}) can be read with ACTIONMAIL_SECRET_KEY.",
    Check.INBOUND: "mail that came back was last looked for: {at}.",
    Check.BACKUP: "the last backup was made: {at}.",
    Check.DISK: "there is room in {folder}: {free} MB.",
    Check.ROSTER_AGE: "the roster is as of {as_of}, fresh enough.",
    Check.REFRESH: "the last look for newer data: {found}",
    Check.CONGRESS_AGE: "the members of Congress are as of {as_of}, fresh enough.",
    Check.CONGRESS_LIST: "the list of ZIP codes for Congress is of the {number}th, of {as_of}.",
    Check.ELECTIONS: "the ZIP table has {count} ZIP codes, for the districts of {as_of}.",
    Check.GEOCODER: "{report}.",
    Check.HELO_NAME: "{name}, which is given in EHLO, leads to {addresses}.",
    Check.PTR: "the DNS calls {addresses} by that name.",
    Check.PORT_25: "port 25 is open on the way out: a server of {domains} answered.",
    Check.DANE: "{dane}",
    Check.LAYERS: "the geocoder has the {house} layer of {year}, as the tables are: {vintages}.",
}
_AMISS: Mapping[Check, str] = {
    Check.WEB_SETTINGS: "{error}",
    Check.WORKER_SETTINGS: "{error}",
    Check.PROXY: NO_PROXY,
    Check.CONFIG: "Everybody on this machine may read {path}, and it holds secrets: chmod 600 {path}",
    Check.DKIM: "{error}",
    Check.DKIM_KEYS: "{keys}",
    Check.UNKNOWN_NAME: "{sentence}",
    Check.DATABASE: (
        "The database cannot be used: {error}. See that its server runs, and that ACTIONMAIL_DATABASE_URL is right."
    ),
    Check.TABLES: TABLES_ARE_OLD,
    Check.CLOCK: "{skew} No worker sends from here until both are right (NTP).",
    Check.WORKER: "{worker}",
    Check.WEBHOOKS: (
        "Of {count} webhooks the secrets of {unsigned} cannot be read with ACTIONMAIL_SECRET_KEY as it is here: a "
        "worker with these settings tells them nothing. Give the worker the key that the web process has; if that "
        "is another one by now, end those webhooks and add them anew."
    ),
    Check.NO_WORKER: "No worker is at work at the moment, and no letter is due: start `actionmail worker`.",
    Check.INBOUND: (
        "Mail that came back was last looked for: {at}. Run `actionmail inbound` every few minutes, or have the mail "
        "server pipe into it."
    ),
    Check.BACKUP: "The last backup was made: {at}. Run `actionmail backup` every night.",
    Check.DISK: "There is little room in {folder}: {free} MB. On a full disk nothing is kept, and nothing is sent.",
    Check.ROSTER_AGE: "{alarm}",
    Check.TURNOVER: "{turnovers}",
    Check.NO_TABLE: (
        "There is no {name} in {folder}, so nothing is known of who takes office when, or of maps that are new: copy "
        "the one that came with ActionMail, or import one."
    ),
    Check.REFRESH: "The last look for newer data: {found}",
    Check.REFRESHING: (
        "ACTIONMAIL_DATA_REFRESH_HOURS is {hours}, and nobody looks for newer data as often: {folder} must have a "
        "sources.toml with addresses, and a worker must run."
    ),
    Check.SOURCES: "Newer data is not looked for: {error}",
    Check.CALENDAR: "The calendar of the legislatures cannot be used: {error}",
    Check.CONGRESS_AGE: (
        "The members of Congress are as of {as_of}, {days} days old: import newer ones with `actionmail data import "
        "congress`."
    ),
    Check.CONGRESS_LIST: (
        "The list of ZIP codes for Congress is of the {number}th, of {as_of}, and the {elected}th is elected: import "
        "its districts with `actionmail data import congress-zips`."
    ),
    Check.SESSIONS: (
        "{slug} is {status}, but its session, {session}, is over by its name. Legislators "
        "cannot vote on the bill any more: close it on the staff pages, or unschedule it."
    ),
    Check.TARGETS: "{slug} is {status}, and its targets change: {words}",
    Check.DISTRICT_FILES: "{kind}: {version}.",
    Check.ZIP_TABLE: "The ZIP table cannot be used: {error}",
    Check.ELECTIONS: "{alarm}",
    Check.BOUNDARIES: "{fault}",
    Check.GEOCODER: "{report}",
    Check.DNS: "The DNS says nothing of {name} just now; run this again in a minute.",
    Check.HELO_NAME: (
        "{name}, which is given in EHLO, has no address in the DNS, and many servers refuse such a name. Give it an A "
        "record with this machine's address, or set ACTIONMAIL_HELO_NAME to a name that has one."
    ),
    Check.PTR: (
        "Mail goes out from {addresses}, and the DNS does not call that {name}, or the name does not lead there. Most "
        "large providers refuse such mail. Let whoever gave you the address set its PTR record to {name}, and give "
        "{name} that address; or set ACTIONMAIL_HELO_NAME to the name that the address has."
    ),
    Check.PORT_25: (
        "No mail server of {domains} answers by port 25 ({words}). Most providers of machines keep that port shut: ask "
        "yours to open it, or send through a relay (ACTIONMAIL_SMTP_URL)."
    ),
    Check.UNWELCOME: "The mail server of {domain} does not want this machine: {words}",
    Check.NOBODY_TO_VISIT: (
        "Whether this machine gets out by port 25 was not tried, since no legislator has an address yet: import the "
        "roster, then run this again."
    ),
    Check.LAYERS: (
        "The geocoder has no {house} layer of {year}, of which the tables are; it has those of {others}. Where "
        "there are no boundaries, a street leads to no district."
    ),
}


_DANE = "the resolver on this machine checks signatures (DNSSEC), so DANE records of receiving domains are kept to."
_NO_DANE = (
    "no resolver on this machine checks signatures (DNSSEC), so DANE records of receiving domains are not looked at; "
    "MTA-STS policies are. To heed both, run one, such as unbound, and name it alone in /etc/resolv.conf."
)
CANNOT_RUN, LOOK = 1, 3  # 2 is a command line that cannot be read
_STATES = {"well": "well", "look": "LOOK", "amiss": "AMISS"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document: check, state and sentence of each.")
@click.pass_obj
def doctor(settings: Settings, as_json: bool) -> None:
    """Check settings, database, workers, backups, disk, data, geocoder and mail server's address.

    Status 0: all is well. 1: something keeps it from running (AMISS). 3: it runs, and a person should look (LOOK).
    """
    database = open_database(settings) if settings.database_url else None
    ask = partial(geocoder_reports, settings)
    found = [
        *_config_findings(),
        *_key_findings(settings, datetime.now(UTC)),
        *findings(settings, database, ask_geocoders=ask, now=datetime.now(UTC)),
        *way_out_findings(settings, database, ask=partial(look_out, hello(settings))),
    ]
    if as_json:
        rows = [{"check": one.check, "state": _state(one), "sentence": sentence(one)} for one in found]
        click.echo(json.dumps({"findings": rows}, indent=1))
    else:
        for finding in found:
            click.echo(f"{_STATES[_state(finding)]}: {sentence(finding)}")
    if any(finding.stops for finding in found):
        raise click.exceptions.Exit(CANNOT_RUN)
    if not all(finding.is_well for finding in found):
        raise click.exceptions.Exit(LOOK)


def _state(finding: Finding) -> str:
    if finding.is_well:
        return "well"
    return "amiss" if finding.stops else "look"


def _config_findings() -> Iterator[Finding]:
    path = os.environ.get(CONFIG, "")
    if path and Path(path).stat().st_mode & stat.S_IROTH:
        yield Finding(check=Check.CONFIG, is_well=False, values={"path": path})
    for unknown in unknown_names(os.environ):
        yield Finding(check=Check.UNKNOWN_NAME, is_well=False, values={"sentence": sentence_of_unknown(unknown)})


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


def sentence(finding: Finding) -> str:
    words = _WELL if finding.is_well else _AMISS
    values = {name: _told(name, value) for name, value in finding.values.items()}
    if finding.check is Check.WORKER:
        values["worker"] = _worker_words(finding.values["machinery"], finding.values["now"])
    if finding.check is Check.ROSTER_AGE:
        values["alarm"] = roster_age_sentence(finding.values["as_of"], finding.values["today"])
    if finding.check is Check.ELECTIONS:
        values["alarm"] = elections_sentence(finding.values["days"], finding.values["today"])
    if finding.check is Check.TURNOVER:
        values["turnovers"] = " ".join(turnover_sentences(finding.values["turnovers"], finding.values["today"]))
    if finding.check is Check.TARGETS:
        change = finding.values["change"]
        values |= {"slug": change.slug, "status": change.status, "words": targets_change(change)}
    if finding.check is Check.DANE:
        values["dane"] = _DANE if finding.values["checks"] else _NO_DANE
    if finding.check is Check.REFRESH:
        values["found"] = found_sentence(finding.values["kind"], finding.values["found"])
    return words[finding.check].format(**values)


def _worker_words(machinery: Machinery, now: datetime) -> str:
    if amiss := machinery_words(machinery, now):
        return amiss[0]
    since = machinery.pulse.started_at
    began = f"; it began at {since:%Y-%m-%d %H:%M}" if since is not None else ""
    return f"a worker was at work at {machinery.pulse.seen_at:%Y-%m-%d %H:%M} UTC{began}."


def _told(name: str, value: object) -> str:
    if isinstance(value, DatasetError):
        return roster_sentence(value)
    if isinstance(value, MapFault):
        return map_fault_sentence(value)
    if isinstance(value, GeocoderReport):
        return geocoder_words(value)
    if isinstance(value, timedelta):
        return skew(value)
    if isinstance(value, (list, tuple)):
        return _listed(name, value)
    if name == "version" and isinstance(value, int):
        return out_of_step_sentence(value)
    if name == "at":
        return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else "never"
    if name == "words":
        return sentence_of(str(value)).rstrip(".")
    if name == "free" and isinstance(value, int):
        return f"{value // 1024**2:,}"
    return f"{value:,}" if name == "count" else str(value)


def _listed(name: str, values: Sequence[object]) -> str:
    if name == "vintages":
        return ", ".join(map(str, values))
    return and_join([str(value) for value in values]) or ("no year" if name == "others" else "nothing")
