from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from actionmail.gateways.http.census_answers import read_document
from actionmail.gateways.http.geocoder import CensusGeocoder, FixedGeocoder, geocoder_for, geocoder_reports
from actionmail.gateways.http.json_client import TIMEOUT_SECONDS
from actionmail.gateways.http.ssrf_guard import is_private
from actionmail.rules.districts.addresses import Address, layers_that_fit, parse
from actionmail.rules.districts.refusals import GeocoderUnavailable
from actionmail.settings import CENSUS_GEOCODER, Settings
from actionmail.settings_reading import SettingsError
from tests.datasets import unusable
from tests.gateways.census_server import (
    CAPITOL,
    VINTAGES,
    CensusServer,
    census,
    document,
    drips,
    drips_headers,
    finds,
    hangs_up,
    layer,
    madison,
    match,
    says,
    silent,
)

HOME = Address(street="2 E Main St", city="Madison", state="WI", zip="53703")
YEARS = {"upper": 2024, "lower": 2024, "us_lower": 2024}  # of the districts that the tables have
WHOLE = says(document(match()))


def patient(url: str, **options: Any) -> CensusGeocoder:
    """One that waits as long as a slow machine needs."""
    return CensusGeocoder(url, timeout=60.0, **options)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_match_has_its_point_and_its_districts() -> None:
    with census(madison) as server:
        (place,) = patient(server.url)(HOME, YEARS)
    assert (place.latitude, place.longitude) == CAPITOL  # x is the longitude
    assert (place.state, place.zip) == ("WI", "53703")
    assert [(one.chamber, one.year, one.name, one.code) for one in place.layers] == [
        ("us_lower", 2024, "2", "02"),
        ("upper", 2024, "26", "026"),
        ("lower", 2024, "76", "076"),
    ]
    path, question = server.asked[0]
    assert path == "/geocoder/geographies/address"
    assert question == {
        "street": "2 E Main St",
        "city": "Madison",
        "state": "WI",
        "zip": "53703",
        "benchmark": "Public_AR_Current",
        "vintage": "ACS2025_Current",
        "layers": "all",
        "format": "json",
    }


def test_what_was_typed_in_one_line_is_asked_in_one_line() -> None:
    with census(madison) as server:
        assert patient(server.url)(parse("2 E Main St, Madison, WI 53703"), YEARS)
    path, question = server.asked[0]
    assert path == "/geocoder/geographies/onelineaddress"
    assert question["address"] == "2 E Main St, Madison, WI 53703"


def test_no_match_is_an_empty_list() -> None:
    with census(says(document())) as server:
        assert patient(server.url)(HOME, YEARS) == ()


def test_what_it_cannot_read_is_no_match() -> None:
    with census(says({"errors": ["Address cannot be empty"], "status": "400"}, 400)) as server:
        assert patient(server.url)(HOME, YEARS) == ()


def vintages(server: CensusServer) -> list[str]:
    """Those that were asked for, in turn."""
    return [question["vintage"] for _, question in server.asked]


@pytest.mark.parametrize(
    ("years", "asked"),
    [
        (YEARS, ["ACS2025_Current"]),
        ({"upper": 2026, "lower": 2026, "us_lower": 2026}, ["Current_Current"]),
        ({"upper": 2022, "lower": 2022, "us_lower": 2022}, ["ACS2023_Current"]),
        ({"upper": 2026, "lower": 2026, "us_lower": 2024}, ["Current_Current", "ACS2025_Current"]),
        ({"legislature": 2024}, ["ACS2025_Current"]),
    ],
)
def test_the_vintage_of_the_tables_districts_is_asked_for(years: dict[str, int], asked: list[str]) -> None:
    """A legislature's districts and those of Congress may be of two years; then two vintages tell of one place."""
    with census(finds("2 E Main St", state="NE") if "legislature" in years else madison) as server:
        (place,) = patient(server.url)(HOME, years)
        assert vintages(server) == asked
    assert set(layers_that_fit(place, years)[0]) == set(years)


def test_what_a_vintage_has_is_learned_from_its_answer() -> None:
    """Where the names mislead, the first address costs another question, and the next one none."""
    years = {"upper": 2018, "lower": 2018}
    with census(madison) as server:
        server.vintages = ("Current_Current", "ACS2024_Current", "Census2020_Current")
        geocode = patient(server.url)
        (place,) = geocode(HOME, years)
        assert layers_that_fit(place, years)[0].keys() == {"upper", "lower"}
        assert vintages(server) == ["Current_Current", "ACS2024_Current", "Census2020_Current"]
        server.asked.clear()
        geocode(Address(street="2 E Main St", city="Madison", state="WI", zip="53704"), years)
        assert vintages(server) == ["Census2020_Current"]
        assert server.listed == 1


def test_where_no_vintage_has_the_districts_few_are_asked_and_the_place_is_told() -> None:
    years = {"upper": 2012, "lower": 2012}
    with census(madison) as server:
        geocode = patient(server.url)
        (place,) = geocode(HOME, years)
        assert (len(server.asked), place.latitude) == (3, CAPITOL[0])
        assert layers_that_fit(place, years)[0] == {}


@pytest.mark.parametrize("listed", [None, ("ACS2031_Current", "Current_Current"), ("bad name!",)])
def test_without_a_list_that_helps_it_falls_back_from_one_vintage_to_the_other(listed: tuple[str, ...] | None) -> None:
    with census(madison) as server:
        server.vintages = listed
        (place,) = patient(server.url)(HOME, {"upper": 2026, "lower": 2026})
        assert layers_that_fit(place, {"upper": 2026, "lower": 2026})[0].keys() == {"upper", "lower"}
        assert vintages(server)[-1] == "Current_Current"


def test_a_list_that_could_not_be_had_is_asked_for_again_after_a_minute() -> None:
    clock = Clock()
    with census(madison) as server:
        server.vintages = None
        geocode = patient(server.url, clock=clock)
        geocode(HOME, YEARS)
        geocode(HOME, YEARS)
        assert server.listed == 1
        server.vintages = tuple(VINTAGES)
        clock.now += 61
        geocode(HOME, YEARS)
        geocode(HOME, YEARS)
        assert server.listed == 2


def test_a_vintage_that_fails_leaves_what_the_other_one_told() -> None:
    years = {"upper": 2026, "lower": 2026, "us_lower": 2024}
    with census(madison, says({}, 403)) as server:
        (place,) = patient(server.url)(HOME, years)
    assert layers_that_fit(place, years)[0].keys() == {"upper", "lower"}


def test_no_vintage_is_asked_for_an_address_that_another_does_not_know() -> None:
    with census(madison) as server:
        assert patient(server.url)(Address(street="9 Nowhere Ln", zip="53703"), YEARS) == ()
        assert len(server.asked) == 1


def test_the_layers_of_each_vintage_are_told() -> None:
    with census(madison) as server:
        (report,) = geocoder_reports(Settings(geocoder_url=server.url))
    served = report.layers
    assert served is not None
    assert served["Current_Current"] == {("upper", 2026), ("lower", 2026), ("us_lower", 2026)}
    assert served["ACS2025_Current"] == {("upper", 2024), ("lower", 2024), ("us_lower", 2024)}
    assert served.keys() == VINTAGES.keys()
    assert {path for path, _ in server.asked} == {"/geocoder/geographies/coordinates"}  # a point, and no address
    assert list(geocoder_reports(Settings(geocoder_url=""))) == []


@pytest.mark.parametrize("year", ["2026 ", ""])
def test_another_vintage_does_not_fit(year: str) -> None:
    with census(says(document(match(year=year, upper=[{"SLDU": "026"}], lower=None)))) as server:
        (place,) = patient(server.url)(HOME, YEARS)
    fitting, warnings = layers_that_fit(place, YEARS)
    assert set(fitting) == {"us_lower"}
    assert warnings == (f"layer_of_other_year upper {year.strip() or 0} 2024",)


def test_of_two_vintages_the_fitting_one_is_used() -> None:
    both = match()
    both["geographies"]["2026 State Legislative Districts - Lower"] = [layer("lower", "001")]
    with census(says(document(both))) as server:
        (place,) = patient(server.url)(HOME, YEARS)
    fitting, warnings = layers_that_fit(place, YEARS)
    assert fitting["lower"].code == "076"
    assert warnings == ()


@pytest.mark.parametrize(
    "broken",
    [[{"error": "timed out", "status": 500}], {"error": "x"}, 7, [None], [[]], [{}], [{"SLDL": "001", "error": "x"}]],
)
def test_a_layer_can_hold_an_error(broken: Any) -> None:
    with census(says(document(match(lower=broken)))) as server:
        (place,) = patient(server.url)(HOME, YEARS)
    assert [one.chamber for one in place.layers] == ["us_lower", "upper"]
    assert place.warnings == ("layer_error lower",)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (says(b"<html>Request Rejected</html>"), "not_json 200"),
        (says(b"[" * 100_000), "not_json 200"),
        (says([]), "no_matches"),
        (says({"result": {"addressMatches": None}}), "no_matches"),
        (says(document({"coordinates": {}})), "no_coordinates"),
        (says(document({"coordinates": {"x": "nan", "y": 1}})), "outside"),
        (says(document(match((-89.3841, 43.0747)))), "outside"),  # the two confused
        (says({}, 403), "status 403"),
        (says({}, 302, Location="https://example.org/"), "redirected"),
        (says(b" " * (1024 * 1024 + 1)), "too_long"),
    ],
)
def test_an_answer_that_cannot_be_used(answer: Any, sentence: str) -> None:
    with census(answer) as server:
        with pytest.raises(GeocoderUnavailable, match=sentence):
            patient(server.url)(HOME, YEARS)
        assert len(server.asked) == 1


@pytest.mark.parametrize("first", [says({}, 503), says({}, 429), hangs_up, silent, drips])
def test_one_more_try_after_a_failure_that_passes(first: Any) -> None:
    timeout = TIMEOUT_SECONDS if first in (silent, drips) else 60.0
    with census(first, madison) as server:
        assert CensusGeocoder(server.url, timeout=timeout)(HOME, YEARS)
        assert len(server.asked) == 2


@pytest.mark.slow
@pytest.mark.parametrize("answer", [silent, drips, drips_headers])
def test_it_waits_no_longer_than_twice_its_time(answer: Any) -> None:
    """A server that would go on for a minute is no longer listened to, and asked twice."""
    with census(answer) as server:
        with pytest.raises(GeocoderUnavailable, match=f"timed_out {TIMEOUT_SECONDS:g}"):
            CensusGeocoder(server.url, timeout=TIMEOUT_SECONDS)(HOME, YEARS)
        server.wait_until_asked(2)
        assert len(server.asked) == 2


def test_after_three_failures_it_is_left_alone_for_a_minute() -> None:
    clock = Clock()
    with census(says({}, 403)) as server:
        geocode = patient(server.url, clock=clock)
        for _ in range(5):
            with pytest.raises(GeocoderUnavailable):
                geocode(HOME, YEARS)
        assert len(server.asked) == 3
        clock.now += 61
        server.answers = [madison]
        assert geocode(HOME, YEARS)


def test_an_answer_is_kept_for_ten_minutes() -> None:
    clock = Clock()
    with census(madison) as server:
        geocode = patient(server.url, clock=clock)
        first = geocode(HOME, YEARS)
        assert geocode(Address(street="2 e main st", city="madison", state="wi", zip="53703"), YEARS) == first
        assert len(server.asked) == 1
        clock.now += 601
        geocode(HOME, YEARS)
        assert len(server.asked) == 2


@pytest.mark.parametrize("answer", [madison, says({}, 500), says(b"<html>"), hangs_up])
def test_no_log_and_no_exception_holds_the_address(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    with census(answer) as server:
        try:
            patient(server.url)(HOME, YEARS)
        except GeocoderUnavailable as trouble:
            said = f"{trouble!r} {trouble.__context__!r}"
    assert "Main" not in caplog.text + said + repr(HOME)
    assert "53703" not in caplog.text + said + repr(HOME)


@pytest.mark.parametrize("zip5", [None, "", "5370", ["53703"]])
def test_a_zip_code_that_is_none_is_not_told(zip5: Any) -> None:
    there = match()
    there["addressComponents"]["zip"] = zip5
    (place,) = read_document(document(there)).places
    assert place.zip == ""


def test_no_proxy_of_the_machine_learns_the_address() -> None:
    """A process of its own, since what the environment names as a proxy is read from it."""
    with census(madison) as server, census(madison) as proxy:
        program = (
            "from actionmail.gateways.http.geocoder import CensusGeocoder\n"
            "from actionmail.rules.districts.addresses import parse\n"
            f"print(len(CensusGeocoder({server.url!r})(parse('2 E Main St, Madison, WI 53703'), {{}})))"
        )
        asked = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "NO_PROXY": "", "no_proxy": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (asked.stdout, len(server.asked), len(proxy.asked)) == ("1\n", 1, 0)


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    with census(madison) as server:
        assert patient(server.url)(HOME, YEARS)  # a literal, taken at its word
        guarded = CensusGeocoder(server.url, may_be_private=False)
        with pytest.raises(GeocoderUnavailable, match="private_host"):
            guarded(HOME, YEARS)
        assert len(server.asked) == 1


def test_private_hosts() -> None:
    assert all(
        map(is_private, ("localhost", "127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fe80::1%1"))
    )
    assert not any(map(is_private, ("geocoding.geo.census.gov", "8.8.8.8", "internal")))


def test_a_file_of_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"2 E Main St, WI 53703": document(match())}))
    geocode = geocoder_for(Settings(geocoder_url=f"file://{path}"), has_boundaries=lambda state: True)
    assert isinstance(geocode, FixedGeocoder)
    assert geocode(HOME, YEARS)[0].zip == "53703"
    assert geocode(Address(street="2 e. main st.", state="WI", zip="53703"), YEARS)
    assert geocode(parse("2 E MAIN ST, Madison, WI 53703"), YEARS)
    assert geocode(Address(street="3 E Main St", state="WI", zip="53703"), YEARS) == ()
    path.write_text("[]")
    with unusable("answers"):
        FixedGeocoder(path)
    with unusable("cannot be read"):
        FixedGeocoder(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("given", "loopback_only", "url"),
    [
        ("", "", CENSUS_GEOCODER),
        ("", "1", ""),
        ("off", "", ""),
        (CENSUS_GEOCODER + "/", "", CENSUS_GEOCODER),
        (CENSUS_GEOCODER, "1", ""),
        ("http://127.0.0.1:8765/geocoder", "1", "http://127.0.0.1:8765/geocoder"),
        ("file:///srv/answers.json", "1", "file:///srv/answers.json"),
    ],
)
def test_which_geocoder_is_asked(given: str, loopback_only: str, url: str) -> None:
    env = {"ACTIONMAIL_GEOCODER_URL": given, "ACTIONMAIL_LOOPBACK_ONLY": loopback_only}
    assert Settings.from_env(env).geocoder_url == url


@pytest.mark.parametrize(
    "given", ["census", "http://geocoding.geo.census.gov/geocoder", "ftp://x/", "https://", "https://[/"]
)
def test_a_wrong_setting_is_a_sentence(given: str) -> None:
    with pytest.raises(SettingsError, match="ACTIONMAIL_GEOCODER_URL must"):
        Settings.from_env({"ACTIONMAIL_GEOCODER_URL": given})


@pytest.mark.parametrize(
    ("name", "record", "expected"),
    [
        ("120th Congressional Districts", {"CD120": "02"}, [("2", 2026)]),
        ("119th Congressional Districts", {"CD119": "00"}, [("At-Large", 2024)]),
        ("119th Congressional Districts", {"GEOID": "1198"}, [("At-Large", 2024)]),
        ("119th Congressional Districts", {"CD119": "ZZ"}, []),
        ("119th Congressional Districts", {"error": "timed out", "CD119": "02"}, []),
    ],
)
def test_districts_of_congress(name: str, record: dict[str, str], expected: list[tuple[str, int]]) -> None:
    one = match(upper=None, lower=None)
    one["geographies"] = {name: [record]}
    with census(says(document(one))) as server:
        (place,) = patient(server.url)(HOME, YEARS)
    assert [(found.name, found.year) for found in place.layers] == expected
