"""Reports of mail systems: delivery status (RFC 3464) and feedback (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from typing import Final

from actionmail.rules.delivery.answer_codes import CODE, status_of
from actionmail.rules.delivery.mail_limits import LONGEST_HEADER
from actionmail.rules.delivery.returned import Bounce, Delayed, Delivered, Return, Unknown
from actionmail.rules.delivery.states import server_words

_MOST_RECIPIENTS: Final = 100
_BETWEEN_BLOCKS = re.compile(r"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_FEEDBACK = re.compile(r"[a-z-]{1,30}")


def status_report(parts: Sequence[Message], recipient: str) -> Return | None:
    """RFC 3464. Blocks that name the letter's address decide; where none does, all do. The worst one counts."""
    groups: list[Mapping[str, str]] = []
    for part in parts:
        if "delivery-status" in part.get_content_type():
            groups += filter(_is_about_a_recipient, _blocks(part))
    named = [block for block in groups if _names(block, recipient)]
    reports = []
    for block in (named or groups)[:_MOST_RECIPIENTS]:
        report = _recipient_report(block, names_recipient=bool(named))
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


def _names(block: Mapping[str, str], recipient: str) -> bool:
    for name in ("original-recipient", "final-recipient"):
        address = block.get(name, "").rpartition(";")[2].strip(" <>")
        if address and address.casefold() == recipient.casefold():
            return True
    return False


def _recipient_report(block: Mapping[str, str], *, names_recipient: bool) -> Return | None:
    diagnostic = block.get("diagnostic-code", "")
    words = server_words(diagnostic.partition(";")[2].strip() if ";" in diagnostic[:40] else diagnostic)
    status = status_of(block.get("status", ""), words)
    action = block.get("action", "").lower().partition(" ")[0]
    if not action:  # it must be there; where it is not, the class of the status says as much
        action = {"2": "delivered", "4": "delayed", "5": "failed"}.get(status[:1], "")
    if action == "failed":
        if status[:1] == "2":
            return Unknown(why="The report says both that it failed and that it did not.")
        code = CODE.search(words)
        return Bounce(
            status=status or "5.0.0",
            code=int(code[1]) if code else None,
            text=words,
            names_recipient=names_recipient,
        )
    if action == "delayed":
        return Delayed(status=status, text=words)
    if action in {"delivered", "relayed", "expanded"}:
        return Delivered(action=action, status=status, text=words)
    return None


def feedback_of(parts: Sequence[Message]) -> str:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                kind = block.get("feedback-type", "").lower()
                if _FEEDBACK.fullmatch(kind):
                    return kind
    return "abuse"
