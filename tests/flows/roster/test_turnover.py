"""Members who change chambers, and seats that change hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.roster.corrections import correct, in_force, withdraw
from actionmail.flows.roster.handover import hand_over, on_day, rows_at
from actionmail.flows.roster.reading import current_rows, legislators_for
from actionmail.gateways.datasets.openstates import read_people
from actionmail.rules.roster.holders import as_elected, vacancy
from actionmail.rules.roster.seats import SeatRow, from_csv, to_csv
from actionmail.settings import bundled
from actionmail.web.roster.words import doubt_sentence
from tests.datasets import RITA, bring_people, go_back, unusable
from tests.people import seat_row

CASES = Path(__file__).parents[2] / "gateways" / "datasets" / "turnover"
LATER = date(2026, 8, 20)
DAY_AFTER = datetime(2026, 8, 21, 12, tzinfo=UTC)


def seats(rows: list[SeatRow]) -> list[tuple[str, str]]:
    return [(row.seat, row.name or row.status) for row in rows]


def test_whoever_changes_chambers_leaves_the_mailbox_and_a_vacancy(any_database: Database) -> None:
    with any_database.write() as session:
        bring_people(session, [seat_row(1, website="https://example.org/rep1"), seat_row(2)], confirmed=True)
    moved = seat_row(1, chamber="upper", district="26", email="", phone="", as_of=LATER)
    with any_database.write() as session:
        bring_people(session, [moved, seat_row(2, as_of=LATER)], as_of=LATER, confirmed=True)
        rows = current_rows(session)
    assert seats(rows) == [
        ("WI upper 26", "Sample Person 1"),
        ("WI lower 1", "vacant"),
        ("WI lower 2", "Sample Person 2"),
    ]
    assert (rows[0].email, rows[0].phone, rows[0].website, rows[0].kept) == ("", "", "", "")


def test_whoever_stays_in_the_chamber_keeps_the_mailbox(any_database: Database) -> None:
    with any_database.write() as session:
        bring_people(session, [seat_row(1)], confirmed=True)
    with any_database.write() as session:
        bring_people(session, [seat_row(1, district="9", email="", as_of=LATER)], as_of=LATER, confirmed=True)
        rows = current_rows(session)
    assert [(row.seat, row.email) for row in rows] == [("WI lower 9", "rep1@legis.example.org")]


def test_whoever_changes_houses_gets_a_row_of_their_own_and_going_back_the_old_one(any_database: Database) -> None:
    def held() -> dict[int, str]:
        with any_database.read() as session:
            rows = session.scalars(
                select(Legislator).where(Legislator.gone_at.is_(None), Legislator.status == "sitting")
            )
            return {row.id: f"{row.key} {row.chamber} {row.email}" for row in rows}

    with any_database.write() as session:
        bring_people(session, [seat_row(1)], confirmed=True)
    as_representative = held()
    senator = seat_row(1, chamber="upper", district="26", email="sen1@legis.example.org", as_of=LATER)
    with any_database.write() as session:
        bring_people(session, [senator], as_of=LATER, confirmed=True)
    as_senator = held()
    assert list(as_senator.values()) == ["ocd-person/00000001 upper sen1@legis.example.org"]
    assert not as_senator.keys() & as_representative.keys()
    with any_database.write() as session:
        go_back(session)
    assert held() == as_representative
    with any_database.write() as session:
        bring_people(session, [senator], as_of=LATER, confirmed=True)
    assert held() == as_senator


def test_a_key_as_long_as_may_be_changes_houses_too(any_database: Database) -> None:
    key = "k" * 120
    for chamber in ("lower", "upper", "lower", "upper"):
        with any_database.write() as session:
            bring_people(session, [seat_row(1, key=key, chamber=chamber, as_of=LATER)], as_of=LATER, confirmed=True)
            assert [row.chamber for row in current_rows(session) if row.key == key] == [chamber]
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Legislator).where(Legislator.status == "sitting")) == 2


def test_a_key_of_ours_is_refused(any_database: Database) -> None:
    with any_database.write() as session, unusable("begins with 'left/'"):
        bring_people(session, [seat_row(1, key="left/1/ocd-person/00000001")], confirmed=True)


def test_a_seat_in_congress_stays_vacant_until_somebody_has_it(any_database: Database) -> None:
    congress = {"kind": "congress", "confirmed": True}
    first = [seat_row(1, chamber="us_lower", email=""), seat_row(2, chamber="us_lower", email="")]
    moved = seat_row(1, chamber="us_upper", district="Statewide", email="")
    for rows in (first, [moved, first[1]], [moved, first[1]]):
        with any_database.write() as session:
            bring_people(session, rows, **congress)
            held = seats(current_rows(session, "congress"))
    assert ("WI us_lower 1", "vacant") in held
    with any_database.write() as session:
        bring_people(session, [moved, first[1], seat_row(3, chamber="us_lower", district="1", email="")], **congress)
        held = seats(current_rows(session, "congress"))
    assert [name for seat, name in held if seat == "WI us_lower 1"] == ["Sample Person 3"]


def test_a_correction_of_the_old_chamber_is_a_doubt(any_database: Database) -> None:
    with any_database.write() as session:
        bring_people(session, [seat_row(1), seat_row(2)], confirmed=True)
        correct(session, "ocd-person/00000001", "email", "mended@legis.example.org", why="asked them", curator=RITA)
    moved = seat_row(1, chamber="upper", district="26", email="", phone="", as_of=LATER)
    with any_database.read() as session:
        report = bring_people(session, [moved, seat_row(2, as_of=LATER)], as_of=LATER, now=DAY_AFTER, dry_run=True)
    (sentence,) = [doubt_sentence(reason) for reason in report.doubts]
    assert "mended@legis.example.org" in sentence
    assert "WI lower 1" in sentence


def test_seats_are_handed_over_on_their_day(any_database: Database) -> None:
    people = read_people(CASES / "keep", as_of=date(2026, 11, 28))
    rows = [*people.rows, *as_elected(people.waiting, people.rows)]
    with any_database.write() as session:
        bring_people(session, rows, as_of=date(2026, 11, 28), confirmed=True)
    early, late = (datetime(2027, 1, 4, hour, tzinfo=UTC) for hour in (5, 7))  # before and after midnight in Wisconsin
    with any_database.write() as session:
        assert hand_over(session, now=early) == 0
        assert [(one.name, one.status) for one in legislators_for(session, "WI", [("upper", "27")])] == [("", "vacant")]
        assert [one.name for one in legislators_for(session, "WI", [("upper", "26")])] == ["Fay Leaves"]
    with any_database.write() as session:
        assert hand_over(session, now=late) > 0
        assert hand_over(session, now=late) == 0
        rows = current_rows(session)
    assert (rows[0].email, rows[1].email) == ("", "elect@legis.example.org")  # that of the lower house is left behind
    assert seats(rows) == [
        ("WI upper 26", "Eve Moves"),
        ("WI upper 27", "Bea Elect"),
        ("WI lower 76", "Ann Stays"),
        ("WI lower 77", "Dee Follows"),
        ("WI lower 78", "vacant"),
        ("WI lower 79", "Gus Appointed"),
    ]


def test_nobody_is_written_to_after_the_last_day(any_database: Database) -> None:
    with any_database.write() as session:
        bring_people(session, [seat_row(1, ends=date(2027, 1, 4)), seat_row(2)], confirmed=True)
    with any_database.write() as session:
        hand_over(session, now=datetime(2027, 1, 4, 20, tzinfo=UTC))
        assert seats(current_rows(session))[0] == ("WI lower 1", "Sample Person 1")
        hand_over(session, now=datetime(2027, 1, 5, 20, tzinfo=UTC))
        assert seats(current_rows(session))[0] == ("WI lower 1", "vacant")


def test_a_file_that_still_has_the_old_mailbox_is_doubted(any_database: Database) -> None:
    with any_database.write() as session:
        bring_people(session, [seat_row(1), seat_row(2)], confirmed=True)
    moved = seat_row(1, chamber="upper", district="26", as_of=LATER)
    with any_database.read() as session:
        rows = [moved, seat_row(2, as_of=LATER)]
        report = bring_people(session, rows, as_of=LATER, now=DAY_AFTER, dry_run=True)
    (sentence,) = [doubt_sentence(reason) for reason in report.doubts]
    assert "rep1@legis.example.org, the address that was used in WI lower 1" in sentence


def test_both_senators_of_a_state_stay(any_database: Database) -> None:
    ends = date(2027, 1, 3)
    senators = [
        seat_row(
            number, chamber="us_upper", district="Statewide", email="", begins=date(2021 + number, 1, 3), ends=ends
        )
        for number in (1, 2)
    ]
    senators.append(seat_row(3, chamber="us_lower", district="1", email="", ends=date(2026, 11, 3)))
    with any_database.write() as session:
        bring_people(session, senators, kind="congress", confirmed=True)
    with any_database.write() as session:
        hand_over(session, now=datetime(2026, 11, 28, 12, tzinfo=UTC))
        assert seats(current_rows(session, "congress")) == [
            ("WI us_upper Statewide", "Sample Person 1"),
            ("WI us_upper Statewide", "Sample Person 2"),
            ("WI us_lower 1", "vacant"),
        ]


def senator(number: int, **columns: object) -> SeatRow:
    return seat_row(number, chamber="us_upper", district="Statewide", email="", **columns)


def test_one_of_two_senators_who_leaves_leaves_a_vacancy(any_database: Database) -> None:
    """An appointment that lasts until a special election (Ohio's and Florida's, November 2026), and its winner."""
    with any_database.write() as session:
        pair = [senator(1, ends=date(2026, 11, 3)), senator(2, ends=date(2031, 1, 3))]
        bring_people(session, pair, kind="congress", confirmed=True)
    after = datetime(2026, 11, 28, 12, tzinfo=UTC)
    with any_database.write() as session:
        assert hand_over(session, now=after) > 0
        assert not hand_over(session, now=after)
        assert seats(current_rows(session, "congress")) == [
            ("WI us_upper Statewide", "Sample Person 2"),
            ("WI us_upper Statewide", "vacant"),
        ]
    for members, held in (
        ([senator(2)], ["Sample Person 2", "vacant"]),
        ([senator(2), senator(3)], ["Sample Person 2", "Sample Person 3"]),
    ):
        with any_database.write() as session:
            bring_people(session, members, kind="congress", confirmed=True)
            assert [name for _, name in seats(current_rows(session, "congress"))] == held


def test_a_member_of_congress_who_is_in_the_file_no_more_leaves_a_vacancy(any_database: Database) -> None:
    pair = [seat_row(number, chamber="us_lower", email="") for number in (1, 2)]
    with any_database.write() as session:
        bring_people(session, pair, kind="congress", confirmed=True)
        bring_people(session, pair[:1], kind="congress", confirmed=True)
        assert seats(current_rows(session, "congress")) == [
            ("WI us_lower 1", "Sample Person 1"),
            ("WI us_lower 2", "vacant"),
        ]


def test_each_of_several_seats_that_is_left_is_a_vacancy() -> None:
    day = date(2026, 12, 2)
    there = [seat_row(number, state="NH", district="Coos 1", ends=day - timedelta(days=number)) for number in (1, 2)]
    stays = seat_row(3, state="NH", district="Coos 1")
    comes = seat_row(4, state="NH", district="Coos 1", status="elected", begins=day)
    after = on_day([*there, stays, comes], day)
    assert [row.status for row in after] == ["sitting", "sitting", "vacant"]
    after = on_day([*there, stays], day)
    assert [row.key for row in after[1:]] == ["vacant/nh/lower/Coos 1", "vacant/nh/lower/Coos 1/2"]


def test_a_vacancy_beside_others_stays_until_somebody_comes() -> None:
    day = date(2026, 12, 2)
    there = seat_row(1, state="NH", district="Coos 1")
    empty = replace(vacancy(there), key="vacant/nh/lower/Coos 1")
    comes = seat_row(2, state="NH", district="Coos 1", status="elected", begins=day)
    before = on_day([there, empty, comes], day - timedelta(days=1))
    assert sorted(row.status for row in before) == ["elected", "sitting", "vacant"]
    assert [row.status for row in on_day([there, empty, comes], day)] == ["sitting", "sitting"]


def test_the_shipped_roster_loses_no_vacancy() -> None:
    rows = from_csv((bundled("data") / "legislators.csv").read_bytes(), "legislators.csv")
    assert to_csv(rows_at(rows, datetime(2026, 8, 5, 12, tzinfo=UTC))) == to_csv(rows)


@pytest.mark.parametrize("elected_first", [False, True])
def test_a_mailbox_that_staff_mended_is_left_with_its_house(any_database: Database, elected_first: bool) -> None:
    """Nobody looks at a handover, so it does not write to the old house's mailbox; the name goes along."""
    first = date(2026, 8, 20)
    mover = seat_row(1, ends=first)
    elected = seat_row(1, chamber="upper", district="26", email="", phone="", begins=first, ends=None)
    rows = [mover, *as_elected([elected], [mover])]
    said = [(mover.key, "email", "mended@legis.example.org"), (mover.key, "phone", "555-1111")]
    said += [(mover.key, "family_name", "Mended"), (rows[1].key, "phone", "555-2222")]
    said.append((mover.key, "district_phone", "555-3333"))
    with any_database.write() as session:
        bring_people(session, rows, confirmed=True)
        for key, field, value in reversed(said) if elected_first else said:
            correct(session, key, field, value, why="asked them", curator=RITA)
    with any_database.write() as session:
        assert hand_over(session, now=DAY_AFTER) > 0
    with any_database.read() as session:
        (senator,) = [row for row in current_rows(session) if row.status == "sitting"]
        standing = sorted((made.field, made.value) for made in in_force(session))
    assert (senator.email, senator.email_note, senator.phone, senator.district_phone, senator.family_name) == (
        "", "missing", "555-2222", "", "Mended",
    )  # fmt: skip
    assert standing == [("family_name", "Mended"), ("phone", "555-2222")]


def test_a_correction_of_somebody_elected_is_carried_over_on_their_day(any_database: Database) -> None:
    """Somebody who changes houses: what staff said of the new seat holds in it, and takes the place of the old."""
    first = date(2026, 8, 20)
    mover = seat_row(1, ends=first)
    elected = seat_row(1, chamber="upper", district="26", email="", phone="", begins=first, ends=None)
    rows = [mover, *as_elected([elected], [mover])]
    with any_database.write() as session:
        bring_people(session, rows, confirmed=True)
        key = rows[1].key
        correct(session, mover.key, "phone", "555-1111", why="asked them", curator=RITA)
        correct(session, key, "phone", "555-2222", why="asked them", curator=RITA)
        correct(session, key, "email", "senator@legis.example.org", why="asked them", curator=RITA)
    with any_database.write() as session:
        assert hand_over(session, now=DAY_AFTER) > 0
        assert not hand_over(session, now=DAY_AFTER)
    with any_database.read() as session:
        (senator,) = [row for row in current_rows(session) if row.status == "sitting"]
        standing = sorted((made.key, made.field, made.value) for made in in_force(session))
    assert (senator.key, senator.seat) == (mover.key, "WI upper 26")
    assert (senator.email, senator.phone) == ("senator@legis.example.org", "555-2222")
    assert standing == [(mover.key, "email", "senator@legis.example.org"), (mover.key, "phone", "555-2222")]
    with any_database.write() as session:
        assert withdraw(session, mover.key, "email", why="The dataset has it", curator=RITA) == ""
