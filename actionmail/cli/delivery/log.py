"""The log of commands that run for long: a line each on standard output, which may be gone."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime

import click

from actionmail.rules.log_lines import Field, log_line

_as_json = False


def say(line: str) -> None:
    """Write a line, or nothing where it cannot be written (a full disk, a closed pipe): the work goes on all the same.

    Never raises.
    """
    _write(log_line("said", {"text": line}, at=datetime.now(UTC)) if _as_json else line)


def write_json(event: str, **fields: Field) -> None:
    """Write a line for programs. Never raises."""
    _write(log_line(event, fields, at=datetime.now(UTC)))


def say_in_json(*, wanted: bool) -> None:
    """From here on every line is one for programs."""
    global _as_json
    _as_json = wanted


def _write(line: str) -> None:
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
