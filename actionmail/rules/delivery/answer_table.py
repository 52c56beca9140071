"""What a mail server's answer means: whom it is about, what becomes of the letter, and what else happens.

Read from the top; the first row that covers an answer decides. First come the rows that go by words, since servers put
one and the same refusal under many numbers; what no words tell goes by the enhanced status (RFC 3463, RFC 5248), then
by the basic code (RFC 5321 4.2), then by the phase. `docs/delivery.md` shows this table, made by
`tests/answer_table_text.py`; `actionmail queue explain` says which row decides.
"""

from __future__ import annotations

from typing import Final

from actionmail.rules.delivery.answer_row import Answer, Row
from actionmail.rules.delivery.passing_rows import PASSING
from actionmail.rules.delivery.refusal_rows import REFUSALS

ROWS: Final[tuple[Row, ...]] = (*PASSING, *REFUSALS)


def row_for(answer: Answer) -> Row:
    """The row that decides: there is always one, since the last covers everything."""
    return next(row for row in ROWS if row.covers(answer))
