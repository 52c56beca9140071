from __future__ import annotations

import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import DatasetVersion, Legislator
from actionmail.flows.lookup.zip_files import load_district_table
from actionmail.flows.roster.importing import OlderDataset
from actionmail.flows.roster.legislators import LegislatorsReport
from actionmail.flows.roster.reading import legislator, legislators_for
from actionmail.flows.roster.status import joins, roster_status
from actionmail.rules.roster.holders import vacancy
from actionmail.rules.roster.seats import SeatRow, from_csv, to_csv
from actionmail.settings import bundled
from actionmail.web.roster.words import doubt_sentence, roster_sentence
from tests.datasets import DAY, NOW, bring_people, unusable
from tests.people import seat_row


def bring(session: Session, rows: list[SeatRow], *, as_of: date = DAY, dry_run: bool = False) -> LegislatorsReport:
    return bring_people(session, rows, as_of=as_of, confirmed=True, dry_run=dry_run)


def versions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DatasetVersion)) or 0


@pytest.mark.slow
def test_the_shipped_roster_loads_once(any_database: Database) -> None:
    raw = (bundled("data") / "legislators.csv").read_bytes()
    rows = from_csv(raw, "legislators.csv")
    assert to_csv(rows) == raw
    with any_database.write() as session:
        first = bring(session, rows)
    with any_database.write() as session:
        second = bring(session, rows)
        assert versions(session) == 1
        snapshot = session.scalars(select(DatasetVersion.snapshot)).one()
        found = joins(session, load_district_table(bundled("data")))
    assert (first.sitting, len(first.noted("missing")), len(first.noted("malformed")), len(first.vacant)) == (
        7451,
        13,
        1,
        30,
    )
    assert (len(first.added), first.roster) == (7481, raw)
    assert (second.added, second.changed, second.gone, second.is_new_version) == ([], [], [], False)
    assert zlib.decompress(snapshot) == raw
    assert found.without_legislator == []
    assert {seat for seat in found.without_zip if seat[0] != "PR"} == {
        ("ME", "lower", "Passamaquoddy Tribe"),
        ("ME", "lower", "Houlton Band of Maliseet Indians"),
    }


def said(report: LegislatorsReport) -> list[str]:
    return [doubt_sentence(doubt) for doubt in report.doubts]


def test_a_seat_that_nobody_has_any_more_is_told_with_the_one_that_gets_a_second_holder(
    any_database: Database,
) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(81), seat_row(90), seat_row(91)])
    with any_database.write() as session:
        lost, second = said(bring(session, [seat_row(81), seat_row(90, district="81"), seat_row(91)], dry_run=True))
    assert lost.startswith("WI lower 90: Sample Person 90 held it and is in WI lower 81 now")
    assert second.startswith("WI lower 81 is a seat of one and would have several holders: Sample Person")


def test_a_seat_that_somebody_else_has_or_that_is_vacant_is_not_lost(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(80), seat_row(81), seat_row(9, state="AZ"), seat_row(8, state="AZ")])
    with any_database.write() as session:
        in_arizona = [seat_row(number, state="AZ", district="9") for number in (8, 9)]  # whose seats have two holders
        rows = [seat_row(80, district="81"), seat_row(81, district="80"), *in_arizona, vacancy(seat_row(8, state="AZ"))]
        assert said(bring(session, rows, dry_run=True)) == []


def test_added_changed_and_gone(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2), seat_row(9, state="MN")])
    with any_database.write() as session:
        report = bring(session, [seat_row(1, phone="555-9999"), seat_row(3)])
        assert [row.district for row in report.added] == ["3"]
        assert [(c.after.district, c.columns) for c in report.changed] == [("1", ["phone"])]
        assert [row.district for row in report.gone] == ["2"]
        assert versions(session) == 2
        assert legislators_for(session, "WI", [("lower", "2")]) == []
        gone = session.scalars(select(Legislator).where(Legislator.district == "2")).one()
        assert gone.gone_at == NOW
        assert legislator(session, gone.id) is gone
        assert [one.district for one in legislators_for(session, "MN", [("lower", "9")])] == ["9"]
    with any_database.write() as session:
        report = bring(session, [seat_row(1), seat_row(2), seat_row(3)])
        assert [row.district for row in report.added] == ["2"]
        assert [one.gone_at for one in legislators_for(session, "WI", [("lower", "2")])] == [None]


def test_a_lost_phone_or_address_is_kept_and_said(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1)], as_of=date(2026, 6, 3))
    # the older day is the row's own
    with database.write() as session:
        row = legislators_for(session, "WI", [("lower", "1")])[0]
        row.as_of = date(2026, 6, 3)
    for _ in range(2):
        with database.write() as session:
            report = bring(session, [seat_row(1, phone="", email="")])
            assert [row.kept for row in report.kept] == ["email 2026-06-03, phone 2026-06-03"]
            assert report.changed == []
            row = legislators_for(session, "WI", [("lower", "1")])[0]
            assert (row.phone, row.email, row.email_note) == ("555-0001", "rep1@legis.example.org", "")
    with database.write() as session:
        report = bring(session, [seat_row(1, phone="555-7777")])
        assert (report.kept, [change.columns for change in report.changed]) == ([], [["phone"]])


def test_a_kept_phone_still_tells_where_it_rings(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1, phone="555-0002", district_phone="555-0002"), seat_row(2, district_phone="555-3")])
    with database.write() as session:
        bring(session, [seat_row(1, phone=""), seat_row(2)])
        rows = legislators_for(session, "WI", [("lower", "1"), ("lower", "2")])
        assert [(row.phone, row.district_phone) for row in rows] == [("555-0002", "555-0002"), ("555-0002", "")]


def test_addresses_are_noted(database: Database) -> None:
    rows = [
        seat_row(1, email="Both@legis.example.org"),
        seat_row(2, email="both@legis.example.org"),
        seat_row(3, email="someone@gmail.com"),
        seat_row(4, email=""),
        seat_row(5, email="", email_note="malformed"),
    ]
    with database.write() as session:
        report = bring(session, rows)
        notes = [row.email_note for row in session.scalars(select(Legislator).order_by(Legislator.key))]
    assert notes == ["shared", "shared", "personal", "missing", "malformed"]
    assert [len(report.noted(note)) for note in ("shared", "personal", "missing", "malformed")] == [2, 1, 1, 1]


def test_a_dry_run_changes_nothing(database: Database) -> None:
    with database.write() as session:
        report = bring(session, [seat_row(1)], dry_run=True)
        assert len(report.added) == 1
        assert report.is_new_version
        assert session.scalars(select(Legislator)).all() == []
        assert versions(session) == 0


def test_an_older_roster_is_refused(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1)])
    with pytest.raises(OlderDataset) as refused, database.write() as session:
        bring(session, [seat_row(1)], as_of=DAY - timedelta(days=1))
    assert (refused.value.held, refused.value.offered) == (DAY, DAY - timedelta(days=1))
    assert "this one, as of 2026-08-04, is older" in roster_sentence(refused.value)


def test_a_day_that_is_still_to_come_needs_a_second_look(database: Database) -> None:
    with database.write() as session:
        assert bring(session, [seat_row(1)], as_of=NOW.date() + timedelta(days=1), dry_run=True).doubts == []
        (doubt,) = bring(session, [seat_row(1)], as_of=date(2062, 8, 5), dry_run=True).doubts
    assert "2062-08-05, which is still to come" in doubt_sentence(doubt)


def test_one_wrong_row_changes_nothing(database: Database) -> None:
    with unusable("column email"), database.write() as session:
        bring(session, [seat_row(1), seat_row(2, email="two words@example.org")])
    with unusable("there twice"), database.write() as session:
        bring(session, [seat_row(1), seat_row(1)])
    with database.read() as session:
        assert session.scalars(select(Legislator)).all() == []


def test_several_members_and_a_vacant_seat(database: Database) -> None:
    vacant = SeatRow(
        key="vacant/wi/lower/1", state="WI", chamber="lower", district="1", status="vacant", source="made up", as_of=DAY
    )
    with database.write() as session:
        bring(session, [vacant, seat_row(1), seat_row(2, district="1"), seat_row(7, chamber="upper")])
        found = legislators_for(session, "WI", [("upper", "7"), ("lower", "1"), ("lower", "1")])
        assert [one.name for one in found] == ["Sample Person 7", "Sample Person 1", "Sample Person 2", ""]
        status = roster_status(session, now=NOW)
    assert status.counts["WI", "lower"].vacant == 1
    assert (status.sitting, status.as_of, status.age_days) == (3, DAY, 1)


def test_accents_compare_as_people_see_them(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1, district="Ca\u00f1on")])
        assert len(legislators_for(session, "WI", [("lower", "Can\u0303on")])) == 1


numbers = st.integers(1, 30)
maybe = st.sampled_from(["", "a@legis.example.org", "b@legis.example.org", "c@gmail.com"])
rosters = st.lists(
    st.builds(
        lambda n, email, phone: seat_row(n, email=email, phone=phone), numbers, maybe, st.sampled_from(["", "1"])
    ),
    min_size=1,
    unique_by=lambda row: row.key,
)


@given(before=rosters, rows=rosters)
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_importing_twice_is_importing_once(database: Database, before: list[SeatRow], rows: list[SeatRow]) -> None:
    with database.write() as session:
        session.execute(delete(Legislator))
        session.execute(delete(DatasetVersion))
        bring(session, before)
        once = bring(session, rows)
        count = versions(session)
        twice = bring(session, rows)
        assert twice.roster == once.roster
        assert (twice.added, twice.changed, twice.gone, twice.is_new_version) == ([], [], [], False)
        assert versions(session) == count
        # what was written down loads as it is
        assert bring(session, from_csv(once.roster, "legislators.csv")).roster == once.roster


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("x", "line 3: 1 cells"),
        ('a,WI,lower,1,sitting,N,,,,"no address",,,,,,s,2026-08-05,,', "line 3, column email"),
        ("a,XX,lower,1,sitting,N,,,,,,,,,,s,2026-08-05,,", "line 3, column state"),
        ("a,WI,lower,1,sitting,N,,,,,,,,,,s,yesterday,,", "line 3, column as_of"),
        ('a,WI,"lower', "line 3: not readable as CSV"),
        ("ocd-person/00000001,WI,lower,1,sitting,N,,,,,,,,,,s,2026-08-05,,", "line 3, column key"),
    ],
)
def test_a_wrong_csv_row_is_named(line: str, place: str) -> None:
    raw = to_csv([seat_row(1)]) + line.encode() + b"\n"
    with unusable(f"legislators.csv, {place}"):
        from_csv(raw, "legislators.csv")


def test_wrong_columns_and_encodings_are_named(tmp_path: Path) -> None:
    with unusable("missing: key"):
        from_csv(b"name,zip\n", "x.csv")
    with unusable(r"x\.csv, line 2: holds a NUL"):
        from_csv(b"key\na\0b\n", "x.csv")
    with unusable("line 2: not UTF-8"):
        from_csv(b"key\n\xe9\n", "x.csv")


def test_a_roster_without_terms_is_read() -> None:
    rows = [seat_row(1)]
    lines = to_csv(rows).decode().splitlines()
    old = "\n".join(line.removesuffix(",begins,ends").removesuffix(",,") for line in lines)
    assert from_csv(old.encode(), "legislators.csv") == rows
    termed = [seat_row(1, begins=date(2025, 1, 6), ends=date(2027, 1, 4))]
    assert from_csv(to_csv(termed), "legislators.csv") == termed
