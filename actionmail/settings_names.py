"""Every setting by its name: what it is, what happens without it, and whether it is a secret.

The table in docs/install.md is written from here (`make settings-table`), and a name that is none of these is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

PREFIX = "ACTIONMAIL_"
_OF_TESTS = f"{PREFIX}TEST_"
_ALIKE = 0.65  # of 1; DATABSE_URL is 0.96 like DATABASE_URL, PROXY 0.67 like PROXIES


class Setting(Struct, frozen=True, kw_only=True):
    """One setting. `what` and `without` are Markdown."""

    name: str
    what: str
    without: str
    is_secret: bool = False  # may lie in a file of its own, which `name`_FILE names


class UnknownName(Struct, frozen=True, kw_only=True):
    """A variable that looks like a setting and is none; "" where no setting is much like it."""

    name: str
    meant: str


SETTINGS = (
    Setting(
        name="ACTIONMAIL_DATABASE_URL",
        what="`sqlite:////path/file.sqlite3` or `postgresql://user:password@host/name`",
        without="nothing that needs a database starts; the demo has its own",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_READ_DATABASE_URL",
        what="`postgresql://…` of a [read replica](#a-read-replica) of it, from which send log, numbers, reports and "
        "exports are read while it is fresh",
        without="they are read from the database itself",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_SECRET_KEY",
        what="at least 32 random characters; signs sessions, the tokens in letters and the API's cursors, and locks "
        "second factors and webhooks' secrets, so keep it",
        without="web and `actionmail inbound` refuse to start; a worker sends no webhooks",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_SECRET_KEYS_OLD",
        what="keys that signed before, the newest first, with blanks or line ends between them; they go on verifying "
        "([more](security.md#a-new-secret-key))",
        without="only `ACTIONMAIL_SECRET_KEY` verifies",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_BASE_URL",
        what="the address that people open, such as `https://act.example.org`, or `https://www.example.org/act` "
        "[below a path](#below-a-path); other host names are refused; the staff's [passkeys](accounts.md) are "
        "bound to its host name",
        without="web refuses to start",
    ),
    Setting(
        name="ACTIONMAIL_FROM_ADDRESS",
        what="the sender of every letter, on your own domain; replies go to the supporter",
        without="web refuses to start; a worker keeps mail to supporters waiting",
    ),
    Setting(
        name="ACTIONMAIL_SMTP_URL",
        what="`smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`; or `mx:`, [straight to the "
        "receiving domains](delivery.md#straight-to-the-receiving-domains); the web process mails test letters and "
        "[links to the staff](accounts.md) by it",
        without="worker refuses to start; staff are mailed nothing",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_SMTP_USER",
        what="the user name outside the URL and as it is; in the URL `/` is written `%2F`, `#` `%23`, `?` `%3F`, "
        "`@` `%40`, `%` `%25`",
        without="what the URL has",
    ),
    Setting(
        name="ACTIONMAIL_SMTP_PASSWORD",
        what="the password outside the URL and as it is",
        without="what the URL has",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_HELO_NAME",
        what="this machine's full name in the DNS, given to mail servers in EHLO",
        without="the domain of `ACTIONMAIL_FROM_ADDRESS`",
    ),
    Setting(
        name="ACTIONMAIL_SMTP_TOKEN_COMMAND",
        what="a command that prints a token; see [signing in with a token](#signing-in-with-a-token)",
        without="a password signs in, if the address has a user name",
    ),
    Setting(
        name="ACTIONMAIL_ORGANISATION",
        what="shown at the top of every page",
        without="`ActionMail`",
    ),
    Setting(
        name="ACTIONMAIL_CONTACT_ADDRESS",
        what="where offices and supporters can write to you",
        without="no contact line",
    ),
    Setting(
        name="ACTIONMAIL_ASK_HOUR",
        what="from how many actions of one network address within an hour on browsers work for a second, or "
        "supporters confirm by mail; 0: never ([floods.md](floods.md))",
        without="30",
    ),
    Setting(
        name="ACTIONMAIL_HOLD_HOUR",
        what="the same, from which on actions wait until staff have looked; 0: never",
        without="100",
    ),
    Setting(
        name="ACTIONMAIL_UNDO_SECONDS",
        what="how long a supporter can take a letter back",
        without="60",
    ),
    Setting(
        name="ACTIONMAIL_PROXIES",
        what="how many reverse proxies set `X-Forwarded-*`; 1 behind the usual one",
        without="0: all who come through a proxy count as one visitor",
    ),
    Setting(
        name="ACTIONMAIL_GEOCODER_URL",
        what="where a street is looked up, if a ZIP code lies in several districts; `off` for nowhere; several with "
        "spaces between them are asked in turn: a Nominatim or a Pelias of your own, a file of points "
        "([more](lookup.md#several-geocoders))",
        without="the US Census Bureau's",
    ),
    Setting(
        name="ACTIONMAIL_OPENSTATES_KEY",
        what="a key of the Open States API, asked about points in states without boundaries ([more](lookup.md))",
        without="Open States is not asked",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_OPENSTATES_URL",
        what="another server that answers as Open States does",
        without="`https://v3.openstates.org`",
    ),
    Setting(
        name="ACTIONMAIL_DATA_DIR",
        what="a folder with your own `legislators.csv` and ZIP table",
        without="what came with the package",
    ),
    Setting(
        name="ACTIONMAIL_DATA_REFRESH_HOURS",
        what="how often a worker [looks for newer data](data.md#looking-for-newer-data-by-itself)",
        without="0: never",
    ),
    Setting(
        name="ACTIONMAIL_BACKUP_HOURS",
        what="how old the last `actionmail backup` may be before `doctor` says so; 0 where you make backups otherwise",
        without="48",
    ),
    Setting(
        name="ACTIONMAIL_REQUIRE_SECOND_FACTOR",
        what="`1`: staff need a [second factor](accounts.md)",
        without="0",
    ),
    Setting(
        name="ACTIONMAIL_TWO_PERSON_PUBLISH",
        what="`1`: nobody publishes on the staff pages a campaign that they changed last, or changes one that is open",
        without="0",
    ),
    Setting(
        name="ACTIONMAIL_SMTP_CONNECTIONS",
        what="how many connections a worker keeps to the mail server, up to 20 ([more](delivery.md))",
        without="2",
    ),
    Setting(
        name="ACTIONMAIL_TARGET_HOUR",
        what="letters to one legislator in any hour, half of them at once; 0: no limit",
        without="30",
    ),
    Setting(
        name="ACTIONMAIL_CAMPAIGN_HOUR",
        what="letters of one campaign in any hour; 0: no limit",
        without="0",
    ),
    Setting(
        name="ACTIONMAIL_DOMAIN_MINUTE",
        what="letters to one mail domain in any minute; 0: no limit, as fits a relay; sending directly, 20 is right",
        without="0",
    ),
    Setting(
        name="ACTIONMAIL_SENDING_HOURS",
        what="when workers send, as `8-18` by the clock of the campaign's place",
        without="at any hour",
    ),
    Setting(
        name="ACTIONMAIL_BROKER_URL",
        what="RabbitMQ's `amqp://` or `amqps://[user:password@]host[:port][/vhost]`, or `redis://` or "
        "`rediss://[:password@]host[:port][/number]` of Redis or Valkey, through which "
        "[Celery workers](delivery.md#workers-under-celery) are woken",
        without="`actionmail wake` and `actionmail worker --celery` refuse to start; other workers need none",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_DKIM",
        what="`SELECTOR:FILE`, several with spaces between them: a worker signs each letter with this private key",
        without="the mail server signs, or nobody",
    ),
    Setting(
        name="ACTIONMAIL_DKIM_FOLDER",
        what="instead of it the folder with the keys of `actionmail dkim new` ([more](delivery.md#signing-dkim))",
        without="no letter is signed here, unless `ACTIONMAIL_DKIM` is set",
    ),
    Setting(
        name="ACTIONMAIL_SPAM_FILTER",
        what="which spam filter scores letters on *Before letters go out*: `spamd://127.0.0.1:783` (SpamAssassin), "
        "`rspamd+http://127.0.0.1:11333`, or `off`; it sees letters of made-up supporters alone",
        without="SpamAssassin, where it is installed",
    ),
    Setting(
        name="ACTIONMAIL_IMAP_PASSWORD",
        what="the password of the mailbox that [returned mail](returns.md) comes to",
        without="`actionmail inbound --imap` needs a token",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_IMAP_TOKEN_COMMAND",
        what="a command that prints a token for it; see [signing in with a token](#signing-in-with-a-token)",
        without="the password signs in",
    ),
    Setting(
        name="ACTIONMAIL_METRICS_DIR",
        what="a folder, such as `/run/actionmail`, into which web processes and workers count for "
        "[Prometheus](monitoring.md)",
        without="they do not count",
    ),
    Setting(
        name="ACTIONMAIL_JSON_LOG",
        what="`1`: logs are lines of JSON, one for each request and each letter ([more](monitoring.md#logs))",
        without="0: sentences",
    ),
    Setting(
        name="ACTIONMAIL_TRACES_URL",
        what="where [traces](monitoring.md#traces) are collected, such as `http://127.0.0.1:4318/v1/traces` (OTLP over "
        "HTTP); needs `actionmail[otel]`",
        without="there are none",
    ),
    Setting(
        name="ACTIONMAIL_SENTRY_DSN",
        what="where [faults of the program](monitoring.md#faults) are reported, as Sentry shows it; needs "
        "`actionmail[sentry]`",
        without="they stand in the log alone",
        is_secret=True,
    ),
    Setting(
        name="ACTIONMAIL_CONFIG",
        what="the file of settings; empty: none (in the environment only)",
        without="`/etc/actionmail.env`, where it is there",
    ),
    Setting(
        name="ACTIONMAIL_LOOPBACK_ONLY",
        what="`1`: connect nowhere but this machine (demo, tests)",
        without="0",
    ),
)


def known_names() -> set[str]:
    names = {setting.name for setting in SETTINGS}
    return names | {f"{setting.name}_FILE" for setting in SETTINGS if setting.is_secret}


def unknown_names(names: Iterable[str]) -> list[UnknownName]:
    """Those of `names` that begin as settings do and are none, with the setting that may be meant."""
    known = known_names()
    unknown = []
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and name not in known and not name.startswith(_OF_TESTS):
            unknown.append(UnknownName(name=name, meant=_likest(name, known)))
    return unknown


def _likest(name: str, known: set[str]) -> str:
    """The beginning, which all share, would make any two alike."""
    tails = [other.removeprefix(PREFIX) for other in sorted(known)]
    matches = get_close_matches(name.upper().removeprefix(PREFIX), tails, n=1, cutoff=_ALIKE)
    return PREFIX + matches[0] if matches else ""


def sentence_of_unknown(unknown: UnknownName) -> str:
    if unknown.meant:
        return f"{unknown.name} is no setting, so it does nothing; {unknown.meant} may be meant."
    return f"{unknown.name} is no setting, so it does nothing; docs/install.md has a table of them."
