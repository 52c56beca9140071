from __future__ import annotations

import gzip
import json
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from actionmail.flows.lookup.atlas import Atlas
from actionmail.flows.lookup.by_address import Located, find_address, look_up, look_up_anywhere, restore, state_of
from actionmail.flows.lookup.by_zip import find_seats
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.atomic_files import files_in_place
from actionmail.gateways.http.census_answers import read_document
from actionmail.rules.districts.addresses import Address, Geocode, Layer, Place, Seat, Years, parse
from actionmail.rules.districts.basis import Basis
from actionmail.rules.districts.boundary_maps import NEAR_METRES, District
from actionmail.rules.districts.map_files import read_map
from actionmail.rules.districts.refusals import (
    AddressNotFound,
    AddressRefused,
    BadZip,
    GeocoderUnavailable,
    LookupRefused,
    Refusal,
    Trouble,
    WrongState,
)
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import bundled
from actionmail.web.platform.lookup_words import explanation, note_sentence, refusal_sentence
from tests.gateways.census_server import document, match
from tests.older_maps import older_file
from tests.shipped import shipped_table

BOTH = ("upper", "lower")
HOME = Address(street="2 E Main St", city="Madison", state="WI", zip="53703")
ATLAS = Atlas(bundled("data") / "boundaries")


def answers(*matches: dict[str, Any]) -> Geocode:
    places = read_document(document(*matches)).places
    return lambda address, years: places


def find(*matches: dict[str, Any], atlas: Atlas = ATLAS, address: Address = HOME) -> Located:
    return find_address(answers(*matches), atlas, shipped_table(), address, state="WI", chambers=BOTH)


def districts(located: Located) -> dict[str, list[str]]:
    return {chamber: [one.district for one in found] for chamber, found in located.lookup.seats.items()}


def test_boundary_and_census_agree() -> None:
    located = find(match())
    assert districts(located) == {"upper": ["26"], "lower": ["76"]}
    assert (located.lookup.is_certain, located.confidence, located.lookup.method) == (True, "high", "address")
    assert (
        explanation(located.lookup, asks_streets=True)
        == "Your address is in Senate District 26 and Assembly District 76."
    )
    assert located.trail == {
        "matches": 1,
        "chambers": {"upper": {"boundary": "26", "geocoder": "26"}, "lower": {"boundary": "76", "geocoder": "76"}},
    }
    assert "lower:2024-11-05-" in located.lookup.data_version
    for chamber, boundaries in ((chamber, ATLAS.get("WI", chamber)) for chamber in BOTH):
        assert boundaries is not None
        told = Basis(method="boundary", data_version=boundaries.version, confidence="high")
        assert located.lookup.basis[chamber] == told
    assert "Main" not in json.dumps(located.trail)


def test_a_disagreement_is_shown_kept_and_asked_about(caplog: pytest.LogCaptureFixture) -> None:
    located = find(match(lower="077"))
    assert districts(located)["lower"] == ["76", "77"]  # the boundary's comes first
    assert not located.lookup.is_certain
    assert located.trail["chambers"]["lower"]["disagreement"] is True
    assert [one.confidence for one in located.lookup.basis.values()] == ["high", "low"]
    assert "our map says Assembly District 76, the Census 77" in explanation(located.lookup, asks_streets=True)
    assert caplog.messages == ["Sources disagree on WI lower: boundary 76 geocoder 77"]


NO_MAPS = Atlas(bundled("data") / "campaigns")  # a folder without boundaries
SAINT_PAUL = Address(street="1 Example St", city="Saint Paul", state="MN", zip="55106")


def in_minnesota(upper: str, lower: str, *, layers: bool = True) -> Located:
    """What comes of a point in Saint Paul, without boundaries there, if Open States says these seats sit there."""
    census = [
        Layer(chamber=chamber, year=2024, name=name, code="") for chamber, name in (("upper", "67"), ("lower", "67A"))
    ]
    place = Place(
        latitude=44.955097,
        longitude=-93.102211,
        state="MN",
        layers=tuple(census) if layers else (),
        seats=(Seat(state="MN", chamber="upper", district=upper), Seat(state="MN", chamber="lower", district=lower)),
    )
    return find_address(
        lambda address, years: (place,), NO_MAPS, shipped_table(), SAINT_PAUL, state="MN", chambers=BOTH
    )


def test_without_boundaries_open_states_makes_the_geocoder_s_answer_sure() -> None:
    located = in_minnesota("67", "67A")
    assert districts(located) == {"upper": ["67"], "lower": ["67A"]}
    assert (located.confidence, located.lookup.is_certain) == ("high", True)
    assert located.trail["chambers"]["lower"] == {"geocoder": "67A", "openstates": "67A"}
    alone = in_minnesota("67", "67A", layers=False)
    assert districts(alone) == {"upper": ["67"], "lower": ["67A"]}
    assert (alone.confidence, alone.lookup.is_certain) == ("medium", True)
    assert located.lookup.basis["lower"] == Basis(method="geocoder", data_version="geocoder:2024", confidence="high")
    assert alone.lookup.basis["lower"] == Basis(method="openstates", data_version="", confidence="medium")


def test_open_states_and_the_geocoder_disagree(caplog: pytest.LogCaptureFixture) -> None:
    located = in_minnesota("67", "67B")
    assert districts(located) == {"upper": ["67"], "lower": ["67A", "67B"]}
    assert (located.confidence, located.lookup.is_certain) == ("low", False)
    assert "the Census House District 67A, Open States 67B" in explanation(located.lookup, asks_streets=True)
    assert caplog.messages == ["Sources disagree on MN lower: geocoder 67A openstates 67B"]


def test_a_district_that_the_roster_does_not_know_is_not_taken_from_open_states() -> None:
    assert located_chambers(in_minnesota("670", "67A")) == {
        "upper": {"geocoder": "67"},
        "lower": {"geocoder": "67A", "openstates": "67A"},
    }


def located_chambers(located: Located) -> dict[str, Any]:
    return dict(located.trail["chambers"])


def test_the_atlas_covers_a_state_whose_houses_all_have_boundaries(tmp_path: Path) -> None:
    assert [ATLAS.covers(state) for state in ("WI", "MN", "NE", "DC", "PR", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    (tmp_path / "NE_legislature.json.gz").touch()  # as a version before kept them
    (tmp_path / "MN_upper.topo").touch()
    assert [Atlas(tmp_path).covers(state) for state in ("NE", "MN")] == [True, False]


def test_boundaries_that_change_while_the_process_runs_are_read_again(tmp_path: Path) -> None:
    atlas = Atlas(tmp_path)
    file, shipped = tmp_path / "WI_lower.topo", bundled("data") / "boundaries" / "WI_lower.topo"
    assert (atlas.get("WI", "lower"), atlas.get("WI", "upper")) == (None, None)
    with files_in_place(tmp_path) as put:
        put(file, shipped.read_bytes())
    first = atlas.get("WI", "lower")
    assert first is not None
    assert atlas.get("WI", "lower") is first
    assert f" lower:{first.version}" in find(match(), atlas=atlas).lookup.data_version
    with files_in_place(tmp_path) as put:
        put(file, shipped.read_bytes().replace(b"2024-11-05", b"2026-11-03", 1))
    second = atlas.get("WI", "lower")
    assert second is not None
    assert (second.as_of.year, second.version != first.version) == (2026, True)
    with files_in_place(tmp_path) as put:
        put(tmp_path / "WI_lower.json.gz", older_file(read_map(shipped.read_bytes(), shipped.name)))
    assert atlas.get("WI", "lower") is second  # an older version's file stands behind
    with files_in_place(tmp_path) as put:
        put(file, None)
    third = atlas.get("WI", "lower")
    assert third is not None
    assert third.as_of.year == 2024
    with files_in_place(tmp_path) as put:
        put(tmp_path / "WI_lower.json.gz", None)
    assert atlas.get("WI", "lower") is None
    with files_in_place(tmp_path) as put:
        put(file, None)
    assert atlas.get("WI", "lower") is None


def test_near_a_border_the_supporter_is_asked() -> None:
    boundaries = ATLAS.get("WI", "lower")
    assert boundaries is not None
    ours, theirs = boundaries.named("76"), boundaries.named("77")
    assert ours and theirs
    border = shapely.intersection(ours.area.boundary, theirs.area.boundary)
    point = shapely.line_interpolate_point(
        max(shapely.get_parts(shapely.line_merge(border)), key=lambda one: one.length), 0.5, normalized=True
    )
    located = find(match((point.y + 0.0001, point.x)))
    assert {"76", "77"} <= set(districts(located)["lower"])
    assert located.confidence == "low"
    assert located.trail["chambers"]["lower"]["border_metres"] < 100
    assert "m away" in explanation(located.lookup, asks_streets=True)


@pytest.mark.parametrize("inside", ["76", "77"])
def test_the_district_beyond_a_near_border_is_among_the_choices(inside: str) -> None:
    """Though no source says that the point is in it, and the ZIP code does not either."""
    boundaries = ATLAS.get("WI", "lower")
    assert boundaries is not None
    ours = boundaries.named(inside)
    theirs = boundaries.named("77" if inside == "76" else "76")
    assert ours and theirs
    border = shapely.intersection(ours.area.boundary, theirs.area.boundary)
    point = shapely.line_interpolate_point(
        max(shapely.get_parts(shapely.line_merge(border)), key=lambda one: one.length), 0.5, normalized=True
    )
    near = shapely.intersection(point.buffer(0.0003), ours.area).representative_point()
    located = find_address(
        answers(match((near.y, near.x), lower=f"0{inside}", zip5="")),
        ATLAS,
        shipped_table(),
        Address(street="1 Example St", city="Madison", state="WI"),
        state="WI",
        chambers=("lower",),
    )
    assert districts(located)["lower"] == [inside, *theirs.names]
    assert not located.lookup.is_certain


CLARKSVILLE = (36.6177, -87.4389)  # Fort Campbell's land in Tennessee; its post is Kentucky's
HOPKINSVILLE = (36.6561, -87.4599)  # and in Kentucky


def fort_campbell(point: tuple[float, float], ground: str, *, is_told: bool) -> Geocode:
    """A street with a Kentucky postal address, its ground told by the geocoder's layers or not at all."""
    of_ground = {"TN": ("022", "075"), "KY": ("003", "009")}[ground]
    there = match(point, state="KY", zip5="42223", upper=of_ground[0], lower=of_ground[1], ground=ground)
    if not is_told:
        del there["geographies"]
    return answers(there)


POST = Address(street="12 Sample Ave", city="Fort Campbell", state="KY", zip="42223")


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize(
    ("state", "point", "upper", "lower"), [("TN", CLARKSVILLE, "22", "75"), ("KY", HOPKINSVILLE, "3", "9")]
)
def test_the_state_is_that_of_the_ground(
    state: str, point: tuple[float, float], upper: str, lower: str, is_told: bool
) -> None:
    geocode = fort_campbell(point, state, is_told=is_told)
    located = find_address(geocode, ATLAS, shipped_table(), POST, state=state, chambers=BOTH)
    assert located.lookup.state == state
    assert districts(located) == {"upper": [upper], "lower": [lower]}
    other = {"TN": "KY", "KY": "TN"}[state]
    with pytest.raises(WrongState) as refused:
        find_address(geocode, ATLAS, shipped_table(), POST, state=other, chambers=BOTH)
    assert refused.value.found_states == (state,)
    (anywhere,) = look_up_anywhere(shipped_table(), POST, chambers=BOTH, geocode=geocode, atlas=ATLAS)
    assert (anywhere.lookup.state, districts(anywhere)) == (state, {"upper": [upper], "lower": [lower]})


def test_a_zip_code_of_another_state_is_no_wall_around_a_home() -> None:
    """20233 is the Census Bureau's in Maryland, by the table a guess in Washington."""
    suitland = answers(match((38.8486, -76.9311), state="DC", zip5="20233", upper="024", lower="024", ground="MD"))
    street = Address(street="4600 Silver Hill Rd", city="Washington", state="DC", zip="20233")
    (located,) = look_up_anywhere(shipped_table(), street, chambers=BOTH, geocode=suitland, atlas=ATLAS)
    assert (located.lookup.state, located.lookup.is_certain) == ("MD", True)
    assert located.lookup.seats.keys() == {"upper", "lower"}
    assert located.lookup.doubts == ()


def test_a_zip_code_in_two_states_names_the_candidates_of_both() -> None:
    address = Address(street="", zip="42223")
    both = look_up_anywhere(shipped_table(), address, chambers=BOTH, geocode=None, atlas=ATLAS)
    assert {one.lookup.state: districts(one) for one in both} == {
        "KY": {"upper": ["3"], "lower": ["9"]},
        "TN": {"upper": ["22"], "lower": ["75"]},
    }
    assert not any(one.lookup.is_certain for one in both)
    offline = replace(address, street="12 Sample Ave")
    again = look_up_anywhere(shipped_table(), offline, chambers=BOTH, geocode=None, atlas=ATLAS)
    assert [(one.lookup.state, one.reason is None) for one in again] == [("KY", False), ("TN", False)]


def test_a_guess_speaks_against_no_address() -> None:
    """11249 by the table is guessed from one point; 82073 has boxes alone."""
    brooklyn = answers(match((40.7232, -73.9552), state="NY", zip5="11222", upper="059", lower="050"))
    home = Address(street="12 Sample St", city="Brooklyn", state="NY", zip="11249")
    located = find_address(brooklyn, ATLAS, shipped_table(), home, state="NY", chambers=BOTH)
    assert districts(located) == {"upper": ["59"], "lower": ["50"]}
    assert (located.lookup.doubts, located.confidence) == ((), "high")
    cheyenne = answers(match((41.1400, -104.8202), state="WY", zip5="82001", upper=None, lower=None))
    boxed = Address(street="12 Sample St", city="Cheyenne", state="WY", zip="82073")
    located = find_address(cheyenne, ATLAS, shipped_table(), boxed, state="WY", chambers=BOTH)
    assert (located.lookup.doubts, located.lookup.is_certain) == ((), True)


def test_a_box_in_the_address_is_never_sure() -> None:
    address = Address(street="PO Box 12", city="San Francisco", state="CA", zip="94103")
    chambers = (*BOTH, "us_upper")
    located = look_up(shipped_table(), address, state="CA", chambers=chambers, geocode=answers(), atlas=ATLAS)
    assert (located.lookup.is_certain, located.lookup.method) == (False, "zip-guess")
    assert {name: basis.confidence for name, basis in located.lookup.basis.items()} == {
        "upper": "low",
        "lower": "low",
        "us_upper": "high",
    }
    assert "Please check" in explanation(located.lookup, asks_streets=True)


def test_without_boundaries_the_census_decides(tmp_path: Path) -> None:
    located = find(match(), atlas=Atlas(tmp_path))
    assert districts(located) == {"upper": ["26"], "lower": ["76"]}
    assert (located.lookup.is_certain, located.confidence) == (True, "medium")


def test_a_vintage_that_does_not_fit_is_not_used_and_said(tmp_path: Path) -> None:
    located = find(match(lower="001", year="2026 "))
    assert districts(located)["lower"] == ["76"]  # by the boundary alone
    assert located.confidence == "medium"
    assert located.trail["warnings"] == ["layer_of_other_year upper 2026 2024", "layer_of_other_year lower 2026 2024"]
    with pytest.raises(AddressNotFound) as refused:  # back to the ZIP code
        find(match(lower="001", year="2026 "), atlas=Atlas(tmp_path))
    assert (refused.value.code, refused.value.found_zip) == (Refusal.DISTRICTS_UNKNOWN, "53703")


def test_what_the_address_did_not_tell_is_the_zip_code_s_sentence(tmp_path: Path) -> None:
    located = find(match(upper="026", lower=None), atlas=Atlas(tmp_path))
    assert explanation(located.lookup, asks_streets=True) == (
        "Your address is in Senate District 26. 53703 lies in two Assembly districts: your street did not tell which."
    )
    assert (located.lookup.is_certain, list(located.districts)) == (False, ["upper"])


def test_where_the_address_told_nothing_the_match_s_own_zip_code_is_used(tmp_path: Path) -> None:
    located = look_up(
        shipped_table(),
        parse("2 E Main St, Madison, WI"),
        state="WI",
        chambers=BOTH,
        geocode=answers(match(upper=None, lower=None)),
        atlas=Atlas(tmp_path),
    )
    assert (located.lookup.zip, located.lookup.method) == ("53703", "zip")
    assert "We found this address on the map, but not its districts." in note_sentence(located)
    assert explanation(located.lookup, asks_streets=True).endswith("two Assembly districts: your street decides.")


def test_a_district_that_the_zip_code_does_not_reach_is_asked_about() -> None:
    located = find(match(), address=Address(street="2 E Main St", zip="54301"))  # Green Bay
    assert districts(located)["lower"][0] == "76"
    assert not located.lookup.is_certain
    assert located.trail["chambers"]["lower"]["outside_zip"] is True
    assert "the ZIP code 54301 does not reach into" in explanation(located.lookup, asks_streets=True)


def test_several_places_with_one_address() -> None:
    milwaukee = match((43.0389, -87.9065), upper=None, lower=None)
    assert not find(match(), milwaukee).lookup.is_certain
    assert find(match(), match((43.0748, -89.3842))).lookup.is_certain
    assert "several places have this address" in explanation(find(match(), milwaukee).lookup, asks_streets=True)


def test_refusals_are_sentences_with_a_way_on() -> None:
    with pytest.raises(AddressNotFound) as refused:
        find()
    assert "choose your legislators by name" in refusal_sentence(refused.value)
    with pytest.raises(WrongState) as elsewhere:
        find(match((37.77, -122.41), state="CA", upper=None, lower=None))
    assert "This address is in California" in refusal_sentence(elsewhere.value)
    with pytest.raises(AddressRefused) as no_home:
        find(match(), address=Address(street="PO Box 5", zip="53703"))
    assert "post office box" in refusal_sentence(no_home.value)
    with pytest.raises(BadZip):
        find(match(), address=Address(street="2 E Main St", zip="5370"))
    with pytest.raises(WrongState) as other_zip:
        find(match(), address=Address(street="2 E Main St", zip="94103"))
    assert "94103 is in California" in refusal_sentence(other_zip.value)

    def silent(address: Address, years: Years) -> tuple[Place, ...]:
        raise GeocoderUnavailable(Trouble.TIMED_OUT, seconds="2")

    with pytest.raises(GeocoderUnavailable):
        find_address(silent, ATLAS, shipped_table(), HOME, state="WI", chambers=BOTH)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("PO Box 12, Madison, WI 53703", "A post office box does not tell where you live."),
        ("Apartado 12, San Juan, PR 00901", "00901 is in Puerto Rico, whose districts we have no table of"),
        ("RR 2 Box 15, Baraboo, WI 53913", "enter the house number and road, as emergency services know your home"),
        ("PSC 3 Box 1200, APO, AE 09012", "is a military ZIP code (APO, FPO or DPO)"),
        ("USS Example, FPO, AP 96601", "is a military ZIP code (APO, FPO or DPO)"),
        ("12 Marine Corps Dr, Hagatna, GU 96910", "is in Guam, the Northern Mariana Islands"),
        ("1 Kronprindsens Gade, Charlotte Amalie, VI 00802", "is in the Virgin Islands"),
        ("1 Calle Fortaleza, San Juan, PR 00901", "00901 is in Puerto Rico, whose districts we have no table of"),
        ("123 Main", "Please add the town and the state, or the ZIP code"),
        ("123 Main, Madison", "Please name the state or the ZIP code too"),
        ("123", "The street is missing"),
        ("\U0001f3e0", "Please enter the house number and street of your home"),
        ("\U0001f3e0 \U0001f3e1, Madison, WI 53703", "Please enter the house number and street of your home"),
        ("\u5317\u4eac\u8def 12, Madison, WI 53703", "in the letters A to Z"),
        ("\u0443\u043b. \u041b\u0435\u043d\u0438\u043d\u0430 5, Madison, WI 53703", "in the letters A to Z"),
        ("\u0634\u0627\u0631\u0639 12, 53703", "in the letters A to Z"),
        ("General Delivery, Madison, WI 53703", "General delivery does not tell where you live."),
        ("2 E Main St, Toronto, ON M5H 2N2", "Please name the state or the ZIP code too"),
        ("", "Please name the state or the ZIP code too"),
        ("\x00\u202e2 E Main St\n, Nowhere, WI 53703", "We could not find this address."),
        ("2 E Main St, Nowhere, WI 00000", "We do not know the ZIP code 00000. Please check it for a slip"),
        ("9" * 5000, "The street is missing"),
    ],
)
def test_whatever_is_typed_gets_an_answer_that_helps(typed: str, sentence: str) -> None:
    """In one line, as on the command line, with a geocoder that finds nothing."""
    address = parse(typed)
    try:
        state = state_of(shipped_table(), address, "")
        located = look_up(
            shipped_table(), address, state=state, chambers=BOTH, geocode=lambda address, years: (), atlas=ATLAS
        )
        said = f"{note_sentence(located)} {explanation(located.lookup, asks_streets=True)}"
    except LookupRefused as refused:
        said = refusal_sentence(refused)
    assert sentence in said


def test_idahos_pair_and_new_hampshires_floterials(tmp_path: Path) -> None:
    layer = Layer(chamber="lower", year=2024, name="22", code="022")
    place = Place(latitude=43.5, longitude=-116.5, state="ID", layers=(layer,))
    located = find_address(
        lambda address, years: (place,),
        Atlas(tmp_path),
        shipped_table(),
        parse("1 Main St, Kuna, ID"),
        state="ID",
        chambers=["lower"],
    )
    assert districts(located) == {"lower": ["22A", "22B"]}
    assert located.lookup.is_certain
    zip5, floterial = next(
        (zip5, one)
        for zip5 in map("{:05}".format, range(3000, 3900))
        for one in shipped_table().candidates(zip5)
        if one.district == "Merrimack 27" and one.share < 0.9
    )
    layer = Layer(chamber="lower", year=2024, name="Merrimack 9", code="609")
    place = Place(latitude=43.2, longitude=-71.5, state="NH", layers=(layer,))
    address = Address(street="1 Main St", zip=zip5)
    located = find_address(
        lambda address, years: (place,), Atlas(tmp_path), shipped_table(), address, state="NH", chambers=["lower"]
    )
    assert floterial in located.lookup.seats["lower"]
    assert not located.lookup.is_certain  # who lives in the floterial is not known from the base district


def test_dcs_seats_at_large_come_with_the_ward(tmp_path: Path) -> None:
    geocode = answers(
        match((38.8977, -77.0365), state="DC", zip5="20001", upper=[{"SLDU": "002", "BASENAME": "2"}], lower=[])
    )
    address = parse("1 Main St NW, Washington, DC")
    located = find_address(geocode, Atlas(tmp_path), shipped_table(), address, state="DC", chambers=BOTH)
    assert districts(located)["legislature"][0] == "Ward 2"
    assert {"At-Large", "Chairman"} <= set(districts(located)["legislature"])
    assert located.lookup.is_certain


def test_what_was_found_can_be_kept_by_name() -> None:
    located = find(match())
    by_zip = find_seats(shipped_table(), "53703", state="WI", chambers=BOTH)
    basis = {chamber: asdict(one) for chamber, one in located.lookup.basis.items()}
    found = restore(by_zip, located.districts, basis=basis, data_version="1", doubts=())
    assert found.is_certain
    assert (found.seats, found.basis) == (located.lookup.seats, located.lookup.basis)
    guess = find_seats(shipped_table(), "53702", state="WI", chambers=BOTH)
    found = restore(guess, {"lower": ["76"]}, basis={"lower": basis["lower"]}, data_version="1", doubts=())
    assert found.seats["upper"] == guess.seats["upper"]
    assert [(one.method, one.confidence) for one in found.basis.values()] == [
        ("zip-guess", "low"),
        ("boundary", "high"),
    ]
    assert not found.is_certain  # the Senate's is still a guess


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "WI_lower.topo").write_bytes(gzip.compress(b"{"))
    with pytest.raises(DatasetError, match=r"WI_lower\.topo"):
        Atlas(tmp_path).get("WI", "lower")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_point_in_a_district_is_located_there(data: st.DataObject) -> None:
    """Random points of the shipped states: the district that holds it is found, in both chambers, and never another.

    What is near a border is asked about, with the point's own district among the answers.
    """
    state, chamber = data.draw(st.sampled_from([(state, chamber) for state in ("WI", "CA") for chamber in BOTH]))
    boundaries = ATLAS.get(state, chamber)
    assert boundaries is not None
    district = data.draw(st.sampled_from(boundaries.districts))
    west, south, east, north = district.area.bounds
    x, y = data.draw(st.floats(west, east)), data.draw(st.floats(south, north))
    assume(shapely.contains_xy(district.area, x, y))
    place = Place(latitude=y, longitude=x, state=state)
    address = Address(street="1 Main St", city="Town", state=state)
    located = find_address(
        lambda address, years: (place,), ATLAS, shipped_table(), address, state=state, chambers=[chamber]
    )
    assert district.names[0] in districts(located)[chamber]
    assert not located.lookup.is_certain or districts(located)[chamber] == list(district.names)


@pytest.mark.parametrize("state", ["WI", "CA"])
def test_the_zip_table_and_the_boundaries_fit(state: str) -> None:
    """For points all over the state: some ZIP code has both of the point's districts among its candidates.

    What is tolerated: strips narrower than the simplified lines are exact, and open water, where nobody lives.
    """
    upper, lower = (ATLAS.get(state, chamber) for chamber in BOTH)
    assert upper and lower
    pairs = set()
    for zip5 in map("{:05}".format, range(100_000)):
        found = [one for one in shipped_table().candidates(zip5) if one.state == state]
        for one in found:
            pairs |= {(one.district, other.district) for other in found if (one.chamber, other.chamber) == BOTH}
    west, south, east, north = shapely.total_bounds([district.area for district in lower.districts])
    random = Random(4)
    inside, strange = 0, []
    while inside < 3_000:
        latitude, longitude = random.uniform(south, north), random.uniform(west, east)
        above, below = upper.at(latitude, longitude), lower.at(latitude, longitude)
        if above is None or below is None:
            assert (above is None) == (below is None) or _is_a_strip(above or below, latitude, longitude)
            continue
        inside += 1
        if (above.names[0], below.names[0]) not in pairs:
            strange.append((latitude, longitude, above, below))
    for latitude, longitude, above, below in strange:
        shared = shapely.intersection(above.area, below.area)
        assert shared.area * 111_320**2 * 0.75 / max(shared.length * 111_320, 1) < NEAR_METRES, (
            f"{above.title} and {below.title} at {latitude}, {longitude}"
        )
    assert len(strange) <= 3


def _is_a_strip(district: District | None, latitude: float, longitude: float) -> bool:
    """Whether the point lies on the edge of the state, where the two chambers' lines are not the same."""
    return district is not None and district.area.boundary.distance(shapely.Point(longitude, latitude)) < 0.002


def newer(folder: Path, *states: str, congress: str = "") -> DistrictTable:
    """The shipped tables, with the rows of `states` (but one) as of 2026, and perhaps the list of Congress too."""
    lines = gzip.decompress((bundled("data") / "zip_districts.csv.gz").read_bytes()).decode().splitlines()
    of_state = {state: [n for n, line in enumerate(lines) if line[6:9] == f"{state},"] for state in states}
    for numbers in of_state.values():
        for number in numbers[1:]:
            lines[number] = lines[number].replace("2024-11-05", "2026-11-03")
    (folder / "zip_districts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listed = gzip.decompress((bundled("data") / "zip_congress.csv.gz").read_bytes()).decode()
    (folder / "zip_congress.csv.gz").write_bytes(
        gzip.compress(listed.replace("2024-11-05", congress or "2024-11-05").encode())
    )
    return load_district_table(folder)


def test_the_vintage_is_that_of_the_state_s_own_districts(tmp_path: Path) -> None:
    """One state's new districts came into force; one of its ZIP codes and the other states have the old ones."""
    table = newer(tmp_path, "WI")
    nowhere = Atlas(tmp_path)

    def told(year: str) -> Located:
        return find_address(answers(match(year=f"{year} ")), nowhere, table, HOME, state="WI", chambers=BOTH)

    assert told("2026").trail["chambers"]["lower"] == {"geocoder": "76"}
    with pytest.raises(AddressNotFound) as refused:
        told("2024")
    assert refused.value.code is Refusal.DISTRICTS_UNKNOWN
    assert (table.year_of("WI", "lower"), table.year_of("CA", "lower"), table.year_of("PR", "lower")) == (2026, 2024, 0)


@pytest.mark.parametrize(("list_of", "is_used"), [("2024-11-05", True), ("2026-11-03", False)])
def test_the_vintage_for_congress_is_that_of_its_own_list(tmp_path: Path, list_of: str, is_used: bool) -> None:
    """A new ZIP table of the state's districts does not make the districts of the old Congress wrong, nor right."""
    table = newer(tmp_path, "WI", congress=list_of)
    located = find_address(answers(match()), ATLAS, table, HOME, state="WI", chambers=("upper", "us_lower"))
    assert ("geocoder" in located.trail["chambers"]["us_lower"]) is is_used
    assert ("layer_of_other_year us_lower 2024 2026" in located.trail["warnings"]) is not is_used


def test_a_map_of_another_year_decides_nothing_alone(tmp_path: Path) -> None:
    table = newer(tmp_path, "WI")
    alone = find_address(
        answers(match(lower=None, upper=None)), ATLAS, table, HOME, state="WI", chambers=("upper", "lower")
    )
    assert (alone.confidence, alone.lookup.is_certain) == ("low", False)
    assert districts(alone)["lower"] == ["76", "77"]  # all that the ZIP code may lie in
    assert "our map is of 2024, and no other source could check it" in explanation(alone.lookup, asks_streets=True)
    checked = find_address(answers(match(year="2026 ")), ATLAS, table, HOME, state="WI", chambers=BOTH)
    assert (checked.confidence, checked.lookup.is_certain) == ("high", True)


@pytest.mark.parametrize(("code", "name"), [("GU", "Guam"), ("VI", "the Virgin Islands"), ("ZZ", "ZZ")])
def test_a_place_in_a_territory_is_in_no_state(code: str, name: str) -> None:
    """Not even in one whose only representative's district has the name that the territory's delegate has."""
    there = match(state=code, upper=None, lower=None, zip5="")
    there["geographies"]["119th Congressional Districts"] = [{"CD119": "98"}]
    home = Address(street="123 Example St", city="Example", zip="96910")
    with pytest.raises(WrongState) as refused:
        find_address(answers(there), ATLAS, shipped_table(), home, state="WY", chambers=("us_upper", "us_lower"))
    assert f"This address is in {name}, not in Wyoming" in refusal_sentence(refused.value)


def test_an_address_that_was_found_in_another_zip_code_is_asked_about() -> None:
    """The geocoder corrects a ZIP code in silence; where the one that was typed leaves a choice, we ask."""
    other = find(match(zip5="53597"))
    assert districts(other) == {"upper": ["26"], "lower": ["76", "77"]}
    assert not other.lookup.is_certain
    assert other.trail["chambers"]["lower"]["other_zip"] is True
    assert "the Census has this address in the ZIP code 53597, not in 53703" in explanation(
        other.lookup, asks_streets=True
    )
    assert other.trail["chambers"]["upper"] == {"boundary": "26", "geocoder": "26"}  # one for the whole ZIP code


def test_a_ward_that_the_zip_code_does_not_reach_is_asked_about() -> None:
    ward = match(upper="003", lower=None, state="DC", zip5="20003")
    home = Address(street="1 Example St NE", city="Washington", state="DC", zip="20003")
    located = find_address(answers(ward), ATLAS, shipped_table(), home, state="DC", chambers=BOTH)
    assert located.trail["chambers"]["legislature"]["outside_zip"] is True
    assert not located.lookup.is_certain
