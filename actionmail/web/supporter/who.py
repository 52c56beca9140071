"""A campaign's page: of a letter its step 1, why, and who are you; of other kinds all that they have."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import drafts, submitting, visits
from actionmail.flows.campaigns import campaign_pictures, content
from actionmail.flows.lookup import by_zip
from actionmail.flows.lookup.congress_age import with_doubt_of_age
from actionmail.rules.campaigns import page_text
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.rules.roster import titles
from actionmail.web.platform import languages, places
from actionmail.web.platform.context import services
from actionmail.web.platform.embedding import embedded
from actionmail.web.platform.forgery import csrf_token
from actionmail.web.platform.kept import made_of
from actionmail.web.platform.lookup_words import asked_words, explanation, refusal_sentence
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import checking, known, mistakes, taking
from actionmail.web.supporter.cards import social_page
from actionmail.web.supporter.forms import WhoForm
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.post_pictures import post_picture
from actionmail.web.supporter.standing import standing
from actionmail.web.supporter.step import (
    arrival_source,
    bp,
    draft_key,
    found_by_zip,
    needs_choice,
    open_in_force,
    receipt_here,
    remember,
    still_open,
    without_mistakes,
)
from actionmail.web.supporter.taking import forgotten

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from actionmail.db.campaigns import Campaign
    from actionmail.flows.campaigns.in_force import InForce
    from actionmail.rules.campaigns.pictures import ShownPicture

bp.add_app_template_filter(page_text.as_html, "page_text")


@bp.app_template_filter("explanation")
def explained(lookup: by_zip.Found, *, is_answered: bool = False) -> str:
    """Where the ZIP code or the address lies, and what is left to do on this site."""
    return explanation(lookup, asks_streets=services().geocode is not None, is_answered=is_answered)


@bp.app_template_filter("chamber_name")
def chamber_name(chamber: str, state: str) -> str:
    return titles.chamber_name(state, chamber)


@bp.app_template_global()
def state_name(state: str) -> str:
    """As it stands alone; "" for the whole country."""
    return titles.STATES.get(state, "")


@bp.app_template_filter("district")
def district(legislator: Any) -> str:
    return places.district_label(legislator.chamber, legislator.district)


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
    key = draft_key(slug)
    with services().database.ask() as connection:
        visit, count = visits.visit_of_page(connection, slug, key)
    snapshot = open_in_force(slug, visit.version)
    if not kind_of(snapshot.campaign.kind).has_steps:
        return taking.show(snapshot.campaign)
    filled_in = known.filled_in()
    is_fresh = not (key or arrival_source() or receipt_here(slug) or filled_in or embedded())
    if is_fresh:
        return _fresh_page(snapshot, count)
    values = visit.values or {}
    form_mistakes = mistakes.told(values)
    form = WhoForm(data={**filled_in, **values.get("who", {}), **form_mistakes.typed})
    mistakes.put_at_fields(form, form_mistakes)
    page = _html(snapshot.campaign, form, count=count, pictures=snapshot.pictures, sentences=form_mistakes.sentences)
    return page, form_mistakes.status


def _fresh_page(snapshot: InForce, count: int) -> ResponseReturnValue:
    """For whoever comes for the first time: one visitor's page is another's, but for where the campaign stands and the
    token against forged posts. Kept as it was made last, in each language.
    """
    read = languages.reading(snapshot.campaign)

    def make() -> str:
        page = _html(snapshot.campaign, WhoForm(), count=None, pictures=snapshot.pictures)
        return page.replace(csrf_token(), _TOKEN)

    page = made_of(snapshot.campaign, ("first page", read.language.tag, request.script_root), make)
    return page.replace(_TOKEN, csrf_token()).replace(_STANDING, standing(snapshot.campaign, count, read))


# They stand for the token and for where the campaign stands in a page that is kept; no text has them by chance.
_TOKEN: Final = secrets.token_hex(16)
_STANDING: Final = secrets.token_hex(16)


@bp.post("/campaigns/<slug>")
@limiter.limit(POST_LIMIT)
def keep_who(slug: str) -> ResponseReturnValue:
    snapshot = services().campaigns.last(slug)  # perhaps of before: the transaction that keeps the draft asks again
    if snapshot is None or not submitting.is_open(snapshot.campaign, services().clock()):
        snapshot = _open_now(slug)
    if request.form.get("go") == known.FORGET:
        return forgotten(snapshot.campaign)
    if not kind_of(snapshot.campaign.kind).has_steps:
        return taking.press(_open_now(slug).campaign)
    form = WhoForm()
    if lang := languages.asked_in_form():
        return mistakes.keep(snapshot.campaign, form, endpoint="supporter.who", lang=lang)
    lookup = _districts(snapshot.campaign, form)
    if lookup is not None:
        with services().database.put() as db:
            lookup = _keep(db, snapshot, form, lookup)
    if lookup is None:
        campaign = _open_now(slug).campaign
        return mistakes.tell(
            campaign, form, endpoint="supporter.who", at_once=lambda: who_page(campaign, form, status=400)
        )
    on = redirect(url_for(".choose" if needs_choice(lookup) else ".letter", slug=slug), 303)
    return known.keep(on, form.typed(), is_wanted=form.remember.data)


def _open_now(slug: str) -> InForce:
    with services().database.read() as db:
        return open_in_force(slug, content.version(db))


def _keep(db: Connection, snapshot: InForce, form: WhoForm, lookup: by_zip.Found) -> by_zip.Found | None:
    """Keep what was typed in the draft; what the ZIP code tells. None where it leads nowhere, since the campaign is
    another one by now. Raises Shut.
    """
    slug, key, now = snapshot.campaign.slug, draft_key(snapshot.campaign.slug), services().clock()
    visit = visits.visit(db, slug, key)
    there = still_open(services().campaigns.get(slug, visit.version))
    current = lookup if there is snapshot else _districts(there.campaign, form)
    if current is None:
        return None
    lookup = with_doubt_of_age(db, services().districts, current)
    if not key or visit.receipt_token:
        key = drafts.new_key()
    values = {**without_mistakes(visit.values or {}), "who": form.typed()}
    values["source"] = arrival_source() or values.get("source", "")
    if checking.is_trapped():
        values["trapped"] = True
    services().draft_sweep.purge(db, now=now)
    drafts.save(db, key, campaign_id=there.campaign.id, values=values, now=now)
    remember(slug, key)
    return lookup


def _districts(campaign: Campaign, form: WhoForm) -> by_zip.Found | None:
    """What the ZIP code tells; None where something is wrong, which stands at its field then."""
    form.needs_address = campaign.asks_street
    if not form.validate():
        return None
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
    with services().database.read() as db:
        count = submitting.actions_so_far(db, campaign.id)
        pictures = campaign_pictures.of_campaigns(db, [campaign])
    page = _html(
        campaign,
        form,
        count=count,
        pictures=pictures,
        sentences=sentences,
        is_preview=is_preview,
    )
    return page, status


def _html(
    campaign: Campaign,
    form: WhoForm,
    *,
    count: int | None,
    pictures: Mapping[int, ShownPicture],
    sentences: Iterable[str] = (),
    is_preview: bool = False,
) -> str:
    """`count` is None where `_STANDING` is to stand in its place."""
    reading_here = languages.reading(campaign)
    picture = post_picture(campaign, reading_here, pictures)
    return render_template(
        "supporter/who.html",
        campaign=campaign,
        kind=kind_of(campaign.kind),
        reading=reading_here,
        picture=picture,
        shared=social_page(campaign, reading_here, picture),
        is_preview=is_preview,
        form=form,
        standing=_STANDING if count is None else standing(campaign, count, reading_here),
        draft=draft_key(campaign.slug),
        sentences=sentences,
    )
