from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actionmail.rules.campaigns.kinds.days.days import (
    ActionDay,
    Phase,
    Session,
    begins_at,
    check_days,
    days_of,
    over_at,
    phase,
    reminder_at,
    session_phase,
    standing,
)
from actionmail.rules.campaigns.kinds.days.reading import new_key, read_days
from actionmail.rules.campaigns.kinds.typed_tables import Faults
from actionmail.rules.districts.states import STATES
from actionmail.rules.districts.time_zones import ZONES

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
NOON = Session(title="", begins=720, ends=780, zone=EASTERN)
SOUTH = ActionDay(key="south", day=date(2022, 5, 3), region="South", states=("TX", "FL"), sessions=(NOON,))
MIDWEST = ActionDay(key="midwest", day=date(2022, 5, 4), region="Midwest", states=("WI", "MN"))
WEST = ActionDay(key="west", day=date(2022, 5, 5), region="West", states=("CA", "HI"))
DAYS = (MIDWEST, WEST, SOUTH)
TOML = """
[[days]]
key = "midwest"
date = 2022-05-04
region = "Midwest"
states = ["WI", "MN"]
host = "Example Community Group"
link = "https://example.org/midwest"
text = "ទីក្រុង Milwaukee"
[[days.sessions]]
title = "Teach-in"
from = 12:00:00
to = "1:30 pm"
timezone = "America/Chicago"
link = "https://example.org/teach-in?a=1&b=2"
[[days.sessions]]
from = "18:00"
to = "24:00"
timezone = "America/Chicago"
"""


def utc(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def table(session: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    day = {"key": "west", "date": "2022-05-05", "region": "West", "states": ["CA"]}
    first = {"from": "12:00", "to": "13:00", "timezone": PACIFIC} | (session or {})
    return day | {"sessions": [first]} | changes


def test_days_of_a_file_are_read() -> None:
    faults: Faults = {}
    (day,) = read_days(tomllib.loads(TOML)["days"], faults)
    assert faults == {}
    assert (day.day, day.states, day.text) == (date(2022, 5, 4), ("WI", "MN"), "ទីក្រុង Milwaukee")
    assert [(session.begins, session.ends) for session in day.sessions] == [(720, 810), (1080, 1440)]
    assert day.begins(day.sessions[0]) == utc("2022-05-04 12:00", CENTRAL)
    assert day.ends(day.sessions[1]) == utc("2022-05-05 00:00", CENTRAL)


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (table(key=""), {"days.0.key": ["value.empty"]}),
        (table(key="West Coast"), {"days.0.key": ["value.no-slug"]}),
        (table(date="5 May"), {"days.0.date": ["value.no-date"]}),
        (table(date=None), {"days.0.date": ["value.empty"]}),
        (table(region=" "), {"days.0.region": ["value.empty"]}),
        (table(region="W" * 81), {"days.0.region": ["value.too-long"]}),
        (table(states=[]), {"days.0.states": ["days.no-state"]}),
        (table(states=["CA", "XX"]), {"days.0.states": ["value.no-state"]}),
        (table(states=["CA", "CA"]), {"days.0.states": ["days.state-twice-in-region"]}),
        (table(states="CA"), {"days.0.states": ["value.no-list"]}),
        (table(colour="red"), {"days.0.colour": ["value.unknown-key"]}),
        (table(link="javascript:alert(1)"), {"days.0.link": ["value.no-web-link"]}),
        (table(link="https://"), {"days.0.link": ["value.no-web-link"]}),
        (table(link="https://[::1"), {"days.0.link": ["value.no-web-link"]}),
        (table(link="https://user@example.org/"), {"days.0.link": ["value.no-web-link"]}),
        (table(link="https://example.org/a b"), {"days.0.link": ["value.no-web-link"]}),
        (table(host="a\nb"), {"days.0.host": ["value.not-one-line"]}),
        (table(sessions=[{}] * 21), {"days.0.sessions": ["value.too-many-tables"]}),
        (table({"to": "12:00"}), {"days.0.sessions.0.to": ["days.ends-before-begins"]}),
        (table({"to": "1:00"}), {"days.0.sessions.0.to": ["days.ends-before-begins-near"]}),
        (table({"from": "noon"}), {"days.0.sessions.0.from": ["value.no-clock-time"]}),
        (table({"timezone": "Pacific"}), {"days.0.sessions.0.timezone": ["value.no-time-zone"]}),
        (table({"from": "2:30"}, date="2022-03-13"), {"days.0.sessions.0.from": ["value.skipped-hour"]}),
        (
            table({"from": "2:10", "to": "2:30"}, date="2022-03-13"),
            {"days.0.sessions.0.from": ["value.skipped-hour"], "days.0.sessions.0.to": ["value.skipped-hour"]},
        ),
        ("west", {"days.0": ["value.no-table"]}),
    ],
)
def test_whatever_is_wrong_with_a_day_stands_at_its_own_place(raw: Any, faults: dict[str, list[str]]) -> None:
    seen: Faults = {}
    assert read_days([raw], seen) == []
    codes = {path: [problem.code for problem in problems] for path, problems in seen.items()}
    assert {path: codes.get(path) for path in faults} == faults
    if raw != "west":
        assert codes == faults


def test_a_list_of_days_has_its_bounds() -> None:
    for raw, code in (("west", "value.no-list"), ([table()] * 61, "value.too-many-tables")):
        faults: Faults = {}
        assert read_days(raw, faults) == []
        assert [problem.code for problem in faults["days"]] == [code]


def test_a_right_day_beside_a_wrong_one_is_kept() -> None:
    faults: Faults = {}
    assert [day.key for day in read_days([table(date=""), table()], faults)] == ["west"]
    assert list(faults) == ["days.0.date"]


def test_states_that_stand_twice_are_wrong_and_those_left_out_are_to_be_looked_at() -> None:
    again = ActionDay(key="south", day=date(2022, 5, 6), region="Gulf", states=("TX", "LA"))
    problems = check_days([SOUTH, again], expected=("TX", "FL", "LA", "WI", "MN"))
    assert [(at.number, at.key, at.problem.code, dict(at.problem.values), at.is_warning) for at in problems] == [
        (1, "key", "days.key-twice", {"key": "south"}, False),
        (1, "states", "days.state-twice", {"state": "TX", "region": "South"}, False),
        (-1, "states", "days.states-left-out", {"states": "WI, MN", "count": 2}, True),
    ]


def test_days_for_all_states_have_no_problem_and_no_days_have_none() -> None:
    everywhere = ActionDay(key="all", day=date(2022, 5, 6), region="Everywhere", states=tuple(STATES))
    assert check_days([everywhere]) == []
    assert check_days([]) == []


def test_an_hour_that_comes_twice_is_to_be_looked_at() -> None:
    session = Session(title="", begins=90, ends=240, zone=EASTERN)
    day = ActionDay(key="all", day=date(2022, 11, 6), region="All", states=tuple(STATES), sessions=(session,))
    assert [(at.number, at.key, at.problem.code, at.is_warning) for at in check_days([day])] == [
        (0, "sessions.0.from", "days.hour-twice", True)
    ]


def test_a_state_has_the_day_of_its_region_and_a_zip_code_in_two_states_both() -> None:
    assert days_of(DAYS, ["WI"]) == (MIDWEST,)
    assert days_of(DAYS, ["HI", "WI", "MN"]) == (WEST, MIDWEST)
    assert days_of(DAYS, ["NY"]) == ()


def test_a_day_lasts_until_midnight_in_the_last_of_its_zones() -> None:
    assert begins_at(WEST) == utc("2022-05-05 00:00", PACIFIC)
    assert over_at(WEST) == utc("2022-05-06 00:00", "Pacific/Honolulu")
    evening = Session(title="", begins=1200, ends=1440, zone="Pacific/Honolulu")
    late = ActionDay(key="east", day=date(2022, 5, 2), region="East", states=("NY",), sessions=(evening,))
    assert over_at(late) == utc("2022-05-03 00:00", "Pacific/Honolulu")
    assert [phase(WEST, over_at(WEST) + timedelta(seconds=second)) for second in (-1, 0)] == [Phase.NOW, Phase.PAST]
    assert phase(WEST, begins_at(WEST) - timedelta(seconds=1)) == Phase.COMING
    at_noon = SOUTH.begins(NOON)
    seen = [session_phase(SOUTH, NOON, at_noon + timedelta(minutes=after)) for after in (-1, 0, 59, 60)]
    assert seen == [Phase.COMING, Phase.NOW, Phase.NOW, Phase.PAST]


def test_what_to_tell_somebody_before_on_and_after_their_day() -> None:
    before = standing(DAYS, ["WI"], utc("2022-05-01 12:00", CENTRAL))
    assert (before.own, before.following, before.missed, before.is_over) == ((MIDWEST,), SOUTH, False, False)
    assert [day.key for day, _ in before.phases] == ["south", "midwest", "west"]
    on_it = standing(DAYS, ["WI"], utc("2022-05-04 12:00", CENTRAL))
    assert {day.key: where for day, where in on_it.phases} == {
        "south": Phase.PAST,
        "midwest": Phase.NOW,
        "west": Phase.COMING,
    }
    after = standing(DAYS, ["WI"], utc("2022-05-05 12:00", CENTRAL))
    assert (after.own, after.following, after.missed) == ((MIDWEST,), WEST, True)
    end = standing(DAYS, ["WI"], utc("2022-05-07 12:00", CENTRAL))
    assert (end.following, end.missed, end.is_over) == (None, True, True)
    unknown = standing(DAYS, (), utc("2022-05-05 12:00", CENTRAL))
    assert (unknown.own, unknown.missed, unknown.following) == ((), False, WEST)
    assert standing((), ["WI"], utc("2022-05-05 12:00", CENTRAL)).is_over


def test_somebody_in_two_states_has_missed_their_day_when_both_are_over() -> None:
    assert not standing(DAYS, ["TX", "CA"], utc("2022-05-05 12:00", CENTRAL)).missed


@pytest.mark.parametrize("state", sorted(ZONES))
def test_the_reminder_comes_at_six_in_the_evening_before_nowhere_in_the_state_earlier(state: str) -> None:
    for day in (date(2022, 3, 13), date(2022, 3, 14), date(2022, 7, 1), date(2022, 11, 7), date(2023, 1, 1)):
        of_state = ActionDay(key="a", day=day, region="A", states=(state,))
        at = reminder_at(of_state, ZONES[state])
        shown = [at.astimezone(ZoneInfo(zone)) for zone in ZONES[state]]
        assert {moment.date() for moment in shown} == {day - timedelta(days=1)}
        assert min(moment.hour for moment in shown) == 18
        assert max(moment.hour for moment in shown) <= 19
        assert reminder_at(of_state, ()) == at


def test_the_reminder_is_before_a_session_that_begins_the_evening_before_where_the_supporter_is() -> None:
    morning = Session(title="", begins=480, ends=540, zone="Pacific/Guam")
    day = ActionDay(key="guam", day=date(2022, 5, 5), region="Pacific", states=("GU",), sessions=(morning,))
    assert reminder_at(day, ["Pacific/Guam"]) == utc("2022-05-04 18:00", "Pacific/Guam")
    assert reminder_at(day, [EASTERN]) == utc("2022-05-03 18:00", EASTERN)


@pytest.mark.parametrize(
    ("region", "taken", "key"),
    [
        ("Great Lakes", (), "great-lakes"),
        ("Great Lakes", ("great-lakes", "great-lakes-2"), "great-lakes-3"),
        ("ភ្នំពេញ", (), "day"),
        ("  --  ", ("day",), "day-2"),
        ("W" * 80, (), "w" * 76),
    ],
)
def test_a_new_day_gets_a_key_of_its_own(region: str, taken: tuple[str, ...], key: str) -> None:
    assert new_key(region, taken) == key
    assert read_days([table(key=key)], {})[0].key == key
