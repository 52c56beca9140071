"""The tiles and the fourteen days."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from sqlalchemy import update

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Event
from actionmail.flows.review import recent_days
from actionmail.flows.review.recent_days import COUNTED, DAYS, RecentDays
from bench.queue import NOW as FILLED_AT
from bench.queue import fill_log
from tests.db.test_plans import plan_of, statements
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message

DAY = timedelta(days=1)


def test_each_tile_counts_its_own(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for number, (days, state) in enumerate(((0, "queued"), (0, "deferred"), (1, "accepted"), (13, "accepted"))):
            action = sample_action(session, campaign, created_at=NOW - days * DAY)
            key = {"supporter_key": str(number), "state": state}
            sample_message(session, action, legislator, campaign.letters[0], **key)
        sample_action(session, campaign, cancelled_at=NOW)
        sample_action(session, campaign, created_at=NOW - DAYS * DAY)
        for message, days in ((3, 0), (4, 1)):
            session.add(
                Event(
                    message_id=message,
                    at=NOW - days * DAY,
                    from_state="sending",
                    to_state="accepted",
                    actor_kind="worker",
                )
            )
    with any_database.read() as session:
        beat = recent_days.recent_days(session, now=NOW)
    assert [day.actions for day in beat.days] == [1, *[0] * 11, 1, 2]
    assert (beat.days[-1].day, beat.actions) == (NOW.date(), 2)
    assert (beat.waiting, beat.accepted) == (2, 1)


def test_a_long_log_is_counted_without_reading_it(any_database: Database) -> None:
    many = 2 * COUNTED + 10
    fill_log(any_database, many)
    with any_database.write() as session:
        session.execute(update(Action).where(Action.id <= 5).values(created_at=FILLED_AT - DAY))
    look = partial(recent_days.recent_days, now=FILLED_AT)
    with statements(any_database, "messages") as seen, any_database.read() as session:
        beat: RecentDays = look(session)
    assert [day.actions for day in beat.days[-2:]] == [5, many - 5]
    assert beat.waiting == many // 2
    assert seen == []
    of_actions = [line for line in plan_of(any_database, look, table="actions") if "actions" in line]
    assert {name for line in of_actions for name in re.findall(r"ix_actions_\w+", line)} == {"ix_actions_merged"}
