"""What a mail that came back to a return path is: a bounce, a delay, an automatic answer, a complaint, or a reply.

Everything here is written by strangers. What is read is bounded in size, lines, nesting and header length before any
parser sees it, and whatever cannot be read is `Unknown`: `classify` raises nothing. Which letter a mail belongs to is
never taken from its content, only from the signed token of the address it came to.

Reports of RFC 3464 come first (`status_reports`), then the prose of mail systems (`notices`); what neither a report nor
a mail system's name makes a failure is an answer, of a machine (`automatic_answers`) or of a person.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr
from typing import Final

from actionmail.rules.delivery import notices
from actionmail.rules.delivery.automatic_answers import is_automatic
from actionmail.rules.delivery.mail_limits import LONGEST_HEADER, bounded, why_unreasonable
from actionmail.rules.delivery.mail_text import header_text, parameter, words_of
from actionmail.rules.delivery.notice_text import before_copy
from actionmail.rules.delivery.returned import AbuseReport, AutoReply, PersonalReply, Return, Unknown, Unreadable
from actionmail.rules.delivery.states import server_words
from actionmail.rules.delivery.status_reports import feedback_of, is_complaint_without_report, status_report

_MOST_PARTS: Final = 200
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_ADDRESS_HEADERS = ("x-original-to:", "delivered-to:", "envelope-to:", "x-envelope-to:", "x-delivered-to:", "to:")
_ADDRESS = re.compile(r"[A-Za-z0-9+_=.-]{1,80}@[A-Za-z0-9.-]{1,253}")
_ANSWERS = re.compile(r"(re|aw|antw|sv|fwd?|wg) ?:", re.IGNORECASE)
_NULL: Final = frozenset({"", "mailer-daemon"})  # Postfix's pipe(8) says the latter for a null sender


def classify(raw: bytes, *, recipient: str, sender: str | None = None) -> Return:
    """What `raw` is, seen from a letter that went to `recipient`. `sender` is the envelope's, where it is known."""
    text = bounded(raw)
    if why := why_unreasonable(text):
        return Unknown(why=why)
    try:
        mail = message_from_bytes(text, policy=compat32)
        return _classified(mail, text, recipient, sender)
    except Exception:  # parsers fed by strangers fail in ways that nobody lists
        return Unknown(why=Unreadable.NOT_BUILT)


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
    words, attachments = words_of(parts)
    if kinds & {"message/delivery-status", "message/global-delivery-status"}:
        report = status_report(parts, recipient, before_copy(words))
        if report is not None:
            return report
    if "message/feedback-report" in kinds or parameter(mail, "report-type") == "feedback-report":
        return AbuseReport(feedback=feedback_of(parts))
    if is_complaint_without_report(mail, parts):
        return AbuseReport(feedback="abuse")
    subject = server_words(header_text(mail, "Subject"))[:200]
    envelope = _envelope_sender(mail, sender)
    is_null = envelope is not None and envelope.strip("<> ").lower() in _NULL
    is_daemon = notices.is_daemon(mail, envelope)
    is_answer = _ANSWERS.match(subject) is not None
    may_be_notice = is_null or (envelope is None and not is_answer and recipient.casefold() in words.casefold())
    is_notice = may_be_notice and notices.looks_like_notice(mail, subject, words, recipient)
    if not (is_daemon or is_notice or is_answer):
        is_notice = notices.speaks_as_one(mail, subject, words, recipient, kinds)
    if is_daemon or is_notice:
        notice = notices.read_notice(mail, text, words, recipient)
        if notice or is_daemon or is_null:
            return notice or Unknown(why=Unreadable.NO_REPORT)
    who = parseaddr(header_text(mail, "From"))[1][:254]
    who = who if _ADDRESS.fullmatch(who) else ""
    if is_null or is_automatic(mail, subject, words):  # a person's mail has a sender (RFC 3834 3.3)
        return AutoReply(sender=who, subject=subject, text=words, attachments=attachments)
    if not who:
        return Unknown(why=Unreadable.NO_SENDER)
    return PersonalReply(sender=who, subject=subject, text=words, attachments=attachments)


def _envelope_sender(mail: Message, sender: str | None) -> str | None:
    """The envelope's sender, given or noted by the mail server that delivered it (RFC 5321 4.4); None: unknown."""
    if sender is None:
        return header_text(mail, "Return-Path").strip() or None
    return sender


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
