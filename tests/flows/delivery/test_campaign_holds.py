"""A campaign that stops may hold back the letters that wait, and release them when it goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.actions import receipt
from actionmail.flows.campaigns import publishing, reading
from actionmail.flows.campaigns.publishing import StatusChange, Waiting
from actionmail.flows.delivery import campaign_holds
from actionmail.flows.privacy import erasure
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from tests.audit import audited
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_legislators, sample_message


def filled(database: Database) -> None:
    """A live campaign with one letter in every state, and another campaign with one that waits."""
    with database.write() as session:
        sample_legislators(session)
        for slug in ("ab969", "other"):
            campaign = sample_campaign(session, slug=slug)
            for state in State if slug == "ab969" else (State.QUEUED,):
                action = sample_action(session, campaign, email=f"{state.value}.{slug}@example.org")
                legislator = sample_legislator(session)
                sample_message(session, action, legislator, campaign.letters[0], state=state.value)


def states(database: Database, slug: str = "ab969") -> list[str]:
    with database.read() as session:
        found = select(Message.state).join(Campaign, Campaign.id == Message.campaign_id).where(Campaign.slug == slug)
        return list(session.scalars(found.order_by(Message.id)))


def change(database: Database, change: StatusChange, letters: Waiting, now: datetime) -> None:
    with database.write() as session:
        publishing.change_status(session, "ab969", change, by=None, now=now, how=publishing.Choice(letters=letters))


def test_held_is_what_waits_and_released_is_what_was_held_so(any_database: Database, now: datetime) -> None:
    filled(any_database)
    may_be_held = {State.QUEUED, State.DEFERRED, State.AMBIGUOUS}
    change(any_database, StatusChange.PAUSE, Waiting.HOLD, now)
    assert states(any_database) == [State.HELD if state in may_be_held else state for state in State]
    assert states(any_database, "other") == [State.QUEUED]
    with any_database.read() as session:
        campaign = reading.campaign_of(session, "ab969")
        assert campaign_holds.held_back(session, campaign.id) == 3
        events = session.execute(
            select(Event.from_state, Event.to_state, Event.reason_code).where(Event.actor_kind == "command_line")
        ).all()
        assert {tuple(event) for event in events} == {(one, "held", "campaign_held") for one in may_be_held}
        (entry,) = audited(session, "campaign_paused")
    assert entry[3]["held"] == 3
    later = now + timedelta(days=2)
    change(any_database, StatusChange.PUBLISH, Waiting.RELEASE, later)
    assert states(any_database) == [State.QUEUED if state in may_be_held else state for state in State]
    with any_database.read() as session:
        released = session.scalars(select(Message).where(Message.updated_at == later)).all()
        assert [row.possible_duplicate for row in released] == [False, False, False]
        assert {row.next_attempt_at for row in released} == {later}
        assert all(row.expires_at > later for row in released)
        assert campaign_holds.held_back(session, campaign.id) == 0


@pytest.mark.parametrize("letters", [Waiting.AS_IT_IS, Waiting.RELEASE])
def test_without_the_choice_every_letter_stays_as_it_is(database: Database, now: datetime, letters: Waiting) -> None:
    filled(database)
    change(database, StatusChange.CLOSE, letters, now)
    assert states(database) == list(State)
    change(database, StatusChange.PUBLISH, Waiting.HOLD, now)
    assert states(database) == list(State)


def test_what_its_supporter_erased_or_staff_hold_is_not_released(database: Database, now: datetime) -> None:
    filled(database)
    change(database, StatusChange.PAUSE, Waiting.HOLD, now)
    with database.write() as session:
        first = session.scalars(select(Message).where(Message.state == State.HELD.value).order_by(Message.id)).first()
        assert first is not None
        session.delete(session.get_one(FrozenLetter, first.id))
    with database.read() as session:
        campaign = reading.campaign_of(session, "ab969")
        assert campaign_holds.held_back(session, campaign.id) == 2
    change(database, StatusChange.PUBLISH, Waiting.RELEASE, now)
    assert states(database).count(State.HELD) == 2  # the erased one, and the one that was held before


def test_nothing_is_released_after_the_deadline(database: Database, now: datetime) -> None:
    filled(database)
    change(database, StatusChange.PAUSE, Waiting.HOLD, now)
    with database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "ab969")).one()
        campaign.deadline_at = now
        session.flush()
        assert campaign_holds.release(session, campaign.id, actor=Actor.staff(1), now=now) == 0


def test_the_receipt_tells_who_was_held_back_and_erasing_ends_it(database: Database, now: datetime) -> None:
    filled(database)
    change(database, StatusChange.PAUSE, Waiting.HOLD, now)
    with database.write() as session:
        held = session.scalars(select(Action).where(Action.email == "queued.ab969@example.org")).one()
        before = session.scalars(select(Action).where(Action.email == "held.ab969@example.org")).one()
        shown = receipt.find(session, held.receipt_token, undo_seconds=0, now=now)
        other = receipt.find(session, before.receipt_token, undo_seconds=0, now=now)
        assert shown is not None and other is not None
        assert [line.is_held_back for line in (*shown.lines, *other.lines)] == [True, False]
        assert erasure.erase(session, held.receipt_token, now=now)
    with database.read() as session:
        campaign = reading.campaign_of(session, "ab969")
        assert campaign_holds.held_back(session, campaign.id) == 2
