"""The numbers in a mail server's words: basic codes (RFC 5321 4.2) and enhanced ones (RFC 3463)."""

from __future__ import annotations

import re

STATUS = re.compile(r"\s*([245])(\.\d{1,3}\.\d{1,3})(?=\D|$)")
ENHANCED = re.compile(r"(?:^|[\s(#-])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
CODE = re.compile(r"(?:^|\s)([245]\d\d)(?=[ -])")


def status_of(field: str, words: str) -> str:
    """`Status:`; where that is missing or says only a class (5.0.0), the server's own words may know more."""
    given = STATUS.match(field)
    enhanced = ENHANCED.search(words)
    if given and (given[2] != ".0.0" or not enhanced or enhanced[1][0] != given[1]):
        return given[1] + given[2]
    if enhanced:
        return enhanced[1]
    code = CODE.search(words)
    return f"{code[1][0]}.0.0" if code else ""


def without_codes(words: str) -> str:
    return CODE.sub(" ", ENHANCED.sub(" ", words)).strip(" -")
