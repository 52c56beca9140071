"""The rows by the sense of a server's words, for sentences that no other row knows: what they speak of, and what they
say of it.

They are asked after the rows that know servers' sentences, and before those that go by numbers alone.
"""

from __future__ import annotations

from typing import Final

from actionmail.rules.delivery import answer_words as words
from actionmail.rules.delivery import word_senses as senses
from actionmail.rules.delivery.answer_row import ANY_REFUSAL, FROM_RCPT, PERMANENT, Meaning, Row
from actionmail.rules.delivery.states import MAILBOX_FULL_WAIT, Blame, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode

_SOURCE: Final = "the sense of the words, no one server's"

SENSES: Final[tuple[Row, ...]] = (
    Row(
        meaning=Meaning.MAILBOX_PACE,
        source=_SOURCE,
        blame=Blame.MAILBOX,
        codes=ANY_REFUSAL,
        words=senses.TOO_FAST,
        also=senses.ONE_MAILBOX,
        unless=senses.NOT_ONE_MAILBOX,
        phases=FROM_RCPT,
        state=State.DEFERRED,
        signal=Signal.SLOW_MAILBOX,
    ),
    Row(
        meaning=Meaning.OUR_QUOTA,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.ALLOWANCE,
        also=senses.OUR_SENDING,
        unless=senses.NOT_OUR_ALLOWANCE,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDING_LIMIT,
    ),
    Row(
        meaning=Meaning.OUR_QUOTA,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.MAILS,
        also=senses.PERIOD,
        unless=senses.NOT_OUR_ALLOWANCE,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDING_LIMIT,
    ),
    Row(
        meaning=Meaning.ACCOUNT_STOPPED,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.STOPPED,
        also=senses.OUR_SENDING_ITSELF,
        unless=senses.NOT_OUR_ACCOUNT,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.ACCOUNT_STOPPED,
    ),
    Row(
        meaning=Meaning.AUTHENTICATION,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.SIGN_IN,
        also=senses.WANTED,
        unless=senses.NOT_SIGN_IN,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.OTHER_CREDENTIALS,
    ),
    Row(
        meaning=Meaning.MAILBOX_FULL,
        source=_SOURCE,
        blame=Blame.MAILBOX,
        codes=ANY_REFUSAL,
        words=senses.STORE,
        also=senses.NO_ROOM,
        unless=senses.NOT_THE_STORE,
        phases=FROM_RCPT,
        state=State.DEFERRED,
        at_least=MAILBOX_FULL_WAIT,
    ),
    Row(
        meaning=Meaning.OUR_PACE,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.TOO_FAST,
        also=senses.FROM_US,
        unless=senses.NOT_TOO_FAST,
        state=State.DEFERRED,
        signal=Signal.SLOW_RELAY,
    ),
    Row(
        meaning=Meaning.RELAYING,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.ELSEWHERE,
        also=senses.REFUSES,
        unless=senses.NOT_ELSEWHERE,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.NO_RELAYING,
    ),
    Row(
        meaning=Meaning.LATER,
        source="GMX: a refusal for good that asks to try again",
        blame=Blame.NOBODY,
        codes=PERMANENT,
        words=words.PUT_OFF,
        phases=FROM_RCPT,
        state=State.DEFERRED,
    ),
    Row(
        meaning=Meaning.CLOSED_MAILBOX,
        source=_SOURCE,
        blame=Blame.MAILBOX,
        codes=PERMANENT,
        words=senses.THE_RECIPIENT,
        also=senses.FOR_SOME,
        unless=senses.NOT_FOR_SOME,
        phases=FROM_RCPT,
        state=State.HELD,
    ),
    Row(
        meaning=Meaning.OUR_SENDER,
        source=_SOURCE,
        blame=Blame.US,
        codes=ANY_REFUSAL,
        words=senses.SENDER,
        also=senses.NOT_OURS,
        unless=senses.NOT_OUR_SENDER,
        state=State.DEFERRED,
        signal=Signal.PAUSE_RELAY,
        trouble=TroubleCode.SENDER_REFUSED,
    ),
    Row(
        meaning=Meaning.BLOCK_LISTED,
        source=_SOURCE,
        blame=Blame.DOMAIN,
        codes=PERMANENT,
        words=senses.FILTERED,
        unless=senses.NOT_FILTERED,
        phases=FROM_RCPT,
        state=State.HELD,
        signal=Signal.SUSPECT_DOMAIN,
    ),
)
NOBODY: Final = Row(
    meaning=Meaning.NOBODY_THERE,
    source=_SOURCE,
    blame=Blame.MAILBOX,
    codes=PERMANENT,
    words=senses.SOMEBODY,
    also=senses.NOT_THERE,
    unless=senses.NOT_SOMEBODY,
    phases=FROM_RCPT,
    state=State.FAILED,
    signal=Signal.SUSPECT_ADDRESS,
)
