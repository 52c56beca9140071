"""Everything the installation decides, read once from the environment.

What is missing or wrong stops the start with a sentence (`SettingsError`), never with a traceback.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from actionmail.settings_geocoders import CENSUS_GEOCODER as CENSUS_GEOCODER  # others ask for these here
from actionmail.settings_geocoders import OPEN_STATES as OPEN_STATES
from actionmail.settings_geocoders import GeocoderAddress as GeocoderAddress
from actionmail.settings_geocoders import GeocoderKind as GeocoderKind
from actionmail.settings_geocoders import geocoder_words, openstates_key, openstates_url
from actionmail.settings_reading import (
    DEFAULT_CONFIG,
    BrokerAddress,
    FilterAddress,
    Reading,
    SettingsError,
    address,
    broker_address,
    command_words,
    dkim_folder,
    filter_address,
    flag,
    folder,
    host_name,
    one_line,
    refuse,
    replica_url,
    secret_setting,
    sentry_dsn,
    traces_url,
    whole,
)
from actionmail.settings_reading import is_loopback as is_loopback  # others ask it here

_PACKAGE = Path(__file__).resolve().parent
_SMTP_SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_DIRECT = "mx"
_SECRET_LENGTH = 32
_SUB_PATH = re.compile(r"(/[A-Za-z0-9_-]+)*")
NO_DATABASE = (
    f"ACTIONMAIL_DATABASE_URL is not set, so there is no database to work on. Set it in {DEFAULT_CONFIG}, or name the "
    "file that has it: actionmail --config FILE ... To try things out, `make demo` has one of its own."
)
NO_PROXY = (
    "ACTIONMAIL_BASE_URL is https, so a proxy stands before this, and ACTIONMAIL_PROXIES is 0: every visitor has the "
    "proxy's address, so a crowd of them soon hears that too many requests came from one network. Set it to how many "
    "proxies add to X-Forwarded-For, mostly 1."
)


def bundled(name: str) -> Path:
    """The folder `name` ("templates", "data" or "deploy") that came with the code, installed or in a checkout."""
    installed = _PACKAGE / "_bundled" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


@dataclass(frozen=True, kw_only=True)
class RelayAddress:
    """Where letters are handed over. `tls` is "none", "starttls" (required, RFC 3207) or "implicit" (RFC 8314).

    Without a host they go straight to the receiving domains' own servers.
    """

    host: str
    port: int
    tls: str
    username: str | None = None
    password: str | None = None
    token_command: tuple[str, ...] = ()  # its output signs in instead of a password

    @property
    def is_direct(self) -> bool:
        return not self.host

    def __repr__(self) -> str:  # the password stays out of logs and tracebacks
        return f"RelayAddress({self.host}:{self.port}, tls={self.tls})"


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """The installation's keys: the first signs and seals, each of them verifies and unseals."""

    first: str = field(repr=False)
    old: tuple[str, ...] = field(default=(), repr=False)  # the newest first

    @property
    def every(self) -> tuple[str, ...]:
        return (self.first, *self.old)

    @property
    def for_itsdangerous(self) -> list[str]:
        """The oldest first: itsdangerous signs with the last, and verifies with each."""
        return [*reversed(self.every)]

    @property
    def oldest(self) -> str:
        """Under which addresses are remembered: under another one nobody would be known again."""
        return self.every[-1]


Keys = str | KeyRing  # whoever has one key only says that


def every_key(keys: Keys) -> tuple[str, ...]:
    return (keys,) if isinstance(keys, str) else keys.every


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation. Durations are seconds."""

    database_url: str = ""
    read_database_url: str = field(default="", repr=False)  # of a read replica; none: there is none
    secret_key: str = field(default="", repr=False)
    old_keys: tuple[str, ...] = field(default=(), repr=False)  # that signed before, the newest first
    base_url: str = ""
    organisation: str = "ActionMail"
    contact_address: str = ""
    from_address: str = ""
    relay: RelayAddress | None = None
    broker: BrokerAddress | None = None  # through which Celery workers are woken; None: workers look by themselves
    helo_name: str = ""  # given in EHLO; none: the mail domain
    loopback_only: bool = False
    undo_seconds: int = 60
    data_dir: Path = field(default_factory=lambda: bundled("data"))
    refresh_hours: int = 0  # how often a worker looks for newer datasets; 0: never
    backup_hours: int = 48  # how old the last backup may be before `doctor` says so; 0: it does not look
    proxies: int = 0
    ask_hour: int = 30  # actions of one address within an hour, from which on browsers work or supporters confirm
    hold_hour: int = 100  # the same, from which on staff look first; 0: never
    second_factor_required: bool = False
    two_person_publish: bool = False
    dkim_selectors: tuple[str, ...] = ()  # of the worker's keys
    dkim_folder: Path | None = None  # of keys that `actionmail dkim` keeps
    geocoder_url: str = ""  # several with spaces between them; none; `from_env` has the Census Bureau's
    openstates_key: str = field(default="", repr=False)  # none: Open States is not asked
    openstates_url: str = ""
    spam_filter: FilterAddress | None = None  # None: SpamAssassin, where it is installed
    metrics_dir: Path | None = None  # where processes count for Prometheus; None: they do not
    json_log: bool = False
    traces_url: str = ""  # where traces are collected (OTLP over HTTP); none: there are none
    sentry_dsn: str = field(default="", repr=False)  # where faults are reported; none: nowhere

    @property
    def geocoders(self) -> tuple[GeocoderAddress, ...]:
        """The geocoders in the order in which they are asked."""
        return tuple(map(GeocoderAddress.parse, self.geocoder_url.split()))

    @property
    def keys(self) -> KeyRing:
        return KeyRing(first=self.secret_key, old=self.old_keys)

    @property
    def mail_domain(self) -> str:
        return self.from_address.rpartition("@")[2]

    @property
    def prefix(self) -> str:
        """The path below which all pages are, such as "/act"; "" where they have the host to themselves."""
        return urlsplit(self.base_url).path

    @property
    def origin(self) -> str:
        """What stands before an address that a request made, which has the prefix already."""
        return self.base_url.removesuffix(self.prefix)

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def lacks_proxy(self) -> bool:
        """Whether nobody is trusted to tell visitors apart, though https means that a proxy stands before us."""
        return self.secure_cookies and self.proxies == 0

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read `ACTIONMAIL_*`. Raises one SettingsError for all values that cannot be right, a sentence a line.

        What only some doors need (`secret_key`, `base_url`, `relay`) may be missing here: `for_web` and
        `for_worker` refuse at the door that needs it.
        """
        settings, errors = cls.read(os.environ if environ is None else environ)
        refuse(errors)
        return settings

    @classmethod
    def read(cls, env: Mapping[str, str]) -> tuple[Settings, list[str]]:
        """These settings as far as they are right, and for each of the others a sentence that begins with its name."""
        default = cls()
        read = Reading()
        loopback_only = read(False, flag, env, "ACTIONMAIL_LOOPBACK_ONLY")
        database_url = read("", secret_setting, env, "ACTIONMAIL_DATABASE_URL").strip()
        settings = cls(
            database_url=database_url,
            read_database_url=read("", replica_url, env, database_url),
            secret_key=read("", secret_setting, env, "ACTIONMAIL_SECRET_KEY"),
            old_keys=read((), _old_keys, env),
            base_url=read("", _base_url, env.get("ACTIONMAIL_BASE_URL", "").strip()),
            organisation=read("", one_line, env, "ACTIONMAIL_ORGANISATION", default.organisation),
            contact_address=read("", address, env, "ACTIONMAIL_CONTACT_ADDRESS"),
            from_address=read("", address, env, "ACTIONMAIL_FROM_ADDRESS"),
            relay=read(None, _relay, env),
            broker=read(None, _broker, env),
            helo_name=read("", host_name, env, "ACTIONMAIL_HELO_NAME"),
            loopback_only=loopback_only,
            undo_seconds=read(0, whole, env, "ACTIONMAIL_UNDO_SECONDS", default.undo_seconds),
            data_dir=Path(env.get("ACTIONMAIL_DATA_DIR", "").strip() or default.data_dir),
            refresh_hours=read(0, whole, env, "ACTIONMAIL_DATA_REFRESH_HOURS", default.refresh_hours),
            backup_hours=read(0, whole, env, "ACTIONMAIL_BACKUP_HOURS", default.backup_hours),
            proxies=read(0, whole, env, "ACTIONMAIL_PROXIES", default.proxies),
            ask_hour=read(0, whole, env, "ACTIONMAIL_ASK_HOUR", default.ask_hour),
            hold_hour=read(0, whole, env, "ACTIONMAIL_HOLD_HOUR", default.hold_hour),
            dkim_selectors=tuple(entry.partition(":")[0] for entry in env.get("ACTIONMAIL_DKIM", "").split()),
            dkim_folder=read(None, dkim_folder, env),
            two_person_publish=read(False, flag, env, "ACTIONMAIL_TWO_PERSON_PUBLISH"),
            second_factor_required=read(False, flag, env, "ACTIONMAIL_REQUIRE_SECOND_FACTOR"),
            geocoder_url=read("", geocoder_words, env.get("ACTIONMAIL_GEOCODER_URL", "").strip(), loopback_only),
            openstates_key=read("", openstates_key, env),
            openstates_url=read("", openstates_url, env, loopback_only),
            spam_filter=read(None, filter_address, env, "ACTIONMAIL_SPAM_FILTER", loopback_only),
            metrics_dir=folder(env, "ACTIONMAIL_METRICS_DIR"),
            json_log=read(False, flag, env, "ACTIONMAIL_JSON_LOG"),
            traces_url=read("", traces_url, env, loopback_only),
            sentry_dsn=read("", sentry_dsn, env, loopback_only),
        )
        return settings, read.errors

    def for_database(self) -> Settings:
        """These settings, once sure that they name a database. Raises SettingsError."""
        refuse([] if self.database_url else [NO_DATABASE])
        return self

    def for_web(self) -> Settings:
        """These settings, once sure that a web process can run on them. Raises SettingsError for all that it lacks."""
        refuse(self.lacks_for_web())
        return self

    def lacks_for_web(self) -> list[str]:
        """What a web process needs and is not set, a sentence each."""
        lacks = []
        if not self.database_url:
            lacks.append(NO_DATABASE)
        if len(self.secret_key) < _SECRET_LENGTH:
            lacks.append(
                f"ACTIONMAIL_SECRET_KEY must be set to at least {_SECRET_LENGTH} random characters; "
                "`actionmail secret` prints one."
            )
        if not self.base_url:
            lacks.append("ACTIONMAIL_BASE_URL must be set to the address people open, such as https://act.example.org")
        return lacks + self._lacks_for_letters()

    def for_letters(self) -> Settings:
        refuse(self._lacks_for_letters())
        return self

    def _lacks_for_letters(self) -> list[str]:
        if self.from_address:
            return []
        return [
            "ACTIONMAIL_FROM_ADDRESS must be set to an address on your organisation's own domain, such as "
            "letters@act.example.org; letters are sent from it, with replies going to the supporter."
        ]

    def for_worker(self) -> Settings:
        """These settings, once sure that a worker can deliver with them. Raises SettingsError."""
        if self.relay is None:
            raise SettingsError(
                "ACTIONMAIL_SMTP_URL is not set, so the worker has no mail server to hand letters to and will "
                "not start. Set it to, for example, smtp+starttls://user:password@mail.example.org:587, or run "
                "`actionmail inbox` and set it to smtp://127.0.0.1:1025 to try things out."
            )
        if self.loopback_only and not self.relay.is_direct and not is_loopback(self.relay.host):
            raise SettingsError(
                f"ACTIONMAIL_LOOPBACK_ONLY is on, and the mail server {self.relay.host} is not this machine."
            )
        return self

    def for_broker(self) -> BrokerAddress:
        """The broker through which Celery workers are woken. Raises SettingsError where none is set."""
        if self.broker is None:
            raise SettingsError(
                "ACTIONMAIL_BROKER_URL is not set, so there is no broker through which workers could be woken. Set it "
                "to, for example, amqp://user:password@127.0.0.1:5672/actionmail; or run `actionmail worker` without "
                "--celery, which needs none."
            )
        if self.loopback_only and not is_loopback(self.broker.host):
            raise SettingsError(
                f"ACTIONMAIL_LOOPBACK_ONLY is on, and the broker {self.broker.host} is not this machine."
            )
        return self.broker


def parse_relay(url: str) -> RelayAddress:
    """Read `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`, or `mx:`. Raises SettingsError.

    No sentence shows a part of it: where a password has a `/`, it stands where the port should be.
    """
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
        is_cut = bool(parts.path.strip("/") or parts.query or parts.fragment)
    except ValueError:
        is_cut = True
    if is_cut:
        raise SettingsError(
            "ACTIONMAIL_SMTP_URL cannot be read: a port is a number from 1 to 65535, and behind it stands nothing. "
            "In a user name or password / is written as %2F, # as %23, ? as %3F, @ as %40, [ as %5B, ] as %5D and % as "
            "%25; or leave them out there and set ACTIONMAIL_SMTP_USER and ACTIONMAIL_SMTP_PASSWORD, as they are."
        )
    if parts.scheme == _DIRECT and not parts.netloc:
        return RelayAddress(host="", port=25, tls="none")
    if parts.scheme not in _SMTP_SCHEMES or not parts.hostname:
        raise SettingsError(
            "ACTIONMAIL_SMTP_URL must look like smtp://host:25, smtp+starttls://user:password@host:587 "
            "or smtps://user:password@host:465, or be mx: alone, to send straight to the receiving domains."
        )
    return RelayAddress(
        host=parts.hostname,
        port=port or _SMTP_SCHEMES[parts.scheme],
        tls={"smtp": "none", "smtp+starttls": "starttls", "smtps": "implicit"}[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _broker(env: Mapping[str, str]) -> BrokerAddress | None:
    """The broker, None for none. Raises SettingsError."""
    url = secret_setting(env, "ACTIONMAIL_BROKER_URL").strip()
    return broker_address(url) if url else None


def _relay(env: Mapping[str, str]) -> RelayAddress | None:
    """The mail server, None for none. Raises SettingsError."""
    url = secret_setting(env, "ACTIONMAIL_SMTP_URL").strip()
    user, password = env.get("ACTIONMAIL_SMTP_USER", ""), secret_setting(env, "ACTIONMAIL_SMTP_PASSWORD")
    token_command = command_words(env, "ACTIONMAIL_SMTP_TOKEN_COMMAND")
    if not url:
        return None
    relay = parse_relay(url)
    if (user and relay.username) or (password and relay.password):
        raise SettingsError("ACTIONMAIL_SMTP_URL has a user name or password, and so has a setting of its own.")
    if relay.is_direct and (user or password or token_command):
        raise SettingsError(
            "ACTIONMAIL_SMTP_URL is mx:, so there is nobody to sign in to: take ACTIONMAIL_SMTP_USER, "
            "ACTIONMAIL_SMTP_PASSWORD and ACTIONMAIL_SMTP_TOKEN_COMMAND out, or name a mail server."
        )
    relay = replace(relay, username=user or relay.username, password=password or relay.password)
    if relay.password is not None and relay.username is None:
        raise SettingsError("ACTIONMAIL_SMTP_PASSWORD is set without ACTIONMAIL_SMTP_USER.")
    if relay.username and relay.tls == "none" and not is_loopback(relay.host):
        raise SettingsError("ACTIONMAIL_SMTP_URL has a password but no encryption; use smtp+starttls:// or smtps://.")
    if token_command and (relay.username is None or relay.password is not None):
        raise SettingsError(
            "ACTIONMAIL_SMTP_TOKEN_COMMAND signs in with a token, so ACTIONMAIL_SMTP_URL must have a user name and no "
            "password: smtp+starttls://user%40example.org@host:587."
        )
    return replace(relay, token_command=token_command)


def _base_url(value: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    path = parts.path.rstrip("/")
    is_more = parts.query or parts.fragment or parts.username is not None or not _SUB_PATH.fullmatch(path)
    if parts.scheme not in {"http", "https"} or not parts.hostname or is_more:
        raise SettingsError(
            "ACTIONMAIL_BASE_URL must be http(s)://host[:port], and behind it nothing, or a path of letters, digits, - "
            "and _ such as /act."
        )
    if "[" in parts.netloc:
        raise SettingsError("ACTIONMAIL_BASE_URL needs a name, or an address of IPv4: nothing answers under [...].")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise SettingsError("ACTIONMAIL_BASE_URL must be https:// except on this machine (http://127.0.0.1:8000).")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _old_keys(env: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(secret_setting(env, "ACTIONMAIL_SECRET_KEYS_OLD").split())
    if any(len(key) < _SECRET_LENGTH for key in keys):
        raise SettingsError(
            f"ACTIONMAIL_SECRET_KEYS_OLD has keys of at least {_SECRET_LENGTH} characters with blanks or line ends "
            "between them, the newest first."
        )
    return keys
