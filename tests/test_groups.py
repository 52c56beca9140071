"""What shares a dear server stays in one process of a parallel run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = """
import os
import pytest

@pytest.mark.xdist_group("shared")
@pytest.mark.parametrize("number", range(6))
def test_one(number):
    with open(os.environ["SEEN"], "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


@pytest.mark.slow
def test_tests_of_one_group_run_in_one_process(tmp_path: Path) -> None:
    """With pytest 9.2.0 pytest-xdist 3.8.0 leaves groups unheeded, without a word (pytest-xdist issue 1386)."""
    seen = tmp_path / "seen"
    (tmp_path / "test_shared.py").write_text(_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "SEEN": str(seen)}, check=True, capture_output=True)
    workers = seen.read_text().split()
    assert len(workers) == 6
    assert len(set(workers)) == 1
