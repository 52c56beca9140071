"""A crowd by count: taken out with its letters, put back as it was, let go; two at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns.reading import supporters
from actionmail.flows.delivery.claim import claim
from actionmail.flows.review import campaign_actions, crowd_cleaning, crowds, dashboard, letter_reviews
from actionmail.flows.review.campaign_actions import Standing as ListStanding
from actionmail.flows.review.campaign_actions import Wanted
from actionmail.flows.review.crowd_cleaning import Crowd, Grasp, NoCrowd, Standing
from actionmail.flows.review.out_of_count import By, CountChanged
from actionmail.flows.staff import Role
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.states import State
from actionmail.rules.replacing import replace
from tests.audit import audited
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.two_sessions import cross
from tests.web.staff_pages import hire

SPAM = "192.0.2.7"


@pytest.fixture
def by(any_database: Database) -> By:
    return By(staff=hire(any_database, "rita@example.org", Role.REVIEWER).id, now=NOW + timedelta(minutes=5))


def add(session: Session, campaign: Campaign, legislator: Legislator, state: State, **columns: Any) -> Action:
    action = sample_action(session, campaign, **columns)
    due = NOW if state in (State.QUEUED, State.DEFERRED) else None
    key = str(action.id)
    sample_message(
        session, action, legislator, campaign.letters[0], state=state.value, next_attempt_at=due, supporter_key=key
    )
    return action


@pytest.fixture
def flood(any_database: Database) -> int:
    """Of one address one queued, one deferred, one sent, two that wait for staff, one unconfirmed; one of another."""
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        of_flood = {"consent_address": SPAM}
        first = add(session, campaign, legislator, State.QUEUED, **of_flood)
        add(session, campaign, legislator, State.DEFERRED, **of_flood)
        add(session, campaign, legislator, State.ACCEPTED, **of_flood)
        for _ in range(2):
            add(session, campaign, legislator, State.REVIEW, review="waiting", held_for="address", **of_flood)
        add(session, campaign, legislator, State.UNCONFIRMED, unconfirmed=True, **of_flood)
        add(session, campaign, legislator, State.QUEUED, consent_address="192.0.2.8")
        return first.id


def look(database: Database, grasp: Grasp, anchor: int) -> Crowd:
    with database.read() as session:
        return crowd_cleaning.look(session, grasp, anchor)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))


def counted(database: Database) -> int:
    with database.read() as session:
        number = session.scalars(select(Campaign.id)).one()
        return supporters(session, [number]).get(number, 0)


BEFORE = ["queued", "deferred", "accepted", "review", "review", "unconfirmed", "queued"]
OUT = ["review", "review", "accepted", "review", "review", "unconfirmed", "queued"]


def test_it_is_counted_by_where_it_stands(any_database: Database, flood: int) -> None:
    crowd = look(any_database, Grasp.NETWORK, flood)
    assert crowd.standings == {Standing.COUNTS: 3, Standing.HELD: 2, Standing.UNCONFIRMED: 1}
    assert (crowd.in_count, crowd.held, crowd.unsent, crowd.left) == (6, 2, 5, 1)
    assert sum(look(any_database, Grasp.NEAR, flood).standings.values()) == 7
    assert look(any_database, Grasp.HELD, flood).standings == {Standing.HELD: 2}
    with any_database.read() as session:
        assert crowd_cleaning.other_grasps(session, Grasp.NETWORK, flood) == [(Grasp.NEAR, 7), (Grasp.HELD, 2)]
        assert [(of.slug, of.count) for of in crowd_cleaning.held(session)] == [("ab969", 2)]


def test_taken_out_it_counts_no_more_and_nothing_of_it_goes(any_database: Database, flood: int, by: By) -> None:
    assert (states(any_database), counted(any_database)) == (BEFORE, 4)
    with any_database.write() as session:
        assert crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=6, reason="Mai Example's robot", by=by) == 6
    assert (states(any_database), counted(any_database)) == (OUT, 1)
    with any_database.read() as session:
        assert letter_reviews.count(session) == 0
        assert letter_reviews.waiting(session) == []
        assert crowd_cleaning.held(session) == []
        assert not [one for one in dashboard.dashboard(session, now=NOW).troubled if one.state is State.REVIEW]
        reason = session.get_one(Action, flood).invalid_reason
    assert "Mai Example" not in reason
    with any_database.read() as session:
        ((who, what, which, details),) = audited(session, "actions_invalidated")
    assert (who, what, which, details["count"]) == (by.staff, "actions_invalidated", "campaign ab969", 6)
    assert "Mai Example" not in str(details["reason"])


def test_put_back_everything_stands_as_before(any_database: Database, flood: int, by: By) -> None:
    with any_database.write() as session:
        crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=6, reason="A robot", by=by)
    later = replace(by, now=by.now + timedelta(hours=1))
    with any_database.write() as session:
        assert crowd_cleaning.put_back(session, "ab969", by.now, by=later) == 6
    after = ["queued", "queued", "accepted", "review", "review", "unconfirmed", "queued"]  # what was deferred goes anew
    assert (states(any_database), counted(any_database)) == (after, 4)
    with any_database.read() as session:
        assert letter_reviews.count(session) == 2
    with any_database.write() as session:
        assert crowd_cleaning.put_back(session, "ab969", by.now, by=later) == 0


def test_what_was_taken_out_before_stays_out(any_database: Database, flood: int, by: By) -> None:
    """Each press is undone by itself."""
    with any_database.write() as session:
        crowd_cleaning.take_out(session, Grasp.HELD, flood, seen=2, reason="A robot", by=by)
    second = replace(by, now=by.now + timedelta(minutes=1))
    with any_database.write() as session:
        assert crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=4, reason="A robot", by=second) == 4
        assert crowd_cleaning.put_back(session, "ab969", second.now, by=second) == 4
    assert look(any_database, Grasp.NETWORK, flood).standings[Standing.OUT] == 2


def test_where_more_came_nothing_is_changed(any_database: Database, flood: int, by: By) -> None:
    for act in (
        lambda session: crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=5, reason="A robot", by=by),
        lambda session: crowd_cleaning.let_go(session, Grasp.NETWORK, flood, seen=5, by=by),
    ):
        with any_database.write() as session, pytest.raises(CountChanged):
            act(session)
    assert states(any_database) == BEFORE


def test_let_go_it_counts_and_its_letters_go_dated_now(any_database: Database, flood: int, by: By) -> None:
    with any_database.write() as session:
        assert crowd_cleaning.let_go(session, Grasp.HELD, flood, seen=2, by=by) == 2
    assert states(any_database)[3:5] == ["queued", "queued"]
    assert counted(any_database) == 6
    with any_database.read() as session:
        held = session.scalars(select(Action).where(Action.held_for != "")).all()
        assert {action.review for action in held} == {Review.APPROVED}
        assert crowd_cleaning.held(session) == []


def test_what_came_before_a_flood_was_noticed_is_held_too(any_database: Database, flood: int, by: By) -> None:
    """Its letters wait for their turn, or for their supporters' undo; what left, left."""
    most, _ = crowds.CROWDS[crowds.CrowdKind.NETWORK]
    with any_database.write() as session:
        campaign, legislator = session.scalars(select(Campaign)).one(), session.scalars(select(Legislator)).one()
        for _ in range(most - 6):
            add(session, campaign, legislator, State.ACCEPTED, consent_address=SPAM)
    with any_database.write() as session:
        assert crowd_cleaning.hold_back(session, hold=most + 1, now=NOW) == 0
        assert crowd_cleaning.hold_back(session, hold=0, now=NOW) == 0
        assert crowd_cleaning.hold_back(session, hold=most, now=NOW) == 2
        assert crowd_cleaning.hold_back(session, hold=most, now=NOW) == 0
    assert states(any_database)[:7] == ["review", "review", "accepted", "review", "review", "unconfirmed", "queued"]
    assert counted(any_database) == 4 + most - 6 - 2
    with any_database.write() as session:
        assert crowd_cleaning.let_go(session, Grasp.HELD, flood, seen=4, by=by) == 4
        assert crowd_cleaning.hold_back(session, hold=most, now=NOW) == 0
    assert states(any_database)[:5] == ["queued", "queued", "accepted", "queued", "queued"]


def test_of_two_of_the_staff_who_press_at_once_one_does(any_database: Database, flood: int, by: By) -> None:
    done: list[object] = []

    def press(session: Session) -> None:
        try:
            done.append(crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=6, reason="A robot", by=by))
        except CountChanged as changed:
            done.append(changed.count)

    cross(any_database, press, press)
    assert sorted(map(str, done)) == ["0", "6"]


def test_a_worker_takes_none_that_is_out(any_database: Database, flood: int, by: By) -> None:
    with any_database.write() as session:
        crowd_cleaning.take_out(session, Grasp.NEAR, flood, seen=7, reason="A robot", by=by)
    with any_database.write() as session:
        parcels = claim(session, owner="w:1", now=NOW + timedelta(days=1), limit=50, lease=timedelta(minutes=5))
    assert parcels.ids == []


def test_letters_that_are_out_end_unsent_when_their_time_is_over(any_database: Database, flood: int, by: By) -> None:
    with any_database.write() as session:
        crowd_cleaning.take_out(session, Grasp.NETWORK, flood, seen=6, reason="A robot", by=by)
        assert letter_reviews.expire(session, now=NOW + timedelta(days=30)) == 4


def test_the_list_of_who_took_part_stops_and_starts_letters_too(any_database: Database, flood: int, by: By) -> None:
    with any_database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign_actions.invalidate(session, campaign, Wanted(), seen=4, reason="A robot", by=by.staff, now=by.now)
    assert states(any_database) == ["review", "review", "accepted", "review", "review", "unconfirmed", "review"]
    with any_database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        wanted = Wanted(standing=ListStanding.INVALID)
        campaign_actions.restore(session, campaign, wanted, seen=4, by=by.staff, now=by.now)
    assert states(any_database)[:2] == ["queued", "queued"]


def test_a_crowd_that_is_out_needs_nobody(any_database: Database, by: By) -> None:
    most, _ = crowds.CROWDS[crowds.CrowdKind.NETWORK]
    with any_database.write() as session:
        campaign = sample_campaign(session)
        numbers = [sample_action(session, campaign, consent_address=SPAM).id for _ in range(most)]
    with any_database.write() as session:
        (crowd,) = crowds.crowds(session, now=NOW)
        grasp = Grasp(crowd.kind.value)
        assert crowd_cleaning.take_out(session, grasp, crowd.action, seen=most, reason="A robot", by=by) == most
        assert crowds.crowds(session, now=NOW) == []
    assert numbers


@pytest.mark.parametrize("grasp", [Grasp.SOURCE, Grasp.PARAGRAPH, Grasp.NETWORK, Grasp.NEAR])
def test_what_has_nothing_in_common_is_no_crowd(any_database: Database, grasp: Grasp) -> None:
    with any_database.write() as session:
        number = sample_action(session, sample_campaign(session)).id
    for anchor in (number, number + 1):
        with any_database.read() as session, pytest.raises(NoCrowd):
            crowd_cleaning.look(session, grasp, anchor)
