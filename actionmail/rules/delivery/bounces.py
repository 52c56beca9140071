"""What a mail that came back to a return path is: a bounce, a delay, an automatic answer, a complaint, or a reply.

Everything here is written by strangers. What is read is bounded in size, lines, nesting and header length before any
parser sees it, and whatever cannot be read is `Unknown`: `classify` raises nothing. Which letter a mail belongs to is
never taken from its content, only from the signed token of the address it came to.

Our own reading of `Status:` (RFC 3464) comes first. A library that knows old mail servers' bounces is asked only about
mail with a null sender that has no such report, and believed only where it names the letter's own address.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr
from typing import Final

from flufl.bounce import all_failures

from actionmail.rules.delivery.answer_codes import CODE, ENHANCED, status_of
from actionmail.rules.delivery.mail_limits import LONGEST_HEADER, bounded, why_unreasonable
from actionmail.rules.delivery.mail_text import header_text, parameter, words_of
from actionmail.rules.delivery.returned import AbuseReport, AutoReply, Bounce, Delayed, PersonalReply, Return, Unknown
from actionmail.rules.delivery.states import server_words
from actionmail.rules.delivery.status_reports import feedback_of, status_report

_MOST_PARTS: Final = 200
_FOR_LIBRARY: Final = 64_000  # octets
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_ADDRESS_HEADERS = ("x-original-to:", "delivered-to:", "envelope-to:", "x-envelope-to:", "x-delivered-to:", "to:")
_ADDRESS = re.compile(r"[A-Za-z0-9+_=.-]{1,80}@[A-Za-z0-9.-]{1,253}")
_TRACE = ("received:", "x-", "dkim-", "arc-", "authentication-results:", "date:", "message-id:")
_AUTOMATIC = re.compile(
    r"\s*(auto(matic)?[- ]?(reply|response)|out of (the )?office|away from (the|my) (office|desk)|respuesta autom)",
    re.IGNORECASE,
)


def classify(raw: bytes, *, recipient: str, sender: str | None = None) -> Return:
    """What `raw` is, seen from a letter that went to `recipient`. `sender` is the envelope's, where it is known."""
    text = bounded(raw)
    if why := why_unreasonable(text):
        return Unknown(why=why)
    try:
        mail = message_from_bytes(text, policy=compat32)
        return _classified(mail, text, recipient, sender)
    except Exception:  # parsers fed by strangers fail in ways that nobody lists
        return Unknown(why="It is not built as a mail should be, and cannot be read.")


def arrived_at(raw: bytes) -> list[list[str]]:
    """The addresses that the mail's own headers say it came to, the most trustworthy kind of header first."""
    head = _EMPTY_LINE.split(bounded(raw), maxsplit=1)[0]
    lines = _FOLD.sub(b" ", head).decode("ascii", "replace").split("\n")
    groups = []
    for name in _ADDRESS_HEADERS:
        addresses: list[str] = []
        for line in lines:
            if line.lower().startswith(name) and len(line) <= LONGEST_HEADER:
                addresses += _ADDRESS.findall(line)
        groups.append(addresses)
    return groups


def _classified(mail: Message, text: bytes, recipient: str, sender: str | None) -> Return:
    parts = _parts(mail)
    kinds = {part.get_content_type() for part in parts}
    if kinds & {"message/delivery-status", "message/global-delivery-status"}:
        report = status_report(parts, recipient)
        if report is not None:
            return report
    if "message/feedback-report" in kinds or parameter(mail, "report-type") == "feedback-report":
        return AbuseReport(feedback=feedback_of(parts))
    is_machine = _is_machine(mail, sender)
    if is_machine and (verdict := _ask_library(text, recipient)):
        return verdict
    subject = server_words(header_text(mail, "Subject"))[:200]
    is_automatic = _is_automatic(mail, subject)
    if is_machine and not is_automatic:
        return Unknown(why="It came from a mail system, and is no report that can be read.")
    who = parseaddr(header_text(mail, "From"))[1][:254]
    who = who if _ADDRESS.fullmatch(who) else ""
    words, attachments = words_of(parts)
    if is_automatic:
        return AutoReply(sender=who, subject=subject, text=words, attachments=attachments)
    if not who:
        return Unknown(why="It does not say who sent it.")
    return PersonalReply(sender=who, subject=subject, text=words, attachments=attachments)


def _parts(mail: Message) -> list[Message]:
    """The mail and its parts, outside in; what a report returns of our own letter stays closed."""
    parts: list[Message] = []
    waiting = [mail]
    while waiting and len(parts) < _MOST_PARTS:
        part = waiting.pop(0)
        parts.append(part)
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting.extend(sub for sub in part.get_payload() if isinstance(sub, Message))
    return parts


def _ask_library(text: bytes, recipient: str) -> Return | None:
    """Failures in forms older than RFC 3464. It tells addresses alone, so the status is the least that is true."""
    temporary, permanent = all_failures(message_from_bytes(text[:_FOR_LIBRARY], policy=compat32))
    wanted = recipient.casefold().encode()
    if wanted in map(bytes.lower, permanent):
        words = _first_words(text)
        return Bounce(status=status_of("", words) or "5.0.0", code=None, text=words, names_recipient=True)
    if wanted in map(bytes.lower, temporary):
        return Delayed(status="4.0.0", text=_first_words(text))
    return None


def _first_words(text: bytes) -> str:
    """The line in which an old mail server says why, as far as one can tell; else ""."""
    body = _EMPTY_LINE.split(text[:_FOR_LIBRARY], maxsplit=1)[-1]
    for line in body.decode("utf-8", "replace").splitlines():
        if (ENHANCED.search(line) or CODE.search(line)) and not line.lower().startswith(_TRACE):
            return server_words(" ".join(line.split()))
    return ""


def _is_machine(mail: Message, sender: str | None) -> bool:
    """A null sender (RFC 5321 4.5.5), or what poses as one."""
    if sender is None:
        sender = header_text(mail, "Return-Path").strip() or None
    if sender is not None and sender.strip("<> ").lower() in {"", "mailer-daemon"}:  # Postfix's pipe(8) says the latter
        return True
    local = parseaddr(header_text(mail, "From"))[1].partition("@")[0].lower()
    return local in {"mailer-daemon", "postmaster", "mail-daemon", "microsoftexchange"} or local.startswith(
        "microsoftexchange329e71ec"
    )


def _is_automatic(mail: Message, subject: str) -> bool:
    """RFC 3834, and what those send who have not read it."""
    if header_text(mail, "Auto-Submitted").lower().partition(";")[0].strip() not in {"", "no"}:
        return True
    if header_text(mail, "Precedence").strip().lower() in {"auto_reply", "bulk", "list", "junk"}:
        return True
    if any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id")):
        return True
    return _AUTOMATIC.match(subject) is not None
