"""Finding a Chromium for the journeys. `python -m tests.journeys.browser` installs one where none is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    "No Chromium was found, so the browser tests cannot run. Install one (Debian and Ubuntu: apt-get install chromium; "
    "elsewhere: Google Chrome, or .venv/bin/playwright install chromium), or name one in ACTIONMAIL_TEST_CHROMIUM."
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
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Debian's Chromium and fonts for the browser tests …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ("chromium", "fonts-noto-core", "fonts-noto-cjk")
        subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        subprocess.run(install, env=environment, check=False, stdin=subprocess.DEVNULL)
    else:
        print("Fetching Playwright's Chromium for the browser tests …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Make sure of a browser. Says what to do where none can be had; the tests then fail."""
    if find_chromium() is None:
        _install()
    if find_chromium() is None:
        print(ADVICE, file=sys.stderr)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
