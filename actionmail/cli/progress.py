"""How far a command is, for whoever sits at a terminal and waits; nothing of it in a pipe or a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


def progress(length: int, label: str) -> ProgressBar[Any]:
    """A bar on standard error over so many steps; `update` moves it on."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())
