"""A toolkit's zip: read by the library and by another program, the same bytes each time, nothing kept in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.campaigns.toolkit_zip import ToolkitPicture, ToolkitText, toolkit_zip

TEXTS = [
    ToolkitText(name="Bluesky", text="No to AB 969\nខ្មែរ 👍🏽\r\n"),
    ToolkitText(name="../../etc/passwd", text="a"),
    ToolkitText(name="bluesky", text="b"),
    ToolkitText(name='ខ្មែរ / Op-ed: "why?"', text="c"),
    ToolkitText(name="CON", text="d"),
    ToolkitText(name="...", text="e"),
]
PICTURES = [
    ToolkitPicture(name="A door", ending="jpg", alternative="A school door.", read=lambda: b"\xff\xd8\xff" * 999),
    ToolkitPicture(name="A door", ending="png", alternative="Another.", read=lambda: b"\x89PNG"),
]


def opened(texts: list[ToolkitText], pictures: list[ToolkitPicture]) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(b"".join(toolkit_zip(texts, pictures))))


def test_texts_and_pictures_with_their_words_are_in_it() -> None:
    archive = opened(TEXTS, PICTURES)
    assert archive.testzip() is None
    assert archive.namelist() == [
        "texts/Bluesky.txt",
        "texts/etc-passwd.txt",
        "texts/bluesky-2.txt",
        "texts/ខ្មែរ-Op-ed-why.txt",
        "texts/CON-file.txt",
        "texts/file.txt",
        "pictures/A-door.jpg",
        "pictures/A-door.alt.txt",
        "pictures/A-door-2.png",
        "pictures/A-door-2.alt.txt",
    ]
    assert archive.read("texts/Bluesky.txt").decode() == "No to AB 969\r\nខ្មែរ 👍🏽\r\n"
    assert archive.read("pictures/A-door.jpg") == b"\xff\xd8\xff" * 999
    assert archive.read("pictures/A-door-2.alt.txt") == b"Another.\r\n"


def test_the_same_toolkit_is_the_same_bytes() -> None:
    assert b"".join(toolkit_zip(TEXTS, PICTURES)) == b"".join(toolkit_zip(TEXTS, PICTURES))


def test_an_empty_toolkit_is_an_empty_zip() -> None:
    assert opened([], []).namelist() == []


def test_a_picture_is_read_when_its_turn_comes_and_not_kept() -> None:
    asked: list[int] = []

    def pictures() -> Iterator[ToolkitPicture]:
        for number in range(50):
            content = bytes([number]) * 100_000
            yield ToolkitPicture(
                name="p",
                ending="jpg",
                alternative="",
                read=lambda number=number, content=content: asked.append(number) or content,  # type: ignore[misc]
            )

    for pieces, piece in enumerate(toolkit_zip([], pictures())):
        assert len(asked) == min(pieces + 1, 50)
        assert len(piece) < 120_000


@given(st.lists(st.text(max_size=90), max_size=5))
def test_every_name_can_be_unpacked_and_stands_once(names: list[str]) -> None:
    archive = opened([ToolkitText(name=name, text="x") for name in names], [])
    unpacked = [name.casefold() for name in archive.namelist()]
    assert len(set(unpacked)) == len(names)
    for name in archive.namelist():
        assert name.startswith("texts/") and name.count("/") == 1 and ".." not in name
