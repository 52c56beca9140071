"""Which legislators sit for a point: `people.geo` of the Open States API (v3.openstates.org), with a key.

Only the point leaves this machine, only to the configured host; neither it nor the key is in a log or an exception.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace

from actionmail.gateways.http.json_client import TIMEOUT_SECONDS, JsonClient, Patience
from actionmail.rules.districts.addresses import Address, Geocode, Place, Seat, Years
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.districts.states import CHAMBERS, STATES

_STATE = re.compile(r"ocd-jurisdiction/country:us/(?:state|district|territory):([a-z]{2})/government")
_MAX_RESULTS = 100


class WithOpenStates:
    """A geocoder whose places also say which seats Open States knows at their points, where `is_asked` of the state.

    What goes wrong with Open States is a warning of the place: the geocoder's answer stands without it.
    """

    def __init__(
        self,
        geocode: Geocode,
        base_url: str,
        key: str,
        *,
        is_asked: Callable[[str], bool],
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        may_be_private: bool | None = None,
    ) -> None:
        self._geocode = geocode
        self._is_asked = is_asked
        self._service = JsonClient(
            base_url,
            called="Open States",
            read=read_seats,
            headers={"X-API-KEY": key},
            patience=Patience(seconds=timeout),
            clock=clock,
            may_be_private=may_be_private,
        )

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The geocoder's places. Raises GeocoderUnavailable where the geocoder does."""
        places = self._geocode(address, years)
        if len(places) != 1 or places[0].state not in STATES or not self._is_asked(places[0].state):
            return places  # several places are the supporter's to choose among, whatever anybody says of each
        return (self._with_seats(places[0]),)

    def _with_seats(self, place: Place) -> Place:
        point = {"lat": f"{place.latitude:.6f}", "lng": f"{place.longitude:.6f}"}
        try:
            everywhere = self._service.ask("people.geo", point, same_as=f"{point['lat']},{point['lng']}")
        except GeocoderUnavailable as trouble:
            return replace(place, warnings=(*place.warnings, f"openstates_not_used {trouble}"))
        seats = tuple(seat for seat in everywhere if seat.state == place.state)
        if everywhere and not seats:
            return replace(place, warnings=(*place.warnings, "openstates_in_another_state"))
        return replace(place, seats=seats)


def read_seats(status: int, raw: bytes) -> tuple[Seat, ...]:
    """The seats in the states' houses whose holders are in the answer; () where there is nobody."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable(Trouble.NOT_JSON, status=str(status)) from None
    if status in {401, 403}:
        raise GeocoderUnavailable(Trouble.KEY_REFUSED)
    results = document.get("results") if isinstance(document, dict) else None
    if status != 200 or not isinstance(results, list):
        raise GeocoderUnavailable(Trouble.NO_PEOPLE, status=str(status))
    seats = map(_seat, results[:_MAX_RESULTS])
    return tuple(dict.fromkeys(seat for seat in seats if seat))


def _seat(person: object) -> Seat | None:
    """A state legislator's seat; None for a member of Congress, a governor, or what is no person."""
    role = person.get("current_role") if isinstance(person, dict) else None
    jurisdiction = person.get("jurisdiction") if isinstance(person, dict) else None
    if not isinstance(role, dict) or not isinstance(jurisdiction, dict):
        return None
    match = _STATE.fullmatch(str(jurisdiction.get("id")))
    chamber, district = role.get("org_classification"), role.get("district")
    state = match[1].upper() if match else ""
    if state not in STATES or chamber not in CHAMBERS or not isinstance(district, str | int):
        return None
    return Seat(state=state, chamber=str(chamber), district=str(district)[:120])
