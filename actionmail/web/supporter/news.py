"""The news: every post, newest first, and the same narrowed by what stands behind the question mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import campaign_pictures, news, reading
from actionmail.rules import moments
from actionmail.rules.actions.invisible_marks import is_text
from actionmail.rules.campaigns.kinds import CODES
from actionmail.rules.campaigns.kinds import kind_of as rules_of
from actionmail.rules.campaigns.searching import MAX_SEARCH
from actionmail.rules.campaigns.translations import OWN, known, look_up
from actionmail.rules.campaigns.value_checks import MAX_CATEGORY
from actionmail.rules.districts.states import STATES
from actionmail.rules.speech import gettext
from actionmail.web.platform import languages
from actionmail.web.platform.arguments import short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import one_line, sought
from actionmail.web.supporter.cards import plain_description
from actionmail.web.supporter.kinds import Kind, kind_of
from actionmail.web.supporter.post_pictures import PostPicture, post_picture
from actionmail.web.supporter.step import bp, open_what_is_due

if TYPE_CHECKING:
    from datetime import datetime

    from actionmail.db.campaigns import Campaign
    from actionmail.rules.campaigns.pictures import ShownPicture

_HOME = "supporter.home"
_LONGEST_NAME = 120  # of an organisation


class Post(Struct, frozen=True, kw_only=True):
    """One post as the list shows it. `ended` is "" while there is something to do, or nothing was."""

    campaign: Campaign
    reading: languages.Reading
    kind: Kind
    count: int
    ended: str
    ended_on: str  # the day of its deadline, where that is what ended it
    picture: PostPicture | None
    description: str

    @property
    def is_over(self) -> bool:
        return bool(self.ended)

    @property
    def is_act(self) -> bool:
        """Whether there is something to do on it now."""
        return not self.ended and rules_of(self.campaign.kind).is_act and self.asks

    @property
    def asks(self) -> bool:
        """Whether its form is shown, where its kind has one: that of days of action is not once all have passed."""
        return self.kind.form is None or self.kind.asks(self.campaign)


class _Listing(Struct, frozen=True, kw_only=True):
    """What the database has for one view of the list."""

    page: news.Page
    choices: news.Choices
    counts: Mapping[int, int]
    pictures: Mapping[int, ShownPicture]
    soonest: Campaign | None
    tags: list[str]  # of the languages in which there is something


@bp.get("/")
def home() -> ResponseReturnValue:
    """The posts that are wanted, a page of them."""
    open_what_is_due()
    wanted, now = narrowing(), services().clock()
    number = whole_number(request.args, "page", default=1)
    listing = _find(wanted, number, now)
    tongue = look_up([request.args.get("lang", "")], listing.tags) or OWN.tag
    return render_template(
        "supporter/news.html",
        posts=[_post(campaign, listing, now) for campaign in listing.page.posts],
        soonest=_post(listing.soonest, listing, now) if listing.soonest else None,
        page=listing.page,
        choices=listing.choices,
        narrowing=wanted,
        search_problem=_search_problem(),
        states=STATES,
        kind_of=kind_of,
        at=_staying_in(tongue),
        tongue="" if tongue == OWN.tag else tongue,
        in_tongue=in_tongue,
        tongues=[known(tag) for tag in listing.tags],
        base_url=services().settings.origin,
    )


def _find(wanted: news.Narrowing, number: int, now: datetime) -> _Listing:
    """In as many queries for a hundred posts as for one."""
    with services().database.read() as db:
        page = news.posts(db, wanted, number=number)
        is_whole = wanted == news.EVERYTHING and page.number == 1
        soonest = news.decided_soonest(db, now=now) if is_whole else None
        campaigns = [*page.posts, soonest] if soonest else list(page.posts)
        return _Listing(
            page=page,
            choices=news.choices(db),
            counts=reading.supporters(db, [campaign.id for campaign in campaigns]),
            pictures=campaign_pictures.of_campaigns(db, campaigns),
            soonest=soonest,
            tags=news.languages(db),
        )


def _post(campaign: Campaign, listing: _Listing, now: datetime) -> Post:
    ended = ""
    if not submitting.is_open(campaign, now) and rules_of(campaign.kind).is_act:
        ended = gettext("Paused") if campaign.status == "paused" else gettext("Closed")
    read, deadline = languages.reading_in_list(campaign), campaign.deadline_at
    day = deadline.astimezone(ZoneInfo(campaign.timezone)) if deadline and deadline <= now else None
    return Post(
        campaign=campaign,
        reading=read,
        kind=kind_of(campaign.kind),
        count=listing.counts.get(campaign.id, 0),
        ended=ended,
        ended_on=moments.day(day) if day and ended and campaign.status != "paused" else "",
        picture=post_picture(campaign, read, listing.pictures),
        description=plain_description(read.words["summary"].text),
    )


def narrowing() -> news.Narrowing:
    """What the address asks for; what cannot be meant narrows nothing."""
    kind = short_line(request.args, "kind", most=len(max(CODES, key=len)))
    state = short_line(request.args, "state", most=2)
    return news.Narrowing(
        category=short_line(request.args, "category", most=MAX_CATEGORY),
        state=state if state in STATES else "",
        organisation=short_line(request.args, "organisation", most=_LONGEST_NAME),
        kind=kind if kind in CODES else "",
        month=_month(short_line(request.args, "month", most=len("2022-02"))),
        search="" if _search_problem() else sought(request.args.get("search")),
    )


def _search_problem() -> str:
    """Why the words were not looked for, "" where they were or there are none."""
    typed = one_line(request.args.get("search"))
    if len(typed) > MAX_SEARCH:
        return gettext("Nothing was searched: type at most %(most)s characters.", most=MAX_SEARCH)
    return "" if is_text(typed) else gettext("Nothing was searched: there were characters in it that no text has.")


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def at(narrowing: news.Narrowing, changes: Mapping[str, str], number: int = 1, endpoint: str = _HOME) -> str:
    """The address of the list narrowed so, with some of it changed; "" takes a word away."""
    wanted = {
        "search": narrowing.search,
        "kind": narrowing.kind,
        "category": narrowing.category,
        "state": narrowing.state,
        "month": f"{narrowing.month:%Y-%m}" if narrowing.month else "",
        "organisation": narrowing.organisation,
        "page": str(number) if number > 1 else "",
        **changes,
    }
    query = urlencode({name: text for name, text in wanted.items() if text})
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)


def _staying_in(tag: str) -> Callable[..., str]:
    """`at`, for a list that is read in this language."""

    def stay(narrowing: news.Narrowing, changes: Mapping[str, str], number: int = 1, endpoint: str = _HOME) -> str:
        return at(narrowing, {**in_tongue(tag), **changes}, number, endpoint)

    return stay


def in_tongue(tag: str) -> dict[str, str]:
    """What to change in an address of the list so that it is read in this language; nothing stands there for the
    campaigns' own.
    """
    return {"lang": "" if tag == OWN.tag else tag}


@bp.app_template_filter("host_of")
def host_of(url: str) -> str:
    """To which site a link leads, for who reads it before they follow it."""
    return urlsplit(url).hostname or ""
