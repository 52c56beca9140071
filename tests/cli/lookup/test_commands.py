from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.lookup.commands import lookup
from actionmail.cli.roster.datasets import data
from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.gateways.census_server import census, finds, hangs_up
from tests.samples import sample_legislator, sample_legislators


@pytest.fixture
def here(settings: Settings, database: Database) -> Settings:
    with database.write() as session:
        sample_legislators(session)
    return settings


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(lookup, arguments, obj=settings)


def test_an_address_is_asked_of_the_geocoder(here: Settings) -> None:
    with census() as server:
        result = run(replace(here, geocoder_url=server.url), "2 E Main St, Madison, WI 53703")
    answer = json.loads(result.stdout)
    assert answer["explanation"] == (
        "Your address is in Senate District 26, Assembly District 76 and U.S. House District 2."
    )
    assert (answer["method"], answer["confidence"]) == ("address", "high")
    assert {chamber: (one["method"], one["confidence"]) for chamber, one in answer["basis"].items()} == {
        "upper": ("boundary", "high"),
        "lower": ("boundary", "high"),
        "us_upper": ("state", "high"),
        "us_lower": ("boundary", "high"),
    }
    assert answer["basis"]["us_lower"]["data_version"].startswith("2024-11-05-")
    assert answer["basis"]["us_upper"]["data_version"] == ""
    assert (answer["certain"], answer["note"]) == (True, "")
    assert [seat["district"] for seat in answer["candidates"]["lower"]] == ["76"]
    assert answer["candidates"]["lower"][0]["legislators"][0]["title"] == "Representative"
    assert "Main" not in result.stdout


def test_a_street_is_found_where_the_census_serves_newer_districts_by_default(here: Settings) -> None:
    """The vintage of the tables' districts is asked for, and so the geocoder and our maps say the same."""
    saint_paul = finds(
        "1 Example St",
        point=(44.97436, -93.03554),
        state="MN",
        zip5="55106",
        upper="067",
        lower=[{"BASENAME": "67A"}],
        district="04",
    )
    with census(saint_paul) as server:
        result = run(replace(here, geocoder_url=server.url), "1 Example St, Saint Paul, MN 55106")
    answer = json.loads(result.stdout)
    assert answer["explanation"].startswith("Your address is in Senate District 67, House District 67A and U.S. House")
    told = {name: sources.get("geocoder") for name, sources in answer["trail"]["chambers"].items()}
    assert told == {"upper": "67", "lower": "67A", "us_upper": None, "us_lower": "4"}
    assert answer["confidence"] == "high"


@pytest.mark.parametrize(
    ("day", "confidence"),
    [("2026-06-15", "high"), ("2027-01-02", "high"), ("2027-01-03", "low")],
)
def test_a_list_older_than_the_rosters_congress_is_never_sure(
    here: Settings, database: Database, day: str, confidence: str
) -> None:
    with database.write() as session:
        sample_legislator(
            session, state="TX", chamber="us_lower", district="37", name="Ada Example", as_of=date.fromisoformat(day)
        )
    answer = json.loads(run(here, "78701").stdout)
    assert answer["basis"]["us_lower"]["confidence"] == confidence
    assert answer["certain"] is False  # of the legislature's districts there are several
    assert ("the 119th Congress's" in answer["explanation"]) == (confidence == "low")
    assert [one["district"] for one in answer["candidates"]["us_lower"]] == ["37"]


def test_a_zip_code_in_two_states_names_both_states_people(here: Settings) -> None:
    answer = json.loads(run(here, "42223").stdout)
    assert (answer["states"], answer["certain"]) == (["KY", "TN"], False)
    lower = {one["state"]: [seat["district"] for seat in one["candidates"]["lower"]] for one in answer["answers"]}
    assert lower == {"KY": ["9"], "TN": ["75"]}


@pytest.mark.parametrize(
    ("point", "ground", "upper", "lower"),
    [((36.6177, -87.4389), "TN", "022", "075"), ((36.6561, -87.4599), "KY", "003", "009")],
)
def test_a_street_leads_to_the_state_of_its_ground(
    here: Settings, point: tuple[float, float], ground: str, upper: str, lower: str
) -> None:
    district = {"TN": "07", "KY": "01"}[ground]
    street = finds(
        "12 Sample Ave",
        point=point,
        state="KY",
        zip5="42223",
        upper=upper,
        lower=lower,
        ground=ground,
        district=district,
    )
    with census(street) as server:
        result = run(replace(here, geocoder_url=server.url), "12 Sample Ave, Fort Campbell, KY 42223")
    answer = json.loads(result.stdout)
    assert (answer["state"], answer["confidence"]) == (ground, "high")
    assert [seat["district"] for seat in answer["candidates"]["lower"]] == [lower.lstrip("0")]


def test_a_zip_code_asks_nobody(here: Settings) -> None:
    with census() as server:
        answer = json.loads(run(replace(here, geocoder_url=server.url), "53703-1234").stdout)
        assert server.asked == []
    assert (answer["method"], answer["certain"]) == ("zip", False)


def test_without_an_answer_the_zip_code_is_left(here: Settings) -> None:
    with census(hangs_up) as server:
        answer = json.loads(run(replace(here, geocoder_url=server.url), "2 E Main St, Madison, WI 53703").stdout)
    assert (answer["method"], answer["certain"]) == ("zip", False)
    assert "The geocoder gave no answer" in answer["note"]
    answer = json.loads(run(here, "2 E Main St, Madison, WI 53703").stdout)
    assert "None is set up here" in answer["note"]
    assert (
        "post office box"
        in json.loads(run(replace(here, geocoder_url="http://127.0.0.1:9/x"), "PO Box 1, 53703").stdout)["note"]
    )


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("123 Main", "Please add the town and the state, or the ZIP code"),
        ("🏠", "Please enter the house number and street"),
        ("00000", "We do not know the ZIP code 00000"),
        ("1234", "A ZIP code has five digits"),
        ("PSC 3 Box 5, APO, AE 09012", "military ZIP code"),
        ("2 E Main St, Madison, WI", "With a ZIP code we could say more"),
    ],
)
def test_what_cannot_be_looked_up_gets_an_answer_that_helps(here: Settings, place: str, sentence: str) -> None:
    result = run(here, place)
    assert result.exit_code == 1
    assert sentence in result.output


def test_the_state_can_be_named(here: Settings) -> None:
    assert json.loads(run(here, "53703", "--state", "wi").stdout)["state"] == "WI"
    assert "is in Wisconsin" in run(here, "53703", "--state", "CA").output
    assert "'XX' is no state" in run(here, "53703", "--state", "XX").output


@pytest.fixture(scope="session")
def shipped_rosters(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with everything that is shipped, to copy: to load it takes many times as long."""
    path = tmp_path_factory.mktemp("rosters") / "actionmail.sqlite3"
    shutil.copyfile(sqlite_template, path)
    result = CliRunner().invoke(data, ["load"], obj=Settings(database_url=f"sqlite:///{path}", loopback_only=True))
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def loaded(settings: Settings, shipped_rosters: Path) -> Settings:
    with (
        closing(sqlite3.connect(shipped_rosters)) as source,
        closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))) as copy,
    ):
        source.backup(copy)
    return settings


def test_members_of_congress_come_with_their_web_form_and_phone(loaded: Settings) -> None:
    answer = json.loads(run(loaded, "53703").stdout)
    senators = answer["candidates"]["us_upper"][0]["legislators"]
    assert (len(senators), {one["title"] for one in senators}) == (2, {"Senator"})
    assert all(one["website"].startswith("https://") and one["phone"].startswith("202-") for one in senators)
    assert [seat["district"] for seat in answer["candidates"]["us_lower"]] == ["2"]
    assert "The two U.S. Senators of Wisconsin represent everybody there." in answer["explanation"]
    assert "congress:2024-11-05-" in answer["data_version"]


@pytest.mark.parametrize(
    ("zip5", "senators", "title", "district"),
    [
        ("82001", 2, "Representative", "At-Large"),
        ("20001", 0, "Delegate", "At-Large"),
        ("00601", 0, "Resident Commissioner", "At-Large"),
    ],
)
def test_at_large(loaded: Settings, zip5: str, senators: int, title: str, district: str) -> None:
    found = json.loads(run(loaded, zip5).stdout)["candidates"]
    assert sum(len(seat["legislators"]) for seat in found.get("us_upper", [])) == senators
    (seat,) = found["us_lower"]
    assert (seat["district"], [one["title"] for one in seat["legislators"]]) == (district, [title])
