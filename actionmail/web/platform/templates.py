"""How templates are filled, and what of them is kept between two starts."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import jinja2
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from actionmail import __version__

# What a template becomes also depends on these. Whether its text is still the same Jinja looks itself.
_NAMES: Final = f"actionmail-{__version__}-jinja-{jinja2.__version__}-%s.cache"
_SUPPORTERS: Final = "supporter/"


class SharingEnvironment(Environment):
    """Flask's own, whose templates have the application's globals themselves.

    Jinja lays an empty dict over them for each template, so that a template might have globals of its own; none of ours
    has, and to copy or to compare what is laid over another costs a page, and each import in it, 25 microseconds.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class KeptTemplates(FileSystemBytecodeCache):
    """What Jinja made of the templates in `folder`, beside them, as Python keeps what it made of its modules.

    So whoever may change it may change the templates too. Where that folder cannot be written, or Python is told to
    keep nothing (PYTHONDONTWRITEBYTECODE), templates are read anew at each start.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "__pycache__"), _NAMES)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        try:
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)
        except OSError:
            return


def read_supporters_templates(environment: jinja2.Environment) -> None:
    """Before processes are forked: so they share them, and no first visitor of a rush waits for them."""
    for name in environment.list_templates():
        if name.startswith(_SUPPORTERS):
            environment.get_template(name)
