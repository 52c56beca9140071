"""Points, states and ZIP codes as services and files on addresses tell them."""

from __future__ import annotations

import re


def is_in_united_states(latitude: float, longitude: float) -> bool:
    """Whether a point may lie in a state, or in a territory but American Samoa."""
    return 13 <= latitude <= 72 and (-180 <= longitude <= -64 or 144 <= longitude <= 180)


def state_code(text: object) -> str:
    """The two letters of a state or a territory, "" where there are none."""
    match = re.fullmatch("(?:US-)?([A-Z]{2})", str(text or "").strip().upper())
    return match[1] if match else ""


def zip_code(text: object) -> str:
    """The five digits, "" where there are none."""
    match = re.fullmatch("([0-9]{5})(?:-[0-9]{4})?", str(text or "").strip())
    return match[1] if match else ""
