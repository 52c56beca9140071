"""Small pictures within a paper: flattened on white, with as many points as print needs (ISO 32000-1, 8.9.5)."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from msgspec import Struct
from PIL import Image

from actionmail.gateways.documents.pdf_file import PdfFile

_POINTS_PER_UNIT: Final = 300 / 72  # points of the picture for one point of the paper, which is 1/72 inch


class Placed(Struct, frozen=True, kw_only=True):
    """A picture that was written to the file: its object, and its measures on the paper."""

    number: int
    width: float
    height: float


def write_image(file: PdfFile, picture: bytes, *, width: float, height: float) -> Placed:
    """Write a JPEG or PNG of our own making to the file, at most so wide and high on the paper, and never enlarged."""
    with Image.open(BytesIO(picture), formats=("JPEG", "PNG")) as image:
        points = image.convert("RGBA")
    points.thumbnail((round(width * _POINTS_PER_UNIT), round(height * _POINTS_PER_UNIT)), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", points.size, "white")
    flat.paste(points, mask=points)
    number = file.number()
    dictionary = (
        f"/Type/XObject/Subtype/Image/Width {flat.width}/Height {flat.height}/ColorSpace/DeviceRGB/BitsPerComponent 8"
    )
    file.add_stream(number, dictionary, flat.tobytes())
    scale = min(1 / _POINTS_PER_UNIT * 2, width / flat.width, height / flat.height)  # a tiny one at 150 to the inch
    return Placed(number=number, width=flat.width * scale, height=flat.height * scale)
