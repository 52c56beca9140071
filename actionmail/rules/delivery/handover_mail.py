"""A mail that staff wrote to somebody else than a supporter: plain text, and perhaps a paper with it."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from msgspec import Struct

from actionmail.rules.delivery.mail_headers import checked_message_id, folded, mailbox, subject_words


class Enclosure(Struct, frozen=True, kw_only=True):
    """A PDF that goes with a mail; `name` is ASCII."""

    name: str
    content: bytes


class Sender(Struct, frozen=True, kw_only=True):
    """Whose mail it is. Answers go to `reply_to`, where there is one."""

    name: str
    address: str
    reply_to: str


class HandoverMail(Struct, frozen=True, kw_only=True):
    """What stands in it, from whom to whom it goes. `date` is aware."""

    sender: Sender
    recipient_name: str
    recipient: str
    subject: str
    text: str
    message_id: str
    date: datetime
    enclosure: Enclosure | None = None

    def as_bytes(self) -> bytes:
        """CRLF line ends. Raises EnvelopeError where it cannot be written."""
        headers = [
            folded("Date", format_datetime(self.date).split(" ")),
            folded("From", mailbox("sender", self.sender.name, self.sender.address)),
            folded("To", mailbox("recipient", self.recipient_name, self.recipient)),
            folded("Subject", subject_words(self.subject)),
            folded("Message-ID", [checked_message_id(self.message_id)]),
        ]
        if self.sender.reply_to:
            headers.insert(2, folded("Reply-To", mailbox("reply to", self.sender.name, self.sender.reply_to)))
        content = EmailMessage(policy=SMTP)
        content.set_content(f"{self.text}\n", charset="utf-8", cte="quoted-printable")
        if self.enclosure:
            content.add_attachment(
                self.enclosure.content, maintype="application", subtype="pdf", filename=self.enclosure.name
            )
        return b"".join(headers) + content.as_bytes()
