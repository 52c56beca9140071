"""What stands in an address, behind its question mark or in a form's hidden fields, with bounds: numbers and keys.

A database refuses a number that its column cannot hold, and PostgreSQL a text with U+0000, with an error that would be
a fault of ours. So whatever is no key, no number of a row and no short line is none here, before anybody asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

MOST_ROWS: Final = 2**31 - 1  # SQL's INTEGER
MOST_MESSAGES: Final = 2**63 - 1  # SQL's BIGINT
LONGEST_KEY: Final = 120
LONGEST_REVISION: Final = 32  # db.unsaved_edits
LONGEST_NAME: Final = 80  # of a letter
_MOST_DIGITS = len(str(MOST_MESSAGES))


class PublicKey(BaseConverter):
    """A slug, a token or a word of ours in an address: letters, digits, "-" and "_"; anything else is not found."""

    regex = rf"[A-Za-z0-9_-]{{1,{LONGEST_KEY}}}"


class RowNumber(BaseConverter):
    """The number of a row, as an int of at most `most`; a larger one is not found, as no row has it."""

    regex = rf"[0-9]{{1,{_MOST_DIGITS}}}"

    def __init__(self, map: object, most: int = MOST_ROWS) -> None:
        super().__init__(map)  # type: ignore[arg-type]
        self.most = most

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > self.most:
            raise ValidationError
        return number

    def to_url(self, value: int) -> str:
        return str(value)


def bind(app: Flask) -> None:
    """Make `<name>` in every rule a PublicKey and `<int:name>` a RowNumber; call before blueprints are registered."""
    app.url_map.converters.update(default=PublicKey, string=PublicKey, int=RowNumber)


def whole_number(values: Mapping[str, str], name: str, *, default: int, most: int = MOST_ROWS) -> int:
    """The number from 0 to `most` under `name`: `default` where none stands there, and `most` for any larger one."""
    text = values.get(name, "").strip()
    if not (text.isascii() and text.isdecimal()):
        return default
    digits = text.lstrip("0") or "0"
    return most if len(digits) > _MOST_DIGITS else min(int(digits), most)


def short_line(values: Mapping[str, str], name: str, *, most: int) -> str:
    """The line under `name`, or "" where there is none, it is longer than `most` or holds control characters."""
    text = values.get(name, "")
    return text if len(text) <= most and text.isprintable() else ""
