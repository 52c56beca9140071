"""A petition: a fixed text to somebody, and the signatures of those who agree."""

from __future__ import annotations

from typing import Final

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.kinds.kind import Kind
from actionmail.rules.campaigns.value_checks import REQUIRED

MAX_COMMENT: Final = 1_000  # characters of a signer's own words

KIND: Final = Kind(
    code="petition",
    table={
        "to": (checks.line(120), REQUIRED),  # "Governor Kathy Hochul"
        "to_title": (checks.optional_line(200), ""),
        "to_address": (checks.optional_paragraphs, ""),
        "to_email": (checks.optional_email, ""),  # for the mail that hands it over
        "text": (checks.paragraphs, REQUIRED),
        "comments": (checks.flag, True),  # signers may add their own words
        "public_names": (checks.flag, True),  # those who agree stand on the page
        "only_from_state": (checks.flag, False),
    },
    signed=("to", "text"),
    unpublished=("to_email",),
    words={"text": (checks.optional_paragraphs, "")},
)
