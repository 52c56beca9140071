"""What does not count is taken out of the count, and put back."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry
from actionmail.flows import staff
from actionmail.flows.actions import signatures, submitting
from actionmail.flows.review import campaign_actions
from actionmail.flows.review.campaign_actions import Standing, Wanted
from actionmail.flows.review.out_of_count import LONGEST_REASON, CountChanged
from tests.samples import light_hash, sample_action, sample_petition
from tests.two_sessions import cross


@pytest.fixture
def rita(any_database: Database, now: datetime) -> int:
    with any_database.write() as session:
        campaign = sample_petition(session)
        for name, email in (("Mai", "mai@example.org"), ("Kou", "kou@bots.example"), ("Bot", "b@bots.example")):
            sample_action(session, campaign, name=name, email=email, state="WI")
        return staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=now).id


def campaign_of(session: Session) -> Campaign:
    return session.scalars(select(Campaign)).one()


BOTS = Wanted(text="@bots.example")


def test_it_leaves_the_count_with_a_reason_in_the_audit_and_comes_back(
    any_database: Database, rita: int, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = campaign_of(session)
        assert campaign_actions.count(session, campaign, BOTS) == 2
        assert campaign_actions.invalidate(session, campaign, BOTS, seen=2, reason="Bots", by=rita, now=now) == 2
    with any_database.write() as session:
        campaign = campaign_of(session)
        assert submitting.actions_so_far(session, campaign.id) == 1
        assert [row.invalid_reason for row in campaign_actions.listed(session, campaign, INVALID)] == ["Bots", "Bots"]
        assert signatures.by_place(session, campaign.id).states == [("WI", 1)]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "actions_invalidated")).one()
        assert (entry.actor_id, entry.object_key, entry.details) == (rita, "clemency", {"count": 2, "reason": "Bots"})
        assert campaign_actions.restore(session, campaign, INVALID, seen=2, by=rita, now=now) == 2
        assert submitting.actions_so_far(session, campaign.id) == 3


INVALID = Wanted(standing=Standing.INVALID)


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("Kou (b@bots.example) signs for others, says Mai", "(left out) ((left out)) signs for others, says Mai"),
        ("Kou " * 50, ("(left out) " * 50)[:LONGEST_REASON]),
    ],
)
def test_the_reason_is_kept_without_whomever_of_them_it_names(
    any_database: Database, rita: int, now: datetime, reason: str, kept: str
) -> None:
    """The audit trail is for good, and it stands with all of them: whoever is erased leaves neither."""
    with any_database.write() as session:
        campaign = campaign_of(session)
        campaign_actions.invalidate(session, campaign, BOTS, seen=2, reason=reason, by=rita, now=now)
    with any_database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "actions_invalidated")).one()
        reasons = [row.invalid_reason for row in campaign_actions.listed(session, campaign_of(session), INVALID)]
    assert (entry.details["reason"], reasons) == (kept, [kept, kept])


def test_not_as_many_as_were_shown_are_left_as_they_are(any_database: Database, rita: int, now: datetime) -> None:
    with any_database.write() as session, pytest.raises(CountChanged) as caught:
        campaign_actions.invalidate(session, campaign_of(session), BOTS, seen=1, reason="Bots", by=rita, now=now)
    assert caught.value.count == 2


def test_two_who_take_the_same_out_at_once_do_it_once(any_database: Database, rita: int, now: datetime) -> None:
    refused = []

    def take_out(session: Session) -> None:
        try:
            campaign_actions.invalidate(session, campaign_of(session), BOTS, seen=2, reason="Bots", by=rita, now=now)
        except CountChanged as changed:
            refused.append(changed.count)

    cross(any_database, take_out, take_out, after="UPDATE actions")
    assert refused == [0]
    with any_database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "actions_invalidated")).all()
        assert len(entries) == 1
        assert len(session.scalars(select(Action).where(Action.invalid_at.is_not(None))).all()) == 2
