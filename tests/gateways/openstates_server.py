"""Answers as those of `people.geo` of the Open States API, and its misbehaviour, for the server beside this file.

`python -m tests.gateways.openstates_server 8766` runs it by hand: ACTIONMAIL_OPENSTATES_URL=http://127.0.0.1:8766,
ACTIONMAIL_OPENSTATES_KEY=example.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.gateways.census_server import CensusServer, send

KEY = "example"


def person(chamber: str, district: str, *, state: str = "mn", classification: str = "state") -> dict[str, Any]:
    """One of `results`, with the members that the API gives and ActionMail reads, and some that it does not."""
    jurisdiction = f"country:us/state:{state}" if classification == "state" else "country:us"
    return {
        "id": f"ocd-person/{chamber}-{district}",
        "name": "Sample Person",
        "party": "Example Party",
        "current_role": {
            "title": "Representative",
            "org_classification": chamber,
            "district": district,
            "division_id": f"ocd-division/country:us/state:{state}/sld{chamber[0]}:{district.lower()}",
        },
        "jurisdiction": {
            "id": f"ocd-jurisdiction/{jurisdiction}/government",
            "name": "Minnesota",
            "classification": classification,
        },
        "email": "",
        "extras": {},
    }


def people(*found: dict[str, Any]) -> dict[str, Any]:
    return {
        "results": list(found),
        "pagination": {"per_page": 100, "page": 1, "max_page": 1, "total_items": len(found)},
    }


SAINT_PAUL = people(
    person("upper", "66"),
    person("lower", "66A"),
    person("upper", "Minnesota", classification="country"),  # a US senator, who is "upper" too
)


def knows_the_key(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
    """What Open States says of Saint Paul, to whoever has the key."""
    if handler.headers["X-API-KEY"] != KEY:
        send(handler, json.dumps({"detail": "Invalid API Key."}).encode(), 401)
    elif not {"lat", "lng"} <= question.keys():
        send(handler, json.dumps({"detail": [{"loc": ["query", "lat"], "msg": "field required"}]}).encode(), 422)
    else:
        send(handler, json.dumps(SAINT_PAUL).encode())


def base(server: CensusServer) -> str:
    return server.url.removesuffix("/geocoder")


if __name__ == "__main__":
    running = CensusServer(knows_the_key, port=int(sys.argv[1]) if len(sys.argv) > 1 else 8766)
    print(f"Answering at {base(running)}", flush=True)
    running.http.serve_forever()
