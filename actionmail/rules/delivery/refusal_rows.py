"""The rows for refusals for good, and for what is no answer at all. They are asked after those for what passes."""

from __future__ import annotations

from typing import Final

from actionmail.rules.delivery import answer_words as words
from actionmail.rules.delivery.answer_row import FROM_RCPT, PERMANENT, Meaning, Row
from actionmail.rules.delivery.states import Blame, Signal, State

_NOT_UNDERSTOOD: Final = frozenset({500, 501, 502, 503, 504, 555})

REFUSALS: Final[tuple[Row, ...]] = (
    Row(
        meaning=Meaning.LATER_BY_STATUS,
        source="RFC 3463 2: the class of the status",
        blame=Blame.NOBODY,
        enhanced=("4",),
        codes=PERMANENT,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.LETTER,
        source="RFC 3463 X.3.4, X.6",
        blame=Blame.LETTER,
        enhanced=("5.3.4", "5.6"),
        codes=PERMANENT,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.LETTER_BY_WORDS,
        source="RFC 1870 6; Exchange, Yahoo, Zoho",
        blame=Blame.LETTER,
        codes=PERMANENT,
        words=words.THE_LETTER,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="RFC 7505 4",
        blame=Blame.DOMAIN,
        codes=frozenset({556}),
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="RFC 3463 X.1.2; Microsoft 365: 5.4.310",
        blame=Blame.DOMAIN,
        codes=PERMANENT,
        enhanced=("5.1.2", "5.4.310"),
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_DOMAIN,
        source="Postfix, Exim",
        blame=Blame.DOMAIN,
        codes=PERMANENT,
        words=words.NO_DOMAIN,
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.BLOCK_LISTED,
        source="Postfix, Proofpoint, Barracuda, Mimecast",
        blame=Blame.DOMAIN,
        codes=PERMANENT,
        words=words.BLOCK_LISTED,
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Postfix, Exim, Courier, Gmail",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        words=words.NOBODY_THERE,
        phases=FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Microsoft 365: 5.4.1",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        enhanced=("5.4.1",),
        words=words.ACCESS_DENIED,
        phases=FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NO_MAILBOX,
        source="Microsoft 365: 5.1.10, 5.1.351",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        enhanced=("5.1.10", "5.1.351"),
        phases=FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.CLOSED_MAILBOX,
        source="RFC 5429 2.1.2: Sieve's reject, as Dovecot tells it",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        words=words.REJECTED_BY_RULE,
        phases=FROM_RCPT,
        state=State.HELD,
    ),
)
