"""The rows that go by numbers, and by words that say least: the status (RFC 3463), the code (RFC 5321 4.2), the phase.

They are asked last; the very last covers everything.
"""

from __future__ import annotations

from typing import Final

from actionmail.rules.delivery import answer_words as words
from actionmail.rules.delivery.answer_row import ANY_REFUSAL, BEFORE_RCPT, FROM_RCPT, PERMANENT, TEMPORARY, Meaning, Row
from actionmail.rules.delivery.sense_rows import NOBODY
from actionmail.rules.delivery.states import Blame, Phase, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode

_NOT_UNDERSTOOD: Final = frozenset({500, 501, 502, 503, 504, 555})

NUMBERS: Final[tuple[Row, ...]] = (
    Row(
        meaning=Meaning.DOMAIN_PACE,
        source="filters of receiving domains",
        blame=Blame.DOMAIN,
        codes=ANY_REFUSAL,
        words=words.PACE,
        state=State.DEFERRED,
        signal=Signal.SLOW_DOMAIN,
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
        codes=TEMPORARY,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.CREDENTIALS,
        source="RFC 4954 6: X.7.8, X.7.11",
        blame=Blame.US,
        codes=PERMANENT,
        enhanced=("5.7.8", "5.7.11"),
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.OTHER_CREDENTIALS,
    ),
    Row(
        meaning=Meaning.POLICY,
        source="RFC 3463 X.7",
        blame=Blame.DOMAIN,
        codes=PERMANENT,
        enhanced=("5.7",),
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.NO_MAILBOX,
        source="RFC 3463 X.1.1, X.1.3, X.1.6, X.2.1",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        enhanced=("5.1.1", "5.1.3", "5.1.6", "5.2.1"),
        phases=FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Exim, Outlook, Yahoo, iCloud",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        words=words.UNKNOWN_USER,
        phases=FROM_RCPT,
        state=State.FAILED,
        signal=Signal.SUSPECT_ADDRESS,
    ),
    NOBODY,
    Row(
        meaning=Meaning.NOBODY_THERE,
        source="Cisco: 5.1.0",
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        enhanced=("5.1.0",),
        words=words.ADDRESS_REJECTED,
        phases=FROM_RCPT,
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
        codes=PERMANENT,
        enhanced=("5.5",),
        phases=frozenset({Phase.RCPT}),
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.NOT_UNDERSTOOD,
        source="RFC 3463 X.5",
        blame=Blame.US,
        codes=PERMANENT,
        enhanced=("5.5",),
        state=State.HELD,
        signal=Signal.PAUSE_WORKER,
        trouble=TroubleCode.NOT_UNDERSTOOD,
    ),
    Row(
        meaning=Meaning.REFUSED_AT_MAIL,
        source="RFC 5321 3.3: nothing of the letter but its sender is known yet",
        blame=Blame.US,
        codes=PERMANENT,
        phases=BEFORE_RCPT,
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
        codes=PERMANENT,
        enhanced=(),
        words=words.POLICY,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
    Row(
        meaning=Meaning.REFUSED,
        source="RFC 5321 4.2.1",
        blame=Blame.NOBODY,
        codes=PERMANENT,
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
