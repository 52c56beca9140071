"""The one step of a simple action: the page with its form, and the press of its button."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import drafts, submitting, taking
from actionmail.flows.actions.pressure import Pressed
from actionmail.flows.actions.refusals import ActedBefore, ActRefused, CampaignClosed, MustProve
from actionmail.flows.campaigns import reading
from actionmail.flows.lookup import by_zip
from actionmail.flows.lookup.congress_age import home_today
from actionmail.rules.districts.refusals import LookupRefused
from actionmail.rules.speech import gettext
from actionmail.web.platform import languages
from actionmail.web.platform.arguments import LONGEST_REVISION, short_line
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import refusal_sentence
from actionmail.web.supporter import checking, known, mistakes, words
from actionmail.web.supporter.cards import social_page
from actionmail.web.supporter.forms import canonical_email
from actionmail.web.supporter.kinds import TakeForm, kind_of
from actionmail.web.supporter.mistakes import NONE, Mistakes
from actionmail.web.supporter.post_pictures import page_picture
from actionmail.web.supporter.standing import standing
from actionmail.web.supporter.step import Shut, acted, arrival_source, draft_key, remember

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign


def show(campaign: Campaign) -> ResponseReturnValue:
    """The page as it is opened, with what was typed before."""
    with services().database.read() as db:
        form_mistakes = mistakes.told_here(db, campaign)
    return page(
        campaign, blank_form(campaign, form_mistakes), status=form_mistakes.status, sentences=form_mistakes.sentences
    )


def blank_form(campaign: Campaign, form_mistakes: Mistakes = NONE) -> TakeForm | None:
    """The form with what was typed before, whatever was posted; None where nothing is taken at the moment."""
    kind, key = kind_of(campaign.kind), draft_key(campaign.slug)
    if kind.form is None or not kind.asks(campaign):
        return None
    with services().database.read() as db:
        values = drafts.load(db, key, campaign_id=campaign.id) or {}
    typed = {**values.get("who", {}), **values.get("details", {}), **form_mistakes.typed}
    form = kind.form(formdata=None, data={**known.filled_in(), **typed})
    mistakes.put_at_fields(form, form_mistakes)
    return form


def press(campaign: Campaign) -> ResponseReturnValue:
    """Take the action; what is typed stays where that cannot be done."""
    kind = kind_of(campaign.kind)
    if kind.form is None:
        return page(campaign, None, status=405)
    if not kind.asks(campaign):
        return page(campaign, None, status=409, sentences=[gettext(kind.texts.over, campaign=campaign.title)])
    form = kind.form()
    if lang := languages.asked_in_form():
        return mistakes.keep(campaign, form, endpoint="supporter.who", lang=lang)
    is_good = form.validate()
    home = home_of(campaign, form)
    if not form.consent.data:
        form.consent.errors = [str(kind.texts.must_consent)]
    if not is_good or home is None or not form.consent.data:
        return _told(campaign, form)
    key = draft_key(campaign.slug) or drafts.new_key()
    typed = press_of(campaign, form, home, key=key, source=arrival_source(), pressed=checking.pressed(key))
    try:
        with services().database.write() as db:
            services().draft_sweep.purge(db, now=services().clock())
            action = taking.take(db, typed, settings=services().settings, now=services().clock())
            token = action.receipt_token
    except CampaignClosed:
        raise Shut(campaign, str(words.CLOSED_MEANWHILE)) from None
    except MustProve:
        return checking.ask(campaign, typed.key)
    except ActRefused as refused:
        sentence = words.act_refusal(refused, str(kind.texts.before))
        if refused.field not in form:
            return _told(campaign, form, 409, sentence)
        form[refused.field].errors = [sentence]
        return _told(campaign, form, 409 if isinstance(refused, ActedBefore) else 400)
    acted(campaign.slug, token)
    on = redirect(url_for("receipts.receipt", token=token), 303)
    return known.keep(on, _of_who(form), is_wanted=form.remember.data)


def _of_who(form: TakeForm) -> dict[str, str]:
    """What it asks of the person, with what is known of them besides: another form may ask for more."""
    asked = {field.name: str(field.data or "") for field in form if field.name in known.FIELDS}
    return {**known.here(), **asked}


def forgotten(campaign: Campaign) -> ResponseReturnValue:
    """The page with nothing filled in: this browser forgets what it kept, and what was typed here and not sent."""
    with services().database.write() as db:
        drafts.drop_all(db, [draft_key(campaign.slug)])
    return known.forget(redirect(url_for("supporter.who", slug=campaign.slug), 303))


def _told(campaign: Campaign, form: TakeForm, status: int = 400, *sentences: str) -> ResponseReturnValue:
    return mistakes.tell(
        campaign,
        form,
        endpoint="supporter.who",
        at_once=lambda: page(campaign, form, status=status, sentences=sentences),
        status=status,
        sentences=sentences,
    )


def again(campaign: Campaign, status: int, sentence: str) -> ResponseReturnValue:
    """The page with what was posted to it and `sentence` on top."""
    kind = kind_of(campaign.kind)
    form = kind.form() if kind.form and kind.asks(campaign) else None
    return page(campaign, form, status=status, sentences=[sentence])


def home_of(campaign: Campaign, form: TakeForm) -> by_zip.Home | None:
    """Where it is done, or lived; None where that is told at a field of the form."""
    if place := kind_of(campaign.kind).place:
        return place(form)
    if form.zip.errors:
        return None
    try:
        with services().database.read() as db:
            return home_today(db, services().districts, form.zip.data or "", preferred=campaign.state)
    except LookupRefused as refused:
        form.zip.errors = [refusal_sentence(refused)]
        return None


def press_of(
    campaign: Campaign, form: TakeForm, home: by_zip.Home, *, key: str, source: str, pressed: Pressed
) -> taking.Press:
    kind = kind_of(campaign.kind)
    return taking.Press(
        campaign_id=campaign.id,
        key=key,
        name=" ".join((form.name.data or "").split()),
        email=canonical_email(form.email.data or ""),
        zip=home.zip,
        city=" ".join((form.city.data or "").split()) if form.city else "",
        state=home.state,
        districts=home.districts,
        data_version=home.data_version,
        details=kind.details(form),
        consent_text=f"{form.consent.label.text}: {kind.act}",
        consent_address=request.remote_addr or "",
        wants_updates=bool(form.updates.data),
        wants_copy=bool(form["copy"].data),
        source=source,
        language=languages.reading(campaign).language.tag,
        pressed=pressed,
        signed=short_line(request.form, "signed", most=LONGEST_REVISION),
    )


def page(
    campaign: Campaign,
    form: TakeForm | None,
    *,
    status: int = 200,
    sentences: Iterable[str] = (),
    instead: Mapping[str, Any] | None = None,
    is_preview: bool = False,
) -> ResponseReturnValue:
    """The whole page of a kind; `instead` has what stands in place of what its kind would show.

    `is_preview`: for staff, with nothing to press.
    """
    kind, read = kind_of(campaign.kind), languages.reading(campaign)
    with services().database.read() as db:
        shown: dict[str, Any] = {**kind.shown(db, campaign), **(instead or {})}
        count = submitting.actions_so_far(db, campaign.id)
        details = reading.details_of(campaign)
        picture = page_picture(db, campaign, read)
        key = draft_key(campaign.slug)
        if not key or submitting.receipt_token(db, campaign_id=campaign.id, key=key):
            key = drafts.new_key()
    answer = render_template(
        "supporter/kinds/page.html",
        campaign=campaign,
        kind=kind,
        details=details,
        reading=read,
        picture=picture,
        shared=social_page(campaign, read, picture),
        is_preview=is_preview,
        form=form,
        count=count,
        standing=standing(campaign, count, read),
        draft=key,
        signed=taking.signed_words(campaign),
        sentences=list(sentences),
        **shown,
    )
    return answer, status


def fill_in(campaign: Campaign, who: dict[str, str]) -> None:
    """Keep `who` in a new draft of this campaign, for this browser alone: for the action that is offered next."""
    key = drafts.new_key()
    values = {"who": {**dict.fromkeys(("name", "email", "zip", "street", "city", "phone"), ""), **who}}
    with services().database.write() as db:
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(campaign.slug, key)
