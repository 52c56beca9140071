"""Imports as versions, going back, and corrections that outlast both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.roster import corrections, importing
from actionmail.flows.roster.corrections import CorrectionRefused
from actionmail.flows.roster.importing import ImportReport, NothingToUndo, SuspiciousDataset
from actionmail.rules.roster.seats import DatasetError, SeatRow, age_alarm, from_csv
from tests.audit import done
from tests.people import seat_row

DAY = date(2026, 8, 5)
NOW = datetime.fromisoformat("2026-08-06T12:00:00+00:00")
KEY = "ocd-person/00000001"


def bring(session: Session, rows: list[SeatRow], **options: Any) -> ImportReport:
    given: dict[str, Any] = {"source": "made up", "source_version": "1", "licence": "CC0-1.0", "as_of": DAY, "now": NOW}
    return importing.import_people(session, rows, **{**given, **options})


def held(session: Session, kind: str = importing.KIND) -> dict[str, SeatRow]:
    rows = [importing.seat_row(one) for one in session.scalars(select(Legislator).where(Legislator.gone_at.is_(None)))]
    return {row.key: row for row in rows if row.chamber.startswith("us_") == (kind == importing.CONGRESS)}


def correct(session: Session, field: str = "phone", value: str = "555-7777", key: str = KEY) -> corrections.Made:
    return corrections.correct(session, key, field, value, why="The office said so", by="Rita Sample", now=NOW)


def test_undo_goes_back_step_by_step(any_database: Database) -> None:
    first, second = [seat_row(1), seat_row(2)], [seat_row(1, phone="555-9999"), seat_row(3)]
    with any_database.write() as session:
        bring(session, first)
    with any_database.write() as session:
        before = held(session)
        ids = {one.key: one.id for one in session.scalars(select(Legislator))}
    with any_database.write() as session:
        bring(session, second)
    with any_database.write() as session:
        bring(session, [*second, seat_row(4)])
    with any_database.write() as session:
        undone = importing.undo(session, by="Rita Sample", now=NOW)
        assert ([row.district for row in undone.gone], undone.added, undone.changed) == (["4"], [], [])
    with any_database.write() as session:
        undone = importing.undo(session, by="Rita Sample", now=NOW)
        assert [row.district for row in undone.added] == ["2"]
        assert [change.columns for change in undone.changed] == [["phone"]]
        assert held(session) == before == {row.key: row for row in from_csv(undone.roster, "roster")}
        assert {one.key: one.id for one in session.scalars(select(Legislator)) if one.key in ids} == ids
        listed = importing.versions(session)
        assert [(one.is_current, bool(one.undone_at)) for one in listed] == [
            (False, True),
            (False, True),
            (True, False),
        ]
        assert listed[0].undone_by == "Rita Sample"
        assert [(undone, details) for _, _, undone, details in done(session)] == [
            ("dataset people", {"undone": 3, "restored": 2, "made_by": "Rita Sample"}),
            ("dataset people", {"undone": 2, "restored": 1, "made_by": "Rita Sample"}),
        ]
    with pytest.raises(NothingToUndo, match="is the first of people"), any_database.write() as session:
        importing.undo(session, by="Rita Sample", now=NOW)
    with any_database.write() as session:
        assert bring(session, second).is_new_version
        assert importing.versions(session)[0].id == 4


def test_nothing_to_undo_is_said(database: Database) -> None:
    with pytest.raises(NothingToUndo, match="No import of people"), database.write() as session:
        importing.undo(session, by="Rita Sample", now=NOW)


def test_too_many_gone_needs_a_second_look(database: Database) -> None:
    rows = [seat_row(number) for number in range(1, 21)]
    with database.write() as session:
        bring(session, rows)
    with database.write() as session:
        assert bring(session, rows[:18], dry_run=True).doubts == []
        assert bring(session, rows[:17], dry_run=True).doubts == ["WI: 3 of 20 legislators would be gone (15 %)."]
    with pytest.raises(SuspiciousDataset, match="nothing was changed: WI: 3 of 20"), database.write() as session:
        bring(session, rows[:17])
    with database.write() as session:
        assert len(held(session)) == 20
        bring(session, rows[:17], confirmed=True)
        assert len(held(session)) == 17


def test_addresses_that_turn_need_a_second_look(database: Database) -> None:
    rows = [seat_row(number) for number in range(1, 21)]
    with database.write() as session:
        bring(session, rows)
        turned = [replace(rows[0], email="someone@gmail.com"), replace(rows[1], email=rows[2].email), *rows[2:]]
        assert bring(session, turned, dry_run=True).doubts == [
            "WI lower 1, Sample Person 1: the address would become one at a free-mail service: someone@gmail.com.",
            "WI lower 2, Sample Person 2: the address would become one that another legislator has: "
            "rep3@legis.example.org.",
        ]
        moved = [replace(row, email=f"x{row.email}") for row in rows[:3]]
        assert bring(session, [*moved, *rows[3:]], dry_run=True).doubts == [
            "WI: 3 of 20 addresses would change (15 %)."
        ]


def test_blanking_is_asked_for(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1)])
        report = bring(session, [seat_row(1, phone="")], blank_missing=True)
        assert [change.columns for change in report.changed] == [["phone"]]
        assert held(session)[KEY].phone == ""


def test_congress_and_the_states_leave_each_other_alone(any_database: Database) -> None:
    senator = SeatRow(
        key="bioguide/S000001", state="WI", chamber="us_upper", district="Statewide", name="Uma Pattern", as_of=DAY
    )
    delegate = replace(senator, key="bioguide/D000001", state="GU", chamber="us_lower", district="At-Large")
    with any_database.write() as session:
        bring(session, [seat_row(1)])
        bring(session, [senator, delegate], kind=importing.CONGRESS, whole=True)
        assert bring(session, [seat_row(1), seat_row(2)]).gone == []
        assert [one.name for one in importing.legislators_for(session, "WI", [("us_upper", "Statewide")])] == [
            "Uma Pattern"
        ]
        assert held(session, importing.CONGRESS)["bioguide/S000001"].email_note == ""
        status = importing.roster_status(session, now=NOW)
        assert (status.sitting, set(status.counts)) == (2, {("WI", "lower")})
        assert [row.key for row in bring(session, [senator], kind=importing.CONGRESS, whole=True).gone] == [
            delegate.key
        ]
        importing.undo(session, importing.CONGRESS, by="Rita Sample", now=NOW)
        assert set(held(session, importing.CONGRESS)) == {senator.key, delegate.key}
    with pytest.raises(DatasetError, match="does not belong in a dataset of people"), any_database.write() as session:
        bring(session, [senator])


def test_a_correction_outlasts_imports_and_undo(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [seat_row(1), seat_row(2)])
        snapshot = bring(session, [seat_row(1), seat_row(2)]).roster
        assert correct(session).replaced == "555-0001"
        assert held(session)[KEY].phone == "555-7777"
    with any_database.write() as session:
        again = bring(session, [seat_row(1), seat_row(2)])
        assert (again.is_new_version, again.changed, again.roster) == (False, [], snapshot)
        newer = bring(session, [seat_row(1, phone="555-8888", party="New Party"), seat_row(2)])
        assert [(one.field, one.value, one.dataset, one.made_by) for one in newer.corrected] == [
            ("phone", "555-7777", "555-8888", "Rita Sample")
        ]
        assert (held(session)[KEY].phone, held(session)[KEY].party) == ("555-7777", "New Party")
        assert corrections.in_force(session)[0].replaced == "555-8888"
        assert b"555-7777" not in newer.roster
        importing.undo(session, by="Rita Sample", now=NOW)
        assert (held(session)[KEY].phone, held(session)[KEY].party) == ("555-7777", "")
    with any_database.write() as session:
        value = corrections.withdraw(session, KEY, "phone", why="They moved back", by="Tom Sample", now=NOW)
        assert (value, held(session)[KEY].phone) == ("555-0001", "555-0001")
        page = corrections.detail(session, session.scalars(select(Legislator.id).where(Legislator.key == KEY)).one())
        assert page is not None
        assert [(made.made_by, made.ended_by) for made in page.corrections] == [("Rita Sample", "Tom Sample")]
        assert done(session) == [
            (None, "corrected", f"legislator {KEY}", {"field": "phone", "reason": "The office said so"}),
            (None, "import_undone", "dataset people", {"undone": 2, "restored": 1, "made_by": "Rita Sample"}),
            (None, "correction_withdrawn", f"legislator {KEY}", {"field": "phone", "reason": "They moved back"}),
        ]


def test_an_address_corrected_away_is_noted_and_comes_back(database: Database) -> None:
    with database.write() as session:
        first = bring(session, [seat_row(1, email="", email_note="malformed"), seat_row(2)])
        correct(session, "email", "rep2@legis.example.org")
        assert {row.email_note for row in held(session).values()} == {"shared"}
        again = bring(session, [seat_row(1, email="", email_note="malformed"), seat_row(2)])
        assert (again.roster, again.is_new_version) == (first.roster, False)
        correct(session, "email", "")
        assert [row.email_note for row in held(session).values()] == ["missing", ""]
        assert len(corrections.in_force(session)) == 1
        corrections.withdraw(session, KEY, "email", why="Enough", by="Rita Sample", now=NOW)
        assert held(session)[KEY].email_note == "malformed"


@pytest.mark.parametrize(
    ("field", "value", "key", "said"),
    [
        ("email", "two words@example.org", KEY, "this is no e-mail address"),
        ("website", "javascript:alert(1)", KEY, "begins with http"),
        ("name", " ", KEY, "needs a name"),
        ("phone", "5" * 41, KEY, "longer than 40"),
        ("district", "3", KEY, "Choose what to correct"),
        ("phone", "1", "nobody", "Nobody in office"),
        ("phone", "1", "vacant/wi/lower/9", "seat is vacant"),
    ],
)
def test_a_wrong_correction_changes_nothing(database: Database, field: str, value: str, key: str, said: str) -> None:
    vacant = SeatRow(key="vacant/wi/lower/9", state="WI", chamber="lower", district="9", status="vacant", as_of=DAY)
    with database.write() as session:
        bring(session, [seat_row(1), vacant])
        before = held(session)
    with pytest.raises(CorrectionRefused, match=said), database.write() as session:
        correct(session, field, value, key)
    with database.read() as session:
        assert (held(session), corrections.in_force(session)) == (before, [])


def test_a_correction_needs_a_reason_and_a_name(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1)])
        for why, by, said in (("", "Rita", "Say why"), ("x" * 501, "Rita", "at most 500"), ("so", " ", "Say who")):
            with pytest.raises(CorrectionRefused, match=said):
                corrections.correct(session, KEY, "phone", "1", why=why, by=by, now=NOW)
        with pytest.raises(CorrectionRefused, match="No correction"):
            corrections.withdraw(session, KEY, "phone", why="so", by="Rita", now=NOW)


def test_the_roster_page_shows_problems_first_and_finds_people(any_database: Database) -> None:
    with any_database.write() as session:
        bring(
            session,
            [seat_row(number) for number in range(1, 60)]
            + [seat_row(70, email=""), seat_row(71, email="a@gmail.com", state="MN", name="Ana Percent%")],
        )
        correct(session)
        page = corrections.page(session)
        assert (page.total, page.count, len(page.lines)) == (61, 2, corrections.PAGE_SIZE)
        assert [line.row.email_note for line in page.lines[:3]] == ["missing", "personal", ""]
        assert corrections.page(session, number=99).number == 2
        assert [line.row.district for line in corrections.page(session, words="sample 7").lines] == ["7"]
        assert [line.row.state for line in corrections.page(session, words="percent%").lines] == ["MN"]
        assert corrections.page(session, words="%").total == 1
        assert corrections.page(session, state="MN").total == 1
        assert corrections.page(session, only="problems").total == 2
        (line,) = corrections.page(session, only="corrected").lines
        assert (line.row.key, line.is_corrected) == (KEY, True)
        assert corrections.page(session, only="vacant").lines == []


def test_an_old_roster_raises_the_alarm() -> None:
    assert age_alarm(DAY, DAY + timedelta(days=60)) == ""
    assert "61 days old" in age_alarm(DAY, DAY + timedelta(days=61))
    assert "no legislator" in age_alarm(None, DAY)
