"""A dataset from an address on the web: one file, bounded in size and time, whole and checked before anybody reads it.

Only https, only the host that was named, no private address, no proxy. What broke off is kept and taken up again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from msgspec import Struct

from actionmail.gateways.http.exchange import Answer, Unreachable, Untrusted, exchange
from actionmail.gateways.http.ssrf_guard import PrivateHost, is_private
from actionmail.rules.roster.seats import DatasetError

TRIES = 3  # as long as each brings something
MAX_HOPS = 3
_ABOUT = ".about.json"


class DownloadTimeouts(Struct, frozen=True, kw_only=True):
    """In seconds: of the whole, and of a connection without a byte."""

    total: float = 1800.0
    read: float = 30.0


DEFAULT_TIMEOUTS = DownloadTimeouts()

Progress = Callable[[int, int | None], None]
"""Told how many bytes are there, and of how many, if the server says."""


def download(
    url: str,
    folder: Path,
    *,
    limit: int,
    sha256: str = "",
    loopback_only: bool = False,
    progress: Progress = lambda done, total: None,
    timeouts: DownloadTimeouts = DEFAULT_TIMEOUTS,
) -> tuple[Path, str]:
    """The file at `url`, under its own name in a folder of its own below `folder`, and its SHA-256.

    What is there already is taken as it is where the server says that it has not changed. Raises DatasetError: then
    nothing is there, or only what came of it, from which the next call goes on.
    """
    parts = _checked(url, loopback_only)
    expected = sha256.strip().lower()
    name = _name(parts)
    if expected and not re.fullmatch("[0-9a-f]{64}", expected):
        raise DatasetError(name, "bad_sha256")
    place = _place(url, folder)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(place, name):
            fetching = _Download(
                url, parts, place / name, limit, progress, time.monotonic() + timeouts.total, timeouts.read
            )
            fetching.run()
            digest = fetching.digest()
            if expected and digest != expected:
                fetching.forget()
                raise DatasetError(name, "another_sha256_thrown_away", sha256=digest)
            return fetching.target, digest
    except OSError as error:
        raise DatasetError(name, "cannot_be_kept", folder=str(place.parent), why=error.strerror) from None


def version_held(url: str, folder: Path) -> str:
    """What the server called the version of the file that `download` put there: its ETag, else its Last-Modified."""
    return _version_in(_place(url, folder) / _ABOUT)


def _place(url: str, folder: Path) -> Path:
    return folder / hashlib.sha256(url.encode()).hexdigest()[:16]


def _version_in(about: Path) -> str:
    try:
        known = json.loads(about.read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return known if isinstance(known, str) and known.isprintable() and known.isascii() else ""


def _checked(url: str, loopback_only: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise DatasetError("--from-url", "no_web_address") from None
    if not host or parts.username or parts.scheme not in {"http", "https"} or not url.isprintable() or " " in url:
        raise DatasetError("--from-url", "web_address_needed")
    private = is_private(host)
    if loopback_only:
        if not private or not (host == "localhost" or host.startswith("127.") or host == "::1"):
            raise DatasetError(host, "loopback_only")
    elif parts.scheme != "https":
        raise DatasetError(host, "https_only")
    elif private:
        raise DatasetError(host, "private_address")
    return parts


def _name(parts: SplitResult) -> str:
    """What the file will be called: the end of the address, without its query."""
    last = re.sub(r"[^A-Za-z0-9._-]", "_", parts.path.rstrip("/").rpartition("/")[2]).lstrip(".")[-100:]
    return last or "download"


@contextmanager
def _alone(place: Path, name: str) -> Iterator[None]:
    with (place / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatasetError(name, "downloaded_elsewhere") from None
        yield


def _date(file: Path, last_modified: str) -> None:
    """The day of a file whose name does not tell it is that on which it was written there, not here."""
    try:
        written = parsedate_to_datetime(last_modified).timestamp()
        os.utime(file, (written, written))
    except (ValueError, OverflowError, OSError):
        return


class _BrokeOff(Exception):
    """A failure after which going on from there may help: the code of a DatasetError, and its values."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class _Download:
    def __init__(
        self,
        url: str,
        parts: SplitResult,
        target: Path,
        limit: int,
        progress: Progress,
        until: float,
        read_seconds: float,
    ) -> None:
        self.url, self.parts, self.target, self.limit = url, parts, target, limit
        self.progress, self.until, self.read_seconds = progress, until, read_seconds
        self.part = target.with_name(target.name + ".part")
        self.about = target.with_name(_ABOUT)  # what the server called this version of the file

    def run(self) -> None:
        tries = 0
        while True:
            before = self._held()
            try:
                return self._once()
            except _BrokeOff as trouble:
                tries = 1 if self._held() > before else tries + 1
                if tries >= TRIES or time.monotonic() > self.until:
                    raise DatasetError(self.target.name, trouble.code, held=self._held(), **trouble.values) from None

    def digest(self) -> str:
        with self.target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def forget(self) -> None:
        for file in (self.target, self.part, self.about):
            file.unlink(missing_ok=True)

    def _held(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def _once(self) -> None:
        known = _version_in(self.about)
        headers = {"Accept-Encoding": "identity", "User-Agent": "ActionMail"}
        if self.target.is_file() and known:
            headers["If-None-Match" if known.startswith(('"', "W/")) else "If-Modified-Since"] = known
        elif self._held() and known and not known.startswith("W/"):
            headers |= {"Range": f"bytes={self._held()}-", "If-Range": known}
        try:
            self._follow(headers)
        except PrivateHost:
            raise DatasetError(self.target.name, "name_leads_private") from None
        except Untrusted:
            raise DatasetError(self.target.name, "certificate_untrusted") from None
        except Unreachable as trouble:
            raise _BrokeOff("unreachable", kind=trouble.kind) from None
        except TimeoutError as trouble:
            if time.monotonic() >= self.until:
                raise _BrokeOff("took_too_long") from None
            raise _BrokeOff("unreachable", kind=type(trouble).__name__) from None

    def _follow(self, headers: dict[str, str]) -> None:
        url = self.url
        may_be_private = is_private(self.parts.hostname or "")
        for _ in range(MAX_HOPS + 1):
            left = self.until - time.monotonic()
            request = requests.Request("GET", url, headers=headers)
            with exchange(request, seconds=left, silence=self.read_seconds, may_be_private=may_be_private) as answer:
                if answer.status not in {301, 302, 303, 307, 308}:
                    return self._answer(answer)
                url = urljoin(url, answer.headers.get("Location", ""))
                to = urlsplit(url)
                if (to.scheme, to.netloc) != (self.parts.scheme, self.parts.netloc):
                    raise DatasetError(
                        self.target.name,
                        "sent_on",
                        host=self.parts.netloc,
                        other=f"{to.scheme}://{to.netloc[:100]}",
                    )
        raise DatasetError(self.target.name, "sent_in_circles", host=self.parts.netloc)

    def _answer(self, answer: Answer) -> None:
        status = answer.status
        if status == 304 and self.target.is_file():
            return None
        if status == 416:
            self.part.unlink(missing_ok=True)
            raise _BrokeOff("kept_part_unfit")
        if status >= 500 or status == 429:
            raise _BrokeOff("server_busy", status=status)
        if status not in {200, 206}:
            raise DatasetError(self.target.name, "status_of_no_file", status=status)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise DatasetError(self.target.name, "packed_unasked")
        self.target.unlink(missing_ok=True)
        begin = self._held() if status == 206 else 0
        if status == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {begin}-"):
            self.part.unlink(missing_ok=True)
            raise _BrokeOff("another_part")
        length = answer.headers.get("Content-Length", "")
        total = begin + int(length) if length.isdecimal() else None
        self._check_size(total or 0)
        self._remember(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
        with self.part.open("ab" if begin else "wb") as file:
            self._write(answer, file, begin, total)
            file.flush()
            os.fsync(file.fileno())
        self.part.replace(self.target)
        _date(self.target, answer.headers.get("Last-Modified", ""))
        return None

    def _write(self, answer: Answer, file: IO[bytes], done: int, total: int | None) -> None:
        self.progress(done, total)
        for piece in answer.pieces():
            done += len(piece)
            self._check_size(done)
            file.write(piece)
            self.progress(done, total)
        if total is not None and done < total:
            raise _BrokeOff("broke_off", done=done, total=total)

    def _check_size(self, size: int) -> None:
        if size > self.limit:
            self.part.unlink(missing_ok=True)
            raise DatasetError(self.target.name, "not_this_large", megabytes=self.limit // 1024 // 1024)

    def _remember(self, version: str) -> None:
        self.about.write_text(json.dumps({"version": version}), encoding="utf-8")
