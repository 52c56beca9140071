"""Mail headers in octets (RFC 5322, 2047), and the addresses and names that stand in them."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum
from functools import lru_cache
from typing import Final

import idna

MAX_LOCAL_PART: Final = 64  # octets, RFC 5321 4.5.3.1.1
MAX_ADDRESS: Final = 254  # octets, RFC 5321 4.5.3.1.3 less its angle brackets
MAX_SUBJECT: Final = 78  # characters, delivery.md §1
MAX_NAME: Final = 200  # characters
LINE: Final = 78  # characters without CRLF, RFC 5322 2.1.1
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WORD_BYTES: Final = 42  # as base64 with "=?utf-8?b?" and "?=" 68 characters; RFC 2047 2 allows 75
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")


class EnvelopeFault(StrEnum):
    """Why a message cannot be built; what `EnvelopeError.value` is then."""

    EMPTY = "empty"
    CONTROL_CHARACTER = "control-character"
    LONG_NAME = "long-name"  # how many characters it has
    LONG_SUBJECT = "long-subject"  # how many characters it has
    LONG_ADDRESS = "long-address"
    NO_ADDRESS = "no-address"
    NO_DOMAIN = "no-domain"
    NOT_ASCII = "not-ascii"  # before the @
    NO_MESSAGE_ID = "no-message-id"
    NO_HEADER = "no-header"  # what was written is not read back as the headers that were meant


class EnvelopeError(ValueError):
    """A message cannot be built: which `field` of it, why, and a value that tells more."""

    def __init__(self, field: str, code: EnvelopeFault, value: str = "") -> None:
        super().__init__(f"{field}: {code.value} {value}".strip())
        self.field = field
        self.code = code
        self.value = value


class NonAsciiLocalPart(EnvelopeError):
    """What stands before the @ is not ASCII; only servers with SMTPUTF8 (RFC 6531) take that, so we refuse at once."""


def folded(name: str, words: Sequence[str]) -> bytes:
    """One header, folded between words. The standard library's own folding breaks long encoded names (Python 3.11)."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def mailbox(field: str, name: str, address: str) -> list[str]:
    """The words of `name <address>` (RFC 5322 3.4)."""
    addr_spec = _addr_spec(field, *split_address(field, address))
    if not _is_simple(name):
        phrase = _encoded_words(name)
    elif _ATOMS.fullmatch(name):
        phrase = name.split(" ")
    else:
        phrase = ('"' + re.sub(r'(["\\])', r"\\\1", name) + '"').split(" ")
    return [*phrase, f"<{addr_spec}>"]


def _addr_spec(field: str, local: str, domain: str) -> str:
    """RFC 5322 3.4.1. What is quoted or strange is left to the standard library, which takes its time."""
    if _DOT_ATOM.fullmatch(local):
        return f"{local}@{domain}"
    try:
        return Address(addr_spec=f"{local}@{domain}").addr_spec
    except (HeaderParseError, ValueError, IndexError):
        raise EnvelopeError(field, EnvelopeFault.NO_ADDRESS) from None


def _is_simple(text: str) -> bool:
    """Whether it can stand in a header as it is: ASCII, folded at its spaces, never mistaken for an encoded word."""
    return text.isascii() and "=?" not in text and max(map(len, text.split(" "))) < LINE - 10


def _encoded_words(text: str) -> list[str]:
    """RFC 2047: no encoded word splits a character (5, rule 3)."""
    chunks = [b""]
    for character in text:
        octets = character.encode()
        if len(chunks[-1]) + len(octets) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += octets
    return [f"=?utf-8?b?{b64encode(chunk).decode()}?=" for chunk in chunks]


def split_address(field: str, address: str) -> tuple[str, str]:
    """Local part and A-label domain. Raises EnvelopeError; NonAsciiLocalPart where the local part is not ASCII."""
    local, at, domain = one_line(field, address).rpartition("@")
    if not (at and local and domain):
        raise EnvelopeError(field, EnvelopeFault.NO_ADDRESS)
    if not local.isascii():
        raise NonAsciiLocalPart(field, EnvelopeFault.NOT_ASCII)
    domain = ascii_domain(field, domain)
    if len(local) > MAX_LOCAL_PART or len(local) + 1 + len(domain) > MAX_ADDRESS:
        raise EnvelopeError(field, EnvelopeFault.LONG_ADDRESS)
    return local, domain


def ascii_domain(field: str, domain: str) -> str:
    """The domain in A-labels (RFC 5890): "bücher.example" is "xn--bcher-kva.example". Raises EnvelopeError."""
    try:
        encoded = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        encoded = ""
    if not _DOMAIN.fullmatch(encoded):
        raise EnvelopeError(field, EnvelopeFault.NO_DOMAIN)
    return encoded


def subject_words(subject: str) -> list[str]:
    subject = " ".join(one_line("subject", subject).split())
    if len(subject) > MAX_SUBJECT:
        raise EnvelopeError("subject", EnvelopeFault.LONG_SUBJECT, str(len(subject)))
    return subject.split(" ") if _is_simple(subject) else _encoded_words(subject)


def checked_message_id(message_id: str) -> str:
    if not re.fullmatch(r"<[!-;=?A-~]{1,126}@[!-;=?A-~]{1,126}>", message_id):
        raise EnvelopeError("message id", EnvelopeFault.NO_MESSAGE_ID)
    return message_id


def full_name(field: str, name: str) -> str:
    name = " ".join(one_line(field, name).split())
    if len(name) > MAX_NAME:
        raise EnvelopeError(field, EnvelopeFault.LONG_NAME, str(len(name)))
    return name


def one_line(field: str, value: str) -> str:
    if has_control(value):
        raise EnvelopeError(field, EnvelopeFault.CONTROL_CHARACTER)
    if not value.strip():
        raise EnvelopeError(field, EnvelopeFault.EMPTY)
    return value.strip()


def has_control(text: str, *, allowed: str = "") -> bool:
    """Whether a control character, half a pair of UTF-16 or a separator of lines stands in it, those allowed apart."""
    return _controls(allowed).search(text) is not None


@lru_cache(maxsize=4)
def _controls(allowed: str) -> re.Pattern[str]:
    """Every character of the categories Cc, Cs, Zl and Zp, those allowed apart."""
    controls = [chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in {"Cc", "Zl", "Zp"}]
    characters = "".join(character for character in controls if character not in allowed)
    return re.compile(f"[{re.escape(characters)}\ud800-\udfff]")
