"""How tables say which offices answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from actionmail.flows.review.answered import Answered

ANSWERS: Final = ("Answered", "Supporters asked", "Say: nothing came", "Usual wait")
NOTE: Final = (
    "Answers go straight to supporters, so these are known from supporters who agreed to be asked two weeks later, and "
    "from answers that came to us by mistake. A machine's note is no answer. The usual wait is that of answers which "
    "came to us."
)


def answer_cells(known: Answered) -> tuple[str, ...]:
    return f"{known.letters:,}", f"{known.asked:,}", f"{known.said_no:,}", wait_words(known.usual_wait)


def wait_words(wait: timedelta | None) -> str:
    """ "3 days", "5 hours", or "not known"."""
    if wait is None:
        return "not known"
    days, hours = round(wait / timedelta(days=1)), max(1, round(wait / timedelta(hours=1)))
    if wait >= timedelta(days=1):
        return f"{days} day" if days == 1 else f"{days:,} days"
    return f"{hours} hour" if hours == 1 else f"{hours} hours"
