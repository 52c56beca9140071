"""Folders and zips of YAML files as other projects publish them; single ones are read as any file is.

The files are not ours: sizes and counts are bounded, YAML aliases of anything but short values are refused (a few lines
of them can stand for gigabytes), names that climb out of the zip are refused, and nothing is ever unpacked to the disk.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from actionmail.rules.roster.seats import DatasetError, utf8_text

MAX_FILES = 50_000
MAX_FILE_BYTES = 512 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
MAX_ALIASES = 10_000  # of a file: PyYAML writes one where a date stands twice
MAX_ALIASED = 200  # characters of what an alias stands for

_ANCHOR = re.compile(rb"(?:^|[\s\[{,:-])[&*][^\s]", re.MULTILINE)

Wanted = Callable[[str], bool]
Files = tuple[Iterator[tuple[str, bytes]], date, str]


def read_files(path: Path, wanted: Wanted, pattern: str) -> Files:
    """The wanted files of a zip or a folder (there only those that fit `pattern`), the newest day, and the commit.

    The commit is what GitHub writes into its zips, or "". Raises DatasetError, some of it while the files are read.
    """
    return _read_zip(path, wanted) if path.is_file() else _read_folder(path, wanted, pattern)


def _read_zip(path: Path, wanted: Wanted) -> Files:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError, OSError) as error:
        raise DatasetError(path.name, "half_a_zip", why=str(error)) from None
    members = archive.infolist()
    if len(members) > MAX_FILES:
        archive.close()
        raise DatasetError(path.name, "too_many_files", most=MAX_FILES)
    newest = max((date(*m.date_time[:3]) for m in members if m.date_time[1]), default=date(1980, 1, 1))
    comment = archive.comment.decode("ascii", "replace")
    return _members(path, archive, members, wanted), newest, comment if re.fullmatch("[0-9a-f]{40}", comment) else ""


def _members(
    path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], wanted: Wanted
) -> Iterator[tuple[str, bytes]]:
    total = 0
    with archive:
        for member in members:
            name = member.filename
            if "\\" in name or name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name:
                raise DatasetError(path.name, "would_climb_out", name=name[:100])
            if member.is_dir() or not wanted(name):
                continue
            if member.flag_bits & 1:
                raise DatasetError(f"{path.name}/{name}", "locked")
            try:
                with archive.open(member) as file:
                    raw = file.read(MAX_FILE_BYTES + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
                raise DatasetError(f"{path.name}/{name}", "damaged", why=str(error)) from None
            total += len(raw)
            _check_size(f"{path.name}/{name}", len(raw), total)
            yield name, raw


def _read_folder(path: Path, wanted: Wanted, pattern: str) -> Files:
    if not path.is_dir():
        raise DatasetError(path.name, "no_such_file")
    paths = [path / "settings.yml", *sorted(path.glob(pattern))]
    files = [file for file in paths if file.is_file() and wanted(file.relative_to(path).as_posix())]
    if len(files) > MAX_FILES:
        raise DatasetError(path.name, "too_many_files", most=MAX_FILES)
    newest = max((date.fromtimestamp(file.stat().st_mtime) for file in files), default=date(1980, 1, 1))  # noqa: DTZ012
    return _files(path, files), newest, ""


def _files(path: Path, files: list[Path]) -> Iterator[tuple[str, bytes]]:
    total = 0
    root = path.resolve()
    for file in files:
        name = file.relative_to(path).as_posix()
        if not file.resolve().is_relative_to(root):
            raise DatasetError(name, "link_leads_out")
        try:
            with file.open("rb") as opened:
                raw = opened.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DatasetError(name, "cannot_be_read", why=error.strerror) from None
        total += len(raw)
        _check_size(name, len(raw), total)
        yield name, raw


def _check_size(name: str, size: int, total: int) -> None:
    if size > MAX_FILE_BYTES:
        raise DatasetError(name, "file_too_large", kilobytes=MAX_FILE_BYTES // 1024)
    if total > MAX_TOTAL_BYTES:
        raise DatasetError(name, "too_much_text", megabytes=MAX_TOTAL_BYTES // 1024 // 1024)


def load_yaml(name: str, raw: bytes) -> Any:
    try:
        if _ANCHOR.search(raw):
            _check_aliases(name, raw)
        return yaml.load(raw, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise placed(name, mark, "no_yaml", why=error.problem) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        utf8_text(raw, name)  # says where, for this and for a NUL
        raise DatasetError(name, "no_yaml", why=str(error).splitlines()[0]) from None
    except DatasetError:
        raise
    except ValueError as error:  # a date such as 2026-13-01
        raise placed(name, _unreadable_scalar(raw), "no_yaml", why=str(error)) from None
    except RecursionError:
        raise DatasetError(name, "yaml_too_deep") from None


def _check_aliases(name: str, raw: bytes) -> None:
    """Raises DatasetError for an alias of a list or a mapping, of a long text, or too many of them."""
    short: set[str] = set()  # the anchors that stand for a short value
    count = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            count += 1
            if event.anchor not in short or count > MAX_ALIASES:
                raise placed(name, event.start_mark, "yaml_alias", most=MAX_ALIASES, longest=MAX_ALIASED)
        elif isinstance(event, yaml.ScalarEvent) and event.anchor and len(event.value) <= MAX_ALIASED:
            short.add(event.anchor)
        elif isinstance(event, yaml.NodeEvent):
            short.discard(event.anchor)  # a later anchor of the same name counts


def _unreadable_scalar(raw: bytes) -> Any:
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            try:
                yaml.load(event.value, Loader=yaml.CSafeLoader)
            except ValueError:
                return event.start_mark
            except yaml.YAMLError:
                continue
    return None


def placed(name: str, mark: Any, code: str, /, *, within: str = "", **values: Any) -> DatasetError:
    """A fault at a place in a YAML file."""
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    return DatasetError(name, code, line=line, column=column, within=within, **values)


def mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DatasetError(name, "no_mapping", line=1, column=1)
    return value
