"""The mail with which a supporter learns what an office answered: built anew, so that nothing of ours leaks."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from actionmail.rules.returns import AutoReply, PersonalReply, without_token

_LONGEST_SUBJECT = 120


def passed_on(
    reply: PersonalReply | AutoReply,
    *,
    organisation: str,
    from_address: str,
    recipient: str,
    target_name: str,
    message_id: str,
    date: datetime,
    token: str,
) -> bytes:
    """The bytes for `recipient`. Of the answer only its sender, subject and text go in, less the return path `token`.

    No header of the answer is copied. `Auto-Submitted` keeps other machines from answering it (RFC 3834 5).
    """
    subject = " ".join(without_token(reply.subject, token).split())[:_LONGEST_SUBJECT] or "(no subject)"
    who = without_token(reply.sender, token)
    is_automatic = isinstance(reply, AutoReply)
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(date)
    mail["From"] = Address(organisation, addr_spec=from_address)
    if who == reply.sender and who:
        mail["Reply-To"] = who
    mail["To"] = recipient
    mail["Subject"] = f"{'Automatic answer' if is_automatic else 'Answer'} to your letter: {subject}"
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    opening = (
        f"Your letter to {target_name} got an automatic answer."
        if is_automatic
        else f"Your letter to {target_name} got an answer."
    )
    lines = [
        f"{opening} It came to {organisation}'s mail server instead of to you, so we pass it on.",
        f"If you reply to this mail, your reply goes to {who}." if "Reply-To" in mail else "",
        f"From: {who or 'unknown'}\nSubject: {subject}",
        without_token(reply.text, token) or "(It has no text.)",
        _left_out(reply.attachments),
    ]
    mail.set_content("\n\n".join(line for line in lines if line) + "\n", charset="utf-8", cte="quoted-printable")
    return mail.as_bytes()


def _left_out(attachments: int) -> str:
    if not attachments:
        return ""
    what = "an attachment" if attachments == 1 else f"{attachments} attachments"
    return f"(It had {what}, which we do not pass on. Ask the office to send it to you directly.)"
