from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.roster.dataset_versions import NothingToUndo
from actionmail.flows.roster.importing import OlderDataset, SuspiciousDataset
from actionmail.flows.roster.reading import CONGRESS
from actionmail.rules.roster.committees import CommitteeRow, MemberRow, from_csv, to_csv
from actionmail.web.roster.words import roster_sentence
from tests.datasets import DAY, bring_people, go_back
from tests.datasets import bring_committees as bring
from tests.executed import executed
from tests.people import seat_row


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


def test_committees_follow_the_dataset_and_go_back(any_database: Database) -> None:
    with any_database.write() as session:
        roster = [seat_row(number) for number in (1, 2, 3)]
        bring_people(session, roster)
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
        report = go_back(session, "committees")
        assert report.undone.id > report.restored.id
        assert report.committees is not None
        assert (len(report.committees.added), len(report.committees.gone)) == (1, 1)
        assert [one.district for one, _ in members_of(session, board(1).key)] == ["1", "2"]
        assert session.scalar(select(func.count()).select_from(CommitteeMember)) == 3
    with pytest.raises(NothingToUndo), any_database.write() as session:
        go_back(session, "committees")


def seats(session: Session) -> dict[tuple[int, int], str]:
    """Who has which place on which committee, in the order of the places."""
    query = select(CommitteeMember).order_by(CommitteeMember.committee_id, CommitteeMember.place)
    return {(seat.committee_id, seat.place): seat.name for seat in session.scalars(query)}


def test_only_the_places_where_somebody_else_sits_are_written(any_database: Database) -> None:
    with any_database.write() as session:
        bring(session, [board(1, 1, 2, 3), board(2, 4)])
        one, two = session.scalars(select(Committee.id).order_by(Committee.key))
    newer = [replace(board(1, 1, 5), as_of=DAY + timedelta(days=30)), replace(board(2, 4), as_of=DAY + timedelta(30))]
    with executed(any_database.engine) as statements, any_database.write() as session:
        report = bring(session, newer, as_of=DAY + timedelta(days=30))
        assert [row.key for row in report.changed] == [board(1).key]
        names = [f"Sample Person {number}" for number in (1, 5, 4)]
        assert seats(session) == dict(zip([(one, 1), (one, 2), (two, 1)], names, strict=True))
    written = [
        (verb, made) for verb, made in statements if "committee_members" in verb and "SELECT committee" not in verb
    ]
    assert [verb.split()[0] for verb, _ in written] == ["DELETE", "INSERT"]
    assert len(written[0][1]) == 2  # the second and the third place


def test_a_committee_that_comes_back_has_the_members_of_now(any_database: Database) -> None:
    for members in ([1, 2], [], [2]):
        with any_database.write() as session:
            rows = [board(1, *members)] if members else []
            bring(session, [*rows, board(2, 3)])
    with any_database.read() as session:
        assert sorted(seats(session).values()) == ["Sample Person 2", "Sample Person 3"]


def test_committees_that_vanish_or_are_older_are_refused(database: Database) -> None:
    rows = [board(number) for number in range(20)]
    with database.write() as session:
        bring(session, rows)
    with pytest.raises(SuspiciousDataset) as refused, database.write() as session:
        bring(session, rows[:17])
    assert "WI: 3 of 20 committees would be gone" in roster_sentence(refused.value)
    with pytest.raises(OlderDataset, match="committees"), database.write() as session:
        bring(session, [replace(rows[0], as_of=DAY - timedelta(days=1))], as_of=DAY - timedelta(days=1))
    with database.write() as session:
        assert len(bring(session, rows[:17], confirmed=True).gone) == 3


def test_committees_are_written_down_whole() -> None:
    rows = [board(1, 1, 2), board(2)]
    assert from_csv(to_csv(rows), "x") == rows


def test_a_name_of_two_lines_stays_one_name() -> None:
    rows = [replace(board(1, 1), name='Water,\n "Rail"\rand Roads')]
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
        bring_people(session, [senator], kind=CONGRESS)
        bring(session, [board(1, 1)])
        assert (bring(session, [row]).strangers, bring(session, [board(1, 1)]).gone) == (0, [])
        assert [(one.key, role) for one, role in members_of(session, row.key)] == [(senator.key, "Chairman")]
    with any_database.write() as session:
        go_back(session, "committees")
        assert members_of(session, row.key) == []
