"""What a mail that came back to a return path can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from actionmail.rules.delivery.answer_row import Meaning
from actionmail.rules.delivery.states import Blame, Signal, State

COMPLAINTS: Final = frozenset({"abuse", "fraud"})  # RFC 5965 7.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """Some mail server gave the letter up. `names_recipient`: the report is about the letter's own address alone.

    What it means is told by the row that would cover it as an answer on the wire.
    """

    status: str  # RFC 3463, "5.1.1"
    code: int | None
    text: str  # a server's words; "" where nobody knows whose words they are
    names_recipient: bool
    meaning: Meaning
    blame: Blame
    table_state: State  # what the letter would become on the wire
    table_signal: Signal

    @property
    def is_temporary(self) -> bool:
        """Somebody gave up on something that is not for ever; what the relay has against us takes longer to mend."""
        is_ours = self.table_signal is Signal.PAUSE_RELAY and self.meaning is not Meaning.OUR_QUOTA
        return self.table_state is State.DEFERRED and not (self.is_full or is_ours)

    @property
    def is_full(self) -> bool:
        """Mailbox full: permanent by its number, not in life."""
        return self.meaning is Meaning.MAILBOX_FULL

    @property
    def signal(self) -> Signal:
        """What it says beyond this letter: of another address than the letter's own, nothing."""
        if not self.names_recipient:
            return Signal.NONE
        suspicions = {Signal.SUSPECT_ADDRESS, Signal.SUSPECT_DOMAIN}
        return self.table_signal if self.table_signal in suspicions else Signal.NONE


class Delayed(Struct, frozen=True, kw_only=True):
    """Still being tried elsewhere."""

    status: str
    text: str


class Delivered(Struct, frozen=True, kw_only=True):
    """`action` is delivered, relayed or expanded. It says nothing of reading."""

    action: str
    status: str
    text: str


class AutoReply(Struct, frozen=True, kw_only=True):
    """A machine answered for a person (RFC 3834)."""

    sender: str  # an address, or ""
    subject: str
    text: str
    attachments: int = 0


class PersonalReply(Struct, frozen=True, kw_only=True):
    """A person wrote back."""

    sender: str
    subject: str
    text: str
    attachments: int = 0


class AbuseReport(Struct, frozen=True, kw_only=True):
    """A report in the form of RFC 5965: somebody pressed "this is spam", or a machine tells what its checks found."""

    feedback: str  # abuse, fraud, auth-failure, not-spam, ...

    @property
    def is_complaint(self) -> bool:
        """Whether a recipient complains. All other kinds are told, and stop nothing."""
        return self.feedback in COMPLAINTS


class Unreadable(StrEnum):
    """Why a mail that came back cannot be read."""

    EMPTY = "empty"
    NESTED = "nested"  # more parts within parts than any honest mail
    LONG_HEADER = "long_header"
    NOT_BUILT = "not_built"  # as a mail should be
    NO_REPORT = "no_report"  # of a mail system, and not to be read
    NO_SENDER = "no_sender"
    CONTRADICTION = "contradiction"  # it failed, and did not


class Unknown(Struct, frozen=True, kw_only=True):
    """Not to be read."""

    why: Unreadable


Return: TypeAlias = Bounce | Delayed | Delivered | AutoReply | AbuseReport | PersonalReply | Unknown
