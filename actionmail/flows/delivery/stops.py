"""What people name when they stop letters, and what is stopped in names that people know."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import String, and_, cast, select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.db.throttles import Rate, Switch
from actionmail.rules.delivery.rates import Scope, halvings_at
from actionmail.rules.delivery.reasons import Actor, ActorKind, PauseCause, PauseReason

_LARGEST_ID = 2**31 - 1  # of a legislator


class UnknownScope(LookupError):
    """There is no such campaign or legislator: `scope` says which of them, `name` is what was given."""

    def __init__(self, scope: Scope, name: str) -> None:
        super().__init__(scope, name)
        self.scope = scope
        self.name = name


class Stop(Struct, frozen=True, kw_only=True):
    """Something that gets no letters. `name` is a campaign's slug, a domain, a legislator's number, or "".

    `title` is a campaign's or a legislator's own name, `domain` the mail domain of the letter in `cause`; "" for none.
    """

    scope: Scope
    name: str
    title: str
    at: datetime
    actor: Actor
    cause: PauseCause
    domain: str


class Slowed(Struct, frozen=True, kw_only=True):
    """Something that asked to slow down, named as in Stop, and how often its rate is halved right now."""

    scope: Scope
    name: str
    title: str
    halvings: int


def key_of(session: Session, scope: Scope, name: str) -> str:
    """The key under which a switch keeps what people call `name`. Raises UnknownScope."""
    if scope is Scope.CAMPAIGN:
        id_ = session.scalars(select(Campaign.id).where(Campaign.slug == name)).one_or_none()
        if id_ is None:
            raise UnknownScope(scope, name)
        return str(id_)
    if scope is Scope.TARGET:
        if not name.isdecimal() or not 0 < int(name) <= _LARGEST_ID or session.get(Legislator, int(name)) is None:
            raise UnknownScope(scope, name)
        return str(int(name))
    return name.lower() if scope is Scope.DOMAIN else ""


def stops(session: Session) -> list[Stop]:
    """Every stop, the oldest first."""
    rows = session.execute(
        select(Switch, Campaign.slug, Campaign.title, Legislator.name, Message.domain)
        .outerjoin(Campaign, and_(Switch.scope == Scope.CAMPAIGN, cast(Campaign.id, String) == Switch.key))
        .outerjoin(Legislator, and_(Switch.scope == Scope.TARGET, cast(Legislator.id, String) == Switch.key))
        .outerjoin(Message, Message.id == Switch.message_id)
        .order_by(Switch.at, Switch.scope, Switch.key)
    )
    return [
        Stop(
            scope=Scope(switch.scope),
            name=slug or switch.key,
            title=title or legislator or "",
            at=switch.at,
            actor=Actor(kind=ActorKind(switch.actor_kind), id=switch.actor_id),
            cause=PauseCause(reason=PauseReason(switch.reason_code), words=switch.words, message=switch.message_id),
            domain=domain or "",
        )
        for switch, slug, title, legislator, domain in rows
    ]


def slowed(session: Session, *, now: datetime) -> list[Slowed]:
    """All that is slowed right now, whoever asked for it: the relay first, then domains, then legislators."""
    rows = session.execute(
        select(Rate.scope, Rate.key, Rate.halvings, Rate.slowed_at, Legislator.name)
        .outerjoin(Legislator, and_(Rate.scope == Scope.TARGET, cast(Legislator.id, String) == Rate.key))
        .where(Rate.halvings > 0)
        .order_by(Rate.key)
    )
    slowdowns = []
    for row in rows:
        if halvings := halvings_at(row.halvings, row.slowed_at, now):
            slowdowns.append(Slowed(scope=Scope(row.scope), name=row.key, title=row.name or "", halvings=halvings))
    return sorted(slowdowns, key=lambda slowdown: list(Scope).index(slowdown.scope))
