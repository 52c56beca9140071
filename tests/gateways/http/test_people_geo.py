"""Open States as a second opinion: what is asked, what is read, and every way in which it can fail."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from actionmail.gateways.http.people_geo import WithOpenStates
from actionmail.rules.districts.addresses import Address, Geocode, Place, Seat
from actionmail.settings import OPEN_STATES, Settings
from actionmail.settings_reading import SettingsError
from tests.gateways.census_server import Answer, census, hangs_up, says, silent
from tests.gateways.openstates_server import KEY, SAINT_PAUL, base, knows_the_key, people, person

HOME = Address(street="75 Rev Dr Martin Luther King Jr Blvd", city="Saint Paul", state="MN", zip="55155")
FOUND = Place(latitude=44.955097, longitude=-93.102211, state="MN", zip="55155")
SEATS = (Seat(state="MN", chamber="upper", district="66"), Seat(state="MN", chamber="lower", district="66A"))


def geocode(*places: Place) -> Geocode:
    return lambda address, years: places or (FOUND,)


def ask(
    answer: Answer, key: str = KEY, *places: Place, **options: Any
) -> tuple[Place, list[tuple[str, dict[str, str]]]]:
    with census(answer) as server:
        asks = WithOpenStates(geocode(*places), base(server), key, is_asked=lambda state: state == "MN", **options)
        return asks(HOME, {})[0], server.asked


def test_a_point_goes_out_and_seats_come_back() -> None:
    place, asked = ask(knows_the_key)
    assert place.seats == SEATS
    assert (place.latitude, place.warnings) == (FOUND.latitude, ())
    assert asked == [("/people.geo", {"lat": "44.955097", "lng": "-93.102211"})]


def test_it_is_asked_only_where_it_is_of_use() -> None:
    with census(knows_the_key) as server:
        for places in (
            (Place(latitude=43.0, longitude=-89.4, state="WI"),),
            (Place(latitude=45.0, longitude=-93.0, state=""),),
            (Place(latitude=13.5, longitude=144.8, state="GU"),),  # it knows no legislature there
        ):
            assert (
                WithOpenStates(geocode(*places), base(server), KEY, is_asked=lambda state: state != "WI")(HOME, {})
                == places
            )
        assert WithOpenStates(geocode(FOUND, FOUND), base(server), KEY, is_asked=lambda state: True)(HOME, {}) == (
            FOUND,
            FOUND,
        )
        assert server.asked == []


def test_an_answer_is_kept_for_a_while() -> None:
    with census(knows_the_key) as server:
        asks = WithOpenStates(geocode(), base(server), KEY, is_asked=lambda state: True)
        assert asks(HOME, {}) == asks(HOME, {})
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "warning"),
    [
        (says({"detail": "error"}), "no_people 200"),
        (says({"detail": "error"}, 400), "no_people 400"),
        (says({"detail": "over the limit"}, 429), "status 429"),
        (says({"detail": "no such key"}, 403), "key_refused"),
        (says(b"<html>Checking your browser</html>"), "not_json 200"),
        (says(b"[" * 100_000), "not_json 200"),
        (says([]), "no_people 200"),
        (says({"results": None}), "no_people 200"),
        (says(b" " * 2_000_000), "too_long"),
        (says(b"", 302, Location="https://example.org/"), "redirected"),
        (says({}, 500), "status 500"),
        (hangs_up, "unreachable ConnectionError"),
        (silent, "timed_out 0.2"),
    ],
)
def test_where_it_fails_the_geocoder_s_answer_stands(
    answer: Answer, warning: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    place, _ = ask(answer, timeout=0.2 if answer is silent else 60.0)
    assert (place.latitude, place.seats) == (FOUND.latitude, ())
    (said,) = place.warnings
    assert said == f"openstates_not_used {warning}"
    assert "Open States: " in caplog.text
    for secret in (KEY, "44.9", "93.1", "Luther"):
        assert secret not in caplog.text + said


def test_a_wrong_key_is_said() -> None:
    place, _ = ask(knows_the_key, "wrong")
    assert place.warnings == ("openstates_not_used key_refused",)


def test_nobody_there_is_no_failure() -> None:
    place, _ = ask(says(people()))
    assert (place.seats, place.warnings) == ((), ())


def test_another_state_s_legislators_are_not_taken() -> None:
    place, _ = ask(says(people(person("upper", "10", state="wi"))))
    assert (place.seats, place.warnings) == ((), ("openstates_in_another_state",))


@pytest.mark.parametrize(
    "trap",
    [
        None,
        "person",
        {},
        {"current_role": None, "jurisdiction": None},
        person("upper", "66", classification="country"),
        {**person("upper", "66"), "current_role": {"org_classification": "executive", "district": ""}},
        {**person("upper", "66"), "current_role": {"org_classification": "upper", "district": None}},
        {**person("upper", "66"), "jurisdiction": {"id": "ocd-jurisdiction/country:us/state:mn/place:x/government"}},
    ],
)
def test_who_is_no_state_legislator_is_passed_over(trap: Any) -> None:
    place, _ = ask(says({"results": [trap, *SAINT_PAUL["results"]]}))
    assert place.seats == SEATS


def test_after_three_failures_it_is_left_alone() -> None:
    now = [0.0]
    with census(says({}, 400)) as server:
        asks = WithOpenStates(geocode(), base(server), KEY, is_asked=lambda state: True, clock=lambda: now[0])
        for _ in range(4):
            asks(HOME, {})
        assert len(server.asked) == 3
        assert asks(HOME, {})[0].warnings == ("openstates_not_used left_alone",)
        now[0] = 61.0
        asks(HOME, {})
        assert len(server.asked) == 4


def test_a_name_that_leads_to_this_machine_is_refused() -> None:
    place, asked = ask(knows_the_key, may_be_private=False)
    assert place.warnings == ("openstates_not_used private_host",)
    assert asked == []


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"ACTIONMAIL_OPENSTATES_KEY": "two words"}, "without blanks"),
        ({"ACTIONMAIL_OPENSTATES_KEY": "schl\u00fcssel"}, "without blanks"),
        ({"ACTIONMAIL_OPENSTATES_KEY": "k", "ACTIONMAIL_GEOCODER_URL": "off"}, "ACTIONMAIL_GEOCODER_URL is off"),
        ({"ACTIONMAIL_OPENSTATES_URL": "openstates.org"}, "must look like https://v3.openstates.org"),
        ({"ACTIONMAIL_OPENSTATES_URL": "https://[/"}, "must look like"),
        ({"ACTIONMAIL_OPENSTATES_URL": "http://v3.openstates.org"}, "must be https://"),
    ],
)
def test_a_wrong_setting_is_a_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_env(environment)


def test_the_key_is_not_told_and_nobody_is_asked_where_only_this_machine_may_be() -> None:
    found = Settings.from_env({"ACTIONMAIL_OPENSTATES_KEY": "k3y"})
    assert (found.openstates_key, found.openstates_url) == ("k3y", OPEN_STATES)
    assert "k3y" not in repr(found)
    shut = Settings.from_env({"ACTIONMAIL_OPENSTATES_KEY": "k3y", "ACTIONMAIL_LOOPBACK_ONLY": "1"})
    assert shut.openstates_url == ""
