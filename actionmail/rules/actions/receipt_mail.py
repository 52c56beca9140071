"""The mail with the link of a receipt, for somebody who lost it.

The address may be a stranger's, so nothing that was typed stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReceiptLink:
    """What is told: all of it ours or the staff's."""

    campaign: str
    organisation: str
    link: str


def subject(told: ReceiptLink) -> str:
    return f"{told.campaign}: the link of your receipt"


def text(told: ReceiptLink) -> str:
    """Plain, lines ending in LF."""
    return (
        f"Somebody, most likely you, took part in “{told.campaign}” of {told.organisation} with this e-mail address, "
        "and asked for the link of the receipt.\n\n"
        "At this address you can see what became of it, take back what has not left, and have your data erased:\n\n"
        f"{told.link}\n\n"
        "Whoever has the address can do so, so keep it to yourself. If it was not you who took part, you can have it "
        "all erased there."
    )
