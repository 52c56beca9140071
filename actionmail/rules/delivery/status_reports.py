"""Reports of mail systems: delivery status (RFC 3464) and feedback (RFC 5965, and what Outlook.com sends instead)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from typing import Final

from actionmail.rules.delivery.answer_codes import code_of, enhanced_of, field_status
from actionmail.rules.delivery.failures import bounce_of
from actionmail.rules.delivery.mail_limits import LONGEST_HEADER
from actionmail.rules.delivery.mail_text import header_text
from actionmail.rules.delivery.notice_text import beside, is_behind
from actionmail.rules.delivery.returned import Bounce, Delayed, Delivered, Return, Unknown, Unreadable
from actionmail.rules.delivery.states import server_words

_MOST_RECIPIENTS: Final = 100
_BETWEEN_BLOCKS = re.compile(r"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_FEEDBACK = re.compile(r"[a-z-]{1,30}")
# What Outlook.com and Hotmail put at the head of a letter that somebody pressed "junk" on, before they give it back.
_JUNK_MARK: Final = "X-HmXmrOriginalRecipient"
_ABOUT = re.compile(r"\s*complaint about message from ", re.IGNORECASE)
_MAIL_ADDRESSES: Final = frozenset({"", "rfc822", "utf-8"})  # RFC 3464 2.1.2, RFC 6533 3
_ACTIONS: Final = {"2": "delivered", "4": "delayed", "5": "failed"}


def status_report(parts: Sequence[Message], recipient: str, notice: str) -> Return | None:
    """RFC 3464. Blocks that name the letter's address decide; where none does, all do. The worst one counts.

    `notice` is what the report tells a person: where a block gives no reason, the reason stands there.
    """
    groups: list[Mapping[str, str]] = []
    for part in parts:
        if "delivery-status" in part.get_content_type():
            groups += filter(_is_about_a_recipient, _blocks(part))
    named = [block for block in groups if _names(block, recipient)]
    reports = []
    for block in (named or groups)[:_MOST_RECIPIENTS]:
        report = _recipient_report(block, recipient, notice)
        if report is not None:
            reports.append(report)
    return min(reports, key=_gravity) if reports else None


def _is_about_a_recipient(block: Mapping[str, str]) -> bool:
    return "action" in block or "status" in block or "final-recipient" in block


def _gravity(report: Return) -> int:
    if isinstance(report, Bounce):
        return 1 if report.is_temporary else 0
    return 2 if isinstance(report, Delayed) else 3


def _blocks(part: Message) -> Iterator[Mapping[str, str]]:
    """The groups of fields. The parser gives them apart, or, for the kind of RFC 6533, the later ones as text."""
    payload = part.get_payload()
    for sub in payload if isinstance(payload, list) else [part]:
        if not isinstance(sub, Message):
            continue
        yield {name.lower(): _flat(str(value)) for name, value in sub.items()[:50]}
        rest = sub.get_payload()
        if isinstance(rest, str) and rest.strip():
            for block in _BETWEEN_BLOCKS.split(rest)[:_MOST_RECIPIENTS]:
                lines = _FOLD.sub(" ", block).splitlines()[:50]
                pairs = [line.partition(":") for line in lines if ":" in line]
                yield {name.strip().lower(): _flat(value) for name, _, value in pairs}


def _flat(value: str) -> str:
    return " ".join(value[:LONGEST_HEADER].split())


def _address(block: Mapping[str, str], field: str) -> str:
    """An address of mail, "" where there is none: a program behind it (`x-unix`) or one of X.400 names no mailbox."""
    kind, _, address = block.get(field, "").rpartition(";")
    return address.strip(" <>").casefold() if kind.strip().lower() in _MAIL_ADDRESSES else ""


def _names(block: Mapping[str, str], recipient: str) -> bool:
    wanted = recipient.casefold()
    return wanted in {_address(block, "original-recipient"), _address(block, "final-recipient")}


def _is_about(block: Mapping[str, str], recipient: str, notice: str) -> bool:
    """Whether the letter's own mailbox failed, and not another one to which its address leads (an alias)."""
    others = {_address(block, "final-recipient"), _address(block, "x-actual-recipient")} - {"", recipient.casefold()}
    return not others and not is_behind(notice, recipient)


def _recipient_report(block: Mapping[str, str], recipient: str, notice: str) -> Return | None:
    words = _reason(block, recipient, notice)
    status = field_status(block.get("status", ""))
    action = _action(block)
    if not action:  # it must be there; where it is not, the class of the status says as much
        action = _ACTIONS.get((status or enhanced_of(words) or str(code_of(words) or ""))[:1], "")
    if action == "failed":
        if status[:1] == "2":
            return Unknown(why=Unreadable.CONTRADICTION)
        return bounce_of(status, words, names_recipient=_is_about(block, recipient, notice))
    if action == "delayed":
        return Delayed(status=status or enhanced_of(words), text=server_words(words))
    if action in {"delivered", "relayed", "expanded"}:
        return Delivered(action=action, status=status, text=server_words(words))
    return None


def _action(block: Mapping[str, str]) -> str:
    """RFC 3464 2.3.3; some write "failure"."""
    word = block.get("action", "").lower().partition(" ")[0]
    return "failed" if word.startswith("fail") else word


def _reason(block: Mapping[str, str], recipient: str, notice: str) -> str:
    """The server's words: the diagnostic's, or, where it has none (OpenSMTPD, Exim), those beside the address.

    Some put them in brackets behind the status (Sun), or in a field of their own (Exchange's gateways).
    """
    diagnostic = block.get("diagnostic-code", "")
    words = diagnostic.partition(";")[2].strip() if ";" in diagnostic[:40] else diagnostic
    status = block.get("status", "")
    comment = status.partition("(")[2].strip(" )") if field_status(status) else status
    further = block.get("x-supplementary-info", "").partition(";")[2].strip(" >")
    return (
        words or comment or further or beside(notice, _address(block, "final-recipient")) or beside(notice, recipient)
    )


def feedback_of(parts: Sequence[Message]) -> str:
    """What kind of feedback it is: `Feedback-Type` (RFC 5965 3.1), or "abuse", for which the form was made."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                kind = block.get("feedback-type", "").lower()
                if _FEEDBACK.fullmatch(kind):
                    return kind
    return "abuse"


def is_complaint_without_report(mail: Message, parts: Sequence[Message]) -> bool:
    """Whether it is a complaint that holds no report of RFC 5965: the letter alone is given back, and says why.

    Outlook.com's Junk Mail Reporting sends it attached, or as it came with a mark at its head; some services write the
    same subject.
    """
    given_back = [sub for part in parts for sub in _letters(part)]
    if any(letter.get(_JUNK_MARK) is not None for letter in (mail, *given_back)):
        return True
    return bool(given_back) and _ABOUT.match(header_text(mail, "Subject")[:200]) is not None


def _letters(part: Message) -> list[Message]:
    payload = part.get_payload()
    if part.get_content_type() != "message/rfc822" or not isinstance(payload, list):
        return []
    return [sub for sub in payload if isinstance(sub, Message)]
