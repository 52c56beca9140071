"""The news: every post, newest first, and the same narrowed by what stands behind the question mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import news, reading
from actionmail.rules.campaigns.kinds import CODES
from actionmail.rules.campaigns.kinds import kind_of as rules_of
from actionmail.rules.campaigns.value_checks import MAX_CATEGORY
from actionmail.rules.districts.states import STATES
from actionmail.web.platform import languages
from actionmail.web.platform.arguments import short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.supporter.kinds import Kind, kind_of
from actionmail.web.supporter.step import bp

if TYPE_CHECKING:
    from datetime import datetime

    from actionmail.db.campaigns import Campaign

_LONGEST_NAME = 120  # of an organisation


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as the list shows it. `ended` is "" while there is something to do, or nothing was."""

    campaign: Campaign
    reading: languages.Reading
    kind: Kind
    count: int
    ended: str

    @property
    def is_over(self) -> bool:
        return bool(self.ended)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The posts that are wanted, a page of them."""
    narrowing, now = _narrowing(), services().clock()
    with services().database.read() as db:
        page = news.posts(db, narrowing, number=whole_number(request.args, "page", default=1))
        choices = news.choices(db)
        counts = reading.supporters(db)
    listed = [_post(campaign, counts.get(campaign.id, 0), now) for campaign in page.posts]
    return render_template(
        "supporter/news.html",
        posts=listed,
        page=page,
        choices=choices,
        narrowing=narrowing,
        states=STATES,
        kind_of=kind_of,
        at=_at,
    )


def _post(campaign: Campaign, count: int, now: datetime) -> Post:
    ended = ""
    if not submitting.is_open(campaign, now) and rules_of(campaign.kind).is_act:
        ended = "Paused" if campaign.status == "paused" else "Closed"
    return Post(
        campaign=campaign,
        reading=languages.reading(campaign),
        kind=kind_of(campaign.kind),
        count=count,
        ended=ended,
    )


def _narrowing() -> news.Narrowing:
    """What the address asks for; what cannot be meant narrows nothing."""
    kind = short_line(request.args, "kind", most=len(max(CODES, key=len)))
    state = short_line(request.args, "state", most=2)
    return news.Narrowing(
        category=short_line(request.args, "category", most=MAX_CATEGORY),
        state=state if state in STATES else "",
        organisation=short_line(request.args, "organisation", most=_LONGEST_NAME),
        kind=kind if kind in CODES else "",
        month=_month(short_line(request.args, "month", most=len("2022-02"))),
    )


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _at(narrowing: news.Narrowing, changes: Mapping[str, str], number: int = 1) -> str:
    """The address of the list narrowed so, with some of it changed; "" takes a word away."""
    wanted = {
        "category": narrowing.category,
        "state": narrowing.state,
        "month": f"{narrowing.month:%Y-%m}" if narrowing.month else "",
        "organisation": narrowing.organisation,
        "kind": narrowing.kind,
        "page": str(number) if number > 1 else "",
        **changes,
    }
    query = urlencode({name: text for name, text in wanted.items() if text})
    return f"{url_for('supporter.home')}?{query}" if query else url_for("supporter.home")
