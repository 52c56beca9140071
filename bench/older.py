"""An older commit of this program, checked out and installed by the bench into its own folder, to be run beside."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.programs import HERE, ROOT, install

BEFORE = "b3b5677"  # the commit that the targets are measured against


def older_build(commit: str = BEFORE) -> Path:
    """The root of the checked out commit, with its own `.venv`; made once. Raises Absent."""
    folder = HERE / "out" / f"older-{commit}"
    ready = folder / ".venv" / ".ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        archive = folder.with_suffix(".tar")
        install(["git", "archive", "-o", str(archive), commit], folder=ROOT)
        shutil.unpack_archive(archive, folder, filter="data")
        archive.unlink()
        uv = shutil.which("uv") or str(ROOT / ".venv-tools" / "bin" / "uv")
        install([uv, "sync", "--frozen", "--quiet"], folder=folder)
        ready.touch()
    return folder
