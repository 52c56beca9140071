"""Tables to take away: letters as the send log finds them, supporters who asked for news, actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.validators import Length

from actionmail.flows.review import exports, send_log
from actionmail.flows.review.exports import ActionFilter, Format, Table
from actionmail.flows.review.filters import Filter
from actionmail.flows.staff import Permission
from actionmail.rules.actions.news_columns import COLUMNS
from actionmail.rules.districts.states import STATES
from actionmail.web.platform.arguments import LONGEST_KEY, short_line
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import DayField, choices_of, tidy
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.review.log_filters import FilterForm, chips, set_values
from actionmail.web.review.words import STATE_WORDS
from actionmail.web.staff.access import never_stored, reading_database, require, signed_in, staff_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.flows.review.send_log import CampaignChoices

bp = Blueprint("exports", __name__, url_prefix="/staff/exports")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]
Make = Callable[["Session"], Table]

COLUMN_WORDS = {
    "plain": "As they are",
    "action-network": "Action Network",
    "everyaction": "EveryAction",
    "mailchimp": "Mailchimp",
}
_LETTERS, _NEWS, _ACTIONS = "letters-", "news-", "actions-"  # three forms on one page
_FORMATS = ((Format.CSV.value, "CSV, for a spreadsheet"), (Format.JSON_LINES.value, "JSON lines, for a program"))
_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSON_LINES: "application/jsonl; charset=utf-8"}


class FileForm(Form):
    file_format = SelectField("File", choices=choices_of(_FORMATS), default=Format.CSV.value)


class MessageForm(FileForm):
    people = BooleanField("With the supporters' names, e-mail addresses and ZIP codes")


class ActionForm(FileForm):
    """Which actions; `people` and `columns` as their tables need them."""

    campaign = SelectField("Campaign", default="", filters=[tidy])
    us_state = SelectField("State", choices=choices_of([("", "Any"), *sorted(STATES.items())]), default="")
    source = StringField("Source, of the link that they came by", filters=[tidy], validators=[Length(max=40)])
    since = DayField("From")
    until = DayField("To")
    people = BooleanField("With names, e-mail addresses and ZIP codes")
    columns = SelectField("Columns for", choices=choices_of(COLUMN_WORDS.items()), default="plain")

    def wanted(self, zone: ZoneInfo) -> ActionFilter:
        return ActionFilter(
            campaign=self.campaign.data or "",
            us_state=self.us_state.data or "",
            source=self.source.data or "",
            since=_midnight(self.since.data, zone),
            until=_midnight(self.until.data, zone, days=1),
        )


def _midnight(day: date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    return (datetime.combine(day, time.min, zone) + timedelta(days=days)).astimezone(UTC) if day else None


@bp.get("")
@require(Permission.SEE_MESSAGES)
def index() -> Answer:
    return _page()


@bp.post("/messages")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES, changes=False)
def messages() -> Answer:
    """The letters that the filter in the address finds."""
    form = MessageForm(request.form, prefix=_LETTERS)
    with services().database.read() as db:
        filters, _ = _filter_form(db)
        wanted = _filter(filters)
    if wanted is None or not form.validate():
        return _page(messages=form), 422
    letters, with_people = wanted, bool(form.people.data)
    return _download(lambda db: exports.message_table(db, letters, with_people=with_people), form)


@bp.post("/supporters")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES, changes=False)
def supporters() -> Answer:
    form = ActionForm(request.form, prefix=_NEWS)
    zone = _choose(form)
    if not form.validate():
        return _page(supporters=form), 422
    wanted, columns = form.wanted(zone), COLUMNS[form.columns.data]
    return _download(lambda db: exports.supporter_table(db, wanted, columns=columns), form)


@bp.post("/actions")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES, changes=False)
def actions() -> Answer:
    form = ActionForm(request.form, prefix=_ACTIONS)
    zone = _choose(form)
    if not form.validate():
        return _page(actions=form), 422
    wanted, with_people = form.wanted(zone), bool(form.people.data)
    return _download(lambda db: exports.action_table(db, wanted, with_people=with_people), form)


def _filter_form(db: Session) -> tuple[FilterForm, CampaignChoices]:
    """What the address narrows the letters by, as on the send log; and the campaigns."""
    form = FilterForm(request.args)
    choices = send_log.choices(db, short_line(request.args, "campaign", most=LONGEST_KEY))
    form.choose(choices)
    return form, choices


def _filter(form: FilterForm) -> Filter | None:
    """None where that is no filter."""
    return form.wanted() if form.validate() else None


def _choose(form: ActionForm) -> ZoneInfo:
    """Fill in the campaigns; by whose clocks the days are."""
    with services().database.read() as db:
        choices = send_log.campaign_choices(db, form.campaign.data or "")
    _offer(form, choices)
    return ZoneInfo(choices.timezone or "UTC")


def _offer(form: ActionForm, choices: CampaignChoices) -> None:
    form.campaign.choices = choices_of([("", "All"), *choices.campaigns])


def _download(make: Make, form: FileForm) -> Response:
    """A file that is sent piece by piece, of one moment however long that takes; noted before its first piece."""
    file_format = Format(form.file_format.data)
    pieces = _pieces(make, file_format, by=signed_in().id, now=services().clock())
    name = next(pieces)
    response = Response(pieces, content_type=_TYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_format.value}"'
    return response


def _pieces(make: Make, file_format: Format, *, by: int, now: datetime) -> Iterator[str]:
    """First the file's name, when all is ready, then what stands in it."""
    with reading_database().snapshot() as db:
        table = make(db)
        with services().database.write() as noting:
            exports.note(noting, table, file_format=file_format, by=by, now=now)
        yield f"{table.what.value}-{now:%Y-%m-%d}"
        for _, piece in exports.written(table, file_format):
            yield piece


def _page(
    *, messages: MessageForm | None = None, supporters: ActionForm | None = None, actions: ActionForm | None = None
) -> str:
    with reading_database().read() as db:
        filter_form, choices = _filter_form(db)
        wanted = _filter(filter_form)
        count = exports.count_letters(db, wanted, most=send_log.COUNTED) if wanted else 0
    wrong = next((form for form in (messages, supporters, actions) if form), None)
    supporters, actions = supporters or ActionForm(prefix=_NEWS), actions or ActionForm(prefix=_ACTIONS)
    for form in (supporters, actions):
        _offer(form, choices)
    return staff_page(
        "exports.html",
        messages=messages or MessageForm(prefix=_LETTERS),
        supporters=supporters,
        actions=actions,
        wrong=wrong,
        wanted=wanted,
        filters=set_values(filter_form),
        chosen=[chip.words for chip in chips(filter_form)],
        state=STATE_WORDS[wanted.state] if wanted and wanted.state else "",
        count=count,
        counted=send_log.COUNTED,
    )
