"""Small pictures for tests, drawn when they are asked for."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime
from io import BytesIO
from secrets import token_bytes
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from actionmail.flows.campaigns import pictures
from actionmail.gateways.pictures.reencoding import reencode

RED, BLUE = (200, 30, 30), (20, 30, 200)


def drawn(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """Blue in its upper left quarter, red elsewhere."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    to = BytesIO()
    image.save(to, kind, **how)
    return to.getvalue()


def decoded(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def png(width: int = 60, height: int = 40) -> bytes:
    return encoded(drawn(width, height), "PNG")


def png_that_declares(width: int, height: int) -> bytes:
    """The header of a PNG, and nothing of a picture behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(header) + _chunk(b"IDAT") + _chunk(b"IEND")


def _chunk(named: bytes) -> bytes:
    return struct.pack(">I", len(named) - 4) + named + struct.pack(">I", zlib.crc32(named))


def keep_picture(session: Session, now: datetime, *, large: int = 60, **alternatives: str) -> int:
    """The number of a picture that is in the database, "A door." in English, as an upload would have put it there."""
    words = {"en": "A door.", **alternatives}
    prepared = pictures.prepare(png(large, large // 2), words, reencode=reencode)
    return pictures.add(session, prepared, by=None, now=now).id


def speckled(width: int, height: int) -> Image.Image:
    """Another picture each time."""
    return Image.frombytes("RGB", (width, height), token_bytes(3 * width * height))
