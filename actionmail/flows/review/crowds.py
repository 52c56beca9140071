"""Crowds that staff should look at: many actions within an hour by one link or from one network, and the same paragraph
under many names within a day.

Nothing is kept for it but what an action has anyway, and a number that very many paragraphs share. The newest actions
alone are looked at, along the index of when they were made, so that it costs the same however long the log is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.rules.actions.address_bucket import bucket_of
from actionmail.rules.actions.networks import network_of
from actionmail.rules.campaigns.kinds import kind_of

LOOKED_AT: Final = 5_000  # of the newest actions
LOOK_BACK: Final = timedelta(days=1)


class CrowdKind(StrEnum):
    SOURCE = "source"
    NETWORK = "network"
    PARAGRAPH = "paragraph"


# So many within so long are a crowd. A network is an address of IPv4 or a /64 of IPv6, behind which a household sits, a
# library or a phone company; a link is in a newsletter, which may bring some hundred at once.
CROWDS: Final = {
    CrowdKind.SOURCE: (200, timedelta(hours=1)),
    CrowdKind.NETWORK: (30, timedelta(hours=1)),
    CrowdKind.PARAGRAPH: (20, LOOK_BACK),
}


class Crowd(Struct, frozen=True, kw_only=True):
    """`count` actions of one campaign, the first at `since`, the last at `until`: the most within their time.

    `action` is the newest of them: by its number the send log finds those of its network, or with its paragraph. `key`
    tells it from others, and nobody's network from it.
    """

    kind: CrowdKind
    campaign: str  # slug
    title: str
    writes_letters: bool
    source: str  # of CrowdKind.SOURCE; else ""
    count: int
    since: datetime
    until: datetime
    action: int
    key: str


def crowds(session: Session, *, now: datetime) -> Sequence[Crowd]:
    """Those of the last LOOK_BACK, the newest first."""
    rows = session.execute(
        select(
            Action.id,
            Action.created_at,
            Action.campaign_id,
            Action.source,
            Action.consent_address,
            Action.paragraph_bucket,
        )
        .where(Action.created_at >= now - LOOK_BACK, Action.invalid_at.is_(None))
        .order_by(Action.created_at.desc(), Action.id.desc())
        .limit(LOOKED_AT)
    ).all()
    groups: dict[tuple[int, CrowdKind, str], list[Row[*tuple[Any, ...]]]] = {}
    for row in reversed(rows):
        for kind, what in _marks(row):
            groups.setdefault((row.campaign_id, kind, what), []).append(row)
    large_groups = []
    for (campaign, kind, what), actions in groups.items():
        most = _most_at_once(actions, CROWDS[kind][1])
        if len(most) >= CROWDS[kind][0]:
            large_groups.append((campaign, kind, what, most))
    large_groups.sort(key=lambda crowd: crowd[3][-1].created_at, reverse=True)
    return _told(session, large_groups)


def _marks(row: Row[*tuple[Any, ...]]) -> Iterator[tuple[CrowdKind, str]]:
    """What an action may have in common with others."""
    if row.source:
        yield CrowdKind.SOURCE, row.source
    if network := network_of(row.consent_address):
        yield CrowdKind.NETWORK, network
    if row.paragraph_bucket is not None:
        yield CrowdKind.PARAGRAPH, str(row.paragraph_bucket)


def _most_at_once(actions: Sequence[Row[*tuple[Any, ...]]], within: timedelta) -> Sequence[Row[*tuple[Any, ...]]]:
    """Of these, the oldest first, the most that lie so close together."""
    begin, end, first = 0, 0, 0
    for last, action in enumerate(actions):
        while action.created_at - actions[first].created_at > within:
            first += 1
        if last + 1 - first > end - begin:
            begin, end = first, last + 1
    return actions[begin:end]


_LargeGroup = tuple[int, CrowdKind, str, Sequence[Row[*tuple[Any, ...]]]]


def _told(session: Session, large_groups: Sequence[_LargeGroup]) -> Sequence[Crowd]:
    if not large_groups:
        return []
    query = select(Campaign.id, Campaign.slug, Campaign.title, Campaign.kind)
    query = query.where(Campaign.id.in_({group[0] for group in large_groups}))
    campaigns = {row.id: row for row in session.execute(query)}
    described = []
    for campaign, kind, what, actions in large_groups:
        described.append(
            Crowd(
                kind=kind,
                campaign=campaigns[campaign].slug,
                title=campaigns[campaign].title,
                writes_letters=kind_of(campaigns[campaign].kind).writes_letters,
                source=what if kind is CrowdKind.SOURCE else "",
                count=len(actions),
                since=actions[0].created_at,
                until=actions[-1].created_at,
                action=actions[-1].id,
                key=f"{kind} {campaign} {bucket_of(what)}",
            )
        )
    return described
