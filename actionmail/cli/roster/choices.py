"""What a person may choose when importing a dataset, and the one way an import goes in from the command line."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct
from sqlalchemy.orm import Session

from actionmail.cli.platform.database import open_database
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.dataset_versions import Provenance
from actionmail.flows.roster.importing import Dataset, DatasetReport, import_dataset
from actionmail.rules.districts.states import STATES
from actionmail.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R", bound=DatasetReport)

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(path_type=Path)
LICENCE_OF_OURS = "CC0-1.0"
_COMMIT = re.compile("[0-9a-f]{40}")

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
YES = click.option("--yes", is_flag=True, help="Import it although it looks suspicious: you looked at the difference.")
BLANK_MISSING = click.option(
    "--blank-missing", is_flag=True, help="Blank phones, addresses and websites that this dataset lacks."
)
AS_OF = click.option("--as-of", type=DAY, help="The day the dataset is of, if its name does not tell.")
SOURCE_VERSION = click.option(
    "--source-version", default="", help="The commit it was taken from, if the file does not tell."
)
SOURCE = click.option("--source", default="", help="Where it comes from; the file's name if not said.")
LICENCE = click.option("--licence", default="", help="Under which licence.")
STATES_ONLY = click.option(
    "--state", "states", multiple=True, metavar="XX", help="Only this state; may be given several times."
)


class ImportChoices(Struct, frozen=True, kw_only=True):
    """The options of an import; a command offers those that it has a use for."""

    dry_run: bool = False
    yes: bool = False
    blank_missing: bool = False
    as_of: date | None = None
    source: str = ""
    source_version: str = ""
    licence: str = ""
    state: str = ""
    states: frozenset[str] = frozenset()
    out: Path | None = None
    url: str = ""  # from which it was fetched
    etag: str = ""  # by which the server there knows this version of it

    @property
    def day(self) -> date:
        """`as_of`, of a command that asks for it."""
        if self.as_of is None:
            raise click.UsageError("Missing option '--as-of'.")
        return self.as_of

    def provenance(self, *, source: str, version: str, as_of: date, licence: str = "") -> Provenance:
        """Where a dataset comes from: what was said, else the address and the server's name for the version there.

        `source` and `version` are what the dataset itself tells; a commit in it names more than a server does.
        """
        if self.etag and not _COMMIT.fullmatch(version):
            version = self.etag
        return Provenance(
            source=self.source or self.url or source,
            source_version=self.source_version or version,
            licence=self.licence or licence,
            as_of=as_of,
        )


def with_choices(command: F) -> F:
    """Hand a command its options as ImportChoices, after settings and path or paths."""

    @functools.wraps(command)
    def run(settings: Settings, *, path: Path | None = None, paths: Any = None, **given: Any) -> None:
        if isinstance(given.get("as_of"), datetime):
            given["as_of"] = given["as_of"].date()
        if "states" in given:
            given["states"] = _known_states(given["states"])
        command(settings, path if paths is None else paths, ImportChoices(**given))

    return run  # type: ignore[return-value]


class DatasetChange:
    """One transaction of imports and the files that go with it."""

    def __init__(self, session: Session, put: Callable[[Path, bytes | None], None], choices: ImportChoices) -> None:
        self.session, self._put, self._choices = session, put, choices

    def take(self, dataset: Dataset[R], provenance: Provenance) -> R:
        """Import a dataset, or say what it would do."""
        return import_dataset(
            self.session,
            dataset,
            provenance,
            now=datetime.now(UTC),
            confirmed=self._choices.yes,
            dry_run=self._choices.dry_run,
        )

    def put(self, files: Mapping[Path, bytes | None]) -> None:
        """Let these files take their places with the commit."""
        for target, content in files.items():
            self._put(target, content)


@contextmanager
def changing(settings: Settings, choices: ImportChoices) -> Iterator[DatasetChange]:
    """A change of the datasets, files and database together; a dry run only reads."""
    database = open_database(settings)
    if choices.dry_run:
        with database.read() as session:
            yield DatasetChange(session, _nowhere, choices)
        return
    with files_in_place(settings.data_dir) as put, database.write() as session:
        yield DatasetChange(session, put, choices)


def _nowhere(target: Path, content: bytes | None) -> None:
    """A dry run writes nothing."""


def _known_states(states: tuple[str, ...]) -> frozenset[str]:
    wanted = frozenset(state.upper() for state in states)
    unknown = sorted(wanted - STATES.keys())
    if unknown:
        raise click.ClickException(f"{unknown[0]!r} is no state; use two letters such as WI.")
    return wanted
