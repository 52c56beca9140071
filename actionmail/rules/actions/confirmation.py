"""Asking by mail whether a letter is really from whom it says: when, how long, and in which words.

The mail goes to an address that anybody may have typed. So nothing that a visitor typed stands in it: no name, no
subject, no words of the letter. Otherwise the form would carry anybody's advert to any mailbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

OFF: Final = "off"
NEW: Final = "new"
ALWAYS: Final = "always"
CONFIRM: Final = (OFF, NEW, ALWAYS)  # a campaign's setting: whom it asks

WAIT: Final = timedelta(days=7)
REMIND_AFTER: Final = timedelta(days=2)
TOO_SHORT_TO_REMIND: Final = timedelta(hours=2)
MOST_NAMES: Final = 10


@dataclass(frozen=True, kw_only=True)
class AskLetter:
    """`text` is plain, lines ending in LF."""

    subject: str
    text: str


def mailbox_of(address: str) -> str:
    """The address behind which the mailbox is in all likelihood the same: without a tag (`mai+news@`), and at Gmail
    without dots. Only for counting mails: as somebody's address, each is its own.
    """
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def waits_until(now: datetime, deadline: datetime | None) -> datetime:
    """Until when a letter written `now` waits to be confirmed."""
    return now + WAIT if deadline is None else min(now + WAIT, deadline)


def reminder_at(now: datetime, until: datetime) -> datetime | None:
    """When to remind whoever has not confirmed: after two days, or half the time where less than four are left."""
    left = until - now
    return None if left < TOO_SHORT_TO_REMIND else now + min(REMIND_AFTER, left / 2)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is asked, all of it ours or the staff's. `timezone` is the one in which `until` is told."""

    campaign: str
    bill: str
    organisation: str
    legislators: Sequence[str]
    link: str
    denial: str
    until: datetime
    timezone: str


def ask_letter(asking: Asking, *, is_reminder: bool = False) -> AskLetter:
    """The mail that asks, or the one that reminds of it."""
    count = len(asking.legislators)
    letters, they_are, them = ("a letter", "It is", "it") if count == 1 else (f"{count} letters", "They are", "them")
    end = asking.until.astimezone(ZoneInfo(asking.timezone)).strftime("%B %-d, %Y, %-I:%M %p %Z")
    reminder = "This is the one reminder that we send. " if is_reminder else ""
    subject = f"{asking.bill}: NOT sent until you confirm"
    return AskLetter(
        subject=f"Reminder: {asking.bill}, NOT sent until you confirm" if is_reminder else subject,
        text=(
            f"{reminder}Somebody, most likely you, wrote {letters} with this e-mail address. "
            f"{they_are} NOT sent until you confirm.\n\n"
            f"Campaign: {asking.campaign}\nAbout: {asking.bill}\nRun by: {asking.organisation}\n"
            f"To:\n{_list(asking.legislators)}\n\n"
            f"To read {them} and to send {them}, open this address and press the button there:\n\n{asking.link}\n\n"
            f"Opening it sends nothing yet. It works until {end}; after that, nothing is sent.\n\n"
            "If this wasn't you, do nothing, and nothing is sent. Or open this address to have it all erased now:\n\n"
            f"{asking.denial}"
        ),
    )


@dataclass(frozen=True, kw_only=True)
class AskingAct:
    """What is asked of an action without letters. `did` is a verb with its object: "signed a petition"."""

    campaign: str
    organisation: str
    did: str
    link: str
    denial: str
    until: datetime
    timezone: str


def ask_act(asking: AskingAct, *, is_reminder: bool = False) -> AskLetter:
    """The mail that asks, or the one that reminds of it."""
    end = asking.until.astimezone(ZoneInfo(asking.timezone)).strftime("%B %-d, %Y, %-I:%M %p %Z")
    reminder = "This is the one reminder that we send. " if is_reminder else ""
    subject = f"{asking.campaign}: NOT counted until you confirm"
    return AskLetter(
        subject=f"Reminder: {subject}" if is_reminder else subject,
        text=(
            f"{reminder}Somebody, most likely you, {asking.did} with this e-mail address. "
            "It does NOT count until you confirm.\n\n"
            f"Page: {asking.campaign}\nRun by: {asking.organisation}\n\n"
            f"To see it and to confirm it, open this address and press the button there:\n\n{asking.link}\n\n"
            f"Opening it does nothing yet. It works until {end}; after that, nothing is counted.\n\n"
            "If this wasn't you, do nothing, and nothing is counted. Or open this address to have it all erased now:"
            f"\n\n{asking.denial}"
        ),
    )


def _list(names: Sequence[str]) -> str:
    """One line each; of more than MOST_NAMES the last counts the rest."""
    shown = names if len(names) <= MOST_NAMES else names[: MOST_NAMES - 1]
    lines = [f"- {name}" for name in shown]
    if len(shown) < len(names):
        lines.append(f"- and {len(names) - len(shown)} others")
    return "\n".join(lines)
