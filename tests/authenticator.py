"""A passkey's holder in software, as a browser with a security key answers (W3C Web Authentication, level 3)."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One passkey. `count` is what it says next about how often it was used; `verified` whether it asked for a PIN."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.id = secrets.token_bytes(32)
        self.account = ""
        self.count = 1
        self.verified = True
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """The answer to `navigator.credentials.create()`."""
        wish = json.loads(options)
        self.account = wish["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        held = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(wish["rp"]["id"], _ATTESTED) + held
        return self._answer(
            clientDataJSON=self._client("webauthn.create", wish["challenge"]),
            attestationObject=encode_cbor({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def use(self, options: str) -> str:
        """The answer to `navigator.credentials.get()`."""
        wish = json.loads(options)
        data = self._data(wish["rpId"])
        client = self._client("webauthn.get", wish["challenge"])
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signed,
            userHandle=base64url_to_bytes(self.account),
        )

    def _data(self, host: str, more: int = 0) -> bytes:
        flags = _PRESENT | (_VERIFIED if self.verified else 0) | more
        count, self.count = self.count, self.count + 1
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        identity = bytes_to_base64url(self.id)
        parts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": identity, "rawId": identity, "type": "public-key", "response": parts})
