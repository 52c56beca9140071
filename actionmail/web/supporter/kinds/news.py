"""A post to read."""

from __future__ import annotations

from typing import Final

from actionmail.rules.speech import lazy
from actionmail.web.supporter.kinds.kind import Kind

KIND: Final = Kind(code="news", name=lazy("News"), act=lazy("Read on"))
