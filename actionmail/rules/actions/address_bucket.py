"""By what a supporter's actions are found again: a number that very many addresses share.

An index keeps copies of what stands in it: SQLite leaves some in the gaps of its pages, where nothing overwrites them
when a row is erased. So no address stands in an index, nor a hash of one that could be told from others.
"""

from __future__ import annotations

import hashlib
from typing import Final

BUCKETS: Final = 2**16  # of 1,000,000 actions some 15 are looked at to find those under one address


def bucket_of(address: str) -> int | None:
    """From 0 to BUCKETS - 1, the same in whatever capitals; None of ""."""
    if not address:
        return None
    return int.from_bytes(hashlib.sha256(address.lower().encode()).digest()[:2])
