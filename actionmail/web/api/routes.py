"""The JSON door: who represents a place, and what there is to do. `/api/v1/openapi.json` describes it for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from actionmail.flows.actions import organisations, submitting
from actionmail.flows.campaigns import campaign_pictures, news, reading
from actionmail.flows.lookup.by_address import Located, look_up, look_up_anywhere, state_of
from actionmail.flows.lookup.describing import aged, describe, of_several_states
from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.kinds.statement import KIND as STATEMENT
from actionmail.rules.campaigns.translations import OWN
from actionmail.rules.districts.addresses import Address
from actionmail.rules.districts.refusals import LookupRefused, WrongState
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.web.api import description
from actionmail.web.api.bearer import asked_too_often
from actionmail.web.api.problems import ApiProblem, json_answer, problem
from actionmail.web.api.schemas import Answer, Answers, Campaign, Campaigns, Question, Signer, Signers
from actionmail.web.platform.arguments import whole_number
from actionmail.web.platform.context import services
from actionmail.web.platform.languages import in_language
from actionmail.web.platform.limits import rules_here
from actionmail.web.platform.lookup_words import in_words, refusal_sentence
from actionmail.web.platform.security import limiter
from actionmail.web.supporter.post_pictures import post_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from actionmail.db import campaigns as rows
    from actionmail.rules.campaigns.pictures import ShownPicture

bp = Blueprint("api", __name__, url_prefix="/api/v1")

LOOKUP_LIMIT = "30 per minute"
_SIGNERS = 100  # of one page
_LONGEST = description.longest()


@bp.get("/lookup")
@limiter.limit(LOOKUP_LIMIT)
def lookup() -> ResponseReturnValue:
    """The candidates of a ZIP code, or of a street where one is given."""
    question = Question(**{name: " ".join(request.args.get(name, "").split()) for name in _LONGEST})
    if fault := _fault(question):
        return problem(400, fault)
    table = services().districts
    try:
        places = _places(table, question)
    except LookupRefused as refused:
        return problem(404 if isinstance(refused, WrongState) else 400, refusal_sentence(refused))
    answers = []
    with services().database.read() as db:
        for located in places:
            known = aged(db, table, located)
            described = describe(db, known, table.calendar, now=services().clock())
            answers.append(described | in_words(known, asks_streets=services().geocode is not None))
    if len(answers) > 1:
        return json_answer(msgspec.convert(of_several_states(answers), Answers))
    return json_answer(msgspec.convert(answers[0], Answer))


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
        counts = reading.supporters(db, [campaign.id for campaign in page.posts])
        pictures = campaign_pictures.of_campaigns(db, page.posts)
    listed = [_campaign(campaign, counts.get(campaign.id, 0), pictures, now) for campaign in page.posts]
    return json_answer(Campaigns(campaigns=listed, page=page.number, pages=page.last))


@bp.get("/campaigns/<slug>")
@limiter.limit(LOOKUP_LIMIT)
def campaign(slug: str) -> ResponseReturnValue:
    """One post that the public sees."""
    with services().database.read() as db:
        row = _public(db, slug)
        counts = reading.supporters(db, [row.id])
        pictures = campaign_pictures.of_campaigns(db, [row])
    return json_answer(_campaign(row, counts.get(row.id, 0), pictures, services().clock()))


@bp.get("/campaigns/<slug>/signers")
@limiter.limit(LOOKUP_LIMIT)
def signers(slug: str) -> ResponseReturnValue:
    """A page of the organisations under a statement."""
    with services().database.read() as db:
        row = _public(db, slug)
        if row.kind != STATEMENT.code:
            abort(404)
        listed = organisations.public_signers(db, row)
    pages = max(1, -(-len(listed) // _SIGNERS))
    page = min(max(whole_number(request.args, "page", default=1), 1), pages)
    shown = [
        msgspec.convert(signer, Signer, from_attributes=True) for signer in listed[(page - 1) * _SIGNERS :][:_SIGNERS]
    ]
    return json_answer(Signers(signers=shown, count=len(listed), page=page, pages=pages))


def _public(db: Session, slug: str) -> rows.Campaign:
    """Answers 404 where the public sees no such page."""
    row = reading.campaign_page(db, slug)
    if row is None:
        abort(404)
    return row


def _campaign(campaign: rows.Campaign, count: int, pictures: Mapping[int, ShownPicture], now: datetime) -> Campaign:
    details = reading.details_of(campaign)
    for key in kinds.kind_of(campaign.kind).unpublished:
        details.pop(key, None)
    row = {**reading.all_columns(campaign), "details": details, "deadline": campaign.deadline_at}
    is_open = kinds.kind_of(campaign.kind).is_act and submitting.is_open(campaign, now)
    page = services().settings.origin + url_for("supporter.who", slug=campaign.slug)
    whole = {**row, "posted_on": campaign.day, "url": page, "is_open": is_open, "count": count}
    whole["picture"] = _picture(campaign, pictures)
    return msgspec.convert({name: whole[name] for name in Campaign.__struct_fields__}, Campaign)


def _picture(campaign: rows.Campaign, pictures: Mapping[int, ShownPicture]) -> dict[str, str | int] | None:
    """With its words in the campaign's own language, as the other columns are."""
    picture = post_picture(campaign, in_language(campaign, OWN.tag), pictures)
    if picture is None:
        return None
    large, url = picture.shown.large, services().settings.origin + picture.src
    return {"url": url, "alt": picture.alternative, "width": large.width, "height": large.height}


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
    campaigns = url_for(".campaigns")
    campaign = f"{campaigns}/{{slug}}"
    paths = description.Paths(
        lookup=url_for(".lookup"),
        campaigns=campaigns,
        campaign=campaign,
        signers=f"{campaign}/signers",
        form=f"{campaign}/form",
        shown_letters=f"{campaign}/letters",
        actions=f"{campaign}/actions",
        letters=url_for(".letters"),
        letter=f"{url_for('.letters')}/{{number}}",
        supporters=url_for(".supporters"),
    )
    return jsonify(description.describe(services().settings.base_url, paths))


@bp.errorhandler(429)
@bp.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    """What cannot be answered, as JSON too."""
    if error.code == 429:
        most, whose = asked_too_often() or (rules_here(), "one address")
        return problem(429, f"At most {most} from {whose}: please wait a minute.", {"Retry-After": "60"})
    return problem(error.code or 500, error.name)


@bp.errorhandler(ApiProblem)
def unanswered(error: ApiProblem) -> ResponseReturnValue:
    return problem(error.status, error.sentence, error.headers)
