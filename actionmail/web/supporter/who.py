"""A campaign's page: of a letter its step 1, why, and who are you; of other kinds all that they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import drafts, submitting
from actionmail.flows.campaigns import opening
from actionmail.flows.lookup import by_zip
from actionmail.flows.lookup.congress_age import with_doubt_of_age
from actionmail.flows.privacy import retention
from actionmail.rules.campaigns import page_text
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.rules.roster import titles
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import asked_words, explanation, refusal_sentence
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import mistakes, taking
from actionmail.web.supporter.cards import social_page
from actionmail.web.supporter.forms import WhoForm
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.post_pictures import page_picture
from actionmail.web.supporter.step import (
    arrival_source,
    bp,
    draft_key,
    found_by_zip,
    needs_choice,
    open_campaign,
    remember,
    without_mistakes,
)

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

bp.add_app_template_filter(page_text.as_html, "page_text")


@bp.app_template_filter("explanation")
def explained(found: by_zip.Found, *, is_answered: bool = False) -> str:
    """Where the ZIP code or the address lies, and what is left to do on this site."""
    return explanation(found, asks_streets=services().geocode is not None, is_answered=is_answered)


@bp.app_template_filter("chamber_name")
def chamber_name(chamber: str, state: str) -> str:
    return titles.chamber_name(state, chamber)


@bp.app_template_filter("district")
def district(legislator: Any) -> str:
    return titles.district_label(legislator.chamber, legislator.district)


@bp.before_request
def open_what_is_due() -> None:
    """A scheduled campaign opens with its first visitor, where no worker has opened it yet."""
    if request.endpoint != f"{bp.name}.home" and "slug" not in (request.view_args or {}):
        return
    now = services().clock()
    with services().database.read() as db:
        is_due = opening.is_due(db, now=now)
    if is_due:
        with services().database.write() as db:
            opening.open_due(db, now=now)


@bp.app_template_global()
def asked_geocoders() -> str:
    """To whom a street goes when it is looked up."""
    return asked_words([geocoder.kind for geocoder in services().settings.geocoders])


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is kept, why and for how long."""
    settings = services().settings
    return render_template(
        "supporter/privacy.html",
        asks_geocoder=services().geocode is not None,
        asks_open_states=bool(settings.openstates_key and settings.openstates_url),
    )


@bp.get("/campaigns/<slug>")
def who(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        campaign = open_campaign(db, slug)
        if not kind_of(campaign.kind).has_steps:
            return taking.show(campaign)
        values = drafts.load(db, draft_key(slug), campaign_id=campaign.id) or {}
    told = mistakes.told(values)
    form = WhoForm(data={**values.get("who", {}), **told.typed})
    mistakes.put_at_fields(form, told)
    return who_page(campaign, form, status=told.status, sentences=told.sentences)


@bp.post("/campaigns/<slug>")
@limiter.limit(POST_LIMIT)
def keep_who(slug: str) -> ResponseReturnValue:
    with services().database.read() as db:
        campaign = open_campaign(db, slug)
    if not kind_of(campaign.kind).has_steps:
        return taking.press(campaign)
    form = WhoForm()
    lookup = _districts(campaign, form) if form.validate() else None
    if lookup is None:
        return mistakes.tell(
            campaign, form, endpoint="supporter.who", at_once=lambda: who_page(campaign, form, status=400)
        )
    with services().database.write() as db:
        retention.purge_drafts(db, now=services().clock())
        lookup = with_doubt_of_age(db, services().districts, lookup)
        key = draft_key(slug)
        if not key or submitting.receipt_token(db, campaign_id=campaign.id, key=key):
            key = drafts.new_key()
        values = without_mistakes(drafts.load(db, key, campaign_id=campaign.id) or {})
        values["who"] = form.typed()
        values["source"] = arrival_source() or values.get("source", "")
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(slug, key)
    return redirect(url_for(".choose" if needs_choice(lookup) else ".letter", slug=slug), 303)


def _districts(campaign: Campaign, form: WhoForm) -> by_zip.Found | None:
    try:
        return found_by_zip(campaign, form.zip.data or "", form.street.data or "")
    except LookupRefused as refused:
        form.zip.errors = [refusal_sentence(refused)]
        return None


def preview_page(campaign: Campaign) -> ResponseReturnValue:
    """The campaign's page for staff, without anything that somebody typed, and with nothing to press."""
    kind = kind_of(campaign.kind)
    if kind.has_steps:
        return who_page(campaign, WhoForm(formdata=None), is_preview=True)
    return taking.page(campaign, kind.form(formdata=None) if kind.form else None, is_preview=True)


def who_page(
    campaign: Campaign,
    form: WhoForm,
    *,
    status: int = 200,
    sentences: Iterable[str] = (),
    is_preview: bool = False,
) -> ResponseReturnValue:
    """Step 1 of a letter. `is_preview`: for staff, with nothing to press."""
    reading_here = languages.reading(campaign)
    with services().database.read() as db:
        count = submitting.actions_so_far(db, campaign.id)
        picture = page_picture(db, campaign, reading_here)
    page = render_template(
        "supporter/who.html",
        campaign=campaign,
        kind=kind_of(campaign.kind),
        reading=reading_here,
        picture=picture,
        shared=social_page(campaign, reading_here, picture),
        is_preview=is_preview,
        form=form,
        count=count,
        draft=draft_key(campaign.slug),
        sentences=sentences,
    )
    return page, status
