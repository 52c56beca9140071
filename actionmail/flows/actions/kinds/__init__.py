"""What differs among kinds when somebody acts. The next one is a module here and a line in `KINDS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from actionmail.flows.actions.kinds import call, days, letter, news, petition, statement, toolkit
from actionmail.flows.actions.kinds.kind import Kind

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


def kind_of(code: str) -> Kind:
    """Raises KeyError for a code of none."""
    return _BY_CODE[code]
