"""Fairness, rates and switches, on a real database."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.throttles import AddressFault, Rate
from actionmail.flows.delivery import Claimed, cancel, claim, pause, record, resume, slowed, switches
from actionmail.rules.delivery.answers import classify
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor, PauseCause
from actionmail.rules.delivery.states import Outcome, Phase
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message

LEASE = timedelta(minutes=5)
START = NOW + timedelta(minutes=1)


def fill(session: Session, campaign: Campaign, target: int, letters: int, *, when: datetime = NOW) -> list[int]:
    legislator = sample_legislator(session, id=target, email=f"t{target}@d{target % 3}.example")
    return queue_for(session, campaign, legislator, letters, when=when)


def queue_for(session: Session, campaign: Campaign, legislator: object, letters: int, *, when: datetime) -> list[int]:
    ids = []
    for number in range(letters):
        action = sample_action(session, campaign, email=f"s{number}@example.org")
        message = sample_message(session, action, legislator, campaign.letters[0], next_attempt_at=when)  # type: ignore[arg-type]
        ids.append(message.id)
    return ids


def take(database: Database, limit: int, *, now: datetime = START, after: int = 0, **limits: object) -> Claimed:
    with database.write() as session:
        allowed = Limits(**limits)  # type: ignore[arg-type]
        return claim(session, owner="test:1", now=now, limit=limit, lease=LEASE, limits=allowed, after=after)


def targets_of(database: Database, ids: list[int]) -> Counter[int]:
    with database.read() as session:
        return Counter(session.scalars(select(Message.legislator_id).where(Message.id.in_(ids))))


def test_a_big_campaign_does_not_starve_a_small_one(any_database: Database) -> None:
    with any_database.write() as session:
        big = sample_campaign(session)
        fill(session, big, 1, 90)
        small = sample_campaign(session, slug="sb1161")
        late = NOW + timedelta(seconds=30)
        ten = fill(session, small, 2, 5, when=late) + fill(session, small, 3, 5, when=late)
    first = take(any_database, 30)
    assert set(ten) <= set(first.ids)
    assert len(first.ids) == 30


def test_targets_take_turns_also_when_a_batch_is_smaller_than_their_number(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 8):
            fill(session, campaign, target, 3)
    cursor, seen = 0, Counter[int]()
    for _ in range(7):
        got = take(any_database, 3, after=cursor)
        cursor = got.cursor
        seen += targets_of(any_database, got.ids)
    assert seen == Counter(dict.fromkeys(range(1, 8), 3))


def test_a_full_window_takes_a_few_of_each_target_and_goes_on_after_them(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 41):
            fill(session, campaign, target, 6)
    first = take(any_database, 100)
    second = take(any_database, 100, after=first.cursor)
    assert targets_of(any_database, first.ids) == Counter(dict.fromkeys(range(1, 26), 4))
    assert targets_of(any_database, second.ids) == Counter(dict.fromkeys(range(26, 41), 6))


def test_a_full_window_is_found_where_each_target_has_one_letter(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 111):
            fill(session, campaign, target, 1)
    assert len(take(any_database, 100).ids) == 100


def test_a_target_with_letters_for_later_does_not_keep_others_waiting(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 20):
            fill(session, campaign, target, 1, when=NOW + timedelta(hours=5))
        fill(session, campaign, 20, 40)
    assert len(take(any_database, 20).ids) == 20
    assert len(take(any_database, 40).ids) == 20


def test_a_target_gets_no_more_than_its_rate(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        fill(session, campaign, 1, 60)
        fill(session, campaign, 2, 4)
    got = take(any_database, 50, target_hour=30)
    assert targets_of(any_database, got.ids) == Counter({1: 15, 2: 4})
    assert take(any_database, 50, target_hour=30).ids == []
    half = take(any_database, 50, now=START + timedelta(minutes=30), target_hour=30)
    assert 7 <= len(half.ids) <= 8
    whole = take(any_database, 50, now=START + timedelta(minutes=60), target_hour=30)
    assert len(got.ids) - 4 + len(half.ids) + len(whole.ids) <= 30


def test_a_campaign_and_a_domain_keep_to_their_rates(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 7):
            fill(session, campaign, target, 6)
        other = sample_campaign(session, slug="sb1161")
        fill(session, other, 9, 3)
    got = take(any_database, 60, campaign_hour=20)
    assert len(got.ids) == 10 + 3
    by_domain = take(any_database, 60, domain_minute=8)
    with any_database.read() as session:
        domains = Counter(session.scalars(select(Message.domain).where(Message.id.in_(by_domain.ids))))
    assert set(domains.values()) == {4}
    assert take(any_database, 60, domain_minute=8).ids == []


@pytest.mark.parametrize(
    ("scope", "key", "left"),
    [(Scope.ALL, "", 0), (Scope.TARGET, "1", 3), (Scope.DOMAIN, "d1.example", 3), (Scope.CAMPAIGN, "?", 1)],
)
def test_a_switch_stops_what_it_covers_and_nothing_else(
    any_database: Database, scope: Scope, key: str, left: int
) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        fill(session, campaign, 1, 2)
        fill(session, campaign, 3, 2)
        other = sample_campaign(session, slug="sb1161")
        fill(session, other, 2, 1)
        key = str(campaign.id) if key == "?" else key
        assert pause(session, scope, key, PauseCause(words="a phone call"), actor=Actor.staff(1), now=NOW)
        assert not pause(session, scope, key, PauseCause(words="again"), actor=Actor.staff(1), now=NOW)
    assert len(take(any_database, 9).ids) == left
    with any_database.write() as session:
        assert [(stop.scope, stop.words) for stop in switches(session)] == [(scope, "a phone call")]
        assert resume(session, scope, key)
        assert not resume(session, scope, key)
    assert len(take(any_database, 9).ids) == 5 - left


def test_a_stopped_campaigns_backlog_does_not_hide_another_campaigns_letter(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session, id=1)
        queue_for(session, campaign, legislator, 50, when=NOW)
        other = sample_campaign(session, slug="sb1161")
        (letter,) = queue_for(session, other, legislator, 1, when=NOW + timedelta(seconds=9))
        pause(session, Scope.CAMPAIGN, str(campaign.id), PauseCause(words="stop"), actor=Actor.staff(1), now=NOW)
    assert take(any_database, 5).ids == [letter]


def test_letters_wait_for_the_sending_hours_of_their_campaigns_place(any_database: Database) -> None:
    with any_database.write() as session:
        fill(session, sample_campaign(session), 1, 1)  # Chicago, 9:13
        fill(session, sample_campaign(session, slug="sb1161", timezone="America/Los_Angeles"), 2, 1)  # 7:13
    assert targets_of(any_database, take(any_database, 9, hours=(8, 18)).ids) == Counter({1: 1})
    later = take(any_database, 9, now=START + timedelta(hours=1), hours=(8, 18))
    assert targets_of(any_database, later.ids) == Counter({2: 1})


def answer(database: Database, ids: list[int], outcome: Outcome, *, now: datetime = START) -> None:
    with database.write() as session:
        record(session, dict.fromkeys(ids, outcome), owner="test:1", now=now, jitter=lambda: 0.0)


SPAM = classify(Phase.BODY, 554, "5.7.1 spam")


def test_refusals_by_policy_of_several_mailboxes_stop_the_domain_until_a_person_has_looked(
    any_database: Database,
) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        ids = fill(session, campaign, 1, 2) + fill(session, campaign, 4, 2)  # both at d1.example
        fill(session, campaign, 2, 1)
    taken = take(any_database, 5).ids
    for id_ in (ids[0], ids[1]):
        answer(any_database, [id_], SPAM)
        with any_database.read() as session:
            assert switches(session) == []
    answer(any_database, [ids[2]], SPAM)
    with any_database.read() as session:
        (stop,) = switches(session)
    assert (stop.scope, stop.key, stop.actor_kind, stop.actor_id) == ("domain", "d1.example", "worker", "test:1")
    assert (stop.reason_code, stop.words) == ("refused", "554 5.7.1 spam")
    assert len(taken) == 5
    with any_database.write() as session:
        assert resume(session, Scope.DOMAIN, "d1.example")
    answer(any_database, [ids[3]], SPAM)
    with any_database.read() as session:
        assert switches(session) == []  # resumed: what was before counts no longer


def test_refusals_by_policy_of_one_mailbox_stop_that_one_alone(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        ids = fill(session, campaign, 1, 4)
        others = fill(session, campaign, 4, 1)
    take(any_database, 4)
    answer(any_database, ids[:3], SPAM)
    with any_database.read() as session:
        assert [(stop.scope, stop.key) for stop in switches(session)] == [("target", "1")]
    assert take(any_database, 9).ids in ([], others)
    with any_database.write() as session:
        assert resume(session, Scope.TARGET, "1")
    answer(any_database, ids[3:], SPAM)
    with any_database.read() as session:
        assert switches(session) == []


def test_refusals_by_policy_hours_apart_stop_nothing(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        ids = fill(session, campaign, 1, 2) + fill(session, campaign, 4, 2)
    take(any_database, 4)
    for hours, id_ in enumerate(ids):
        answer(any_database, [id_], SPAM, now=START + hours * timedelta(minutes=31))
    with any_database.read() as session:
        assert switches(session) == []


@pytest.mark.parametrize(
    ("words", "scope", "key"),
    [
        ("4.3.2 Too many connections at once from you", "all", ""),
        ("4.2.1 This mailbox is getting mail faster than it may", "target", "1"),
        ("4.7.1 Messages for this domain come too fast", "domain", "d1.example"),
    ],
)
def test_who_asks_to_slow_down_is_slowed_once_a_claim(any_database: Database, words: str, scope: str, key: str) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        fill(session, campaign, 1, 60)
        fill(session, campaign, 2, 60)
    outcome = classify(Phase.RCPT, 451, words)
    first = [id_ for id_ in take(any_database, 8).ids if targets_of(any_database, [id_]) == {1: 1}]
    for number, id_ in enumerate(first[:3]):
        with any_database.write() as session:
            when = START + timedelta(seconds=number)
            record(session, {id_: outcome}, owner="test:1", now=when, jitter=lambda: 0.0, claimed_at=START)
    with any_database.read() as session:
        (rate,) = session.scalars(select(Rate).where(Rate.halvings > 0))
    assert (rate.scope, rate.key, rate.halvings) == (scope, key, 1)
    later = targets_of(any_database, take(any_database, 120, now=START + timedelta(seconds=5)).ids)
    most = {"all": 15, "target": 7, "domain": 5}[scope]
    assert later[1] <= most
    assert (later[2] > 40) is (scope != "all")


def test_a_domain_that_asks_to_slow_down_gets_half(any_database: Database) -> None:
    with any_database.write() as session:
        fill(session, sample_campaign(session), 1, 40)
    got = take(any_database, 2)
    answer(any_database, got.ids, classify(Phase.RCPT, 451, "4.7.0 not so fast"))
    with any_database.read() as session:
        assert [(one.name, one.halvings) for one in slowed(session, now=START)] == [("d1.example", 1)]
        assert slowed(session, now=START + timedelta(hours=1)) == []
    assert len(take(any_database, 40).ids) == 5
    assert take(any_database, 40).ids == []
    assert 4 <= len(take(any_database, 40, now=START + timedelta(minutes=1)).ids) <= 5
    assert len(take(any_database, 40, now=START + timedelta(hours=2)).ids) > 10


def test_two_different_supporters_put_a_dead_address_on_hold(any_database: Database) -> None:
    with any_database.write() as session:
        fill(session, sample_campaign(session), 1, 3)
    unknown = classify(Phase.RCPT, 550, "5.1.1 no such user")
    (first,) = take(any_database, 1).ids
    answer(any_database, [first], unknown)
    with any_database.read() as session:
        assert switches(session) == []
    (second,) = take(any_database, 1).ids
    answer(any_database, [second], unknown)
    with any_database.read() as session:
        assert [(stop.scope, stop.key) for stop in switches(session)] == [("target", "1")]
    assert take(any_database, 9).ids == []


def test_a_target_that_is_resumed_has_its_address_trusted_again(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        fill(session, campaign, 1, 5)
        fill(session, campaign, 2, 2)
    unknown = classify(Phase.RCPT, 550, "5.1.1 no such user")
    answer(any_database, take(any_database, 4).ids, unknown)  # two letters of each
    with any_database.write() as session:
        assert [stop.key for stop in switches(session)] == ["1", "2"]
        assert resume(session, Scope.TARGET, "1")
        assert not resume(session, Scope.TARGET, "1")
        assert list(session.scalars(select(AddressFault.recipient).distinct())) == ["t2@d2.example"]
    for is_stopped in (False, True):
        answer(any_database, take(any_database, 1).ids, unknown)
        with any_database.read() as session:
            assert ("1" in {stop.key for stop in switches(session)}) is is_stopped


def test_cancelled_letters_are_never_sent_and_the_log_says_who_did_it(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        ids = fill(session, campaign, 1, 3)
        others = fill(session, campaign, 2, 1)
    (sending,) = take(any_database, 1).ids
    with any_database.write() as session:
        count = cancel(session, Scope.TARGET, "1", reason="the office asked", actor=Actor.staff(7), now=START)
    assert count == 2
    assert sending in ids
    assert take(any_database, 9).ids == others
    with any_database.read() as session:
        steps = session.scalars(select(Event).where(Event.to_state == "cancelled")).all()
    assert {(step.from_state, step.actor_kind, step.actor_id, step.text) for step in steps} == {
        ("queued", "staff", "7", "the office asked")
    }
    assert len(steps) == 2
