"""Finding a Chromium for the journeys. `python -m tests.journeys.browser` installs one where none is found.

The headless shell is the same engine without the windows around it, and takes less than half of the processor's time.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import debian

_SHELL = "chromium-headless-shell"
_NAMES = (_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FONTS = ("fonts-noto-core", "fonts-noto-cjk")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Without the sandbox because CI is root; the rest keeps the browser from calling home.
LAUNCH_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = (
    "No Chromium was found, so the browser tests cannot run. Install one (Debian: apt-get install "
    "chromium-headless-shell; Ubuntu: apt-get install chromium; elsewhere: Google Chrome, or "
    ".venv/bin/playwright install chromium), or name one in ACTIONMAIL_TEST_CHROMIUM."
)


def find_chromium() -> str | None:
    """The program's path: the one named in the environment, the system's, or the one that Playwright downloaded."""
    named = os.environ.get("ACTIONMAIL_TEST_CHROMIUM")
    if named:
        return named
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for application in _APPLICATIONS:
        if Path(application).is_file():
            return application
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if Path(downloaded).is_file() else None


def _install() -> None:
    if not debian.may_install():
        print("Fetching Playwright's Chromium for the browser tests …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        return
    print("Installing Debian's Chromium and fonts for the browser tests …", flush=True)
    if not debian.install(_SHELL, *_FONTS):
        debian.install("chromium", *_FONTS)


def _add_shell() -> None:
    """Beside the whole browser that is there; which does as well where this one is not to be had."""
    print("Installing Chromium's headless shell, with which the browser tests take less time …", flush=True)
    debian.install(_SHELL)


def _is_debian() -> bool:
    """Whose packages have the shell; those of Ubuntu do not."""
    return platform.freedesktop_os_release().get("ID") == "debian"


def main() -> None:
    """Make sure of a browser. Says what to do where none can be had; the tests then fail."""
    program = find_chromium()
    if program is None:
        _install()
    elif program == shutil.which("chromium") and debian.may_install() and _is_debian():
        _add_shell()
    if find_chromium() is None:
        print(ADVICE, file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
