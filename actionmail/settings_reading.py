"""How settings are read: the file of settings, secrets in files of their own, and values of each kind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

CONFIG = "ACTIONMAIL_CONFIG"  # the file of settings; empty: none
DEFAULT_CONFIG = Path("/etc/actionmail.env")
_T = TypeVar("_T")
_HOST_NAME = re.compile(r"(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class SettingsError(ValueError):
    """A setting is missing or wrong; `str()` is the sentence for the person who installs."""


class ExtraMissing(SettingsError):
    """A setting wants an extra of ours, by its name in pyproject.toml, that is not installed."""

    def __init__(self, setting: str, extra: str) -> None:
        super().__init__(
            f"{setting} is set, and what it needs is not installed: pip install 'actionmail[{extra}]', or take the "
            "setting out."
        )


class Reading:
    """Reads one setting after the other, and goes on where one is wrong, so that all that is wrong is told at once."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def __call__(self, otherwise: _T, read: Callable[..., _T], *arguments: object) -> _T:
        try:
            return read(*arguments)
        except SettingsError as error:
            self.errors.append(str(error))
            return otherwise


def refuse(sentences: list[str]) -> None:
    if sentences:
        raise SettingsError("\n".join(sentences))


def load_config(environ: MutableMapping[str, str], named: str | None = None) -> None:
    """Add to `environ` what the file of settings says and `environ` does not, and which file that was.

    It is `named`, or ACTIONMAIL_CONFIG's (empty: none), or DEFAULT_CONFIG where there is one. Raises SettingsError for
    a file that cannot be read, also that last one: without it a command would work on other settings than the services.
    """
    name = environ.get(CONFIG) if named is None else named
    if name == "" or (name is None and not DEFAULT_CONFIG.exists()):
        return
    path = Path(name or DEFAULT_CONFIG).absolute()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"The settings in {path} cannot be read: {error.strerror}. Run this as the user that the services run as, "
            f"or name another file with --config; {CONFIG}= with nothing behind it is none."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"The settings in {path} are not UTF-8.") from None
    for key, value in pairs_of(text, path).items():
        environ.setdefault(key, value)
    environ[CONFIG] = str(path)


def pairs_of(text: str, path: Path) -> dict[str, str]:
    """The lines NAME=value, as systemd's EnvironmentFile has them: whole values may stand in quotes."""
    pairs = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise SettingsError(f"{path}, line {number}: a setting looks like NAME=value.")  # never the line: a secret?
        value = match[2].strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        pairs[match[1]] = value
    return pairs


def with_pairs(text: str, pairs: Mapping[str, str]) -> str:
    """The file's text with these values; every other line, comments too, is left as it is.

    A name that stands there is changed where it stands; of several lines of it the last, which is the one that counts.
    """
    lines = text.splitlines()
    for name, value in pairs.items():
        line = f"{name}={_quoted(value)}"
        places = [number for number, old in enumerate(lines) if old.strip().startswith(f"{name}=")]
        if places:
            lines[places[-1]] = line
        else:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _quoted(value: str) -> str:
    """As `pairs_of` reads it back."""
    has_quotes = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return f"'{value}'" if has_quotes or value != value.strip() else value


def secret_setting(environ: Mapping[str, str], name: str) -> str:
    """The setting `name`, or else what stands in the file that `name`_FILE names; "" for neither. Raises SettingsError.

    So that a secret may lie where only one service reads it, and is in no environment.
    """
    value, file = environ.get(name, ""), environ.get(f"{name}_FILE", "").strip()
    if not file:
        return value
    if value:
        raise SettingsError(f"{name} and {name}_FILE are both set; take one of them out.")
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SettingsError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name}_FILE names {file}, which is not UTF-8.") from None


def command_words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The command in the setting `name`, in words as a shell would have them; () for none. Raises SettingsError."""
    try:
        return tuple(shlex.split(environ.get(name, "")))
    except ValueError as error:
        raise SettingsError(f"{name} cannot be read as a command: {error}.") from None


def one_line(env: Mapping[str, str], name: str, default: str) -> str:
    value = env.get(name, "").strip() or default
    if not value.isprintable():
        raise SettingsError(f"{name} must be one line of text.")
    return value


def address(env: Mapping[str, str], name: str) -> str:
    value = one_line(env, name, "")
    local, at, domain = value.rpartition("@")
    if value and not (at and local and "." in domain and " " not in value and value.isascii()):
        raise SettingsError(f"{name} must be an e-mail address; {value!r} is none.")
    return value


def host_name(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip().rstrip(".").lower()
    if value and not _HOST_NAME.fullmatch(value):
        raise SettingsError(f"{name} must be a full name in the DNS, such as mail1.example.org.")
    return value


def whole(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or not value.isascii() or len(value) > 6:
        raise SettingsError(f"{name} must be a whole number; {value!r} is none.")
    return int(value)


def flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise SettingsError(f"{name} must be 1 or 0; {value!r} is neither.")
    return value in {"1", "true", "yes"}


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class FilterKind(StrEnum):
    """How a spam filter is asked."""

    NONE = "none"  # not at all
    SPAMD = "spamd"  # SpamAssassin's daemon
    RSPAMD = "rspamd"  # by HTTP


class FilterAddress(Struct, frozen=True, kw_only=True):
    """Where a spam filter is asked what it says of letters; `url` is rspamd's, with no path."""

    kind: FilterKind
    host: str = ""
    port: int = 0
    url: str = ""


def filter_address(env: Mapping[str, str], name: str, loopback_only: bool) -> FilterAddress | None:
    """`spamd://host[:783]`, `rspamd+http://host:11333`, `off`, or None where nothing is set. Raises SettingsError.

    Where only this machine may be reached, one that is elsewhere is none.
    """
    value = env.get(name, "").strip()
    if not value:
        return None
    if value.lower() == "off":
        return FilterAddress(kind=FilterKind.NONE)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    has_more = bool(parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc) if host else True
    kind, _plus, scheme = parts.scheme.partition("+") if host else ("", "", "")
    if has_more or (kind, scheme) not in {("spamd", ""), ("rspamd", "http"), ("rspamd", "https")}:
        raise SettingsError(
            f"{name} must look like spamd://127.0.0.1:783 (SpamAssassin), rspamd+http://127.0.0.1:11333, or be off."
        )
    if loopback_only and not is_loopback(host):
        return FilterAddress(kind=FilterKind.NONE)
    port = port or (783 if kind == FilterKind.SPAMD else 11333)
    named = f"[{host}]" if ":" in host else host
    return FilterAddress(
        kind=FilterKind(kind), host=host, port=port, url=f"{scheme}://{named}:{port}" if scheme else ""
    )


_BROKER_PORTS = {"amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379}


@dataclass(frozen=True, kw_only=True)
class BrokerAddress:
    """Where Celery workers are woken through. `url` has the password; `str()` has not."""

    scheme: str
    host: str
    port: int
    url: str = field(repr=False)

    @property
    def is_encrypted(self) -> bool:
        return self.scheme in {"amqps", "rediss"}

    @property
    def is_redis(self) -> bool:
        return self.scheme in {"redis", "rediss"}

    def __str__(self) -> str:
        named = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{named}:{self.port}"


def broker_address(url: str) -> BrokerAddress:
    """`amqp://` or `amqps://[user:password@]host[:port][/vhost]`, `redis://` or `rediss://[:password@]host[:port][/n]`.

    Raises SettingsError; no sentence shows a part of it.
    """
    try:
        parts = urlsplit(url)
        host, port, place = parts.hostname or "", parts.port, parts.path.removeprefix("/")
    except ValueError:
        raise SettingsError(_BROKER_URL) from None
    is_number = place.isdecimal() and place.isascii()
    is_cut = "@" in place  # a password with a / in it
    has_more = bool(parts.query or parts.fragment or (place and parts.scheme.startswith("redis") and not is_number))
    if parts.scheme not in _BROKER_PORTS or not host or "," in host or ";" in host or is_cut or has_more:
        raise SettingsError(_BROKER_URL)
    return BrokerAddress(scheme=parts.scheme, host=host, port=port or _BROKER_PORTS[parts.scheme], url=url)


_BROKER_URL = (
    "ACTIONMAIL_BROKER_URL cannot be read: it must look like amqp://user:password@host:5672/vhost (RabbitMQ; "
    "encrypted: amqps://) or redis://:password@host:6379/0 (Redis, Valkey; encrypted: rediss://), of one host, with "
    "nothing behind that. In a user name or password / is written as %2F, # as %23, ? as %3F, @ as %40, [ as %5B, ] as "
    "%5D and % as %25."
)


def dkim_folder(env: Mapping[str, str]) -> Path | None:
    folder = env.get("ACTIONMAIL_DKIM_FOLDER", "").strip()
    if folder and env.get("ACTIONMAIL_DKIM", "").strip():
        raise SettingsError("ACTIONMAIL_DKIM and ACTIONMAIL_DKIM_FOLDER are both set; take one of them out.")
    return Path(folder) if folder else None


def traces_url(env: Mapping[str, str], loopback_only: bool) -> str:
    """Where traces go, such as `http://127.0.0.1:4318/v1/traces`; "" for nowhere. Raises SettingsError.

    Where only this machine may be reached, one that is elsewhere is none.
    """
    name = "ACTIONMAIL_TRACES_URL"
    value = env.get(name, "").strip()
    host = _host_of(value)
    if value and not host:
        raise SettingsError(f"{name} must be the whole address of an OTLP receiver: http://127.0.0.1:4318/v1/traces")
    return "" if loopback_only and not is_loopback(host) else value


def sentry_dsn(env: Mapping[str, str], loopback_only: bool) -> str:
    """Where faults are reported, `https://KEY@host/PROJECT`; "" for nowhere. Raises SettingsError.

    Where only this machine may be reached, one that is elsewhere is none. The sentence never shows it.
    """
    value = secret_setting(env, "ACTIONMAIL_SENTRY_DSN").strip()
    host = _host_of(value)
    parts = urlsplit(value) if host else None
    if value and not (parts and parts.username and parts.path.rpartition("/")[2].isdecimal()):
        raise SettingsError(
            "ACTIONMAIL_SENTRY_DSN must look like https://KEY@sentry.example.org/1, as Sentry shows it."
        )
    return "" if loopback_only and not is_loopback(host) else value


def _host_of(url: str) -> str:
    """The host of an http address; "" of anything else."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return (parts.hostname or "") if is_whole else ""


def replica_url(env: Mapping[str, str], database_url: str) -> str:
    """The replica's address, "" for none; no part of it is shown, for it may have a password. Raises SettingsError."""
    url = secret_setting(env, "ACTIONMAIL_READ_DATABASE_URL").strip()
    if url and not _is_postgres(url):
        raise SettingsError("ACTIONMAIL_READ_DATABASE_URL must look like postgresql://user:password@host/name.")
    if url and database_url and not _is_postgres(database_url):
        raise SettingsError(
            "ACTIONMAIL_READ_DATABASE_URL is set, and ACTIONMAIL_DATABASE_URL is not PostgreSQL, which alone has "
            "replicas: take it out."
        )
    return url


def _is_postgres(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"postgresql", "postgres", "postgresql+psycopg"} and parts.port != 0
    except ValueError:  # a port that is none
        return False


def folder(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name, "").strip()
    return Path(value) if value else None
