"""A petition's paper that is made while nobody waits for a page: where it stands, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

LASTS: Final = timedelta(days=7)  # from when it is finished
LEASE: Final = timedelta(minutes=5)  # since whoever makes it was heard of last
MOST_TRIES: Final = 3
SKEW: Final = timedelta(minutes=5)  # by which two machines' clocks may differ
PART: Final = 1_000_000  # octets of the file that are kept as one
MOST_ATTACHED: Final = 5_000_000  # octets of a paper that goes with a mail, where they become a third more


class PaperState(StrEnum):
    """Where a paper stands."""

    WAITING = "waiting"  # for a worker
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class Comments(StrEnum):
    """Which of the signers' own words are printed."""

    ALL = "all"
    PRINTABLE = "printable"  # those that the fonts at hand can print
    NONE = "none"


class PaperTrouble(StrEnum):
    """Why there is no paper."""

    UNPRINTABLE = "unprintable"  # with the places
    ERASED = "erased"  # somebody who stands on it
    MAKER_DIED = "maker-died"  # as often as there are tries
    NO_ROOM = "no-room"  # on the worker's disk
    PROGRAM_FAILED = "program-failed"


class MadePaper(Struct, frozen=True, kw_only=True):
    """A paper's file as a whole. `erased` is how many who had signed by its moment were erased by then."""

    number: int  # signatures
    erased: int
    pages: int
    octets: int
    sha256: str
