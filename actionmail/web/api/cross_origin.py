"""What lets a partner's page read an answer in its visitor's browser (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from actionmail.web.platform.context import Services

_ALWAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Expose-Headers": "Retry-After",
        "Access-Control-Max-Age": "600",
    }
)


def readable_by(origin: str) -> dict[str, str]:
    """The headers of an answer that the website `origin` may read. Its `Vary` has to name "Origin"."""
    return {"Access-Control-Allow-Origin": origin, **_ALWAYS}


def last_listed(known: Services, view: Any, values: Mapping[str, Any], origin: str) -> str:
    """`origin`, where the campaign that is asked listed it when this process last read it; else "".

    `view` is what answers, `values` are those of its address. For answers that are made before anybody looks who asks.
    """
    if not origin or not getattr(view, "is_for_listed_sites", False):
        return ""
    snapshot = known.campaigns.last(str(values.get("slug")))
    return origin if snapshot is not None and origin in snapshot.campaign.sites else ""
