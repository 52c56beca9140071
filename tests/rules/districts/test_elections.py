from __future__ import annotations

from datetime import date

import pytest

from actionmail.rules.districts.elections import election_alarm, last_election
from actionmail.rules.districts.states import STATES


@pytest.mark.parametrize(
    ("as_of", "today", "held"),
    [
        (date(2024, 11, 5), date(2026, 11, 2), ""),
        (date(2024, 11, 5), date(2026, 11, 3), "held on 2026-11-03"),
        (date(2022, 11, 8), date(2025, 12, 1), "held on 2024-11-05"),
        (date(2026, 11, 3), date(2028, 2, 29), ""),
        (date(2026, 11, 4), date(2026, 1, 1), ""),
    ],
)
def test_an_election_since_the_districts_raises_the_alarm(as_of: date, today: date, held: str) -> None:
    alarm = election_alarm({"WI": as_of}, today)
    assert held in alarm
    assert bool(alarm) == bool(held)


@pytest.mark.parametrize(
    ("state", "today", "day"),
    [
        ("WI", date(2026, 11, 2), date(2024, 11, 5)),
        ("WI", date(2026, 11, 3), date(2026, 11, 3)),
        ("NJ", date(2025, 11, 3), date(2023, 11, 7)),
        ("NJ", date(2026, 11, 25), date(2025, 11, 4)),
        ("VA", date(2027, 11, 2), date(2027, 11, 2)),
        ("LA", date(2023, 11, 17), date(2019, 11, 16)),
        ("LA", date(2026, 11, 25), date(2023, 11, 18)),
        ("MS", date(2025, 11, 3), date(2023, 11, 7)),
        ("MS", date(2026, 11, 25), date(2025, 11, 4)),  # as a court ordered, in some districts
        ("MS", date(2027, 11, 2), date(2027, 11, 2)),
        ("MD", date(2026, 1, 1), date(2022, 11, 8)),
    ],
)
def test_states_elect_in_years_of_their_own(state: str, today: date, day: date) -> None:
    assert last_election(state, today) == day


def test_the_alarm_says_where_there_was_an_election() -> None:
    day = date(2024, 11, 5)
    odd = dict.fromkeys(("LA", "MS", "NJ", "VA"), day)
    alarm = election_alarm(odd, date(2025, 12, 1))
    assert "held on 2025-11-04 in Mississippi, New Jersey and Virginia. " in alarm
    assert election_alarm({**odd, **dict.fromkeys(("MS", "NJ", "VA"), date(2025, 11, 4))}, date(2025, 12, 1)) == ""
    alarm = election_alarm(dict.fromkeys(STATES, day), date(2026, 11, 25))
    assert "held on 2026-11-03 in 47 states and on 2025-11-04 in Mississippi, New Jersey and Virginia. " in alarm
