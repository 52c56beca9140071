"""Every kind of picture that people have becomes a small, plain one; whatever is none is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from actionmail.gateways.pictures.reencoding import reencode
from actionmail.rules.campaigns.pictures import JPEG, LARGE, MAX_POINTS_WHOLE, MAX_SIDE, PNG, SMALL
from actionmail.rules.campaigns.problems import CampaignValueError
from tests.pictures import BLUE, RED, decoded, drawn, encoded, png, png_that_declares

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
GPS = 0x8825
TURNS = {  # what EXIF's orientations 1 to 8 make of a corner that was the upper left one
    1: (0, 0),
    2: (1, 0),
    3: (1, 1),
    4: (0, 1),
    5: (0, 0),
    6: (1, 0),
    7: (1, 1),
    8: (0, 1),
}


def near(seen: object, wanted: tuple[int, ...]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) < 12 for a, b in zip(seen, wanted, strict=True))


def corner(image: Image.Image, right: int, lower: int) -> object:
    return image.getpixel((2 + right * (image.width - 5), 2 + lower * (image.height - 5)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", TURNS)
def test_a_picture_stands_as_the_camera_was_held(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = reencode(encoded(drawn(), kind, exif=exif)).large
    assert (made.width, made.height) == ((60, 40) if orientation < 5 else (40, 60))
    assert near(corner(decoded(made.content), *TURNS[orientation]), BLUE)
    assert near(corner(decoded(made.content), *[1 - side for side in TURNS[orientation]]), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_comes_along(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "MAKER-OF-THE-CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    how = {"exif": exif, "xmp": b"<x:xmpmeta>XMP-OF-SOMEBODY</x:xmpmeta>"} if kind != "PNG" else {"exif": exif}
    upload = encoded(drawn(2000, 900), kind, **how) + b"<script>BEHIND-THE-END</script>"
    assert b"MAKER" in upload
    for made in (reencode(upload).large, reencode(upload).small):
        assert not [mark for mark in (b"MAKER", b"XMP", b"BEHIND", b"Exif", b"script") if mark in made.content]
        image = decoded(made.content)
        assert not dict(image.getexif())
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_both_sizes_keep_the_proportion_and_nothing_is_enlarged() -> None:
    made = reencode(encoded(drawn(3200, 1000), "JPEG"))
    assert (made.large.width, made.large.height) == (LARGE, 500)
    assert (made.small.width, made.small.height) == (SMALL, 150)
    assert decoded(made.small.content).size == (SMALL, 150)
    little = reencode(png())
    assert little.large == little.small
    assert (little.large.width, little.large.height) == (60, 40)
    assert reencode(png(5000, 1)).small.height == 1


def test_the_same_upload_gives_the_same_bytes() -> None:
    upload = encoded(drawn(900, 600), "JPEG")
    assert reencode(upload) == reencode(upload)


KINDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "cmyk": (lambda: encoded(drawn(mode="CMYK"), "JPEG"), JPEG),
    "grey": (lambda: encoded(drawn(mode="L"), "JPEG"), JPEG),
    "palette": (lambda: encoded(drawn(600, 400).quantize(8), "PNG"), PNG),
    "one bit": (lambda: encoded(drawn(600, 400, "1"), "PNG"), PNG),
    "gif": (lambda: encoded(drawn(600, 400).quantize(8), "GIF"), PNG),
    "webp": (lambda: encoded(drawn(600, 400), "WEBP", quality=80), JPEG),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_colour_becomes_one_that_every_browser_shows(kind: str) -> None:
    draw, media_type = KINDS[kind]
    made = reencode(draw()).large
    image = decoded(made.content)
    assert (made.media_type, image.mode) == (media_type, "RGB")
    if kind not in {"grey", "one bit"}:
        assert near(corner(image, 0, 0), BLUE) and near(corner(image, 1, 1), RED)


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    image = decoded(reencode(encoded(Image.new("I;16", (60, 40), 0x8080), "PNG")).large.content)
    assert near(image.getpixel((5, 5)), (0x80, 0x80, 0x80))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_shines_through_goes_on_doing_so(kind: str) -> None:
    upload = drawn(2000, 1000, "RGBA")
    upload.paste((0, 0, 0, 0), (1000, 500, 2000, 1000))
    made = reencode(encoded(upload, kind, lossless=True) if kind == "WEBP" else encoded(upload, kind)).large
    image = decoded(made.content)
    assert (made.media_type, image.mode) == (PNG, "RGBA")
    assert corner(image, 0, 0) == (*BLUE, 255)
    assert image.getchannel("A").getpixel((1500, 700)) == 0


def test_a_transparent_colour_of_a_palette_stays_transparent() -> None:
    palette = drawn().quantize(4)
    through = palette.getpixel((0, 0))
    image = decoded(reencode(encoded(palette, "PNG", transparency=through)).large.content)
    assert image.mode == "RGBA"
    assert image.getchannel("A").getpixel((0, 0)) == 0
    assert image.getchannel("A").getpixel((59, 39)) == 255


def test_an_alpha_channel_that_hides_nothing_makes_no_large_png() -> None:
    noise = Image.effect_noise((800, 600), 80).convert("RGBA")
    assert reencode(encoded(noise, "PNG")).large.media_type == JPEG


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind: str) -> None:
    frames = [drawn(90, 60), Image.new("RGB", (90, 60), (0, 255, 0))]
    image = decoded(reencode(encoded(frames[0], kind, save_all=True, append_images=frames[1:])).large.content)
    assert getattr(image, "n_frames", 1) == 1
    assert near(corner(image, 0, 0), BLUE)


def test_colours_of_another_space_are_turned_into_those_of_the_web() -> None:
    lab = ImageCms.createProfile("LAB")  # no profile of a picture in RGB: passed over
    upload = encoded(drawn(), "JPEG", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    image = decoded(reencode(upload).large.content)
    assert near(corner(image, 1, 1), RED)
    assert "icc_profile" not in image.info


TRUNCATED = encoded(drawn(900, 600), "JPEG")[:3000]
REFUSED = {
    "nothing": (b"", "picture.none"),
    "text": (b"Dear Senator,\n" * 40, "picture.no-picture"),
    "svg": (SVG.encode(), "picture.svg"),
    "svg with a head": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG.encode(), "picture.svg"),
    "svg named a jpeg": (b"   \n" + SVG.encode(), "picture.svg"),
    "html": (b"<!doctype html><title>x</title>", "picture.no-picture"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", "picture.no-picture"),
    "bmp": (encoded(drawn(), "BMP"), "picture.no-picture"),
    "tiff": (encoded(drawn(), "TIFF"), "picture.no-picture"),
    "jpeg cut off": (TRUNCATED, "picture.damaged"),
    "png cut off": (png(900, 600)[:200], "picture.damaged"),
    "gif cut off": (encoded(drawn(900, 600).quantize(8), "GIF")[:900], "picture.damaged"),
    "webp cut off": (encoded(drawn(900, 600), "WEBP")[:300], "picture.damaged"),
    "png without a picture": (png_that_declares(10, 10), "picture.damaged"),
    "too wide": (png_that_declares(30_000, 10), "picture.too-wide"),
    "too high": (png_that_declares(10, MAX_SIDE + 1), "picture.too-wide"),
    "too many points": (png_that_declares(MAX_SIDE, MAX_POINTS_WHOLE // MAX_SIDE + 1), "picture.too-many-points"),
    "far too many": (png_that_declares(15_999, 15_999), "picture.too-many-points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_for_us_is_refused_and_says_why(name: str) -> None:
    content, code = REFUSED[name]
    with pytest.raises(CampaignValueError) as refused:
        reencode(content)
    assert refused.value.problem.code == code


def test_a_telephones_jpeg_is_taken_though_another_format_of_its_size_is_not() -> None:
    telephone = Image.new("L", (6400, 4800), 90)
    assert reencode(encoded(telephone, "JPEG")).large.width == LARGE
    with pytest.raises(CampaignValueError) as refused:
        reencode(encoded(telephone, "PNG"))
    assert refused.value.problem.values == {"most": MAX_POINTS_WHOLE}


def test_a_header_that_declares_too_much_is_enough_to_refuse() -> None:
    with pytest.raises(CampaignValueError) as refused:
        reencode(png_that_declares(30_000, 20))
    assert refused.value.problem.values == {"width": 30_000, "height": 20, "most": MAX_SIDE}


def test_what_is_a_picture_and_a_page_at_once_becomes_the_picture_alone() -> None:
    page = b"<html><script>alert(1)</script></html>"
    comment = encoded(drawn(), "GIF", comment=page)
    jpeg = encoded(drawn(), "JPEG", comment=page)
    for upload in (comment, jpeg, png() + page, jpeg + b"PK\x03\x04" + page):
        assert page in upload
        assert b"<html>" not in reencode(upload).large.content
