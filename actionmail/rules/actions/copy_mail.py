"""The mail with a supporter's own copy: the link of their receipt, and their letters where the address is theirs.

Anybody can type anybody's address. So the words of a letter stand in the mail only where the owner of the address has
confirmed that it is theirs, or has to do so before the mail goes; else it has nothing that was typed in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.speech import gettext


class MailCopy(StrEnum):
    """What became of the wish for a copy."""

    NONE = ""  # nobody wished for one
    KEPT = "kept"  # among the mails to supporters; it goes once the action is confirmed, where it has to be
    REFUSED = "refused"  # the address gets no more mail of ours today


class CopyMail(Struct, frozen=True, kw_only=True):
    """What is told. `letters` are whole, with the name of whom each is to; empty where they may not stand here."""

    campaign: str
    organisation: str
    link: str
    letters: Sequence[tuple[str, str, str]] = ()  # to whom, subject, text


def subject(mail: CopyMail) -> str:
    return gettext("Your copy: %(campaign)s", campaign=mail.campaign)


def text(mail: CopyMail) -> str:
    """Plain, lines ending in LF; in the language that is spoken."""
    head = (
        gettext(
            "Thank you. Somebody, most likely you, took part in “%(campaign)s” of %(organisation)s with this e-mail "
            "address, and asked for a copy.",
            campaign=mail.campaign,
            organisation=mail.organisation,
        ),
        gettext(
            "At this address you can see what became of it, read and download what you wrote, and have your data "
            "erased:"
        ),
        mail.link,
        gettext(
            "Whoever has the address can do so, so keep it to yourself. If it was not you, you can have it all erased "
            "there."
        ),
    )
    return "\n\n========\n\n".join(["\n\n".join(head), *(one_letter(*letter).strip("\n") for letter in mail.letters)])


def one_letter(name: str, subject: str, letter: str) -> str:
    """As a supporter's own copy has it, by mail or from the receipt."""
    head = gettext("To: %(name)s\nSubject: %(subject)s", name=name, subject=subject)
    return f"{head}\n\n{letter}"
