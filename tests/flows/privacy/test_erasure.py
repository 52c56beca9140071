"""We forget: on request, and what was never sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from actionmail.db.actions import Action, Draft
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows import staff
from actionmail.flows.actions import drafts
from actionmail.flows.privacy import erasure, retention
from actionmail.flows.review import saved_views
from actionmail.rules.delivery.states import may_follow
from tests.samples import light_hash, sample_action, sample_campaign, sample_legislators, sample_message


def acted(database: Database, state: str) -> str:
    """One action with a message in `state` and one accepted; says its receipt's token."""
    with database.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(
            session,
            campaign,
            street="12 Sample Street",
            phone="608 555 0100",
            consent_address="203.0.113.9",
            quotable="Mine.",
        )
        first, second, _ = sample_legislators(session)
        sample_message(session, action, first, campaign.letters[0], state=state)
        sample_message(session, action, second, campaign.letters[0], state="accepted")
        return action.receipt_token


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("unconfirmed", "cancelled"),
        ("queued", "cancelled"),
        ("deferred", "cancelled"),
        ("held", "failed"),
        ("ambiguous", "failed"),
        ("accepted", "accepted"),
        ("bounced", "bounced"),
        ("no_channel", "no_channel"),
    ],
)
def test_erasing_blanks_the_person_and_ends_what_has_not_left(
    any_database: Database, now: datetime, state: str, end: str
) -> None:
    token = acted(any_database, state)
    with any_database.write() as session:
        assert erasure.erase(session, token, now=now)
    with any_database.read() as session:
        action = session.scalars(select(Action)).one()
        assert (action.name, action.email, action.zip, action.street, action.city, action.phone) == ("",) * 6
        assert (action.consent_address, action.language, action.quotable) == ("", "", "")
        assert action.erased_at == now
        assert action.lookup["districts"]
        messages = session.scalars(select(Message).order_by(Message.id)).all()
        assert [message.state for message in messages] == [end, "accepted"]
        assert {message.subject for message in messages} == {""}
        assert session.scalar(select(func.count()).select_from(FrozenLetter)) == 0
        steps = session.execute(select(Event.from_state, Event.to_state).order_by(Event.id)).all()
        assert all(may_follow(before, after) for before, after in steps)
        assert (steps[-1].to_state if steps else state) == end


def test_a_view_of_the_log_that_is_called_by_the_supporter_goes(any_database: Database, now: datetime) -> None:
    token = acted(any_database, "queued")
    with any_database.write() as session:
        rita = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=now).id
        for name in ("mai  EXAMPLE, held", "Of mai@example.org", "Mai", "Mainly Examples", "Examples"):
            saved_views.keep(session, name, "state=held", by=rita, now=now)
        assert erasure.erase(session, token, now=now)
        assert [view.name for view in saved_views.views(session)] == ["Examples", "Mai", "Mainly Examples"]


def test_erasing_twice_is_erasing_once(database: Database, now: datetime) -> None:
    token = acted(database, "queued")
    for later in (0, 1):
        with database.write() as session:
            assert erasure.erase(session, token, now=now + timedelta(hours=later))
    with database.read() as session:
        assert session.scalars(select(Action)).one().erased_at == now
        assert session.scalar(select(func.count()).select_from(Event)) == 1


def test_a_letter_on_the_wire_is_waited_for(database: Database, now: datetime) -> None:
    token = acted(database, "sending")
    with pytest.raises(erasure.BeingSent), database.write() as session:
        erasure.erase(session, token, now=now)
    with database.read() as session:
        assert session.scalars(select(Action)).one().name == "Mai Example"
        assert session.scalar(select(func.count()).select_from(FrozenLetter)) == 2


def test_an_unknown_receipt_erases_nothing(database: Database, now: datetime) -> None:
    acted(database, "queued")
    with database.write() as session:
        assert not erasure.erase(session, "unknown", now=now)
        assert session.scalars(select(Action)).one().name == "Mai Example"


def test_drafts_are_gone_after_a_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        for key, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
            drafts.save(session, key, campaign_id=campaign.id, values={"who": {}}, now=now - age)
    with database.write() as session:
        assert retention.purge_drafts(session, now=now) == 1
        assert session.scalars(select(Draft.key)).all() == ["new"]


def test_of_more_drafts_than_are_kept_the_oldest_go(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for age in (4, 1, 3, 2, 5):
            made = now - timedelta(minutes=age)
            drafts.save(session, f"of {age}", campaign_id=campaign.id, values={"who": {}}, now=made)
    with any_database.write() as session:
        assert retention.purge_drafts(session, now=now, at_most=5) == 0
        assert retention.purge_drafts(session, now=now, at_most=3) == 2
        assert sorted(session.scalars(select(Draft.key))) == ["of 1", "of 2", "of 3"]
        assert retention.purge_drafts(session, now=now, at_most=0) == 3


def test_a_draft_is_found_by_its_key_in_its_campaign_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        one = sample_campaign(session)
        other = sample_campaign(session, slug="other")
        drafts.save(session, "k", campaign_id=one.id, values={"a": 1}, now=now)
        drafts.save(session, "k", campaign_id=one.id, values={"a": 2}, now=now)
        assert drafts.load(session, "k", campaign_id=one.id) == {"a": 2}
        assert drafts.load(session, "k", campaign_id=other.id) is None
        assert drafts.load(session, "", campaign_id=one.id) is None


def test_a_draft_keeps_whatever_was_typed(any_database: Database, now: datetime) -> None:
    values = {"personal": "a\x00b \u202e \U0001f600 '\"\\", "letters": {"everyone": {"body": ""}}}
    with any_database.write() as session:
        campaign = sample_campaign(session)
        drafts.save(session, "k", campaign_id=campaign.id, values=values, now=now)
    with any_database.read() as session:
        assert drafts.load(session, "k", campaign_id=campaign.id) == values
