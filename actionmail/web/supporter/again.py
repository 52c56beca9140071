"""Showing a page again with what was posted to it, and what to do where there is none to show."""

from __future__ import annotations

from collections.abc import Iterable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from actionmail.flows.actions import submitting
from actionmail.flows.actions.composing import Words
from actionmail.flows.campaigns.reading import campaign_page, details_of
from actionmail.web.platform import languages
from actionmail.web.platform.context import services
from actionmail.web.supporter import calling, news, taking, toolkits  # noqa: F401  pages of the blueprint
from actionmail.web.supporter.cards import social_page
from actionmail.web.supporter.choosing import choose_form_of, choose_page, questions_of
from actionmail.web.supporter.forms import WhoForm
from actionmail.web.supporter.kinds import kind_of
from actionmail.web.supporter.letters import letters_of
from actionmail.web.supporter.post_pictures import page_picture
from actionmail.web.supporter.step import Shut, StartOver, bp, draft_key, open_campaign, receipt_here, step_of
from actionmail.web.supporter.who import who_page
from actionmail.web.supporter.writing import letter_again, letter_form_of

_NOT_TYPED = {
    *("csrf_token", "draft", "go", "seen", "whose", "revision", "checked", "work", "altcha"),
    *("source", "lang", "line", "turn", "undone"),
}


def again(status: int, sentence: str) -> ResponseReturnValue:
    """The page that was posted to, with everything typed and `sentence` on top. For posts to this blueprint."""
    slug = (request.view_args or {}).get("slug", "")
    try:
        with services().database.read() as db:
            campaign = open_campaign(db, slug)
        if not kind_of(campaign.kind).has_steps:
            return taking.again(campaign, status, sentence)
        if request.endpoint == "supporter.keep_who":
            return who_page(campaign, WhoForm(), status=status, sentences=[sentence])
        with services().database.read() as db:
            step = step_of(db, slug)
            questions = questions_of(db, step)
        if request.endpoint == "supporter.keep_choice":
            return choose_page(step, questions, choose_form_of(step, questions), status=status, sentences=[sentence])
        letters = letters_of(step)
        form = letter_form_of(step, letters, Words())
        return letter_again(step, letters, form, status, [sentence])
    except Shut as shut:
        return shut_page(shut)
    except StartOver:
        return start_over(StartOver())


@bp.errorhandler(Shut)
def shut_page(shut: Shut) -> ResponseReturnValue:
    """A campaign that is closed or paused: its own page, with what was typed where that could not be sent."""
    is_post = request.method == "POST"
    kind = kind_of(shut.campaign.kind)
    with services().database.read() as db:
        shown = {**kind.shown(db, shut.campaign)}
        count = submitting.actions_so_far(db, shut.campaign.id)
        read = languages.reading(shut.campaign)
        picture = page_picture(db, shut.campaign, read)
    page = render_template(
        "supporter/shut.html",
        **shown,
        campaign=shut.campaign,
        kind=kind,
        details=details_of(shut.campaign),
        count=count,
        reading=read,
        picture=picture,
        shared=social_page(shut.campaign, read, picture) if shut.campaign.status != "scheduled" else None,
        sentence=shut.sentence,
        typed_texts=typed_texts(),
    )
    return page, 409 if is_post else 200


@bp.errorhandler(StartOver)
def start_over(error: StartOver) -> ResponseReturnValue:
    """Back to step 1; what was posted stays readable, to be copied. Where it was sent meanwhile, to its receipt."""
    slug = (request.view_args or {})["slug"]
    if token := _receipt_of(slug):
        return redirect(url_for("receipts.receipt", token=token), 303)
    if request.method == "GET":
        return redirect(url_for(".who", slug=slug), 303)
    return render_template(
        "supporter/start_over.html", slug=slug, sentence=error.sentence, typed_texts=typed_texts()
    ), 409


def _receipt_of(slug: str) -> str:
    """The receipt of what the draft became, in another tab or before the Back button, or ""."""
    key = draft_key(slug)
    with services().database.read() as db:
        campaign = campaign_page(db, slug) if key else None
        sent = submitting.receipt_token(db, campaign_id=campaign.id, key=key) if campaign else None
    return sent or receipt_here(slug)


def posted_form() -> MultiDict[str, str]:
    """What was posted; nothing where that is more than may be read, as a file of somebody who is signed out."""
    try:
        return request.form
    except RequestEntityTooLarge:
        return MultiDict()


def typed_texts() -> list[str]:
    """The texts that were posted, longest first."""
    return texts_of(posted_form().items())


def texts_of(fields: Iterable[tuple[str, str]]) -> list[str]:
    """The texts among the fields of a form, longest first."""
    texts = []
    for name, text in fields:
        is_typed = name not in _NOT_TYPED and not name.startswith("base_")
        if is_typed and text.strip() and text != "y":
            texts.append(text)
    return sorted(texts, key=len, reverse=True)
