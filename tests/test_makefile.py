"""What `make` would do, without doing it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("environment", [".venv/.ready", ".venv-docs/.ready"])
def test_whoever_names_a_python_gets_it(environment: str) -> None:
    assert "--python python3.12" in _sync(environment, "PYTHON=python3.12")
    assert "--python" not in _sync(environment)


def _sync(environment: str, *variables: str) -> str:
    """The line by which make has uv fill an environment."""
    command = ["make", "-C", str(ROOT), "--dry-run", "--always-make", environment, *variables]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}).stdout
    lines = [line for line in said.splitlines() if " sync " in line]
    assert len(lines) == 1
    return lines[0]
