"""A petition's signatures as they are handed over: only those that count, in the order of the paper, one at a time.

Each function asks within the session that it is given; in one of `Database.snapshot` all of them see the same moment,
however many people sign meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.flows.campaigns.reading import campaign_of, counted, details_of
from actionmail.flows.campaigns.refusals import UnknownCampaign

KIND = "petition"
MOST_TOLD = 50  # places of unprintable characters, one by one
_AT_ONCE = 1_000  # rows in memory

FindUnprintable = Callable[[Iterable[str]], Iterator[tuple[str, ...]]]  # for each text what no font at hand has


class Part(StrEnum):
    """Where a character stands."""

    PETITION = "petition"  # its own words
    NAME = "name"
    CITY = "city"
    COMMENT = "comment"


class Signature(Struct, frozen=True, kw_only=True):
    """One that counts. `district` is as the ZIP code settles it ("upper/26"), the upper house's first; "" without."""

    number: int
    name: str
    city: str
    zip: str
    state: str
    district: str
    signed_at: datetime
    comment: str


class Unprintable(Struct, frozen=True, kw_only=True):
    """Characters that no font at hand has, and whose they are; `number` is the signature's, 0 for the petition's own
    words.
    """

    part: Part
    number: int
    name: str
    characters: tuple[str, ...]


class Looked(Struct, frozen=True, kw_only=True):
    """What cannot be printed: the first `MOST_TOLD` places, how many `others` there are, and all of the signatures
    whose comments are among them. `is_only_comments`: without those everything can be printed.
    """

    unprintable: tuple[Unprintable, ...]
    others: int
    comments: frozenset[int]
    is_only_comments: bool


def petition_of(session: Session, slug: str) -> Campaign:
    """Raises UnknownCampaign where there is no petition of this name."""
    campaign = campaign_of(session, slug)
    if campaign.kind != KIND:
        raise UnknownCampaign(slug)
    return campaign


def number_of(session: Session, campaign: Campaign) -> int:
    """How many `signatures` there are."""
    return session.scalar(select(func.count()).select_from(Action).where(*_handed_over(campaign))) or 0


def signatures(session: Session, campaign: Campaign) -> Iterator[Signature]:
    """By state and district, those without one last, and within it as they came; never all of them in memory."""
    return _read(session, _in_order(campaign))


def comments(session: Session, campaign: Campaign) -> Iterator[Signature]:
    """Those that have some words of their own, as they came."""
    has_comment = func.coalesce(_comment(), "") != ""
    return _read(session, _columns(campaign).where(has_comment).order_by(Action.created_at, Action.id))


def look(session: Session, campaign: Campaign, *, find: FindUnprintable, with_comments: bool = True) -> Looked:
    """What of the petition and its signatures cannot be printed, before anything is made."""
    waiting: deque[tuple[Part, int, str]] = deque()

    def texts() -> Iterator[str]:
        for place, text in _texts(session, campaign, with_comments):
            if not (text.isascii() and text.isprintable()):
                waiting.append(place)
                yield text

    unprintable: list[Unprintable] = []
    others = 0
    without: set[int] = set()
    is_only_comments = True
    for characters in find(texts()):
        part, number, name = waiting.popleft()
        if not characters:
            continue
        if part is Part.COMMENT:
            without.add(number)
        else:
            is_only_comments = False
        if len(unprintable) < MOST_TOLD:
            unprintable.append(Unprintable(part=part, number=number, name=name, characters=characters))
        else:
            others += 1
    return Looked(
        unprintable=tuple(unprintable), others=others, comments=frozenset(without), is_only_comments=is_only_comments
    )  # fmt: skip


def _texts(session: Session, campaign: Campaign, with_comments: bool) -> Iterator[tuple[tuple[Part, int, str], str]]:
    details = details_of(campaign)
    parts = (Part.NAME, Part.CITY, *((Part.COMMENT,) if with_comments else ()))
    for text in (campaign.title, campaign.organisation, *(details[key] for key in _OWN)):
        yield (Part.PETITION, 0, ""), text
    for signature in signatures(session, campaign):
        for part in parts:
            yield (part, signature.number, signature.name), getattr(signature, part.value)


_OWN = ("to", "to_title", "to_address", "text")


def _handed_over(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    return (Action.campaign_id == campaign.id, *counted(), Action.erased_at.is_(None))


def _comment() -> ColumnElement[str]:
    comment: ColumnElement[str] = Action.details["comment"].as_string()
    return comment


def _district() -> ColumnElement[str]:
    return func.coalesce(Action.lookup[("districts", 0)].as_string(), "")


def _columns(campaign: Campaign) -> Select[*tuple[Any, ...]]:
    return select(
        Action.id,
        Action.name,
        Action.city,
        Action.zip,
        Action.state,
        _district().label("district"),
        Action.created_at,
        func.coalesce(_comment(), "").label("comment"),
    ).where(*_handed_over(campaign))


def _in_order(campaign: Campaign) -> Select[*tuple[Any, ...]]:
    """ "upper/9" before "upper/10": shorter ones first."""
    district = _district()
    place = (Action.state == "", Action.state, district == "", func.length(district), district)
    return _columns(campaign).order_by(*place, Action.created_at, Action.id)


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Signature]:
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Signature(
            number=row.id,
            name=row.name,
            city=row.city,
            zip=row.zip,
            state=row.state,
            district=row.district,
            signed_at=row.created_at,
            comment=row.comment,
        )
