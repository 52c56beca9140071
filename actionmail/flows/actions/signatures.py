"""Who signed a petition: those who let their names stand on its page, and how many by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.flows.campaigns.reading import counted

SHOWN = 50  # names on a petition's page


class Signer(Struct, frozen=True, kw_only=True):
    """What the public may see of somebody who agreed to that. `state` is "" where it is not known."""

    name: str
    city: str
    state: str


def public_signers(session: Session, campaign_id: int) -> list[Signer]:
    """The last of those who agreed to stand on the page, newest first, at most SHOWN."""
    query = (
        select(Action.name, Action.city, Action.state)
        .where(
            Action.campaign_id == campaign_id,
            *counted(),
            Action.erased_at.is_(None),
            Action.details["show_name"].as_boolean(),
        )
        .order_by(Action.created_at.desc(), Action.id.desc())
        .limit(SHOWN)
    )
    return [Signer(name=row.name, city=row.city, state=row.state) for row in session.execute(query)]


class ByPlace(Struct, frozen=True, kw_only=True):
    """How many count, by state ("" for those whose ZIP code tells none) and by district where the ZIP settles it."""

    states: Sequence[tuple[str, int]]
    districts: Sequence[tuple[str, str, int]]  # state, "upper/26"


def by_place(session: Session, campaign_id: int) -> ByPlace:
    """The most first."""
    query = select(Action.state, func.count()).where(Action.campaign_id == campaign_id, *counted())
    states = session.execute(query.group_by(Action.state)).all()
    rows = select(Action.state, Action.lookup).where(Action.campaign_id == campaign_id, *counted())
    districts: Counter[tuple[str, str]] = Counter()
    for state, lookup in session.execute(rows.execution_options(yield_per=1_000)):
        districts.update((state, district) for district in lookup.get("districts", ()))
    by_count = sorted(districts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ByPlace(
        states=sorted(((state, count) for state, count in states), key=lambda entry: (-entry[1], entry[0])),
        districts=[(state, district, count) for (state, district), count in by_count],
    )
