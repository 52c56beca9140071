"""The words by which a server says that it takes no more letters over one connection.

They often mean something else: OpenSMTPD speaks of recipients, others say the same of a sender's pace. So they are
believed only where the connection had already carried a letter.
"""

from __future__ import annotations

import re
from typing import Final

from actionmail.rules.delivery.states import Blame, Outcome, Phase, State

_TOO_MANY: Final = re.compile(
    r"\btoo many (messages|mails|e-?mails|letters|recipients|transactions)\b"
    r"|\b(messages?|mails?|e-?mails?|letters?|recipients?|transactions?) (limit |quota )?(per|for|in|on|over)"
    r" ((this|the|an?|one|each|a single|the same) )?(smtp )?(connection|session)\b"
    r"|\b(connection|session) (message|mail|recipient|transaction)s? (limit|quota)\b",
    re.IGNORECASE,
)
_SOMETHING_ELSE: Final = re.compile(
    r"\bgr[ae]y-?list|\b(mailbox|inbox)\b|\b(minute|hour|day|today|hourly|daily)\b", re.IGNORECASE
)


def may_be_of_connection(refusal: Outcome) -> bool:
    """Whether the letter might go over another connection at once: nothing else is said to be used up or full."""
    if refusal.state is not State.DEFERRED or refusal.phase not in {Phase.MAIL, Phase.RCPT}:
        return False
    if refusal.trouble is not None or refusal.blame is Blame.MAILBOX:
        return False
    return _TOO_MANY.search(refusal.text) is not None and not _SOMETHING_ELSE.search(refusal.text)
