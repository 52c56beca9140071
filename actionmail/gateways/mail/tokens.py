"""Tokens for XOAUTH2 and OAUTHBEARER, where a provider takes no passwords: a command prints one.

Getting one (a browser, a tenant, a refresh token) differs from provider to provider and is left to that command. It is
run without a shell, with an end to the wait; what it prints is the token and is never logged or shown.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Final

SECONDS: Final = 30.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=|:-]{1,8000}")  # RFC 6750 2.1, and what providers print beyond it


class TokenFault(StrEnum):
    """Why there is no token."""

    NOT_STARTED = "not_started"  # `detail` is the system's reason
    TOO_SLOW = "too_slow"  # `detail` is how many seconds it had
    FAILED = "failed"  # `detail` is its exit status
    NO_TOKEN = "no_token"  # noqa: S105  # what it printed cannot be one


class TokenError(Exception):
    """A command gave no token."""

    def __init__(self, fault: TokenFault, detail: object = "") -> None:
        super().__init__(fault, str(detail))
        self.fault = fault
        self.detail = str(detail)


def token_from(command: Sequence[str], *, seconds: float = SECONDS) -> str:
    """What `command` prints, less white space at its ends. Raises TokenError."""
    try:
        process = subprocess.Popen(  # noqa: S603  # the words of a setting, without a shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that whatever it started ends with it
        )
    except OSError as error:
        raise TokenError(TokenFault.NOT_STARTED, error.strerror or type(error).__name__) from None
    try:
        output, _nothing = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise TokenError(TokenFault.TOO_SLOW, f"{seconds:.0f}") from None
    finally:
        _end(process)
    if process.returncode:
        raise TokenError(TokenFault.FAILED, process.returncode)
    token = output.decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(token):
        raise TokenError(TokenFault.NO_TOKEN)
    return token


def xoauth2(username: str, token: str) -> bytes:
    """The one answer of XOAUTH2, as Google and Microsoft describe it."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01".encode()


def oauthbearer(username: str, token: str) -> bytes:
    """The one answer of OAUTHBEARER (RFC 7628 3.1)."""
    name = username.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
