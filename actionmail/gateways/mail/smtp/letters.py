"""A letter in the octets that one server gets, or why this server gets none."""

from __future__ import annotations

import re

from msgspec import Struct

from actionmail.gateways.mail.smtp.connection import Connection
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import Outcome, Parcel, State, refused_here

_PLAIN_XTEXT = re.compile(r"[!-*,-<>-~]{1,100}")
_PATH = re.compile(r"[^\x00-\x20\x7f<>\"\\]+@[^\x00-\x20\x7f<>\"\\@]+")


class Offer(Struct, frozen=True, kw_only=True):
    """What a server said to EHLO that it can do."""

    size: bool  # RFC 1870
    size_limit: int  # octets; 0: it named none
    eight_bits: bool  # RFC 6152
    any_script: bool  # SMTPUTF8, RFC 6531
    tells_fate: bool  # DSN, RFC 3461


def offer_of(connection: Connection) -> Offer:
    return Offer(
        size=connection.has_extn("size"),
        size_limit=_whole(connection.esmtp_features.get("size", "")),
        eight_bits=connection.has_extn("8bitmime"),
        any_script=connection.has_extn("smtputf8"),
        tells_fate=connection.has_extn("dsn"),
    )


class Letter(Struct, frozen=True, kw_only=True):
    """A parcel, ready to be sent. `opening` are MAIL, RCPT and DATA; `body` ends with the lone dot."""

    parcel: Parcel
    opening: bytes
    body: bytes

    @property
    def commands(self) -> list[bytes]:
        """Each line of the opening, for a server that takes one at a time."""
        return self.opening.splitlines(keepends=True)


def written(parcel: Parcel, offer: Offer) -> Letter | Outcome:
    """The letter as a server with this offer gets it, or why it gets none.

    All that depends on what stands in a parcel happens here, so that one on which the program fails stops no other.
    """
    try:
        is_ascii = parcel.recipient.isascii() and parcel.return_path.isascii()
        refusal = _why_not(parcel, offer, is_ascii=is_ascii)
        if refusal is not None:
            return refusal
        opening = _opening(parcel, offer, is_ascii=is_ascii).encode()
        return Letter(parcel=parcel, opening=opening, body=_stuffed(parcel.raw) + b".\r\n")
    except Exception as error:
        return refused_here(Reason.PROGRAM_FAILED, type(error).__name__)


def _why_not(parcel: Parcel, offer: Offer, *, is_ascii: bool) -> Outcome | None:
    """`is_ascii`: whether its addresses are."""
    raw = parcel.raw
    if not _has_crlf_alone(raw):
        return refused_here(Reason.BAD_LINE_ENDS)
    if not (_is_path(parcel.recipient) and _is_path(parcel.return_path)):
        return refused_here(Reason.BAD_ADDRESS)
    if not is_ascii and not offer.any_script:
        return refused_here(Reason.NEEDS_SMTPUTF8, state=State.FAILED)
    if not offer.eight_bits and not raw.isascii():
        return refused_here(Reason.NEEDS_8BITMIME)
    if offer.size_limit and len(raw) > offer.size_limit:
        return refused_here(Reason.TOO_LARGE, f"{len(raw)} > {offer.size_limit}")
    return None


def _opening(parcel: Parcel, offer: Offer, *, is_ascii: bool) -> str:
    mail, rcpt = f"MAIL FROM:<{parcel.return_path}>", f"RCPT TO:<{parcel.recipient}>"
    if offer.size:
        mail += f" SIZE={len(parcel.raw)}"
    if not parcel.raw.isascii():
        mail += " BODY=8BITMIME"
    if not is_ascii:
        mail += " SMTPUTF8"
    if offer.tells_fate:
        mail += " RET=HDRS" + (f" ENVID={_xtext(parcel.envelope_id)}" if parcel.envelope_id else "")
        rcpt += " NOTIFY=FAILURE,DELAY"
    return f"{mail}\r\n{rcpt}\r\nDATA\r\n"


def _stuffed(raw: bytes) -> bytes:
    """RFC 5321 4.5.2: a line that begins with a dot gets another."""
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw.replace(b"\r\n.", b"\r\n..")


def _has_crlf_alone(raw: bytes) -> bool:
    """Whether CR and LF stand nowhere but together, at the end of each line, the last one's too (RFC 5321 2.3.8)."""
    return raw != b"" and b"\r\n".join([*raw.splitlines(), b""]) == raw


def _is_path(address: str) -> bool:
    return len(address) <= 254 and _PATH.fullmatch(address) is not None


def _xtext(text: str) -> str:
    if _PLAIN_XTEXT.fullmatch(text):
        return text
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)[:100]


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0
