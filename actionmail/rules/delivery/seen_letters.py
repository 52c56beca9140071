"""Which letters somebody saw, written so short that a page can carry them to the press of its button.

The numbers in rising order, each as its distance from the one before, seven bits to the octet, deflated (RFC 1951), in
the alphabet of RFC 4648, section 5.
"""

from __future__ import annotations

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from typing import Final

MOST: Final = 50_000  # letters that one press may change
_OCTETS: Final = 10 * MOST  # of the longest numbers
_LARGEST: Final = 2**63 - 1


class NotSeen(ValueError):
    """This text was not written here."""


def packed(ids: Collection[int]) -> str:
    """A text for the numbers of letters, of which there are at most MOST; "" for none."""
    if not ids:
        return ""
    octets, before = bytearray(), 0
    for number in sorted(ids):
        distance, before = number - before, number
        while distance > 0x7F:
            octets.append(distance & 0x7F | 0x80)
            distance >>= 7
        octets.append(distance)
    return urlsafe_b64encode(zlib.compress(bytes(octets), 9)).decode()


def unpacked(text: str) -> tuple[int, ...]:
    """The numbers again, rising. Raises NotSeen."""
    if not text:
        return ()
    try:
        reader = zlib.decompressobj()
        octets = reader.decompress(urlsafe_b64decode(text.encode("ascii")), _OCTETS)
    except (binascii.Error, zlib.error, UnicodeEncodeError):
        raise NotSeen from None
    if not reader.eof:
        raise NotSeen
    ids: list[int] = []
    number = distance = shift = 0
    for octet in octets:
        distance |= (octet & 0x7F) << shift
        shift += 7
        if octet & 0x80:
            continue
        number += distance
        if not distance or number > _LARGEST or len(ids) == MOST:
            raise NotSeen
        ids.append(number)
        distance = shift = 0
    if shift:
        raise NotSeen
    return tuple(ids)
