"""By which the same paragraph of many supporters is noticed: a number that very many paragraphs share.

As with addresses (`address_bucket.py`), an index keeps copies of what stands in it, so no words stand there, nor a hash
that could be told from others.
"""

from __future__ import annotations

import hashlib
from typing import Final

from actionmail.rules.actions.search_words import indexed_words

BUCKETS: Final = 2**16
SHORTEST: Final = 40  # characters of its words: "I am a teacher." is nobody's in particular


def paragraph_bucket_of(text: str) -> int | None:
    """From 0 to BUCKETS - 1, the same for the same words in whatever capitals, accents, signs and spaces.

    None where there are so few words that people write them by chance.
    """
    words = indexed_words([text])
    if len(words) < SHORTEST:
        return None
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:2])
