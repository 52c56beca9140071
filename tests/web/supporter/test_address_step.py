"""The street that decides, as a supporter without JavaScript meets it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import select

from actionmail.db.actions import Action, Draft
from actionmail.db.engine import Database
from actionmail.flows.privacy import erasure
from actionmail.settings import Settings, bundled
from tests.gateways.census_server import CensusServer, census, document, hangs_up, madison, match, says
from tests.gateways.point_answers import result
from tests.samples import sample_campaign, sample_legislators
from tests.web.application import open_app
from tests.web.supporter_pages import BASE, SupporterBrowser, problems, title, words


@pytest.fixture
def geocoder() -> Iterator[CensusServer]:
    with census() as server:
        yield server


@pytest.fixture
def supporter(settings: Settings, database: Database, geocoder: CensusServer, tmp_path: Path) -> SupporterBrowser:
    """Before a site with Madison's ZIP codes, the shipped boundaries and a geocoder."""
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    folder = tmp_path / "data"
    folder.mkdir()
    rows = ["zip,state,chamber,district,share,method,as_of"]
    for zip5, lower in (("53703", "76"), ("53703", "77"), ("53704", "76"), ("53704", "48"), ("53705", "77")):
        rows.append(f"{zip5},WI,lower,{lower},0.5,pop,2024-11-05")
    rows += [f"{zip5},WI,upper,26,1.0,pop,2024-11-05" for zip5 in ("53703", "53704", "53705")]
    (folder / "zip_districts.csv").write_text("\n".join(rows) + "\n")
    shutil.copytree(bundled("data") / "boundaries", folder / "boundaries")
    return SupporterBrowser(open_app(replace(settings, data_dir=folder, geocoder_url=geocoder.url)))


_HEARERS: list[list[str]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _HEARERS:
        _HEARERS[-1].append(Path(str(arguments[0])).name)


@contextmanager
def files_opened() -> Iterator[list[str]]:
    """The names of the files that are opened meanwhile, as Python's own audit tells it."""
    sys.addaudithook(_hear)
    _HEARERS.append([])
    try:
        yield _HEARERS[-1]
    finally:
        _HEARERS.pop()


def test_the_street_decides(supporter: SupporterBrowser, database: Database, geocoder: CensusServer) -> None:
    page = supporter.begin()
    assert "your street decides" in words(page)
    assert "Find them by your street" in words(page)
    assert "Or choose them by name" in words(page)
    page = supporter.submit(street="2 E Main St", go="address")
    assert "These are your legislators" in words(page)
    assert "Your address is in Senate District 26 and Assembly District 76." in words(page)
    assert page.text.count('role="img"') == 2
    assert 'aria-label="Map of Assembly District 76"' in page.text
    assert "style=" not in page.text
    assert geocoder.asked[0][1]["zip"] == "53703"
    page = supporter.submit()
    assert supporter.path.endswith("/letter")
    assert "2 E Main St" not in page.text  # asked about, not put into the letter
    with database.read() as session:
        assert "Main" not in str(session.scalars(select(Draft.values)).one())
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
    assert kept["method"] == "address"
    assert [(one["method"], one["confidence"]) for one in kept["basis"].values()] == [("boundary", "high")] * 2
    assert kept["basis"]["lower"]["data_version"].startswith("2024-11-05-")
    assert kept["basis"]["lower"]["data_version"] != kept["basis"]["upper"]["data_version"]
    assert kept["districts"] == ["upper/26", "lower/76"]
    assert kept["chambers"]["lower"] == {"boundary": "76", "geocoder": "76"}
    assert "lower:2024-11-05-" in kept["data_version"]


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [("zip_districts.csv", b"lower,76", b"lower,78"), ("boundaries/WI_lower.topo", b'"76"', b'"79"')],
)
def test_what_a_street_told_by_other_lines_is_asked_again(
    supporter: SupporterBrowser, tmp_path: Path, file: str, before: bytes, after: bytes
) -> None:
    """As where an import brings new districts while somebody writes."""
    supporter.begin()
    assert "These are your legislators" in words(supporter.submit(street="2 E Main St", go="address"))
    supporter.submit()
    lines = tmp_path / "data" / file
    (tmp_path / "new").write_bytes(lines.read_bytes().replace(before, after))
    (tmp_path / "new").replace(lines)
    answer = supporter.send(personal="My two children go to school here.")
    assert (answer.status_code, title(answer)) == (409, "There is a problem - Example Org")
    assert "Your legislators or the letter changed while you were writing, so nothing was sent." in words(answer)
    assert supporter.get("/campaigns/ab969/letter").location == "/campaigns/ab969/legislators"
    assert "your street decides" in words(supporter.get("/campaigns/ab969/legislators"))
    supporter.submit(upper="26", lower="77", go="")
    assert "My two children go to school here." in supporter.get("/campaigns/ab969/letter").text


def test_the_maps_say_districts_in_the_language_of_the_page(supporter: SupporterBrowser) -> None:
    supporter.begin()
    page = supporter.get(f"{supporter.path}?lang=es")
    assert "Distrito 76" in page.text
    assert "Assembly District 76" not in page.text


def test_the_maps_say_in_words_what_they_show(supporter: SupporterBrowser) -> None:
    page = supporter.begin()
    assert 'aria-label="Map of Assembly District 76 and Assembly District 77"' in page.text
    assert 'fill="url(#map-lower-p1)"' in page.text
    assert 'fill="url(#map-lower-p2)"' in page.text
    assert "Assembly District 76: Representative Lara Sample" in words(page)
    assert "miles (" in words(page)
    assert "This map in words" in words(page)
    assert re.search(r"Assembly District 77 in the [a-z-]+", words(page))
    assert "About where your street is" not in words(page)
    page = supporter.submit(street="2 E Main St", go="address")
    assert "About where your street is" in words(page)
    assert "style=" not in page.text


def test_the_point_is_only_about_there_and_no_action_gets_it(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    with database.read() as session:
        assert session.scalars(select(Draft.values)).one()["place"]["point"] == [43.075, -89.384]
    supporter.submit()
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
        assert session.scalars(select(Draft.values)).all() == []
    assert "43.07" not in str(kept)


def test_a_draft_of_an_older_version_has_a_map_without_a_point(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    with database.write() as session:
        kept = session.scalars(select(Draft)).one()
        kept.values = {**kept.values, "place": {k: v for k, v in kept.values["place"].items() if k != "point"}}
    page = supporter.get(supporter.path)
    assert "Map of Assembly District 76" in page.text
    assert "About where your street is" not in words(page)


def test_each_file_of_a_map_is_read_once(supporter: SupporterBrowser) -> None:
    """Two houses of the state and its counties, however many pages show them; and none at the start."""
    with files_opened() as opened:
        supporter.get("/campaigns/ab969")
        assert [name for name in opened if name.endswith(".topo")] == []
        supporter.begin()
        supporter.submit(street="2 E Main St", go="address")
        supporter.get(supporter.path)
    maps = [name for name in opened if name.endswith((".topo", "WI.csv"))]
    assert sorted(maps) == ["WI_lower.topo", "WI_upper.topo"]


def test_a_post_office_box_asks_where_the_zip_code_alone_would_not(supporter: SupporterBrowser) -> None:
    supporter.begin(zip="53705")
    assert supporter.path.endswith("/letter")
    page = supporter.begin(zip="53705", street="PO Box 12", city="Madison")
    assert supporter.path.endswith("/legislators")
    assert "is this your legislator?" in words(page)
    supporter.submit(upper="26", lower="77", go="")
    assert supporter.path.endswith("/letter")


def test_erasing_leaves_the_districts_alone(supporter: SupporterBrowser, database: Database, now: datetime) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    supporter.submit()
    supporter.send(personal="My two children go to school here.")
    with database.write() as session:
        assert erasure.erase(session, session.scalars(select(Action.receipt_token)).one(), now=now)
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
    assert kept["districts"] == ["upper/26", "lower/76"]
    assert "chambers" not in kept
    assert set(kept["basis"]["lower"]) == {"method", "data_version", "confidence"}


def test_a_point_that_is_only_about_right_asks_and_says_why(
    supporter: SupporterBrowser, settings: Settings, database: Database, tmp_path: Path, now: datetime
) -> None:
    """The first geocoder is away, the second knows the street alone; who answered is kept until it is erased."""
    street = result(address={"house_number": None}, place_rank=26, addresstype="road")
    with census(says([street])) as own, census(hangs_up) as away:
        words_of = f"{away.url} nominatim+{own.url}"
        app = open_app(replace(settings, data_dir=tmp_path / "data", geocoder_url=words_of))
        supporter = SupporterBrowser(app)
        page = supporter.begin()
        assert "It goes to the address finder of the US Census Bureau and an address finder of our own" in words(page)
        page = supporter.submit(street="2 E Main St Apt 4B", go="address")
    assert own.asked[0][1]["street"] == "2 E Main St"
    assert "OpenStreetMap knows the street, but not the house" in words(page)
    supporter.submit(lower="76")
    supporter.send(personal="My two children go to school here.")
    with database.write() as session:
        action = session.scalars(select(Action)).one()
        assert (action.lookup["found_by"], action.lookup["exactness"]) == ("nominatim", "street")
        assert erasure.erase(session, action.receipt_token, now=now)
    with database.read() as session:
        assert not {"found_by", "exactness", "point_version"} & session.scalars(select(Action.lookup)).one().keys()


def test_a_disagreement_is_shown_and_kept(
    supporter: SupporterBrowser, database: Database, geocoder: CensusServer
) -> None:
    geocoder.answers = [says(document(match(lower="077")))]
    supporter.begin()
    page = supporter.submit(street="2 E Main St", go="address")
    assert "our map says Assembly District 76, the Census 77" in words(page)
    assert "Find them by your street" not in words(page)
    supporter.submit(lower="77")
    assert supporter.path.endswith("/letter")
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
    assert kept["method"] == "address+choice"
    assert {chamber: (one["method"], one["confidence"]) for chamber, one in kept["basis"].items()} == {
        "upper": ("boundary", "high"),
        "lower": ("boundary+choice", "low"),
    }
    assert kept["chambers"]["lower"]["disagreement"] is True
    assert kept["chosen"] == {"lower": "77"}


@pytest.mark.parametrize(
    ("street", "sentence"),
    [
        ("9 Nowhere Ln", "We could not find this address"),
        ("PO Box 12", "post office box does not tell where you live"),
        ("RR 2 Box 15", "rural route"),
        ("🏠", "Enter your house number and street"),
        ("", "Enter your house number and street"),
        ("Main St", "house number is missing"),
    ],
)
def test_a_street_that_leads_nowhere_leaves_the_choice(supporter: SupporterBrowser, street: str, sentence: str) -> None:
    supporter.begin()
    page = supporter.submit(street=street, go="address")
    assert page.status_code == 400
    assert title(page).startswith("Error:")
    assert sentence in problems(page)
    assert f'value="{street}"' in page.text
    supporter.submit(lower="77", go="")
    assert supporter.path.endswith("/letter")


def test_an_address_elsewhere_is_said(supporter: SupporterBrowser, geocoder: CensusServer) -> None:
    geocoder.answers = [says(document(match((37.77, -122.41), state="CA", upper=None, lower=None)))]
    supporter.begin()
    assert "This address is in California" in problems(supporter.submit(street="1 Main St", go="address"))


def test_a_street_in_vain_is_told_by_a_page_that_is_fetched_and_kept_by_the_browser_alone(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.begin()
    answer = supporter.post(supporter.path, street="PO Box 987654", city="Madison", go="address")
    assert answer.status_code == 303
    for _ in range(2):
        page = supporter.get(answer.location)
        assert page.status_code == 400
        assert problems(page)
        assert supporter.fields["street"] == "PO Box 987654"
    with database.read() as session:
        assert "987654" not in repr(session.scalars(select(Draft.values)).all())
    assert problems(SupporterBrowser(supporter.client.application).get(answer.location)) == ""
    supporter.get(answer.location)
    supporter.submit(street="2 E Main St", go="address")
    back = supporter.get(answer.location)
    assert (back.status_code, "987654" in back.text) == (200, False)


def test_without_an_answer_the_names_are_left(supporter: SupporterBrowser, geocoder: CensusServer) -> None:
    geocoder.answers = [hangs_up]
    supporter.begin()
    page = supporter.submit(street="2 E Main St", go="address")
    assert "We cannot look streets up at the moment" in problems(page)
    assert "Tomas Mould" in words(page)
    supporter.submit(lower="76", go="")
    assert supporter.path.endswith("/letter")


def test_who_knows_better_chooses_by_name(supporter: SupporterBrowser) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    page = supporter.submit(go="names")
    assert "Which legislators are yours?" in words(page)
    assert "Find them by your street" in words(page)
    supporter.submit(lower="77", go="")
    assert supporter.path.endswith("/letter")


def test_another_zip_code_forgets_what_the_street_told(supporter: SupporterBrowser, geocoder: CensusServer) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    page = supporter.begin(zip="53704")
    assert "Which legislators are yours?" in words(page)
    supporter.begin(zip="53705")
    assert supporter.path.endswith("/letter")
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize("changed", [{"street": "1 S Pinckney St"}, {"city": "Fitchburg"}, {"zip": "53704"}])
def test_another_home_forgets_what_the_street_told(supporter: SupporterBrowser, changed: dict[str, str]) -> None:
    """The letter would go to the legislator of the old street, signed with the new one."""
    home = {"street": "2 E Main St", "city": "Madison"}
    supporter.begin(**home)
    assert "These are your legislators" in words(supporter.submit(go="address"))
    page = supporter.begin(**{**home, **changed})
    assert "Which legislators are yours?" in words(page)
    assert "Find them by your street" in words(page)


def test_another_home_forgets_what_was_chosen_by_name(supporter: SupporterBrowser) -> None:
    supporter.begin(street="2 E Main St", city="Madison")
    supporter.submit(lower="77", go="")
    assert supporter.path.endswith("/letter")
    page = supporter.begin(street="1 S Pinckney St", city="Madison")
    assert "Which legislators are yours?" in words(page)
    assert 'value="77" checked' not in " ".join(page.text.split())
    assert supporter.client.get("/campaigns/ab969/letter", base_url=BASE).location.endswith("/legislators")


def test_the_same_home_keeps_what_the_street_told(supporter: SupporterBrowser, geocoder: CensusServer) -> None:
    """Another name or phone is no other home, nor are other capitals and blanks."""
    supporter.begin(street="2 E Main St", city="Madison")
    supporter.submit(go="address")
    page = supporter.begin(street=" 2 e  main st", city="MADISON", name="Tou Example", phone="608 555 0100")
    assert "These are your legislators" in words(page)


def test_another_home_that_comes_while_the_street_is_looked_up_wins(
    supporter: SupporterBrowser, geocoder: CensusServer
) -> None:
    """In another tab, before the geocoder has answered about the home before."""

    def moves(handler: BaseHTTPRequestHandler, question: dict[str, str]) -> None:
        tab = SupporterBrowser(supporter.client.application)
        tab.client = supporter.client
        tab.begin(street="1 S Pinckney St", city="Madison")
        madison(handler, question)

    supporter.begin(street="2 E Main St", city="Madison")
    geocoder.answers = [moves]
    page = supporter.submit(go="address")
    assert "Which legislators are yours?" in words(page)
    assert 'value="1 S Pinckney St"' in page.text


def test_a_street_whose_districts_nobody_could_tell_is_no_probable_answer(
    supporter: SupporterBrowser, geocoder: CensusServer, tmp_path: Path
) -> None:
    """What the ZIP code says is the ZIP code's sentence, and the street may be tried again."""
    shutil.rmtree(tmp_path / "data" / "boundaries")
    geocoder.answers = [says(document(match(year="2026 ")))]
    supporter.begin()
    page = supporter.submit(street="2 E Main St", go="address")
    assert "Your address is probably in" not in words(page)
    assert "We found this address on the map, but not its districts" in problems(page)
    assert "53703 lies in one Senate district and two Assembly districts: your street decides." in words(page)
    assert "Find them by your street" in words(page)


def test_the_letters_back_button_leads_to_what_was_found(supporter: SupporterBrowser) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    supporter.submit()
    page = supporter.submit(go="back")
    assert "These are your legislators" in words(page)


def test_without_a_geocoder_nobody_is_asked_for_a_street(settings: Settings, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
    page = SupporterBrowser(open_app(settings)).begin()
    assert "your street decides" not in words(page)
    assert "please choose" in words(page)
    assert "Find them by your street" not in words(page)


def test_the_privacy_page_says_who_is_asked(supporter: SupporterBrowser, settings: Settings) -> None:
    assert "US Census Bureau" in words(supporter.get("/privacy"))
    assert "US Census Bureau" not in words(SupporterBrowser(open_app(settings)).get("/privacy"))
    own = replace(settings, geocoder_url="points nominatim+https://nominatim.example.org pelias+https://p.example.org")
    said = words(SupporterBrowser(open_app(own)).get("/privacy"))
    assert "go to an address finder of our own with data of OpenStreetMap and an address finder of our own." in said
    assert "US Census Bureau" not in said
    here = words(SupporterBrowser(open_app(replace(settings, geocoder_url="points"))).get("/privacy"))
    assert "That is done on our own machine." in here


def test_the_zip_codes_answer_has_its_confidence_too(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin(zip="53705")
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
    assert kept["method"] == "zip"
    assert [(one["method"], one["confidence"]) for one in kept["basis"].values()] == [("zip", "high")] * 2


def test_a_chamber_that_nobody_is_chosen_in_rests_on_nothing(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin()
    supporter.submit(lower="unsure", go="")
    supporter.send(personal="My two children go to school here.")
    with database.read() as session:
        kept = session.scalars(select(Action.lookup)).one()
    assert kept["method"] == "zip+choice"
    assert kept["basis"].keys() == {"upper"}
    assert (kept["basis"]["upper"]["method"], kept["basis"]["upper"]["confidence"]) == ("zip", "high")


def test_a_draft_of_an_older_version_asks_for_the_street_again(supporter: SupporterBrowser, database: Database) -> None:
    supporter.begin()
    supporter.submit(street="2 E Main St", go="address")
    with database.write() as session:
        kept = session.scalars(select(Draft)).one()
        kept.values = {**kept.values, "place": {k: v for k, v in kept.values["place"].items() if k != "basis"}}
    assert "Find them by your street" in words(supporter.get(supporter.path))
