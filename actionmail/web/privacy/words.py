"""The sentences about one supporter: for the pages, and for the command line where it says the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from actionmail.flows.delivery.supporter_mail import Kind
from actionmail.flows.privacy.erasure import BeingSent
from actionmail.flows.privacy.receipt_link import WAIT, NotMailed, Refusal
from actionmail.flows.privacy.supporter_erasure import Erased
from actionmail.flows.privacy.supporter_record import SupporterAction
from actionmail.rules.actions.reviews import Review
from actionmail.rules.staff.audit_codes import ErasureReason

REASONS: Final[Mapping[ErasureReason, str]] = {
    ErasureReason.REQUEST: "They asked for it",
    ErasureReason.NOT_THEIRS: "Somebody else typed their address",
    ErasureReason.DUTY: "The law or a court asks for it",
    ErasureReason.NOT_NEEDED: "It is not needed any more",
    ErasureReason.MISUSE: "It was made by a program, or to do harm",
}
MAILS: Final[Mapping[str, str]] = {
    Kind.ANSWER: "an office's answer",
    Kind.ASK: "the mail that asks to confirm",
    Kind.REMINDER: "the reminder to confirm",
    Kind.DAY: "the reminder of a day",
    Kind.DECISION: "what staff decided",
    Kind.RECEIPT: "the link of the receipt",
    Kind.QUESTION: "the question whether offices answered",
}
CHANGED: Final = "Nothing was erased: what there is of them is not what was shown. Look again, and then decide."
NO_REASON: Final = "Choose why: it stays in the audit trail."
LOG_NOT_EMPTIED: Final = (
    "Somebody reads the database at this moment, so older copies in its write-ahead log could not be taken out yet; "
    "the worker does it within the hour."
)
NOBODY: Final = "Nobody fits. An address has to be whole; of a name a part is enough."
NO_RECEIPT: Final = "This link opens no receipt."
_REVIEWS: Final[Mapping[Review, str]] = {
    Review.WAITING: "waits for staff to look at it",
    Review.APPROVED: "approved by staff",
    Review.DECLINED: "declined by staff",
}


def being_sent(error: BeingSent) -> str:
    """Why nothing was erased, and when to try again."""
    when = f", at the latest after {error.until:%Y-%m-%d %H:%M} UTC" if error.until else ""
    return (
        f"Nothing was erased: letter {error.number} is being handed to the mail server at this moment. Try again in a "
        f"minute{when}."
    )


def not_mailed(error: NotMailed) -> str:
    """Why no mail goes out."""
    match error.refusal:
        case Refusal.UNKNOWN:
            return "There is no such action."
        case Refusal.NO_ADDRESS:
            return "There is no address to mail to: it was erased, or none was given."
        case Refusal.TOO_SOON:
            minutes = round(WAIT.total_seconds() / 60)
            until = f" Again from {error.until:%H:%M} UTC on." if error.until else ""
            return f"Not mailed: it was mailed less than {minutes} minutes ago.{until}"


def erased(done: Erased) -> str:
    """What was done."""
    drafts = f" and {number(done.drafts, 'draft')}" if done.drafts else ""
    letters = f" {number(done.letters, 'letter')} that had not left will not be sent." if done.letters else ""
    return f"Erased: {number(done.actions, 'action')}{drafts}.{letters}"


def number(count: int, what: str) -> str:
    """ "1 action", "2 actions" """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def standing(action: SupporterAction) -> str:
    """What became of an action, as far as not its letters tell it; "" where nothing did."""
    parts = []
    if action.erased_at:
        parts.append(f"erased on {action.erased_at:%Y-%m-%d}")
    if action.cancelled_at:
        parts.append(f"taken back on {action.cancelled_at:%Y-%m-%d}")
    if action.unconfirmed:
        parts.append(_unconfirmed(action))
    elif action.asked_until:
        parts.append("confirmed by mail")
    if action.invalid_at:
        why = f": {action.invalid_reason}" if action.invalid_reason else ""
        parts.append(f"taken out of the count by staff on {action.invalid_at:%Y-%m-%d}{why}")
    if action.review in _REVIEWS:
        why = f": {action.review_reason}" if action.review_reason else ""
        parts.append(f"{_REVIEWS[action.review]}{why}")
    return "; ".join(parts)


def _unconfirmed(action: SupporterAction) -> str:
    if action.still_asked and action.asked_until:
        return f"waits until {action.asked_until:%Y-%m-%d %H:%M} UTC to be confirmed by mail"
    return "never confirmed by mail"
