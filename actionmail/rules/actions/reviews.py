"""What staff decide on an action that they look at first, and the mail that tells it.

Organisations that sign a statement are always looked at; letters where their campaign says so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from actionmail.rules.speech import gettext

OFF: Final = "off"
EDITED: Final = "edited"
ALL: Final = "all"
REVIEWS: Final = (OFF, EDITED, ALL)  # a campaign's setting: whose letters staff read before they go


def must_review(setting: str, *, is_edited: bool) -> bool:
    """Whether staff read a supporter's letters first; `is_edited`: there is a word of their own in one."""
    return setting == ALL or (setting == EDITED and is_edited)


class Review(StrEnum):
    """Where an action stands with staff. NONE: nobody looks at it first."""

    NONE = ""
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class Decision(Struct, frozen=True, kw_only=True):
    """What is told: all of it ours or the staff's, nothing that was typed. `reason` is "" for an approval."""

    campaign: str
    organisation: str
    link: str
    is_approved: bool
    reason: str = ""


class DecisionLetter(Struct, frozen=True, kw_only=True):
    """`text` is plain, lines ending in LF."""

    subject: str
    text: str


def decision_letter(decision: Decision) -> DecisionLetter:
    """The mail to the contact of an organisation. The address may be a stranger's, so it repeats nothing typed."""
    names = {"campaign": decision.campaign, "organisation": decision.organisation}
    if decision.is_approved:
        subject = gettext("%(campaign)s: your organisation is listed", **names)
        became = gettext(
            "%(organisation)s looked at your organisation's signature under the statement “%(campaign)s”, and it is "
            "listed. It now stands in the public list of those who sign.",
            **names,
        )
    else:
        subject = gettext("%(campaign)s: your organisation is not listed", **names)
        became = gettext(
            "%(organisation)s looked at your organisation's signature under the statement “%(campaign)s”, and it is "
            "not listed. They say:",
            **names,
        )
    parts = (
        became,
        decision.reason if not decision.is_approved else "",
        gettext("At this address you can see it, correct it, withdraw it, or have your own data erased:"),
        decision.link,
        gettext("Whoever has the address can do so, so keep it to yourself."),
    )
    return DecisionLetter(subject=subject, text="\n\n".join(part for part in parts if part))


def letter_rejection(decision: Decision) -> DecisionLetter:
    """The mail to a supporter whose letters do not go. It repeats nothing that was typed into the form."""
    parts = (
        gettext(
            "%(organisation)s reads letters of “%(campaign)s” before they go, and did not send yours. They say:",
            campaign=decision.campaign,
            organisation=decision.organisation,
        ),
        decision.reason,
        gettext(
            "Nothing of it went to anybody. At this address you see your letter, can copy it or have your data erased, "
            "and you come back to the campaign's page, where you can write another one:"
        ),
        decision.link,
        gettext("Whoever has the address can do so, so keep it to yourself."),
    )
    subject = gettext("%(campaign)s: your letter was not sent", campaign=decision.campaign)
    return DecisionLetter(subject=subject, text="\n\n".join(parts))
