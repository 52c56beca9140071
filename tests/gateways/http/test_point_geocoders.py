"""A Nominatim and a Pelias of the operator's own, and several geocoders in turn."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actionmail.gateways.datasets.points import POINTS_FILE, index_points
from actionmail.gateways.http.geocoder import geocoder_for, geocoder_reports
from actionmail.gateways.http.in_turn import InTurn
from actionmail.gateways.http.json_client import Patience
from actionmail.gateways.http.nominatim import NominatimGeocoder
from actionmail.gateways.http.pelias import PeliasGeocoder
from actionmail.rules.districts.addresses import Address, Exactness, Geocode, Place, Years, parse
from actionmail.rules.districts.refusals import GeocoderUnavailable, Trouble
from actionmail.settings import Settings
from actionmail.settings_reading import SettingsError
from tests.gateways.census_server import CAPITOL, census, document, drips, hangs_up, madison, says, silent
from tests.gateways.point_answers import STATUS, collection, feature, result

HOME = Address(street="2 E Main St", city="Madison", state="WI", zip="53703")
YEARS: Years = {"upper": 2024, "lower": 2024}
PATIENT = Patience(seconds=60.0)
KINDS = {"nominatim": NominatimGeocoder, "pelias": PeliasGeocoder}


def ask(kind: str, *answers: Any, address: Address = HOME) -> tuple[Place, ...]:
    with census(*answers) as server:
        return KINDS[kind](server.url, patience=PATIENT)(address, YEARS)


def test_nominatim_is_asked_for_the_parts_and_tells_a_point() -> None:
    with census(says([result()])) as server:
        (place,) = NominatimGeocoder(server.url, patience=PATIENT)(HOME, YEARS)
    assert (place.latitude, place.longitude, place.state, place.zip) == (*CAPITOL, "WI", "53703")
    assert (place.found_by, place.exactness, place.layers) == ("nominatim", Exactness.HOUSE, ())
    assert server.asked == [
        (
            "/geocoder/search",
            {
                "street": "2 E Main St",
                "state": "Wisconsin",
                "postalcode": "53703",
                "format": "jsonv2",
                "addressdetails": "1",
                "layer": "address",
                "countrycodes": "us,pr,vi,gu,as,mp",
                "limit": "10",
            },
        )
    ]


def test_pelias_is_asked_for_the_parts_and_tells_a_point() -> None:
    with census(says(collection(feature()))) as server:
        (place,) = PeliasGeocoder(server.url, patience=PATIENT)(HOME, YEARS)
    assert (place.latitude, place.longitude, place.state, place.zip) == (*CAPITOL, "WI", "53703")
    assert (place.found_by, place.exactness) == ("pelias", Exactness.HOUSE)
    question = {"address": "2 E Main St", "region": "WI", "country": "USA", "postalcode": "53703", "size": "10"}
    assert server.asked == [("/geocoder/v1/search/structured", question)]


@pytest.mark.parametrize(
    ("kind", "answer", "path", "name"),
    [("nominatim", [], "search", "q"), ("pelias", collection(), "v1/search", "text")],
)
def test_what_was_typed_in_one_line_is_asked_in_one_line(kind: str, answer: Any, path: str, name: str) -> None:
    line = "2 E Main St, Madison, WI 53703"
    with census(says(answer)) as server:
        assert KINDS[kind](server.url, patience=PATIENT)(parse(line), YEARS) == ()
    assert server.asked[0][0] == f"/geocoder/{path}"
    assert server.asked[0][1][name] == line


@pytest.mark.parametrize(
    ("found", "exactness"),
    [
        ({}, Exactness.HOUSE),
        ({"osm_type": "node", "category": "place", "type": "house"}, Exactness.HOUSE),
        ({"category": "place", "type": "house"}, Exactness.INTERPOLATED),
        ({"category": "place", "type": "houses"}, Exactness.INTERPOLATED),
        ({"address": {"house_number": "4"}}, Exactness.UNCERTAIN),
        ({"address": {"road": "West Main Street"}}, Exactness.UNCERTAIN),
        ({"address": {"road": None}}, Exactness.UNCERTAIN),
        ({"address": {"house_number": None}, "place_rank": 26, "addresstype": "road"}, Exactness.STREET),
        ({"address": {"house_number": None}, "place_rank": 25, "addresstype": "postcode"}, Exactness.AREA),
        ({"address": {"house_number": None}, "place_rank": None, "addresstype": None}, Exactness.AREA),
    ],
)
def test_how_exactly_nominatim_knows_the_place(found: dict[str, Any], exactness: Exactness) -> None:
    (place,) = ask("nominatim", says([result(**found)]))
    assert place.exactness is exactness


@pytest.mark.parametrize(
    ("found", "exactness"),
    [
        ({}, Exactness.HOUSE),
        ({"match_type": "interpolated", "accuracy": "interpolated"}, Exactness.INTERPOLATED),
        ({"match_type": "fallback"}, Exactness.UNCERTAIN),
        ({"confidence": 0.6}, Exactness.UNCERTAIN),
        ({"confidence": None}, Exactness.UNCERTAIN),
        ({"housenumber": "20"}, Exactness.UNCERTAIN),
        ({"street": "West Main Street"}, Exactness.UNCERTAIN),
        ({"layer": "street", "housenumber": None, "accuracy": "centroid"}, Exactness.STREET),
        ({"layer": "postalcode", "housenumber": None, "accuracy": "centroid"}, Exactness.AREA),
        ({"layer": None}, Exactness.AREA),
    ],
)
def test_how_exactly_pelias_knows_the_place(found: dict[str, Any], exactness: Exactness) -> None:
    (place,) = ask("pelias", says(collection(feature(**found))))
    assert place.exactness is exactness


def test_of_several_results_the_most_exact_ones_in_the_zip_code_are_taken() -> None:
    street = {"address": {"house_number": None}, "place_rank": 26, "addresstype": "road"}
    elsewhere = result((43.1, -89.4), address={"postcode": "53704"})
    assert ask("nominatim", says([result((43.2, -89.5), **street), elsewhere, result()])) == ask(
        "nominatim", says([result()])
    )
    (other,) = ask("nominatim", says([elsewhere]))
    assert other.zip == "53704"
    two = ask("nominatim", says([result(), result((43.0748, -89.3842))]))
    assert len(two) == 2


def test_a_result_in_another_state_is_told_as_such_and_one_in_another_country_is_none() -> None:
    ohio = result((39.96, -83.0), address={"ISO3166-2-lvl4": "US-OH", "postcode": "43215"})
    (place,) = ask("nominatim", says([ohio]))
    assert place.state == "OH"
    assert ask("nominatim", says([ohio, result()])) == ask("nominatim", says([result()]))
    assert ask("nominatim", says([result((51.5, -0.1), address={"ISO3166-2-lvl4": "GB-ENG"})])) == ()
    assert ask("pelias", says(collection(feature((51.5, -0.1), region_a="LND")))) == ()
    (puerto_rico,) = ask("pelias", says(collection(feature((18.4, -66.1), region_a=None, dependency_a="PRI"))))
    assert puerto_rico.state == "PR"


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("nominatim", says(b"<html>blocked</html>"), Trouble.NOT_JSON),
        ("pelias", says(b"<html>blocked</html>"), Trouble.NOT_JSON),
        ("nominatim", says({"error": "no"}), Trouble.NO_MATCHES),
        ("pelias", says([]), Trouble.NO_MATCHES),
        ("nominatim", says([3]), Trouble.BAD_MATCH),
        ("pelias", says({"features": ["x"]}), Trouble.BAD_MATCH),
        ("nominatim", says([result() | {"lat": "north"}]), Trouble.NO_COORDINATES),
        ("pelias", says({"features": [feature() | {"geometry": {}}]}), Trouble.NO_COORDINATES),
        ("nominatim", says([], 500), Trouble.STATUS),
        ("pelias", says({}, 503), Trouble.STATUS),
        ("nominatim", says([], 429), Trouble.STATUS),
        ("nominatim", says([], 403), Trouble.STATUS),
        ("pelias", says([], 302, Location="http://192.0.2.1/"), Trouble.REDIRECTED),
        ("nominatim", says(b"[" + b" " * 2_000_000 + b"]"), Trouble.TOO_LONG),
        ("pelias", says(b"[" * 100_000), Trouble.NOT_JSON),
        ("nominatim", hangs_up, Trouble.UNREACHABLE),
    ],
)
def test_an_answer_that_cannot_be_used(kind: str, answer: Any, code: Trouble, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(GeocoderUnavailable) as trouble, caplog.at_level(logging.DEBUG):
        ask(kind, answer)
    assert trouble.value.code is code
    assert "Main" not in f"{caplog.text} {trouble.value!r}"


def test_what_pelias_cannot_read_is_no_match() -> None:
    assert ask("pelias", says(collection() | {"errors": ["invalid param"]}, 400)) == ()


@pytest.mark.parametrize("kind", ["nominatim", "pelias"])
def test_a_name_that_leads_to_a_private_address_is_refused(kind: str) -> None:
    with census(says([result()])) as server, pytest.raises(GeocoderUnavailable) as refused:
        KINDS[kind](server.url, patience=PATIENT, may_be_private=False)(HOME, YEARS)
    assert refused.value.code is Trouble.PRIVATE_HOST
    assert server.asked == []


# Several in turn


def settings_of(*words: str, data_dir: Path = Path("nowhere")) -> Settings:
    return Settings(geocoder_url=" ".join(words), data_dir=data_dir)


def in_turn(*words: str, data_dir: Path = Path("nowhere")) -> Geocode:
    geocode = geocoder_for(settings_of(*words, data_dir=data_dir), has_boundaries=lambda state: True)
    assert geocode is not None
    return geocode


@pytest.mark.parametrize("first", [says({}, 500), says(b"<html>"), hangs_up, silent, drips, says(document())])
def test_where_the_first_is_away_or_does_not_know_it_the_next_is_asked(first: Any) -> None:
    with census(first) as away, census(says([result()])) as own:
        (place,) = in_turn(away.url, f"nominatim+{own.url}")(HOME, YEARS)
        away.wait_until_asked(1)
    assert place.found_by == "nominatim"
    assert len(away.asked) == 1  # no second try where somebody else stands behind it
    assert len(own.asked) == 1


def test_the_next_is_not_asked_where_the_first_knows_the_house() -> None:
    with census(says([result()])) as own, census(madison) as bureau:
        (place,) = in_turn(f"nominatim+{own.url}", bureau.url)(HOME, YEARS)
    assert (place.found_by, bureau.asked) == ("nominatim", [])


def test_a_house_that_another_knows_goes_before_a_street_that_the_first_knows() -> None:
    street = says(collection(feature(layer="street", housenumber=None)))
    with census(street) as rough, census(madison) as bureau:
        (place,) = in_turn(f"pelias+{rough.url}", bureau.url)(HOME, YEARS)
        assert place.found_by == "census"
    with census(street) as rough, census(says(document())) as bureau:
        (place,) = in_turn(f"pelias+{rough.url}", bureau.url)(HOME, YEARS)
        assert (place.found_by, place.exactness) == ("pelias", Exactness.STREET)


def test_nobody_knows_it_only_where_everybody_was_heard() -> None:
    with census(says([])) as own, census(says({}, 500)) as away:
        with pytest.raises(GeocoderUnavailable) as trouble:
            in_turn(f"nominatim+{own.url}", away.url)(HOME, YEARS)
        assert trouble.value.code is Trouble.STATUS
        assert in_turn(f"nominatim+{own.url}", f"nominatim+{own.url}")(HOME, YEARS) == ()


def test_a_point_alone_is_not_enough_where_there_are_no_boundaries() -> None:
    point = Place(latitude=38.9, longitude=-77.0, state="DC", exactness=Exactness.HOUSE, found_by="points")
    census_place = replace(point, found_by="census", exactness=Exactness.RANGE)
    geocode = InTurn([lambda *asked: (point,), lambda *asked: (census_place,)], has_boundaries=lambda state: False)
    assert geocode(HOME, YEARS) == (point,)  # neither has layers: the first stands
    with census(madison) as server:
        bureau = in_turn(server.url)
        (place,) = InTurn([lambda *asked: (point,), bureau], has_boundaries=lambda state: False)(HOME, YEARS)
    assert place.found_by == "census"


def test_a_file_of_points_is_asked_before_anything_leaves_the_machine(tmp_path: Path) -> None:
    source = tmp_path / "points.csv"
    source.write_text("number,street,city,state,zip,lon,lat\n2,EAST MAIN STREET,MADISON,WI,53703,-89.3841,43.0747\n")
    index_points(source, tmp_path / POINTS_FILE, {"source": "Dane County", "licence": "CC0-1.0"})
    with census(madison) as bureau:
        geocode = in_turn("points", bureau.url, data_dir=tmp_path)
        (place,) = geocode(HOME, YEARS)
        assert (place.found_by, place.latitude, bureau.asked) == ("points", 43.0747, [])
        (other,) = geocode(replace(HOME, street="2 E Main St", zip="53704", city="Elsewhere"), YEARS)
        assert other.found_by == "census"


def test_each_geocoder_says_what_it_has(tmp_path: Path) -> None:
    with census(says(STATUS)) as nominatim, census(says(collection())) as pelias:
        words = f"nominatim+{nominatim.url} pelias+{pelias.url} points"
        reports = list(geocoder_reports(settings_of(words, data_dir=tmp_path)))
        assert nominatim.asked == [("/geocoder/status", {"format": "json"})]
    assert [report.kind for report in reports] == ["nominatim", "pelias", "points"]
    assert reports[0].has == {"data_updated": "2026-11-20", "version": "5.1.0-0"}
    assert reports[1].has == {"engine": "Pelias 1.0"}
    assert isinstance(reports[2].trouble, GeocoderUnavailable)
    with census(says({"status": 700, "message": "Database connection failed"})) as server:
        (report,) = geocoder_reports(settings_of(f"nominatim+{server.url}"))
    assert str(report.trouble) == "not_ready Database connection failed"


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ("points", ["points"]),
        (
            "points nominatim+https://nominatim.example.org/ https://census.example.org/geocoder",
            ["points", "nominatim", "census"],
        ),
        ("pelias+http://127.0.0.1:4000\n https://10.0.0.5/geocoder", ["pelias", "census"]),
        ("off", []),
    ],
)
def test_several_geocoders_stand_in_their_order(given: str, kinds: list[str]) -> None:
    settings = Settings.from_env({"ACTIONMAIL_GEOCODER_URL": given})
    assert [geocoder.kind for geocoder in settings.geocoders] == kinds
    only_here = Settings.from_env({"ACTIONMAIL_GEOCODER_URL": given, "ACTIONMAIL_LOOPBACK_ONLY": "1"})
    assert all(not geocoder.url or "127.0.0.1" in geocoder.url for geocoder in only_here.geocoders)


@pytest.mark.parametrize(
    "given",
    [
        "nominatim+http://nominatim.example.org",
        "nominatim+ftp://nominatim.example.org",
        "photon+https://photon.example.org",
        "nominatim+",
        "points off",
        "pelias+https://user@pelias.example.org",
    ],
)
def test_a_wrong_word_among_them_is_a_sentence(given: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_env({"ACTIONMAIL_GEOCODER_URL": given})
    assert "ACTIONMAIL_GEOCODER_URL must" in str(wrong.value)


@pytest.mark.parametrize("host", ["nominatim.openstreetmap.org", "NOMINATIM.openstreetmap.org."])
def test_openstreetmaps_public_server_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="Name a Nominatim of your own"):
        Settings.from_env({"ACTIONMAIL_GEOCODER_URL": f"nominatim+https://{host}"})
