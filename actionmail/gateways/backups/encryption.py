"""A backup encrypted to a public key, so that the machine that makes it cannot read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from actionmail.gateways.backups.faults import BackupFault, BackupFaultCode
from actionmail.gateways.backups.programs import writing_into

_ZIP = b"PK"
_AGE = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")


class Lock(Struct, frozen=True, kw_only=True):
    """To whom a backup is encrypted, by which program: age or gpg."""

    program: str
    recipient: str

    @property
    def command(self) -> list[str]:
        if self.program == "age":
            return ["age", "--encrypt", "--recipient", self.recipient]
        # The key was named on purpose, so GnuPG need not have heard that its owner is trusted.
        return ["gpg", "--batch", "--quiet", "--trust-model", "always", "--encrypt", "--recipient", self.recipient]


@contextmanager
def locked(out: IO[bytes], lock: Lock | None) -> Iterator[IO[bytes]]:
    """Where to write so that it arrives in `out`, encrypted unless `lock` is None. Raises BackupFault."""
    if lock is None:
        yield out
        return
    with writing_into(lock.command, out) as stream:
        yield stream


def is_locked(path: Path) -> bool:
    """Whether a file looks encrypted. Raises OSError."""
    with path.open("rb") as file:
        return not file.read(len(_ZIP)).startswith(_ZIP)


def unlock(path: Path, identity: Path | None, out: IO[bytes]) -> None:
    """Decrypt by age with this identity's file, or by GnuPG with its own keys. Raises BackupFault, OSError."""
    with path.open("rb") as file:
        is_age = file.read(64).startswith(_AGE)
    command = ["gpg", "--batch", "--quiet", "--decrypt"]
    if is_age:
        if identity is None:
            raise BackupFault(BackupFaultCode.IDENTITY_NEEDED)
        command = ["age", "--decrypt", "--identity", str(identity)]
    with writing_into([*command, str(path)], out):
        pass
