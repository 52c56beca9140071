"""Letters have pages of their own: targets, letters, preview, check."""

from __future__ import annotations

from typing import Final

from actionmail.web.campaigns.kinds.kind import Kind

KIND: Final = Kind(
    code="letter", name="Letter", about="Supporters write to their legislators about a bill."
)  # fmt: skip
