"""A letter as bytes on the wire (RFC 5322, 2045, 2047), and the addresses that lead what comes back to its message.

Tokens in return paths (VERP) and in `/v/TOKEN` are a message's key and a truncated HMAC-SHA256 of it, in lower-case
base32, since mail servers may change the case of a local part. The two kinds do not verify as each other. How old a
token may be is decided by the message it leads to.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import unicodedata
from base64 import b32decode, b32encode, b64encode
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Final

import idna

MAX_LOCAL_PART: Final = 64  # octets, RFC 5321 4.5.3.1.1
MAX_ADDRESS: Final = 254  # octets, RFC 5321 4.5.3.1.3 less its angle brackets
MAX_SUBJECT: Final = 78  # characters, delivery.md §1
MAX_NAME: Final = 200  # characters
_MAC_BYTES: Final = 10  # 80 bits
_KEY = re.compile(r"[A-Za-z0-9_-]{1,28}")  # 28 + 10 bytes are 61 characters of base32; "b+" before them


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


def new_message_id(unique: str, domain: str) -> str:
    """`<am.UNIQUE@domain>`; `unique` is the message's key, 1 to 28 letters, digits, "-" and "_"."""
    return f"<am.{_checked_key(unique)}@{ascii_domain('message id', domain)}>"


def message_key(message_id: str) -> str | None:
    """The key in a Message-ID made by `new_message_id`, or None for any other."""
    match = re.fullmatch(r"<am\.([A-Za-z0-9_-]{1,28})@[^<>@\s]+>", message_id)
    return match[1] if match else None


def verp_address(key: str | int, secret: str, domain: str) -> str:
    """The return path of one message, `b+TOKEN@domain`; its local part has at most 64 octets."""
    return f"b+{_token(key, secret, 'return path')}@{ascii_domain('return path', domain)}"


def read_token(address: str, secret: str) -> str | None:
    """The key in a return path (whole address or its token alone), or None where it does not verify."""
    return _read(address.partition("@")[0].lower().removeprefix("b+"), secret, "return path")


def verify_token(key: str | int, secret: str) -> str:
    """The TOKEN of `/v/TOKEN`, with which an office can ask whether a letter is genuine."""
    return _token(key, secret, "verify")


def read_verify_token(token: str, secret: str) -> str | None:
    """The key in the TOKEN of `/v/TOKEN`, or None where it does not verify."""
    return _read(token.lower(), secret, "verify")


def _token(key: str | int, secret: str, purpose: str) -> str:
    raw = _checked_key(str(key)).encode()
    return b32encode(raw + _mac(raw, secret, purpose)).decode().rstrip("=").lower()


def _read(token: str, secret: str, purpose: str) -> str | None:
    if not re.fullmatch(r"[a-z2-7]{18,62}", token):
        return None
    try:
        packed = b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    raw, mac = packed[:-_MAC_BYTES], packed[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(raw, secret, purpose)):
        return None
    key = raw.decode("ascii", "replace")
    # base32 has several spellings of the same bytes: only ours counts.
    return key if _KEY.fullmatch(key) and _token(key, secret, purpose) == token else None


def _mac(raw: bytes, secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"actionmail {purpose}\0".encode() + raw, hashlib.sha256)[:_MAC_BYTES]


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"a message key has 1 to 28 letters, digits, - and _; {key!r} is none")
    return key


def footer_text(*, supporter_name: str, organisation: str, verify_url: str) -> str:
    """Who sent the letter, by which means, and how an office can check or report it: three lines."""
    return (
        f"Sent by {supporter_name} using {organisation}'s action page.\n"
        f"A reply reaches {supporter_name} directly.\n"
        f"Verify or report: {verify_url}"
    )


def freeze(
    *,
    organisation: str,
    from_address: str,
    supporter_name: str,
    supporter_email: str,
    recipient_name: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    date: datetime,
    verify_url: str,
    footer: str = "",
) -> bytes:
    """The whole message, CRLF line ends, as every try will send it.

    `recipient_name` is as it shall be read, "Rep. Pat Smith"; `date` is aware, in the zone to show; `footer` stands in
    place of `footer_text` where it is given. Exactly the headers of delivery.md §1 are written. Raises EnvelopeError.
    """
    supporter_name = _name("supporter name", supporter_name)
    organisation = _name("organisation", organisation)
    letter = _body("letter", text)
    below = _body(
        "footer",
        footer
        or footer_text(
            supporter_name=supporter_name, organisation=organisation, verify_url=_one_line("verify address", verify_url)
        ),
    )
    if date.tzinfo is None:
        raise ValueError("naive date")
    mailboxes = {
        "From": _mailbox("sender", f"{supporter_name} via {organisation}", from_address),
        "Reply-To": _mailbox("supporter e-mail", supporter_name, supporter_email),
        "To": _mailbox("recipient", _name("recipient name", recipient_name), recipient),
    }
    headers = (
        _folded("Date", format_datetime(date).split(" "))
        + b"".join(_folded(name, words) for name, words in mailboxes.items())
        + _folded("Subject", _subject(subject))
        + _folded("Message-ID", [_message_id(message_id)])
    )
    content = f"{letter}\n\n-- \n{below}\n"
    part = EmailMessage(policy=SMTP)
    part.set_content(content, charset="utf-8", cte="7bit" if _fits_7bit(content) else "quoted-printable")
    return _verified(headers + part.as_bytes())


def keep_text(*, subject: str, text: str) -> bytes:
    """A letter for the supporter to copy, in the form in which the others are frozen; it is never sent to anybody.

    Raises EnvelopeError.
    """
    content = f"{_body('letter', text)}\n"
    part = EmailMessage(policy=SMTP)
    part.set_content(content, charset="utf-8", cte="7bit" if _fits_7bit(content) else "quoted-printable")
    return _folded("Subject", _subject(subject)) + part.as_bytes()


def redated(raw: bytes, date: datetime) -> bytes:
    """The bytes that `freeze` made, with another date; `date` is aware, in the zone to show."""
    if date.tzinfo is None:
        raise ValueError("naive date")
    first, _, rest = raw.partition(b"\r\n")
    if not first.startswith(b"Date: "):
        raise ValueError("not a letter that was frozen here: its first header is no date")
    return _folded("Date", format_datetime(date).split(" ")) + rest


def letter_text(raw: bytes) -> str:
    """The words of a frozen letter, line ends as LF."""
    return str(message_from_bytes(raw, policy=SMTP).get_content()).replace("\r\n", "\n").rstrip()


HEADERS: Final = frozenset(
    {
        "Date",
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Message-ID",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
)


def _verified(raw: bytes) -> bytes:
    """The bytes, once a parser has read them back as exactly HEADERS, each once: the last wall against injection."""
    names = BytesHeaderParser().parsebytes(raw).keys()
    if len(names) != len(HEADERS) or set(names) != HEADERS:
        raise EnvelopeError("message", EnvelopeFault.NO_HEADER)
    return raw


def _fits_7bit(content: str) -> bool:
    return content.isascii() and all(len(line) <= _LINE for line in content.split("\n"))


def _folded(name: str, words: Sequence[str]) -> bytes:
    """One header, folded between words. The standard library's own folding breaks long encoded names (Python 3.11)."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def _mailbox(field: str, name: str, address: str) -> list[str]:
    """The words of `name <address>` (RFC 5322 3.4)."""
    local, domain = split_address(field, address)
    try:
        addr_spec = Address(addr_spec=f"{local}@{domain}").addr_spec
    except (HeaderParseError, ValueError, IndexError):
        raise EnvelopeError(field, EnvelopeFault.NO_ADDRESS) from None
    if not _is_simple(name):
        phrase = _encoded_words(name)
    elif _ATOMS.fullmatch(name):
        phrase = name.split(" ")
    else:
        phrase = ('"' + re.sub(r'(["\\])', r"\\\1", name) + '"').split(" ")
    return [*phrase, f"<{addr_spec}>"]


_LINE: Final = 78  # characters without CRLF, RFC 5322 2.1.1
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_WORD_BYTES: Final = 42  # as base64 with "=?utf-8?b?" and "?=" 68 characters; RFC 2047 2 allows 75


def _is_simple(text: str) -> bool:
    """Whether it can stand in a header as it is: ASCII, folded at its spaces, never mistaken for an encoded word."""
    return text.isascii() and "=?" not in text and max(map(len, text.split(" "))) < _LINE - 10


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
    local, at, domain = _one_line(field, address).rpartition("@")
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
    if not re.fullmatch(
        r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", encoded
    ):
        raise EnvelopeError(field, EnvelopeFault.NO_DOMAIN)
    return encoded


def _subject(subject: str) -> list[str]:
    subject = " ".join(_one_line("subject", subject).split())
    if len(subject) > MAX_SUBJECT:
        raise EnvelopeError("subject", EnvelopeFault.LONG_SUBJECT, str(len(subject)))
    return subject.split(" ") if _is_simple(subject) else _encoded_words(subject)


def _message_id(message_id: str) -> str:
    if not re.fullmatch(r"<[!-;=?A-~]{1,126}@[!-;=?A-~]{1,126}>", message_id):
        raise EnvelopeError("message id", EnvelopeFault.NO_MESSAGE_ID)
    return message_id


def _name(field: str, name: str) -> str:
    name = " ".join(_one_line(field, name).split())
    if len(name) > MAX_NAME:
        raise EnvelopeError(field, EnvelopeFault.LONG_NAME, str(len(name)))
    return name


def _one_line(field: str, value: str) -> str:
    if any(_is_control(character) for character in value):
        raise EnvelopeError(field, EnvelopeFault.CONTROL_CHARACTER)
    if not value.strip():
        raise EnvelopeError(field, EnvelopeFault.EMPTY)
    return value.strip()


def _body(field: str, text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(_is_control(character) for character in text if character not in "\n\t"):
        raise EnvelopeError(field, EnvelopeFault.CONTROL_CHARACTER)
    return text.strip("\n")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
