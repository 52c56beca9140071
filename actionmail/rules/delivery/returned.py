"""What a mail that came back to a return path can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from actionmail.rules.delivery.answer_codes import without_codes
from actionmail.rules.delivery.answers import classify as classify_answer
from actionmail.rules.delivery.states import Phase, Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """Some mail server gave the letter up. `names_recipient`: the report is about the letter's own address."""

    status: str  # RFC 3463, "5.1.1"
    code: int | None
    text: str
    names_recipient: bool

    @property
    def is_temporary(self) -> bool:
        """The remote side gave up on something that is not for ever."""
        return self.status.startswith("4")

    @property
    def is_full(self) -> bool:
        """Mailbox full: permanent by its number, not in life."""
        return self.status[1:] == ".2.2"

    @property
    def signal(self) -> Signal:
        """What it says beyond this letter, by the same table as an answer on the wire. 5.7.x is no dead address."""
        if self.is_temporary or self.is_full:
            return Signal.NONE
        status = "" if self.status.endswith(".0.0") else f"{self.status} "
        signal = classify_answer(Phase.RCPT, self.code or 550, f"{status}{without_codes(self.text)}").signal
        if signal is Signal.SUSPECT_ADDRESS and not self.names_recipient:
            return Signal.NONE
        return signal if signal in {Signal.SUSPECT_ADDRESS, Signal.SUSPECT_DOMAIN} else Signal.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Delayed:
    """Still being tried elsewhere."""

    status: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """`action` is delivered, relayed or expanded. It says nothing of reading."""

    action: str
    status: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AutoReply:
    """A machine answered for a person (RFC 3834)."""

    sender: str  # an address, or ""
    subject: str
    text: str
    attachments: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalReply:
    """A person wrote back."""

    sender: str
    subject: str
    text: str
    attachments: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AbuseReport:
    """Somebody pressed "this is spam" (RFC 5965)."""

    feedback: str  # abuse, fraud, not-spam, ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Not to be read; `why` is a sentence."""

    why: str


Return: TypeAlias = Bounce | Delayed | Delivered | AutoReply | AbuseReport | PersonalReply | Unknown
