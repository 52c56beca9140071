"""What becomes of a letter: the states, which may follow which, and what one try came to.

Pure tables and the few functions that read them. "RFC 5321 4.2" and the like name the source of a rule; where none
stands, the rule is this project's choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.trouble import Loss, Trouble, TroubleCode


class State(StrEnum):
    """Where a message stands."""

    UNCONFIRMED = "unconfirmed"  # the supporter has not yet said yes
    REVIEW = "review"  # staff read it before it goes
    QUEUED = "queued"
    SENDING = "sending"  # leased by a worker
    DEFERRED = "deferred"  # to be tried again
    AMBIGUOUS = "ambiguous"  # nobody can know whether the server took it (RFC 1047)
    ACCEPTED = "accepted"  # the mail server took responsibility; not that anyone read it
    SETTLED = "settled"  # and nothing came back for 72 hours
    HELD = "held"  # a person has to look
    BOUNCED = "bounced"
    FAILED = "failed"
    NO_CHANNEL = "no_channel"  # the legislator has no e-mail address
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"  # by the staff who read it


_ = State
TRANSITIONS: Mapping[State, frozenset[State]] = {
    _.UNCONFIRMED: frozenset({_.REVIEW, _.QUEUED, _.EXPIRED, _.CANCELLED}),
    _.REVIEW: frozenset({_.QUEUED, _.HELD, _.REJECTED, _.EXPIRED, _.CANCELLED}),  # held with its campaign
    _.QUEUED: frozenset({_.REVIEW, _.SENDING, _.CANCELLED, _.EXPIRED, _.HELD}),  # held by staff, or looked at first
    _.SENDING: frozenset({_.ACCEPTED, _.DEFERRED, _.FAILED, _.HELD, _.AMBIGUOUS}),
    _.DEFERRED: frozenset({_.REVIEW, _.SENDING, _.CANCELLED, _.FAILED, _.EXPIRED, _.HELD}),
    _.AMBIGUOUS: frozenset({_.SENDING, _.HELD}),
    _.ACCEPTED: frozenset({_.SETTLED, _.BOUNCED, _.DEFERRED, _.HELD}),
    _.SETTLED: frozenset({_.BOUNCED}),
    _.HELD: frozenset({_.QUEUED, _.FAILED, _.CANCELLED}),  # cancelled unless a server may have it
    _.BOUNCED: frozenset({_.QUEUED}),  # by staff, once the address is mended
    _.FAILED: frozenset({_.QUEUED}),
    _.NO_CHANNEL: frozenset(),
    _.EXPIRED: frozenset(),
    _.CANCELLED: frozenset(),
    _.REJECTED: frozenset(),
}
WAITING = frozenset({_.QUEUED, _.DEFERRED, _.AMBIGUOUS})  # what a worker may claim
# On its way yet, as far as anybody knows: not with a mail server for good, and not ended.
OPEN = (_.UNCONFIRMED, _.REVIEW, _.QUEUED, _.DEFERRED, _.AMBIGUOUS, _.SENDING, _.HELD)
TAKEN = frozenset({_.ACCEPTED, _.SETTLED})  # by a mail server, and not given back
FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
BEGINNINGS = frozenset({_.UNCONFIRMED, _.REVIEW, _.QUEUED, _.NO_CHANNEL})
del _


class IllegalTransition(Exception):
    """A message was to go from `before` to `after`, which no rule allows: a fault of ours."""

    def __init__(self, before: State | None, after: State) -> None:
        super().__init__(f"{before} -> {after}")
        self.before, self.after = before, after


def check_transition(before: State, after: State) -> None:
    """Raises IllegalTransition where `after` may not follow."""
    if not may_follow(before, after):
        raise IllegalTransition(before, after)


def may_follow(before: State | str, after: State | str) -> bool:
    """Whether a message may go from `before` to `after`."""
    return State(after) in TRANSITIONS[State(before)]


class Phase(StrEnum):
    """Where on the wire an answer was due. BODY is the answer to the final dot."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"


class Blame(StrEnum):
    """Whom an answer is about."""

    US = "us"  # account, quota, pace, return path, relaying, credentials, our commands
    DOMAIN = "domain"  # the receiving one
    MAILBOX = "mailbox"
    LETTER = "letter"
    NOBODY = "nobody"  # nothing is wrong, or nothing tells with whom


class Signal(StrEnum):
    """What an answer says beyond this one letter."""

    NONE = ""
    SLOW_RELAY = "slow relay"  # halve the rate of all that goes out
    SLOW_DOMAIN = "slow domain"  # of the receiving domain
    SLOW_MAILBOX = "slow mailbox"  # of the legislator
    SUSPECT_DOMAIN = "suspect domain"  # stopped once several letters to several of its mailboxes met it
    SUSPECT_ADDRESS = "suspect address"  # held back once two different supporters met it
    PAUSE_WORKER = "pause worker"  # the server did not understand us: the fault is ours
    PAUSE_RELAY = "pause relay"  # the server refuses this installation, not this letter: no attempt is used up


class Parcel(Struct, frozen=True, kw_only=True):
    """A letter as the mail server gets it. `raw` are the frozen RFC 5322 bytes, lines ending in CRLF."""

    id: int
    return_path: str
    recipient: str
    raw: bytes
    envelope_id: str = ""  # RFC 3461 ENVID


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one try. `state` is ACCEPTED, DEFERRED, FAILED, HELD or AMBIGUOUS."""

    state: State
    phase: Phase
    code: int | None = None
    enhanced: str = ""
    text: str = ""
    queue_id: str = ""
    blame: Blame = Blame.NOBODY
    signal: Signal = Signal.NONE
    trouble: TroubleCode | None = None  # what staff mend, where the relay or the worker pauses
    at_least: timedelta = timedelta(0)  # wait no less than this before the next try
    reason: Reason = Reason.NONE  # why the program itself did not send it; then `text` has no mail server's words


class Handover(Struct, frozen=True, kw_only=True):
    """What a relay made of some parcels. A parcel without an outcome was not tried: no byte of its body went out."""

    outcomes: Mapping[int, Outcome]
    trouble: Trouble | None = None
    is_direct: bool = False  # the receiving domains' own servers answered, each for itself


RETRY_WAITS = (
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)  # then every 8 hours (RFC 5321 4.5.4.1); the message's own `expires_at` ends it
GIVE_UP_AFTER = timedelta(hours=96)
MAILBOX_FULL_WAIT = timedelta(hours=2)
JITTER = 0.2


def retry_delay(attempt: int, jitter: float, *, at_least: timedelta = timedelta(0)) -> timedelta:
    """How long to wait after the `attempt`-th try (from 1); `jitter` is 0 <= jitter <= 1, and adds up to 20 %."""
    base = RETRY_WAITS[min(max(attempt, 1), len(RETRY_WAITS)) - 1]
    return max(base, at_least) * (1 + JITTER * jitter)


def lost(phase: Phase, loss: Loss) -> Outcome:
    """The connection ended, or the answer never came. Once the body began, nobody can know (RFC 1047)."""
    if phase is Phase.BODY:
        return Outcome(state=State.AMBIGUOUS, phase=phase, text=str(loss))
    return Outcome(state=State.DEFERRED, phase=phase, text=str(loss), reason=Reason.CONNECTION_LOST)


def refused_here(reason: Reason, words: str = "", *, state: State = State.HELD) -> Outcome:
    """We ourselves would not put this letter on the wire. `words` are the values that belong to the code."""
    return Outcome(state=state, phase=Phase.MAIL, reason=reason, text=words)


WORDS_LENGTH = 500
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_QUEUE_IDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"queued as\W{0,2}([\w.-]{4,100})",  # Postfix, Haraka, Mailgun
        r"\bid=([\w.-]{4,100})",  # Exim
        r"InternalId=(\d{4,100})",  # Exchange
        r"^(?:2\.0\.0 )?ok:? ([0-9a-f][\w.-]{9,100})(?: |$)",  # Amazon SES, Gmail
        r"^2\.0\.0 ([0-9A-Za-z]{8,30}) Message accepted",  # Sendmail, OpenSMTPD
        r"^Message queued \(([\w.-]{4,100})\)",  # Haraka
        r"^Ok\. ([0-9A-F]{8,40}(?:\.[0-9A-F]{1,16}){1,3})",  # Courier
    )
)


def server_words(text: str) -> str:
    """A server's words as they may be kept and shown: bounded, lines kept, nothing that moves a cursor or direction."""
    return _CONTROL.sub("\ufffd", text[: 4 * WORDS_LENGTH].replace("\r\n", "\n")).strip()[:WORDS_LENGTH]


def queue_id(text: str) -> str:
    """The server's own name for a letter it took, where it told one; else ""."""
    for pattern in _QUEUE_IDS:
        match = pattern.search(text)
        if match:
            return match[1]
    return ""
