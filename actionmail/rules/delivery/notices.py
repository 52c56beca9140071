"""Notices of mail systems that hold no report of RFC 3464: prose that says, in its own way, that a letter failed.

They are believed only where they name the letter's own address, or no address at all. What they say is read for a
class and a code, never kept: nobody can tell a server's words in them from those of a letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr
from typing import Final

from flufl.bounce import all_failures

from actionmail.rules.delivery.answer_codes import enhanced_of
from actionmail.rules.delivery.failures import bounce_of, says_why
from actionmail.rules.delivery.mail_text import header_text
from actionmail.rules.delivery.notice_text import ADDRESS, before_copy, beside, is_behind
from actionmail.rules.delivery.returned import Delayed, Return

_COPIES: Final = frozenset({"message/rfc822", "message/global", "text/rfc822-headers"})
_FOR_LIBRARY: Final = 64_000  # octets
_READ: Final = 3_000  # characters of a notice
_DAEMONS: Final = frozenset(
    {
        *(
            "mailer-daemon",
            "mailerdaemon",
            "mail-daemon",
            "mdaemon",
            "postmaster",
            "post_master",
            "mail-delivery-subsystem",
        ),
        *("maildaemon", "mail_delivery_system", "mail-system", "bounce-daemon", "microsoftexchange"),
    }
)
_DAEMON_NAMES = re.compile(
    r"\bmail(er)?[- ]?daemon\b|\b(mail|message) delivery (sub)?system\b|\bpost ?master\b|\bmail system\b"
    r"|\bdelivery subsystem\b|\bmail administrator\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\bundeliver(able|ed)\b|\buser unknown\b|\bmail system error\b|\berror (during|in) delivery\b"
    r"|\bdelivery\b.{0,40}\b(fail\w{0,4}|notification|status|problem|error|incomplete|delayed)\b"
    r"|\b(mail|message|e-?mail|letter)\b.{0,40}\b(could not|cannot|not) (be )?(delivered|stored|accepted|sent)\b"
    r"|\b(failure notice|returned mail|returned to sender|non-?delivery|nondeliverable|rejected( message|:)|bounced)\b"
    r"|\b(mail|message|e-?mail) (delivery )?(failed|failure|rejected|refused|returned|bounced|warning)\b"
    r"|\bunzustellbar|\bnicht zugestellt|\bnon remis\b|\bno se pudo entregar\b|\bno entregado\b|退信|投递失败",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(could not|cannot|can not|can't|couldn't|was not|wasn't|were not|not|unable to|failed to|impossible to)"
    r"( be| been| get)?( successfully)? (delivere?d?|accepted|stored|reached?|sent|placed|processed)\b"
    r"|\b(did not reach|undeliver(able|ed)|permanent (fatal )?(error|failure)|thrown away|discarded|rejected"
    r"|returned to (the )?sender|delivery (has )?failed|failed recipients?|wasn't able to deliver"
    r"|was refused|is returned|bounced)\b"
    r"|\bnicht zugestellt\b|\bno (se )?(ha podido|pudo)\b.{0,20}\bentreg|未能投递|无法投递|无法送达",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\b(do(es)? not|don't) (need|have) to resend\b|\bwarning message only\b|\bwill (be retried|keep trying|retry)\b"
    r"|\bwill continue to (try|attempt|be attempted)\b|\bstill (trying|being tried)\b|\bhas not yet been delivered\b"
    r"|\b(is|was|has been|have been) delayed\b|\bno action is required on your part\b"
    r"|\bdelivery attempts will continue\b",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"\bwill (be retried|keep trying|retry)\b|\b(attempts )?will continue\b|\bstill (trying|being tried)\b",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"^[ \t>]{0,4}\d{3}(?=[ -](?![245]\.\d))", re.MULTILINE)
_NOT_AGAIN = re.compile(r"\b(not|no longer) (going to )?(try|be tried|be retried|retry)\b", re.IGNORECASE)


def is_daemon(mail: Message, sender: str | None) -> bool:
    """Whether a mail system signs it, by its address or its name; a null sender alone may be a machine's answer."""
    name, address = parseaddr(header_text(mail, "From"))
    local = address.partition("@")[0].lower()
    envelope, at, _host = (sender or "").strip("<> ").lower().partition("@")
    if local in _DAEMONS or (at and envelope in _DAEMONS) or local.startswith("microsoftexchange329e71ec"):
        return True
    return _DAEMON_NAMES.search(name[:200]) is not None


def looks_like_notice(mail: Message, subject: str, words: str, recipient: str) -> bool:
    """Whether it says of itself that it is about a letter that was not delivered, and does not come from there."""
    if mail.get("X-Failed-Recipients") is not None or _SUBJECT.search(subject):
        return True
    notice = before_copy(words)[:_READ]
    if recipient.casefold() in notice.casefold() and _FAILED.search(notice):
        return parseaddr(header_text(mail, "From"))[1].casefold() != recipient.casefold()
    is_receipt = "disposition-notification" in str(mail.get("Content-Type", ""))[:300].lower()
    return mail.get_content_type() == "multipart/report" and not is_receipt


def speaks_as_one(mail: Message, subject: str, words: str, recipient: str, kinds: Collection[str]) -> bool:
    """Whether a mail with a sender of its own is a notice all the same: a filter's before an office, say.

    Its subject says so and its text does, it is not from the office, and it names the letter's address or gives the
    letter back. `kinds` are the types of its parts.
    """
    if not _SUBJECT.search(subject) or parseaddr(header_text(mail, "From"))[1].casefold() == recipient.casefold():
        return False
    notice = before_copy(words)[:_READ]
    gives_back = not _COPIES.isdisjoint(kinds)
    if not (gives_back or recipient.casefold() in notice.casefold()):
        return False
    return _FAILED.search(notice) is not None or _DELAYED.search(notice) is not None


def read_notice(mail: Message, raw: bytes, words: str, recipient: str) -> Return | None:
    """The failure or the delay that a notice tells of, or None. `words` are its text, `raw` its octets."""
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in mail.defects):
        return None  # it breaks off, and what it would have said is not known
    notice = before_copy(words)[:_READ]
    subject = header_text(mail, "Subject")[:200]
    failed = header_text(mail, "X-Failed-Recipients")
    temporary, permanent = _library_says(raw, recipient)
    if not (temporary or permanent or _is_about(notice, failed, recipient)):
        return None
    is_delay = _DELAYED.search(f"{subject}\n{notice}") is not None and not _NOT_AGAIN.search(notice)
    if temporary or (is_delay and (not permanent or _STILL.search(notice))):
        return Delayed(status=enhanced_of(beside(notice, recipient)) or "4.0.0", text="")
    words = beside(notice, recipient)
    is_prose = not (words and says_why(words))
    says_so = _SUBJECT.search(subject) or _FAILED.search(notice)
    if permanent or failed or says_so or not is_prose or says_why(_prose(notice), is_prose=True):
        return bounce_of(
            "",
            _prose(notice) if is_prose else words,
            names_recipient=not is_behind(notice, recipient),
            keeps_words=False,
            is_prose=is_prose,
        )
    return None


def _is_about(notice: str, failed: str, recipient: str) -> bool:
    """Whether it names the letter's address, or none: its return path leads to a letter to one address."""
    if recipient.casefold() in f"{notice}\n{failed}".casefold():
        return True
    others = set(map(str.casefold, ADDRESS.findall(f"{notice}\n{failed}")))
    return all(other.partition("@")[0].startswith(("b+", *_DAEMONS)) for other in others)


def _prose(notice: str) -> str:
    """All that a notice says, where nothing beside the address tells more.

    A number that begins a line may be a house.
    """
    return _HOUSE.sub(" ", ADDRESS.sub(" ", notice))


def _library_says(raw: bytes, recipient: str) -> tuple[bool, bool]:
    """Whether a library that knows old mail servers finds this address delayed, or failed, before the letter's copy."""
    head, gap, body = raw[:_FOR_LIBRARY].partition(b"\r\n\r\n" if b"\r\n\r\n" in raw[:_FOR_LIBRARY] else b"\n\n")
    text = head + gap + before_copy(body.decode("latin-1")).encode("latin-1", "replace") + b"\n"
    temporary, permanent = all_failures(message_from_bytes(text, policy=compat32))
    wanted = recipient.casefold().encode()
    return wanted in map(bytes.lower, temporary), wanted in map(bytes.lower, permanent)
