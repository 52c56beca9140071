"""Why an action cannot be taken: typed, with values; each class is its code, and the doors have the words."""

from __future__ import annotations

from collections.abc import Sequence

from actionmail.rules.campaigns.letter_faults import LetterFault
from actionmail.rules.delivery.mail_headers import EnvelopeError


class ActRefused(Exception):
    """The action cannot be taken, and nothing of it is kept. `field` is what was typed that is why, "" for nothing."""

    field = ""


class CampaignClosed(ActRefused):
    """The campaign is paused, closed, past its deadline or gone."""


class NoLegislators(ActRefused):
    """Nobody who can be written to sits in the supporter's seats."""


class TargetsChanged(ActRefused):
    """Not the legislators or letters that the supporter saw."""


class AlreadyActed(ActRefused):
    """Every one of these legislators, `names` with their titles, has a letter from this supporter on this campaign."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = tuple(names)


class ActedBefore(ActRefused):
    """The campaign takes one action from a mailbox, and this one's is there already."""

    field = "email"


class PageTooOld(ActRefused):
    """What was pressed stood on a page that was overtaken: by an undo, by another tab, by the roster, or by other words
    to sign.
    """


class OtherState(ActRefused):
    """The campaign is for those who live in `state`, two letters."""

    field = "zip"

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class DayGone(ActRefused):
    """A day that was ticked is none of the campaign's any more, or none was ticked."""

    field = "days"


class LikelySigned(ActRefused):
    """The organisations `names` stand in the public list, and are likely the one that signs: is it another?"""

    field = "is_another"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = tuple(names)


class LetterRefused(ActRefused):
    """The letters cannot go as they are: their `faults`."""

    def __init__(self, faults: Sequence[LetterFault]) -> None:
        super().__init__(", ".join(fault.code.value for fault in faults))
        self.faults = tuple(faults)


class Unwritable(ActRefused):
    """The letter to `to` cannot be written as an e-mail; `error` is the rules' own refusal."""

    def __init__(self, to: str, error: EnvelopeError) -> None:
        super().__init__(error.field)
        self.to = to
        self.error = error


class MustProve(ActRefused):
    """So many come from there that a browser has to work first, or its supporter to confirm by mail."""


class TooManyAsks(ActRefused):
    """The supporter would have to confirm by mail, and their address gets no more of that today."""
