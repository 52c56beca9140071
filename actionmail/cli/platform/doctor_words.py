"""The sentences of `actionmail doctor`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from actionmail.cli import TABLES_ARE_OLD
from actionmail.cli.delivery.celery_work import NO_CELERY, broker_away
from actionmail.cli.delivery.words import skew
from actionmail.db.replica import MOST_BEHIND, Look, Standing
from actionmail.flows.campaigns.turnovers import TargetsChange
from actionmail.flows.delivery.waiting import Machinery
from actionmail.flows.lookup.atlas import MapFault
from actionmail.flows.review.installation import Check, Finding
from actionmail.rules.campaigns.preflight import Finding as Preflight
from actionmail.rules.delivery.spf import Lets
from actionmail.rules.districts.vintages import GeocoderReport
from actionmail.rules.roster.seats import DatasetError
from actionmail.rules.wording import and_join
from actionmail.settings import NO_PROXY
from actionmail.web.campaigns.words import sentence as words_of
from actionmail.web.campaigns.words import targets_change
from actionmail.web.campaigns.words.preflight import WHAT, to_do
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
    Check.REPLICA: "the read replica answers, and is {behind} behind; send log, numbers, reports and exports read it.",
    Check.CLOCK: "this machine's clock is the database's, within a minute.",
    Check.WORKER: "{worker}",
    Check.WEBHOOKS: "the secrets of all webhooks ({count}) can be read with ACTIONMAIL_SECRET_KEY.",
    Check.BROKER: "the broker {broker} answers; {count} wake-ups wait there.",
    Check.WAKER: "workers were last woken through the broker: {at}.",
    Check.INBOUND: "mail that came back was last looked for: {at}.",
    Check.RETURN_PATH: "the probe that went out {sent} came back {back}.",
    Check.PROBE: (
        "a probe went out to {to}. Once it is read (`actionmail inbound`), `actionmail doctor` tells that it came back."
    ),
    Check.WAY_BACK: "mail to {name} goes to {hosts}.",
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
    Check.SPF_ADDRESS: "the SPF record of {name} lets {addresses} send.",
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
    Check.SHAPING: (
        "The library FriBidi is not here, without which letters of Arabic, Khmer and Burmese cannot be shaped, and "
        "the cards of links in them show the campaign's own title: apt-get install libfribidi0, on every web machine."
    ),
    Check.REPLICA: "{replica} Meanwhile send log, numbers, reports and exports read the database itself.",
    Check.CLOCK: "{skew} No worker sends from here until both are right (NTP).",
    Check.WORKER: "{worker}",
    Check.WEBHOOKS: (
        "Of {count} webhooks the secrets of {unsigned} cannot be read with ACTIONMAIL_SECRET_KEY as it is here: a "
        "worker with these settings tells them nothing. Give the worker the key that the web process has; if that "
        "is another one by now, end those webhooks and add them anew."
    ),
    Check.NO_WORKER: "No worker is at work at the moment, and no letter is due: start `actionmail worker`.",
    Check.BROKER: "{away}",
    Check.CELERY: f"ACTIONMAIL_BROKER_URL is set. {NO_CELERY}",
    Check.WAKER: (
        "Workers were last woken through the broker: {at}. Run `actionmail wake`; until then each worker looks by "
        "itself once a minute. If nobody is to be woken, take ACTIONMAIL_BROKER_URL out."
    ),
    Check.INBOUND: (
        "Mail that came back was last looked for: {at}. Run `actionmail inbound` every few minutes, or have the mail "
        "server pipe into it."
    ),
    Check.RETURN_PATH: "{probe}",
    Check.PROBE: "The probe did not go out to {to}: {error}",
    Check.WAY_BACK: (
        "Mail to {name} goes nowhere: it has no MX record and no address in the DNS, or says that it takes no mail. "
        "Letters that come back are lost, and many servers refuse mail from such a domain. Give it an MX record."
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
    Check.SPF_ADDRESS: "{permits}",
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


_REPLICA: Mapping[Standing, str] = {
    Standing.FRESH: "",
    Standing.BEHIND: (
        "The read replica answers, and is {behind} behind, more than {most}: see that it streams from its primary "
        "(pg_stat_replication there), and that its disk keeps up."
    ),
    Standing.OTHER: (
        "ACTIONMAIL_READ_DATABASE_URL names no read replica of ACTIONMAIL_DATABASE_URL with this version's tables: it "
        "has to be a standby of the same server, and the same database."
    ),
    Standing.AWAY: (
        "The read replica cannot be used: {error}. See that it runs, and that ACTIONMAIL_READ_DATABASE_URL is right."
    ),
}
_DANE = "the resolver on this machine checks signatures (DNSSEC), so DANE records of receiving domains are kept to."
_NO_DANE = (
    "no resolver on this machine checks signatures (DNSSEC), so DANE records of receiving domains are not looked at; "
    "MTA-STS policies are. To heed both, run one, such as unbound, and name it alone in /etc/resolv.conf."
)
_PERMITS: Mapping[Lets, str] = {
    Lets.NO: (
        "Mail goes out from {addresses}, and the SPF record of {name} does not let that send: receivers that keep to "
        "it refuse it. Add ip4: or ip6: with that address to the record."
    ),
    Lets.BROKEN: (
        "The SPF record of {name} cannot be used, so mail from {addresses} passes nowhere: see that there is exactly "
        "one, that each word in it is one of SPF's, that it asks the DNS no more than ten times, and that no more "
        "than two of its hosts (a, mx) lack addresses of that kind, IPv4 or IPv6 (RFC 7208 4.6)."
    ),
    Lets.UNTOLD: (
        "Whether the SPF record of {name} lets {addresses} send hangs on a macro, `exists` or `ptr` in it. Send "
        "yourself a test and look for spf=pass in its headers."
    ),
}
_NO_PROBE = (
    "Whether mail that comes back reaches this installation was never tried: `actionmail doctor --probe` sends one."
)
_PROBE_AWAY = (
    "The probe that went out {sent} has not come back. It does once it is read (`actionmail inbound`); where it stays "
    "away, mail to the return paths (b+anything@ the domain that letters come from) gets lost on its way."
)


def sentence(finding: Finding) -> str:
    """What was found, and what to do where it is not as it should be."""
    if isinstance(preflight := finding.values.get("found"), Preflight):
        return f"{WHAT[preflight.what]}: {words_of(preflight.problem)} {to_do(preflight)}".rstrip()
    words = _WELL if finding.is_well else _AMISS
    values = {name: _told(name, value) for name, value in finding.values.items()}
    if finding.check in _MADE:
        values |= _MADE[finding.check](finding.values)
    return words[finding.check].format(**values)


def _probe_words(sent: datetime | None) -> str:
    return _NO_PROBE if sent is None else _PROBE_AWAY.format(sent=_told("sent", sent))


def _permits_words(values: Mapping[str, Any]) -> str:
    value_words = {name: _told(name, values[name]) for name in ("name", "addresses")}
    return _PERMITS.get(values["lets"], "").format(**value_words)


def _broker_words(values: Mapping[str, Any]) -> dict[str, str]:
    return {"away": broker_away(values["broker"], values["away"])} if "away" in values else {}


def _replica_words(look: Look) -> dict[str, str]:
    behind = _seconds(look.behind)
    most = _seconds(MOST_BEHIND)
    return {"behind": behind, "replica": _REPLICA[look.standing].format(behind=behind, most=most, error=look.error)}


def _seconds(behind: timedelta | None) -> str:
    return "an unknown time" if behind is None else f"{behind.total_seconds():,.0f} s"


def _targets_words(change: TargetsChange) -> dict[str, str]:
    return {"slug": change.slug, "status": change.status, "words": targets_change(change)}


# What stands in the sentences of these is made of several of the finding's values.
_MADE: Mapping[Check, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    Check.WORKER: lambda values: {"worker": _worker_words(values["machinery"], values["now"])},
    Check.ROSTER_AGE: lambda values: {"alarm": roster_age_sentence(values["as_of"], values["today"])},
    Check.ELECTIONS: lambda values: {"alarm": elections_sentence(values["days"], values["today"])},
    Check.TURNOVER: lambda values: {"turnovers": " ".join(turnover_sentences(values["turnovers"], values["today"]))},
    Check.TARGETS: lambda values: _targets_words(values["change"]),
    Check.RETURN_PATH: lambda values: {"probe": _probe_words(values["sent"])},
    Check.SPF_ADDRESS: lambda values: {"permits": _permits_words(values)},
    Check.BROKER: _broker_words,
    Check.REPLICA: lambda values: _replica_words(values["look"]),
    Check.DANE: lambda values: {"dane": _DANE if values["checks"] else _NO_DANE},
    Check.REFRESH: lambda values: {"found": found_sentence(values["kind"], values["found"])},
}


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
    if name in {"at", "sent", "back"}:
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
