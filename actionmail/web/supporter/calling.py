"""What a caller presses: fill in my script, how a call went, undo it, forget what I typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from actionmail.flows.actions import calling, drafts
from actionmail.flows.actions.refusals import CampaignClosed, PageTooOld
from actionmail.flows.campaigns.reading import details_of
from actionmail.flows.lookup import by_zip
from actionmail.rules.campaigns.kinds.call.calls import Line, Outcome, progress
from actionmail.rules.campaigns.kinds.call.table import OWN
from actionmail.rules.districts.refusals import LookupRefused, SeveralStates
from actionmail.rules.districts.states import STATES
from actionmail.rules.replacing import replace
from actionmail.rules.speech import gettext
from actionmail.web.platform import languages
from actionmail.web.platform.arguments import short_line, whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import refusal_sentence
from actionmail.web.platform.security import POST_LIMIT, limiter
from actionmail.web.supporter import mistakes, words
from actionmail.web.supporter.call_panel import CallerForm, caller_of, panel, value_of
from actionmail.web.supporter.kinds import call
from actionmail.web.supporter.step import (
    Shut,
    StartOver,
    bp,
    draft_key,
    found_by_zip,
    needs_choice,
    open_campaign,
    remember,
    without_mistakes,
)
from actionmail.web.supporter.taking import page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actionmail.db.campaigns import Campaign

# Nobody gives a name to call, so this is what bounds one network; a meeting that calls together fits.
CALL_LIMIT = f"{POST_LIMIT}; 600 per day"
_LONGEST_LINE = 300
_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


def _open_call(db: Session, slug: str) -> Campaign:
    """Raises Shut, StartOver where the campaign is about something else, and NotFound."""
    campaign = open_campaign(db, slug)
    if campaign.kind != call.KIND.code:
        raise StartOver
    return campaign


@bp.post("/campaigns/<slug>/caller")
@limiter.limit(POST_LIMIT)
def keep_caller(slug: str) -> ResponseReturnValue:
    """Keep what fills the script for about a day, in this browser's draft and nowhere else; or forget it."""
    with services().database.read() as db:
        campaign = _open_call(db, slug)
    key = draft_key(slug) or drafts.new_key()
    if request.form.get("go") == "forget":
        _forget(campaign, key)
        return redirect(url_for(".who", slug=slug), 303)
    form = CallerForm()
    is_good = form.validate()
    must_choose = _look_up(campaign, form) if not form.zip.errors else False
    if not is_good or form.zip.errors or form.state.errors:
        return mistakes.tell(campaign, form, endpoint="supporter.who", at_once=lambda: _caller_again(campaign, form))
    with services().database.write() as db:
        services().draft_sweep.purge(db, now=services().clock())
        values = without_mistakes(drafts.load(db, key, campaign_id=campaign.id) or {})
        before = {**dict.fromkeys(("name", "email", "zip", "street", "city", "phone"), ""), **values.get("who", {})}
        values["who"] = {**before, "name": form.name.data, "city": form.city.data, "zip": form.zip.data}
        values["who"]["state"] = form.state.data if form.state.data in STATES else ""
        drafts.save(db, key, campaign_id=campaign.id, values=values, now=services().clock())
    remember(slug, key)
    if must_choose:
        return redirect(url_for(".choose", slug=slug), 303)
    return redirect(url_for(".who", slug=slug, _anchor="call"), 303)


def _caller_again(campaign: Campaign, form: CallerForm) -> ResponseReturnValue:
    with services().database.read() as db:
        shown = replace(panel(db, campaign), form=form)
    return page(campaign, None, status=400, instead={"panel": shown, "own_form": form})


def _look_up(campaign: Campaign, form: CallerForm) -> bool:
    """Whether the ZIP code leaves a choice of legislators; what is wrong with it stands at its field then."""
    is_own = details_of(campaign)["whom"] == OWN
    typed = form.zip.data or ""
    if not typed:
        form.zip.errors = [gettext("Enter the ZIP code where you live: it tells whom you call.")] if is_own else []
        return False
    try:
        if is_own:
            lookup = found_by_zip(campaign, typed, "", form.state.data or "")
            if campaign.state or not lookup.other_states:
                form.state.data = ""  # of a ZIP code that was typed before
            return needs_choice(lookup)
        by_zip.home_of(services().districts, typed, preferred=campaign.state)
    except SeveralStates as refused:
        form.state.errors = [refusal_sentence(refused)]
    except LookupRefused as refused:
        form.zip.errors = [refusal_sentence(refused)]
    return False


def _forget(campaign: Campaign, key: str) -> None:
    """Delete what was typed, and begin anew in this browser."""
    with services().database.write() as db:
        drafts.drop(db, key, campaign_id=campaign.id)
    session.get("drafts", {}).pop(campaign.slug, None)
    session.modified = True


@bp.post("/campaigns/<slug>/calls")
@limiter.limit(CALL_LIMIT)
def tell_call(slug: str) -> ResponseReturnValue:
    """Keep how a call went, and go on to the next number, or to the thanks after the last."""
    with services().database.read() as db:
        campaign = _open_call(db, slug)
    key, pressed = draft_key(slug), request.form.get("outcome", "")
    if pressed not in _OUTCOMES:
        return page(campaign, None, status=400, sentences=[gettext("Choose how the call went.")])
    if not key:
        return page(campaign, None, status=409, sentences=[words.refusal(PageTooOld())])
    try:
        with services().database.write() as db:
            token, is_over = _tell(db, campaign, key, Outcome(pressed))
    except CampaignClosed:
        raise Shut(campaign, str(words.CLOSED_MEANWHILE)) from None
    except PageTooOld as refused:
        remember(slug, key)
        return page(campaign, None, status=409, sentences=[words.refusal(refused)])
    remember(slug, key)
    if is_over:
        return redirect(url_for("receipts.receipt", token=token), 303)
    return redirect(url_for(".who", slug=slug, _anchor="call"), 303)


def _tell(db: Session, campaign: Campaign, key: str, outcome: Outcome) -> tuple[str, bool]:
    """The receipt of the last call made, and whether all numbers were tried. Raises CampaignClosed, PageTooOld."""
    caller = caller_of(db, campaign, key)
    lines = calling.to_call(db, campaign, caller.seats or (), state=caller.state).lines.lines
    wanted = short_line(request.form, "line", most=_LONGEST_LINE)
    call_report = calling.Told(
        campaign_id=campaign.id,
        sitting=key,
        turn=whole_number(request.form, "turn", default=calling.MOST_TURNS),
        line=_line(lines, wanted),
        outcome=outcome,
        state=caller.state,
        language=languages.reading(campaign).language.tag,
    )
    calling.tell(db, call_report, now=services().clock())
    made, _ = calling.turns(db, campaign.id, key)
    tried = [turn for turn in made if turn.call.outcome != Outcome.NOT_NOW]
    place = progress(lines, [turn.call for turn in made])
    is_over = bool(tried) and place.following is None
    return tried[-1].receipt_token if tried else "", is_over


def _line(lines: Iterable[Line], wanted: str) -> Line | None:
    return next((line for line in lines if value_of(line).strip() == wanted.strip()), None)


@bp.post("/campaigns/<slug>/calls/undo")
@limiter.limit(POST_LIMIT)
def undo_call(slug: str) -> ResponseReturnValue:
    """Take back what was told of one call."""
    with services().database.read() as db:
        campaign = _open_call(db, slug)
    key = draft_key(slug)
    turn = whole_number(request.form, "undone", default=calling.MOST_TURNS)
    with services().database.write() as db:
        calling.undo(db, campaign.id, key, turn, now=services().clock())
    if key:
        remember(slug, key)
    return redirect(url_for(".who", slug=slug, _anchor="call"), 303)
