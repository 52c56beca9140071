"""Campaigns for staff: what stands where, the check of every letter, previews, versions, publishing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from actionmail.flows import campaigns as author
from actionmail.flows import staff
from actionmail.flows.actions import previewing
from actionmail.flows.actions.composing import sample_supporter
from actionmail.flows.actions.refusals import Unwritable
from actionmail.flows.campaigns import Change, ChangeRefused, UnknownCampaign, UnknownVersion, Waiting
from actionmail.flows.roster import reading
from actionmail.flows.staff import Permission
from actionmail.rules.actions.confirmation import ASKED
from actionmail.rules.campaigns.matrix import SAMPLES
from actionmail.rules.campaigns.preflight import look_at_confirmation, look_at_domain, look_at_relay, look_at_roster
from actionmail.web.campaigns.editor import SAMPLE_WORDS
from actionmail.web.platform.arguments import LONGEST_NAME, short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.security import limiter
from actionmail.web.staff.access import never_stored, require, signed_in, staff_page, this_author
from actionmail.web.supporter.words import refusal

if TYPE_CHECKING:
    from actionmail.db.campaigns import Letter

bp = Blueprint("campaigns", __name__, url_prefix="/staff/campaigns")
bp.after_request(never_stored)

Answer = str | AnyResponse | tuple[str, int]

STATUS_WORDS = {
    "draft": "a draft: nobody sees it",
    "scheduled": "scheduled: it opens by itself",
    "live": "live",
    "paused": "paused: the page takes no letters",
    "closed": "closed",
    "archived": "archived: nobody sees it",
}


@bp.errorhandler(UnknownCampaign)
@bp.errorhandler(UnknownVersion)
def _unknown(error: LookupError) -> Answer:
    return staff_page("campaigns/unknown.html", sentence=str(error)), 404


@bp.get("")
@require(Permission.WRITE_LETTERS)
def index() -> Answer:
    with services().database.read() as db:
        campaigns, supporters = author.all_campaigns(db), author.supporters(db)
    return staff_page(
        "campaigns/index.html",
        campaigns=[one for one in campaigns if one.status != "archived"],
        archived=[one for one in campaigns if one.status == "archived"],
        supporters=supporters,
        words=STATUS_WORDS,
    )


@bp.get("/<slug>")
@require(Permission.WRITE_LETTERS)
def campaign(slug: str) -> Answer:
    with services().database.read() as db:
        found = author.campaign_of(db, slug)
        return staff_page(
            "campaigns/campaign.html",
            campaign=found,
            words=STATUS_WORDS,
            supporters=author.supporters(db).get(found.id, 0),
            waiting=author.waiting(db, found),
            unconfirmed=author.unconfirmed(db, found),
            asked=ASKED[found.confirm],
            changes=author.changes(found),
            matrix=author.matrix(db, slug),
            translated=[one for one in author.translated(found) if one.is_begun],
        )


@bp.get("/<slug>/check")
@require(Permission.WRITE_LETTERS)
def check(slug: str) -> Answer:
    with services().database.read() as db:
        return staff_page("campaigns/check.html", campaign=author.campaign_of(db, slug), matrix=author.matrix(db, slug))


@bp.get("/<slug>/file")
@require(Permission.WRITE_LETTERS)
def file(slug: str) -> Answer:
    with services().database.read() as db:
        text = author.export(db, slug)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.toml"'}
    return Response(text, headers=headers, content_type="application/toml; charset=utf-8")


class PreviewForm(Form):
    legislator = SelectField("Legislator", coerce=int)
    supporter = SelectField(
        "Made-up supporter who", coerce=int, choices=[SelectChoice(n, words) for n, words in enumerate(SAMPLE_WORDS)]
    )
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
        found = author.campaign_of(db, slug)
        people = author.legislators(db, found)
        form.legislator.choices = [SelectChoice(number, label) for number, label in people]
        most = max((len(letter.subjects) for letter in found.letters), default=1)
        form.subject.choices = [SelectChoice(n, f"Variant {n + 1}") for n in range(most)]
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
            shown = previewing.preview(db, found, asked, settings=services().settings, now=services().clock())
    page = staff_page("campaigns/preview.html", campaign=found, form=form, shown=shown, people=people)
    return (page, 422) if wrong else page


@bp.post("/<slug>/tests")
@limiter.limit("10 per minute")
@require(Permission.WRITE_LETTERS)
def send_test(slug: str) -> Answer:
    """Send the letter that the preview shows to one's own address, and to no other."""
    me, now, sample = signed_in(), services().clock(), SAMPLES[0]
    names = ("legislator", "supporter", "subject", "other")
    chosen = {name: whole_number(request.form, name, default=0) for name in names}
    if 0 < chosen["supporter"] < len(SAMPLES):
        sample = SAMPLES[chosen["supporter"]]
    supporter = sample_supporter(sample, email=me.email)
    asked = previewing.Asked(
        legislator_id=chosen["legislator"],
        supporter=supporter,
        variant=chosen["subject"],
        as_own=chosen["other"] != 1,
    )
    with services().database.read() as db:
        found = author.campaign_of(db, slug)
        shown = previewing.preview(db, found, asked, settings=services().settings, now=now)
        if shown is None:
            return staff_page("campaigns/unknown.html", sentence="There is no letter for this legislator."), 404
        hand_over = services().hand_over
        try:
            parcel = previewing.trial_letter(
                found, supporter, shown.copy, to=me.email, settings=services().settings, now=now
            )
        except Unwritable as refused:
            trouble, hand_over = refusal(refused), None
        else:
            trouble = "" if hand_over else "No mail server is set for the web process (ACTIONMAIL_SMTP_URL)."
    if hand_over is not None:  # with no transaction open while the mail server talks
        trouble = hand_over(parcel)
    with services().database.write() as db:
        staff.note(db, me.id, "test refused" if trouble else "sent test", f"campaign {slug}", now=now)
    flash(f"The test was not sent. {trouble}" if trouble else f"The mail server took a test letter to {me.email}.")
    back = url_for("campaigns.preview", slug=slug)
    return redirect(f"{back}?{urlencode(chosen)}", 303)


@bp.get("/<slug>/versions")
@require(Permission.WRITE_LETTERS)
def versions(slug: str) -> Answer:
    return _versions_page(slug)


@bp.post("/<slug>/restorations")
@require(Permission.WRITE_LETTERS)
def restore(slug: str) -> Answer:
    name = short_line(request.form, "letter", most=LONGEST_NAME)
    version = whole_number(request.form, "version", default=0)
    try:
        with services().database.write() as db:
            report = author.restore(db, slug, name, version, by=this_author(), now=services().clock())
    except ChangeRefused as refused:
        return _versions_page(slug, problem=str(refused)), 422
    flash(f"Done. New: {', '.join(report.letters_added)}.")
    return redirect(url_for("campaigns.versions", slug=slug), 303)


def _versions_page(slug: str, problem: str = "") -> str:
    with services().database.read() as db:
        found, kept = author.campaign_of(db, slug), author.versions(db, slug)
    by_name: dict[str, list[Letter]] = {}
    for letter in kept:
        by_name.setdefault(letter.name, []).append(letter)
    return staff_page("campaigns/versions.html", campaign=found, versions=by_name, problem=problem)


@bp.get("/<slug>/differences")
@require(Permission.WRITE_LETTERS)
def differences(slug: str) -> Answer:
    """Two versions of a letter; without numbers, the newest and the one before it."""
    name = short_line(request.args, "letter", most=LONGEST_NAME)
    with services().database.read() as db:
        found = author.campaign_of(db, slug)
        old = author.version_of(db, slug, name, whole_number(request.args, "old", default=0))
        new = author.version_of(db, slug, name, whole_number(request.args, "new", default=0))
    return staff_page(
        "campaigns/differences.html", campaign=found, old=old, new=new, differences=author.difference(old, new)
    )


@bp.get("/<slug>/changes/<change>")
@require(Permission.WRITE_LETTERS)
def ask_change(slug: str, change: str) -> Answer:
    return _change_page(slug, _change(change))


@bp.post("/<slug>/changes/<change>")
@require(Permission.WRITE_LETTERS)
def make_change(slug: str, change: str) -> Answer:
    wanted = _change(change)
    opens_at, opens = None, request.form.get("opens", "").strip()
    if wanted is Change.SCHEDULE:
        try:
            opens_at = datetime.fromisoformat(opens)
        except ValueError:
            wrong = ChangeRefused("Enter the date and the time when it opens, such as 2027-02-11 09:00.")
            return _change_page(slug, wanted, wrong, opens), 422
    try:
        with services().database.write() as db:
            done = author.change_status(
                db,
                slug,
                wanted,
                by=signed_in().id,
                now=services().clock(),
                two_people=services().settings.two_person_publish,
                opens_at=opens_at,
                letters=_letters(),
            )
    except ChangeRefused as refused:
        return _change_page(slug, wanted, refused, opens), 422
    flash(f"Done. This campaign is now {STATUS_WORDS[done.status]}.")
    return redirect(url_for("campaigns.campaign", slug=slug), 303)


def _change(word: str) -> Change:
    try:
        return Change(word)
    except ValueError:
        abort(404)


def _letters() -> Waiting:
    try:
        return Waiting(request.form.get("letters", ""))
    except ValueError:
        return Waiting.AS_IT_IS


def _change_page(slug: str, change: Change, refused: ChangeRefused | None = None, opens: str = "") -> str:
    with services().database.read() as db:
        found = author.campaign_of(db, slug)
        may_wait = change is Change.PUBLISH and Change.SCHEDULE in author.changes(found)
        to_wait = author.page_effect(db, found, Change.SCHEDULE) if may_wait else ""
        letters = LettersForm(data={"letters": _letters().value})
        try:
            choices = author.letter_choices(db, found, change)
            effect = author.page_effect(db, found, change) if choices else author.effect(db, found, change)
            letters.letters.choices = [SelectChoice(one.value, sentence) for one, sentence in choices]
        except ChangeRefused as error:
            effect, refused = "", refused or error
    return staff_page(
        "campaigns/change.html",
        campaign=found,
        change=change,
        effect=effect,
        to_wait=to_wait,
        letters=letters,
        older=author.older(found) if change.opens_page else [],
        opens=OpensForm(data={"opens": opens}),
        problem=str(refused or ""),
        matrix=refused.matrix if refused else None,
    )


class LettersForm(Form):
    letters = RadioField("The letters", choices=[], validate_choice=False)


class OpensForm(Form):
    opens = StringField("Opens", description="Date and time in the campaign's time zone, such as 2027-02-11 09:00.")


preflight_bp = Blueprint("preflight", __name__, url_prefix="/staff/preflight")
preflight_bp.after_request(never_stored)


@preflight_bp.get("")
@limiter.limit("10 per minute")
@require(Permission.WRITE_LETTERS)
def preflight() -> Answer:
    """What should be right before letters go out."""
    settings, hand_over = services().settings, services().hand_over
    with services().database.read() as db:
        as_of = reading.roster_as_of(db)
        campaigns = [one for one in author.all_campaigns(db) if one.status not in ("closed", "archived")]
    relay = f"{settings.relay.host}:{settings.relay.port}" if settings.relay else ""
    findings = [
        *look_at_domain(settings.mail_domain, settings.dkim_selectors, services().ask_txt),
        look_at_relay(relay, hand_over(None) if hand_over else None),
        look_at_roster(as_of, services().clock().date()),
        look_at_confirmation({one.slug: one.confirm for one in campaigns}),
    ]
    return staff_page("campaigns/preflight.html", findings=findings, sender=settings.from_address)
