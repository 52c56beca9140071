"""Actions become searchable: cut into words while others write, and put in where nothing has changed since."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actionmail.db.actions import Action, SearchText
from actionmail.db.engine import Database
from actionmail.flows.actions import search_index
from actionmail.flows.privacy import erasure
from actionmail.rules.actions.search_words import search_terms
from tests.executed import executed, plans
from tests.samples import NOW, make_searchable, sample_action, sample_campaign
from tests.two_sessions import cross


@pytest.fixture
def acted(any_database: Database) -> Database:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for number in range(6):
            sample_action(session, campaign, name=f"Mai Number{number}", email=f"mai{number}@example.org")
    return any_database


def prepared(database: Database) -> list[search_index.Prepared]:
    with database.read() as session:
        return search_index.prepare(session)


def found(database: Database, typed: str) -> list[int]:
    with database.read() as session:
        hits = search_index.hits(
            session, search_terms(typed), lambda number: select(Action.id).where(Action.id == number), limit=99
        )
        return sorted(session.scalars(hits))


def test_under_the_write_lock_they_are_put_in_by_as_many_statements_however_many_there_are(acted: Database) -> None:
    waiting = prepared(acted)
    counts = []
    for some in (waiting[:1], waiting[1:]):
        with acted.write() as session, executed(acted.engine) as statements:
            assert search_index.put(session, some) == len(some)
        kinds = [statement.split()[0] for statement, _ in statements if statement.split()[0] != "BEGIN"]
        counts.append(len(kinds))
        assert kinds.count("UPDATE") == 1
    assert counts[0] == counts[1] <= 5
    assert found(acted, "number") == [1, 2, 3, 4, 5, 6]
    assert prepared(acted) == []


def test_what_is_still_to_come_is_found_along_its_index(any_database: Database) -> None:
    """The worker looks every few seconds, and mostly there is nothing: not among all actions then."""
    for look in (search_index.prepare, search_index.waiting):
        with executed(any_database.engine) as said, any_database.read() as session:
            look(session)
        assert "ix_actions_unsearchable" in plans(any_database.engine, said), look
        assert sum(statement.startswith("SELECT") for statement, _ in said) == 1


def test_what_was_corrected_or_erased_meanwhile_is_not_put_in_as_it_was(acted: Database) -> None:
    waiting = prepared(acted)
    with acted.write() as session:
        session.get_one(Action, 1).name = "Corrected"
        token = session.get_one(Action, 2).receipt_token
        assert erasure.erase(session, token, now=NOW)
    with acted.write() as session:
        assert search_index.put(session, waiting) == 4
    assert found(acted, "mai") == [3, 4, 5, 6]
    with acted.write() as session:
        assert make_searchable(session) == 1
    assert found(acted, "corrected") == [1]
    with acted.read() as session:
        assert session.scalar(select(SearchText).where(SearchText.action_id == 2)) is None


def test_of_two_workers_at_once_one_puts_them_in(acted: Database) -> None:
    waiting = prepared(acted)
    counts = []
    cross(
        acted,
        lambda session: counts.append(search_index.put(session, waiting)),
        lambda session: counts.append(search_index.put(session, waiting)),
    )
    assert sorted(counts) == [0, 6]
    assert found(acted, "mai") == [1, 2, 3, 4, 5, 6]


def test_whoever_is_erased_while_they_are_put_in_is_found_no_more(acted: Database) -> None:
    waiting = prepared(acted)
    with acted.read() as session:
        token = session.get_one(Action, 1).receipt_token
    cross(
        acted,
        lambda session: search_index.put(session, waiting),
        lambda session: erasure.erase(session, token, now=NOW),
    )
    assert found(acted, "mai") == [2, 3, 4, 5, 6]
