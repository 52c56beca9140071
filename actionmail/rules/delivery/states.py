"""What becomes of a letter: the states, which may follow which, and what each answer of a mail server means.

Pure tables and the few functions that read them. "RFC 5321 4.2" and the like name the source of a rule; where none
stands, the rule is this project's choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.trouble import Trouble


class State(StrEnum):
    """Where a message stands."""

    UNCONFIRMED = "unconfirmed"  # the supporter has not yet said yes
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


_ = State
TRANSITIONS: Mapping[State, frozenset[State]] = {
    _.UNCONFIRMED: frozenset({_.QUEUED, _.EXPIRED, _.CANCELLED}),
    _.QUEUED: frozenset({_.SENDING, _.CANCELLED, _.EXPIRED, _.HELD}),  # held by staff
    _.SENDING: frozenset({_.ACCEPTED, _.DEFERRED, _.FAILED, _.HELD, _.AMBIGUOUS}),
    _.DEFERRED: frozenset({_.SENDING, _.CANCELLED, _.FAILED, _.EXPIRED, _.HELD}),
    _.AMBIGUOUS: frozenset({_.SENDING, _.HELD}),
    _.ACCEPTED: frozenset({_.SETTLED, _.BOUNCED, _.DEFERRED, _.HELD}),
    _.SETTLED: frozenset({_.BOUNCED}),
    _.HELD: frozenset({_.QUEUED, _.FAILED, _.CANCELLED}),  # cancelled unless a server may have it
    _.BOUNCED: frozenset({_.QUEUED}),  # by staff, once the address is mended
    _.FAILED: frozenset({_.QUEUED}),
    _.NO_CHANNEL: frozenset(),
    _.EXPIRED: frozenset(),
    _.CANCELLED: frozenset(),
}
WAITING = frozenset({_.QUEUED, _.DEFERRED, _.AMBIGUOUS})  # what a worker may claim
FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
BEGINNINGS = frozenset({_.UNCONFIRMED, _.QUEUED, _.NO_CHANNEL})
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


class Signal(StrEnum):
    """What an answer says beyond this one letter."""

    NONE = ""
    SLOW_DOMAIN = "slow domain"  # halve the rate of the receiving domain
    BREAK_DOMAIN = "break domain"  # send the domain nothing until a person has looked
    SUSPECT_ADDRESS = "suspect address"  # held back once two different supporters met it
    PAUSE_WORKER = "pause worker"  # the server did not understand us: the fault is ours
    PAUSE_RELAY = "pause relay"  # the server refuses this installation, not this letter: no attempt is used up


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
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
    signal: Signal = Signal.NONE
    at_least: timedelta = timedelta(0)  # wait no less than this before the next try
    reason: Reason = Reason.NONE  # why the program itself did not send it; then `text` has no mail server's words


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """What a relay made of some parcels. A parcel without an outcome was not tried: no byte of its body went out."""

    outcomes: Mapping[int, Outcome]
    trouble: Trouble | None = None


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


def classify(phase: Phase, code: int, text: str) -> Outcome:
    """What the answer `code text` in `phase` means for the letter: enhanced status, then basic code, then phase.

    ACCEPTED only for 250 to the final dot. What no rule knows counts as temporary.
    """
    if phase is Phase.BODY and code == 250 and (usual := _USUAL.fullmatch(text)):
        return Outcome(
            state=State.ACCEPTED, phase=phase, code=code, enhanced=usual[1] or "", text=text, queue_id=usual[2]
        )
    words = server_words(text)
    enhanced = _enhanced(words)
    if phase is Phase.BODY and code == 250:
        return Outcome(
            state=State.ACCEPTED, phase=phase, code=code, enhanced=enhanced, text=words, queue_id=queue_id(words)
        )
    answer = _Answer(phase, code, enhanced, words)
    for rule in RULES:
        if rule.covers(answer):
            break
    return Outcome(
        state=rule.state,
        phase=phase,
        code=code,
        enhanced=enhanced,
        text=words,
        signal=rule.signal,
        at_least=rule.at_least,
    )


def lost(phase: Phase, why: str) -> Outcome:
    """The connection ended, or the answer never came. Once the body began, nobody can know (RFC 1047)."""
    state = State.AMBIGUOUS if phase is Phase.BODY else State.DEFERRED
    return Outcome(state=state, phase=phase, text=why)


def refused_here(reason: Reason, words: str = "", *, state: State = State.HELD) -> Outcome:
    """We ourselves would not put this letter on the wire. `words` are the values that belong to the code."""
    return Outcome(state=state, phase=Phase.MAIL, reason=reason, text=words)


@dataclass(frozen=True)
class _Answer:
    phase: Phase
    code: int
    enhanced: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: it covers an answer if all that it names fits. `enhanced` are prefixes, matched by whole numbers."""

    why: str
    state: State
    codes: frozenset[int] = frozenset()  # empty: any
    enhanced: tuple[str, ...] | None = None  # None: any; (): only where the server gave none
    words: re.Pattern[str] | None = None
    phases: frozenset[Phase] = field(default_factory=lambda: frozenset(Phase))
    signal: Signal = Signal.NONE
    at_least: timedelta = timedelta(0)

    def covers(self, answer: _Answer) -> bool:
        if self.codes and answer.code not in self.codes:
            return False
        if self.enhanced is not None and not _fits(answer.enhanced, self.enhanced):
            return False
        if self.words is not None and not self.words.search(answer.words):
            return False
        return answer.phase in self.phases


def _fits(enhanced: str, prefixes: tuple[str, ...]) -> bool:
    if not prefixes:
        return not enhanced
    return any(enhanced == prefix or enhanced.startswith(f"{prefix}.") for prefix in prefixes)


_THROTTLED = re.compile(r"throttl|rate.?limit|too many", re.IGNORECASE)
_UNKNOWN_USER = re.compile(
    r"(user|mailbox|recipient|address|account|alias)\S{0,254} (is )?"
    r"(unknown|not found|invalid|disabled|inactive|unavailable)"
    r"|(unknown|no such|invalid|nonexistent) (local )?(user|mailbox|recipient|address|account|alias|person)"
    r"|does ?n[o']t exist|does not exist|not a valid (mailbox|user|recipient)|no mailbox here"
    r"|(does not|doesn't) have an? .{0,40}account",
    re.IGNORECASE,
)
_TOO_BIG = re.compile(r"too (large|big|long)|size (limit|exceed)|exceeds? .{0,30}size", re.IGNORECASE)
_POLICY = re.compile(
    r"spam|block(ed|list)|black ?list|deny ?list|reputation|policy|prohibit|denied|not allowed|unsolicited"
    r"|\bspf\b|\bdkim\b|\bdmarc\b|\brbl\b|listed (at|in|on)|banned|suspicious|content reject|abuse",
    re.IGNORECASE,
)
_4XX = frozenset(range(400, 500))
_5XX = frozenset(range(500, 600))

# Read from the top; the first row that covers the answer decides.
RULES: tuple[Rule, ...] = (
    Rule(
        why="the server wants other credentials or encryption: it refuses us, not the letter (RFC 4954 6)",
        codes=frozenset({530, 534, 535, 538}),
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
    ),
    Rule(
        why="too fast for the receiving domain",
        codes=frozenset({421, 451}),
        enhanced=("4.7",),
        state=State.DEFERRED,
        signal=Signal.SLOW_DOMAIN,
    ),
    Rule(
        why="454 Throttling: too fast",
        codes=frozenset({454}),
        words=_THROTTLED,
        state=State.DEFERRED,
        signal=Signal.SLOW_DOMAIN,
    ),
    Rule(
        why="mailbox full: permanent by its number, not in life",
        enhanced=("4.2.2", "5.2.2"),
        state=State.DEFERRED,
        at_least=MAILBOX_FULL_WAIT,
    ),
    Rule(why="temporary, whatever the enhanced status says", codes=_4XX, state=State.DEFERRED),
    Rule(why="temporary, whatever the basic code says", enhanced=("4",), codes=_5XX, state=State.DEFERRED),
    Rule(
        why="no such mailbox, or a domain that takes no mail (RFC 7505)",
        enhanced=("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"),
        codes=_5XX,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Rule(why="the letter or its encoding is at fault", enhanced=("5.3.4", "5.6"), codes=_5XX, state=State.HELD),
    Rule(
        why="refused by policy: more letters would make it worse",
        enhanced=("5.7",),
        codes=_5XX,
        state=State.HELD,
        signal=Signal.BREAK_DOMAIN,
    ),
    Rule(
        why="the server did not understand us",
        enhanced=("5.5",),
        codes=_5XX,
        state=State.HELD,
        signal=Signal.PAUSE_WORKER,
    ),
    Rule(
        why="552 to RCPT means what 452 means (RFC 5321 4.5.3.1.10)",
        codes=frozenset({552}),
        enhanced=(),
        phases=frozenset({Phase.RCPT}),
        state=State.DEFERRED,
    ),
    Rule(
        why="the server did not understand us",
        codes=frozenset({500, 501, 502, 503, 504, 555}),
        enhanced=(),
        state=State.HELD,
        signal=Signal.PAUSE_WORKER,
    ),
    Rule(
        why="a domain that takes no mail (RFC 7505)",
        codes=frozenset({556}),
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Rule(
        why="by its words, no such mailbox",
        codes=_5XX,
        enhanced=(),
        words=_UNKNOWN_USER,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Rule(why="by its words, the letter is too big", codes=_5XX, enhanced=(), words=_TOO_BIG, state=State.HELD),
    Rule(
        why="by its words, refused by policy",
        codes=_5XX,
        enhanced=(),
        words=_POLICY,
        state=State.HELD,
        signal=Signal.BREAK_DOMAIN,
    ),
    Rule(why="refused for good", codes=_5XX, state=State.FAILED),
    Rule(
        why="a success, but not the one that RFC 5321 4.3.2 names: a person decides, lest it be sent twice",
        codes=frozenset(range(200, 300)),
        phases=frozenset({Phase.BODY}),
        state=State.HELD,
    ),
    Rule(
        why="not an answer: after the body nobody can know",
        phases=frozenset({Phase.BODY}),
        state=State.AMBIGUOUS,
    ),
    Rule(why="not an answer, or one out of place: the next try may go better", state=State.DEFERRED),
)

WORDS_LENGTH = 500
_ENHANCED = re.compile(r"(?:^|\n)([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_USUAL = re.compile(
    r"(?:(2\.\d{1,3}\.\d{1,3}) )?Ok: queued as ([\w.-]{4,100})", re.ASCII
)  # Postfix; a short way to the same
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_QUEUE_IDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"queued as\W{0,2}([\w.-]{4,100})",  # Postfix, Haraka, Mailgun
        r"\bid=([\w.-]{4,100})",  # Exim
        r"InternalId=(\d{4,100})",  # Exchange
        r"^(?:2\.0\.0 )?ok:? ([0-9a-f][\w.-]{9,100})(?: |$)",  # Amazon SES, Gmail
        r"^2\.0\.0 ([0-9A-Za-z]{10,30}) Message accepted",  # Sendmail
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


def _enhanced(words: str) -> str:
    codes = _ENHANCED.findall(words)
    return codes[-1] if codes else ""  # the last line of a multi-line reply decides
