"""The picture of a campaign's page: chosen of those that there are, or uploaded here, or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from wtforms import Form, StringField

from actionmail.flows.campaigns import campaign_pictures, pictures, reading
from actionmail.flows.campaigns.pictures import AlreadyThere, UnknownPicture
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.translations import languages
from actionmail.web.campaigns.pages import Answer, bp
from actionmail.web.campaigns.pictures import NotTaken, UploadForm, upload_form, uploaded
from actionmail.web.campaigns.pressing import Attempt, save, seen
from actionmail.web.platform.arguments import MOST_ROWS, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.staff.access import require, staff_page, this_author

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.flows.campaigns.saving import LoadReport

_GONE = "Somebody deleted this picture meanwhile. Choose another one."
_NONE_CHOSEN = "Choose a picture first."


class AltForm(Form):
    picture_alt = StringField("What it shows, in other words than its own (optional)", filters=[strip])


@bp.route("/<slug>/picture", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, methods=["POST"])
@require(Permission.WRITE_LETTERS)
def post_picture(slug: str) -> Answer:
    """Choose one, with words of its own for this page, or none."""
    if request.method == "GET":
        return _page(slug, AltForm(), upload_form()())
    form = AltForm(request.form)
    number = whole_number(request.form, "picture", default=0)
    try:
        attempt = _taken_away(slug, form) if request.form.get("go") == "none" else _chosen(slug, form, number)
    except UnknownPicture:
        problem = _GONE if number else _NONE_CHOSEN
        return _page(slug, form, upload_form()(), problem=problem, chosen=number), 409 if number else 422
    if attempt.done is not None:
        flash("Saved." if attempt.done.outcome != "unchanged" else "Nothing was different, so nothing was saved.")
        return redirect(url_for(".post_picture", slug=slug), 303)
    return _page(slug, form, upload_form()(), problem=attempt.problem, chosen=number), attempt.status


def _taken_away(slug: str, form: AltForm) -> Attempt:
    by, now = this_author(), services().clock()
    return save(form, lambda db: campaign_pictures.take_away(db, slug, seen=seen(), by=by, now=now))


def _chosen(slug: str, form: AltForm, number: int) -> Attempt:
    """Raises UnknownPicture. Without a choice the picture stays; words that were said of it are none of another one."""
    by, now = this_author(), services().clock()
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    number = number or campaign.picture_id or 0
    is_other = number != campaign.picture_id and form.picture_alt.data == campaign.picture_alt
    words = "" if is_other else form.picture_alt.data or ""
    return save(form, lambda db: campaign_pictures.choose(db, slug, number, words, seen=seen(), by=by, now=now))


@bp.post("/<slug>/picture/uploads")
@limiter.limit(POST_LIMIT)
@require(Permission.WRITE_LETTERS)
def upload_picture(slug: str) -> Answer:
    """Add a picture and show it on this page; one that is there already is shown with the words that it has."""
    with services().database.read() as db:
        reading.campaign_of(db, slug)
    try:
        form, prepared = uploaded()
    except NotTaken as error:
        return _page(slug, AltForm(), error.form), error.status
    by, now = this_author(), services().clock()
    try:
        with services().database.write() as db:
            number = pictures.add(db, prepared, by=by, now=now).id
    except AlreadyThere as there:
        number = there.number

    def choose(db: Session) -> LoadReport:
        return campaign_pictures.choose(db, slug, number, form["en"].data or "", seen=seen(), by=by, now=now)

    try:
        attempt = save(AltForm(), choose)
    except UnknownPicture:
        return _page(slug, AltForm(), form, problem=_GONE), 409
    if attempt.done is None:
        return _page(slug, AltForm(), form, problem=attempt.problem, chosen=number), attempt.status
    flash("Done. The page shows this picture, without whatever else was in the file.")
    return redirect(url_for(".post_picture", slug=slug), 303)


csrf.exempt(upload_picture)  # as for every upload: `uploaded` asks for the token once the form may be parsed


def _page(slug: str, form: AltForm, upload: UploadForm, *, problem: str = "", chosen: int = 0) -> str:
    before = whole_number(request.args, "before", default=MOST_ROWS)
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        rows = pictures.pictures(db, before=before)
        current = campaign_pictures.of_campaigns(db, [campaign]).get(campaign.picture_id or 0)
    has_words = current is not None and campaign.picture_alt != current.alternatives["en"]
    if request.method == "GET":
        form.picture_alt.data = campaign.picture_alt if has_words else ""
    return staff_page(
        "campaigns/picture.html",
        campaign=campaign,
        current=current,
        form=form,
        upload_form=upload,
        rows=[row.shown for row in rows[: pictures.PAGE]],
        older=rows[pictures.PAGE - 1].shown.id if len(rows) > pictures.PAGE else 0,
        chosen=chosen or campaign.picture_id,
        languages=languages().values(),
        revision=campaign_pictures.picture_revision(campaign),
        problem=problem,
    )
