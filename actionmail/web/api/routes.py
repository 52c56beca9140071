"""The JSON door: who represents a ZIP code or an address. `/api/v1/openapi.json` describes it for programs."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from actionmail import __version__
from actionmail.flows.lookup.by_address import look_up, state_of
from actionmail.flows.lookup.describing import aged, describe
from actionmail.rules.districts.addresses import Address
from actionmail.rules.districts.refusals import LookupRefused, WrongState
from actionmail.rules.districts.states import CHAMBERS, FEDERAL_CHAMBERS
from actionmail.rules.districts.zip_table import METHODS
from actionmail.web.platform.context import services
from actionmail.web.platform.lookup_words import explanation, note_sentence, refusal_sentence
from actionmail.web.platform.security import limiter

bp = Blueprint("api", __name__, url_prefix="/api/v1")

LOOKUP_LIMIT = "30 per minute"
_LONGEST = {"zip": 20, "state": 2, "street": 200, "city": 120, "congress": 1}


@bp.get("/lookup")
@limiter.limit(LOOKUP_LIMIT)
def lookup() -> ResponseReturnValue:
    """The candidates of a ZIP code, or of a street where one is given."""
    asked = {name: " ".join(request.args.get(name, "").split()) for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(asked[name]) > longest:
            return _problem(400, f"{name} may have {longest} characters at most.")
    if not asked["zip"]:
        return _problem(400, "zip is missing: give a ZIP code such as 53703, and street for an exact answer.")
    if asked["congress"] not in {"", "0", "1"}:
        return _problem(400, "congress is 1 for the members of Congress too, or 0.")
    table = services().districts
    try:
        state = state_of(table, Address(street="", zip=asked["zip"]), asked["state"])
        located = look_up(
            table,
            Address(street=asked["street"], city=asked["city"], state=state, zip=asked["zip"]),
            state=state,
            chambers=("upper", "lower", *(FEDERAL_CHAMBERS if asked["congress"] == "1" else ())),
            geocode=services().geocode,
            atlas=services().atlas,
        )
    except LookupRefused as refused:
        return _problem(404 if isinstance(refused, WrongState) else 400, refusal_sentence(refused))
    with services().database.read() as db:
        located = aged(db, table, located)
        answer = describe(db, located)
    return jsonify({**answer, "explanation": explanation(located.found), "note": note_sentence(located)})


@bp.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this door, in OpenAPI 3.1."""
    return jsonify(_description(services().settings.base_url, url_for(".lookup")))


@bp.errorhandler(429)
@bp.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    """What cannot be answered, as JSON too."""
    sentence = f"At most {LOOKUP_LIMIT} from one address: please wait a minute." if error.code == 429 else error.name
    return _problem(error.code or 500, sentence)


def _problem(status: int, sentence: str) -> ResponseReturnValue:
    return jsonify({"error": sentence}), status


def _description(base_url: str, path: str) -> dict[str, Any]:
    """Strict on purpose: whatever an answer holds is named here, and the tests hold every answer against it."""
    text = {"type": "string"}
    problem = _object({"error": {**text, "description": "A sentence that can be shown to a person."}})
    legislator = _object(
        {
            "title": text,
            "name": {**text, "description": "(vacant) for a vacant seat."},
            "party": text,
            "status": {"type": "string", "enum": ["sitting", "vacant"]},
            "website": {**text, "description": "Contact form or page of somebody without an e-mail address."},
            "phone": {**text, "description": "Phone of somebody without an e-mail address."},
        },
        optional={"website", "phone"},
    )
    candidate = _object(
        {
            "district": text,
            "share": {"type": "number", "description": "Of the ZIP code's residents; 1 for an address."},
            "method": {
                "type": "string",
                "enum": [*METHODS, "list", "state", "address"],
                "description": "block: exact for the ZIP code's Census area; pop, area: estimated by it; near: just "
                "beside it; radius, around, centroid: guesses from one point; list, state: of Congress, from a list "
                "without shares or as the whole state; address: told by the street.",
            },
            "legislators": {"type": "array", "items": {"$ref": "#/components/schemas/Legislator"}},
        }
    )
    candidates = {"type": "array", "items": {"$ref": "#/components/schemas/Candidate"}}
    of_chamber = _object(
        {
            "boundary": {**text, "description": "What our boundaries say."},
            "geocoder": {**text, "description": "What the geocoder's own districts say."},
            "openstates": {**text, "description": "What Open States says."},
            "border_metres": {"type": "integer", "description": "How near another district is, if under 100 m."},
            "disagreement": {"type": "boolean", "const": True},
            "outside_zip": {"type": "boolean", "const": True},
            "other_zip": {
                "type": "boolean",
                "const": True,
                "description": "The address was found in another ZIP code than the one given.",
            },
        },
        optional={"boundary", "geocoder", "openstates", "border_metres", "disagreement", "outside_zip", "other_zip"},
    )
    confidence = {"type": "string", "enum": ["high", "medium", "low"]}
    basis = _object(
        {
            "method": {
                "type": "string",
                "enum": ["zip", "zip-guess", "state", "boundary", "geocoder", "openstates", "none"],
                "description": "What told the district; state: everybody in the state has the same; none: nothing did.",
            },
            "data_version": {**text, "description": "Of what told it; empty where that has no versions."},
            "confidence": {
                **confidence,
                "description": "high: the sources agree; medium: only one could tell; low: a person must choose.",
            },
        }
    )
    trail = _object(
        {
            "matches": {"type": "integer", "description": "Places with this address."},
            "chambers": {"type": "object", "additionalProperties": of_chamber},
            "warnings": {
                "type": "array",
                "items": text,
                "description": "What was not used, a code and its values: layer_of_other_year with the chamber, the "
                "layer's year and ours; layer_error with the house; openstates_not_used with the reason.",
            },
        },
        optional={"matches", "chambers", "warnings"},
    )
    answer = _object(
        {
            "zip": text,
            "state": text,
            "method": {"type": "string", "enum": ["zip", "zip-guess", "address"]},
            "basis": {
                "type": "object",
                "additionalProperties": basis,
                "description": "Per chamber of the candidates, what its districts rest on.",
            },
            "confidence": {**confidence, "description": "That of the least sure chamber."},
            "certain": {"type": "boolean", "description": "If false, a person must choose among the candidates."},
            "explanation": text,
            "note": {**text, "description": "Why the street was of no use; empty where it was, or none was given."},
            "data_version": text,
            "as_of": {"type": "string", "format": "date"},
            "candidates": {
                **_object(
                    dict.fromkeys((*CHAMBERS, *FEDERAL_CHAMBERS), candidates),
                    optional={*CHAMBERS, *FEDERAL_CHAMBERS},
                ),
                "description": "Per chamber; us_upper and us_lower where congress=1 asks for them.",
            },
            "trail": {**trail, "description": "What each source said, and where they disagree."},
        }
    )
    parameters = [
        ("zip", True, "A ZIP code or ZIP+4."),
        ("state", False, "Two letters; needed where a ZIP code lies in several states."),
        ("street", False, "House number and street, for an exact answer. It goes to the configured geocoder."),
        ("city", False, "Helps where a ZIP code has two streets of one name."),
        ("congress", False, "1: the members of Congress too."),
    ]
    answers = {
        "200": ("Who it may be, and how sure that is.", "Answer"),
        "400": ("The question cannot be answered as it is.", "Problem"),
        "404": ("The place is in another state.", "Problem"),
        "429": ("Too many questions from one address.", "Problem"),
        "default": ("Something else is wrong.", "Problem"),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "ActionMail", "version": __version__, "summary": "Who represents a place."},
        "servers": [{"url": base_url}],
        "paths": {
            path: {
                "get": {
                    "operationId": "lookup",
                    "summary": "The legislators of a ZIP code or an address.",
                    "parameters": [
                        {
                            "name": name,
                            "in": "query",
                            "required": is_required,
                            "description": description,
                            "schema": {"type": "string", "maxLength": _LONGEST[name]},
                        }
                        for name, is_required, description in parameters
                    ],
                    "responses": {
                        status: {
                            "description": description,
                            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
                        }
                        for status, (description, schema) in answers.items()
                    },
                }
            }
        },
        "components": {
            "schemas": {"Answer": answer, "Candidate": candidate, "Legislator": legislator, "Problem": problem}
        },
    }


def _object(properties: dict[str, Any], *, optional: Set[str] = frozenset()) -> dict[str, Any]:
    """An object of these members and no others."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": False,
    }
