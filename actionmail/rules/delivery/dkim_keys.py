"""The life of a DKIM key: made, signing, leaving, gone; several overlap, so that no letter is ever without a key.

A key that signs no more stays in the DNS while letters with its signature are still on their way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LEAVES_FOR: Final = timedelta(days=7)  # queues give up after about 5 days, and some verify again when a mail is read
OLD: Final = timedelta(days=365)
FORGOTTEN: Final = timedelta(days=60)  # neither used nor retired


class KeyKind(StrEnum):
    """RSA is verified by all, Ed25519 (RFC 8463) by some; who does not know it goes by the other signature."""

    RSA = "rsa"
    ED25519 = "ed25519"


class KeyState(StrEnum):
    """Where a key stands."""

    NEW = "new"  # nothing is signed with it yet
    SIGNING = "signing"
    LEAVING = "leaving"  # nothing is signed with it any more


@dataclass(frozen=True, kw_only=True)
class KnownKey:
    """What is known of a key without its secret. `record` is what the DNS has to say."""

    selector: str
    kind: KeyKind
    record: str
    made: datetime
    used: datetime | None = None  # since when it signs
    left: datetime | None = None  # since when it does not any more

    @property
    def state(self) -> KeyState:
        if self.used is None:
            return KeyState.NEW
        return KeyState.SIGNING if self.left is None else KeyState.LEAVING

    @property
    def may_go(self) -> datetime | None:
        """From when on nobody needs it in the DNS; None while it signs or may yet."""
        return None if self.left is None else self.left + LEAVES_FOR


class Hindrance(StrEnum):
    """Why a key cannot be made, used or retired."""

    KNOWN = "known"  # there is one under this selector
    UNKNOWN = "unknown"  # there is none
    LEFT = "left"  # it was in use once, and is to go
    SIGNS = "signs"  # letters are signed with it
    TOO_SOON = "too-soon"  # letters with its signature may be on their way; `until` is when not any more


class KeyHindered(ValueError):
    """What cannot be done with the key under `selector`."""

    def __init__(self, hindrance: Hindrance, selector: str, until: datetime | None = None) -> None:
        super().__init__(hindrance, selector)
        self.hindrance = hindrance
        self.selector = selector
        self.until = until


def signing(keys: Iterable[KnownKey]) -> list[KnownKey]:
    """Those that letters are signed with, RSA first: a verifier that stops after one signature knows that one."""
    order = list(KeyKind)
    signing_keys = [key for key in keys if key.state is KeyState.SIGNING]
    return sorted(signing_keys, key=lambda key: (order.index(key.kind), key.selector))


def with_new(keys: Sequence[KnownKey], key: KnownKey) -> list[KnownKey]:
    """Raises KeyHindered."""
    if any(known.selector == key.selector for known in keys):
        raise KeyHindered(Hindrance.KNOWN, key.selector)
    return [*keys, key]


def in_use(keys: Sequence[KnownKey], selector: str, now: datetime) -> list[KnownKey]:
    """Letters are signed with this key from now on, and with no other of its kind. Raises KeyHindered."""
    chosen = _known(keys, selector)
    if chosen.state is KeyState.LEAVING:
        raise KeyHindered(Hindrance.LEFT, selector)
    changed = []
    for key in keys:
        if key.selector == selector:
            changed.append(replace(key, used=key.used or now))
        elif key.kind is chosen.kind and key.state is KeyState.SIGNING:
            changed.append(replace(key, left=now))
        else:
            changed.append(key)
    return changed


def without(keys: Sequence[KnownKey], selector: str, now: datetime) -> list[KnownKey]:
    """The key is gone for good. Raises KeyHindered."""
    chosen = _known(keys, selector)
    if chosen.state is KeyState.SIGNING:
        raise KeyHindered(Hindrance.SIGNS, selector)
    if chosen.may_go is not None and now < chosen.may_go:
        raise KeyHindered(Hindrance.TOO_SOON, selector, chosen.may_go)
    return [key for key in keys if key.selector != selector]


def neglected(keys: Iterable[KnownKey], now: datetime) -> list[KnownKey]:
    """Keys that somebody should look at: they sign for long, or were forgotten on their way in or out."""
    overdue = []
    for key in keys:
        began = {KeyState.NEW: key.made, KeyState.SIGNING: key.used, KeyState.LEAVING: key.left}[key.state]
        patience = OLD if key.state is KeyState.SIGNING else FORGOTTEN
        if began is not None and now - began > patience:
            overdue.append(key)
    return overdue


def is_published(record: str, published: Iterable[str]) -> bool:
    """Whether one of the TXT records `published` holds the same key."""
    return any(_key_of(text) == _key_of(record) for text in published)


def _key_of(record: str) -> tuple[str, str]:
    tags = {}
    for part in record.split(";"):
        name, _, value = part.partition("=")
        tags[name.strip()] = "".join(value.split())
    return tags.get("k", "rsa"), tags.get("p", "")


def _known(keys: Iterable[KnownKey], selector: str) -> KnownKey:
    for key in keys:
        if key.selector == selector:
            return key
    raise KeyHindered(Hindrance.UNKNOWN, selector)
