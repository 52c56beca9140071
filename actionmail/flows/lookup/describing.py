"""An answer as programs read it, with the legislators of every district it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from actionmail.flows.lookup.by_address import Located
from actionmail.flows.lookup.congress_age import with_doubt_of_age
from actionmail.flows.roster import reading
from actionmail.rules.districts.zip_table import Candidate, DistrictTable
from actionmail.rules.replacing import replace
from actionmail.rules.roster.calendar import Calendar, SpecialElection, local_day
from actionmail.rules.roster.titles import title


def aged(session: Session, table: DistrictTable, located: Located) -> Located:
    """The same, doubted where the roster's Congress is newer than the table's."""
    return replace(located, lookup=with_doubt_of_age(session, table, located.lookup))


def describe(session: Session, located: Located, calendar: Calendar, *, now: datetime) -> dict[str, Any]:
    """All of an answer that needs no sentence. Holds no address."""
    lookup = located.lookup
    today = local_day(lookup.state, now)
    candidates = {}
    for chamber, seats in lookup.seats.items():
        described = []
        for seat in seats:
            special = calendar.special_election(lookup.state, chamber, seat.district, today)
            described.append(_candidate(session, lookup.state, seat) | _special(special))
        candidates[chamber] = described
    return {
        "zip": lookup.zip,
        "state": lookup.state,
        "method": lookup.method,
        "basis": {chamber: asdict(basis) for chamber, basis in lookup.basis.items()},
        "confidence": located.confidence,
        "certain": lookup.is_certain,
        "data_version": lookup.data_version,
        "as_of": lookup.as_of.isoformat(),
        "candidates": candidates,
        "incomplete": list(lookup.newer),
        "trail": dict(located.trail),
    }


def of_several_states(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a ZIP code beyond a state's line says: the answer of each state, and that none is certain."""
    states = [answer["state"] for answer in answers]
    return {"zip": answers[0]["zip"], "states": states, "certain": False, "answers": list(answers)}


def _candidate(session: Session, state: str, seat: Candidate) -> dict[str, Any]:
    holders = reading.legislators_for(session, state, [(seat.chamber, seat.district)])
    return {
        "district": seat.district,
        "share": seat.share,
        "method": seat.method,
        "legislators": _people(state, seat.chamber, holders),
    }


def _special(special: SpecialElection | None) -> dict[str, Any]:
    """The special election to a seat whose winner is not there yet, where one is known."""
    if special is None:
        return {}
    coming = {"election": special.election.isoformat(), "source": special.source}
    if special.first_day:
        coming["first_day"] = special.first_day.isoformat()
    return {"special_election": coming}


def _people(state: str, chamber: str, holders: Sequence[Any]) -> list[dict[str, str]]:
    people = []
    for holder in holders:
        person = {
            "title": title(state, chamber),
            "name": holder.name or "(vacant)",
            "party": holder.party,
            "status": holder.status,
        }
        if not holder.email:
            person |= {"website": holder.website, "phone": holder.phone}
        people.append(person)
    return people
