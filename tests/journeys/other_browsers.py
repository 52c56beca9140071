"""Firefox, WebKitGTK and Lynx: found here, or brought by `python -m tests.journeys.other_browsers`.

None of them can reach another host: whatever is not on this machine goes to a proxy that is not there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests import debian
from tests.journeys.webdriver import WebDriver, by_http, by_marionette
from tests.ports import free_port

_NO_PROXY: Final = "http://127.0.0.1:9"  # the port "discard", at which nobody listens
_HERE: Final = "localhost,127.0.0.1"
_PACKAGES: Final = {
    "Firefox": ("firefox-esr",),
    "WebKitGTK": ("webkit2gtk-driver", "xvfb"),
    "Lynx": ("lynx",),
}
_FIREFOX: Final = ("firefox-esr", "firefox")
_FIREFOX_APPLICATION: Final = "/Applications/Firefox.app/Contents/MacOS/firefox"
# Where Debian and Ubuntu have WebKitGTK's own small browser.
_MINI_BROWSERS: Final = "*/webkit2gtk-4.*/MiniBrowser"
_FIREFOX_PREFERENCES: Final = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": _HERE,
    "network.trr.mode": 5,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


class Missing(RuntimeError):
    """A browser that is not here; `str()` says what to do."""


def advice(name: str) -> str:
    """What to do where a browser is missing."""
    packages = " ".join(_PACKAGES[name])
    return f"{name} was not found, so its test cannot run. Install it (Debian: apt-get install {packages})."


def find_firefox() -> str | None:
    """The program's path: the one named in the environment, or the system's."""
    named = os.environ.get("ACTIONMAIL_TEST_FIREFOX")
    application = _FIREFOX_APPLICATION if Path(_FIREFOX_APPLICATION).is_file() else None
    return named or next(filter(None, map(shutil.which, _FIREFOX)), application)


def find_mini_browser() -> str | None:
    """WebKitGTK's browser, if what drives it and a screen that nobody sees are here too."""
    found = sorted(map(str, Path("/usr/lib").glob(_MINI_BROWSERS)))
    return found[-1] if found and shutil.which("WebKitWebDriver") and shutil.which("Xvfb") else None


def find_lynx() -> str | None:
    return shutil.which("lynx")


_FINDERS: Final = {"Firefox": find_firefox, "WebKitGTK": find_mini_browser, "Lynx": find_lynx}


def offline() -> dict[str, str]:
    """The environment of a browser that takes its proxy from there."""
    return {**os.environ, "http_proxy": _NO_PROXY, "https_proxy": _NO_PROXY, "no_proxy": _HERE}


@contextmanager
def firefox(folder: Path) -> Iterator[WebDriver]:
    """Firefox without a window, with `folder` as its home. Raises Missing."""
    program, port = find_firefox(), free_port()
    if program is None:
        raise Missing(advice("Firefox"))
    profile = folder / "profile"
    profile.mkdir()
    preferences = {**_FIREFOX_PREFERENCES, "marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with _running(command, {**offline(), "HOME": str(folder)}), by_marionette(port) as driver:
        yield driver


@contextmanager
def webkit(folder: Path) -> Iterator[WebDriver]:
    """WebKitGTK on a screen that nobody sees, with `folder` as its home. Raises Missing."""
    program, port = find_mini_browser(), free_port()
    if program is None:
        raise Missing(advice("WebKitGTK"))
    # Asks for less motion: WebKitWebDriver waits for no smooth scroll to end, and finds nothing to press meanwhile.
    settings = folder / ".config" / "gtk-3.0" / "settings.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[Settings]\ngtk-enable-animations=0\n")
    environment = {
        **offline(),
        "GDK_BACKEND": "x11",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_RUNTIME_DIR": str(folder),
        "NO_AT_BRIDGE": "1",  # no bus for screen readers is here
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    arguments = ["--automation", f"--proxy={_NO_PROXY}", *(f"--ignore-host={host}" for host in _HERE.split(","))]
    options = {"webkitgtk:browserOptions": {"binary": program, "args": arguments}}
    driver = ["WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
    with (
        _screen() as display,
        _running(driver, {**environment, "DISPLAY": f":{display}"}),
        by_http(port, options) as session,
    ):
        yield session


@contextmanager
def _screen() -> Iterator[str]:
    """An X server that nobody sees; its number."""
    reads, writes = os.pipe()
    command = ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with _running(command, dict(os.environ), keeps=writes):
        os.close(writes)
        with os.fdopen(reads) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield number


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], keeps: int | None = None) -> Iterator[None]:
    """A program and all that it starts, until the end; `keeps` is a file that it goes on with."""
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    files = () if keeps is None else (keeps,)
    started = subprocess.Popen(command, env=environment, pass_fds=files, start_new_session=True, **silent)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        started.wait()


def main() -> None:
    """Bring what is missing, where that is possible. What is missing then is said by the tests, which fail."""
    missing = [name for name, find in _FINDERS.items() if find() is None]
    if missing and debian.may_install():
        print(f"Installing {', '.join(missing)} for the browser tests …", flush=True)
        for name in missing:
            debian.install(*_PACKAGES[name])
    for name in missing:
        if _FINDERS[name]() is None:
            print(advice(name), file=sys.stderr)


if __name__ == "__main__":
    main()
