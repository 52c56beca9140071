"""A post to read, without any action."""

from __future__ import annotations

from typing import Final

from actionmail.rules.campaigns.kinds.kind import Kind

KIND: Final = Kind(code="news", is_act=False)
