"""The mail that asks a supporter, two weeks after their letters went, whether the offices answered.

Opening a link of it changes nothing: mail scanners follow links. The page that it opens has the button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

ASK_AFTER: Final = timedelta(days=14)  # the last letter was taken by a mail server
LOOK_AGAIN: Final = timedelta(days=1)  # while a letter is on its way
GIVE_UP_AFTER: Final = timedelta(days=60)  # agreed: who is asked later than that has forgotten
MAIL_HELPS_FOR: Final = timedelta(days=7)
LONGEST_WORDS: Final = 10_000
_NAMED: Final = 5  # legislators with links of their own; of more, the page tells them


@dataclass(frozen=True, kw_only=True)
class Written:
    """A letter that is asked about; `number` is the message's."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is told: the names of legislators as their letters had them, and links."""

    campaign: str
    organisation: str
    letters: Sequence[Written]
    page: str
    stop: str


def subject(asking: Asking) -> str:
    return f"{asking.campaign}: did they answer you?"


def text(asking: Asking) -> str:
    """Plain, lines ending in LF."""
    few = len(asking.letters) <= _NAMED
    parts = [
        f"Two weeks ago your {'letter' if len(asking.letters) == 1 else 'letters'} of “{asking.campaign}” went out, "
        f"and you agreed that we ask you once: did the {'office' if len(asking.letters) == 1 else 'offices'} answer?",
    ]
    if few:
        for letter in asking.letters:
            parts.append(
                f"{letter.name}\n"
                f"  Yes, they answered: {asking.page}?letter={letter.number}&answer=yes\n"
                f"  No, nothing came: {asking.page}?letter={letter.number}&answer=no"
            )
        parts.append("Each link opens a page with a button; nothing is said before you press it.")
    else:
        parts.append(f"Say it of each of the {len(asking.letters)} legislators on this page:\n\n{asking.page}")
    parts.append(
        f"{asking.organisation} counts who answered, and does not see what they wrote to you, unless you want them to."
    )
    parts.append(f"We do not ask again. If you want no such mail at all:\n\n{asking.stop}")
    return "\n\n".join(parts)
