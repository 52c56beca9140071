"""A table as we write it is read at once, any other line by line; both ways tell the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionmail.flows.lookup import congress_files, zip_files
from actionmail.flows.lookup.rows_in_order import RowsInText
from actionmail.flows.lookup.table_text import read_text
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.seats import DatasetError
from actionmail.settings import bundled

HEAD = ",".join(zip_files.COLUMNS)
ROW = "53703,WI,lower,76,0.5,block,2024-11-05,,"
OTHER = "53704,WI,upper,26,1,block,2024-11-05,PO BOX,yes"
NAMED = '01001,MA,lower,"1st Hampden, East",0.25,pop,2024-11-05,,yes'


def _table(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n"


def test_of_the_shipped_tables_no_line_is_read_by_itself() -> None:
    text = read_text(bundled("data") / "zip_districts.csv.gz").decode()
    quick, slow = zip_files._plain_rows(text), zip_files._any_rows(text, "t")
    assert quick is not None
    assert isinstance(quick.by_zip, RowsInText)
    assert quick.days == slow.days
    for state in (*STATES, ""):
        assert quick.seats(state) == slow.seats(state), state
    assert list(quick.by_zip.items()) == list(slow.by_zip.items())

    text = read_text(bundled("data") / "zip_congress.csv.gz").decode()
    of_congress, line_by_line = congress_files._plain_rows(text), congress_files._any_rows(text, "t")
    assert of_congress is not None
    assert of_congress[2] == line_by_line[2]
    for state in (*STATES, ""):
        assert of_congress[1](state) == line_by_line[1](state), state
    assert list(of_congress[0].items()) == list(line_by_line[0].items())


@pytest.mark.parametrize(
    "rows",
    [
        (ROW.replace("0.5", "5e-1"),),
        (ROW.replace("76", '"a ""b"""'),),
        (ROW, OTHER, ROW.replace("76", "77")),  # not by ZIP code
        (OTHER, ROW),  # nor in their order
        (ROW.replace("76", "Doña Ana"),),
    ],
)
def test_what_is_written_otherwise_is_read_line_by_line(rows: tuple[str, ...], tmp_path: Path) -> None:
    assert zip_files._plain_rows(_table(*rows)) is None
    (tmp_path / "zip_districts.csv").write_text(_table(*rows))
    table = zip_files.load_district_table(tmp_path)
    assert sum(len(table.candidates(zip5)) for zip5 in ("53703", "53704")) == len(rows)


def test_a_table_without_an_end_to_its_last_line_is_read() -> None:
    text = _table(ROW, OTHER)[:-1]
    assert zip_files._plain_rows(text) is None
    assert len(zip_files._any_rows(text, "t").by_zip) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ROW.replace("53703", "5370"), "bad_zip_code"),
        (ROW.replace("53703", "5370３"), "bad_zip_code"),
        (ROW.replace("WI", "XX"), "unknown_state"),
        (ROW.replace("lower", "legislature"), "unknown_chamber"),
        (ROW.replace("lower", "middle"), "unknown_chamber"),
        (ROW.replace("76", " 76"), "no_district_name"),
        (ROW.replace("76", "7\u200e6"), "no_district_name"),
        (ROW.replace("76", "9" * 121), "no_district_name"),
        (ROW.replace("76", f'"{"East, " * 20}West"'), "no_district_name"),
        (ROW.replace("76", '"East,  West"'), "no_district_name"),
        (ROW.replace("WI", "NE"), "unknown_chamber"),
        (ROW.replace(",76,", ',"76,'), "cell_count"),
        (ROW.replace(",76,", ",,"), "no_district_name"),
        (ROW.replace("0.5", "0.0"), "no_share"),
        (ROW.replace("0.5", "1.5"), "no_share"),
        (ROW.replace("0.5", "11"), "no_share"),
        (ROW.replace("block", "guess"), "none_of"),
        (ROW.replace("2024-11-05", "2024-11-31"), "no_date"),
        (ROW.replace(",,", ",PO BOX,"), "no_kind_and_guess"),
        (ROW + ",", "cell_count"),
        (ROW[:-1], "cell_count"),
        ("", "bad_zip_code"),
    ],
)
def test_whatever_is_wrong_is_told_with_its_line(row: str, code: str) -> None:
    text = _table(NAMED, row, OTHER)
    assert zip_files._plain_rows(text) is None
    with pytest.raises(DatasetError) as told:
        zip_files._any_rows(text, "t")
    assert (told.value.code, told.value.line) == (code, 3)


def test_what_ends_a_line_for_python_alone_is_not_plain() -> None:
    assert zip_files._plain_rows(_table(ROW.replace("76", "7\u20286"))) is None
    assert zip_files._plain_rows(_table(ROW).replace("\n", "\r\n")) is None


def test_plain_rows_are_known_by_their_zip_code() -> None:
    rows = zip_files._plain_rows(_table(NAMED, ROW, ROW.replace("76", "77"), OTHER))
    assert rows is not None
    assert rows.seats("WY") == set()
    assert rows.seats("") == {
        ("MA", "lower", "1st Hampden, East"),
        *(("WI", "lower", "76"), ("WI", "lower", "77"), ("WI", "upper", "26")),
    }
    assert list(rows.by_zip) == ["01001", "53703", "53704"]
    assert rows.by_zip["53703"] == [ROW[6:], ROW.replace("76", "77")[6:]]
    assert len(rows.by_zip) == 3
    for nobodys in ("53702", "00000", "99999", "", "5370", "53703,WI", "ABCDE"):
        assert nobodys not in rows.by_zip, nobodys


@pytest.mark.parametrize(
    "row", ["00601,XX,1,2024-11-05", "00601,WI,100,2024-11-05", "00601,WI,1,2024-13-05", "0060,WI,1,2024-11-05"]
)
def test_a_list_of_congress_that_is_wrong_is_told_with_its_line(row: str) -> None:
    text = f"zip,state,district,as_of\n00501,NY,1,2024-11-05\n{row}\n"
    assert congress_files._plain_rows(text) is None
    with pytest.raises(DatasetError) as told:
        congress_files._any_rows(text, "t")
    assert told.value.line == 3
