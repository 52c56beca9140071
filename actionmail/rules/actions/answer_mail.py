"""The mail that asks a supporter, two weeks after their letters went, whether the offices answered.

Opening a link of it changes nothing: mail scanners follow links. The page that it opens has the button.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from actionmail.rules.speech import gettext, ngettext

ASK_AFTER: Final = timedelta(days=14)  # the last letter was taken by a mail server
LOOK_AGAIN: Final = timedelta(days=1)  # while a letter is on its way
GIVE_UP_AFTER: Final = timedelta(days=60)  # agreed: who is asked later than that has forgotten
MAIL_HELPS_FOR: Final = timedelta(days=7)
LONGEST_WORDS: Final = 10_000
_NAMED: Final = 5  # legislators with links of their own; of more, the page tells them


class Written(Struct, frozen=True, kw_only=True):
    """A letter that is asked about; `number` is the message's."""

    number: int
    name: str


class Asking(Struct, frozen=True, kw_only=True):
    """What is told: the names of legislators as their letters had them, and links, whose page speaks `language`."""

    campaign: str
    organisation: str
    letters: Sequence[Written]
    page: str
    stop: str
    language: str = ""


def subject(asking: Asking) -> str:
    return gettext("%(campaign)s: did they answer you?", campaign=asking.campaign)


def text(asking: Asking) -> str:
    """Plain, lines ending in LF."""
    count = len(asking.letters)
    parts = [
        ngettext(
            "Two weeks ago your letter of “%(campaign)s” went out, and you agreed that we ask you once: did the office "
            "answer?",
            "Two weeks ago your letters of “%(campaign)s” went out, and you agreed that we ask you once: did the "
            "offices answer?",
            count,
            campaign=asking.campaign,
        )
    ]
    if count <= _NAMED:
        parts += [_links(asking, letter) for letter in asking.letters]
        parts.append(gettext("Each link opens a page with a button; nothing is said before you press it."))
    else:
        parts.append(gettext("Say it of each of the %(many)s legislators on this page:", many=count))
        parts.append(_address(asking, asking.page))
    parts.append(
        gettext(
            "%(organisation)s counts who answered, and does not see what they wrote to you, unless you want them to.",
            organisation=asking.organisation,
        )
    )
    parts.append(
        gettext("We do not ask this again. To get no such mail at all, open this address and press the button:")
    )
    parts.append(_address(asking, asking.stop))
    return "\n\n".join(parts)


def _links(asking: Asking, letter: Written) -> str:
    page = f"{asking.page}?letter={letter.number}"
    yes = gettext("Yes, they answered: %(link)s", link=_address(asking, f"{page}&answer=yes"))
    no = gettext("No, nothing came: %(link)s", link=_address(asking, f"{page}&answer=no"))
    return f"{letter.name}\n  {yes}\n  {no}"


def _address(asking: Asking, link: str) -> str:
    if not asking.language:
        return link
    return f"{link}{'&' if '?' in link else '?'}lang={asking.language}"
