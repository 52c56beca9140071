"""The document shows the house as it is."""

from __future__ import annotations

import re

from tests.architecture import DOCUMENT, FLOORS, redrawn


def test_the_pictures_are_drawn_from_the_imports() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    pictured = re.findall(r"<!-- picture of (\w+) -->", text)
    assert set(pictured) == {"floors", "flows", "rules"}
    assert redrawn(text) == text, "run `make architecture`"


def test_a_picture_that_lies_is_drawn_anew() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    lie = text.replace("actions --> campaigns", "campaigns --> actions")
    assert lie != text
    assert redrawn(lie) == text


def test_every_floor_with_rooms_has_its_rooms_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for floor in FLOORS:
        folder = DOCUMENT.parent.parent / "actionmail" / floor
        rooms = {path.parent.name for path in folder.glob("*/__init__.py")}
        listed = re.search(rf"^      {floor}/ .*\n(?: {{20}}(.*)\n)", text, re.MULTILINE)
        assert listed, floor
        assert set(listed[1].split()) == rooms, floor
