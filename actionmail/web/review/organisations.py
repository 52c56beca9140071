"""The organisations under a statement, for staff: looked at, decided on, put together, and taken home."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from actionmail.flows.actions import logos
from actionmail.flows.actions.kinds import kind_of
from actionmail.flows.actions.logos import PrintedLogo
from actionmail.flows.actions.organisations import Signer, public_signers
from actionmail.flows.campaigns import reading
from actionmail.flows.campaigns.refusals import UnknownCampaign
from actionmail.flows.review import organisations
from actionmail.flows.review.organisations import (
    MOST_GRACE,
    Change,
    Refusal,
    ReviewRefused,
    Row,
    Standing,
)
from actionmail.flows.staff import Permission
from actionmail.rules.actions.organisations import MAX_REASON, Mark
from actionmail.rules.actions.papers import (
    MOST_MARGIN,
    NUMBER,
    PAGE_MARGIN,
    TOTAL,
    PrintedOrganisation,
    Sheet,
    StatementText,
    UnprintableText,
)
from actionmail.rules.actions.reviews import Review
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.campaigns.problems import LetterError
from actionmail.rules.csv_export import csv_lines
from actionmail.rules.districts.states import STATES
from actionmail.web.campaigns import words
from actionmail.web.campaigns.pressing import seen
from actionmail.web.platform.arguments import MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import line_ends
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page
from actionmail.web.supporter.pictures import alone

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign

bp = Blueprint("staff_organisations", __name__, url_prefix="/staff/campaigns")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]

STANDING_WORDS: Final = {
    Standing.WAITING: "To be looked at",
    Standing.APPROVED: "Approved",
    Standing.DECLINED: "Declined",
    Standing.MERGED: "Put together with another",
    Standing.UNCONFIRMED: "Not confirmed",
    Standing.WITHDRAWN: "Withdrawn",
}
MARK_WORDS: Final = {
    Mark.FREE_MAIL: "This address is at a mail service that anybody can use.",
    Mark.OTHER_DOMAIN: "This address is outside the website's domain.",
    Mark.NO_WEBSITE: "There is no website of its own to compare this address with.",
}
LIKENESS_WORDS: Final = {
    "same-words": "the same words",
    "abbreviation": "one name may be short for the other",
    "spelling": "one letter differs",
    "website": "the same website",
}
REFUSAL_WORDS: Final = {
    Refusal.UNKNOWN: "There is no such organisation under this statement.",
    Refusal.CHANGED: "Nothing was changed: somebody else decided on this organisation, or its contact corrected it, "
    "since you opened the page. Look at it again first.",
    Refusal.GONE: "Nothing was changed: one of them was withdrawn, declined or taken out of the count meanwhile.",
    Refusal.MERGED: "Nothing was changed: it is put together with another one already.",
    Refusal.ITSELF: "An organisation cannot be put together with itself.",
    Refusal.OTHER_IS_MERGED: "Nothing was changed: the other one is itself put together with a third. Part them first.",
    Refusal.NO_DEADLINE: "This statement has no deadline, so there is nothing to give time after.",
}
_DONE: Final = {
    "approve": "Approved: it stands in the public list, and its contact is told.",
    "decline": "Declined, and its contact is told why.",
    "reopen": "Taken back: it is to be looked at again.",
    "merge": "Put together: the other one stands for both.",
    "part": "Parted: each stands for itself.",
}
_INCH: Final = 72.0
_CSV_HEAD: Final = (
    "Organisation",
    "Website",
    "City",
    "State",
    "Standing",
    "Contact",
    "Role",
    "E-mail address",
    "Note",
    "Signed",
    "Decided",
)


@bp.errorhandler(UnknownCampaign)
def _unknown(error: UnknownCampaign) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=words.unknown(error)), 404


@bp.get("/<slug>/organisations")
@require(Permission.SEE_MESSAGES)
def listed(slug: str) -> Answer:
    return _page(slug)


@bp.post("/<slug>/organisations")
@require(Permission.CHANGE_MESSAGES)
def decide(slug: str) -> Answer:
    """Approve, decline, take back, put together or part one of them."""
    do, reason = request.form.get("do", ""), line_ends(request.form.get("reason")).strip()
    number = whole_number(request.form, "number", default=0, most=MOST_MESSAGES)
    if do == "decline" and (problem := _reason_fault(reason)):
        return _page(slug, status=422, problem=problem, number=number, reason=reason)
    if do not in _DONE:
        return _page(slug, status=422, problem="Press one of the buttons of an organisation.")
    change = Change(number=number, seen=seen(), by=signed_in().id, now=services().clock())
    try:
        _decide(slug, do, change, reason)
    except ReviewRefused as refused:
        return _page(slug, status=409, problem=REFUSAL_WORDS[refused.refusal], number=number, reason=reason)
    flash(_DONE[do])
    return redirect(url_for(".listed", slug=slug, **_place()), 303)


@bp.post("/<slug>/organisations/grace")
@require(Permission.CHANGE_MESSAGES)
def grace(slug: str) -> Answer:
    """Take signatures for some hours after the deadline, or no more."""
    typed = short_line(request.form, "hours", most=4).strip()
    if not (typed.isascii() and typed.isdecimal()) or int(typed) > MOST_GRACE:
        problem = f"Enter a number of hours from 0 to {MOST_GRACE}."
        return _page(slug, status=422, problem=problem, hours=request.form.get("hours", "")[:20])
    try:
        with services().database.write() as db:
            _statement(reading.campaign_of(db, slug))
            by, now = signed_in().id, services().clock()
            until = organisations.give_grace(db, slug, hours=int(typed), by=by, now=now)
    except ReviewRefused as refused:
        return _page(slug, status=409, problem=REFUSAL_WORDS[refused.refusal], hours=typed)
    flash("Signatures are taken after the deadline for a while." if until else "The deadline holds, without more time.")
    return redirect(url_for(".listed", slug=slug), 303)


@bp.get("/<slug>/organisations/<int:number>/logo")
@require(Permission.SEE_MESSAGES)
def logo(slug: str, number: int) -> Answer:
    """The logo of one of them, before anybody else sees it."""
    with services().database.read() as db:
        stored = logos.file_under(db, _statement(reading.campaign_of(db, slug)), number)
    if stored is None:
        abort(404)
    return alone(stored.content, stored.media_type)


@bp.get("/<slug>/organisations.csv")
@require(Permission.SEE_MESSAGES)
def export(slug: str) -> Answer:
    """All of them with their contacts, for a spreadsheet."""
    with services().database.read() as db:
        campaign = _statement(reading.campaign_of(db, slug))
        rows = organisations.exported(db, campaign)
    text = "".join(csv_lines(_CSV_HEAD, map(_cells, rows)))
    return _file(text.encode(), "text/csv; charset=utf-8", f"{slug}-organisations.csv")


@bp.get("/<slug>/statement.pdf")
@require(Permission.SEE_ROSTER)  # what everybody may see, for authors and reviewers alike
def paper(slug: str) -> Answer:
    """The statement with its signers, with so many quarters of an inch above it for a letterhead."""
    most = int(MOST_MARGIN / _INCH * 4)
    top = whole_number(request.args, "top", default=0, most=most) * _INCH / 4
    with services().database.read() as db:
        campaign = _statement(reading.campaign_of(db, slug))
        signers = public_signers(db, campaign)
        text = reading.details_of(campaign)["text"]
        pictures = logos.printed(db, campaign)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.pdf"
        try:
            _print(path, campaign, text, _printed(signers, pictures), top=max(top, PAGE_MARGIN))
        except UnprintableText as error:
            characters = ", ".join(f"{character} (U+{ord(character):04X})" for character in error.characters[:20])
            problem = f"No font on this machine has these characters, so nothing was printed: {characters}."
            return staff_page("organisations_paper.html", campaign=campaign, problem=problem), 409
        content = path.read_bytes()
    return _file(content, "application/pdf", f"{slug}.pdf")


def _decide(slug: str, do: str, change: Change, reason: str) -> None:
    """Raises ReviewRefused."""
    settings = services().settings
    with services().database.write() as db:
        campaign = _statement(reading.campaign_of(db, slug))
        if do == "approve":
            organisations.approve(db, campaign, change, settings=settings)
        elif do == "decline":
            organisations.decline(db, campaign, change, reason=reason, settings=settings)
        elif do == "reopen":
            organisations.reopen(db, campaign, change)
        elif do == "merge":
            into = whole_number(request.form, "into", default=0, most=MOST_MESSAGES)
            organisations.merge(db, campaign, change, into=into)
        else:
            organisations.part(db, campaign, change)


def _statement(campaign: Campaign) -> Campaign:
    """Raises UnknownCampaign for one of another kind."""
    if not kind_of(campaign.kind).is_reviewed:
        raise UnknownCampaign(campaign.slug)
    return campaign


def _reason_fault(reason: str) -> str:
    if not reason:
        return "Say why: it is mailed to the contact."
    if len(reason) > MAX_REASON:
        return f"The reason may have {MAX_REASON:,} characters at most; this has {len(reason):,}."
    try:
        plain(reason)
    except LetterError as error:
        return f"In line {error.line}: {words.sentence(error.problem)}"
    return ""


def _standing() -> Standing:
    wanted = short_line(request.args, "standing", most=20)
    return Standing(wanted) if wanted in list(Standing) else Standing.WAITING


def _place() -> dict[str, Any]:
    """What is looked at, as it stands in the address."""
    place = {"standing": _standing().value}
    for name in ("after", "before"):
        if number := whole_number(request.args, name, default=0, most=MOST_MESSAGES):
            place[name] = str(number)
    return place


def _at(slug: str, **number: Any) -> str:
    """Another page of the same, "" where there is none."""
    if None in number.values():
        return ""
    return url_for(".listed", slug=slug, standing=_standing().value, **number)


def _page(
    slug: str, *, status: int = 200, problem: str = "", number: int = 0, reason: str = "", hours: str | None = None
) -> Answer:
    standing = _standing()
    after = whole_number(request.args, "after", default=0, most=MOST_MESSAGES)
    before = whole_number(request.args, "before", default=0, most=MOST_MESSAGES) or None
    with services().database.read() as db:
        campaign = _statement(reading.campaign_of(db, slug))
        shown = organisations.page(db, campaign, standing, after=after, before=before)
        counts = organisations.counts(db, campaign)
        alike = organisations.alike(db, campaign) if standing in (Standing.WAITING, Standing.APPROVED) else {}
    page = staff_page(
        "organisations.html",
        campaign=campaign,
        rows=shown.rows,
        counts=counts,
        alike=alike,
        standing=standing,
        standing_words=STANDING_WORDS,
        mark_words=MARK_WORDS,
        likeness_words=LIKENESS_WORDS,
        action=url_for(".decide", slug=slug, **_place()),
        earlier=_at(slug, before=shown.earlier),
        later=_at(slug, after=shown.later),
        problem=problem,
        do=request.form.get("do", ""),
        wrong_number=number,
        reason=reason,
        hours=_hours(campaign) if hours is None else hours,
        most_grace=MOST_GRACE,
        max_reason=MAX_REASON,
        states=STATES,
    )
    return page, status


def _hours(campaign: Campaign) -> str:
    if campaign.deadline_at is None or campaign.grace_until is None or campaign.grace_until <= campaign.deadline_at:
        return "0"
    return str(int((campaign.grace_until - campaign.deadline_at).total_seconds() // 3600))


def _cells(row: Row) -> list[str]:
    signer = row.signer
    standing = "put together" if row.is_merged else row.review.value
    decided = f"{row.reviewed_at:%Y-%m-%d %H:%M}" if row.reviewed_at and row.review is not Review.WAITING else ""
    public = [signer.organisation, signer.website, signer.city, signer.state, standing]
    return [*public, row.contact, row.role, row.email, row.note, f"{row.created_at:%Y-%m-%d %H:%M}", decided]


def _print(path: Path, campaign: Campaign, text: str, signers: Sequence[PrintedOrganisation], *, top: float) -> None:
    """Raises UnprintableText."""
    now = services().clock()
    count = f"{len(signers):,} {'organisation' if len(signers) == 1 else 'organisations'}"
    statement = StatementText(
        title=campaign.title,
        text=text,
        dated=f"{now.astimezone(ZoneInfo(campaign.timezone)):%B %-d, %Y}",
        signers=f"Signed by {count}",
        nobody="No organisation has signed yet.",
        has_logos=any(signer.logo for signer in signers),
    )
    sheet = Sheet(
        language="en",
        title=campaign.title,
        author=campaign.organisation,
        page_words=f"Page {NUMBER} of {TOTAL}",
        top=top,
    )
    services().print_statement(path, statement, iter(signers), sheet=sheet, made_at=now)


def _printed(signers: Sequence[Signer], pictures: Mapping[int, PrintedLogo]) -> list[PrintedOrganisation]:
    printed = []
    for signer in signers:
        logo = pictures.get(signer.number)
        organisation = PrintedOrganisation(
            name=signer.organisation,
            place=", ".join(filter(None, (signer.city, signer.state))),
            logo=logo.content if logo else b"",
            logo_alternative=(logo.alternative if logo else "") or signer.organisation,
        )
        printed.append(organisation)
    return printed


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
