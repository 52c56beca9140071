"""Passkeys (W3C Web Authentication, level 3): what the browser is asked for, and whether its answer is true.

A passkey shows two things at once, what one has and a fingerprint, face or PIN, since user verification is always
demanded. The holder names the account itself (a discoverable credential), so nobody has to type an address.

The library is imported where it is used: it takes time that the start of a process, and supporters, need not wait for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from actionmail.settings import Keys, every_key

LONGEST_ANSWER: Final = 20_000  # characters; real ones have some 1,000
_TIMEOUT: Final = 5 * 60 * 1000  # milliseconds


class Site(Struct, frozen=True, kw_only=True):
    """What passkeys are bound to: the host (the RP ID) and the origin of the pages."""

    host: str
    origin: str


class NewPasskey(Struct, frozen=True, kw_only=True):
    """`credential_id` is base64url, `public_key` COSE."""

    credential_id: str
    public_key: bytes
    sign_count: int


def site_of(base_url: str) -> Site | None:
    """None where browsers allow no passkeys: they want a host's name, not a number, and https or localhost."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_number = ":" in host or host.replace(".", "").isdigit()
    if not host or is_number or (parts.scheme != "https" and host != "localhost"):
        return None
    return Site(host=host, origin=f"{parts.scheme}://{parts.netloc}".lower())


def handle(staff_id: int, secret_key: str) -> str:
    """What a passkey calls its account, in base64url: always the same, and telling nothing."""
    from webauthn.helpers import bytes_to_base64url

    digest = hmac.digest(secret_key.encode(), f"actionmail passkey\0{staff_id}".encode(), hashlib.sha256)
    return bytes_to_base64url(digest)


def handles(staff_id: int, keys: Keys) -> set[str]:
    """What a passkey of now, or of a time of another key, calls its account."""
    return {handle(staff_id, key) for key in every_key(keys)}


def options_to_make(
    site: Site, challenge: str, *, organisation: str, email: str, account: str, known: Sequence[str]
) -> str:
    """JSON for `navigator.credentials.create()`. `account` is its handle, `known` its passkeys' credential ids."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    return options_to_json(
        generate_registration_options(
            rp_id=site.host,
            rp_name=organisation,
            user_id=base64url_to_bytes(account),
            user_name=email,
            user_display_name=email,
            challenge=challenge.encode(),
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential_id)) for credential_id in known
            ],
        )
    )


def options_to_use(site: Site, challenge: str, *, known: Sequence[str] = ()) -> str:
    """JSON for `navigator.credentials.get()`; with `known`, only those may answer."""
    from webauthn import base64url_to_bytes, generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    return options_to_json(
        generate_authentication_options(
            rp_id=site.host,
            challenge=challenge.encode(),
            timeout=_TIMEOUT,
            allow_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential_id)) for credential_id in known
            ],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def made(site: Site, challenge: str, answer: str) -> NewPasskey | None:
    """The passkey that the browser made; None for an answer that is not true to the challenge and the site."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        verified = verify_registration_response(
            credential=_checked(answer),
            expected_challenge=challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _refusals():
        return None
    return NewPasskey(
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )


def who_answers(answer: str) -> tuple[str, str]:
    """The credential id that an answer claims, and the account's handle; "" where it names none. Nothing is proved."""
    from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json

    try:
        credential = parse_authentication_credential_json(_checked(answer))
    except _refusals():
        return "", ""
    named = credential.response.user_handle
    return bytes_to_base64url(credential.raw_id), bytes_to_base64url(named) if named else ""


def used(site: Site, challenge: str, answer: str, *, public_key: bytes, sign_count: int) -> int | None:
    """The new count of uses; None for a false answer, and for a count that did not grow: the key may be a copy."""
    from webauthn import verify_authentication_response

    try:
        return verify_authentication_response(
            credential=_checked(answer),
            expected_challenge=challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        ).new_sign_count
    except _refusals():
        return None


def _refusals() -> tuple[type[Exception], ...]:
    """A broken answer fails in the library in any of these ways."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    return WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, LookupError, AttributeError, RecursionError


def _checked(answer: str) -> dict[str, object]:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value
