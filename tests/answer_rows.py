"""The rows by which answers are read, written into docs/delivery.md; `test_answer_rows.py` holds it to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from actionmail.cli.delivery.explain import table

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "delivery.md"
_MARKS: Final = re.compile(r"(<!-- rows of answers -->\n).*?(<!-- end of rows -->)", re.DOTALL)


def rewritten(text: str) -> str:
    """The document with the rows as they are."""
    return _MARKS.sub(lambda marks: f"{marks[1]}\n{table()}\n\n{marks[2]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text("utf-8")), "utf-8")
