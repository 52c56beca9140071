"""The roster for staff: who sits where, what is odd about it, and corrections by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from flask import Blueprint, abort, flash, redirect, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows.review import answered, bulk_changes
from actionmail.flows.roster import corrections, dataset_versions, reading, refreshing, undoing
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.flows.roster.calendar_files import calendar_of, specials_ahead
from actionmail.flows.roster.corrections import CorrectionRefused
from actionmail.flows.roster.dataset_versions import Curator, NothingToUndo, VersionMoved
from actionmail.flows.roster.district_files import FilesOutOfStep
from actionmail.flows.roster.status import roster_summary
from actionmail.flows.staff import Permission
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.calendar import COUNTRY, HouseDay, SpecialElection, local_day
from actionmail.rules.roster.seats import CORRECTABLE, DELEGATES, DatasetError
from actionmail.web.platform.arguments import short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.review.answer_words import NOTE, wait_words
from actionmail.web.roster.alarms import roster_alarms
from actionmail.web.roster.dataset_words import KIND_WORDS
from actionmail.web.roster.refresh_words import found_lines
from actionmail.web.roster.words import (
    calendar_row,
    elections_sentence,
    roster_sentence,
    special_sentence,
    undo_changes,
)
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

bp = Blueprint("roster", __name__, url_prefix="/staff/roster")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

CHAMBER_WORDS: Mapping[str, str] = {
    "upper": "upper house",
    "lower": "lower house",
    "legislature": "legislature",
    "us_upper": "US Senate",
    "us_lower": "US House",
}
NOTE_WORDS: Mapping[str, str] = {
    "malformed": "malformed address, not used",
    "missing": "no address",
    "shared": "address shared with another",
    "personal": "address at a free-mail service",
}
PROBLEM_WORDS: Mapping[str, str] = {
    "malformed": "with a malformed address",
    "missing": "without an address",
    "shared": "with an address that another has too",
    "personal": "with an address at a free-mail service",
}
FIELD_WORDS: Mapping[str, str] = {
    "email": "E-mail address",
    "phone": "Phone",
    "district_phone": "Phone of the district's office",
    "website": "Website or contact form",
    "name": "Name",
    "given_name": "Given name",
    "family_name": "Family name",
    "party": "Party",
}

_SHOWN = 50  # of the rows of one change
_PATIENCE_SECONDS = 5.0  # for an import at the command line that is under way


class _Seat(Protocol):
    """What names a seat: a legislator, a row."""

    @property
    def state(self) -> str: ...
    @property
    def chamber(self) -> str: ...
    @property
    def district(self) -> str: ...


def special_election(seat: _Seat) -> str:
    """The sentence on a vacant seat's special election, "" where none is known."""
    today = local_day(seat.state, services().clock())
    special = services().districts.calendar.special_election(seat.state, seat.chamber, seat.district, today)
    if special is None:
        return ""
    sentence = special_sentence(special, today)
    return f"{sentence[:1].upper()}{sentence[1:]}"


bp.add_app_template_filter(special_election, "special_election")


@bp.app_template_filter("commands")
def with_commands(sentence: str) -> Markup:
    """A sentence as a page shows it: what stands between backticks, a command, as code."""
    parts = [escape(part) for part in sentence.split("`")]
    if len(parts) % 2 == 0:  # a single one is no pair
        return escape(sentence)
    for number in range(1, len(parts), 2):
        parts[number] = Markup("<code>%s</code>") % parts[number]
    return Markup("").join(parts)


class SearchForm(Form):
    words = StringField("Name, district or address")
    state = SelectField(
        "State",
        choices=[
            SelectChoice("", "All"),
            *(SelectChoice(code, f"{name[:1].upper()}{name[1:]}") for code, name in sorted(STATES.items())),
            *(SelectChoice(code, code) for code in sorted(DELEGATES)),
        ],
        default="",
        validate_choice=False,
    )
    show = SelectField(
        "Show",
        choices=[
            SelectChoice("", "Everybody, problems first"),
            SelectChoice("problems", "Problems only"),
            SelectChoice("corrected", "Corrected by staff"),
            SelectChoice("vacant", "Vacant seats"),
            SelectChoice("elected", "Elected, not seated yet"),
        ],
        default="",
        validate_choice=False,
    )


class CorrectionForm(Form):
    field = SelectField(
        "What is wrong?",
        choices=[SelectChoice(field, FIELD_WORDS[field]) for field in CORRECTABLE],
        validate_choice=False,
    )
    value = StringField("What should it be?")
    why = StringField("Why?")


@bp.get("")
@require(Permission.SEE_ROSTER)
def roster() -> Answer:
    form = SearchForm(request.args)
    now = services().clock()
    with services().database.read() as db:
        page = reading.roster_page(
            db,
            words=(form.words.data or "")[:200],
            state=short_line(request.args, "state", most=2),
            only=form.show.data or "",
            number=whole_number(request.args, "page", default=1),
        )
        status = roster_summary(db, now=now)
        alarms = roster_alarms(db, now=now)
        imports = dataset_versions.versions(db, limit=10)
        looks = refreshing.refreshes(db)
    return staff_page(
        "roster.html",
        form=form,
        page=page,
        status=status,
        alarms=[*alarms, *filter(None, [elections_sentence(services().districts.days, now.date())])],
        versions=imports,
        looks=looks,
        found_lines=found_lines,
        kinds=KIND_WORDS,
        filters={name: value for name, value in request.args.items() if name in form and value},
        chambers=CHAMBER_WORDS,
        notes=NOTE_WORDS,
        problems=PROBLEM_WORDS,
    )


@bp.get("/calendar")
@require(Permission.SEE_ROSTER)
def calendar() -> Answer:
    """Who takes office when, what the data has, what it lacks."""
    state = short_line(request.args, "state", most=2).upper()
    states = [state] if state in STATES or state == COUNTRY else []
    today, problem = services().clock().date(), ""
    lines: list[HouseDay] = []
    specials: list[SpecialElection] = []
    try:
        with services().database.read() as db:
            lines = calendar_of(db, services().settings.data_dir, services().districts, states=states)
        specials = specials_ahead(services().settings.data_dir, today=today, states=states)
    except DatasetError as error:
        problem = roster_sentence(error)
    rows = [calendar_row(line, today) for line in lines]
    return staff_page(
        "calendar.html",
        rows=rows,
        specials=specials,
        special_sentence=special_sentence,
        today=today,
        chambers=CHAMBER_WORDS,
        problem=problem,
    )


@bp.get("/<int:number>")
@require(Permission.SEE_ROSTER)
def legislator(number: int) -> Answer:
    return _legislator_page(number, CorrectionForm())


@bp.post("/<int:number>/corrections")
@require(Permission.CORRECT_ROSTER)
def correct(number: int) -> Answer:
    form = CorrectionForm(request.form)
    key = _key(number)
    try:
        with services().database.write() as db:
            made = corrections.correct(
                db,
                key,
                form.field.data or "",
                form.value.data or "",
                why=form.why.data or "",
                curator=_curator(),
            )
    except CorrectionRefused as refused:
        at = {"field": form.field, "why": form.why}.get(refused.field, form.value)
        at.errors = [roster_sentence(refused)]
        return _legislator_page(number, form), 422
    flash(f"Done. {FIELD_WORDS[made.field]}: {made.value or 'none'}, whatever is imported from now on.")
    return redirect(url_for("roster.legislator", number=number), 303)


@bp.post("/<int:number>/corrections/<field>/withdrawal")
@require(Permission.CORRECT_ROSTER)
def withdraw(number: int, field: str) -> Answer:
    key, why = _key(number), request.form.get("why", "")
    try:
        with services().database.write() as db:
            corrections.withdraw(db, key, field, why=why, curator=_curator())
    except CorrectionRefused as refused:
        return _legislator_page(number, CorrectionForm(), problem=roster_sentence(refused)), 422
    flash("Done. What the dataset says stands again.")
    return redirect(url_for("roster.legislator", number=number), 303)


@bp.get("/imports/<kind>/undo")
@require(Permission.UNDO_IMPORTS)
def going_back(kind: str) -> Answer:
    """What undoing the last import of this kind would change."""
    return _going_back(kind)


@bp.post("/imports/<kind>/undo")
@require(Permission.UNDO_IMPORTS)
def go_back(kind: str) -> Answer:
    """Undo the import that the person looked at."""
    folder = services().settings.data_dir
    expected = whole_number(request.form, "version", default=0)
    try:
        with files_in_place(folder, patience_seconds=_PATIENCE_SECONDS) as put, services().database.write() as db:
            done = undoing.undo(db, folder, _kind(kind), _curator(), expected=expected)
            for name, content in done.files.items():
                put(folder / name, content)
    except (NothingToUndo, VersionMoved) as refused:
        return _going_back(kind, problem=roster_sentence(refused)), 409
    except (DatasetError, FilesOutOfStep) as refused:
        return _going_back(
            kind,
            problem=f"{roster_sentence(refused)}. Whoever runs this site can go back with: actionmail data undo {kind}",
        ), 409
    flash(
        f"Done. {KIND_WORDS[kind].capitalize()}: version {done.restored.id}, as of {done.restored.as_of.isoformat()}, "
        "is in force again."
    )
    return redirect(url_for("roster.roster", _anchor="versions"), 303)


def _going_back(kind: str, *, problem: str = "") -> str:
    done = None
    folder = services().settings.data_dir
    try:
        with services().database.read() as db:
            done = undoing.undo(db, folder, _kind(kind), _curator(), dry_run=True)
    except (NothingToUndo, FilesOutOfStep, DatasetError) as refused:
        problem = problem or roster_sentence(refused)
    return staff_page(
        "going_back.html",
        kind=kind,
        words=KIND_WORDS[kind],
        done=done,
        changes=undo_changes(done) if done else [],
        problem=problem,
        shown=_SHOWN,
    )


def _curator() -> Curator:
    person = signed_in()
    return Curator(by=person.email, staff_id=person.id, now=services().clock())


def _kind(kind: str) -> str:
    if kind not in undoing.KINDS:
        abort(404)
    return kind


def _key(number: int) -> str:
    with services().database.read() as db:
        detail = corrections.seat_detail(db, number)
    if detail is None:
        abort(404)
    return detail.row.key


def _legislator_page(number: int, form: CorrectionForm, *, problem: str = "") -> str:
    with services().database.read() as db:
        detail = corrections.seat_detail(db, number)
        letters = bulk_changes.of_legislator(db, number, now=services().clock()) if detail else None
        answers = answered.of_legislator(db, number) if letters and letters.has_letters else None
    if detail is None or letters is None:
        abort(404)
    return staff_page(
        "legislator.html",
        letters=letters,
        answers=answers,
        wait_words=wait_words,
        answer_note=NOTE,
        counted=bulk_changes.SHOWN,
        legislator=detail,
        form=form,
        problem=problem,
        chambers=CHAMBER_WORDS,
        notes=NOTE_WORDS,
        fields=FIELD_WORDS,
        longest_reason=corrections.LONGEST_REASON,
    )
