"""Debian's packages, which tests need and `make test` brings where it may."""

from __future__ import annotations

import os
import shutil
import subprocess

# Nothing that the machine has is taken away for them.
_INSTALL = ("install", "-y", "-q", "--no-install-recommends", "--no-remove")


def may_install() -> bool:
    """Whether there is apt-get, and we are root."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(*packages: str) -> bool:
    """Whether all of them are there now; what apt-get says is printed."""
    _apt_get("update", "-q")  # packages known from before may do without it
    return _apt_get(*_INSTALL, *packages)


def _apt_get(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", *arguments], env=environment, check=False, stdin=subprocess.DEVNULL)
    return done.returncode == 0
