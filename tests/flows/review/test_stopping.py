"""Stops that staff set and lift, what waits behind them, and two who do it at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import Rate, Switch
from actionmail.flows.delivery import claim
from actionmail.flows.review import stopping
from actionmail.flows.review.stopping import LONGEST_REASON, StopProblem, StopRefused
from actionmail.rules.delivery.rates import Limits, Scope
from actionmail.rules.delivery.reasons import Actor
from tests.audit import audited
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW, sample_legislator
from tests.two_sessions import cross

WHY = "The office called"
LEASE = timedelta(minutes=5)


def stop(session: Session, scope: Scope, name: str, why: str = WHY) -> bool:
    return stopping.stop(session, scope, name, reason=why, actor=Actor.staff(None), by=None, now=NOW)


def lift(session: Session, scope: Scope, name: str, why: str = "They said sorry") -> bool:
    return stopping.lift(session, scope, name, reason=why, by=None, now=NOW)


def names(database: Database) -> dict[Scope, str]:
    """What of the two letters there are could be stopped."""
    with database.read() as session:
        message = session.scalars(select(Message)).first()
        assert message is not None
        return {
            Scope.ALL: "",
            Scope.CAMPAIGN: "ab969",
            Scope.DOMAIN: message.domain,
            Scope.TARGET: str(message.legislator_id),
        }


@pytest.mark.parametrize("scope", list(Scope))
def test_what_is_stopped_is_not_claimed_until_it_is_lifted(any_database: Database, scope: Scope) -> None:
    ids = fill(any_database, 2)
    name = names(any_database)[scope]
    with any_database.write() as session:
        assert stop(session, scope, name)
        assert not stop(session, scope, name, "Another reason")
    with any_database.write() as session:
        assert claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids == []
        (behind,) = stopping.overview(session, Limits(), now=NOW).stops
        assert (behind.stop.scope, behind.stop.name, behind.waiting) == (scope, name, 2)
        assert behind.stop.cause.words == WHY
        assert lift(session, scope, name)
        assert not lift(session, scope, name)
    with any_database.write() as session:
        assert claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids == ids
        told = f"stop {scope.value} {name}".strip()
        assert [entry[1:] for entry in audited(session)] == [
            ("stop_set", told, {"reason": WHY}),
            ("stop_lifted", told, {"reason": "They said sorry"}),
        ]


@pytest.mark.parametrize("deed", [stop, lift])
def test_of_two_at_once_one_does_it_and_is_written_down(any_database: Database, deed: object) -> None:
    fill(any_database, 1)
    if deed is lift:
        with any_database.write() as session:
            stop(session, Scope.DOMAIN, "legis.example")
    done: list[bool] = []

    def go(session: Session) -> None:
        act = stop if deed is stop else lift
        done.append(act(session, Scope.DOMAIN, "legis.example"))

    cross(any_database, go, go)
    assert sorted(done) == [False, True]
    with any_database.read() as session:
        assert len(session.scalars(select(Switch)).all()) == (1 if deed is stop else 0)
        action = "stop_set" if deed is stop else "stop_lifted"
        assert len(audited(session, action)) == 1


def test_one_sets_a_stop_while_another_lifts_it(any_database: Database) -> None:
    fill(any_database, 1)
    with any_database.write() as session:
        stop(session, Scope.ALL, "")
    cross(any_database, lambda session: lift(session, Scope.ALL, ""), lambda session: stop(session, Scope.ALL, ""))
    with any_database.read() as session:
        assert len(session.scalars(select(Switch)).all()) == 1
        assert [entry[1] for entry in audited(session)] == ["stop_set", "stop_lifted", "stop_set"]


def test_what_is_slowed_is_told_whoever_asked_for_it(any_database: Database) -> None:
    with any_database.write() as session:
        legislator = sample_legislator(session, name="Uma Pattern")
        for scope, key, halvings, slowed_at in (
            (Scope.ALL, "", 1, NOW),
            (Scope.DOMAIN, "legis.example", 2, NOW),
            (Scope.TARGET, str(legislator.id), 1, NOW),
            (Scope.DOMAIN, "over.example", 1, NOW - timedelta(hours=1)),
        ):
            session.add(Rate(scope=scope.value, key=key, used=0, at=NOW, halvings=halvings, slowed_at=slowed_at))
    with any_database.read() as session:
        paces = stopping.overview(session, Limits(target_hour=30), now=NOW).slowed
    assert [(pace.slowed.scope, pace.slowed.title, pace.limit) for pace in paces] == [
        (Scope.ALL, "", 30.0),
        (Scope.DOMAIN, "", 5.0),
        (Scope.TARGET, "Uma Pattern", 15.0),
    ]


def test_a_campaign_that_holds_its_letters_is_listed(any_database: Database) -> None:
    fill(any_database, 1)
    with any_database.write() as session:
        session.scalars(select(Campaign)).one().holds_letters = True
    with any_database.read() as session:
        (held,) = stopping.overview(session, Limits(), now=NOW).held
    assert (held.slug, held.held) == ("ab969", 0)


@pytest.mark.parametrize(
    ("scope", "typed", "problem"),
    [
        (Scope.DOMAIN, "", StopProblem.NO_NAME),
        (Scope.DOMAIN, "not a domain", StopProblem.NO_DOMAIN),
        (Scope.DOMAIN, "mai@example.org", StopProblem.NO_DOMAIN),
        (Scope.CAMPAIGN, "nothing", StopProblem.UNKNOWN_CAMPAIGN),
        (Scope.TARGET, "nobody at all", StopProblem.UNKNOWN_LEGISLATOR),
        (Scope.TARGET, "9" * 30, StopProblem.UNKNOWN_LEGISLATOR),
        (Scope.TARGET, "4711", StopProblem.UNKNOWN_LEGISLATOR),
        (Scope.TARGET, "²", StopProblem.UNKNOWN_LEGISLATOR),
        (Scope.TARGET, "Pattern", StopProblem.SEVERAL_LEGISLATORS),
    ],
)
def test_what_cannot_be_stopped_is_told(any_database: Database, scope: Scope, typed: str, problem: StopProblem) -> None:
    with any_database.write() as session:
        for name in ("Uma Pattern", "Ulf Pattern"):
            sample_legislator(session, name=name)
    with any_database.write() as session, pytest.raises(StopRefused) as met:
        stop(session, scope, stopping.named(session, scope, typed))
    assert met.value.code is problem


def test_a_legislator_is_known_by_a_part_of_the_name(any_database: Database) -> None:
    with any_database.write() as session:
        number = sample_legislator(session, name="Uma Pattern").id
        sample_legislator(session, name="Ulf Pattern")
    with any_database.read() as session:
        assert stopping.named(session, Scope.TARGET, " uma  pat ") == str(number)


@pytest.mark.parametrize(
    ("why", "problem"), [(" \n", StopProblem.NO_REASON), ("x" * (LONGEST_REASON + 1), StopProblem.REASON_TOO_LONG)]
)
def test_a_stop_and_its_end_want_a_reason(any_database: Database, why: str, problem: StopProblem) -> None:
    with any_database.write() as session:
        for deed in (stop, lift):
            with pytest.raises(StopRefused) as met:
                deed(session, Scope.ALL, "", why)
            assert met.value.code is problem
