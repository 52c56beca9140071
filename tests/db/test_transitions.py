"""The database itself refuses a step of a message that no rule knows."""

from __future__ import annotations

import importlib
from itertools import product

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DataError, IntegrityError

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.rules.delivery.states import TRANSITIONS, State, may_follow
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message


def test_the_trigger_holds_the_rules_of_today() -> None:
    """A change of the rules needs a migration that makes the trigger anew."""
    frozen = importlib.import_module("actionmail.db.migrations.versions.0047_pressure").TRANSITIONS
    known = {State(before): frozenset(map(State, after)) for before, after in frozen.items()}
    assert known == TRANSITIONS


def test_each_step_is_let_through_or_refused_as_the_rules_say(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        ids = {}
        for pair in product(State, State):
            action = sample_action(session, campaign, email=f"{'.'.join(pair)}@example.org")
            legislator = sample_legislator(session)
            message = sample_message(session, action, legislator, campaign.letters[0], state=pair[0].value)
            ids[pair] = message.id
    refused = set()
    with any_database.write() as session:
        for pair, id_ in ids.items():
            try:
                with session.begin_nested():
                    session.execute(update(Message).where(Message.id == id_).values(state=pair[1].value))
            except IntegrityError:
                refused.add(pair)
    assert refused == {(before, after) for before, after in ids if before != after and not may_follow(before, after)}


@pytest.mark.parametrize("state", ["lost", "read", "", "Queued", "sending|queued cancelled"])
def test_a_message_cannot_begin_or_end_in_a_state_that_is_none(any_database: Database, state: str) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        message = sample_message(
            session, sample_action(session, campaign), sample_legislator(session), campaign.letters[0]
        )
        number = message.id
    with pytest.raises((IntegrityError, DataError)), any_database.write() as session:
        session.execute(text("UPDATE messages SET state = :state WHERE id = :id"), {"state": state, "id": number})
    with pytest.raises((IntegrityError, DataError)), any_database.write() as session:
        action = sample_action(session, campaign, email="other@example.org")
        sample_message(session, action, sample_legislator(session), campaign.letters[0], state=state)
