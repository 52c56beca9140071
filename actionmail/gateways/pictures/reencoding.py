"""Pictures as people upload them, made anew: turned upright, in sRGB, in two sizes, and with nothing else in them.

Pillow reads the header alone until the measures are known to be bearable; what it decodes is then written as a new
JPEG or PNG, so that neither metadata nor anything behind or between the picture's own data comes along.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from io import BytesIO
from threading import Lock
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from actionmail.rules.campaigns.pictures import (
    JPEG,
    LARGE,
    MAX_POINTS,
    MAX_POINTS_WHOLE,
    PNG,
    SMALL,
    BothSizes,
    PictureFile,
    check_measures,
    fitted,
    looks_like_svg,
)
from actionmail.rules.campaigns.problems import CampaignValueError

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY: Final = 85
_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# What Pillow raises for a file that it cannot read to its end; SyntaxError is its word for a broken PNG.
_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, TypeError, KeyError)
_ALONE = Lock()  # the largest WebP takes some 400 MB for a moment, so one at a time in each process


def reencode(content: bytes) -> BothSizes:
    """Both sizes of a JPEG, PNG, WebP or GIF (its first frame). Raises CampaignValueError, code "picture.…"."""
    if not content:
        raise CampaignValueError("picture.none")
    if looks_like_svg(content):
        raise CampaignValueError("picture.svg")
    with _ALONE:
        return _both(content)


def _both(content: bytes) -> BothSizes:
    try:
        opened = Image.open(BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError:  # Pillow's own limit, which is higher, comes first
        raise CampaignValueError("picture.too-many-points", most=MAX_POINTS) from None
    except UnidentifiedImageError:
        raise CampaignValueError("picture.no-picture") from None
    except _BROKEN:
        raise CampaignValueError("picture.damaged") from None
    with opened as image:
        is_decoded_smaller = image.format == "JPEG"
        check_measures(*image.size, most_points=MAX_POINTS if is_decoded_smaller else MAX_POINTS_WHOLE)
        has_exact_points = image.format in {"PNG", "GIF"}
        try:
            image.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded at a half, a quarter or an eighth
            large = _plain(image)
        except (*_BROKEN, Image.DecompressionBombError):
            raise CampaignValueError("picture.damaged") from None
    small = large.resize(fitted(*large.size, SMALL), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return BothSizes(
        large=_written(large, has_exact_points),
        small=_written(small if small.size != large.size else large, has_exact_points),
    )


def _plain(image: Image.Image) -> Image.Image:
    """The points of the first frame at most LARGE long, upright, in sRGB with 8 bits, as RGB or RGBA."""
    image.load()
    orientation = image.getexif().get(0x0112)
    points = _eight_bits(image)
    points = points.resize(fitted(*points.size, LARGE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    points = _in_srgb(points, image.info.get("icc_profile"))
    points.getexif()[0x0112] = orientation if orientation in range(1, 9) else 1
    points = ImageOps.exif_transpose(points)
    return points if _is_translucent(points) else points.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """As RGB, RGBA, CMYK or L: 16 bits scaled down, palettes and transparent colours spelled out."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in {"RGB", "RGBA", "CMYK", "L"} and "transparency" not in image.info:
        return image
    return image.convert("RGBA")


def _in_srgb(points: Image.Image, profile: bytes | None) -> Image.Image:
    """By the colour profile that came with it; where that cannot be used, as if it were sRGB already."""
    target = "RGBA" if points.mode == "RGBA" else "RGB"
    if profile and points.mode != "L":
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            alpha = points.getchannel("A") if target == "RGBA" else None
            colours = points.convert("RGB") if alpha else points
            turned = ImageCms.profileToProfile(colours, source, _SRGB, outputMode="RGB")
            if turned is not None:
                if alpha:
                    turned.putalpha(alpha)
                return turned
    return points.convert(target)


def _is_translucent(points: Image.Image) -> bool:
    if points.mode != "RGBA":
        return False
    lowest, _ = points.getchannel("A").getextrema()
    return isinstance(lowest, int) and lowest < 255


def _written(points: Image.Image, has_exact_points: bool) -> PictureFile:
    """A new file: PNG where something shines through, or where a drawing is no larger so; else a progressive JPEG."""
    fresh = Image.frombytes(points.mode, points.size, points.tobytes())  # nothing of `info` comes along
    png = _encoded(fresh, "PNG") if has_exact_points or fresh.mode == "RGBA" else b""
    jpeg = _encoded(fresh, "JPEG") if fresh.mode == "RGB" else b""
    is_png = not jpeg or (bool(png) and len(png) <= len(jpeg))
    return PictureFile(
        content=png if is_png else jpeg,
        media_type=PNG if is_png else JPEG,
        width=fresh.width,
        height=fresh.height,
    )


def _encoded(points: Image.Image, kind: str) -> bytes:
    to = BytesIO()
    if kind == "JPEG":
        points.save(to, kind, quality=_QUALITY, optimize=True, progressive=True)
    else:
        points.save(to, kind, compress_level=7)
    return to.getvalue()
