"""How the pages of each organisation look: two colours, a font and a logo, looked at before they are saved."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from wtforms import Form, SelectField

from actionmail.flows.campaigns import brands, pictures
from actionmail.flows.campaigns.brands import UnknownOrganisation
from actionmail.flows.campaigns.pictures import UnknownPicture
from actionmail.flows.campaigns.refusals import FormRefused, Overtaken
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.branding import OWN_COLOURS
from actionmail.web.campaigns.forms import FONT_CHOICES, look_typed, show
from actionmail.web.campaigns.pages import Answer
from actionmail.web.campaigns.pressing import seen
from actionmail.web.platform.arguments import LONGEST_KEY, MOST_ROWS, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of, line_field
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.staff.access import require, staff_page, this_author

bp = Blueprint("brands", __name__, url_prefix="/staff/looks")

_GONE = "Somebody deleted this picture meanwhile. Choose another one."


class BrandForm(Form):
    colours = line_field(
        "Two colours (optional)",
        "A dark one, on which white letters stand, then a light one for bars and the next step, such as "
        f"{' '.join(OWN_COLOURS)}.",
    )
    font = SelectField("Letters", choices=choices_of([("", "Those of the reader's device"), *FONT_CHOICES[1:]]))


@bp.errorhandler(UnknownOrganisation)
def _unknown(error: UnknownOrganisation) -> Answer:
    return staff_page("campaigns/unknown.html", sentence="No campaign is run by an organisation of this name."), 404


@bp.get("")
@require(Permission.WRITE_LETTERS)
def index() -> Answer:
    with services().database.read() as db:
        names = brands.organisations(db, ours=services().settings.organisation)
    return staff_page("campaigns/brands.html", organisations=names)


@bp.route("/of", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, methods=["POST"])
@require(Permission.WRITE_LETTERS)
def brand() -> Answer:
    """One organisation's, by its name behind the question mark."""
    if request.method == "GET":
        return _page(None)
    form = BrandForm(request.form)
    logo = whole_number(request.form, "logo", default=0)
    try:
        with services().database.write() as db:
            saved = brands.saved(db, _named(), ours=services().settings.organisation)
            by, now = this_author(), services().clock()
            is_other = brands.save(db, saved.organisation, look_typed(form), logo=logo, seen=seen(), by=by, now=now)
    except FormRefused as refused:
        show(form, refused)
        return _page(form, logo=logo), 422
    except UnknownPicture:
        return _page(form, problem=_GONE), 409
    except Overtaken:
        problem = "Somebody else changed this look meanwhile. Below is yours: save again to replace theirs."
        return _page(form, logo=logo, problem=problem), 409
    flash("Saved. Every page of this organisation has this look from now on." if is_other else "Nothing was different.")
    return redirect(url_for(".brand", organisation=saved.organisation), 303)


def _named() -> str:
    return short_line(request.args, "organisation", most=LONGEST_KEY)


def _page(form: BrandForm | None, *, logo: int | None = None, problem: str = "") -> str:
    """`form` is what was typed, None for what is saved. Raises UnknownOrganisation."""
    before = whole_number(request.args, "before", default=MOST_ROWS)
    with services().database.read() as db:
        saved = brands.saved(db, _named(), ours=services().settings.organisation)
        look = brands.organisation_look(db, saved.organisation)
        rows = pictures.pictures(db, before=before)
    if form is None:
        form = BrandForm(data={"colours": " ".join(saved.colours), "font": saved.font})
    return staff_page(
        "campaigns/brand.html",
        saved=saved,
        form=form,
        logo=look.logo,
        chosen=saved.logo if logo is None else logo,
        rows=[row.shown for row in rows[: pictures.PAGE] if row.shown.id != saved.logo],
        older=rows[pictures.PAGE - 1].shown.id if len(rows) > pictures.PAGE else 0,
        problem=problem,
    )
