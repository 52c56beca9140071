"""Floods from one link or network, and the same paragraph of many: noticed, found in the send log, told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.webhooks import WebhookDelivery, WebhookNews
from actionmail.flows.privacy.erasure import erase
from actionmail.flows.review import webhook_sending, webhooks
from actionmail.flows.review.crowds import CROWDS, LOOK_BACK, LOOKED_AT, CrowdKind, crowds
from actionmail.flows.review.filters import CannotMatch, Filter
from actionmail.flows.review.message_filter import matching
from actionmail.flows.staff import Role
from actionmail.rules.staff.webhooks import HookEvent
from actionmail.settings import Settings
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.two_sessions import cross
from tests.web.staff_pages import hire

MINUTE = timedelta(minutes=1)
SHARED: dict[CrowdKind, dict[str, Any]] = {
    CrowdKind.SOURCE: {"source": "flyer"},
    CrowdKind.NETWORK: {"consent_address": "192.0.2.7"},
    CrowdKind.PARAGRAPH: {"paragraph_bucket": 1207},
}


def act(
    session: Session, campaign: Campaign, count: int, *, apart: timedelta, last: datetime = NOW, **columns: Any
) -> None:
    """So many actions, the last of them at `last`."""
    first = sample_action(session, campaign, created_at=last, **columns)
    row = {column.name: getattr(first, column.name) for column in Action.__table__.columns}
    del row["id"]
    rows = []
    for number in range(1, count):
        keys = {"idempotency_key": f"{first.id}-{number}", "receipt_token": f"{first.id}-{number}"}
        rows.append({**row, **keys, "created_at": last - number * apart})
    if rows:
        session.execute(insert(Action), rows)


@pytest.mark.parametrize("kind", CrowdKind)
def test_a_crowd_is_noticed_from_so_many_on_and_not_one_sooner(any_database: Database, kind: CrowdKind) -> None:
    most, within = CROWDS[kind]
    with any_database.write() as session:
        campaign = sample_campaign(session)
        act(session, campaign, most - 1, apart=within / most, **SHARED[kind])
    with any_database.read() as session:
        assert crowds(session, now=NOW + MINUTE) == []
    with any_database.write() as session:
        act(session, session.scalars(select(Campaign)).one(), 1, apart=MINUTE, **SHARED[kind])
    with any_database.read() as session:
        (crowd,) = crowds(session, now=NOW + MINUTE)
        assert (crowd.kind, crowd.campaign, crowd.count) == (kind, "ab969", most)
        assert crowd.source == ("flyer" if kind is CrowdKind.SOURCE else "")
        assert (crowd.since, crowd.until) == (NOW - (most - 2) * (within / most), NOW)
        assert "192.0.2.7" not in crowd.key
        assert crowds(session, now=NOW + LOOK_BACK * 2) == []


def test_as_many_over_a_longer_time_or_on_two_campaigns_are_no_crowd(any_database: Database) -> None:
    most, within = CROWDS[CrowdKind.NETWORK]
    with any_database.write() as session:
        one, two = sample_campaign(session), sample_campaign(session, slug="two")
        act(session, one, most, apart=within * 2 / most, consent_address="192.0.2.7")
        for campaign in (one, two):
            act(session, campaign, most - 1, apart=MINUTE / 10, consent_address="192.0.2.9")
    with any_database.read() as session:
        assert crowds(session, now=NOW + MINUTE) == []


def test_a_household_of_ipv6_is_one_network(any_database: Database) -> None:
    most, _ = CROWDS[CrowdKind.NETWORK]
    with any_database.write() as session:
        campaign = sample_campaign(session)
        for number in range(most):
            act(session, campaign, 1, apart=MINUTE, consent_address=f"2001:db8::{number + 1:x}")
    with any_database.read() as session:
        (crowd,) = crowds(session, now=NOW + MINUTE)
        assert (crowd.kind, crowd.count) == (CrowdKind.NETWORK, most)


def test_no_more_than_the_newest_are_looked_at(database: Database) -> None:
    with database.write() as session:
        act(session, sample_campaign(session), LOOKED_AT + 50, apart=MINUTE / 600, source="flyer")
    with database.read() as session:
        (crowd,) = crowds(session, now=NOW + MINUTE)
        assert crowd.count == LOOKED_AT


@pytest.fixture
def letters(any_database: Database) -> Database:
    """Letters 1 to 5 of five actions: two from one network, then the paragraph of two, then one with neither."""
    with any_database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session)
        for number, columns in enumerate(
            (
                {"consent_address": "2001:db8::1", "paragraph_bucket": 7},
                {"consent_address": "2001:db8::2"},
                {"consent_address": "2001:db8:0:1::2", "paragraph_bucket": 7},
                {"consent_address": "2001:db8::3", "created_at": NOW - timedelta(days=3)},
                {},
            )
        ):
            action = sample_action(session, campaign, **columns)
            sample_message(session, action, legislator, campaign.letters[0], supporter_key=str(number))
    return any_database


@pytest.mark.parametrize(
    ("parts", "right"),
    [
        ({"near": 1}, [2, 1]),
        ({"near": 4}, [4]),  # networks are given to others
        ({"alike": 3}, [3, 1]),
        ({"alike": 3, "near": 2}, [1]),
        ({"near": 1, "state": None, "source": "flyer"}, []),
    ],
)
def test_the_send_log_finds_who_came_with_them(letters: Database, parts: dict[str, Any], right: list[int]) -> None:
    with letters.read() as session:
        assert list(session.scalars(matching(session, Filter(**parts), limit=9))) == right


@pytest.mark.parametrize("parts", [{"near": 5}, {"alike": 5}, {"near": 2**63}, {"alike": 999}])
def test_an_action_that_has_nothing_in_common_finds_nothing(letters: Database, parts: dict[str, Any]) -> None:
    with letters.read() as session, pytest.raises(CannotMatch):
        matching(session, Filter(**parts), limit=9)


def test_who_is_erased_is_in_no_crowd(letters: Database) -> None:
    with letters.write() as session:
        assert erase(session, session.get_one(Action, 1).receipt_token, now=NOW)
    with letters.read() as session:
        assert session.get_one(Action, 1).paragraph_bucket is None
        assert list(session.scalars(matching(session, Filter(alike=3), limit=9))) == [3]
        assert session.scalar(select(Message.id).where(Message.action_id == 1)) == 1


def add_hook(database: Database, settings: Settings, *events: HookEvent) -> None:
    hire(database, "ada@example.org", Role.ADMIN)
    with database.write() as session:
        url = "http://127.0.0.1:9/"
        webhooks.add_hook(session, url, events, secret_key=settings.secret_key, by=1, now=NOW)


def test_webhooks_are_told_of_a_crowd_once_a_day_in_codes(any_database: Database, settings: Settings) -> None:
    with any_database.write() as session:
        act(session, sample_campaign(session), 30, apart=MINUTE, consent_address="192.0.2.7")
        assert webhook_sending.notice_crowds(session, now=NOW) == 0  # nobody is told
    add_hook(any_database, settings, HookEvent.CROWD_NOTICED)
    for _ in range(2):
        with any_database.write() as session:
            webhook_sending.notice_crowds(session, now=NOW)
            webhook_sending.fan_out(session, now=NOW)
    with any_database.read() as session:
        (body,) = session.scalars(select(WebhookDelivery.body))
    assert '"kind": "network"' in body
    assert '"campaign": "ab969"' in body
    assert "192.0.2.7" not in body
    with any_database.write() as session:
        webhook_sending.purge(session, now=NOW + LOOK_BACK)
        act(session, session.scalars(select(Campaign)).one(), 30, apart=MINUTE, last=NOW + LOOK_BACK, source="a")
        assert webhook_sending.notice_crowds(session, now=NOW + LOOK_BACK) == 0  # 30 by one link are no crowd


def test_of_two_workers_one_tells(any_database: Database, settings: Settings) -> None:
    add_hook(any_database, settings, HookEvent.CROWD_NOTICED)
    with any_database.write() as session:
        act(session, sample_campaign(session), 20, apart=MINUTE, paragraph_bucket=3)

    def notice(session: Session) -> None:
        webhook_sending.notice_crowds(session, now=NOW)

    cross(any_database, notice, notice)
    with any_database.read() as session:
        assert len(session.scalars(select(WebhookNews)).all()) == 1
