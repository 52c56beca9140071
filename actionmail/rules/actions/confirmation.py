"""Asking by mail whether a letter is really from whom it says: when, how long, and in which words.

The mail goes to an address that anybody may have typed. So nothing that a visitor typed stands in it: no name, no
subject, no words of the letter. Otherwise the form would carry anybody's advert to any mailbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from actionmail.rules import moments
from actionmail.rules.speech import gettext, ngettext

OFF: Final = "off"
NEW: Final = "new"
ALWAYS: Final = "always"
CONFIRM: Final = (OFF, NEW, ALWAYS)  # a campaign's setting: whom it asks

WAIT: Final = timedelta(days=7)
REMIND_AFTER: Final = timedelta(days=2)
TOO_SHORT_TO_REMIND: Final = timedelta(hours=2)
MOST_NAMES: Final = 10


class AskLetter(Struct, frozen=True, kw_only=True):
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


class Asking(Struct, frozen=True, kw_only=True):
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
    parts = (
        _beginning(
            ngettext(
                "Somebody, most likely you, wrote a letter with this e-mail address. It is NOT sent until you confirm.",
                "Somebody, most likely you, wrote %(count)s letters with this e-mail address. They are NOT sent until "
                "you confirm.",
                count,
            ),
            is_reminder=is_reminder,
        ),
        "\n".join(
            (
                gettext("Campaign: %(campaign)s", campaign=asking.campaign),
                gettext("About: %(bill)s", bill=asking.bill),
                gettext("Run by: %(organisation)s", organisation=asking.organisation),
                gettext("To:"),
                _list(asking.legislators),
            )
        ),
        ngettext(
            "To read it and to send it, open this address and press the button there:",
            "To read them and to send them, open this address and press the button there:",
            count,
        ),
        asking.link,
        gettext(
            "Opening it sends nothing yet. It works until %(time)s; after that, nothing is sent.", time=_until(asking)
        ),
        gettext("If this wasn't you, do nothing, and nothing is sent. Or open this address to have it all erased now:"),
        asking.denial,
    )
    if is_reminder:
        subject = gettext("Reminder: %(bill)s, NOT sent until you confirm", bill=asking.bill)
    else:
        subject = gettext("%(bill)s: NOT sent until you confirm", bill=asking.bill)
    return AskLetter(subject=subject, text="\n\n".join(parts))


def _until(asking: Asking | AskingAct) -> str:
    return moments.moment(asking.until, asking.timezone)


def _beginning(sentence: str, *, is_reminder: bool) -> str:
    return " ".join((gettext("This is the one reminder that we send."), sentence)) if is_reminder else sentence


class AskingAct(Struct, frozen=True, kw_only=True):
    """What is asked of an action without letters. `did` is the sentence that says what somebody did."""

    campaign: str
    organisation: str
    did: str
    link: str
    denial: str
    until: datetime
    timezone: str


def ask_act(asking: AskingAct, *, is_reminder: bool = False) -> AskLetter:
    """The mail that asks, or the one that reminds of it."""
    parts = (
        _beginning(
            " ".join((gettext(asking.did), gettext("It does NOT count until you confirm."))),
            is_reminder=is_reminder,
        ),
        "\n".join(
            (
                gettext("Page: %(campaign)s", campaign=asking.campaign),
                gettext("Run by: %(organisation)s", organisation=asking.organisation),
            )
        ),
        gettext("To see it and to confirm it, open this address and press the button there:"),
        asking.link,
        gettext(
            "Opening it does nothing yet. It works until %(time)s; after that, nothing is counted.", time=_until(asking)
        ),
        gettext(
            "If this wasn't you, do nothing, and nothing is counted. Or open this address to have it all erased now:"
        ),
        asking.denial,
    )
    if is_reminder:
        subject = gettext("Reminder: %(campaign)s: NOT counted until you confirm", campaign=asking.campaign)
    else:
        subject = gettext("%(campaign)s: NOT counted until you confirm", campaign=asking.campaign)
    return AskLetter(subject=subject, text="\n\n".join(parts))


def _list(names: Sequence[str]) -> str:
    """One line each; of more than MOST_NAMES the last counts the rest."""
    shown = names if len(names) <= MOST_NAMES else names[: MOST_NAMES - 1]
    lines = [f"- {name}" for name in shown]
    if len(shown) < len(names):
        rest = len(names) - len(shown)
        lines.append("- " + ngettext("and %(count)s other", "and %(count)s others", rest))
    return "\n".join(lines)
