"""What staff fill in and read, by kind. The next one is a module here, a line in `KINDS`, and where its campaign's page
says more, a template `staff/campaigns/kinds/<code>.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from actionmail.web.campaigns.kinds import call, days, letter, news, petition, statement, toolkit
from actionmail.web.campaigns.kinds.kind import Kind

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


def sentences() -> dict[str, str | Callable[..., str]]:
    """What kinds say of what is wrong with their details, by code."""
    by_code: dict[str, str | Callable[..., str]] = {}
    for kind in KINDS:
        by_code |= kind.sentences
    return by_code
