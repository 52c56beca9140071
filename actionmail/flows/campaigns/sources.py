"""By which links people came who acted, in numbers alone."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.flows.campaigns.reading import counted

LISTED = 30  # codes by themselves: anybody can write one into an address


class BySource(Struct, frozen=True, kw_only=True):
    """How many actions count, by the code of the link, most first, "" for those without; and of how many other codes
    there are how many more.
    """

    listed: Sequence[tuple[str, int]]
    other_codes: int
    others: int

    @property
    def is_told(self) -> bool:
        """Whether anybody came by a link with a code."""
        return any(source for source, _ in self.listed) or bool(self.others)


def by_source(session: Session, campaign_id: int) -> BySource:
    """Of one campaign, whatever its kind."""
    count = func.count()
    query = select(Action.source, count).where(Action.campaign_id == campaign_id, *counted())
    rows = session.execute(query.group_by(Action.source).order_by(count.desc(), Action.source)).all()
    counts = [(source, number) for source, number in rows]
    rest = counts[LISTED:]
    return BySource(listed=counts[:LISTED], other_codes=len(rest), others=sum(number for _, number in rest))
