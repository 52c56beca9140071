"""What people name when they stop letters, and what is stopped in names that people know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.roster import Legislator
from actionmail.flows.delivery.queue import switches
from actionmail.rules.delivery.rates import Scope


class UnknownScope(LookupError):
    """There is no such campaign or legislator: `scope` says which of them, `name` is what was given."""

    def __init__(self, scope: Scope, name: str) -> None:
        super().__init__(scope, name)
        self.scope = scope
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Something that gets no letters. `name` is a campaign's slug, a domain, a legislator's number, or ""."""

    scope: Scope
    name: str
    at: datetime
    actor: str
    reason: str


def key_of(session: Session, scope: Scope, name: str) -> str:
    """The key under which a switch keeps what people call `name`. Raises UnknownScope."""
    if scope is Scope.CAMPAIGN:
        id_ = session.scalars(select(Campaign.id).where(Campaign.slug == name)).one_or_none()
        if id_ is None:
            raise UnknownScope(scope, name)
        return str(id_)
    if scope is Scope.TARGET:
        if session.get(Legislator, int(name)) is None:
            raise UnknownScope(scope, name)
        return str(int(name))
    return name.lower() if scope is Scope.DOMAIN else ""


def stops(session: Session) -> list[Stop]:
    """Every stop, the oldest first."""
    slugs = {str(id_): slug for id_, slug in session.execute(select(Campaign.id, Campaign.slug))}
    found = []
    for switch in switches(session):
        scope = Scope(switch.scope)
        name = slugs.get(switch.key, switch.key) if scope is Scope.CAMPAIGN else switch.key
        found.append(Stop(scope=scope, name=name, at=switch.at, actor=switch.actor, reason=switch.reason))
    return found
