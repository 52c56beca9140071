"""Mail that the installation itself writes: plain text, from its own address, marked as automatic."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime


def automatic_mail(
    *,
    organisation: str,
    from_address: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    date: datetime,
    reply_to: str = "",
) -> bytes:
    """The bytes, CRLF line ends. `Auto-Submitted` keeps other machines from answering (RFC 3834 5)."""
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(date)
    mail["From"] = Address(organisation, addr_spec=from_address)
    if reply_to:
        mail["Reply-To"] = reply_to
    mail["To"] = recipient
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{text}\n", charset="utf-8", cte="quoted-printable")
    return mail.as_bytes()
