from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from actionmail.flows.lookup import (
    BadZip,
    DatasetError,
    UnknownZip,
    WrongState,
    convert_zip_table,
    find_seats,
    load_district_table,
)
from actionmail.rules.districts import DistrictTable
from actionmail.settings import bundled

BOTH = ("upper", "lower")


@pytest.fixture(scope="module")
def table() -> DistrictTable:
    return load_district_table(bundled("data"))


def test_the_shipped_table_has_every_state(table: DistrictTable) -> None:
    assert len(table) == 41_710
    assert len({state for state, _, _ in table.districts()}) == 51
    assert table.as_of == date(2024, 11, 5)


def test_one_district_per_chamber_is_certain(table: DistrictTable) -> None:
    found = find_seats(table, "94103-1234", state="CA", chambers=BOTH)
    assert found.is_certain
    assert {chamber: [one.district for one in seats] for chamber, seats in found.seats.items()} == {
        "upper": ["11"],
        "lower": ["17"],
    }
    assert found.explanation == "94103 lies in one Senate district and one Assembly district."
    assert found.data_version.startswith("2024-11-05-")


def test_several_districts_are_never_picked_from(table: DistrictTable) -> None:
    found = find_seats(table, "53703", state="WI", chambers=BOTH)
    assert not found.is_certain
    assert [one.district for one in found.seats["lower"]] == ["76", "77"]
    assert found.explanation == "53703 lies in one Senate district and two Assembly districts: your street decides."


def test_only_the_wanted_chamber_decides(table: DistrictTable) -> None:
    assert find_seats(table, "53703", state="WI", chambers=["upper"]).is_certain


def test_a_point_is_a_guess(table: DistrictTable) -> None:
    found = find_seats(table, "53702", state="WI", chambers=BOTH)
    assert (found.method, found.is_certain) == ("zip-guess", False)
    assert "Please check" in found.explanation


def test_nebraskas_and_dcs_one_house(table: DistrictTable) -> None:
    assert list(find_seats(table, "68508", state="NE", chambers=BOTH).seats) == ["legislature"]
    found = find_seats(table, "20001", state="DC", chambers=["upper"])
    assert all(len(together) == 3 for together in found.options("legislature"))
    assert "four wards" in found.explanation


def test_idahos_pair_of_seats_is_one_district(table: DistrictTable) -> None:
    pairs = [
        found
        for zip5 in ("83210", "83211", "83212", "83213", "83214")
        if (found := find_seats(table, zip5, state="ID", chambers=["lower"])).is_certain
    ]
    assert pairs
    assert all(len(found.seats["lower"]) == 2 for found in pairs)
    assert "two seats" in pairs[0].explanation


def test_new_hampshires_floterials_are_named(table: DistrictTable) -> None:
    assert "floterial" in find_seats(table, "03301", state="NH", chambers=BOTH).explanation


def test_a_zip_code_across_a_border_needs_a_yes(tmp_path: Path) -> None:
    rows = "54001,WI,upper,1,0.9,pop\n54001,WI,lower,1,0.9,pop\n54001,MN,upper,2,0.1,pop\n54001,MN,lower,3A,0.1,pop\n"
    found = find_seats(small_table(tmp_path, rows), "54001", state="WI", chambers=BOTH)
    assert not found.is_certain
    assert "A part of it is in Minnesota" in found.explanation


def test_refusals_are_sentences_with_a_way_on(table: DistrictTable) -> None:
    with pytest.raises(WrongState, match=r"94103 is in California, and this campaign is .* Wisconsin") as refused:
        find_seats(table, "94103", state="WI", chambers=BOTH)
    assert refused.value.found_states == ("CA",)
    with pytest.raises(UnknownZip, match="We do not know the ZIP code 00000"):
        find_seats(table, "00000", state="WI", chambers=BOTH)
    with pytest.raises(UnknownZip, match="registered to vote"):
        find_seats(table, "09012", state="WI", chambers=BOTH)
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
    with pytest.raises(DatasetError, match=place):
        small_table(tmp_path, f"53703,WI,upper,26,1,pop\n{row}\n")


def test_half_a_download_is_named(tmp_path: Path) -> None:
    whole = (bundled("data") / "zip_districts.csv.gz").read_bytes()
    (tmp_path / "zip_districts.csv.gz").write_bytes(whole[:100_000])
    with pytest.raises(DatasetError, match=r"zip_districts\.csv\.gz: cannot be read"):
        load_district_table(tmp_path)
