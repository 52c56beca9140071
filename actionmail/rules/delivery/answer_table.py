"""What a mail server's answer means: whom it is about, what becomes of the letter, and what else happens.

Read from the top; the first row that covers an answer decides. First come the rows that go by words, since servers put
one and the same refusal under many numbers; then those that go by the sense of words; what no words tell goes by the
enhanced status (RFC 3463, RFC 5248), then by the basic code (RFC 5321 4.2), then by the phase. `docs/delivery.md` shows
this table, made by `tests/answer_rows.py`; `actionmail queue explain` says which row decides.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from actionmail.rules.delivery.answer_row import Answer, Row
from actionmail.rules.delivery.number_rows import NUMBERS
from actionmail.rules.delivery.passing_rows import PASSING
from actionmail.rules.delivery.refusal_rows import REFUSALS
from actionmail.rules.delivery.sense_rows import SENSES

ROWS: Final[tuple[Row, ...]] = (*PASSING, *REFUSALS, *SENSES, *NUMBERS)
_WITHOUT_SENSES: Final[tuple[Row, ...]] = (*PASSING, *REFUSALS, *NUMBERS)
# What somebody named says nothing of why.
_NAMES: Final = re.compile(r"https?://\S{1,400}|[^\s<>()\[\]:;,\"']{1,64}@[^\s<>()\[\]:;,\"']{1,253}", re.IGNORECASE)


def row_for(answer: Answer, *, by_sense: bool = True) -> Row:
    """The row that decides: there is always one, since the last covers everything.

    With `by_sense` false only sentences of servers and numbers count: a page of prose speaks of too many things.
    """
    plain = replace(answer, words=_NAMES.sub("@", answer.words))
    return next(row for row in (ROWS if by_sense else _WITHOUT_SENSES) if row.covers(plain))
