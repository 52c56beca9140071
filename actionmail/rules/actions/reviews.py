"""What staff decide on an action of a kind that they look at first, and the mail that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Review(StrEnum):
    """Where an action stands with staff. NONE: its kind asks nobody."""

    NONE = ""
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is told: all of it ours or the staff's, nothing that was typed. `reason` is "" for an approval."""

    campaign: str
    organisation: str
    link: str
    is_approved: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DecisionLetter:
    """`text` is plain, lines ending in LF."""

    subject: str
    text: str


def decision_letter(decision: Decision) -> DecisionLetter:
    """The mail to the contact of an organisation. The address may be a stranger's, so it repeats nothing typed."""
    if decision.is_approved:
        became, more = "listed", "It now stands in the public list of those who sign."
    else:
        became, more = "not listed", f"They say:\n\n{decision.reason}"
    return DecisionLetter(
        subject=f"{decision.campaign}: your organisation is {became}",
        text=(
            f"{decision.organisation} looked at your organisation's signature under the statement "
            f"“{decision.campaign}”, and it is {became}. {more}\n\n"
            "At this address you can see it, correct it, withdraw it, or have your own data erased:\n\n"
            f"{decision.link}\n\n"
            "Whoever has the address can do so, so keep it to yourself."
        ),
    )
