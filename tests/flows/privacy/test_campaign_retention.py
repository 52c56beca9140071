"""A campaign's supporters go some days after its end, where it says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.delivery import claim
from actionmail.flows.privacy import campaign_retention
from actionmail.flows.privacy.campaign_retention import Retention
from tests.audit import audited
from tests.samples import sample_action, sample_campaign, sample_legislators, sample_message, sample_petition
from tests.two_sessions import cross

DAY = timedelta(days=1)


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Action.name).order_by(Action.id)))


def test_supporters_go_so_many_days_after_the_end_and_who_wants_news_stays(
    any_database: Database, now: datetime
) -> None:
    with any_database.write() as session:
        over = sample_campaign(session, deadline_at=now - 30 * DAY, erase_after_days=30)
        message = sample_message(
            session, sample_action(session, over), sample_legislators(session)[0], over.letters[0], state="held"
        )
        number = message.id
        sample_action(session, over, name="Wants News", email="n@example.org", wants_updates=True)
        kept = sample_petition(session, deadline_at=now - 300 * DAY)  # says nothing
        sample_action(session, kept, name="Kept Sample", email="k@example.org")
        sooner = sample_petition(session, slug="grace", deadline_at=now - 40 * DAY, erase_after_days=30)
        sooner.grace_until = now - 29 * DAY
        sample_action(session, sooner, name="Grace Sample", email="g@example.org")
        live = sample_petition(session, slug="live", erase_after_days=1)
        sample_action(session, live, name="Live Sample", email="l@example.org")
        closed = sample_petition(session, slug="shut", status="closed", updated_at=now - 5 * DAY, erase_after_days=5)
        sample_action(session, closed, name="Closed Sample", email="c@example.org")
    with any_database.read() as session:
        found = campaign_retention.retentions(session, now=now)
        asked = [(one.slug, one.days, one.ended_at, one.due, one.count) for one in found]
        assert asked == [
            ("ab969", 30, now - 30 * DAY, now, 1),
            ("grace", 30, now - 29 * DAY, now + DAY, 1),
            ("live", 1, None, None, 1),
            ("shut", 5, now - 5 * DAY, now, 1),
        ]
        assert isinstance(found[0], Retention)
    early = now - timedelta(seconds=1)
    with any_database.write() as session:
        assert campaign_retention.erase_due(session, now=early, limit=9) == 0
    with any_database.write() as session:
        assert campaign_retention.erase_due(session, now=now, limit=1) == 1
        assert campaign_retention.erase_due(session, now=now, limit=9) == 1
        assert campaign_retention.erase_due(session, now=now, limit=9) == 0
    assert names(any_database) == ["", "Wants News", "Kept Sample", "Grace Sample", "Live Sample", ""]
    with any_database.read() as session:
        assert session.get_one(Message, number).state == "failed"
        assert session.execute(select(Event.actor_kind, Event.reason_code)).all() == [("clock", "erased_time_over")]
        noted = audited(session, "supporters_erased")
        assert noted == [
            (None, "supporters_erased", "campaign ab969", {"count": 1}),
            (None, "supporters_erased", "campaign shut", {"count": 1}),
        ]


def test_whose_letter_is_on_the_wire_goes_the_next_time(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        over = sample_campaign(session, status="closed", updated_at=now - 2 * DAY, erase_after_days=1)
        legislator = sample_legislators(session)[0]
        for number in range(2):
            action = sample_action(session, over, email=f"mai{number}@example.org", name=f"Mai {number}")
            sample_message(session, action, legislator, over.letters[0])
    claimed: list[int] = []

    def work(session: Session) -> None:
        claimed.extend(claim(session, owner="w:1", now=now, limit=1, lease=DAY).ids)

    erased: list[int] = []

    def erase(session: Session) -> None:
        erased.append(campaign_retention.erase_due(session, now=now, limit=9))

    cross(any_database, work, erase)
    assert (len(claimed), erased) == (1, [1])
    assert sorted(names(any_database)) == ["", "Mai 0"]


def test_two_workers_at_once_erase_each_once(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        over = sample_petition(session, status="closed", updated_at=now - 2 * DAY, erase_after_days=1)
        for number in range(4):
            sample_action(session, over, email=f"mai{number}@example.org")
    erased: list[int] = []

    def erase(session: Session) -> None:
        erased.append(campaign_retention.erase_due(session, now=now, limit=3))

    cross(any_database, erase, erase)
    assert sorted(erased) == [1, 3]
    assert names(any_database) == [""] * 4
