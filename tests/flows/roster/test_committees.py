from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.roster import committees, importing
from actionmail.flows.roster.committees import SuspiciousCommittees
from actionmail.rules.roster.committees import CommitteeRow, MemberRow, from_csv, to_csv
from tests.people import seat_row

DAY = date(2026, 8, 5)
NOW = datetime.fromisoformat("2026-08-06T12:00:00+00:00")


def board(number: int, *members: int, state: str = "WI") -> CommitteeRow:
    return CommitteeRow(
        key=f"ocd-organization/{number}",
        state=state,
        chamber="lower",
        name=f"Committee {number}, with a comma",
        as_of=DAY,
        members=tuple(
            MemberRow(key=f"ocd-person/{one:08d}", name=f"Sample Person {one}", role="member") for one in members
        ),
    )


def members_of(session: Session, key: str) -> list[tuple[Legislator, str]]:
    """Who of those in office sits on this committee, with the role, in the dataset's order."""
    query = (
        select(Legislator, CommitteeMember.role)
        .join(CommitteeMember, CommitteeMember.legislator_key == Legislator.key)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(Committee.key == key, Committee.gone_at.is_(None), Legislator.gone_at.is_(None))
        .order_by(CommitteeMember.place)
    )
    return [(one, role) for one, role in session.execute(query)]


def bring(session: Session, rows: list[CommitteeRow], **options: Any) -> committees.Report:
    given: dict[str, Any] = {"source": "made up", "source_version": "1", "licence": "CC0-1.0", "as_of": DAY, "now": NOW}
    return committees.import_committees(session, rows, **{**given, **options})


def test_committees_follow_the_dataset_and_go_back(any_database: Database) -> None:
    with any_database.write() as session:
        roster = [seat_row(number) for number in (1, 2, 3)]
        importing.import_people(
            session, roster, source="made up", source_version="1", licence="CC0-1.0", as_of=DAY, now=NOW
        )
        first = bring(session, [board(1, 1, 2), board(2, 9), board(5, state="MN")])
        assert (len(first.added), first.members, first.strangers) == (3, 3, 1)
    with any_database.write() as session:
        again = bring(session, [board(1, 1, 2), board(2, 9)])
        assert (again.added, again.changed, again.gone, again.is_new_version) == ([], [], [], False)
        dry = bring(session, [board(1, 3)], dry_run=True)
        assert (len(dry.changed), len(dry.gone)) == (1, 1)
    with any_database.write() as session:
        bring(session, [board(1, 3, 1), board(4)])
        assert [(one.district, role) for one, role in members_of(session, board(1).key)] == [
            ("3", "member"),
            ("1", "member"),
        ]
        assert members_of(session, board(2).key) == []
        assert session.scalar(select(func.count()).where(Committee.gone_at.is_(None))) == 3
    with any_database.write() as session:
        undone, restored, report = committees.undo(session, by="Rita Sample", now=NOW)
        assert (undone.id > restored.id, len(report.added), len(report.gone)) == (True, 1, 1)
        assert [one.district for one, _ in members_of(session, board(1).key)] == ["1", "2"]
        assert session.scalar(select(func.count()).select_from(CommitteeMember)) == 3
    with pytest.raises(importing.NothingToUndo), any_database.write() as session:
        committees.undo(session, by="Rita Sample", now=NOW)


def test_committees_that_vanish_or_are_older_are_refused(database: Database) -> None:
    rows = [board(number) for number in range(20)]
    with database.write() as session:
        bring(session, rows)
    with pytest.raises(SuspiciousCommittees, match="3 of 20 committees"), database.write() as session:
        bring(session, rows[:17])
    with pytest.raises(importing.OlderDataset, match="older"), database.write() as session:
        bring(session, [replace(rows[0], as_of=DAY - timedelta(days=1))], as_of=DAY - timedelta(days=1))
    with database.write() as session:
        assert len(bring(session, rows[:17], confirmed=True).gone) == 3


def test_committees_are_written_down_whole() -> None:
    rows = [board(1, 1, 2), board(2)]
    assert from_csv(to_csv(rows), "x") == rows


def test_committees_of_congress_stand_beside_the_states(any_database: Database) -> None:
    senator = replace(
        seat_row(1), key="bioguide/S000001", chamber="us_upper", district="Statewide", email="", email_note=""
    )
    row = replace(
        board(7),
        key="congress/SSBU",
        state="US",
        chamber="us_upper",
        members=(MemberRow(key=senator.key, name="Sample Person 1", role="Chairman"),),
    )
    with any_database.write() as session:
        importing.import_people(
            session,
            [senator],
            source="made up",
            source_version="1",
            licence="CC0-1.0",
            as_of=DAY,
            now=NOW,
            kind=importing.CONGRESS,
        )
        bring(session, [board(1, 1)])
        assert (bring(session, [row]).strangers, bring(session, [board(1, 1)]).gone) == (0, [])
        assert [(one.key, role) for one, role in members_of(session, row.key)] == [(senator.key, "Chairman")]
    with any_database.write() as session:
        committees.undo(session, by="Rita", now=NOW)
        assert members_of(session, row.key) == []
