"""Days of action: whose day it is by ZIP code, calendar files, and the link that ends reminders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from actionmail.flows.actions import day_reminders
from actionmail.flows.lookup import by_zip
from actionmail.rules.campaigns.kinds.days.listed_events import CalendarOf, ListedEvent
from actionmail.rules.campaigns.kinds.days.week import KIND, listed_in
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import refusal_sentence
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.supporter import mistakes, taking
from actionmail.web.supporter.kinds.days import HomeForm, agenda
from actionmail.web.supporter.receipts import secret
from actionmail.web.supporter.step import bp, open_campaign, public_campaign

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

reminders = Blueprint("reminders", __name__)


@bp.post("/campaigns/<slug>/days")
@limiter.limit(POST_LIMIT)
def own_day(slug: str) -> ResponseReturnValue:
    """Whose day it is. By POST, so that the ZIP code stands in no address and in no log.

    The answer is a page that is fetched, so that the browser's Back and Reload lead to it.
    """
    campaign = _open_week(slug)
    asked = HomeForm()
    if asked.validate():
        _states(asked)
    return mistakes.tell_by_cookie(
        campaign,
        asked,
        endpoint="supporter.day_told",
        at_once=lambda: _told(campaign, asked),
        status=400 if asked.errors else 200,
    )


@bp.get("/campaigns/<slug>/days")
def day_told(slug: str) -> ResponseReturnValue:
    """The page with the day of one's region, or with what was wrong with the ZIP code."""
    campaign, form_mistakes = _open_week(slug), mistakes.told_by_cookie(slug)
    if form_mistakes is mistakes.NONE:
        return redirect(url_for("supporter.who", slug=slug), 303)
    asked = HomeForm(formdata=None, data=dict(form_mistakes.typed))
    mistakes.put_at_fields(asked, form_mistakes)
    return _told(campaign, asked)


def _open_week(slug: str) -> Campaign:
    """Raises Shut, and NotFound also where the campaign is no week of action."""
    with services().database.read() as db:
        campaign = open_campaign(db, slug)
    if campaign.kind != KIND.code:
        abort(404)
    return campaign


def _told(campaign: Campaign, asked: HomeForm) -> ResponseReturnValue:
    states = None if asked.errors else _states(asked)
    form = taking.blank_form(campaign)
    if states is not None and form is not None:
        form.zip.data = asked.home.data
    shown = {"second_form": asked, "agenda": agenda(campaign, states)}
    return taking.page(campaign, form, status=200 if states is not None else 400, instead=shown)


def _states(asked: HomeForm) -> tuple[str, ...] | None:
    """The states that the ZIP code may lie in; None where it is none, which then stands at its field."""
    try:
        return by_zip.states_of(services().districts, asked.home.data or "")
    except LookupRefused as refused:
        asked.home.errors = [refusal_sentence(refused)]
        return None


@bp.get("/campaigns/<slug>/days.ics")
def calendar(slug: str) -> ResponseReturnValue:
    """All days, to subscribe to or to take along."""
    return _calendar(slug, lambda entry: True)


@bp.get("/campaigns/<slug>/days/<key>.ics")
def calendar_of_day(slug: str, key: str) -> ResponseReturnValue:
    """One day. Of one that was taken out it says so, for the calendars that have it."""
    return _calendar(slug, lambda entry: entry.event.key.rpartition("/")[0] == key, is_one=True)


def _calendar(slug: str, is_meant: Callable[[ListedEvent], bool], *, is_one: bool = False) -> ResponseReturnValue:
    with services().database.read() as db:
        campaign = public_campaign(db, slug)
    if campaign is None or campaign.kind != KIND.code or campaign.status == "scheduled":
        abort(404)
    entries = [entry for entry in listed_in(campaign.details) if is_meant(entry)]
    if is_one and not entries:
        abort(404)
    region = entries[0].event.region if is_one else ""
    raw = services().write_calendar(entries, _calendar_of(campaign, region))
    name = f"{slug}-{entries[0].event.key.rpartition('/')[0]}" if is_one else slug
    return _file(raw, name)


def _calendar_of(campaign: Campaign, region: str) -> CalendarOf:
    base = services().settings.origin
    page = base + url_for("supporter.who", slug=campaign.slug)
    host = urlsplit(base).hostname or ""
    return CalendarOf(title=campaign.title, slug=campaign.slug, page_url=page, host=host, region=region)


def _file(raw: bytes, name: str) -> AnyResponse:
    """With an ETag of its bytes, which are the same as long as the days are: who has it gets it no second time."""
    response = Response(raw, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    response.add_etag()
    return response.make_conditional(request)


@reminders.get("/reminders/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A button, since mail scanners follow links."""
    with services().database.read() as db:
        campaign = day_reminders.find(db, token)
    page = render_template("supporter/reminders.html", campaign=campaign, token=token, is_done=False)
    return secret(make_response(page, 200 if campaign else 404))


@reminders.post("/reminders/<token>")
def stop(token: str) -> ResponseReturnValue:
    """What the button does, and one click in a mail program (RFC 8058): no cookie, no token of a page, no redirect.

    Doing it again is answered alike.
    """
    with services().database.write() as db:
        day_reminders.stop(db, token, now=services().clock())
    return secret(make_response(render_template("supporter/reminders.html", campaign=None, token=token, is_done=True)))


csrf.exempt(stop)  # a mail program has no page to take it from; the address is the key
