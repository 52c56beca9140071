from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.delivery.rates import (
    Bucket,
    Candidate,
    Limits,
    Scope,
    bucket_for,
    choose,
    halvings_at,
    may_send_now,
)

NOW = datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(st.integers(1, 500), st.lists(st.integers(0, 3600), min_size=1, max_size=80))
def test_no_hour_sees_more_than_the_limit(limit: int, waits: list[int]) -> None:
    bucket, now, sent = Bucket(limit=limit, period=HOUR), NOW, []
    for wait in waits:
        now += timedelta(seconds=wait)
        count = bucket.room(now)
        bucket = Bucket(limit=limit, period=HOUR, used=bucket.used_at(now) + count, at=now)
        sent += [now] * count
    for start in sent:
        within = [moment for moment in sent if start <= moment < start + HOUR]
        assert len(within) <= max(limit, 2)


@given(st.integers(1, 500))
def test_an_idle_bucket_fills_up_again(limit: int) -> None:
    bucket = Bucket(limit=limit, period=HOUR, used=limit, at=NOW)
    assert bucket.room(NOW) == 0
    assert bucket.room(NOW + 3 * HOUR) == int(bucket.burst)


def test_what_has_no_limit_has_no_bucket() -> None:
    assert bucket_for(Scope.TARGET, Limits()) is None
    assert bucket_for(Scope.DOMAIN, Limits()) is None
    assert bucket_for(Scope.ALL, Limits(target_hour=1, domain_minute=1, campaign_hour=1)) is None


def test_a_domain_that_asks_to_slow_down_is_halved_each_time_and_recovers_by_the_hour() -> None:
    rates = [bucket_for(Scope.DOMAIN, Limits(domain_minute=16), halvings=times) for times in range(4)]
    assert [bucket.limit for bucket in rates if bucket] == [16, 8, 4, 2]
    relayed = bucket_for(Scope.DOMAIN, Limits(), halvings=1)
    assert relayed is not None
    assert relayed.limit == 10
    assert [halvings_at(3, NOW, NOW + hours * HOUR) for hours in range(5)] == [3, 2, 1, 0, 0]
    assert halvings_at(0, None, NOW) == 0


def test_a_domain_halved_to_less_than_one_a_minute_still_gets_one_now_and_then() -> None:
    bucket = bucket_for(Scope.DOMAIN, Limits(), used=1.0, at=NOW, halvings=6)
    assert bucket is not None
    assert bucket.room(NOW + timedelta(minutes=1)) == 0
    assert bucket.room(NOW + timedelta(minutes=4)) == 1


@given(st.sampled_from([Scope.ALL, Scope.DOMAIN, Scope.TARGET]), st.integers(0, 60), st.integers(1, 5))
def test_a_rate_halved_once_more_is_never_faster(scope: Scope, limit: int, halvings: int) -> None:
    limits = Limits(domain_minute=limit, target_hour=limit)
    sent = []
    for times in (halvings, halvings + 1):
        bucket = bucket_for(scope, limits, halvings=times)
        assert bucket is not None
        count, now = 0, NOW
        for _ in range(240):
            now += bucket.period / 20
            room = bucket.room(now)
            bucket = Bucket(limit=bucket.limit, period=bucket.period, used=bucket.used_at(now) + room, at=now)
            count += room
        sent.append(count)
    assert sent[0] >= sent[1]


def test_what_has_been_slowed_and_is_no_domain_has_a_rate_too() -> None:
    relay, target = bucket_for(Scope.ALL, Limits(), halvings=1), bucket_for(Scope.TARGET, Limits(), halvings=2)
    assert relay is not None
    assert target is not None
    assert (relay.limit, relay.period) == (30, HOUR / 60)
    assert (target.limit, target.period) == (7.5, HOUR)


@pytest.mark.parametrize(
    ("hours", "zone", "may"),
    [
        (None, "America/Chicago", True),
        ((9, 17), "America/Chicago", True),  # 9:12 there
        ((10, 17), "America/Chicago", False),
        ((9, 17), "America/Los_Angeles", False),  # 7:12 there
        ((22, 8), "America/Los_Angeles", True),
        ((22, 7), "America/Los_Angeles", False),
        ((0, 0), "America/Chicago", True),
        ((15, 16), "No/Such_Place", True),  # as UTC
    ],
)
def test_sending_hours_are_those_of_the_targets_clock(hours: tuple[int, int] | None, zone: str, may: bool) -> None:
    assert may_send_now(hours, zone, NOW) is may


candidates = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 3), st.sampled_from(["a.example", "b.example"])), max_size=60
).map(lambda rows: [Candidate(id=n, target=t, campaign=c, domain=d) for n, (t, c, d) in enumerate(rows)])


@given(candidates, st.integers(0, 30), st.dictionaries(st.integers(1, 5), st.integers(0, 4)))
def test_choosing_is_fair_bounded_and_within_room(rows: list[Candidate], limit: int, rooms: dict[int, int]) -> None:
    room = {(Scope.TARGET, str(target)): count for target, count in rooms.items()}
    chosen = choose(rows, limit, dict(room))
    assert len(chosen) <= limit
    assert len({one.id for one in chosen}) == len(chosen)
    counts = {target: sum(one.target == target for one in chosen) for target in {row.target for row in rows}}
    for target, count in counts.items():
        assert count <= room.get((Scope.TARGET, str(target)), limit)
        mine = [row.id for row in rows if row.target == target]
        assert [one.id for one in chosen if one.target == target] == mine[:count]
        for other, others in counts.items():  # nobody gets two more than one who could have had more
            able = min(sum(row.target == other for row in rows), room.get((Scope.TARGET, str(other)), limit))
            assert count <= others + 1 or others == able
