"""Reports of letters to lay on a table: of a campaign for whoever lobbies, of a legislator for their office."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from actionmail.flows.campaigns import reading
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.review import reports
from actionmail.flows.review.numbers import Asked, Member, Tally
from actionmail.flows.review.reports import Report
from actionmail.flows.staff import Permission
from actionmail.rules.actions.papers import NUMBER, TOTAL, ReportTable, ReportText, Sheet, UnprintableText
from actionmail.web.campaigns import words
from actionmail.web.platform.context import services
from actionmail.web.review.answer_words import ANSWERS, answer_cells
from actionmail.web.review.numbers import PeriodForm, seat_name
from actionmail.web.staff.access import never_stored, reading_database, require, staff_page

bp = Blueprint("reports", __name__, url_prefix="/staff/reports")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]

_NOTE = (
    "Letters are counted where they stand now. A mail server that took a letter is not somebody who has read it. "
    "Supporters are not named here, and quoted only where they agreed to it."
)
_QUOTED = "In supporters' own words"
_TALLY = ("Letters", "Taken by a mail server", "Came back", "Not sent")


@bp.errorhandler(UnknownCampaign)
def _unknown(error: UnknownCampaign) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


@bp.get("/campaigns/<slug>")
@require(Permission.SEE_ROSTER)
def campaign(slug: str) -> Answer:
    """The lobbying report of a campaign; `?as=pdf` prints it."""
    form = PeriodForm(request.args)
    is_good = form.validate()
    with reading_database().snapshot() as db:
        about = reading.campaign_of(db, slug)
        title, bill = about.title, " ".join(filter(None, (about.bill, about.bill_title)))
        organisation = about.organisation
        asked = _asked(form, slug, about.timezone) if is_good else None
        report = reports.report(db, asked) if asked else None
    text = _of_campaign(title, bill, report, asked) if report and asked else None
    return _answer(form, title, text, name=f"{slug}-report", author=organisation)


@bp.get("/legislators/<int:number>")
@require(Permission.SEE_ROSTER)
def legislator(number: int) -> Answer:
    """The report for a legislator's office; `?as=pdf` prints it."""
    form = PeriodForm(request.args)
    is_good = form.validate()
    with reading_database().snapshot() as db:
        member = reports.member_of(db, number)
        if member is None:
            abort(404)
        asked = _asked(form, "", "UTC") if is_good else None
        report = reports.report(db, asked, legislator=number) if asked else None
    text = _of_legislator(member, report, asked) if report and asked else None
    return _answer(
        form, _name(member), text, name=f"legislator-{number}-report", author=services().settings.organisation
    )


def _asked(form: PeriodForm, slug: str, timezone: str) -> Asked:
    return Asked(campaign=slug, since=form.since.data, until=form.until.data, timezone=timezone)


def _answer(form: PeriodForm, title: str, text: ReportText | None, *, name: str, author: str) -> Answer:
    """The page, or the paper where that was asked for."""
    if text is None:
        return staff_page("report.html", form=form, title=title, report=None, problem=""), 422
    if request.args.get("as") != "pdf":
        return staff_page("report.html", form=form, title=title, report=text, problem="")
    sheet = Sheet(language="en", title=text.title, author=author, page_words=f"Page {NUMBER} of {TOTAL}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        try:
            services().print_report(path, text, sheet=sheet, made_at=services().clock())
        except UnprintableText as error:
            characters = ", ".join(f"{character} (U+{ord(character):04X})" for character in error.characters[:20])
            problem = f"No font on this machine has these characters, so nothing was printed: {characters}."
            return staff_page("report.html", form=form, title=title, report=text, problem=problem), 409
        response = Response(path.read_bytes(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def _of_campaign(title: str, bill: str, report: Report, asked: Asked) -> ReportText:
    rows = []
    for member, tally in report.members:
        rows.append((_name(member), member.party, seat_name(member.seat), *_cells(tally)))
    by_legislator = ReportTable(
        caption="By district and legislator",
        heads=("Legislator", "Party", "District", *_TALLY),
        widths=(0.22, 0.12, 0.26, 0.1, 0.12, 0.09, 0.09),
        rows=rows,
    )
    lines = [line for line in (bill, *_lines(report, asked)) if line]
    return ReportText(
        title=title,
        lines=lines,
        tables=_with_letters(by_legislator, _who_answered(report), _by_day(report)),
        quoted=_QUOTED,
        quotes=_quotes(report),
        note=_NOTE,
    )


def _of_legislator(member: Member, report: Report, asked: Asked) -> ReportText:
    rows = []
    for subject, tally in report.campaigns:
        rows.append((subject.title, subject.bill, *_cells(tally)))
    by_campaign = ReportTable(
        caption="By campaign",
        heads=("Campaign", "Bill", *_TALLY),
        widths=(0.4, 0.14, 0.11, 0.15, 0.1, 0.1),
        rows=rows,
    )
    return ReportText(
        title=f"Letters to {_name(member)}",
        lines=[seat_name(member.seat), *_lines(report, asked), *_answers(report)],
        tables=_with_letters(by_campaign, _by_day(report)),
        quoted=_QUOTED,
        quotes=_quotes(report),
        note=_NOTE,
    )


def _who_answered(report: Report) -> ReportTable:
    rows = []
    for member, known in report.answered:
        rows.append((_name(member), seat_name(member.seat), *answer_cells(known)))
    return ReportTable(
        caption="Who answered, as far as supporters and mail tell",
        heads=("Legislator", "District", *ANSWERS),
        widths=(0.24, 0.26, 0.12, 0.12, 0.12, 0.14),
        rows=rows,
    )


def _answers(report: Report) -> list[str]:
    """Of one legislator."""
    lines = []
    for _member, known in report.answered:
        answered = f"{known.letters:,} {'letter' if known.letters == 1 else 'letters'}"
        lines.append(
            f"The office answered {answered}, as far as is known: of {known.asked:,} whose supporters were asked, "
            f"{known.said_yes:,} say that it did and {known.said_no:,} that nothing came."
        )
    return lines


def _name(member: Member) -> str:
    return member.name or "a vacant seat"


def _lines(report: Report, asked: Asked) -> Sequence[str]:
    letters = f"{report.total.letters:,} {'letter' if report.total.letters == 1 else 'letters'}"
    people = f"{report.actions:,} {'action' if report.actions == 1 else 'actions'} of supporters"
    made = services().clock().astimezone(ZoneInfo(asked.timezone))
    return (
        f"{letters}, by {people}; {report.total.taken:,} taken by a mail server, {report.total.back:,} came back.",
        f"{_period(asked)}; as of {made:%B %-d, %Y, %H:%M} ({asked.timezone}).",
    )


def _period(asked: Asked) -> str:
    since = f"{asked.since:%B %-d, %Y}" if asked.since else ""
    until = f"{asked.until:%B %-d, %Y}" if asked.until else ""
    if since and until:
        return f"Written from {since} to {until}"
    if since or until:
        return f"Written since {since}" if since else f"Written until {until}"
    return "All that were written"


def _with_letters(*tables: ReportTable) -> list[ReportTable]:
    return [table for table in tables if table.rows]


def _quotes(report: Report) -> list[tuple[str, str]]:
    return [(quote.text, "; ".join(map(seat_name, quote.seats))) for quote in report.quotes]


def _by_day(report: Report) -> ReportTable:
    rows = [(f"{day:%B %-d, %Y}", *_cells(tally)) for day, tally in report.days]
    return ReportTable(caption="By day", heads=("Day", *_TALLY), widths=(0.32, 0.15, 0.21, 0.16, 0.16), rows=rows)


def _cells(tally: Tally) -> tuple[str, ...]:
    return f"{tally.letters:,}", f"{tally.taken:,}", f"{tally.back:,}", f"{tally.not_sent:,}"
