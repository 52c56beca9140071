"""The numbers in a mail server's words: basic codes (RFC 5321 4.2) and enhanced ones (RFC 3463).

A bare number is no code: "432 Oak Street" is a street. A code begins a line, or comes with a status, or after a word
by which somebody quotes a server.
"""

from __future__ import annotations

import re
from typing import Final

STATUS = re.compile(r"\s*([245])(\.\d{1,3}\.\d{1,3})(?=\D|$)")
ENHANCED = re.compile(r"(?:^|[\s(#'\"-])([245]\.[0-7]\.\d{1,3})(?![\d.])")
_QUOTED = re.compile(
    r"(?:^|\n|<<<|\(reason:|\b(?:said|says|error|answered|replied|response|responded|returned|reply|reason|smtp)"
    r"(?:[ a-z]{0,30}:|;))[ \t'\"]{0,4}([245]\d\d)(?=[ \-'\"]|$)",
    re.IGNORECASE,
)
_WITH_STATUS = re.compile(r"(?<![\d.])([245]\d\d)[ -]{1,2}[#('\"]{0,2}[245]\.[0-7]\.\d{1,3}(?![\d.])")
_REPLIES: Final = frozenset(
    {
        *(250, 421, 430, 441, 442, 446, 447, 449, 450, 451, 452, 453, 454, 455, 458, 459, 471),
        *(500, 501, 502, 503, 504, 510, 511, 512, 521, 522, 523, 530, 531, 533, 534, 535, 538, 541, 542, 543, 544),
        *(546, 547, 550, 551, 552, 553, 554, 555, 556, 557, 558, 559, 570, 571, 572, 573, 574, 575, 576, 577, 578),
    }
)
_VAGUE: Final = (".0.0", ".1.0")


def enhanced_of(words: str) -> str:
    """The status that a server's words give, the first that says more than a class; "" where there is none."""
    given = ENHANCED.findall(words)
    for status in given:
        if not status.endswith(_VAGUE):
            return str(status)
    return str(given[0]) if given else ""


def code_of(words: str) -> int | None:
    """The basic code that a server's words give; None where there is none."""
    for pattern in (_WITH_STATUS, _QUOTED):
        for match in pattern.finditer(words):
            if int(match[1]) in _REPLIES:
                return int(match[1])
    return None


def field_status(field: str) -> str:
    """`Status:` of a report (RFC 3464 2.3.4); "" where it cannot be one."""
    given = STATUS.match(field)
    return given[1] + given[2] if given else ""
