"""Apache, HAProxy and Caddy in front of running pages, each with the lines that the documents show, as root on Debian.

Of the lines only the ports and the certificate are this run's: there is no Let's Encrypt here.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from actionmail.cli.platform.service_files import Proxy, proxy_lines
from actionmail.settings import Settings

_MODULES = "/usr/lib/apache2/modules"
_APACHE = ("mpm_event", "authz_core", "ssl", "proxy", "proxy_http", "headers", "reqtimeout", "socache_shmcb")
NEEDED = ("apache2", "haproxy", "caddy")
OTHERS = (Proxy.APACHE, Proxy.HAPROXY, Proxy.CADDY)


@contextmanager
def running(
    proxy: Proxy, folder: Path, host: str, *, port: int, web: int, certificate: Path, key: Path
) -> Iterator[None]:
    """`proxy` at 127.0.0.1:`port` before the pages at `web`; the caller waits until it listens."""
    lines = proxy_lines(proxy, Settings(base_url=f"https://{host}")).replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    place = folder / proxy.value.partition(".")[0]
    place.mkdir()
    command = _COMMANDS[proxy](place, lines, port, certificate, key)
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={"PATH": "/usr/sbin:/usr/bin", "HOME": str(place)}
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _apache(place: Path, lines: str, port: int, certificate: Path, key: Path) -> list[str]:
    modules = "".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so\n" for name in _APACHE)
    lines = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(certificate), lines)
    lines = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(key), lines).replace("*:443", f"127.0.0.1:{port}")
    config = place / "apache2.conf"
    config.write_text(
        f"{modules}ServerRoot {place}\nPidFile {place}/pid\nDefaultRuntimeDir {place}\nErrorLog {place}/errors\n"
        f"User www-data\nGroup www-data\nListen 127.0.0.1:{port}\n{lines}"
    )
    return ["apache2", "-D", "FOREGROUND", "-f", str(config)]


def _haproxy(place: Path, lines: str, port: int, certificate: Path, key: Path) -> list[str]:
    both = place / "act.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    lines = lines.replace("/etc/haproxy/act.pem", str(both)).replace(":443,[::]:443", f"127.0.0.1:{port}")
    config = place / "haproxy.cfg"
    config.write_text(lines)
    return ["haproxy", "-db", "-f", str(config)]


def _caddy(place: Path, lines: str, port: int, certificate: Path, key: Path) -> list[str]:
    host, _brace, rest = lines.partition(" {\n")
    config = place / "Caddyfile"
    config.write_text(
        f"{{\n    admin off\n    auto_https disable_redirects\n}}\n"
        f"{host}:{port} {{\n    bind 127.0.0.1\n    tls {certificate} {key}\n{rest}"
    )
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]


_COMMANDS: dict[Proxy, Callable[[Path, str, int, Path, Path], list[str]]] = {
    Proxy.APACHE: _apache,
    Proxy.HAPROXY: _haproxy,
    Proxy.CADDY: _caddy,
}
