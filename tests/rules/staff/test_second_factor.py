"""Codes by the test vectors of RFC 6238, recovery codes, and secrets under lock."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from actionmail.rules.staff import second_factor as factor

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert factor.matching_step(RFC_SECRET, code, now=now, after=0) == seconds // 30
    assert factor.matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", now=now, after=0) is not None
    assert factor.matching_step(RFC_SECRET, code, now=now, after=seconds // 30) is None  # used
    assert factor.matching_step(RFC_SECRET, code, now=now + timedelta(seconds=90), after=0) is None  # too old


@pytest.mark.parametrize("code", ["", "28708", "2870822", "abcdef", "２８７０８x", "\x00"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert factor.matching_step(RFC_SECRET, code, now=datetime.fromtimestamp(59, UTC), after=0) is None


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    codes = factor.new_recovery_codes()
    assert len(set(codes)) == factor.RECOVERY_CODES
    hashes = [factor.recovery_hash(code) for code in codes]
    left = factor.without(hashes, f" {codes[3].upper().replace('-', ' ')}")
    assert left == hashes[:3] + hashes[4:]
    assert factor.without(left, codes[3]) is None
    assert factor.without([], "") is None


def test_a_secret_opens_with_its_own_key_only() -> None:
    secret = factor.new_secret()
    sealed = factor.seal(secret, "k" * 32)
    assert secret not in sealed
    assert factor.unseal(sealed, "k" * 32) == secret
    assert factor.unseal(sealed, "j" * 32) is None
    assert factor.unseal("", "k" * 32) is None
