"""What supporters read and fill in, by kind. The next one is a module here, a line in `KINDS`, and a folder of
templates, `supporter/kinds/<code>/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from actionmail.web.supporter.kinds import call, days, letter, news, petition, statement, toolkit
from actionmail.web.supporter.kinds.kind import Kind, TakeForm

KINDS: Final[tuple[Kind, ...]] = (
    letter.KIND,
    petition.KIND,
    statement.KIND,
    call.KIND,
    toolkit.KIND,
    days.KIND,
    news.KIND,
)
_BY_CODE: Final[Mapping[str, Kind]] = {kind.code: kind for kind in KINDS}

__all__ = ["KINDS", "Kind", "TakeForm", "kind_of"]


def kind_of(code: str) -> Kind:
    """Raises KeyError for a code of none."""
    return _BY_CODE[code]
