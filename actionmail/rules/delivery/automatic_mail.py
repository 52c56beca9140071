"""Mail that the installation itself writes: plain text, from its own address, marked as automatic."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from msgspec import Struct

from actionmail.rules.delivery.mail_headers import folded


class AutomaticMail(Struct, frozen=True, kw_only=True):
    """What stands in it, and from whom to whom it goes. `date` is aware."""

    organisation: str
    from_address: str
    recipient: str
    subject: str
    text: str
    message_id: str
    date: datetime
    reply_to: str = ""
    unsubscribe_url: str = ""  # where one POST, with nothing to sign in or to answer, ends such mail

    def as_bytes(self) -> bytes:
        """CRLF line ends. `Auto-Submitted` keeps other machines from answering (RFC 3834 5)."""
        mail = EmailMessage(policy=SMTP)
        mail["Date"] = format_datetime(self.date)
        mail["From"] = Address(self.organisation, addr_spec=self.from_address)
        if self.reply_to:
            mail["Reply-To"] = self.reply_to
        mail["To"] = self.recipient
        mail["Subject"] = self.subject
        mail["Message-ID"] = self.message_id
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{self.text}\n", charset="utf-8", cte="quoted-printable")
        return self._one_click() + mail.as_bytes()

    def _one_click(self) -> bytes:
        """RFC 8058's two headers. The standard library would make encoded words of a long address, which no receiver
        reads there.
        """
        if not self.unsubscribe_url:
            return b""
        post = folded("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"])
        return folded("List-Unsubscribe", [f"<{self.unsubscribe_url}>"]) + post
