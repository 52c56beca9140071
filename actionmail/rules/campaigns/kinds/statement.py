"""A statement that organisations sign by a day: its text, and in which order they stand below it."""

from __future__ import annotations

from typing import Final

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.kinds.kind import Kind
from actionmail.rules.campaigns.value_checks import REQUIRED

ALPHABET: Final = "alphabet"
APPROVAL: Final = "approval"  # who was approved first stands first
ORDERS: Final = (ALPHABET, APPROVAL)

KIND: Final = Kind(
    code="statement",
    table={"text": (checks.paragraphs, REQUIRED), "order": (checks.one_of(*ORDERS), ALPHABET)},
    signed=("text",),
    words={"text": (checks.optional_paragraphs, "")},
)
