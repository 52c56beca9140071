"""An answer taken apart, and the row of a table that covers it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from actionmail.rules.delivery.states import Blame, Phase, Signal, State
from actionmail.rules.delivery.trouble import TroubleCode

TEMPORARY: Final = frozenset(range(400, 500))
PERMANENT: Final = frozenset(range(500, 600))
ANY_REFUSAL: Final = TEMPORARY | PERMANENT
BEFORE_RCPT: Final = frozenset({Phase.CONNECT, Phase.MAIL})
FROM_RCPT: Final = frozenset(Phase) - BEFORE_RCPT


class Meaning(StrEnum):
    """The name of a row."""

    CREDENTIALS = "credentials"
    OUR_NAME = "our_name"
    CLOSED_MAILBOX = "closed_mailbox"
    MAILBOX_PACE = "mailbox_pace"
    OUR_QUOTA = "our_quota"
    ACCOUNT_STOPPED = "account_stopped"
    RELAYING = "relaying"
    OUR_SENDER = "our_sender"
    AUTHENTICATION = "authentication"
    MAILBOX_FULL = "mailbox_full"
    EXPIRED = "expired"
    LOOP = "loop"
    OUR_PACE = "our_pace"
    DOMAIN_PACE = "domain_pace"
    GREYLISTED = "greylisted"
    LATER = "later"
    LATER_BY_STATUS = "later_by_status"
    LATER_BY_CODE = "later_by_code"
    LETTER = "letter"
    LETTER_BY_WORDS = "letter_by_words"
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


class Row(Struct, frozen=True, kw_only=True):
    """It covers an answer if all that it names fits. `enhanced` are prefixes, matched by whole numbers."""

    meaning: Meaning
    source: str
    blame: Blame
    state: State
    codes: frozenset[int] = frozenset()  # empty: any
    enhanced: tuple[str, ...] | None = None  # None: any; (): only where the server gave none
    words: re.Pattern[str] | None = None
    also: re.Pattern[str] | None = None  # the words must fit this as well
    unless: re.Pattern[str] | None = None  # and not this
    phases: frozenset[Phase] = frozenset(Phase)
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
        return self._words_fit(answer.words)

    def _words_fit(self, words: str) -> bool:
        for pattern in (self.words, self.also):
            if pattern is not None and not pattern.search(words):
                return False
        return self.unless is None or not self.unless.search(words)


def _fits(enhanced: str, prefixes: tuple[str, ...]) -> bool:
    if not prefixes:
        return not enhanced
    return any(enhanced == prefix or enhanced.startswith(f"{prefix}.") for prefix in prefixes)
