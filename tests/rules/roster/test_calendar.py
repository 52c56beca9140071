"""First days in office, new maps, and what they make of a roster's age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from actionmail.flows.roster.calendar_files import load_calendar
from actionmail.rules.districts.states import STATES
from actionmail.rules.roster.calendar import (
    COUNTRY,
    calendar_lines,
    congress_of,
    is_map_newer,
    local_day,
    turnovers,
)
from actionmail.settings import bundled
from actionmail.web.roster.words import turnover_sentences

SHIPPED = load_calendar(bundled("data"))
OF_2024 = date(2024, 11, 5)


def test_every_house_is_in_the_shipped_calendar() -> None:
    assert {state for state, _ in SHIPPED.first_days} == {*STATES, COUNTRY}
    assert len(SHIPPED.first_days) == 104


def test_a_roster_of_the_day_before_is_old_on_the_first_day() -> None:
    days = {("FL", "upper"): date(2026, 11, 2), ("WI", "lower"): date(2026, 11, 2), ("NJ", "lower"): date(2026, 11, 2)}
    due = turnovers(SHIPPED, days, date(2026, 12, 20))
    assert [(one.state, one.first_day) for one in due] == [("FL", date(2026, 11, 3))]
    soon = turnovers(SHIPPED, days, date(2026, 12, 29), ahead=timedelta(days=7))
    assert [one.state for one in soon] == ["FL", "WI"]
    said = " ".join(turnover_sentences(soon, date(2026, 12, 29)))
    assert "took office on 2026-11-03 in Florida, and the roster there is as of 2026-11-02" in said
    assert "will take office on 2027-01-04 in Wisconsin" in said
    assert turnovers(SHIPPED, {("FL", "upper"): date(2026, 11, 3)}, date(2026, 12, 20)) == []


def test_every_state_is_named_and_congress_once() -> None:
    days = {(state, "us_lower"): date(2026, 6, 15) for state in STATES}
    days |= {(state, "upper"): date(2026, 8, 5) for state in ("AL", "DE", "FL", "HI", "IN", "NV", "OK", "SC", "TN")}
    sentences = turnover_sentences(turnovers(SHIPPED, days, date(2027, 1, 3)), date(2027, 1, 3))
    said = " ".join(sentences)
    for name in ("Alabama", "Delaware", "Florida", "Hawaii", "Nevada", "Oklahoma", "South Carolina", "Tennessee"):
        assert name in said
    assert said.count("Congress") == 1


def test_a_new_map_makes_older_rows_doubtful() -> None:
    assert is_map_newer(SHIPPED, "TX", "us_lower", ["37"], OF_2024)
    assert not is_map_newer(SHIPPED, "TX", "us_lower", ["37"], date(2026, 11, 3))
    assert not is_map_newer(SHIPPED, "WI", "us_lower", ["2"], OF_2024)
    assert is_map_newer(SHIPPED, "MS", "upper", ["45"], OF_2024)
    assert not is_map_newer(SHIPPED, "MS", "upper", ["5"], OF_2024)  # its lines are the old ones


@pytest.mark.parametrize(
    ("day", "number"),
    [("2024-11-05", 119), ("2025-06-01", 119), ("2026-11-02", 119), ("2026-11-03", 120), ("2022-11-08", 118)],
)
def test_congresses_are_counted(day: str, number: int) -> None:
    assert congress_of(date.fromisoformat(day)) == number


def test_the_day_comes_to_the_west_last() -> None:
    now = datetime(2027, 1, 4, 7, tzinfo=UTC)
    assert (local_day("WI", now), local_day("CA", now)) == (date(2027, 1, 4), date(2027, 1, 3))
    assert local_day("GU", datetime(2027, 1, 3, 15, tzinfo=UTC)) == date(2027, 1, 4)
    assert local_day("XX", datetime(2027, 1, 4, 10, 59, tzinfo=UTC)) == date(2027, 1, 3)


def test_a_day_in_summer_begins_by_the_clocks_of_summer() -> None:
    now = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
    assert (local_day("NY", now), local_day("FL", now)) == (date(2026, 7, 1), date(2026, 6, 30))


def test_the_calendar_says_what_is_lacking() -> None:
    lines = calendar_lines(
        SHIPPED,
        roster_days={("TX", "us_lower"): date(2026, 6, 15), ("TX", "lower"): date(2027, 1, 13)},
        district_days={(COUNTRY, "us_lower"): OF_2024, ("TX", "lower"): OF_2024},
        elected={},
        states=["TX"],
    )
    lacking = {line.chamber: (line.needs_roster, line.needs_districts) for line in lines}
    assert lacking == {"upper": (True, False), "lower": (False, False), "us_lower": (True, True)}
