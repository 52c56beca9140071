from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from actionmail.rules.campaigns.kinds.days.days import ActionDay, Session
from actionmail.rules.campaigns.kinds.days.listed_events import events_of, from_json, revised, to_json
from actionmail.rules.replacing import replace

THEN = datetime(2022, 4, 20, 12, tzinfo=UTC)
LATER = THEN + timedelta(days=1)
NOON = Session(title="Teach-in", begins=720, ends=780, zone="America/Chicago", link="https://example.org/teach-in")
SOUTH = ActionDay(key="south", day=date(2022, 5, 3), region="South", states=("TX",))
MIDWEST = ActionDay(
    key="midwest", day=date(2022, 5, 4), region="Midwest", states=("WI",), link="https://example.org/", sessions=(NOON,)
)


def test_a_day_is_its_sessions_or_itself() -> None:
    (whole,) = events_of(SOUTH)
    assert (whole.key, whole.begins, whole.zone) == ("south/day", None, "")
    (session,) = events_of(MIDWEST)
    assert (session.key, session.title, session.link) == ("midwest/1", "Teach-in", "https://example.org/teach-in")
    assert session.begins == datetime(2022, 5, 4, 17, tzinfo=UTC)
    (other,) = events_of(replace(MIDWEST, sessions=(replace(NOON, link=""),)))
    assert other.link == "https://example.org/"


def test_what_did_not_change_keeps_its_number_and_its_time() -> None:
    listed = revised((), (SOUTH, MIDWEST), THEN)
    assert {(entry.sequence, entry.changed_at) for entry in listed} == {(0, THEN)}
    assert revised(listed, (SOUTH, MIDWEST), LATER) == listed


def test_what_changed_counts_one_on() -> None:
    listed = revised((), (SOUTH, MIDWEST), THEN)
    south, midwest = revised(listed, (SOUTH, replace(MIDWEST, day=date(2022, 5, 5))), LATER)
    assert (south.sequence, south.changed_at) == (0, THEN)
    assert (midwest.sequence, midwest.changed_at, midwest.event.day) == (1, LATER, date(2022, 5, 5))


def test_a_day_that_is_gone_is_cancelled_once_and_may_come_back() -> None:
    listed = revised((), (SOUTH, MIDWEST), THEN)
    first, gone = revised(listed, (MIDWEST,), LATER)
    assert first.event.key == "midwest/1"
    assert (gone.event.key, gone.is_cancelled, gone.sequence, gone.changed_at) == ("south/day", True, 1, LATER)
    assert revised((first, gone), (MIDWEST,), LATER + timedelta(days=1)) == (first, gone)
    back = revised((first, gone), (SOUTH, MIDWEST), LATER + timedelta(days=2))[0]
    assert (back.event.key, back.is_cancelled, back.sequence) == ("south/day", False, 2)


def test_a_whole_day_that_gets_a_session_is_another_event() -> None:
    listed = revised((), (SOUTH,), THEN)
    session, gone = revised(listed, (replace(SOUTH, sessions=(NOON,)),), LATER)
    assert (session.event.key, session.sequence, gone.event.key, gone.is_cancelled) == (
        "south/1",
        0,
        "south/day",
        True,
    )


def test_an_entry_can_be_kept_as_json() -> None:
    for entry in revised((), (SOUTH, MIDWEST), THEN):
        assert from_json(json.loads(json.dumps(to_json(entry)))) == entry
