"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import hashlib
import secrets
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pyotp
from pyotp.utils import strings_equal

from actionmail.settings import Keys, every_key

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

RECOVERY_CODES: Final = 10
_STEP: Final = 30  # seconds
_SLACK: Final = 1  # steps that a telephone's clock may be off
_BYTES: Final = 10  # of a recovery code: 80 bits, so that its hash needs no salt and no cost


def new_secret() -> str:
    """160 random bits, in base32 as apps take them."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, organisation: str) -> str:
    """The `otpauth:` address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=organisation)


def matching_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step whose code this is; None for a wrong one, and for one of a step up to `after`: used already."""
    digits = "".join(code.split())
    current = int(now.timestamp()) // _STEP
    for step in range(current - _SLACK, current + _SLACK + 1):
        if strings_equal(pyotp.TOTP(secret).generate_otp(step), digits) and step > after:
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Each in four groups of four letters and digits."""
    return [_new_recovery_code() for _ in range(RECOVERY_CODES)]


def _new_recovery_code() -> str:
    code = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
    return "-".join(textwrap.wrap(code, 4))


def recovery_hash(code: str) -> str:
    """How a recovery code is kept. Case, hyphens and spaces say nothing."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(b"actionmail recovery code\0" + plain.encode()).hexdigest()


def without(hashes: Sequence[str], code: str) -> list[str] | None:
    """The hashes that are left once `code` is used; None where it is none of them."""
    wanted = recovery_hash(code)
    left = [known for known in hashes if not secrets.compare_digest(known, wanted)]
    return left if len(left) < len(hashes) else None


def seal(secret: str, key: str) -> str:
    """The secret, encrypted under the installation's key: a copy of the database alone opens nothing."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, keys: Keys) -> str | None:
    """The secret; None where it was sealed under another key."""
    from cryptography.fernet import InvalidToken

    for key in every_key(keys):
        with suppress(InvalidToken):
            return _fernet(key).decrypt(sealed.encode()).decode()
    return None


def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet  # here, since no page but that of the second factor needs it

    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"actionmail second factor\0" + key.encode()).digest()))
