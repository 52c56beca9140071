"""The table of settings in docs/install.md, written from `actionmail.settings_names`: `make settings-table`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from actionmail.settings_names import SETTINGS, Setting

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "install.md"
_MARKS: Final = re.compile(r"(<!-- table of settings -->\n).*?(<!-- end of table -->)", re.DOTALL)
_HEAD: Final = "| variable | what it is | without it |\n|---|---|---|\n"


def rewritten(text: str) -> str:
    """The document with its table written anew."""
    rows = "".join(map(_row, SETTINGS))
    return _MARKS.sub(lambda match: f"{match[1]}\n{_HEAD}{rows}\n{match[2]}", text)


def _row(setting: Setting) -> str:
    mark = " †" if setting.is_secret else ""
    return f"| `{setting.name}`{mark} | {setting.what} | {setting.without} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
