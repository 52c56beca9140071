"""A petition is handed over: the table, the paper that a worker makes, and the mail to whom it is addressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form, RadioField

from actionmail.flows.actions import paper_jobs, petition_mails, petition_papers
from actionmail.flows.actions.paper_jobs import NoPaper, PaperBusy, PaperFile
from actionmail.flows.actions.petition_mails import MailRefused
from actionmail.flows.campaigns.reading import details_of
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.staff import Permission
from actionmail.flows.staff.audit import record
from actionmail.rules.actions.paper_jobs import Comments, PaperState
from actionmail.rules.csv_export import csv_lines
from actionmail.rules.delivery.states import State
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.web.campaigns import words
from actionmail.web.campaigns.words import petitions as papers
from actionmail.web.platform.arguments import MOST_MESSAGES, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.review import petition_words
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page

if TYPE_CHECKING:
    from actionmail.flows.actions.paper_jobs import PaperStatus

bp = Blueprint("petition_delivery", __name__, url_prefix="/staff/campaigns")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]

_LOOK_AGAIN = 5  # seconds
_MAILS = 20  # shown
_MADE_ANEW = {"try-again": State.QUEUED, "take-back": State.CANCELLED}


class PaperForm(Form):
    comments = RadioField(
        "The signers' own words",
        choices=choices_of((comments.value, text) for comments, text in petition_words.COMMENTS.items()),
        default=Comments.ALL.value,
    )


@bp.errorhandler(UnknownCampaign)
def _unknown(error: UnknownCampaign) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


@bp.get("/<slug>/delivery")
@require(Permission.SEE_MESSAGES)
def delivery(slug: str) -> Answer:
    """How many sign, what there is to hand over, and what was. While a paper is made the page looks again by itself."""
    return delivery_page(slug)


def delivery_page(slug: str, *, problem: str = "", status: int = 200) -> Answer:
    """The page, with why something was not done. Raises UnknownCampaign."""
    now = services().clock()
    with services().database.read() as db:
        campaign = petition_papers.petition_of(db, slug)
        paper = paper_jobs.status(db, campaign, now=now)
        number = petition_papers.number_of(db, campaign)
        mails = petition_mails.listed(db, slug=slug, limit=_MAILS)
    page = staff_page(
        "petition_delivery.html",
        campaign=campaign,
        details=details_of(campaign),
        number=number,
        paper=paper,
        form=PaperForm(comments=paper.comments.value) if paper else PaperForm(),
        mails=mails,
        may_become=petition_mails.may_become,
        texts=petition_words,
        problem=problem,
        is_still="still" in request.args,
    )
    response = Response(page, status=status)
    if _is_made(paper) and "still" not in request.args:
        response.headers["Refresh"] = f"{_LOOK_AGAIN}; url={url_for('.delivery', slug=slug)}"
    return response


def _is_made(paper: PaperStatus | None) -> bool:
    return paper is not None and paper.state in (PaperState.WAITING, PaperState.WORKING)


@bp.post("/<slug>/delivery")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES)
def table(slug: str) -> Answer:
    """The signatures as a table, sent row by row, of one moment however long that takes."""
    now = services().clock()
    with services().database.write() as db:
        campaign = petition_papers.petition_of(db, slug)
        number = petition_papers.number_of(db, campaign)
        by = signed_in().id
        record(db, AuditAction.PETITION_EXPORTED, ObjectKind.CAMPAIGN, slug, by=by, now=now, count=number)
    response = Response(stream_with_context(_table_lines(slug)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response


def _table_lines(slug: str) -> Iterator[str]:
    with services().database.snapshot() as db:
        campaign = petition_papers.petition_of(db, slug)
        rows = (papers.row(signature, campaign.timezone) for signature in petition_papers.signatures(db, campaign))
        yield from csv_lines(papers.TABLE_HEAD, rows)


@bp.post("/<slug>/delivery/paper")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES)
def ask(slug: str) -> Answer:
    """Have a paper made."""
    form = PaperForm(request.form)
    if not form.validate():
        return delivery_page(slug, problem="Say which of the signers' own words are printed.", status=422)
    comments = Comments(form.comments.data)
    try:
        with services().database.write() as db:
            paper_jobs.ask(db, slug, comments, by=signed_in().id, now=services().clock())
    except PaperBusy:
        return delivery_page(slug, problem="A paper is being made already, for you or for a colleague.", status=409)
    return redirect(url_for(".delivery", slug=slug), 303)


@bp.post("/<slug>/delivery/paper/end")
@limiter.limit(POST_LIMIT)
@require(Permission.SEE_MESSAGES)
def give_up(slug: str) -> Answer:
    """Stop a paper from being made, or delete it."""
    with services().database.write() as db:
        was_there = paper_jobs.give_up(db, slug, by=signed_in().id, now=services().clock())
    flash("There is no paper any more." if was_there else "There was no paper.")
    return redirect(url_for(".delivery", slug=slug), 303)


@bp.get("/<slug>/delivery/paper.pdf")
@require(Permission.SEE_MESSAGES)
def download(slug: str) -> Answer:
    """The paper, sent piece by piece; that somebody took it stands in the audit trail."""
    now = services().clock()
    try:
        with services().database.write() as db:
            campaign = petition_papers.petition_of(db, slug)
            paper = paper_jobs.ready(db, campaign, now=now)
            by, count = signed_in().id, paper.number
            record(db, AuditAction.PETITION_EXPORTED, ObjectKind.CAMPAIGN, slug, by=by, now=now, count=count)
    except NoPaper:
        return delivery_page(slug, problem="There is no paper to download. Ask for one first.", status=404)
    response = Response(stream_with_context(_pieces(paper)), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.pdf"'
    response.headers["Content-Length"] = str(paper.octets)
    return response


def _pieces(paper: PaperFile) -> Iterator[bytes]:
    with services().database.snapshot() as db:
        yield from paper_jobs.pieces(db, paper)


@bp.post("/<slug>/delivery/mails/<noun>")
@limiter.limit(POST_LIMIT)
@require(Permission.CHANGE_MESSAGES)
def change_mail(slug: str, noun: str) -> Answer:
    """Take a mail back, or let it be tried again."""
    after = _MADE_ANEW.get(noun)
    if after is None:
        raise UnknownCampaign(slug)
    place = whole_number(request.form, "place", default=0, most=MOST_MESSAGES)
    try:
        with services().database.write() as db:
            petition_mails.change(db, slug, place, after, by=signed_in().id, now=services().clock())
    except MailRefused as refused:
        return delivery_page(slug, problem=petition_words.mail_refusal(refused.code), status=409)
    flash("The mail was taken back." if after is State.CANCELLED else "The mail waits for a worker again.")
    return redirect(url_for(".delivery", slug=slug), 303)
