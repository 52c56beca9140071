"""The news: every listed campaign that is or was open, newest first, and what a list of them can be narrowed to."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Text, and_, cast, func, not_, select, true
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.rules.campaigns import translations
from actionmail.rules.campaigns.kinds import KINDS
from actionmail.rules.campaigns.searching import terms
from actionmail.rules.campaigns.translations import OWN, offered

ON_A_PAGE = 20
_NEWEST_FIRST = (Campaign.day.desc(), Campaign.id.desc())
_PUBLIC = ("live", "paused", "closed")
_ACTS = tuple(kind.code for kind in KINDS if kind.is_act)


class Narrowing(Struct, frozen=True, kw_only=True):
    """Which posts are wanted; "" and None are all. `month` is its first day; all words of `search` stand there."""

    category: str = ""
    state: str = ""
    organisation: str = ""
    kind: str = ""
    month: date | None = None
    search: str = ""


EVERYTHING = Narrowing()


class Page(Struct, frozen=True, kw_only=True):
    """One page of the list. `number` counts from 1; `total` posts fit the narrowing."""

    posts: Sequence[Campaign]
    number: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // ON_A_PAGE))


class Choices(Struct, frozen=True, kw_only=True):
    """What there is to narrow the list to, each in the order in which it is offered."""

    categories: Sequence[str]
    states: Sequence[str]
    organisations: Sequence[str]
    kinds: Sequence[str]
    months: Sequence[date]  # first days, newest first


def posts(session: Session, narrowing: Narrowing = EVERYTHING, *, number: int = 1) -> Page:
    """The posts of one page, by day and then by id, newest first; of the last one where `number` is beyond it."""
    conditions = list(_fitting(narrowing))
    total = session.scalar(select(func.count()).select_from(Campaign).where(*conditions)) or 0
    page = Page(posts=(), number=number, total=total)
    number = min(max(number, 1), page.last)
    query = select(Campaign).where(*conditions).order_by(*_NEWEST_FIRST)
    query = query.limit(ON_A_PAGE).offset((number - 1) * ON_A_PAGE)
    return Page(posts=session.scalars(query).all(), number=number, total=total)


def choices(session: Session) -> Choices:
    """Over all posts of the news."""
    columns = (Campaign.day.label("day"), Campaign.state, Campaign.organisation, Campaign.kind, Campaign.categories)
    rows = session.execute(select(*columns).where(*_fitting(EVERYTHING)).order_by(*_NEWEST_FIRST)).all()
    categories: dict[str, str] = {}
    for row in rows:
        for word in row.categories:
            categories.setdefault(word.casefold(), word)
    return Choices(
        categories=sorted(categories.values(), key=str.casefold),
        states=sorted({row.state for row in rows if row.state}),
        organisations=sorted({row.organisation for row in rows}, key=str.casefold),
        kinds=list(dict.fromkeys(row.kind for row in rows)),
        months=list(dict.fromkeys(row.day.replace(day=1) for row in rows)),
    )


def decided_soonest(session: Session, *, now: datetime) -> Campaign | None:
    """Of the posts on which there is still something to do, the one whose deadline comes first; None without any."""
    conditions = (*_fitting(EVERYTHING), Campaign.status == "live", Campaign.deadline_at > now)
    query = select(Campaign).where(*conditions, Campaign.kind.in_(_ACTS))
    return session.scalars(query.order_by(Campaign.deadline_at, Campaign.id).limit(1)).first()


class Address(Struct, frozen=True, kw_only=True):
    """A post, when it was changed last, and in which languages it can be read, the campaign's own first."""

    slug: str
    updated_at: datetime
    languages: Sequence[str]


def addresses(session: Session, *, most: int) -> list[Address]:
    """Every post, newest first."""
    query = select(Campaign.slug, Campaign.updated_at, Campaign.translations)
    listed = []
    for row in session.execute(query.where(*_fitting(EVERYTHING)).order_by(*_NEWEST_FIRST).limit(most)):
        tags = [language.tag for language in offered(row.translations)]
        listed.append(Address(slug=row.slug, updated_at=row.updated_at, languages=tags))
    return listed


def languages(session: Session) -> list[str]:
    """In which the news can be read, as far as each post is translated: the campaigns' own first."""
    each = func.json_each(Campaign.translations).table_valued("key", "value")
    has_words = cast(each.c.value, Text).not_in(["{}", "null"])
    tags = select(each.c.key).distinct().select_from(Campaign).join(each, true())
    used = set(session.scalars(tags.where(*_fitting(EVERYTHING), has_words)))
    return [OWN.tag, *(tag for tag in translations.languages() if tag in used)]


def last_lost(session: Session) -> datetime | None:
    """When the list may have lost a post last: the last change of a campaign that is not, or not now, among them."""
    return session.scalar(select(func.max(Campaign.updated_at)).where(not_(and_(*_fitting(EVERYTHING)))))


def offered_after(session: Session, campaign: Campaign) -> list[Campaign]:
    """The campaigns that its staff offer after its action, in their order, of those that are live."""
    rows = session.scalars(select(Campaign).where(Campaign.slug.in_(campaign.then), Campaign.status == "live"))
    by_slug = {row.slug: row for row in rows}
    return [by_slug[slug] for slug in campaign.then if slug in by_slug]


def _fitting(narrowing: Narrowing) -> Iterator[ColumnElement[bool]]:
    yield Campaign.listed.is_(True)
    yield Campaign.status.in_(_PUBLIC)
    yield Campaign.day.is_not(None)
    if narrowing.category:
        # The column is text in JSON on both databases, and no category has a quote or a backslash in it.
        word = json.dumps(narrowing.category).lower()
        yield func.lower(cast(Campaign.categories, Text)).contains(word, autoescape=True)
    if narrowing.state:
        yield Campaign.state == narrowing.state
    if narrowing.organisation:
        yield Campaign.organisation == narrowing.organisation
    if narrowing.kind:
        yield Campaign.kind == narrowing.kind
    for term in terms(narrowing.search):
        yield Campaign.search_text.contains(term, autoescape=True)
    if narrowing.month is not None:
        days = calendar.monthrange(narrowing.month.year, narrowing.month.month)[1]
        yield Campaign.day.between(narrowing.month, narrowing.month.replace(day=days))
