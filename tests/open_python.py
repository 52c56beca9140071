"""This Python, with our packages and ourselves, where every user of the machine may run it.

What root does as somebody else needs one: root's own often lies below a home that nobody else may enter.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parent.parent
_OURS: Final = ("actionmail", "data", "templates", "deploy")
_NOT_NEEDED: Final = shutil.ignore_patterns("site-packages", "test", "idlelib")


@dataclass(frozen=True, kw_only=True)
class OpenPython:
    """Which program to start, and with what in its environment."""

    program: str
    environment: Mapping[str, str]


@contextmanager
def open_python() -> Iterator[OpenPython]:
    """For as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="actionmail-python-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        program = _interpreter_in(folder)
        packages, ours = folder / "packages", folder / "ours"
        _laid(Path(sysconfig.get_path("purelib")), packages)
        for part in _OURS:
            _laid(_ROOT / part, ours / part)
        environment = {"PYTHONPATH": f"{packages}{os.pathsep}{ours}", "LD_LIBRARY_PATH": str(folder / "lib")}
        yield OpenPython(program=str(program), environment=environment)


def _interpreter_in(folder: Path) -> Path:
    """Python finds its own library from where its program lies."""
    library = Path(sysconfig.get_path("stdlib"))
    _laid(library, folder / "lib" / library.name, ignore=_NOT_NEEDED)
    for shared in library.parent.glob("libpython*"):
        _link_or_copy(str(shared), str(folder / "lib" / shared.name))
    program = Path(sys.executable).resolve()
    (folder / "bin").mkdir(mode=0o755)
    _link_or_copy(str(program), str(folder / "bin" / program.name))
    return folder / "bin" / program.name


def _laid(source: Path, target: Path, **options: object) -> None:
    shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy, **options)  # type: ignore[arg-type]


def _link_or_copy(source: str, target: str) -> None:
    """The same file under another name costs nothing, where that can be."""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copy2(source, target)
