"""A letter as bytes on the wire (RFC 5322, 2045, 2047)."""

from __future__ import annotations

import re
from binascii import a2b_qp
from datetime import datetime
from email.quoprimime import body_encode
from email.utils import format_datetime
from typing import Final

from msgspec import Struct

from actionmail.rules.delivery.mail_headers import (
    LINE,
    EnvelopeError,
    EnvelopeFault,
    checked_message_id,
    folded,
    full_name,
    has_control,
    mailbox,
    one_line,
    subject_words,
)
from actionmail.rules.wording import possessive

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

_IS_QUOTED = re.compile(rb"^content-transfer-encoding:[ \t]*quoted-printable[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NAMES: Final = frozenset(name.encode("ascii") for name in HEADERS)
# Headers as a parser reads them, and stricter: nothing but ASCII that can be seen and blanks, all line ends CRLF.
_HEAD = re.compile(rb"(?:[!-9;-~]+:[\t -~]*\r\n(?:[\t ][\t -~]*\r\n)*)+\r\n")
_NAME = re.compile(rb"^[!-9;-~]+(?=:)", re.MULTILINE)
_HEADER = re.compile(rb"^[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", re.MULTILINE)  # with the lines that continue it


class Parts(Struct, frozen=True, kw_only=True):
    """What a letter is frozen from.

    `recipient_name` is as it shall be read, "Rep. Pat Smith"; `date` is aware, in the zone to show; `footer` stands in
    place of `footer_text` where it is given.
    """

    organisation: str
    from_address: str
    supporter_name: str
    supporter_email: str
    recipient_name: str
    recipient: str
    subject: str
    text: str
    message_id: str
    date: datetime
    verify_url: str
    footer: str = ""


def footer_text(*, supporter_name: str, organisation: str, verify_url: str) -> str:
    """Who sent the letter, by which means, and how an office can check or report it: three lines."""
    return (
        f"Sent by {supporter_name} using {possessive(organisation)} action page.\n"
        f"A reply reaches {supporter_name} directly.\n"
        f"Verify or report: {verify_url}"
    )


def freeze(parts: Parts) -> bytes:
    """The whole message, CRLF line ends, as every try will send it.

    Exactly the headers of delivery.md §1 are written. Raises EnvelopeError.
    """
    supporter_name = full_name("supporter name", parts.supporter_name)
    organisation = full_name("organisation", parts.organisation)
    letter = _body("letter", parts.text)
    footer = parts.footer or footer_text(
        supporter_name=supporter_name,
        organisation=organisation,
        verify_url=one_line("verify address", parts.verify_url),
    )
    below = _body("footer", footer)
    if parts.date.tzinfo is None:
        raise ValueError("naive date")
    recipient_name = full_name("recipient name", parts.recipient_name)
    headers = [
        folded("Date", format_datetime(parts.date).split(" ")),
        folded("From", mailbox("sender", f"{supporter_name} via {organisation}", parts.from_address)),
        folded("Reply-To", mailbox("supporter e-mail", supporter_name, parts.supporter_email)),
        folded("To", mailbox("recipient", recipient_name, parts.recipient)),
        folded("Subject", subject_words(parts.subject)),
        folded("Message-ID", [checked_message_id(parts.message_id)]),
    ]
    return _verified(b"".join(headers) + _content(f"{letter}\n\n-- \n{below}\n"))


def keep_text(*, subject: str, text: str) -> bytes:
    """A letter for the supporter to copy, in the form in which the others are frozen; it is never sent to anybody.

    Raises EnvelopeError.
    """
    content = _content(f"{_body('letter', text)}\n")
    return folded("Subject", subject_words(subject)) + content


def _content(text: str) -> bytes:
    """The MIME headers, the empty line and the encoded text."""
    lines = text.encode().splitlines()
    body = b"\n".join(lines) + b"\n"
    encoding = "7bit"
    if not _fits_7bit(text):
        encoding = "quoted-printable"
        body = body_encode(body.decode("latin-1"), LINE).encode("ascii")
    head = (
        'Content-Type: text/plain; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\nMIME-Version: 1.0\r\n\r\n"
    )
    return head.encode("ascii") + body.replace(b"\n", b"\r\n")


def redated(raw: bytes, date: datetime) -> bytes:
    """The bytes that `freeze` made, with another date; `date` is aware, in the zone to show."""
    if date.tzinfo is None:
        raise ValueError("naive date")
    first, _, rest = raw.partition(b"\r\n")
    if not first.startswith(b"Date: "):
        raise ValueError("not a letter that was frozen here: its first header is no date")
    return folded("Date", format_datetime(date).split(" ")) + rest


def readdressed(raw: bytes, *, recipient: str, message_id: str, date: datetime) -> bytes:
    """The bytes that `freeze` made, for another mailbox of the same person; the words stay as they are.

    `date` is aware, in the zone to show. Raises EnvelopeError.
    """
    if date.tzinfo is None:
        raise ValueError("naive date")
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = _HEADER.findall(head + b"\r\n")
    (to,) = [header for header in headers if header[:3].lower() == b"to:"]
    *name, _address = to[3:].decode("ascii").split()  # as it was written: reading it might change it
    anew = {
        b"date": folded("Date", format_datetime(date).split(" ")),
        b"to": folded("To", [*name, mailbox("recipient", "nobody", recipient)[-1]]),
        b"message-id": folded("Message-ID", [checked_message_id(message_id)]),
    }
    written = [anew.get(header.partition(b":")[0].lower(), header) for header in headers]
    return _verified(b"".join(written) + b"\r\n" + body)


def letter_text(raw: bytes) -> str:
    """The words of a frozen letter, line ends as LF."""
    head, _, body = raw.partition(b"\r\n\r\n")
    if _IS_QUOTED.search(head):
        body = a2b_qp(body)
    return body.decode("utf-8", "replace").replace("\r\n", "\n").rstrip()


def _verified(raw: bytes) -> bytes:
    """The bytes, once they were read back as exactly HEADERS, each once: the last wall against injection."""
    head = _HEAD.match(raw)
    names = _NAME.findall(head[0]) if head else []
    if len(names) != len(_NAMES) or set(names) != _NAMES:
        raise EnvelopeError("message", EnvelopeFault.NO_HEADER)
    return raw


def _fits_7bit(content: str) -> bool:
    return content.isascii() and all(len(line) <= LINE for line in content.split("\n"))


def _body(field: str, text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if has_control(text, allowed="\n\t"):
        raise EnvelopeError(field, EnvelopeFault.CONTROL_CHARACTER)
    return text.strip("\n")
