"""Where a dataset comes from: a file, or an address on the web."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from actionmail.cli.roster.choices import DAY, DRY_RUN, LICENCE, SOURCE, YES, with_choices
from actionmail.cli.roster.reports import sentences
from actionmail.gateways.http.download import download, version_held
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
MB = 1024 * 1024


def dataset_import(limit: int, as_of: str) -> Callable[[F], F]:
    """Let a command import PATH or --from-url, of at most `limit` bytes; `as_of` explains which day it asks for."""
    day = click.option("--as-of", type=DAY, required=True, help=as_of)

    def decorate(command: F) -> F:
        for option in (with_choices, file_or_url(limit), click.pass_obj, YES, DRY_RUN, LICENCE, SOURCE, day):
            command = option(command)  # type: ignore[assignment]
        return command

    return decorate


def file_or_url(limit: int) -> Callable[[F], F]:
    """Let a command take PATH, or --from-url of at most `limit` bytes; `--sha256` is checked either way."""

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def run(
            settings: Settings, path: Path | None, from_url: str | None, sha256: str, **options: Any
        ) -> None:  # fmt: skip
            if (path is None) == (from_url is None):
                raise click.UsageError("Give a PATH or --from-url, one of the two.")
            with sentences():
                if path:
                    _check_kind(path)
                file = path or fetched(settings, from_url or "", limit, sha256)
                if not file.name:  # "." or "..": reports name a folder by its name
                    file = file.resolve()
                if path and sha256:
                    _check(path, sha256)
            if from_url:
                options |= {"url": from_url, "etag": version_held(from_url, cache_folder())}
            command(settings, path=file, **options)
            if not path and not options.get("dry_run"):
                file.unlink(missing_ok=True)  # it is in force now

        for option in (
            click.option("--sha256", default="", metavar="HEX", help="Refuse the file if this is not its SHA-256."),
            click.option("--from-url", metavar="URL", help="Fetch the file from there (https) instead of PATH."),
            click.argument("path", type=click.Path(path_type=Path), required=False),
        ):
            run = option(run)
        return run  # type: ignore[return-value]

    return decorate


def files_or_urls(limit: int) -> Callable[[F], F]:
    """Let a command take FILEs, and any number of --from-url of at most `limit` bytes each, with a `--sha256` each."""

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def run(
            settings: Settings, paths: Sequence[Path], from_urls: Sequence[str], sha256s: Sequence[str], **options: Any
        ) -> None:  # fmt: skip
            if not (paths or from_urls):
                raise click.UsageError("Give a FILE or --from-url, at least one.")
            if sha256s and len(sha256s) != len(from_urls):
                raise click.UsageError("Give one --sha256 for each --from-url, in the same order, or none.")
            with sentences():
                for path in paths:
                    _check_kind(path)
                wanted = zip(from_urls, sha256s or [""] * len(from_urls), strict=True)
                files = [fetched(settings, url, limit, sha256) for url, sha256 in wanted]
            if not paths:
                options["url"] = " ".join(from_urls)
            command(settings, paths=[*paths, *files], **options)
            if not options.get("dry_run"):
                for file in files:
                    file.unlink(missing_ok=True)  # they are in force now

        for option in (
            click.option(
                "--sha256",
                "sha256s",
                multiple=True,
                metavar="HEX",
                help="Refuse what --from-url fetches if this is not its SHA-256; one for each, in the same order.",
            ),
            click.option(
                "--from-url",
                "from_urls",
                multiple=True,
                metavar="URL",
                help="Fetch a file from there (https); may be given several times.",
            ),
            click.argument("paths", metavar="[FILE]...", type=click.Path(path_type=Path), nargs=-1),
        ):
            run = option(run)
        return run  # type: ignore[return-value]

    return decorate


def cache_folder() -> Path:
    """Where what was fetched, or a part of it, is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "actionmail"


def fetched(settings: Settings, url: str, limit: int, sha256: str = "") -> Path:
    """The file at this address, at most `limit` bytes. Raises DatasetError."""
    bar = _Bar()
    try:
        file, digest = download(
            url, cache_folder(), limit=limit, sha256=sha256, loopback_only=settings.loopback_only, progress=bar
        )
    finally:
        bar.end()
    click.echo(f"{file.name}: {file.stat().st_size:,} bytes, SHA-256 {digest}")
    return file


def _check_kind(path: Path) -> None:
    """A device or a pipe may have no end. Raises DatasetError; where there is nothing, the reader says so."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DatasetError(path.name, "no_file_or_folder")


def _check(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise DatasetError(path.name, "sha256_of_no_file")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256.strip().lower():
        raise DatasetError(path.name, "another_sha256", sha256=digest)


class _Bar:
    """A bar on the terminal's error channel; nothing where nobody looks."""

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, done: int, total: int | None) -> None:
        step = done * 50 // total if total else done // MB
        if step == self._shown or not sys.stderr.isatty():
            return
        self._shown = step
        bar = f"[{'#' * step:50}] {done / MB:,.1f} of {total / MB:,.1f} MB" if total else f"{done / MB:,.1f} MB"
        click.echo(f"\r{bar}", nl=False, err=True)

    def end(self) -> None:
        if self._shown >= 0:
            click.echo(err=True)
