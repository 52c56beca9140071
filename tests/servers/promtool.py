"""Prometheus's own check of alerts: of its package only this program is used, and nothing is started."""

from __future__ import annotations

import shutil

from tests import debian
from tests.servers.room import NoServer

NAME = "prometheus"
PACKAGES = ("prometheus",)


def program() -> str:
    """The machine's, or the one that `python -m tests.servers` unpacked. Raises NoServer."""
    if found := shutil.which("promtool"):
        return found
    folder = debian.folder_of(NAME)
    if folder is None:
        raise NoServer("no promtool here; `make servers` brings it where there is apt-get")
    return str(folder / "usr/bin/promtool")


def alone(_package: str) -> bool:
    """The program needs none of what the package depends on."""
    return False
