"""Spam filters that score a letter: SpamAssassin by its daemon or its program, rspamd by HTTP.

Nothing is learned or kept there. All letters of a page together have one deadline; what is not scored by then says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from actionmail.rules.campaigns.filtering import Filter, FilterFault, Hit, Score, Unscored
from actionmail.settings_reading import FilterAddress, FilterKind

SECONDS: Final = 20.0
_AT_ONCE: Final = 4
_LARGEST: Final = 256_000  # octets of an answer
_PROGRAM: Final = "spamassassin"
_RSPAMD_MARKS: Final = 6.0  # "add header", as it comes; its answer only tells at how many points it refuses, 15
# "Content analysis details:   (1.7 points, 5.0 required)", and a line for each rule.
_LIMIT = re.compile(r"\(-?\d{1,4}(?:\.\d{1,3})? points, (\d{1,3}(?:\.\d{1,3})?) required\)")
_RULE = re.compile(r"^[ *]{0,3}(-?\d{1,3}(?:\.\d{1,3})?) ([A-Z][A-Z0-9_]{1,60})\s+(.{0,200})$", re.MULTILINE)
# `spamassassin -L`: local tests alone, so no host is asked; without the preferences of whoever runs the web process.
_ARGUMENTS: Final = ("-L", "-t", "-x")
_BETWEEN: Final = re.compile(rb"^From (\d{1,4})@actionmail\.invalid .*\n", re.MULTILINE)


def filter_at(address: FilterAddress | None, *, seconds: float = SECONDS) -> Filter | None:
    """The filter that is set, or else SpamAssassin where it is installed on this machine; None where there is none."""
    if address is None:
        program = shutil.which(_PROGRAM)
        return None if program is None else program_filter([program], seconds=seconds)
    if address.kind is FilterKind.NONE:
        return None
    if address.kind is FilterKind.RSPAMD:
        return Filter(name="rspamd", score=partial(_one_by_one, partial(_by_rspamd, address.url), seconds))
    return Filter(
        name="SpamAssassin", score=partial(_one_by_one, partial(_by_spamd, address.host, address.port), seconds)
    )


def program_filter(command: Sequence[str], *, seconds: float = SECONDS) -> Filter:
    """SpamAssassin's program, started once for all letters of a page."""
    return Filter(name="SpamAssassin", score=partial(_by_program, tuple(command), seconds))


_Ask = Callable[[bytes, float], "Score | Unscored"]


def _one_by_one(ask: _Ask, seconds: float, letters: Sequence[bytes]) -> list[Score | Unscored]:
    until = time.monotonic() + seconds

    def scored(raw: bytes) -> Score | Unscored:
        left = until - time.monotonic()
        if left <= 0:
            return Unscored(fault=FilterFault.TOO_SLOW)
        try:
            return ask(raw, left)
        except TimeoutError:
            return Unscored(fault=FilterFault.TOO_SLOW)
        except OSError as error:  # those of `requests` are of this kind too
            return Unscored(fault=FilterFault.UNREACHABLE, detail=type(error).__name__)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(scored, letters))


def _by_spamd(host: str, port: int, raw: bytes, seconds: float) -> Score | Unscored:
    """The report of `spamd`, by its protocol (REPORT, SPAMC/1.2)."""
    until = time.monotonic() + seconds
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(b"REPORT SPAMC/1.2\r\nContent-length: %d\r\n\r\n" % len(raw) + raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while len(answer) < _LARGEST:
            connection.settimeout(max(until - time.monotonic(), 0.01))
            piece = connection.recv(65_536)
            if not piece:
                break
            answer += piece
    if not answer.startswith(b"SPAMD/"):
        return Unscored(fault=FilterFault.NO_SCORE)
    return _from_report(answer.decode("utf-8", "replace"))


def _from_report(text: str) -> Score | Unscored:
    limit = _LIMIT.search(text)
    if limit is None:
        return Unscored(fault=FilterFault.NO_SCORE)
    hits = [
        Hit(rule=rule, points=float(points), words=words.strip())
        for points, rule, words in _RULE.findall(text[limit.end() :])
    ]
    return Score.of(hits, float(limit[1]))


def _by_program(command: tuple[str, ...], seconds: float, letters: Sequence[bytes]) -> list[Score | Unscored]:
    """All letters as one mailbox, since starting the program takes longer than a letter. It turns their order."""
    mailbox = b"".join(_line_before(number) + _lines(raw) for number, raw in enumerate(letters))
    with tempfile.TemporaryDirectory(prefix="actionmail-filter-") as home:
        try:
            done = subprocess.run(  # noqa: S603  # a fixed program, without a shell
                [*command, *_ARGUMENTS, "--mbox"],
                input=mailbox,
                capture_output=True,
                timeout=seconds,
                check=False,
                env={"PATH": os.environ.get("PATH", ""), "HOME": home, "LANG": "C"},
            )
        except subprocess.TimeoutExpired:
            return [Unscored(fault=FilterFault.TOO_SLOW)] * len(letters)
        except OSError as error:
            return [Unscored(fault=FilterFault.UNREACHABLE, detail=type(error).__name__)] * len(letters)
    pieces = _BETWEEN.split(done.stdout[: _LARGEST * max(len(letters), 1)])[1:]
    answers = {
        int(number): _from_report(text.decode("utf-8", "replace"))
        for number, text in zip(pieces[::2], pieces[1::2], strict=True)
    }
    return [answers.get(number, Unscored(fault=FilterFault.NO_SCORE)) for number in range(len(letters))]


def _line_before(number: int) -> bytes:
    return b"From %d@actionmail.invalid Thu Jan  1 00:00:00 1970\n" % number


def _lines(raw: bytes) -> bytes:
    """As a mailbox holds a letter: no line of it begins as the next letter's would."""
    return re.sub(rb"^(>*From )", rb">\1", raw.replace(b"\r\n", b"\n"), flags=re.MULTILINE) + b"\n"


def _by_rspamd(url: str, raw: bytes, seconds: float) -> Score | Unscored:
    import requests  # here, since a process may start without it

    until = time.monotonic() + seconds
    with requests.Session() as session:
        session.trust_env = False  # no proxy, no .netrc
        try:
            answer = session.post(
                f"{url}/checkv2", data=raw, timeout=seconds, allow_redirects=False, stream=True, headers={"Pass": "all"}
            )
        except requests.Timeout:
            return Unscored(fault=FilterFault.TOO_SLOW)
        body = b""
        for piece in answer.iter_content(65_536):
            body += piece
            if time.monotonic() > until:
                return Unscored(fault=FilterFault.TOO_SLOW)
            if len(body) > _LARGEST:
                return Unscored(fault=FilterFault.NO_SCORE)
    if answer.status_code != 200:
        return Unscored(fault=FilterFault.NO_SCORE, detail=str(answer.status_code))
    return _from_json(body)


def _from_json(body: bytes) -> Score | Unscored:
    try:
        document: Any = json.loads(body)
        symbols = document["symbols"].values()
        hits = [
            Hit(
                rule=str(symbol["name"])[:60],
                points=float(symbol["score"]),
                words=str(symbol.get("description") or "")[:200],
            )
            for symbol in symbols
        ]
        return Score.of(hits, min(float(document["required_score"]), _RSPAMD_MARKS))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Unscored(fault=FilterFault.NO_SCORE)
