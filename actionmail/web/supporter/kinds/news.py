"""A post to read."""

from __future__ import annotations

from typing import Final

from actionmail.web.supporter.kinds.kind import Kind

KIND: Final = Kind(code="news", name="News", act="Read on")
