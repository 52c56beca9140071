"""What a mail server's answer means for the letter, by the rows of `answer_table`."""

from __future__ import annotations

import re

from actionmail.rules.delivery.answer_codes import enhanced_of
from actionmail.rules.delivery.answer_row import Answer
from actionmail.rules.delivery.states import Outcome, Phase, State, queue_id, server_words

_ENHANCED = re.compile(r"(?:^|\n)#?([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_USUAL = re.compile(
    r"(?:(2\.\d{1,3}\.\d{1,3}) )?Ok(?:: queued as ([\w.-]{4,100}))?", re.ASCII
)  # Postfix; a short way to the same

# Of any letter that is taken, word by word; the number, Postfix's own, has a digit in it, as no name does.
_OF_ANY_LETTER = re.compile(r"(?:2\.0\.0 )?Ok(?:: queued as (?=[A-Za-z]{0,19}[0-9])[0-9A-Za-z]{6,20})?", re.ASCII)


def is_said_of_any_letter(text: str) -> bool:
    """Whether a server says this of each letter that it takes, so that nothing of who wrote it is in there."""
    return _OF_ANY_LETTER.fullmatch(text) is not None


def classify(phase: Phase, code: int, text: str) -> Outcome:
    """What the answer `code text` in `phase` means. ACCEPTED only for 250 to the final dot.

    What no row knows counts as temporary.
    """
    if phase is Phase.BODY and code == 250 and (usual := _USUAL.fullmatch(text)):
        return Outcome(
            state=State.ACCEPTED, phase=phase, code=code, enhanced=usual[1] or "", text=text, queue_id=usual[2] or ""
        )
    words = server_words(text)
    enhanced = _enhanced(words)
    if phase is Phase.BODY and code == 250:
        return Outcome(
            state=State.ACCEPTED, phase=phase, code=code, enhanced=enhanced, text=words, queue_id=queue_id(words)
        )
    # Here, since pages come without the hundred patterns of the table.
    from actionmail.rules.delivery.answer_table import row_for

    row = row_for(Answer(phase, code, enhanced, words))
    return Outcome(
        state=row.state,
        phase=phase,
        code=code,
        enhanced=enhanced,
        text=words,
        blame=row.blame,
        signal=row.signal,
        trouble=row.trouble,
        at_least=row.at_least,
    )


def taken_apart(phase: Phase, text: str) -> Answer | None:
    """An answer as a log has it, "550 5.1.1 No such user", or None where no code begins it."""
    match = _CODE.match(text)
    if match is None:
        return None
    words = server_words(text[match.end() :])
    return Answer(phase, int(match[1]), _enhanced(words), words)


def _enhanced(words: str) -> str:
    codes = _ENHANCED.findall(words)
    return codes[-1] if codes else enhanced_of(words)  # the last line of a multi-line reply decides


_CODE = re.compile(r"\s*([2-5]\d\d)(?:[ -]|$)", re.ASCII)
