from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from actionmail.flows.lookup import tables_in_force
from actionmail.flows.lookup.by_zip import basis_kept, find_seats
from actionmail.flows.lookup.congress_files import convert_congress_table
from actionmail.flows.lookup.settling import settlements
from actionmail.flows.lookup.table_text import CONGRESS_FILE
from actionmail.flows.lookup.tables_in_force import TablesInForce
from actionmail.flows.lookup.zip_conversion import convert_zip_table, pack_zip_rows, read_zip_rows
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.rules.districts.basis import Basis
from actionmail.rules.districts.refusals import BadZip, UnknownZip, WrongState
from actionmail.rules.districts.settlement import Settlement
from actionmail.rules.districts.zip_table import DistrictTable
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import bundled
from actionmail.web.platform.lookup_words import explanation, refusal_sentence
from tests.datasets import unusable
from tests.shipped import shipped_table

BOTH = ("upper", "lower")


@pytest.fixture
def table() -> DistrictTable:
    return shipped_table()


def test_the_shipped_table_has_every_state(table: DistrictTable) -> None:
    assert len(table) == 41_710
    assert len({state for state, _, _ in table.districts()}) == 51
    assert table.as_of == date(2024, 11, 5)


@pytest.mark.parametrize(("state", "lower"), [("MD", {"1A"}), ("WV", {"87"})])
def test_a_zip_code_of_two_states_gives_the_districts_of_the_one_that_is_asked_about(
    table: DistrictTable, state: str, lower: set[str]
) -> None:
    found = find_seats(table, "21557", state=state, chambers=BOTH)
    assert {one.state for candidates in found.seats.values() for one in candidates} == {state}
    assert {one.district for one in found.seats["lower"]} == lower
    assert not found.is_certain


def test_one_district_per_chamber_is_certain(table: DistrictTable) -> None:
    found = find_seats(table, "94103-1234", state="CA", chambers=BOTH)
    assert found.is_certain
    assert {chamber: [one.district for one in seats] for chamber, seats in found.seats.items()} == {
        "upper": ["11"],
        "lower": ["17"],
    }
    assert explanation(found, asks_streets=True) == "94103 lies in one Senate district and one Assembly district."
    assert found.data_version.startswith("2024-11-05-")


def test_several_districts_are_never_picked_from(table: DistrictTable) -> None:
    found = find_seats(table, "53703", state="WI", chambers=BOTH)
    assert not found.is_certain
    assert {chamber: one.confidence for chamber, one in found.basis.items()} == {"upper": "high", "lower": "low"}
    assert [one.district for one in found.seats["lower"]] == ["76", "77"]
    assert (
        explanation(found, asks_streets=True)
        == "53703 lies in one Senate district and two Assembly districts: your street decides."
    )


def test_only_the_wanted_chamber_decides(table: DistrictTable) -> None:
    assert find_seats(table, "53703", state="WI", chambers=["upper"]).is_certain


def test_a_point_is_a_guess(table: DistrictTable) -> None:
    found = find_seats(table, "53702", state="WI", chambers=BOTH)
    assert (found.method, found.is_certain) == ("zip-guess", False)
    assert {(one.method, one.confidence) for one in found.basis.values()} == {("zip-guess", "low")}
    assert "Please check" in explanation(found, asks_streets=True)


@pytest.mark.parametrize(
    ("zip5", "state"),
    [("82073", "WY"), ("53702", "WI"), ("20233", "DC"), ("97703", "OR"), ("29486", "SC"), ("11249", "NY")],
)
def test_boxes_unique_zip_codes_and_what_is_known_only_roughly_are_never_sure(
    table: DistrictTable, zip5: str, state: str
) -> None:
    found = find_seats(table, zip5, state=state, chambers=(*BOTH, "us_lower"))
    own = dict(found.basis)
    if state in {"WY", "DC"}:  # whose only representative is everybody's
        assert own.pop("us_lower").confidence == "high"
    assert (found.method, found.is_certain) == ("zip-guess", False)
    assert {basis.confidence for basis in own.values()} == {"low"}
    assert "Please check" in explanation(found, asks_streets=True)


@pytest.mark.slow
def test_no_shipped_zip_code_of_boxes_is_sure(table: DistrictTable) -> None:
    rows = [row for row in read_zip_rows(bundled("data")) if row.kind]
    assert len({row.zip for row in rows}) > 9_000
    assert all(row.is_guess for row in rows)
    for row in rows[::50]:
        assert not find_seats(table, row.zip, state=row.state, chambers=BOTH).is_certain


@pytest.mark.slow
def test_a_member_of_the_house_is_not_sure_by_a_zip_code_of_boxes(table: DistrictTable) -> None:
    boxes = {row.zip: row.state for row in read_zip_rows(bundled("data")) if row.kind == "PO BOX"}
    asked = 0
    for zip5, state in boxes.items():
        candidates = table.of_congress(zip5, state, "us_lower")
        if candidates and not candidates[0].is_statewide:
            asked += 1
            assert not find_seats(table, zip5, state=state, chambers=["us_lower"]).is_certain
    assert asked > 100


def test_kind_and_guess_are_kept(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    header = "zip,state,chamber,district,share,method,kind,new_land,guess\n"
    source.write_text(
        f"{header}53703,WI,lower,76,1,pop,STANDARD,0,no\n53777,WI,lower,76,1,pop,PO BOX,,yes\n"
        "53778,WI,lower,76,1,around,,,yes\n53779,WI,lower,76,1,pop,UNIQUE,0,no\n"
    )
    (tmp_path / "zip_districts.csv.gz").write_bytes(convert_zip_table(source, as_of=date(2026, 1, 1)))
    kept = {row.zip: (row.kind, row.is_guess) for row in read_zip_rows(tmp_path)}
    assert kept == {"53703": ("", False), "53777": ("PO BOX", True), "53778": ("", True), "53779": ("UNIQUE", True)}
    assert pack_zip_rows(read_zip_rows(tmp_path)) == (tmp_path / "zip_districts.csv.gz").read_bytes()
    for cells, sentence in (("FARM,0,no", "no kind of ZIP code"), ("STANDARD,0,maybe", "neither yes nor no")):
        source.write_text(f"{header}53703,WI,lower,76,1,pop,{cells}\n")
        with unusable(sentence):
            convert_zip_table(source, as_of=date(2026, 1, 1))


def test_a_table_of_an_older_version_is_read(tmp_path: Path) -> None:
    rows = "53703,WI,lower,76,1,pop,2024-11-05\n53702,WI,lower,77,1,centroid,2024-11-05\n"
    (tmp_path / "zip_districts.csv").write_text(f"zip,state,chamber,district,share,method,as_of\n{rows}")
    older = load_district_table(tmp_path)
    certain = [find_seats(older, zip5, state="WI", chambers=["lower"]).is_certain for zip5 in ("53703", "53702")]
    assert certain == [True, False]


def test_nebraskas_and_dcs_one_house(table: DistrictTable) -> None:
    assert list(find_seats(table, "68508", state="NE", chambers=BOTH).seats) == ["legislature"]
    found = find_seats(table, "20001", state="DC", chambers=["upper"])
    assert all(len(together) == 3 for together in found.options("legislature"))
    assert "four wards" in explanation(found, asks_streets=True)


def test_idahos_pair_of_seats_is_one_district(table: DistrictTable) -> None:
    pairs = [
        found
        for zip5 in ("83215", "83217", "83220")
        if (found := find_seats(table, zip5, state="ID", chambers=["lower"])).is_certain
    ]
    assert pairs
    assert all(len(found.seats["lower"]) == 2 for found in pairs)
    assert "two seats" in explanation(pairs[0], asks_streets=True)


def test_new_hampshires_floterials_are_named(table: DistrictTable) -> None:
    assert "floterial" in explanation(find_seats(table, "03301", state="NH", chambers=BOTH), asks_streets=True)


def test_a_zip_code_across_a_border_needs_a_yes(tmp_path: Path) -> None:
    rows = "54001,WI,upper,1,0.9,pop\n54001,WI,lower,1,0.9,pop\n54001,MN,upper,2,0.1,pop\n54001,MN,lower,3A,0.1,pop\n"
    found = find_seats(small_table(tmp_path, rows), "54001", state="WI", chambers=BOTH)
    assert not found.is_certain
    assert "A part of it is in Minnesota" in explanation(found, asks_streets=True)
    assert [one.confidence for one in found.basis.values()] == ["low", "low"]


def test_who_chose_in_one_house_lives_in_the_state(tmp_path: Path) -> None:
    rows = "54001,WI,upper,1,0.9,pop\n54001,WI,lower,1,0.6,pop\n54001,WI,lower,2,0.3,pop\n54001,MN,upper,2,0.1,pop\n"
    table = small_table(tmp_path, rows)
    found = find_seats(table, "54001", state="WI", chambers=BOTH)
    assert {chamber: one.confidence for chamber, one in found.basis.items()} == {"upper": "low", "lower": "low"}
    assert basis_kept(found, ["lower"], ["upper", "lower"]) == {
        "upper": Basis(method="zip", data_version=table.version, confidence="high"),
        "lower": Basis(method="zip+choice", data_version=table.version, confidence="low"),
    }
    assert basis_kept(found, ["lower"], ["upper"]).keys() == {"upper"}


def test_refusals_are_sentences_with_a_way_on(table: DistrictTable) -> None:
    with pytest.raises(WrongState) as refused:
        find_seats(table, "94103", state="WI", chambers=BOTH)
    assert refused.value.found_states == ("CA",)
    assert "94103 is in California, not in Wisconsin" in refusal_sentence(refused.value)
    with pytest.raises(UnknownZip) as unknown:
        find_seats(table, "00000", state="WI", chambers=BOTH)
    assert "We do not know the ZIP code 00000" in refusal_sentence(unknown.value)
    with pytest.raises(UnknownZip) as military:
        find_seats(table, "09012", state="WI", chambers=BOTH)
    assert "registered to vote" in refusal_sentence(military.value)
    with pytest.raises(BadZip):
        find_seats(table, "Madison", state="WI", chambers=BOTH)


def small_table(folder: Path, rows: str) -> DistrictTable:
    source = folder / "source.csv"
    source.write_text("zip,state,chamber,district,share,method\n" + rows, encoding="utf-8")
    (folder / "zip_districts.csv.gz").write_bytes(convert_zip_table(source, as_of=date(2026, 1, 1)))
    return load_district_table(folder / "zip_districts.csv.gz")


def test_a_name_with_a_comma_survives(tmp_path: Path) -> None:
    table = small_table(tmp_path, '01331,MA,lower,"Worcester, Hampden, Hampshire",1,pop\n')
    assert table.candidates("01331")[0].district == "Worcester, Hampden, Hampshire"


def test_the_plain_csv_is_found_too(tmp_path: Path) -> None:
    small_table(tmp_path, "53703,WI,upper,26,1,pop\n")
    packed = tmp_path / "zip_districts.csv.gz"
    (tmp_path / "zip_districts.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    assert len(load_district_table(packed)) == 1


def test_tables_that_change_while_the_process_runs_are_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def put(name: str, text: str) -> None:
        (tmp_path / ".new").write_text(text)
        (tmp_path / ".new").replace(tmp_path / name)

    with unusable("there is no ZIP table"):
        TablesInForce(tmp_path)
    header = "zip,state,chamber,district,share,method,as_of\n"
    put("zip_districts.csv", f"{header}53703,WI,lower,76,1,pop,2024-11-05\n")
    tables = TablesInForce(tmp_path)
    first = tables.get()
    assert tables.get() is first
    put("zip_districts.csv", f"{header}53703,WI,lower,77,1,pop,2024-11-05\n")
    second = tables.get()
    assert [one.district for one in second.candidates("53703")] == ["77"]
    put(CONGRESS_FILE, "zip,state,district,as_of\n53703,WI,2,2024-11-05\n")
    third = tables.get()
    assert (second.congress_version, third.congress_version[:9]) == ("", "congress:")
    put("zip_districts.csv", f"{header}5370")
    assert tables.get() is third
    assert tables.get() is third
    assert caplog.messages == [
        "The ZIP table before stays in use: zip_districts.csv, line 2, column zip: bad_zip_code {'value': '5370'}"
    ]
    put("zip_districts.csv", f"{header}53703,WI,lower,78,1,pop,2024-11-05\n")
    assert [one.district for one in tables.get().candidates("53703")] == ["78"]


def test_a_table_that_may_be_read_by_now_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> DistrictTable:
        raise DatasetError("zip_districts.csv", "cannot_be_read", why="Permission denied")

    header = "zip,state,chamber,district,share,method,as_of\n"
    file = tmp_path / "zip_districts.csv"
    file.write_text(f"{header}53703,WI,lower,76,1,pop,2024-11-05\n")
    tables = TablesInForce(tmp_path)
    file.write_text(f"{header}53703,WI,lower,177,1,pop,2024-11-05\n")
    with monkeypatch.context() as patch:
        patch.setattr(tables_in_force, "load_district_table", refuse)
        tables.get()
    file.chmod(0o640)
    assert [one.district for one in tables.get().candidates("53703")] == ["177"]


def test_converting_again_gives_the_same_bytes(tmp_path: Path) -> None:
    small_table(tmp_path, "53703,WI,upper,26,1,pop\n53703,WI,lower,77,0.4,pop\n53703,WI,lower,76,0.6,pop\n")
    first = (tmp_path / "zip_districts.csv.gz").read_bytes()
    assert convert_zip_table(tmp_path / "zip_districts.csv.gz", as_of=date(2026, 1, 1)) == first


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("5370,WI,upper,26,1,pop", "line 3, column zip"),
        ("53704,XX,upper,26,1,pop", "line 3, column state"),
        ("53704,NE,upper,26,1,pop", "line 3, column chamber"),
        ("53704,WI,upper,,1,pop", "line 3, column district"),
        ("53704,WI,upper,26,nan,pop", "line 3, column share"),
        ("53704,WI,upper,26,2,pop", "line 3, column share"),
        ("53704,WI,upper,26,1,guess", "line 3, column method"),
        ("53704,WI,upper,26,1", "line 3: too few"),
        ("53703,WI,upper,26,1,pop", "line 3: 53703 WI upper 26 is there twice"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, place: str) -> None:
    with unusable(place):
        small_table(tmp_path, f"53703,WI,upper,26,1,pop\n{row}\n")


def test_half_a_download_is_named(tmp_path: Path) -> None:
    whole = (bundled("data") / "zip_districts.csv.gz").read_bytes()
    (tmp_path / "zip_districts.csv.gz").write_bytes(whole[:100_000])
    with unusable(r"zip_districts\.csv\.gz: cannot be read"):
        load_district_table(tmp_path)


def test_congress_beside_the_state(tmp_path: Path) -> None:
    (tmp_path / "zips.csv").write_text(
        "zip,state,chamber,district,share,method,as_of\n"
        "53703,WI,lower,76,1.0,pop,2024-11-05\n82001,WY,lower,7,1.0,pop,2024-11-05\n"
        "20001,DC,legislature,Ward 6,1.0,pop,2024-11-05\n53999,WI,lower,76,1.0,centroid,2024-11-05\n"
        "82999,WY,lower,7,1.0,centroid,2024-11-05\n"
    )
    published = tmp_path / "published.csv"
    published.write_text(
        "state_fips,state_abbr,zcta,cd\n55,WI,53703,2\n55,WI,53703,01\n56,WY,82001,0\n11,DC,20001,98\n66,GU,96910,98\n"
    )
    packed = convert_congress_table(published, as_of=date(2024, 11, 5))
    (tmp_path / CONGRESS_FILE).write_bytes(packed)
    table = load_district_table(tmp_path / "zips.csv")
    federal = ("us_upper", "us_lower")

    def seats(zip5: str, state: str, chambers: tuple[str, ...] = federal) -> dict[str, list[str]]:
        found = find_seats(table, zip5, state=state, chambers=chambers).seats
        return {chamber: [one.district for one in seats] for chamber, seats in found.items()}

    assert seats("53703", "WI") == {"us_upper": ["Statewide"], "us_lower": ["1", "2"]}
    assert seats("82001", "WY") == {"us_upper": ["Statewide"], "us_lower": ["At-Large"]}
    assert seats("82999", "WY") == {"us_upper": ["Statewide"], "us_lower": ["At-Large"]}
    assert seats("53999", "WI") == {"us_upper": ["Statewide"], "us_lower": []}
    assert seats("20001", "DC") == {"us_lower": ["At-Large"]}
    assert seats("20001", "DC", ("upper", "us_lower")) == {"legislature": ["Ward 6"], "us_lower": ["At-Large"]}
    assert find_seats(table, "82001", state="WY", chambers=federal).is_certain
    assert set(settlements(find_seats(table, "82001", state="WY", chambers=federal)).values()) == {Settlement.STATE}
    assert find_seats(table, "53999", state="WI", chambers=federal).basis == {
        "us_upper": Basis(method="state", data_version="", confidence="high"),
        "us_lower": Basis(method="none", data_version="", confidence="low"),
    }
    assert find_seats(table, "82001", state="WY", chambers=("lower", "us_lower")).basis == {
        "lower": Basis(method="zip", data_version=table.version, confidence="high"),
        "us_lower": Basis(method="state", data_version=table.congress_version, confidence="high"),
    }
    unsure = find_seats(table, "53703", state="WI", chambers=federal)
    assert not unsure.is_certain
    assert explanation(unsure, asks_streets=True) == (
        "53703 lies in two U.S. House districts: your street decides. "
        "The two U.S. Senators of Wisconsin represent everybody there."
    )
    assert find_seats(table, " 53703-1234", state="WI", chambers=federal) is unsure  # kept


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("zip,cd\n", "line 1: the first line must be"),
        ("state_fips,state_abbr,zcta,cd\n", "line 1: there is no row"),
        ("state_fips,state_abbr,zcta,cd\n55,WI,5370,2\n", "line 2, column zip"),
        ("state_fips,state_abbr,zcta,cd\n55,Wi,53703,2\n", "line 2, column state"),
        ("state_fips,state_abbr,zcta,cd\n55,WI,53703,second\n", "line 2, column district"),
        ("state_fips,state_abbr,zcta,cd\n55,WI,53703\n", "line 2: too few"),
    ],
)
def test_a_list_of_congress_that_cannot_be_used(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "cd.csv").write_text(text)
    with unusable(place):
        convert_congress_table(tmp_path / "cd.csv", as_of=date(2024, 11, 5))
