"""What others would see: a letter as one legislator would get it, to look at or to send to oneself, and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import flash, make_response, redirect, request, url_for
from wtforms import Form, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows import staff
from actionmail.flows.actions import previewing
from actionmail.flows.actions.composing import sample_supporter
from actionmail.flows.actions.refusals import Unwritable
from actionmail.flows.campaigns import reading
from actionmail.flows.staff import Permission
from actionmail.rules.campaigns.matrix import SAMPLES
from actionmail.rules.staff.audit_codes import AuditAction, ObjectKind
from actionmail.web.campaigns.letter_forms import SAMPLE_WORDS
from actionmail.web.campaigns.pages import Answer, bp
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.fields import choices_of
from actionmail.web.platform.security import CONTENT_SECURITY_POLICY, limiter
from actionmail.web.staff.access import require, signed_in, staff_page
from actionmail.web.supporter.who import preview_page
from actionmail.web.supporter.words import refusal

if TYPE_CHECKING:
    from actionmail.db.campaigns import Campaign
    from actionmail.rules.delivery.states import Parcel


class PreviewForm(Form):
    legislator = SelectField("Legislator", coerce=int)
    supporter = SelectField("Made-up supporter who", coerce=int, choices=choices_of(enumerate(SAMPLE_WORDS)))
    subject = SelectField("Subject", coerce=int)
    other = SelectField(
        "This legislator",
        coerce=int,
        default=0,
        choices=[SelectChoice(0, "represents the supporter"), SelectChoice(1, "does not represent the supporter")],
    )


@bp.get("/<slug>/preview")
@require(Permission.WRITE_LETTERS)
def preview(slug: str) -> Answer:
    form = PreviewForm(request.args)
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        people = reading.legislators(db, campaign)
        form.legislator.choices = choices_of(people)
        most = max((len(letter.subjects) for letter in campaign.letters), default=1)
        form.subject.choices = choices_of((n, f"Variant {n + 1}") for n in range(most))
        shown, wrong = None, False
        if request.args:
            wrong = not form.validate()
        elif people:
            form.legislator.data, form.supporter.data, form.subject.data = people[0][0], 0, 0
        if people and not wrong:
            sample = SAMPLES[form.supporter.data]
            asked = previewing.Asked(
                legislator_id=form.legislator.data,
                supporter=sample_supporter(sample),
                variant=form.subject.data,
                as_own=form.other.data != 1,
            )
            shown = previewing.preview(db, campaign, asked, settings=services().settings, now=services().clock())
    page = staff_page("campaigns/preview.html", campaign=campaign, form=form, shown=shown, people=people)
    return (page, 422) if wrong else page


@bp.post("/<slug>/tests")
@limiter.limit("10 per minute")
@require(Permission.WRITE_LETTERS)
def send_test(slug: str) -> Answer:
    """Send the letter that the preview shows to one's own address, and to no other."""
    me, now = signed_in(), services().clock()
    names = ("legislator", "supporter", "subject", "other")
    chosen = {name: whole_number(request.form, name, default=0) for name in names}
    asked = _asked(chosen, me.email)
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
        shown = previewing.preview(db, campaign, asked, settings=services().settings, now=now)
    if shown is None:
        return staff_page("campaigns/unknown.html", sentence="There is no letter for this legislator."), 404
    trouble = _send(campaign, asked, shown, me.email)  # with no transaction open while the mail server talks
    with services().database.write() as db:
        action = AuditAction.TEST_REFUSED if trouble else AuditAction.TEST_SENT
        staff.record(db, action, ObjectKind.CAMPAIGN, slug, by=me.id, now=now)
    flash(f"The test was not sent. {trouble}" if trouble else f"The mail server took a test letter to {me.email}.")
    back = url_for("campaigns.preview", slug=slug)
    return redirect(f"{back}?{urlencode(chosen)}", 303)


def _asked(chosen: dict[str, int], email: str) -> previewing.Asked:
    """What the page showed, from a made-up supporter with this address."""
    number = chosen["supporter"] if chosen["supporter"] < len(SAMPLES) else 0
    return previewing.Asked(
        legislator_id=chosen["legislator"],
        supporter=sample_supporter(SAMPLES[number], email=email),
        variant=chosen["subject"],
        as_own=chosen["other"] != 1,
    )


def _send(campaign: Campaign, asked: previewing.Asked, shown: previewing.Preview, to: str) -> str:
    """Why the test could not be sent, or ""."""
    hand_over = services().hand_over
    try:
        parcel: Parcel = previewing.trial_letter(
            campaign, asked.supporter, shown.copy, to=to, settings=services().settings, now=services().clock()
        )
    except Unwritable as refused:
        return refusal(refused)
    if hand_over is None:
        return "No mail server is set for the web process (ACTIONMAIL_SMTP_URL)."
    return hand_over(parcel)


@bp.get("/<slug>/whole-page")
@require(Permission.WRITE_LETTERS)
def whole_page(slug: str) -> Answer:
    """The page as supporters would see it, whatever the campaign's status. A browser sends no form from it."""
    with services().database.read() as db:
        campaign = reading.campaign_of(db, slug)
    response = make_response(preview_page(campaign))
    # Whatever forms its kind puts there: of two of a name the first counts, so the general one is replaced.
    policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", "form-action 'none'")
    response.headers["Content-Security-Policy"] = policy
    return response
