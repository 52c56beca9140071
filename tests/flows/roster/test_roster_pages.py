"""The roster by pages, and one correction: what is read for them does not grow with the roster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.roster import corrections, reading
from actionmail.flows.roster.status import roster_status, roster_summary
from actionmail.rules.roster.seats import SeatRow, in_order
from tests.datasets import NOW, RITA, bring_people
from tests.executed import executed, plans
from tests.people import seat_row

STATES = ("AL", "AZ", "CA", "FL", "GA", "IA", "KS", "MN", "MT", "NV", "OH", "OR", "TX", "UT", "WI", "WY")


def roster(states: tuple[str, ...], each: int) -> list[SeatRow]:
    """Of each state so many, the tenth without an address, the fifth and sixth with one between them."""
    rows = []
    for state in states:
        for number in range(1, each + 1):
            changes: dict[str, Any] = {"key": f"{state}/{number}", "email": f"rep.{state}.{number}@legis.example.org"}
            if number % 10 == 0:
                changes["email"] = ""
            elif number in {5, 6}:
                changes["email"] = f"{'Both' if number == 5 else 'both'}.{state}@legis.example.org"
            rows.append(seat_row(number, state=state, **changes))
    return rows


def bring(database: Database, rows: list[SeatRow]) -> None:
    with database.write() as session:
        bring_people(session, rows, confirmed=True)


def note(session: Session, key: str) -> str:
    return session.scalars(select(Legislator.email_note).where(Legislator.key == key)).one()


def change(session: Session, key: str, field: str, value: str) -> None:
    corrections.correct(session, key, field, value, why="They told us.", curator=RITA)


@pytest.mark.parametrize(
    "asked",
    [{}, {"state": "KS"}, {"only": "problems"}, {"words": "legis"}, {"words": "7"}, {"only": "corrected"}],
)
def test_pages_one_after_another_are_the_whole_in_its_order(any_database: Database, asked: dict[str, str]) -> None:
    bring(any_database, roster(STATES, 23))
    with any_database.write() as session:
        change(session, "KS/3", "phone", "555-0100")
        change(session, "UT/10", "email", "found@legis.example.org")
    seen: list[str] = []
    with any_database.read() as session:
        first = reading.roster_page(session, **asked)
        for number in range(1, first.count + 1):
            page = reading.roster_page(session, **asked, number=number)
            assert (page.number, page.total, page.count) == (number, first.total, first.count)
            seen += [line.row.key for line in page.lines]
            assert {line.row.key for line in page.lines if line.is_corrected} <= {"KS/3", "UT/10"}
        everybody = in_order(reading.current_rows(session))
    everybody.sort(key=lambda row: ("malformed", "missing", "shared", "personal", "").index(row.email_note))
    assert len(seen) == first.total > 0
    kept = set(seen)
    assert seen == [row.key for row in everybody if row.key in kept]
    wanted = {"KS/3", "UT/10"} if asked.get("only") == "corrected" else kept
    assert kept == wanted


def test_a_page_that_is_not_there_is_the_nearest(database: Database) -> None:
    bring(database, roster(("WI", "KS"), 40))
    with database.read() as session:
        assert [reading.roster_page(session, number=number).number for number in (-3, 0, 2, 9)] == [1, 1, 2, 2]
        assert reading.roster_page(session, words="nobody").lines == []


def test_the_numbers_are_those_of_the_rows(any_database: Database) -> None:
    bring(any_database, roster(STATES, 12))
    with any_database.read() as session:
        counted, read = roster_summary(session, now=NOW), roster_status(session, now=NOW)
    assert (counted.sitting, counted.vacant) == (read.sitting, len(read.vacancies))
    assert counted.problems == {kind: len(rows) for kind, rows in read.problems.items()}
    assert (counted.as_of, counted.age_days) == (read.as_of, read.age_days)
    assert counted.problems["shared"] == 2 * len(STATES)


def reads(database: Database, monkeypatch: pytest.MonkeyPatch, block: Callable[[Session], object]) -> tuple[int, int]:
    """How many statements, and how many rows of legislators are read."""
    rows = 0
    real = reading._row

    def counted(values: Any) -> SeatRow:
        nonlocal rows
        rows += 1
        return real(values)

    with monkeypatch.context() as patched, executed(database.engine) as statements, database.write() as session:
        patched.setattr(reading, "_row", counted)
        block(session)
    return len(statements), rows


def test_a_page_reads_the_states_on_it_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(database, roster(STATES[:4], 30))
    few = reads(database, monkeypatch, lambda session: reading.roster_page(session, number=2))
    bring(database, roster(STATES, 30))
    many = reads(database, monkeypatch, lambda session: reading.roster_page(session, number=8))
    assert many[0] == few[0] <= 4  # BEGIN is one
    assert max(few[1], many[1]) <= reading.PAGE_SIZE + 2 * 30


def test_words_are_looked_for_once(database: Database) -> None:
    bring(database, roster(STATES[:4], 30))
    with executed(database.engine) as statements, database.read() as session:
        assert reading.roster_page(session, words="legis", number=2).total == 4 * 27
    searches = [(statement, parameters) for statement, parameters in statements if "LIKE" in statement]
    assert len(searches) == 1
    assert "lower(" not in searches[0][0]  # SQLite's LIKE needs none
    assert "USING INDEX" not in plans(database.engine, searches)


def test_words_are_found_in_any_case_and_stand_for_themselves(any_database: Database) -> None:
    bring(any_database, [seat_row(1, name="Ana SAMPLE"), seat_row(2, name="Al Sample_2"), seat_row(3, name="Bo Other")])
    with any_database.read() as session:
        for words, total in (("sAmPle", 2), ("ANA", 1), ("sample_", 1), ("_ther", 0), ("REP3@LEGIS", 1)):
            assert reading.roster_page(session, words=words).total == total, words


@pytest.mark.parametrize(("field", "value"), [("phone", "555-0100"), ("email", "new@legis.example.org")])
def test_a_correction_reads_whom_it_may_concern(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, field: str, value: str
) -> None:
    counts = []
    for states, number in ((STATES[:2], 1), (STATES, 2)):
        bring(any_database, roster(states, 30))
        block = lambda session, key=f"AL/{number}": change(session, key, field, value)  # noqa: E731
        counts.append(reads(any_database, monkeypatch, block))
    few, many = counts
    assert many[0] == few[0] <= 20
    assert max(few[1], many[1]) <= 4


def test_whoever_shares_an_address_is_told_when_it_is_corrected_and_when_that_ends(any_database: Database) -> None:
    bring(any_database, roster(("WI",), 8))
    with any_database.write() as session:
        assert (note(session, "WI/5"), note(session, "WI/6")) == ("shared", "shared")
        change(session, "WI/5", "phone", "555-0100")
        assert (note(session, "WI/5"), note(session, "WI/6")) == ("shared", "shared")
        change(session, "WI/5", "email", "five@legis.example.org")
        assert (note(session, "WI/5"), note(session, "WI/6")) == ("", "")
        change(session, "WI/6", "email", "REP.WI.7@legis.example.org")
        assert (note(session, "WI/6"), note(session, "WI/7")) == ("shared", "shared")
        corrections.withdraw(session, "WI/6", "email", why="It was wrong.", curator=RITA)
        assert (note(session, "WI/6"), note(session, "WI/7")) == ("", "")
        corrections.withdraw(session, "WI/5", "email", why="It was wrong.", curator=RITA)
        assert (note(session, "WI/5"), note(session, "WI/6")) == ("shared", "shared")
