"""A letter to legislators: the kind with a bill, targets and letters, which have columns and a table of their own."""

from __future__ import annotations

from typing import Final

from actionmail.rules.campaigns.kinds.kind import Kind

KIND: Final = Kind(
    code="letter", requires=("state", "session", "bill", "bill_title", "position"), writes_letters=True
)  # fmt: skip
