from __future__ import annotations

import os
import pty
import subprocess
import sys

_SAYS = """
from actionmail.cli.progress import progress
with progress(2, "Letters") as bar:
    bar.update(2)
print("done")
"""


def run(stderr: int) -> str:
    done = subprocess.run([sys.executable, "-c", _SAYS], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True)
    return done.stdout + (done.stderr or "")


def test_a_terminal_is_told_how_far_a_command_is() -> None:
    ours, theirs = pty.openpty()
    assert run(theirs) == "done\n"
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert ("Letters" in shown, "100%" in shown) == (True, True)


def test_a_pipe_is_not() -> None:
    assert run(subprocess.PIPE) == "done\n"
