"""The folder of DKIM keys: `keys.json`, which holds no secret, and each private key in a file of its own (0600)."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from actionmail.rules.delivery.dkim import RSA_BITS, KeyRefused, Signer, read_signer, signing_with
from actionmail.rules.delivery.dkim_keys import KeyKind, KnownKey, signing

_LIST: Final = "keys.json"


class FolderFault(StrEnum):
    """Why the folder of keys cannot be used; `detail` tells more."""

    UNREADABLE = "unreadable"
    UNWRITABLE = "unwritable"
    BROKEN = "broken"  # keys.json is not as it was written
    OPEN = "open"  # others than its owner may read a private key


class FolderError(Exception):
    """The folder of keys, or a file of it, cannot be used."""

    def __init__(self, fault: FolderFault, path: Path, detail: str = "") -> None:
        super().__init__(fault, str(path), detail)
        self.fault = fault
        self.path = path
        self.detail = detail


class KeyFolder:
    """The keys for letters of `domain`."""

    def __init__(self, folder: Path, domain: str) -> None:
        self.folder = folder
        self._domain = domain
        self._read_at: tuple[int, int] | None = None
        self._signers: list[Signer] | None = None  # None: not read yet

    def keys(self) -> list[KnownKey]:
        """All that are known. Raises FolderError."""
        path = self.folder / _LIST
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(FolderFault.UNREADABLE, path, getattr(error, "strerror", "") or "no UTF-8") from None
        try:
            return [_key(entry) for entry in json.loads(text)]
        except (ValueError, KeyError, TypeError) as error:
            raise FolderError(FolderFault.BROKEN, path, type(error).__name__) from None

    def signers(self, keys: Sequence[KnownKey] | None = None) -> list[Signer]:
        """Those that letters are signed with now, or would be if `keys` were what is known.

        Raises FolderError, KeyRefused.
        """
        return [self._signer(key.selector) for key in signing(self.keys() if keys is None else keys)]

    def signing_records(self) -> dict[str, str]:
        """What the DNS has to say of the keys that sign now, by selector; none where this process may not look."""
        try:
            return {key.selector: key.record for key in signing(self.keys())}
        except FolderError:
            return {}

    def sign(self, raw: bytes) -> bytes:
        """The letter with the signatures of the keys that are in use at this moment.

        A change that cannot be read whole is read again at the next letter; until then the keys from before sign.
        """
        seen = self._stamp()
        if self._signers is None or seen != self._read_at:
            try:
                self._signers, self._read_at = self.signers(), seen
            except (FolderError, KeyRefused):
                if self._signers is None:
                    raise
        return signing_with(self._signers)(raw)

    def write_key(self, selector: str, kind: KeyKind) -> Signer:
        """A new private key, readable by its owner alone. Raises FolderError, KeyRefused."""
        key = (
            rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
            if kind is KeyKind.RSA
            else ed25519.Ed25519PrivateKey.generate()
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signer = read_signer(selector, self._domain, pem)  # before a file has its name
        path = self._pem(selector)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FolderError(FolderFault.UNWRITABLE, path, error.strerror or "") from None
        return signer

    def write(self, keys: Sequence[KnownKey]) -> None:
        """What is known of all keys, in one step. Raises FolderError."""
        path = self.folder / _LIST
        new = path.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as file:
                json.dump([_entry(key) for key in keys], file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.chmod(0o644)
            new.replace(path)
        except OSError as error:
            raise FolderError(FolderFault.UNWRITABLE, path, error.strerror or "") from None

    def remove(self, selector: str) -> None:
        """Delete a private key. Raises FolderError."""
        path = self._pem(selector)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FolderError(FolderFault.UNWRITABLE, path, error.strerror or "") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """So that two commands at once do not forget each other's keys. Makes the folder. Raises FolderError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (self.folder / "lock").open("w")
        except OSError as error:
            raise FolderError(FolderFault.UNWRITABLE, self.folder, error.strerror or "") from None
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _signer(self, selector: str) -> Signer:
        path = self._pem(selector)
        try:
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise FolderError(FolderFault.OPEN, path)
            pem = path.read_bytes()
        except OSError as error:
            raise FolderError(FolderFault.UNREADABLE, path, error.strerror or "") from None
        return read_signer(selector, self._domain, pem)

    def _pem(self, selector: str) -> Path:
        return self.folder / f"{selector}.pem"

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = (self.folder / _LIST).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def _entry(key: KnownKey) -> dict[str, Any]:
    return {
        "selector": key.selector,
        "kind": key.kind.value,
        "record": key.record,
        "made": key.made.isoformat(),
        "used": key.used and key.used.isoformat(),
        "left": key.left and key.left.isoformat(),
    }


def _key(entry: dict[str, Any]) -> KnownKey:
    return KnownKey(
        selector=str(entry["selector"]),
        kind=KeyKind(entry["kind"]),
        record=str(entry["record"]),
        made=datetime.fromisoformat(entry["made"]),
        used=entry["used"] and datetime.fromisoformat(entry["used"]),
        left=entry["left"] and datetime.fromisoformat(entry["left"]),
    )
