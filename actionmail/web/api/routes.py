"""The JSON door: who represents a place, and what there is to do. `/api/v1/openapi.json` describes it for programs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import news, reading
from actionmail.flows.lookup.by_address import look_up, state_of
from actionmail.flows.lookup.describing import aged, describe
from actionmail.rules.campaigns import kinds
from actionmail.rules.districts.addresses import Address
from actionmail.rules.districts.refusals import LookupRefused, WrongState
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.web.api import description
from actionmail.web.api.schemas import Answer, Campaign, Campaigns, Problem, Question
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import explanation, note_sentence, refusal_sentence
from actionmail.web.platform.security import limiter

if TYPE_CHECKING:
    from actionmail.db import campaigns as rows

bp = Blueprint("api", __name__, url_prefix="/api/v1")

LOOKUP_LIMIT = "30 per minute"
_LONGEST = description.longest()


@bp.get("/lookup")
@limiter.limit(LOOKUP_LIMIT)
def lookup() -> ResponseReturnValue:
    """The candidates of a ZIP code, or of a street where one is given."""
    question = Question(**{name: " ".join(request.args.get(name, "").split()) for name in _LONGEST})
    if fault := _fault(question):
        return _problem(400, fault)
    table = services().districts
    try:
        state = state_of(table, Address(street="", zip=question.zip), question.state)
        located = look_up(
            table,
            Address(street=question.street, city=question.city, state=state, zip=question.zip),
            state=state,
            chambers=("upper", "lower", *(FEDERAL_CHAMBERS if question.congress == "1" else ())),
            geocode=services().geocode,
            atlas=services().atlas,
        )
    except LookupRefused as refused:
        return _problem(404 if isinstance(refused, WrongState) else 400, refusal_sentence(refused))
    with services().database.read() as db:
        located = aged(db, table, located)
        answer = describe(db, located)
    whole = {**answer, "explanation": explanation(located.found), "note": note_sentence(located)}
    return _json(msgspec.convert(whole, Answer))


@bp.get("/campaigns")
@limiter.limit(LOOKUP_LIMIT)
def campaigns() -> ResponseReturnValue:
    """A page of the news, with what each kind has of its own."""
    now = services().clock()
    with services().database.read() as db:
        page = news.posts(db, number=whole_number(request.args, "page", default=1))
        counts = reading.supporters(db)
    listed = [_campaign(campaign, counts.get(campaign.id, 0), now) for campaign in page.posts]
    return _json(Campaigns(campaigns=listed, page=page.number, pages=page.last))


def _campaign(campaign: rows.Campaign, count: int, now: datetime) -> Campaign:
    row = {**reading.all_columns(campaign), "details": reading.details_of(campaign), "deadline": campaign.deadline_at}
    is_open = kinds.kind_of(campaign.kind).is_act and submitting.is_open(campaign, now)
    page = services().settings.base_url + url_for("supporter.who", slug=campaign.slug)
    whole = {**row, "posted_on": campaign.day, "url": page, "is_open": is_open, "count": count}
    return msgspec.convert({name: whole[name] for name in Campaign.__struct_fields__}, Campaign)


def _fault(question: Question) -> str:
    """Why it cannot be asked like that, or ""."""
    for name, longest in _LONGEST.items():
        if len(getattr(question, name)) > longest:
            return f"{name} may have {longest} characters at most."
    if not question.zip:
        return "zip is missing: give a ZIP code such as 53703, and street for an exact answer."
    if question.congress not in {"", "0", "1"}:
        return "congress is 1 for the members of Congress too, or 0."
    return ""


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this door, in OpenAPI 3.1."""
    return jsonify(description.describe(services().settings.base_url, url_for(".lookup"), url_for(".campaigns")))


@bp.errorhandler(429)
@bp.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    """What cannot be answered, as JSON too."""
    sentence = f"At most {LOOKUP_LIMIT} from one address: please wait a minute." if error.code == 429 else error.name
    return _problem(error.code or 500, sentence)


def _problem(status: int, sentence: str) -> ResponseReturnValue:
    return _json(Problem(error=sentence)), status


def _json(answer: Answer | Campaigns | Problem) -> Response:
    return Response(msgspec.json.encode(answer), mimetype="application/json")
