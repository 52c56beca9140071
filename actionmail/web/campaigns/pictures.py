"""Pictures for staff: uploaded, told in words, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, flash, redirect, request, url_for
from wtforms import FileField, Form, StringField

from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.pictures import LONGEST_ALTERNATIVE, MAX_UPLOAD
from actionmail.rules.campaigns.translations import OWN, languages
from actionmail.web.campaigns import words
from actionmail.web.campaigns.forms import show
from actionmail.web.campaigns.pages import Answer
from actionmail.web.campaigns.pressing import seen
from actionmail.web.platform.arguments import MOST_ROWS, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import strip
from actionmail.web.platform.security import POST_LIMIT, csrf, limiter
from actionmail.web.platform.uploads import ACCEPTED, TOO_LARGE, BodyTooLarge, posted_file
from actionmail.web.staff.access import never_stored, require, staff_page, this_author

bp = Blueprint("pictures", __name__, url_prefix="/staff/pictures")
bp.after_request(never_stored)

_HINT: Final = f"What it shows, and why it is here, in at most {LONGEST_ALTERNATIVE} characters."
# Before the fields below it: in this order a page's summary tells what is wrong.
_FILE: Final = FileField("Picture", description=ACCEPTED)


class WordsForm(Form):
    """The words of a picture, each field under its language's tag."""

    def typed(self) -> Mapping[str, str]:
        return {tag: self[tag].data or "" for tag in (OWN.tag, *languages())}


setattr(WordsForm, OWN.tag, StringField("What the picture shows", filters=[strip], description=_HINT))


class UploadForm(WordsForm):
    upload = _FILE


def _words_form() -> type[WordsForm]:
    return type("WordsForm", (WordsForm,), _translated_words())


def upload_form() -> type[UploadForm]:
    return type("UploadForm", (UploadForm,), _translated_words())


def _translated_words() -> dict[str, StringField]:
    """The fields of the languages that are installed."""
    fields = {}
    for tag, language in languages().items():
        fields[tag] = StringField(f"What it shows, in {language.name} (optional)", filters=[strip])
    return fields


class NotTaken(Exception):
    """No picture was made of what was uploaded; `form` tells why at its fields."""

    def __init__(self, form: UploadForm, refused: FormRefused, status: int) -> None:
        super().__init__(status)
        show(form, refused)
        self.form = form
        self.status = status


@bp.errorhandler(pictures.UnknownPicture)
def _unknown(error: pictures.UnknownPicture) -> Answer:
    return staff_page("pictures/unknown.html"), 404


@bp.get("")
@require(Permission.WRITE_LETTERS)
def index() -> Answer:
    return _index(upload_form()())


def _index(form: UploadForm) -> str:
    before = whole_number(request.args, "before", default=MOST_ROWS)
    with services().database.read() as db:
        rows = pictures.pictures(db, before=before)
    return staff_page(
        "pictures/index.html",
        rows=rows[: pictures.PAGE],
        older=rows[pictures.PAGE - 1].shown.id if len(rows) > pictures.PAGE else 0,
        form=form,
        languages=languages().values(),
    )


@bp.post("")
@limiter.limit(POST_LIMIT)
@require(Permission.WRITE_LETTERS)
def upload() -> Answer:
    """Make a picture of what was uploaded; the same file again leads to the picture that it is."""
    try:
        form, prepared = uploaded()
    except NotTaken as error:
        return _index(error.form), error.status
    try:
        with services().database.write() as db:
            number = pictures.add(db, prepared, by=this_author(), now=services().clock()).id
    except pictures.AlreadyThere as error:
        problem = "This picture is there already, with words of its own. Below are yours: save them to replace those."
        return _picture(error.number, form, problem=problem), 409
    flash("Done. The picture is there, without whatever else was in the file.")
    return redirect(url_for(".picture", number=number), 303)


csrf.exempt(upload)  # it asks for the token by itself, once the form may be parsed


def uploaded() -> tuple[UploadForm, pictures.PreparedPicture]:
    """The form that was posted, and its picture made anew: for views exempt from the guard. Raises NotTaken."""
    try:
        content = posted_file(pictures.UPLOAD)
    except BodyTooLarge:
        raise NotTaken(upload_form()(), FormRefused({pictures.UPLOAD: [TOO_LARGE]}), 413) from None
    form = upload_form()(request.form)
    try:
        if len(content) > MAX_UPLOAD:
            raise FormRefused({pictures.UPLOAD: [TOO_LARGE]})
        return form, pictures.prepare(content, form.typed(), reencode=services().reencode)
    except FormRefused as refused:
        raise NotTaken(form, refused, 422) from None


@bp.route("/<int:number>", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, methods=["POST"])
@require(Permission.WRITE_LETTERS)
def picture(number: int) -> Answer:
    """One picture, and the words that it has or gets."""
    if request.method == "GET":
        return _picture(number)
    form = _words_form()(request.form)
    try:
        with services().database.write() as db:
            pictures.reword(db, number, form.typed(), seen=seen(), by=this_author(), now=services().clock())
    except FormRefused as refused:
        show(form, refused)
        return _picture(number, form), 422
    except Overtaken:
        problem = "Somebody else changed these words meanwhile. Below are yours: save again to replace theirs."
        return _picture(number, form, problem=problem), 409
    flash("Done. The words are saved.")
    return redirect(url_for(".picture", number=number), 303)


def _picture(number: int, form: WordsForm | None = None, *, problem: str = "") -> str:
    with services().database.read() as db:
        row = pictures.picture(db, number)
        shown_by = services().picture_uses(db, number)
    return staff_page(
        "pictures/picture.html",
        row=row,
        form=form or _words_form()(data=row.shown.alternatives),
        stored=row.shown.alternatives if problem else {},
        shown_by=shown_by,
        languages=languages().values(),
        problem=problem,
    )


@bp.route("/<int:number>/deletion", methods=["GET", "POST"])
@limiter.limit(POST_LIMIT, methods=["POST"])
@require(Permission.WRITE_LETTERS)
def deletion(number: int) -> Answer:
    """Ask once more, then delete: a deleted picture has to be uploaded again."""
    if request.method == "GET":
        with services().database.read() as db:
            return staff_page("pictures/delete.html", row=pictures.picture(db, number))
    try:
        with services().database.write() as db:
            pictures.remove(
                db, number, uses=services().picture_uses, by=this_author(), now=services().clock()
            )  # fmt: skip
    except ChangeRefused as refused:
        return _picture(number, problem=words.sentence(refused.problem)), 409
    flash("Done. The picture is deleted.")
    return redirect(url_for(".index"), 303)
