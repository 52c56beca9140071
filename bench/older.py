"""An older commit of this program, checked out and installed by the bench into its own folder, to be run beside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench.programs import HERE, ROOT, Absent

BEFORE = "b3b5677"  # the commit that the targets are measured against
_PATIENCE = 600


def older_build(commit: str = BEFORE) -> Path:
    """The root of the checked out commit, with its own `.venv`; made once. Raises Absent."""
    folder = HERE / "out" / f"older-{commit}"
    ready = folder / ".venv" / ".ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        archive = folder.with_suffix(".tar")
        _run(["git", "archive", "-o", str(archive), commit], ROOT)
        shutil.unpack_archive(archive, folder, filter="data")
        archive.unlink()
        uv = shutil.which("uv") or str(ROOT / ".venv-tools" / "bin" / "uv")
        _run([uv, "sync", "--frozen", "--quiet"], folder)
        ready.touch()
    return folder


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"the older build could not be installed: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Absent(f"the older build could not be installed: {last}")
