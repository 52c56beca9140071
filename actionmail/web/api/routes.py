"""The JSON door: who represents a place, and what there is to do. `/api/v1/openapi.json` describes it for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import news, reading
from actionmail.flows.lookup.by_address import Located, look_up, look_up_anywhere, state_of
from actionmail.flows.lookup.describing import aged, describe, of_several_states
from actionmail.rules.campaigns import kinds
from actionmail.rules.districts.addresses import Address
from actionmail.rules.districts.refusals import LookupRefused, WrongState
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.web.api import description
from actionmail.web.api.schemas import Answer, Answers, Campaign, Campaigns, Problem, Question
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import in_words, refusal_sentence
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
        places = _places(table, question)
    except LookupRefused as refused:
        return _problem(404 if isinstance(refused, WrongState) else 400, refusal_sentence(refused))
    answers = []
    with services().database.read() as db:
        for located in places:
            known = aged(db, table, located)
            described = describe(db, known, table.calendar, now=services().clock())
            answers.append(described | in_words(known, asks_streets=services().geocode is not None))
    if len(answers) > 1:
        return _json(msgspec.convert(of_several_states(answers), Answers))
    return _json(msgspec.convert(answers[0], Answer))


def _places(table: DistrictTable, question: Question) -> tuple[Located, ...]:
    """One, or one of each state that the ZIP code lies in where none is named. Raises LookupRefused."""
    chambers = ("upper", "lower", *(FEDERAL_CHAMBERS if question.congress == "1" else ()))
    address = Address(street=question.street, city=question.city, zip=question.zip)
    geocode, atlas = services().geocode, services().atlas
    if not question.state:
        return look_up_anywhere(table, address, chambers=chambers, geocode=geocode, atlas=atlas)
    state = state_of(table, address, question.state)
    address = replace(address, state=state)
    return (look_up(table, address, state=state, chambers=chambers, geocode=geocode, atlas=atlas),)


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


def _json(answer: Answer | Answers | Campaigns | Problem) -> Response:
    return Response(msgspec.json.encode(answer), mimetype="application/json")
