"""Mail that this installation writes, with what all of it has from the settings."""

from __future__ import annotations

import secrets
from datetime import datetime

from actionmail.rules.delivery.automatic_mail import AutomaticMail
from actionmail.rules.delivery.tokens import new_message_id
from actionmail.settings import Settings


def automatic_mail(
    settings: Settings,
    *,
    recipient: str,
    subject: str,
    text: str,
    date: datetime,
    unsubscribe_url: str = "",
    reply_to: str = "",
) -> bytes:
    """From the installation's own address, with a Message-ID of its own at each call; CRLF line ends.

    `date` is aware; `unsubscribe_url` and `reply_to` as AutomaticMail has them.
    """
    return AutomaticMail(
        organisation=settings.organisation,
        from_address=settings.from_address,
        recipient=recipient,
        subject=subject,
        text=text,
        message_id=new_message_id(secrets.token_hex(13), settings.mail_domain),
        date=date,
        unsubscribe_url=unsubscribe_url,
        reply_to=reply_to,
    ).as_bytes()
