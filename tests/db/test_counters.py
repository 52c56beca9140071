"""The numbers that triggers keep are those that a count would find, whoever writes and however many at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.brands import BrandRow
from actionmail.db.counters import ContentChange
from actionmail.db.engine import Database
from actionmail.db.pictures import Picture, StoredFile
from actionmail.db.roster import Committee, CommitteeMember
from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import reading
from actionmail.rules.actions.reviews import Review
from tests.executed import executed
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_letter, sample_petition
from tests.two_sessions import cross


def counted(session: Session) -> dict[int, int]:
    """As the rows say."""
    query = select(Action.campaign_id, func.count()).where(*reading.counted()).group_by(Action.campaign_id)
    return dict(session.execute(query).all())


def test_whatever_becomes_of_actions_the_number_is_that_of_those_that_count(
    any_database: Database, now: datetime
) -> None:
    dice = random.Random(20260304)
    with any_database.write() as session:
        campaigns = [sample_petition(session), sample_petition(session, slug="second")]
        ids = [sample_action(session, campaign).id for campaign in campaigns for _ in range(6)]
    moments, reviews = (None, now), [review.value for review in Review]
    for _ in range(60):
        some = dice.sample(ids, dice.randint(1, 4))
        values = {
            "cancelled_at": dice.choice(moments),
            "unconfirmed": dice.random() < 0.3,
            "invalid_at": dice.choice(moments),
            "review": dice.choice(reviews),
            "merged_into": dice.choice([None, None, *ids]),
        }
        changed = dict(dice.sample(sorted(values.items()), dice.randint(1, 5)))
        with any_database.write() as session:
            session.execute(update(Action).where(Action.id.in_(some)).values(**changed))
        with any_database.read() as session:
            expected = counted(session)
            assert reading.supporters(session) == expected
            for campaign in campaigns:
                assert submitting.actions_so_far(session, campaign.id) == expected.get(campaign.id, 0)


def test_what_is_undone_or_deleted_is_not_counted(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        campaign = sample_petition(session)
        gone = sample_action(session, campaign)
        for columns in ({"unconfirmed": True}, {"review": "waiting"}, {"cancelled_at": now}, {"invalid_at": now}):
            sample_action(session, campaign, **columns)
        assert reading.supporters(session) == {campaign.id: 1}
        savepoint = session.begin_nested()
        sample_action(session, campaign)
        savepoint.rollback()
        session.delete(gone)
    with any_database.read() as session:
        assert reading.supporters(session) == {}


def test_of_two_who_act_and_take_back_at_once_each_is_counted_once(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        campaign = sample_petition(session)
        mine, theirs = sample_action(session, campaign).id, sample_action(session, campaign).id

    def take_back(number: int) -> Callable[[Session], object]:
        both = update(Action).where(Action.id == number, Action.cancelled_at.is_(None)).values(cancelled_at=now)
        return lambda session: session.execute(both)

    cross(any_database, take_back(mine), take_back(mine))
    cross(any_database, take_back(theirs), lambda session: sample_action(session, campaign))
    with any_database.read() as session:
        assert reading.supporters(session) == counted(session) == {campaign.id: 1}


def test_a_count_does_not_read_the_actions(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_petition(session)
        sample_action(session, campaign)
    with any_database.read() as session, executed(any_database.engine) as seen:
        assert submitting.actions_so_far(session, campaign.id) == 1
    (statement, parameters) = seen[-1]
    with any_database.engine.connect() as connection:
        if any_database.engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert any("supporter_counts" in str(row) for row in plan)
            assert all("ix_actions_merged" in str(row) for row in plan if "SEARCH actions " in str(row)), plan
            assert not any("SCAN actions" in str(row) for row in plan), plan
        else:
            connection.execute(text("SET enable_seqscan = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
            assert any("ix_actions_merged" in str(row) for row in plan), plan


def changes(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.coalesce(func.sum(ContentChange.changes), 0))) or 0


def add_picture(session: Session) -> Picture:
    now = datetime(2026, 3, 4, tzinfo=UTC)
    session.add(StoredFile(sha256="a" * 64, media_type="image/png", width=1, height=1, content=b"x"))
    session.flush()
    both = {"large_sha256": "a" * 64, "small_sha256": "a" * 64}
    picture = Picture(upload_sha256="b" * 64, **both, alternatives={}, added_at=now)
    session.add(picture)
    session.flush()
    return picture


def add_committee(session: Session) -> Committee:
    committee = Committee(
        key="c/1", state="WI", chamber="upper", name="Education", source="made up", as_of=date(2026, 3, 1)
    )
    session.add(committee)
    session.flush()
    return committee


def add_brand(session: Session) -> BrandRow:
    brand = BrandRow(organisation="Example Group", updated_at=datetime(2026, 3, 4, tzinfo=UTC))
    session.add(brand)
    session.flush()
    return brand


ADDED: dict[str, Callable[[Session], object]] = {
    "campaigns": sample_petition,
    "letters": lambda session: sample_letter(session, sample_campaign(session), name="second"),
    "legislators": sample_legislator,
    "committees": add_committee,
    "committee_members": lambda session: session.add(
        CommitteeMember(committee_id=add_committee(session).id, legislator_key="x", place=1, name="", role="")
    ),
    "pictures": add_picture,
    "brands": add_brand,
}
CHANGED = {
    "campaigns": "UPDATE campaigns SET status = 'paused'",
    "letters": "UPDATE letters SET place = place + 1",
    "legislators": "UPDATE legislators SET email = 'new@legis.example'",
    "committees": "UPDATE committees SET name = 'Schools'",
    "committee_members": "UPDATE committee_members SET legislator_key = 'y'",
    "pictures": "UPDATE pictures SET added_by = 'x'",
    "brands": "UPDATE brands SET font = 'serif'",
}


@pytest.mark.parametrize(("table", "how"), list(product(ADDED, ("added", "changed", "deleted"))))
def test_whatever_supporters_read_is_changed_tells_so(any_database: Database, table: str, how: str) -> None:
    before = changes(any_database)
    with any_database.write() as session:
        ADDED[table](session)
    if how != "added":
        before = changes(any_database)
        with any_database.write() as session:
            session.execute(text(CHANGED[table] if how == "changed" else f"DELETE FROM {table}"))
    assert changes(any_database) > before


def test_what_is_undone_changed_nothing_and_what_follows_it_does(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    before = changes(any_database)
    with any_database.write() as session:
        savepoint = session.begin_nested()
        session.execute(text(CHANGED["campaigns"]))
        savepoint.rollback()
    assert changes(any_database) == before
    with any_database.write() as session:
        savepoint = session.begin_nested()
        session.execute(text(CHANGED["campaigns"]))
        savepoint.rollback()
        session.execute(text(CHANGED["letters"]))
    assert changes(any_database) > before


def test_two_who_change_at_once_are_both_seen(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
        sample_legislator(session)
    before = changes(any_database)

    def change(table: str) -> Callable[[Session], object]:
        return lambda session: session.execute(text(CHANGED[table]))

    cross(any_database, change("campaigns"), change("legislators"))
    assert changes(any_database) >= before + 2


def test_an_action_changes_nothing_that_supporters_read(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_petition(session)
    before = changes(any_database)
    with any_database.write() as session:
        sample_action(session, campaign)
    assert changes(any_database) == before
