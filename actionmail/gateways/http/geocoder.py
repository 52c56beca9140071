"""Where an address lies: the geocoders that an operator may name, and the US Census Bureau's, or a file in its form.

Only the address leaves this machine, only to the configured hosts, and it is in no log and no exception.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from actionmail.gateways.datasets.points import POINTS_FILE, PointsGeocoder
from actionmail.gateways.http.census_answers import CensusAnswer, read_answer, read_document, read_vintages
from actionmail.gateways.http.in_turn import InTurn
from actionmail.gateways.http.json_client import PATIENCE, TIMEOUT_SECONDS, TRIES, JsonClient, Patience
from actionmail.gateways.http.nominatim import NominatimGeocoder
from actionmail.gateways.http.pelias import PeliasGeocoder
from actionmail.gateways.http.people_geo import WithOpenStates
from actionmail.rules.districts.addresses import Address, Geocode, Place, Years
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.rules.districts.vintages import (
    GeocoderReport,
    LayerYear,
    next_vintage,
    vintages_to_guess,
    wanted_layers,
)
from actionmail.rules.replacing import replace
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import GeocoderAddress, GeocoderKind, Settings

KIND = "census"
BENCHMARK = "Public_AR_Current"
MAX_VINTAGES = 3  # asked for one address: somebody waits
LIST_SECONDS = 24 * 3600.0  # for which the service's list of vintages holds, and what was learned of each
NO_LIST_SECONDS = 60.0  # until a list that could not be had is asked for again
STATE_CAPITOL = (43.0747, -89.3841)  # Wisconsin's, in Madison: a point of nobody's


def geocoder_for(settings: Settings, *, has_boundaries: Callable[[str], bool]) -> Geocode | None:
    """The geocoders that the settings name, as one, or None. Raises DatasetError for a file that cannot be used.

    With a key for Open States, it is asked too about points in a state that `has_boundaries` denies.
    """
    addresses = settings.geocoders
    if not addresses:
        return None
    # Where another one stands behind it, the second try is that one's.
    patience = PATIENCE if len(addresses) == 1 else Patience(tries=1)
    geocoders = []
    for address in addresses:
        geocoders.append(_geocoder_at(address, settings.data_dir, patience))
    geocode = geocoders[0] if len(geocoders) == 1 else InTurn(geocoders, has_boundaries=has_boundaries)
    if not settings.openstates_key or not settings.openstates_url:
        return geocode
    return WithOpenStates(
        geocode, settings.openstates_url, settings.openstates_key, is_asked=lambda state: not has_boundaries(state)
    )


def _geocoder_at(address: GeocoderAddress, data_dir: Path, patience: Patience) -> Geocode:
    match address.kind:
        case GeocoderKind.FILE:
            return FixedGeocoder(Path(address.path))
        case GeocoderKind.POINTS:
            return PointsGeocoder(data_dir / POINTS_FILE)
        case GeocoderKind.NOMINATIM:
            return NominatimGeocoder(address.url, patience=patience)
        case GeocoderKind.PELIAS:
            return PeliasGeocoder(address.url, patience=patience)
    return CensusGeocoder(address.url, timeout=patience.seconds, tries=patience.tries)


def geocoder_reports(settings: Settings) -> Iterator[GeocoderReport]:
    """What each of the settings' geocoders has, asked one after the other about nobody's address."""
    for address in settings.geocoders:
        report = GeocoderReport(kind=address.kind, where=address.where)
        try:
            yield _reported(report, address, settings.data_dir)
        except (GeocoderUnavailable, DatasetError) as error:
            yield replace(report, trouble=error)


def _reported(report: GeocoderReport, address: GeocoderAddress, data_dir: Path) -> GeocoderReport:
    match address.kind:
        case GeocoderKind.FILE:
            FixedGeocoder(Path(address.path))
            return report
        case GeocoderKind.POINTS:
            return replace(report, has=PointsGeocoder(data_dir / POINTS_FILE).about())
        case GeocoderKind.NOMINATIM:
            return replace(report, has=NominatimGeocoder(address.url).about())
        case GeocoderKind.PELIAS:
            return replace(report, has=PeliasGeocoder(address.url).about())
    return replace(report, layers=CensusGeocoder(address.url).layers_served())


class CensusGeocoder:
    """`geographies/address` and `geographies/onelineaddress` of the Census geocoder at `base_url`.

    A base URL whose host is a literal private address is taken at its word; a name that leads to one is refused.
    Vintages are asked in turn, the likeliest first, until the layers that are wanted have told or MAX_VINTAGES have
    been asked; which layers a vintage has is learned from its answers, so that the next address needs one question.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        tries: int = TRIES,
        clock: Callable[[], float] = time.monotonic,
        may_be_private: bool | None = None,
    ) -> None:
        patience = Patience(seconds=timeout, tries=tries)
        self._service = JsonClient(
            base_url,
            called="The geocoder",
            read=read_answer,
            patience=patience,
            clock=clock,
            may_be_private=may_be_private,
        )
        self._lists = JsonClient(
            base_url,
            called="The geocoder's list of vintages",
            read=read_vintages,
            patience=patience,
            clock=clock,
            may_be_private=may_be_private,
        )
        self._clock = clock
        self._names: tuple[str, ...] = ()
        self._names_until = clock()
        self._known: dict[str, frozenset[LayerYear]] = {}  # what was learned of each vintage

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """The places that answer to the address, () where none does. Raises GeocoderUnavailable."""
        wanted = wanted_layers(years)
        answers: list[CensusAnswer] = []
        asked: list[str] = []
        missing = wanted
        while len(asked) < MAX_VINTAGES and (vintage := self._next_vintage(missing, asked)):
            asked.append(vintage)
            try:
                answer = self._ask(address, vintage)
            except GeocoderUnavailable as trouble:
                if answers:
                    break  # what the other vintages told is something
                if trouble.code is not Trouble.VINTAGE_UNKNOWN or len(asked) == MAX_VINTAGES:
                    raise
                self._known[vintage] = frozenset()
                continue
            answers.append(answer)
            if not answer.places:
                break  # the same in every vintage
            self._known[vintage] = answer.has
            missing = _missing(wanted, answers)
            if not missing:
                break
        if not answers:
            raise GeocoderUnavailable(Trouble.VINTAGE_UNKNOWN)
        return tuple(replace(place, found_by=KIND) for place in _merged(answers))

    def layers_served(self) -> Mapping[str, frozenset[LayerYear]]:
        """The layers of each vintage that the service lists, asked about a point. Raises GeocoderUnavailable."""
        latitude, longitude = STATE_CAPITOL
        point = {"x": str(longitude), "y": str(latitude)}
        served = {}
        for vintage in self._lists.ask("vintages", {"benchmark": BENCHMARK}, same_as=BENCHMARK):
            question = point | _about(vintage)
            served[vintage] = self._service.ask("geographies/coordinates", question, same_as=f"point {vintage}").has
        return served

    def _next_vintage(self, missing: Collection[LayerYear], asked: Collection[str]) -> str | None:
        """The likeliest, even where all are known to lack what is missing, if nothing was asked yet."""
        names = self._listed(missing)
        known = self._known
        return next_vintage(names, missing, known, asked) or (None if asked else names[0])

    def _listed(self, missing: Collection[LayerYear]) -> tuple[str, ...]:
        """The service's vintages, or what they are likely to be called where it does not list them."""
        if self._clock() >= self._names_until:
            try:
                self._names = self._lists.ask("vintages", {"benchmark": BENCHMARK}, same_as=BENCHMARK)
                self._names_until = self._clock() + LIST_SECONDS
            except GeocoderUnavailable:
                self._names = ()
                self._names_until = self._clock() + NO_LIST_SECONDS
            self._known = {}
        return self._names or vintages_to_guess(missing)

    def _ask(self, address: Address, vintage: str) -> CensusAnswer:
        if address.is_structured:
            path, question = "address", {"street": address.street, "city": address.city}
            question |= {"state": address.state, "zip": address.zip}
        else:
            path, question = "onelineaddress", {"address": address.one_line}
        question = {name: value for name, value in question.items() if value}
        question |= _about(vintage)
        return self._service.ask(f"geographies/{path}", question, same_as=f"{vintage} {address.one_line}")


def _about(vintage: str) -> dict[str, str]:
    return {"benchmark": BENCHMARK, "vintage": vintage, "layers": "all", "format": "json"}


def _missing(wanted: frozenset[LayerYear], answers: Collection[CensusAnswer]) -> frozenset[LayerYear]:
    """The layers that some place was not told of by any of the answers."""
    missing: frozenset[LayerYear] = frozenset()
    by_place: dict[tuple[float, float], frozenset[LayerYear]] = {}
    for answer in answers:
        for place, answered in zip(answer.places, answer.answered, strict=True):
            point = (place.latitude, place.longitude)
            by_place[point] = by_place.get(point, frozenset()) | answered
    for layers in by_place.values():
        missing |= wanted - layers
    return missing


def _merged(answers: list[CensusAnswer]) -> tuple[Place, ...]:
    """The places of the first answer, each with the layers that all of them have of it."""
    places = {(place.latitude, place.longitude): place for place in answers[0].places}
    for answer in answers[1:]:
        for other in answer.places:
            place = places.get((other.latitude, other.longitude))
            if place:
                layers = (*place.layers, *(layer for layer in other.layers if layer not in place.layers))
                warnings = tuple(dict.fromkeys((*place.warnings, *other.warnings)))
                places[other.latitude, other.longitude] = replace(place, layers=layers, warnings=warnings)
    return tuple(places[place.latitude, place.longitude] for place in answers[0].places)


class FixedGeocoder:
    """Answers from a file: a JSON object whose keys are addresses in one line, and its values what the Census says."""

    def __init__(self, path: Path) -> None:
        try:
            answers = json.loads(path.read_text(encoding="utf-8"))
            self._places = {_plain(key): read_document(answer).places for key, answer in answers.items()}
        except OSError as error:
            raise DatasetError(path.name, "cannot_be_read", why=error.strerror) from None
        except (ValueError, AttributeError, RecursionError, GeocoderUnavailable) as error:
            raise DatasetError(path.name, "no_geocoder_answers", why=str(error)) from None

    def __call__(self, address: Address, years: Years) -> tuple[Place, ...]:
        """Asked with a town or without, whatever the case and the punctuation."""
        without_town = Address(street=address.street, state=address.state, zip=address.zip)
        places = self._places.get(_plain(address.one_line)) or self._places.get(_plain(without_town.one_line)) or ()
        return tuple(replace(place, found_by="file") for place in places)


def _plain(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))
