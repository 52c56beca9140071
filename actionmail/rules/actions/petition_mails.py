"""The mail that hands a petition over: why one does not go, in codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from actionmail.rules.delivery.states import State

# While one stands so, there is no second one.
UNDECIDED: Final = frozenset({State.QUEUED, State.SENDING, State.DEFERRED, State.HELD})
MAX_TEXT: Final = 10_000  # characters


class MailTrouble(StrEnum):
    """Why a mail stands where it stands; where it is none of these, it is a `rules.delivery.reasons.Reason`."""

    UNCLEAR = "unclear"  # a mail server may have it: nobody can know (RFC 1047)
    PAPER_GONE = "paper-gone"  # that should go with it
    OTHER_ADDRESSEE = "other-addressee"  # than the one it was written to: gone, or at another address by now
    TIME_OVER = "time-over"  # for tries
    NOT_REACHED = "not-reached"  # the mail server, this time
    SAID = "said"  # by the mail server, in its own words


class MailRefusal(StrEnum):
    """Why a mail is not queued, or not changed."""

    NO_ADDRESS = "no-address"  # of whom it is for
    OTHER_ADDRESS = "other-address"  # than the one that was looked at
    OTHER_PAPER = "other-paper"  # or none any more
    TOO_LARGE = "too-large"  # the paper
    ANOTHER_CAME = "another-came"  # from somebody else, since the page was opened
    UNDECIDED = "undecided"  # what is to become of the last one
    MOVED_ON = "moved-on"  # it stands elsewhere by now
