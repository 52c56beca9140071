"""What a mail server's answer means: whom it is about, what becomes of the letter, and what else happens.

Read from the top; the first row that covers an answer decides. First come the rows that go by words, since servers put
one and the same refusal under many numbers; what no words tell goes by the enhanced status (RFC 3463, RFC 5248), then
by the basic code (RFC 5321 4.2), then by the phase. `docs/delivery.md` shows this table, made by
`tests/answer_table_text.py`; `actionmail queue explain` says which row decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from actionmail.rules.delivery import answer_words as words
from actionmail.rules.delivery.states import MAILBOX_FULL_WAIT, Blame, Phase, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode


class Meaning(StrEnum):
    """The name of a row."""

    CREDENTIALS = "credentials"
    CLOSED_MAILBOX = "closed_mailbox"
    MAILBOX_PACE = "mailbox_pace"
    OUR_QUOTA = "our_quota"
    ACCOUNT_STOPPED = "account_stopped"
    RELAYING = "relaying"
    OUR_SENDER = "our_sender"
    AUTHENTICATION = "authentication"
    MAILBOX_FULL = "mailbox_full"
    OUR_PACE = "our_pace"
    DOMAIN_PACE = "domain_pace"
    GREYLISTED = "greylisted"
    LATER = "later"
    LATER_BY_STATUS = "later_by_status"
    LATER_BY_CODE = "later_by_code"
    LETTER = "letter"
    TOO_BIG = "too_big"
    NOT_UNDERSTOOD = "not_understood"
    UNAUTHENTICATED = "unauthenticated"
    NO_DOMAIN = "no_domain"
    REFUSED_AT_MAIL = "refused_at_mail"
    BLOCK_LISTED = "block_listed"
    NOBODY_THERE = "nobody_there"
    POLICY = "policy"
    NO_MAILBOX = "no_mailbox"
    UNCLEAR_AT_RCPT = "unclear_at_rcpt"
    REFUSED = "refused"
    OTHER_SUCCESS = "other_success"
    LOST_AFTER_BODY = "lost_after_body"
    OUT_OF_PLACE = "out_of_place"


@dataclass(frozen=True)
class Answer:
    """A server's answer, taken apart. `enhanced` is "5.1.1", or "" where it gave none."""

    phase: Phase
    code: int
    enhanced: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """It covers an answer if all that it names fits. `enhanced` are prefixes, matched by whole numbers."""

    meaning: Meaning
    source: str
    blame: Blame
    state: State
    codes: frozenset[int] = frozenset()  # empty: any
    enhanced: tuple[str, ...] | None = None  # None: any; (): only where the server gave none
    words: re.Pattern[str] | None = None
    also: re.Pattern[str] | None = None  # the words must fit this as well
    phases: frozenset[Phase] = field(default_factory=lambda: frozenset(Phase))
    signal: Signal = Signal.NONE
    trouble: TroubleCode | None = None  # with PAUSE_RELAY and PAUSE_WORKER
    at_least: timedelta = timedelta(0)

    def covers(self, answer: Answer) -> bool:
        if answer.phase not in self.phases:
            return False
        if self.codes and answer.code not in self.codes:
            return False
        if self.enhanced is not None and not _fits(answer.enhanced, self.enhanced):
            return False
        if self.words is not None and not self.words.search(answer.words):
            return False
        return self.also is None or self.also.search(answer.words) is not None


def _fits(enhanced: str, prefixes: tuple[str, ...]) -> bool:
    if not prefixes:
        return not enhanced
    return any(enhanced == prefix or enhanced.startswith(f"{prefix}.") for prefix in prefixes)


_4XX: Final = frozenset(range(400, 500))
_5XX: Final = frozenset(range(500, 600))
_REFUSALS: Final = _4XX | _5XX
_NOT_UNDERSTOOD: Final = frozenset({500, 501, 502, 503, 504, 555})
_BEFORE_RCPT: Final = frozenset({Phase.CONNECT, Phase.MAIL})
_FROM_RCPT: Final = frozenset(Phase) - _BEFORE_RCPT

ROWS: Final[tuple[Row, ...]] = (
    Row(
        meaning=Meaning.CREDENTIALS,
        source="RFC 4954 6",
        blame=Blame.US,
        codes=frozenset({530, 534, 535, 538}),
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.OTHER_CREDENTIALS,
    ),
    Row(
        meaning=Meaning.CLOSED_MAILBOX,
        source="Exchange: 5.7.124 to 5.7.136",
        blame=Blame.MAILBOX,
        codes=_5XX,
        enhanced=("5.7.124", "5.7.129", "5.7.133", "5.7.134", "5.7.135", "5.7.136"),
        phases=_FROM_RCPT,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.CLOSED_MAILBOX,
        source="Exchange, Google Groups, Mailman",
        blame=Blame.MAILBOX,
        codes=_5XX,
        words=words.CLOSED_MAILBOX,
        phases=_FROM_RCPT,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.MAILBOX_PACE,
        source="Gmail: 4.2.1, 5.2.1; Exchange: 4.3.2",
        blame=Blame.MAILBOX,
        codes=_REFUSALS,
        words=words.MAILBOX_PACE,
        phases=_FROM_RCPT,
        state=State.DEFERRED,
        signal=Signal.SLOW_MAILBOX,
    ),
    Row(
        meaning=Meaning.OUR_QUOTA,
        source="Gmail: 5.4.5",
        blame=Blame.US,
        codes=_5XX,
        enhanced=("5.4.5",),
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDING_LIMIT,
    ),
    Row(
        meaning=Meaning.OUR_QUOTA,
        source="Gmail, cPanel, Zoho",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.OUR_QUOTA,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDING_LIMIT,
    ),
    Row(
        meaning=Meaning.ACCOUNT_STOPPED,
        source="GMX: 5.7.0; Zoho: 5.4.6; Microsoft 365: 5.1.8",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.ACCOUNT_STOPPED,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.ACCOUNT_STOPPED,
    ),
    Row(
        meaning=Meaning.RELAYING,
        source="Exim, Postfix, Sendmail, Courier, Haraka, qmail, Exchange",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.RELAYING,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.NO_RELAYING,
    ),
    Row(
        meaning=Meaning.OUR_SENDER,
        source="Postfix, Exim, Exchange: 5.7.60, SendAsDenied",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.OUR_SENDER,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDER_REFUSED,
    ),
    Row(
        meaning=Meaning.AUTHENTICATION,
        source="Exchange: 5.7.57; hosting relays",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.AUTHENTICATION,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.OTHER_CREDENTIALS,
    ),
    Row(
        meaning=Meaning.MAILBOX_FULL,
        source="RFC 3463 3.3, X.2.2: permanent by its number, not in life",
        blame=Blame.MAILBOX,
        codes=_REFUSALS,
        enhanced=("4.2.2", "5.2.2"),
        state=State.DEFERRED,
        at_least=MAILBOX_FULL_WAIT,
    ),
    Row(
        meaning=Meaning.MAILBOX_FULL,
        source="hosting servers, Sendmail, Dovecot, qmail",
        blame=Blame.MAILBOX,
        codes=_REFUSALS,
        words=words.FULL,
        phases=_FROM_RCPT,
        state=State.DEFERRED,
        at_least=MAILBOX_FULL_WAIT,
    ),
    Row(
        meaning=Meaning.OUR_PACE,
        source="RFC 5321 3.8: 421 is about the connection",
        blame=Blame.US,
        codes=frozenset({421}),
        words=words.PACE,
        state=State.DEFERRED,
        signal=Signal.SLOW_RELAY,
    ),
    Row(
        meaning=Meaning.OUR_PACE,
        source="RFC 5321 3.8, RFC 3463 X.7",
        blame=Blame.US,
        codes=frozenset({421}),
        enhanced=("4.7",),
        state=State.DEFERRED,
        signal=Signal.SLOW_RELAY,
    ),
    Row(
        meaning=Meaning.OUR_PACE,
        source="Postfix, Sendmail, SES, QQ, 163",
        blame=Blame.US,
        codes=_REFUSALS,
        words=words.PACE,
        also=words.ABOUT_US,
        state=State.DEFERRED,
        signal=Signal.SLOW_RELAY,
    ),
    Row(
        meaning=Meaning.DOMAIN_PACE,
        source="filters of receiving domains",
        blame=Blame.DOMAIN,
        codes=_REFUSALS,
        words=words.PACE,
        state=State.DEFERRED,
        signal=Signal.SLOW_DOMAIN,
    ),
    Row(
        meaning=Meaning.GREYLISTED,
        source="RFC 6647; postgrey, rspamd, milter-greylist",
        blame=Blame.NOBODY,
        codes=_4XX,
        words=words.GREYLISTED,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.DOMAIN_PACE,
        source="RFC 3463 X.7 with a temporary code",
        blame=Blame.DOMAIN,
        codes=frozenset({451}),
        enhanced=("4.7",),
        state=State.DEFERRED,
        signal=Signal.SLOW_DOMAIN,
    ),
    Row(
        meaning=Meaning.LATER,
        source="RFC 5321 4.2.1",
        blame=Blame.NOBODY,
        codes=_4XX,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.LATER_BY_STATUS,
        source="RFC 3463 2: the class of the status",
        blame=Blame.NOBODY,
        enhanced=("4",),
        codes=_5XX,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.LETTER,
        source="RFC 3463 X.3.4, X.6",
        blame=Blame.LETTER,
        enhanced=("5.3.4", "5.6"),
        codes=_5XX,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.TOO_BIG,
        source="RFC 1870 6",
        blame=Blame.LETTER,
        codes=_5XX,
        words=words.TOO_BIG,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.UNAUTHENTICATED,
        source="RFC 7372: 5.7.20 to 5.7.27; Gmail, Outlook",
        blame=Blame.US,
        codes=_5XX,
        words=words.UNAUTHENTICATED,
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="RFC 7505 4",
        blame=Blame.DOMAIN,
        codes=frozenset({556}),
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="RFC 3463 X.1.2",
        blame=Blame.DOMAIN,
        codes=_5XX,
        enhanced=("5.1.2",),
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="Postfix, Exim",
        blame=Blame.DOMAIN,
        codes=_5XX,
        words=words.NO_DOMAIN,
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.BLOCK_LISTED,
        source="Postfix, Proofpoint, Barracuda, Mimecast",
        blame=Blame.DOMAIN,
        codes=_5XX,
        words=words.BLOCK_LISTED,
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Postfix, Exim, Courier, Gmail",
        blame=Blame.MAILBOX,
        codes=_5XX,
        words=words.NOBODY_THERE,
        phases=_FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Microsoft 365: 5.4.1",
        blame=Blame.MAILBOX,
        codes=_5XX,
        enhanced=("5.4.1",),
        words=words.ACCESS_DENIED,
        phases=_FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.POLICY,
        source="RFC 3463 X.7",
        blame=Blame.DOMAIN,
        codes=_5XX,
        enhanced=("5.7",),
        phases=_FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_MAILBOX,
        source="RFC 3463 X.1.1, X.1.3, X.1.6, X.2.1; Microsoft 365: 5.1.10, 5.1.351",
        blame=Blame.MAILBOX,
        codes=_5XX,
        enhanced=("5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.1.351", "5.2.1"),
        phases=_FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Exim, Outlook, Yahoo, iCloud",
        blame=Blame.MAILBOX,
        codes=_5XX,
        words=words.UNKNOWN_USER,
        phases=_FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NOT_UNDERSTOOD,
        source="RFC 5321 4.2.4, 4.3.2",
        blame=Blame.US,
        codes=_NOT_UNDERSTOOD,
        state=State.HELD,
        signal=Signal.PAUSE_WORKER,
        trouble=TroubleCode.NOT_UNDERSTOOD,
    ),
    Row(
        meaning=Meaning.UNCLEAR_AT_RCPT,
        source="RFC 3463 X.5, as one recipient's answer",
        blame=Blame.NOBODY,
        codes=_5XX,
        enhanced=("5.5",),
        phases=frozenset({Phase.RCPT}),
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.NOT_UNDERSTOOD,
        source="RFC 3463 X.5",
        blame=Blame.US,
        codes=_5XX,
        enhanced=("5.5",),
        state=State.HELD,
        signal=Signal.PAUSE_WORKER,
        trouble=TroubleCode.NOT_UNDERSTOOD,
    ),
    Row(
        meaning=Meaning.REFUSED_AT_MAIL,
        source="RFC 5321 3.3: nothing of the letter but its sender is known yet",
        blame=Blame.US,
        codes=_5XX,
        phases=_BEFORE_RCPT,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDER_REFUSED,
    ),
    Row(
        meaning=Meaning.LATER_BY_CODE,
        source="RFC 5321 4.5.3.1.10",
        blame=Blame.NOBODY,
        codes=frozenset({552}),
        enhanced=(),
        phases=frozenset({Phase.RCPT}),
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.POLICY,
        source="servers that give no status",
        blame=Blame.DOMAIN,
        codes=_5XX,
        enhanced=(),
        words=words.POLICY,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.REFUSED,
        source="RFC 5321 4.2.1",
        blame=Blame.NOBODY,
        codes=_5XX,
        state=State.FAILED,
    ),
    Row(
        meaning=Meaning.OTHER_SUCCESS,
        source="RFC 5321 4.3.2: not the success that it names, so a person decides, lest it be sent twice",
        blame=Blame.NOBODY,
        codes=frozenset(range(200, 300)),
        phases=frozenset({Phase.BODY}),
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.LOST_AFTER_BODY,
        source="RFC 1047",
        blame=Blame.NOBODY,
        phases=frozenset({Phase.BODY}),
        state=State.AMBIGUOUS,
    ),
    Row(
        meaning=Meaning.OUT_OF_PLACE,
        source="RFC 5321 4.2: no such answer; the next try may go better",
        blame=Blame.NOBODY,
        state=State.DEFERRED,
    ),
)


def row_for(answer: Answer) -> Row:
    """The row that decides: there is always one, since the last covers everything."""
    return next(row for row in ROWS if row.covers(answer))
