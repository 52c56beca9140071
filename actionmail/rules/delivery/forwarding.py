"""The mail with which a supporter learns what an office answered: built anew, so that nothing of ours leaks."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from actionmail.rules.delivery.automatic_mail import AutomaticMail
from actionmail.rules.delivery.returned import AutoReply, PersonalReply
from actionmail.rules.wording import possessive

_LONGEST_SUBJECT = 120
_BLOT = "(our return address)"
_ANY_TOKEN = re.compile(r"(?i)\bb(?:\+|%2B|=2B)[a-z2-7]{18,62}(?=@|%40|=40)")


class House(Struct, frozen=True, kw_only=True):
    """In whose name answers are passed on."""

    organisation: str
    from_address: str


def passed_on(
    reply: PersonalReply | AutoReply,
    *,
    house: House,
    recipient: str,
    target_name: str,
    message_id: str,
    date: datetime,
    token: str,
) -> bytes:
    """The bytes for `recipient`. Of the answer only its sender, subject and text go in, less the return path `token`.

    No header of the answer is copied.
    """
    subject = " ".join(without_token(reply.subject, token).split())[:_LONGEST_SUBJECT] or "(no subject)"
    who = without_token(reply.sender, token)
    is_automatic = isinstance(reply, AutoReply)
    reply_to = who if who == reply.sender else ""
    opening = (
        f"Your letter to {target_name} got an automatic answer."
        if is_automatic
        else f"Your letter to {target_name} got an answer."
    )
    lines = [
        f"{opening} It came to {possessive(house.organisation)} mail server instead of to you, so we pass it on.",
        f"If you reply to this mail, your reply goes to {who}." if reply_to else "",
        f"From: {who or 'unknown'}\nSubject: {subject}",
        without_token(reply.text, token) or "(It has no text.)",
        _left_out(reply.attachments),
    ]
    return AutomaticMail(
        organisation=house.organisation,
        from_address=house.from_address,
        recipient=recipient,
        subject=f"{'Automatic answer' if is_automatic else 'Answer'} to your letter: {subject}",
        text="\n\n".join(line for line in lines if line),
        message_id=message_id,
        date=date,
        reply_to=reply_to,
    ).as_bytes()


def _left_out(attachments: int) -> str:
    if not attachments:
        return ""
    what = "an attachment" if attachments == 1 else f"{attachments} attachments"
    return f"(It had {what}, which we do not pass on. Ask the office to send it to you directly.)"


def without_token(text: str, token: str) -> str:
    """`text` with the letter's return path blotted out, also where a mail program broke or encoded it."""
    if token:
        spelled = r"[\s>=]{0,4}".join(map(re.escape, token))
        text = re.sub(rf"(?i)(?:b(?:\+|%2B|=2B)\s?)?{spelled}", _BLOT, text)
    return _ANY_TOKEN.sub(_BLOT, text)
