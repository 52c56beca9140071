"""The mail that hands a petition over: written, looked at as it goes, and then queued."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from msgspec import Struct
from wtforms import BooleanField, Form, StringField, TextAreaField

from actionmail.flows.actions import paper_jobs, petition_mails, petition_papers, signatures
from actionmail.flows.actions.paper_jobs import NoPaper, PaperFile
from actionmail.flows.actions.petition_mails import Addressee, MailRefused, Written
from actionmail.flows.campaigns.reading import details_of
from actionmail.flows.staff import Permission
from actionmail.rules.actions.paper_jobs import MOST_ATTACHED
from actionmail.rules.actions.petition_mails import MAX_TEXT
from actionmail.rules.delivery.handover_mail import HandoverMail
from actionmail.rules.delivery.mail_headers import MAX_SUBJECT, EnvelopeError
from actionmail.rules.delivery.tokens import new_message_id
from actionmail.web.campaigns.words import petitions as papers
from actionmail.web.platform.arguments import MOST_MESSAGES, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import line_ends, strip
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.review import petition_words
from actionmail.web.review.petition_delivery import Answer, bp
from actionmail.web.staff.access import require, signed_in, staff_page
from actionmail.web.supporter.forms import OneLine, free_text
from actionmail.web.supporter.words import envelope_fault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

_NO_PAGE = ("draft", "scheduled", "archived")


class MailForm(Form):
    subject = StringField(
        "Subject", filters=[strip], validators=[OneLine("The subject", MAX_SUBJECT, "Enter a subject.")]
    )
    text = TextAreaField("Text", filters=[line_ends], validators=[free_text("The text", MAX_TEXT, "Enter a text.")])
    enclose = BooleanField("Attach the paper")

    def fits(self, known: _Known) -> bool:
        """Whether it is filled in well, and what it encloses is there."""
        is_good = self.validate()
        if self.enclose.data and not known.can_enclose:
            self.enclose.errors = ["There is no paper that can be attached. Take the tick away, or make one first."]
            return False
        return bool(is_good)


class _Known(Struct, frozen=True, kw_only=True):
    """What a mail of a petition is made from."""

    campaign: Campaign
    addressee: Addressee | None
    paper: PaperFile | None  # that is ready
    number: int
    states: int
    seen: int

    @property
    def can_enclose(self) -> bool:
        return self.paper is not None and self.paper.octets <= MOST_ATTACHED

    @property
    def obstacle(self) -> str:
        """Why no mail can go, or ""."""
        if self.addressee is None:
            return (
                "No e-mail address is known of whom the petition is for. An author can enter one under \u201cThe "
                "petition\u201d. Of a legislator of the campaign's state who stands there by full name, the roster's "
                "is taken."
            )
        if self.campaign.status in _NO_PAGE:
            return "The petition has no public page at the moment, to which the mail could lead."
        if not services().settings.from_address:
            return "This site has no address to send from (ACTIONMAIL_FROM_ADDRESS)."
        return ""


def _known(db: Session, slug: str, now: datetime) -> _Known:
    campaign = petition_papers.petition_of(db, slug)
    try:
        paper = paper_jobs.ready(db, campaign, now=now)
    except NoPaper:
        paper = None
    return _Known(
        campaign=campaign,
        addressee=petition_mails.addressee_of(db, campaign),
        paper=paper,
        number=petition_papers.number_of(db, campaign),
        states=len([state for state, _ in signatures.by_place(db, campaign.id).states if state]),
        seen=petition_mails.number_of(db, campaign),
    )


@bp.get("/<slug>/delivery/mail")
@require(Permission.CHANGE_MESSAGES)
def write(slug: str) -> Answer:
    """A mail, begun with the counts of this moment."""
    with services().database.read() as db:
        known = _known(db, slug, services().clock())
    to, title = details_of(known.campaign)["to"], known.campaign.title
    form = MailForm(
        subject=petition_words.default_subject(known.number),
        text=petition_words.default_text(to=to, title=title, number=known.number, states=known.states),
        enclose=known.can_enclose,
    )
    return _page(known, form)


@bp.post("/<slug>/delivery/mail")
@limiter.limit(POST_LIMIT)
@require(Permission.CHANGE_MESSAGES)
def go_on(slug: str) -> Answer:
    """Look at it as it goes; only what was looked at is sent."""
    with services().database.read() as db:
        known = _known(db, slug, services().clock())
    form = MailForm(request.form)
    step = request.form.get("step", "")
    if step == "change":
        return _page(known, form)
    if not form.fits(known) or known.obstacle:
        return _page(known, form, status=422)
    whole = _whole(known, form)
    try:
        whole.as_bytes()
    except EnvelopeError as error:
        return _page(known, form, problem=f"It cannot be written as a mail. {envelope_fault(error)}", status=422)
    if step != "send":
        return staff_page("petition_mail_preview.html", known=known, form=form, mail=whole, texts=petition_words)
    return _send(known, form, whole)


def _send(known: _Known, form: MailForm, whole: HandoverMail) -> Answer:
    slug = known.campaign.slug
    written = Written(
        recipient=short_line(request.form, "recipient", most=254),
        subject=whole.subject,
        text=whole.text,
        paper_sha256=(short_line(request.form, "paper", most=64) or "?") if request.form.get("enclose") else "",
        seen=whole_number(request.form, "seen", default=0, most=MOST_MESSAGES),
    )
    settings, by, now = services().settings, signed_in().id, services().clock()
    try:
        with services().database.write() as db:
            petition_mails.queue(db, slug, written, settings=settings, by=by, now=now)
    except MailRefused as refused:
        return _page(known, form, problem=petition_words.mail_refusal(refused.code), status=409)
    flash("The mail waits for a worker, and can be taken back until it goes.")
    return redirect(url_for(".delivery", slug=slug), 303)


def _whole(known: _Known, form: MailForm) -> HandoverMail:
    """The mail as it goes; the paper itself is put to it by the worker."""
    assert known.addressee is not None
    settings, campaign, paper, now = services().settings, known.campaign, known.paper, services().clock()
    enclosed = ""
    if form.enclose.data and paper:
        day = papers.day(paper.finished_at, campaign.timezone)
        enclosed = petition_words.enclosed_line(f"{campaign.slug}.pdf", number=paper.number, day=day)
    return HandoverMail(
        sender=petition_mails.sender_of(settings, campaign.organisation),
        recipient_name=known.addressee.name,
        recipient=known.addressee.address,
        subject=form.subject.data or "",
        text=petition_words.whole_text(
            form.text.data or "",
            link=settings.origin + url_for("supporter.who", slug=campaign.slug),
            organisation=campaign.organisation,
            enclosed=enclosed,
        ),
        message_id=new_message_id("preview", settings.mail_domain),
        date=now,
    )


def _page(known: _Known, form: MailForm, *, problem: str = "", status: int = 200) -> Answer:
    page = staff_page(
        "petition_mail.html",
        known=known,
        form=form,
        problem=problem,
        texts=petition_words,
        limit=MAX_TEXT,
    )
    return page, status
