"""Webhooks: of what they tell, where they may go, and how they are signed (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from actionmail.settings import is_loopback

LONGEST_URL: Final = 500
GIVE_UP: Final = timedelta(days=3)
REST: Final = timedelta(minutes=1)  # of an address after a failure
_WAITS: Final = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
_SECRET_BYTES: Final = 32  # "between 24 bytes (192 bits) and 64 bytes (512 bits)"
_PREFIX: Final = "whsec_"


class HookEvent(StrEnum):
    LETTER_BOUNCED = "letter.bounced"
    LETTER_HELD = "letter.held"
    STOP_OPENED = "stop.opened"
    CROWD_NOTICED = "crowd.noticed"
    ACTION_CONFIRMED = "action.confirmed"
    TEST = "webhook.test"  # somebody pressed the button; every address gets its own


CHOOSABLE: Final = tuple(event for event in HookEvent if event is not HookEvent.TEST)


class HookTrouble(StrEnum):
    """Why there was no answer. NONE: there was one."""

    NONE = ""
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    PRIVATE_HOST = "private_host"  # a public name that leads to this machine or network
    NO_SECRET = "no_secret"  # sealed under another key of the installation  # noqa: S105


class HookAnswer(Struct, frozen=True, kw_only=True):
    """What an address answered to a try: a status of HTTP, or why there is none."""

    status: int | None = None
    trouble: HookTrouble = HookTrouble.NONE

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class HookFault(StrEnum):
    """Why an address cannot be one of a webhook."""

    NO_URL = "no_url"
    NOT_HTTPS = "not_https"
    PRIVATE = "private"
    NO_EVENTS = "no_events"


class HookRefused(ValueError):
    def __init__(self, fault: HookFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def checked_url(text: str) -> str:
    """The address as it is kept: https, or http on this machine itself; no user, no fragment. Raises HookRefused."""
    if len(text) > LONGEST_URL or not text.isascii() or not text.isprintable() or " " in text:
        raise HookRefused(HookFault.NO_URL)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise HookRefused(HookFault.NO_URL) from None
    if not host or parts.username is not None or parts.fragment or "\\" in text:
        raise HookRefused(HookFault.NO_URL)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise HookRefused(HookFault.NOT_HTTPS)
    try:
        is_private = not ip_address(host).is_global
    except ValueError:
        is_private = False
    if is_private and not is_loopback(host):
        raise HookRefused(HookFault.PRIVATE)
    return text


def new_hook_secret() -> str:
    """As receivers' libraries take it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(key: str, body: bytes, *, secret: str, now: datetime) -> Mapping[str, str]:
    """The three headers of a try. `key` stays the same at each, the time does not."""
    moment = str(int(now.timestamp()))
    content = b".".join((key.encode(), moment.encode(), body))
    signature = hmac.digest(base64.b64decode(secret.removeprefix(_PREFIX)), content, hashlib.sha256)
    return {
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def hook_wait(tries: int) -> timedelta:
    """How long to wait after the `tries`-th try (from 1)."""
    return _WAITS[min(max(tries, 1), len(_WAITS)) - 1]
