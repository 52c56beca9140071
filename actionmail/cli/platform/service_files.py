"""The services' units, and the proxy's lines, as this installation needs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import make_url

from actionmail.settings import Settings, bundled
from actionmail.settings_reading import DEFAULT_CONFIG

_PROGRAM = "/opt/actionmail/bin/actionmail"  # in the units as they are shipped
_STATE = Path("/var/lib/actionmail")
_HOMES = (Path("/home"), Path("/root"))
_HOST = "act.example.org"


class Proxy(StrEnum):
    """The proxies whose lines we have; the value is the file's name."""

    NGINX = "nginx.conf"
    APACHE = "apache.conf"
    CADDY = "Caddyfile"
    HAPROXY = "haproxy.cfg"


class Place(Struct, frozen=True, kw_only=True):
    """Where this installation is, and whose."""

    user: str
    config: Path
    settings: Settings

    @property
    def program(self) -> Path:
        return Path(sys.executable).parent / "actionmail"

    @property
    def database_folder(self) -> Path | None:
        """Of SQLite's file."""
        url = make_url(self.settings.database_url)
        return Path(url.database or "").absolute().parent if url.get_backend_name() == "sqlite" else None


def units(place: Place) -> Iterator[tuple[str, str]]:
    """Name and text of each unit, in the order of their names."""
    for path in sorted((bundled("deploy") / "systemd").iterdir()):
        yield path.name, _fitted(path.read_text(encoding="utf-8"), place)


def _fitted(unit: str, place: Place) -> str:
    command = str(place.program)
    if place.config != DEFAULT_CONFIG:
        command += f" --config {place.config}"
    unit = unit.replace(f"ExecStart={_PROGRAM}", f"ExecStart={command}")
    unit = unit.replace("User=actionmail\nGroup=actionmail\n", f"User={place.user}\n")
    folder = place.database_folder
    if folder is not None and not folder.is_relative_to(_STATE):
        unit = unit.replace("\nNoNewPrivileges=", f"\nReadWritePaths={folder}\nNoNewPrivileges=")
    if any(path.is_relative_to(home) for path in (place.program, folder or _STATE) for home in _HOMES):
        unit = unit.replace("ProtectHome=yes", "ProtectHome=read-only")
    return unit


def proxy_lines(proxy: Proxy, settings: Settings) -> str:
    """What goes into the proxy's own settings."""
    text = (bundled("deploy") / "proxies" / proxy.value).read_text(encoding="utf-8")
    text = text.replace(_HOST, urlsplit(settings.base_url).hostname or _HOST)
    return _below(settings.prefix, text) if settings.prefix else text


def _below(prefix: str, text: str) -> str:
    """The lines for one path of a host; the address is passed on as it is."""
    text = text.replace("location / {", f"location {prefix}/ {{")
    text = text.replace("ProxyPass / http://127.0.0.1:8000/", f"ProxyPass {prefix}/ http://127.0.0.1:8000{prefix}/")
    text = text.replace("default_backend actionmail", f"use_backend actionmail if {{ path_beg {prefix}/ }}")
    return text.replace("reverse_proxy 127.0.0.1:8000", f"reverse_proxy {prefix}/* 127.0.0.1:8000")
