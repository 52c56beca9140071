"""A failure that a mail system reports, by the same rows as an answer on the wire.

Where the report's `Status:` and the server's own words disagree, the words win: a report's author often knows no
better than 5.0.0 or 5.1.1.
"""

from __future__ import annotations

from typing import Final

from actionmail.rules.delivery.answer_codes import code_of, enhanced_of
from actionmail.rules.delivery.answer_row import Answer, Row
from actionmail.rules.delivery.answer_table import row_for
from actionmail.rules.delivery.returned import Bounce
from actionmail.rules.delivery.states import Phase, server_words

_CLASS_CODES: Final = {"2": 250, "4": 450, "5": 550}


def bounce_of(
    status: str, words: str, *, names_recipient: bool, keeps_words: bool = True, is_prose: bool = False
) -> Bounce:
    """What a failure with this status (RFC 3463, "" where none is given) and these words of a server means.

    `names_recipient`: it is about the letter's own address and no other. With `keeps_words` false the text stays empty.
    `is_prose`: the words are a whole notice, and not what it says of the address.
    """
    code = code_of(words)
    own = enhanced_of(words)
    shown = own or _agreed(status, code)
    row = _row(shown, code, words, by_sense=not is_prose)
    return Bounce(
        status=shown,
        code=code,
        text=server_words(words) if keeps_words else "",
        names_recipient=names_recipient,
        meaning=row.meaning,
        blame=row.blame,
        table_state=row.state,
        table_signal=row.signal,
    )


def says_why(words: str, *, is_prose: bool = False) -> bool:
    """Whether these words alone tell more than that something failed."""
    if code_of(words) or enhanced_of(words):
        return True
    return row_for(Answer(Phase.RCPT, 559, "", words), by_sense=not is_prose) is not _nothing()


def _nothing() -> Row:
    return row_for(Answer(Phase.RCPT, 559, "", ""))


def _agreed(status: str, code: int | None) -> str:
    """The field's status, unless the server's code is of another class: "5.0.0" beside a 451 is a 4.0.0."""
    if code is not None and (not status or status[0] != str(code)[0]):
        return f"{str(code)[0]}.0.0"
    return status or "5.0.0"


def _row(status: str, code: int | None, words: str, *, by_sense: bool) -> Row:
    enhanced = "" if status.endswith(".0.0") else status
    answer = Answer(Phase.RCPT, code or _CLASS_CODES[status[0]], enhanced, " ".join(words.split()))
    return row_for(answer, by_sense=by_sense)
