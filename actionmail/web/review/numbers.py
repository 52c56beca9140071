"""How many acted and wrote, as charts and tables: nobody's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import Form, SelectField
from wtforms.validators import ValidationError

from actionmail.flows.review import numbers, reports, send_log
from actionmail.flows.review.numbers import Asked, Numbers, Seat
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.translations import name_of
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.titles import chamber_name, district_label
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import DayField, choices_of, tidy
from actionmail.web.review.answer_words import ANSWERS, NOTE, answer_cells
from actionmail.web.review.campaign_actions import STANDING_WORDS
from actionmail.web.review.charts import column_chart, in_words, share
from actionmail.web.review.words import STATE_WORDS
from actionmail.web.staff.access import never_stored, reading_database, require, staff_page

bp = Blueprint("numbers", __name__, url_prefix="/staff/numbers")
bp.after_request(never_stored)

Answer = str | Response | tuple[str, int]

LISTED: Final = 25  # rows of a table
_RECENT: Final = timedelta(days=29)  # before today


class PeriodForm(Form):
    since = DayField("From")
    until = DayField("To")

    def validate_until(self, field: DayField) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("The last day lies before the first.")


class NumbersForm(PeriodForm):
    campaign = SelectField("Campaign", default="", filters=[tidy])


@bp.get("")
@require(Permission.SEE_ROSTER)  # for authors and reviewers alike
def index() -> Answer:
    form = NumbersForm(request.args)
    with reading_database().read() as db:
        choices = send_log.campaign_choices(db, form.campaign.data or "")
        form.campaign.choices = choices_of([("", "All"), *choices.campaigns])
        asked = _asked(form, choices.timezone or "UTC") if form.validate() else None
        counts = numbers.numbers(db, asked) if asked else None
        answered = reports.who_answered(db, asked) if asked else []
    if counts is None:
        return staff_page("numbers.html", form=form, counts=None), 422
    return staff_page("numbers.html", form=form, asked=asked, counts=counts, answered=answered, **_drawn(counts))


def _asked(form: NumbersForm, timezone: str) -> Asked:
    """Of everything without a campaign and without a day, the last 30 days."""
    campaign, since, until = form.campaign.data or "", form.since.data, form.until.data
    if not (campaign or since or until):
        until = services().clock().date()
        since = until - _RECENT
    return Asked(campaign=campaign, since=since, until=until, timezone=timezone)


def _drawn(counts: Numbers) -> dict[str, Any]:
    actions = [day.actions for day in counts.days]
    letters = [day.letters for day in counts.days]
    return {
        "charts": (
            ("actions", "Actions a day", column_chart(actions), in_words(counts.days, actions)),
            ("letters", "Letters a day", column_chart(letters), in_words(counts.days, letters)),
        ),
        "listed": LISTED,
        "answer_cells": answer_cells,
        "answer_heads": ANSWERS,
        "answer_note": NOTE,
        "share": share,
        "seat_name": seat_name,
        "us_states": STATES,
        "language_name": _language_name,
        "state_words": STATE_WORDS,
        "standing_words": STANDING_WORDS,
    }


def seat_name(seat: Seat) -> str:
    """ "Wisconsin State Assembly, District 76" """
    return f"{chamber_name(seat.state, seat.chamber)}, {district_label(seat.chamber, seat.district)}"


def _language_name(tag: str) -> str:
    return name_of(tag) if tag else "not kept"
