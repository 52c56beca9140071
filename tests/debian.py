"""Debian's packages, which tests need and `make test` brings where it may."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

# Nothing that the machine has is taken away for them.
_INSTALL = ("install", "-y", "-q", "--no-install-recommends", "--no-remove")
Wanted = Callable[[str], bool]  # whether a package that another depends on is to come with it
_OURS: Final = Path(__file__).resolve().parent.parent / ".venv" / "debian"
_UNPACKED: Final = Path(os.environ.get("ACTIONMAIL_TEST_DEBIAN") or _OURS)  # or those of another Debian than this one
_EVERY: Final = "base-files"  # has the links from /lib to /usr/lib, since Debian 13
_ONLY_DEPENDS: Final = (
    *("--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces"),
    "--no-enhances",
)


class NotUnpacked(RuntimeError):
    """Packages that could not be fetched and laid into a folder; `str()` says why."""


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


def folder_of(name: str) -> Path | None:
    """Where the packages called `name` together lie unpacked; None before `unpack`."""
    folder = _UNPACKED / name
    return folder if (folder / ".whole").is_file() else None


def is_library(package: str) -> bool:
    return package.startswith(("lib", "zlib"))


def unpack(name: str, *packages: str, also: Wanted = is_library) -> Path:
    """`packages`, and what they depend on as far as `also` wants it, laid into a folder under `name`.

    Nothing is installed, configured or started on this machine. Raises NotUnpacked.
    """
    if folder := folder_of(name):
        return folder
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NotUnpacked("there is no apt-get and no dpkg here")
    folder = _UNPACKED / name
    shutil.rmtree(folder, ignore_errors=True)
    archives = folder / "archives"
    archives.mkdir(parents=True)
    names = sorted({_EVERY, *_with_dependencies(packages, also)})
    print(f"Fetching {len(names)} packages for {name}, which the tests use from a folder of their own …", flush=True)
    _fetch(names, archives)
    for archive in sorted(archives.glob("*.deb")):
        _done(["dpkg", "-x", str(archive), str(folder)], folder)
    shutil.rmtree(archives)
    (folder / ".whole").touch()
    return folder


def _fetch(names: Iterable[str], archives: Path) -> None:
    command = ["apt-get", "download", "-qq", *names]
    try:
        _done(command, archives)
    except NotUnpacked:
        if not may_install():
            raise
        _apt_get("update", "-q")  # the list may be older than what the servers have
        _done(command, archives)


def _with_dependencies(packages: Iterable[str], also: Wanted) -> set[str]:
    said = _done(["apt-cache", "depends", *_ONLY_DEPENDS, *packages], Path.cwd())
    needs = _dependencies(said)
    wanted: set[str] = set()
    waiting = list(packages)
    while waiting:
        package = waiting.pop()
        if package not in wanted:
            wanted.add(package)
            waiting += filter(also, needs[package])
    return wanted


def _dependencies(said: str) -> dict[str, list[str]]:
    """Of each package its first choices; those that no package is, but several provide, are left out."""
    needs: dict[str, list[str]] = defaultdict(list)
    package, is_choice = "", False
    for line in said.splitlines():
        if not line.startswith((" ", "|")):
            package, is_choice = line.strip(), False
            continue
        found = re.fullmatch(r" ([| ])(?:Pre)?Depends: (?:<.*>|(\S+))", line)
        if found and found[2] and not is_choice:
            needs[package].append(found[2])
        if found:
            is_choice = found[1] == "|"
    return needs


def _done(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotUnpacked(f"{command[0]} did not run ({error})") from None
    if done.returncode:
        raise NotUnpacked(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
