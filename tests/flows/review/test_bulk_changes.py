"""Many letters at once: seen first, then changed, whatever happens at the same moment."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows import staff
from actionmail.flows.delivery import claim
from actionmail.flows.privacy import erasure
from actionmail.flows.review import bulk_changes
from actionmail.flows.review.bulk_changes import Chosen, NotAsSeen, Reach, ToLegislator
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import Act, Change, Refusal
from actionmail.rules.delivery.reasons import ActorKind
from actionmail.rules.delivery.states import State
from actionmail.rules.replacing import replace
from tests.audit import audited
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW, light_hash, sample_action, sample_campaign, sample_legislator, sample_message
from tests.two_sessions import Block, cross

LEASE = timedelta(minutes=5)
EVERYTHING = Filter()


@pytest.fixture
def rita(any_database: Database) -> int:
    with any_database.write() as session:
        return staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id


@pytest.fixture
def otto(any_database: Database) -> int:
    with any_database.write() as session:
        return staff.add(session, "otto@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id


def order(act: Act, by: int) -> Change:
    return Change(act=act, reason="The office asked for it", by=by)


def seen(database: Database, reach: Reach, act: Act) -> tuple[int, ...]:
    with database.read() as session:
        return bulk_changes.survey(session, reach, act, now=NOW).ids


def press(database: Database, reach: Reach, change: Change, ids: tuple[int, ...]) -> int:
    """As the page does it: look again, write it down, change batch by batch. How many were changed."""
    with database.read() as session:
        to_do = bulk_changes.still_to_do(session, reach, change.act, ids, now=NOW)
        change = bulk_changes.without_supporters(session, change, to_do)
    with database.write() as session:
        bulk_changes.begin(session, reach, change, len(to_do), now=NOW)
    changed = 0
    for start in range(0, len(to_do), 2):  # small batches, so that there are several
        batch = to_do[start : start + 2]
        with database.write() as session:
            changed += len(batch) - len(bulk_changes.change_batch(session, batch, change, now=NOW))
    return changed


def states(database: Database) -> Counter[str]:
    with database.read() as session:
        return Counter(session.scalars(select(Message.state)))


def by_staff(session: Session) -> dict[int, int]:
    """How many steps staff made with each letter."""
    counted = select(Event.message_id, func.count()).where(Event.actor_kind == ActorKind.STAFF.value)
    return dict(session.execute(counted.group_by(Event.message_id)).all())


def mixed(database: Database) -> dict[str, int]:
    """One letter of each of these states; their numbers."""
    numbers = {}
    with database.write() as session:
        campaign = sample_campaign(session)
        for state in ("queued", "deferred", "ambiguous", "held", "failed", "sending", "accepted", "cancelled"):
            action = sample_action(session, campaign, email=f"{state}@example.org")
            legislator = sample_legislator(session, name=f"Target of {state}", email=f"{state}@legis.example")
            message = sample_message(session, action, legislator, campaign.letters[0], state=state)
            numbers[state] = message.id
    return numbers


def test_the_first_page_says_what_an_act_would_come_to(any_database: Database) -> None:
    numbers = mixed(any_database)
    with any_database.read() as session:
        found = bulk_changes.survey(session, EVERYTHING, Act.HOLD, now=NOW)
    assert found.by_state == {State.QUEUED: 1, State.DEFERRED: 1, State.AMBIGUOUS: 1}
    assert found.ids == (numbers["queued"], numbers["deferred"], numbers["ambiguous"])
    assert [line.id for line in found.examples] == sorted(found.ids, reverse=True)
    assert (found.refused, found.is_cut) == ({}, False)


@pytest.mark.parametrize(
    ("act", "changes"),
    [
        (Act.CANCEL, {"queued", "deferred"}),
        (Act.HOLD, {"queued", "deferred", "ambiguous"}),
        (Act.RELEASE, {"held"}),
        (Act.REQUEUE, {"failed"}),
        (Act.GIVE_UP, {"held"}),
    ],
)
def test_each_act_changes_what_it_may_and_leaves_the_rest(
    any_database: Database, rita: int, act: Act, changes: set[str]
) -> None:
    numbers = mixed(any_database)
    before = states(any_database)
    assert press(any_database, EVERYTHING, order(act, rita), seen(any_database, EVERYTHING, act)) == len(changes)
    with any_database.read() as session:
        assert by_staff(session) == {numbers[state]: 1 for state in changes}
        after = bulk_changes.EFFECTS[act].after
        stand = dict(session.execute(select(Message.id, Message.state)).all())
    assert {state for state, number in numbers.items() if stand[number] != state} == changes
    assert {stand[numbers[state]] for state in changes} == {after}
    assert before.total() == states(any_database).total()


def test_a_filter_a_legislator_and_a_selection_reach_what_they_name(any_database: Database) -> None:
    numbers = mixed(any_database)
    with any_database.read() as session:
        legislator = session.scalars(select(Message.legislator_id).where(Message.id == numbers["queued"])).one()
    assert seen(any_database, ToLegislator(number=legislator), Act.HOLD) == (numbers["queued"],)
    assert seen(any_database, Filter(state=State.DEFERRED), Act.HOLD) == (numbers["deferred"],)
    assert seen(any_database, Filter(target="queued"), Act.HOLD) == (numbers["queued"],)
    assert seen(any_database, Filter(domain="legis.example"), Act.RELEASE) == (numbers["held"],)
    assert seen(any_database, Filter(target="nobody"), Act.HOLD) == ()
    chosen = Chosen(ids=(numbers["held"], numbers["queued"], 2**62))
    assert seen(any_database, chosen, Act.HOLD) == (numbers["queued"],)


def test_what_was_not_seen_keeps_everything_as_it_is(any_database: Database, rita: int) -> None:
    ids = fill(any_database, 3)
    known = seen(any_database, EVERYTHING, Act.HOLD)
    with any_database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        action = sample_action(session, campaign, email="late@example.org")
        late = sample_message(session, action, sample_legislator(session), campaign.letters[0]).id
    with pytest.raises(NotAsSeen) as met:
        press(any_database, EVERYTHING, order(Act.HOLD, rita), known)
    assert (met.value.fresh, met.value.survey.ids) == (1, (*ids, late))
    assert states(any_database) == {"queued": 4}
    with any_database.read() as session:
        assert [entry[1] for entry in audited(session)] == ["account_added"]


def test_what_moved_on_meanwhile_is_left_alone_and_the_rest_is_done(any_database: Database, rita: int) -> None:
    fill(any_database, 3)
    known = seen(any_database, EVERYTHING, Act.HOLD)
    with any_database.write() as session:
        assert len(claim(session, owner="w:1", now=NOW, limit=1, lease=LEASE).ids) == 1
    assert press(any_database, EVERYTHING, order(Act.HOLD, rita), known) == 2
    assert states(any_database) == {"held": 2, "sending": 1}


def test_work_that_broke_off_is_pressed_again(any_database: Database, rita: int) -> None:
    ids = fill(any_database, 5)
    known, change = seen(any_database, EVERYTHING, Act.HOLD), order(Act.HOLD, rita)
    with any_database.write() as session:
        bulk_changes.change_batch(session, known[:2], change, now=NOW)
    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        bulk_changes.change_batch(session, known[2:4], change, now=NOW)
        raise ZeroDivisionError
    assert states(any_database) == {"held": 2, "queued": 3}
    assert press(any_database, EVERYTHING, change, known) == 3
    with any_database.read() as session:
        assert by_staff(session) == dict.fromkeys(ids, 1)


def test_more_than_one_press_may_change_is_done_with_several(any_database: Database) -> None:
    ids = fill(any_database, 5)
    with any_database.read() as session:
        first = bulk_changes.survey(session, EVERYTHING, Act.HOLD, now=NOW, most=3)
        assert (first.ids, first.is_cut) == (tuple(ids[2:]), True)
        again = bulk_changes.still_to_do(session, EVERYTHING, Act.HOLD, first.ids, now=NOW, most=3)
        assert again == first.ids
        after_some = bulk_changes.still_to_do(session, Chosen(ids=tuple(ids[:4])), Act.HOLD, ids[1:4], now=NOW, most=3)
        assert after_some == tuple(ids[1:4])


@pytest.mark.parametrize("after", ["FROM messages", ""], ids=["from the beginning", "at the end"])
@pytest.mark.parametrize("act", [Act.HOLD, Act.CANCEL])
def test_two_who_press_at_once_change_each_letter_once(
    any_database: Database, rita: int, otto: int, act: Act, after: str
) -> None:
    ids = fill(any_database, 6)
    known = seen(any_database, EVERYTHING, act)
    done: dict[int, int] = {}

    def pressing(by: int, in_order: tuple[int, ...]) -> Block:
        def go(session: Session) -> None:
            refused = bulk_changes.change_batch(session, in_order, order(act, by), now=NOW)
            assert set(refused.values()) <= {Refusal.MOVED_ON}
            done[by] = len(in_order) - len(refused)

        return go

    cross(any_database, pressing(rita, known), pressing(otto, known[::-1]), after=after)
    assert sorted(done.values()) == [0, 6]
    with any_database.read() as session:
        assert by_staff(session) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("is_worker_first", [True, False])
def test_a_worker_that_claims_at_the_same_moment_gets_a_letter_or_the_act_does(
    any_database: Database, rita: int, is_worker_first: bool
) -> None:
    ids = fill(any_database, 4)
    known = seen(any_database, EVERYTHING, Act.HOLD)
    claimed: list[int] = []
    refused: dict[int, Refusal] = {}

    def work(session: Session) -> None:
        claimed.extend(claim(session, owner="w:1", now=NOW, limit=2, lease=LEASE).ids)

    def hold(session: Session) -> None:
        refused.update(bulk_changes.change_batch(session, known, order(Act.HOLD, rita), now=NOW))

    cross(any_database, *((work, hold) if is_worker_first else (hold, work)))
    assert set(claimed) == set(refused)
    assert states(any_database) == Counter(held=4 - len(claimed), sending=len(claimed)) - Counter()
    assert len(claimed) == (2 if is_worker_first else 0)
    assert len(ids) == 4


def test_what_may_not_be_sent_is_told_apart(any_database: Database, rita: int) -> None:
    ids = fill(any_database, 4)
    with any_database.write() as session:
        for message in session.scalars(select(Message)):
            message.state = "held"
        actions = session.scalars(select(Action).order_by(Action.id)).all()
        actions[0].cancelled_at = NOW
        session.delete(session.get_one(FrozenLetter, ids[1]))
    with any_database.read() as session:
        found = bulk_changes.survey(session, EVERYTHING, Act.RELEASE, now=NOW)
    assert found.ids == tuple(ids[2:])
    assert found.refused == {Refusal.TAKEN_BACK: 1, Refusal.ERASED: 1}
    assert press(any_database, EVERYTHING, order(Act.RELEASE, rita), found.ids) == 2
    with any_database.write() as session:
        session.scalars(select(Campaign)).one().deadline_at = NOW
        for message in session.scalars(select(Message)):
            if message.state == "queued":
                message.state = "held"
    with any_database.read() as session:
        found = bulk_changes.survey(session, EVERYTHING, Act.RELEASE, now=NOW)
    assert found.refused == {Refusal.TAKEN_BACK: 1, Refusal.ERASED: 1, Refusal.DEADLINE_PASSED: 2}


def test_what_is_released_goes_though_its_campaign_holds_the_others(any_database: Database, rita: int) -> None:
    ids = fill(any_database, 3)
    with any_database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.holds_letters, campaign.deadline_at = True, NOW + timedelta(hours=5)
        for message in session.scalars(select(Message)):
            message.state = "held"
    chosen = Chosen(ids=tuple(ids[:2]))
    with any_database.read() as session:
        assert bulk_changes.survey(session, chosen, Act.RELEASE, now=NOW).campaigns_held == 2
    assert press(any_database, chosen, order(Act.RELEASE, rita), chosen.ids) == 2
    with any_database.write() as session:
        assert session.get_one(Message, ids[0]).expires_at == NOW + timedelta(hours=5)
        assert claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids == ids[:2]


def test_an_erasure_between_two_looks_takes_the_letter_out(any_database: Database, rita: int) -> None:
    ids = fill(any_database, 2)
    with any_database.write() as session:
        for message in session.scalars(select(Message)):
            message.state = "held"
    known = seen(any_database, EVERYTHING, Act.RELEASE)
    with any_database.write() as session:
        token = session.scalars(select(Action.receipt_token).order_by(Action.id)).first()
        assert token is not None
        erasure.erase(session, token, now=NOW)
    assert press(any_database, EVERYTHING, order(Act.RELEASE, rita), known) == 1
    with any_database.read() as session:
        assert [session.get_one(Message, id_).state for id_ in ids] == ["failed", "queued"]


def test_a_reason_is_kept_without_whomever_of_all_their_supporters_it_names(any_database: Database, rita: int) -> None:
    """It is one reason for all, so a letter of somebody else must not have the name either."""
    mixed(any_database)
    named = replace(order(Act.HOLD, rita), reason="Mai Example and deferred@example.org asked for it")
    assert press(any_database, EVERYTHING, named, seen(any_database, EVERYTHING, Act.HOLD)) == 3
    kept = "(left out) and (left out) asked for it"
    with any_database.read() as session:
        (entry,) = audited(session, "messages_held")
        told = session.scalars(select(Event.text).where(Event.actor_kind == ActorKind.STAFF.value)).all()
    assert entry[3]["reason"] == kept
    assert told == [kept] * 3


def test_the_audit_trail_names_the_filter_in_codes_and_nobody(any_database: Database, rita: int) -> None:
    mixed(any_database)
    wanted = Filter(campaign="ab969", domain="legis.example", words="Mai Example", since=NOW)
    press(any_database, wanted, order(Act.HOLD, rita), ())
    with any_database.read() as session:
        *_, (_by, action, on, details) = audited(session)
    assert (action, on) == ("messages_held", "messages filter")
    assert details == {
        "campaign": "ab969",
        "domain": "legis.example",
        "words": "(given)",
        "since": "2026-03-04T15:12:05Z",
        "count": 0,
        "reason": "The office asked for it",
    }
