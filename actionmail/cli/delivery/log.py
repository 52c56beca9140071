"""The log of commands that run for long: a line each on standard output, which may be gone."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click


def say(line: str) -> None:
    """Write a line, or nothing where it cannot be written (a full disk, a closed pipe): the work goes on all the same.

    Never raises.
    """
    with suppress(OSError, ValueError):  # ValueError: the stream is closed
        click.echo(line)


def let_go() -> None:
    """At the end: drop what could never be written, lest Python fail on it after us."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with suppress(OSError, ValueError):
            os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
