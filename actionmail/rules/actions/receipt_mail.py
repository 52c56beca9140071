"""The mail with the link of a receipt, for somebody who lost it.

The address may be a stranger's, so nothing that was typed stands in it.
"""

from __future__ import annotations

from msgspec import Struct

from actionmail.rules.speech import gettext


class ReceiptLink(Struct, frozen=True, kw_only=True):
    """What is told: all of it ours or the staff's."""

    campaign: str
    organisation: str
    link: str


def subject(mail: ReceiptLink) -> str:
    return gettext("%(campaign)s: the link of your receipt", campaign=mail.campaign)


def text(mail: ReceiptLink) -> str:
    """Plain, lines ending in LF."""
    parts = (
        gettext(
            "Somebody, most likely you, took part in “%(campaign)s” of %(organisation)s with this e-mail address, and "
            "asked for the link of the receipt.",
            campaign=mail.campaign,
            organisation=mail.organisation,
        ),
        gettext(
            "At this address you can see what became of it, take back what has not left, and have your data erased:"
        ),
        mail.link,
        gettext(
            "Whoever has the address can do so, so keep it to yourself. If it was not you who took part, you can have "
            "it all erased there."
        ),
    )
    return "\n\n".join(parts)
