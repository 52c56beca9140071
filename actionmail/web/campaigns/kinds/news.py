"""A post has nothing but what is common."""

from __future__ import annotations

from typing import Final

from actionmail.web.campaigns.kinds.kind import Kind

KIND: Final = Kind(code="news", name="News", about="A post to read, without anything to do.")
