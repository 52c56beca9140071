"""MTA-STS policies outlast the worker that saw them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.sts_policies import StsPolicy
from actionmail.flows.delivery.sts_policies import KeptPolicies
from actionmail.rules.delivery.mta_sts import Mode, Policy

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = Policy(
    id="1", mode=Mode.ENFORCE, hosts=("mx1.a.example", "*.b.example"), fetched_at=NOW, max_age=timedelta(days=7)
)


def test_a_policy_comes_back_as_it_was_kept_and_the_next_takes_its_place(any_database: Database) -> None:
    kept = KeptPolicies(any_database, clock=lambda: NOW)
    assert kept.get("a.example") is None
    kept.put("a.example", POLICY)
    assert kept.get("a.example") == POLICY
    newer = replace(POLICY, id="2", mode=Mode.NONE, hosts=())
    kept.put("a.example", newer)
    assert kept.get("a.example") == newer


def test_what_holds_no_longer_goes(any_database: Database) -> None:
    KeptPolicies(any_database, clock=lambda: NOW).put("a.example", POLICY)
    KeptPolicies(any_database, clock=lambda: NOW + timedelta(days=8)).put(
        "b.example", replace(POLICY, fetched_at=NOW + timedelta(days=8))
    )
    with any_database.read() as session:
        assert session.scalars(select(StsPolicy.domain)).all() == ["b.example"]
