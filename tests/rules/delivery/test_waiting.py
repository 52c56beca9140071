"""Why a letter waits, from what is known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.states import WAITING, State
from actionmail.rules.delivery.waiting import Circumstances, Why, why_waiting

NOW = datetime(2026, 3, 4, 15, 12, 5, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DUE = Circumstances(
    state=State.QUEUED,
    next_attempt_at=NOW,
    undo_until=None,
    stops=(),
    campaign_holds=False,
    has_seat=True,
    worker_seen_at=NOW,
    is_worker_away=False,
    relay_away_since=None,
    limits=Limits(target_hour=30),
    timezone="America/Chicago",
    full=(),
    before=0,
)
DOMAIN = (Scope.DOMAIN, "legis.example")
UMA = (Scope.TARGET, "Uma Pattern")


def whys(**known: Any) -> list[Why]:
    return [reason.why for reason in why_waiting(replace(DUE, **known), NOW)]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, [Why.ITS_TURN]),
        ({"stops": [DOMAIN]}, [Why.STOPPED]),
        ({"campaign_holds": True}, [Why.CAMPAIGN_HOLDS]),
        ({"has_seat": False}, [Why.NO_SEAT]),
        ({"is_worker_away": True}, [Why.NO_WORKER]),
        ({"is_worker_away": True, "relay_away_since": NOW}, [Why.NO_WORKER]),
        ({"relay_away_since": NOW}, [Why.RELAY_AWAY]),
        ({"next_attempt_at": LATER, "undo_until": LATER}, [Why.UNDO]),
        ({"next_attempt_at": LATER, "undo_until": NOW}, [Why.NEXT_TRY]),
        ({"next_attempt_at": LATER, "undo_until": LATER, "state": State.DEFERRED}, [Why.NEXT_TRY]),
        ({"limits": Limits(hours=(18, 20))}, [Why.OUTSIDE_HOURS]),
        ({"limits": Limits(hours=(8, 18))}, [Why.ITS_TURN]),
        ({"full": [UMA]}, [Why.SLOWED]),
        ({"full": [UMA], "before": 7}, [Why.SLOWED, Why.IN_LINE]),
        ({"before": 7}, [Why.ITS_TURN]),
        (
            {"stops": [DOMAIN, UMA], "is_worker_away": True, "next_attempt_at": LATER, "full": [UMA]},
            [Why.STOPPED, Why.STOPPED, Why.NO_WORKER, Why.NEXT_TRY, Why.SLOWED],
        ),
    ],
)
def test_the_weightiest_reason_comes_first(known: dict[str, Any], expected: list[Why]) -> None:
    assert whys(**known) == expected


@pytest.mark.parametrize("state", sorted(set(State) - WAITING))
def test_what_waits_for_no_worker_has_no_reasons(state: State) -> None:
    assert whys(state=state, stops=[DOMAIN]) == []


def test_each_reason_carries_its_values() -> None:
    found = why_waiting(replace(DUE, stops=[DOMAIN], full=[UMA], before=3, next_attempt_at=LATER), NOW)
    assert [(one.scope, one.name) for one in found[:1]] == [DOMAIN]
    assert [one.at for one in found if one.why is Why.NEXT_TRY] == [LATER]
    assert [one.before for one in found if one.why is Why.IN_LINE] == [3]
