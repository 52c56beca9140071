"""Imports as versions, going back, and corrections that outlast both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.roster import corrections, reading
from actionmail.flows.roster.corrections import CorrectionRefused
from actionmail.flows.roster.dataset_versions import Curator, NothingToUndo, versions
from actionmail.flows.roster.importing import SuspiciousDataset
from actionmail.flows.roster.status import roster_status
from actionmail.rules.roster.seats import DatasetError, SeatRow, from_csv, is_stale
from actionmail.web.roster.words import doubt_sentence, roster_sentence
from tests.audit import audited
from tests.datasets import DAY, NOW, RITA, go_back
from tests.datasets import bring_people as bring
from tests.people import seat_row

KEY = "ocd-person/00000001"


def held(session: Session, kind: str = reading.PEOPLE) -> dict[str, SeatRow]:
    query = select(Legislator).where(Legislator.gone_at.is_(None)).order_by(Legislator.id)
    rows = [reading.seat_row(one) for one in session.scalars(query)]
    return {row.key: row for row in rows if row.chamber.startswith("us_") == (kind == reading.CONGRESS)}


def correct(
    session: Session, field: str = "phone", value: str = "555-7777", key: str = KEY
) -> corrections.MadeCorrection:
    return corrections.correct(session, key, field, value, why="The office said so", curator=RITA)


def doubts(session: Session, rows: list[SeatRow]) -> list[str]:
    """What an import of these would be asked about."""
    return [doubt_sentence(reason) for reason in bring(session, rows, dry_run=True).doubts]


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
        undone = go_back(session)
        assert undone.seats is not None
        assert [row.district for row in undone.seats.gone] == ["4"]
        assert (undone.seats.added, undone.seats.changed) == ([], [])
    with any_database.write() as session:
        undone = go_back(session)
        assert undone.seats is not None
        assert [row.district for row in undone.seats.added] == ["2"]
        assert [change.columns for change in undone.seats.changed] == [["phone"]]
        roster = undone.files["legislators.csv"] or b""
        assert held(session) == before == {row.key: row for row in from_csv(roster, "roster")}
        assert {one.key: one.id for one in session.scalars(select(Legislator)) if one.key in ids} == ids
        listed = versions(session)
        assert [(one.is_current, bool(one.undone_at)) for one in listed] == [
            (False, True),
            (False, True),
            (True, False),
        ]
        assert listed[0].undone_by == "Rita Sample"
        assert [(on, details) for _, _, on, details in audited(session)] == [
            ("dataset people", {"undone": 3, "restored": 2, "made_by": "Rita Sample"}),
            ("dataset people", {"undone": 2, "restored": 1, "made_by": "Rita Sample"}),
        ]
    with pytest.raises(NothingToUndo) as refused, any_database.write() as session:
        go_back(session)
    assert "Version 1 is the first of people" in roster_sentence(refused.value)
    with any_database.write() as session:
        assert bring(session, second).is_new_version
        assert versions(session)[0].id == 4


def test_nothing_to_undo_is_said(database: Database) -> None:
    with pytest.raises(NothingToUndo) as refused, database.write() as session:
        go_back(session)
    assert roster_sentence(refused.value) == "No import of people is there to undo."


def test_too_many_gone_needs_a_second_look(database: Database) -> None:
    rows = [seat_row(number) for number in range(1, 21)]
    with database.write() as session:
        bring(session, rows)
    with database.write() as session:
        assert doubts(session, rows[:18]) == []
        assert doubts(session, rows[:17]) == ["WI: 3 of 20 legislators would be gone (15 %)."]
    with pytest.raises(SuspiciousDataset) as refused, database.write() as session:
        bring(session, rows[:17])
    assert "nothing was changed: WI: 3 of 20" in roster_sentence(refused.value)
    with database.write() as session:
        assert len(held(session)) == 20
        bring(session, rows[:17], confirmed=True)
        assert len(held(session)) == 17


def test_addresses_that_turn_need_a_second_look(database: Database) -> None:
    rows = [seat_row(number) for number in range(1, 21)]
    with database.write() as session:
        bring(session, rows)
        turned = [replace(rows[0], email="someone@gmail.com"), replace(rows[1], email=rows[2].email), *rows[2:]]
        assert doubts(session, turned) == [
            "WI lower 1, Sample Person 1: the address would become one at a free-mail service: someone@gmail.com.",
            "WI lower 2, Sample Person 2: the address would become one that another legislator has: "
            "rep3@legis.example.org.",
        ]
        moved = [replace(row, email=f"x{row.email}") for row in rows[:3]]
        assert doubts(session, [*moved, *rows[3:]]) == ["WI: 3 of 20 addresses would change (15 %)."]


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
        bring(session, [senator, delegate], kind=reading.CONGRESS, whole=True)
        assert bring(session, [seat_row(1), seat_row(2)]).gone == []
        assert [one.name for one in reading.legislators_for(session, "WI", [("us_upper", "Statewide")])] == [
            "Uma Pattern"
        ]
        assert held(session, reading.CONGRESS)["bioguide/S000001"].email_note == ""
        status = roster_status(session, now=NOW)
        assert (status.sitting, set(status.counts)) == (2, {("WI", "lower")})
        assert [row.key for row in bring(session, [senator], kind=reading.CONGRESS, whole=True).gone] == [delegate.key]
        go_back(session, reading.CONGRESS)
        assert set(held(session, reading.CONGRESS)) == {senator.key, delegate.key}
    with pytest.raises(DatasetError, match="other_kind"), any_database.write() as session:
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
        go_back(session)
        assert (held(session)[KEY].phone, held(session)[KEY].party) == ("555-7777", "")
    with any_database.write() as session:
        value = corrections.withdraw(
            session, KEY, "phone", why="They moved back", curator=Curator(by="Tom Sample", now=NOW)
        )
        assert (value, held(session)[KEY].phone) == ("555-0001", "555-0001")
        page = corrections.seat_detail(
            session, session.scalars(select(Legislator.id).where(Legislator.key == KEY)).one()
        )
        assert page is not None
        assert [(made.made_by, made.ended_by) for made in page.corrections] == [("Rita Sample", "Tom Sample")]
        assert audited(session) == [
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
        corrections.withdraw(session, KEY, "email", why="Enough", curator=RITA)
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
    with pytest.raises(CorrectionRefused) as refused, database.write() as session:
        correct(session, field, value, key)
    assert said in roster_sentence(refused.value)
    with database.read() as session:
        assert (held(session), corrections.in_force(session)) == (before, [])


def test_a_correction_needs_a_reason_and_a_name(database: Database) -> None:
    with database.write() as session:
        bring(session, [seat_row(1)])
        for why, by, said in (("", "Rita", "Say why"), ("x" * 501, "Rita", "at most 500"), ("so", " ", "Say who")):
            with pytest.raises(CorrectionRefused) as refused:
                corrections.correct(session, KEY, "phone", "1", why=why, curator=Curator(by=by, now=NOW))
            assert said in roster_sentence(refused.value)
        with pytest.raises(CorrectionRefused, match="not_corrected"):
            corrections.withdraw(session, KEY, "phone", why="so", curator=RITA)


def test_the_roster_page_shows_problems_first_and_finds_people(any_database: Database) -> None:
    with any_database.write() as session:
        bring(
            session,
            [seat_row(number) for number in range(1, 60)]
            + [seat_row(70, email=""), seat_row(71, email="a@gmail.com", state="MN", name="Ana Percent%")],
        )
        correct(session)
        page = reading.roster_page(session)
        assert (page.total, page.count, len(page.lines)) == (61, 2, reading.PAGE_SIZE)
        assert [line.row.email_note for line in page.lines[:3]] == ["missing", "personal", ""]
        assert reading.roster_page(session, number=99).number == 2
        assert [line.row.district for line in reading.roster_page(session, words="sample 7").lines] == ["7"]
        assert [line.row.state for line in reading.roster_page(session, words="percent%").lines] == ["MN"]
        assert reading.roster_page(session, words="%").total == 1
        assert reading.roster_page(session, state="MN").total == 1
        assert reading.roster_page(session, only="problems").total == 2
        (line,) = reading.roster_page(session, only="corrected").lines
        assert (line.row.key, line.is_corrected) == (KEY, True)
        assert reading.roster_page(session, only="vacant").lines == []


def test_an_old_roster_raises_the_alarm() -> None:
    assert not is_stale(DAY, DAY + timedelta(days=60))
    assert is_stale(DAY, DAY + timedelta(days=61))
    assert is_stale(None, DAY)
