"""What is summed up is what a count would find, whoever writes and however many at once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.counters import ActionMove, ActionSum, LetterMove, LetterSum
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.actions import sums
from actionmail.flows.actions.sums import ACTIONS, LETTERS, Between
from actionmail.rules.delivery.states import State
from tests.any_state import any_state
from tests.executed import executed
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message, sample_petition
from tests.two_sessions import cross

Found = Mapping[tuple[object, ...], int]


def at(month: int, day: int, hour: int, minute: int = 30) -> datetime:
    """In 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def add_all_up(database: Database) -> None:
    for ledger in (LETTERS, ACTIONS):
        with database.write() as session:
            while sums.add_up(session, ledger):
                pass


def found(session: Session, statement: Any) -> Found:
    return {tuple(row[:-1]): row.number for row in session.execute(statement)}


def letters(session: Session, asked: Between) -> Found:
    """As `sums` say: by legislator and state."""
    return found(session, sums.in_all(LETTERS, asked, ("legislator_id", "state")))


def counted(session: Session, asked: Between) -> Found:
    """As the rows say. One that a worker has stands where it found it."""
    rows = select(Message.legislator_id, Message.state, Message.claimed_from).select_from(Message)
    if asked.campaign is not None:
        rows = rows.where(Message.campaign_id == asked.campaign)
    if asked.begins is not None:
        rows = rows.where(Message.created_at >= asked.begins)
    if asked.ends is not None:
        rows = rows.where(Message.created_at < asked.ends)
    numbers: dict[tuple[object, ...], int] = {}
    for legislator, state, claimed_from in session.execute(rows):
        key = legislator, (claimed_from or "queued") if state == "sending" else state
        numbers[key] = numbers.get(key, 0) + 1
    return numbers


PERIODS = [
    (None, None),
    (at(3, 4, 6, 0), None),
    (None, at(3, 4, 6, 0)),
    (at(3, 4, 0, 0), at(3, 5, 0, 0)),
    (at(3, 4, 6, 0), at(3, 4, 9, 0)),
    (at(3, 4, 6, 0), at(3, 5, 6, 0)),
    (at(3, 1, 0, 0), at(4, 1, 0, 0)),
    (at(2, 1, 6, 0), at(5, 1, 5, 0)),
    (at(2, 14, 0, 0), at(3, 31, 23, 0)),
    (at(2, 28, 23, 0), at(3, 1, 1, 0)),
    (at(1, 31, 0, 0), at(6, 30, 0, 0)),
    (at(3, 4, 6, 0), at(3, 4, 6, 0)),
]


@pytest.mark.slow
def test_every_period_is_what_a_count_finds_added_up_or_not(any_database: Database) -> None:
    dice = random.Random(20260304)
    moments = [at(month, day, hour) for month in (2, 3, 4) for day in (1, 4, 28) for hour in (0, 5, 6, 23)]
    with any_database.write() as session:
        first, second = sample_campaign(session), sample_campaign(session, slug="second")
        seats = [sample_legislator(session), sample_legislator(session, district="77")]
        ids = []
        for number, moment in enumerate(moments):
            campaign = (first, second)[number % 3 == 0]
            action = sample_action(session, campaign, created_at=moment)
            columns = {"supporter_key": str(number), "created_at": moment}
            ids.append(sample_message(session, action, seats[number % 2], campaign.letters[0], **columns).id)
        campaigns = first.id, second.id

    def look() -> None:
        with any_database.read() as session:
            for begins, ends in PERIODS:
                for number in (None, *campaigns):
                    campaign = None if number is None else select(number).scalar_subquery()
                    asked = Between(campaign=campaign, begins=begins, ends=ends)
                    assert letters(session, asked) == counted(session, asked)
                    for cuts in ((), (6,), (5, 6, 23)):
                        parts = found(session, sums.by_part_of_day(LETTERS, asked, cuts))
                        assert sum(parts.values()) == sum(counted(session, asked).values())
                        assert len(parts) <= len({str(hour)[:10] for (hour,) in parts}) * (len(cuts) + 1)

    look()
    for _ in range(20):
        with any_database.write() as session, any_state(session):
            some = dice.sample(ids, 5)
            values = {"state": dice.choice(list(State)).value, "claimed_from": dice.choice(["", "queued", "deferred"])}
            session.execute(update(Message).where(Message.id.in_(some)).values(**values))
        with any_database.write() as session:
            assert sums.add_up(session, LETTERS, limit=dice.choice([1, 7, 100])) <= 100
    look()
    add_all_up(any_database)
    look()
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(LetterMove)) == 0
        assert session.scalar(select(func.count()).select_from(LetterSum).where(LetterSum.number == 0)) == 0


def test_actions_move_with_all_that_they_are_counted_by(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        petition = sample_petition(session)
        actions = [sample_action(session, petition, source="flyer", language="hmn").id for _ in range(8)]
    add_all_up(any_database)
    changes: list[dict[str, object]] = [
        {"cancelled_at": now},
        {"unconfirmed": True},
        {"invalid_at": now},
        {"review": "waiting"},
        {"merged_into": actions[0]},
        {"source": "", "language": ""},
        {"source": "card", "created_at": at(1, 1, 5)},
        {},
    ]
    with any_database.write() as session:
        for number, change in zip(actions, changes, strict=True):
            session.execute(update(Action).where(Action.id == number).values(is_searchable=True, **change))
    expected = {
        ("taken-back", "flyer", "hmn"): 1,
        ("waiting", "flyer", "hmn"): 1,
        ("invalid", "flyer", "hmn"): 1,
        ("not-approved", "flyer", "hmn"): 1,
        ("merged", "flyer", "hmn"): 1,
        ("counts", "", ""): 1,
        ("counts", "card", "hmn"): 1,
        ("counts", "flyer", "hmn"): 1,
    }
    by = ("standing", "source", "language")
    for _ in range(2):
        with any_database.read() as session:
            assert found(session, sums.in_all(ACTIONS, Between(), by)) == expected
        add_all_up(any_database)
    with any_database.read() as session:
        asked = Between(begins=at(1, 1, 5, 0), ends=at(1, 1, 6, 0))
        assert found(session, sums.in_all(ACTIONS, asked, by)) == {("counts", "card", "hmn"): 1}
        kept = session.scalars(select(ActionSum.source).where(ActionSum.language == "").distinct()).all()
        assert set(kept) == {""}


def test_what_is_undone_or_deleted_is_not_counted(any_database: Database) -> None:
    with any_database.write() as session:
        petition = sample_petition(session)
        gone = sample_action(session, petition)
        savepoint = session.begin_nested()
        sample_action(session, petition)
        savepoint.rollback()
        session.delete(gone)
    with any_database.read() as session:
        assert found(session, sums.in_all(ACTIONS, Between(), ("standing",))) == {}
    add_all_up(any_database)
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(ActionSum)) == 0


@pytest.fixture
def two(any_database: Database) -> tuple[int, int]:
    """Letters of one hour to one legislator."""
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        ids = []
        for key in ("a", "b"):
            action = sample_action(session, campaign)
            ids.append(sample_message(session, action, legislator, campaign.letters[0], supporter_key=key).id)
    return ids[0], ids[1]


def cancel(number: int) -> Any:
    one = update(Message).where(Message.id == number, Message.state == "queued").values(state="cancelled")
    return lambda session: session.execute(one)


def add_up(session: Session) -> None:
    sums.add_up(session, LETTERS)


def are_right(database: Database) -> bool:
    with database.read() as session:
        return letters(session, Between()) == counted(session, Between())


def test_of_two_who_change_letters_at_once_each_is_counted_once(any_database: Database, two: tuple[int, int]) -> None:
    add_all_up(any_database)
    cross(any_database, cancel(two[0]), cancel(two[1]))
    assert are_right(any_database)
    cross(any_database, cancel(two[0]), cancel(two[0]))
    add_all_up(any_database)
    assert are_right(any_database)
    with any_database.read() as session:
        assert {state: number for (_, state), number in letters(session, Between()).items()} == {"cancelled": 2}


def test_who_writes_while_a_worker_adds_up_is_counted_once(any_database: Database, two: tuple[int, int]) -> None:
    cross(any_database, add_up, cancel(two[0]))
    assert are_right(any_database)
    cross(any_database, cancel(two[1]), add_up)
    assert are_right(any_database)
    add_all_up(any_database)
    assert are_right(any_database)


@pytest.mark.parametrize("after", ["letter_moves", "letter_sums", "DELETE FROM letter_moves"])
def test_two_workers_who_add_up_at_once_add_each_move_once(
    any_database: Database, two: tuple[int, int], after: str
) -> None:
    cross(any_database, add_up, add_up, after=after)
    assert are_right(any_database)
    with any_database.write() as session:
        cancel(two[0])(session)
    cross(any_database, add_up, lambda session: (cancel(two[1])(session), add_up(session)), after=after)
    add_all_up(any_database)
    assert are_right(any_database)


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_who_looks_while_a_worker_adds_up_sees_all_once(
    any_database: Database, two: tuple[int, int], ends: str
) -> None:
    with any_database.read() as reader, any_database.write_sessions() as session:
        before = letters(reader, Between())
        add_up(session)
        assert letters(reader, Between()) == before
        getattr(session, ends)()
    assert are_right(any_database)


def test_sums_and_moves_are_read_by_one_statement(any_database: Database) -> None:
    with any_database.read() as session, executed(any_database.engine) as seen:
        letters(session, Between(begins=at(3, 4, 5, 0), ends=at(3, 4, 5, 0) + timedelta(days=90)))
        list(session.execute(sums.by_part_of_day(ACTIONS, Between(), (6,))))
    assert len([statement for statement, _ in seen if statement.startswith("SELECT")]) == 2


def test_what_a_worker_has_at_hand_moves_once(any_database: Database, two: tuple[int, int]) -> None:
    with any_database.write() as session:
        session.execute(text("UPDATE messages SET state = 'sending', claimed_from = 'queued'"))
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(LetterMove)) == 2
    with any_database.write() as session:
        session.execute(text("UPDATE messages SET state = 'accepted'"))
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(LetterMove)) == 6
        assert session.scalar(select(func.count()).select_from(ActionMove)) == 2
    assert are_right(any_database)
