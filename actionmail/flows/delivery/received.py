"""What a mail that came back turned out to be, in the words of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.delivery.states import State


class Kind(StrEnum):
    """What a mail turned out to be."""

    BOUNCE = "bounce"
    FULL = "full"  # a bounce, but only because the mailbox is full
    GAVE_UP = "gave up"  # a bounce after a temporary failure
    DELAYED = "delayed"
    DELIVERED = "delivered"
    AUTO_REPLY = "auto reply"
    REPLY = "reply"
    ABUSE = "abuse report"
    FEEDBACK = "feedback"  # in the form of an abuse report, and no complaint
    BEHIND = "behind"  # a bounce of another address, to which the letter's own leads
    UNKNOWN = "unknown"
    DMARC = "dmarc report"  # of a receiver, on all mail in our name
    PROBE = "probe"  # our own, sent only to see whether it comes back
    STRANGER = "not ours"  # no valid token: it belongs to no letter
    OLD = "too old"
    REPEATED = "repeated"
    POSTPONED = "postponed"  # its letter is on the wire at this moment: read it again later


class ForwardLetter(Struct, frozen=True, kw_only=True):
    """An answer, ready to go to a supporter."""

    message: int
    recipient: str
    raw: bytes


class AlertCode(StrEnum):
    """Of what staff should know at once."""

    ADDRESS_ON_HOLD = "address on hold"  # two supporters' letters came back from it
    DOMAIN_STOPPED = "domain stopped"  # several letters were refused by policy; `detail` is the last one's status
    MAILBOX_STOPPED = "mailbox stopped"  # it refused several letters by policy; `detail` is the last one's status
    COMPLAINT = "complaint"  # the campaign is stopped; `detail` is the kind of the complaint (RFC 5965 7.3)
    FEEDBACK = "feedback"  # nothing is stopped; `detail` is its kind
    BEHIND = "behind"  # an address behind the letter's own failed; nothing is stopped, and it is not sent again
    UNREADABLE = "unreadable"  # `detail` says what could not be read


class Alert(Struct, frozen=True, kw_only=True):
    """What a mail means beyond its letter; holds no personal data."""

    code: AlertCode
    message: int
    domain: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Received:
    """What was made of one mail; holds no personal data."""

    kind: Kind
    message: int | None = None
    before: State | None = None
    after: State | None = None
    status: str = ""
    alert: Alert | None = None
    forwarded: bool = False
