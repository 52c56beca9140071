from __future__ import annotations

from datetime import date

import pytest

from actionmail.rules.districts.elections import elections_since, last_election
from actionmail.rules.districts.states import STATES


@pytest.mark.parametrize(
    ("as_of", "today", "held"),
    [
        (date(2024, 11, 5), date(2026, 11, 2), {}),
        (date(2024, 11, 5), date(2026, 11, 3), {date(2026, 11, 3): ["WI"]}),
        (date(2022, 11, 8), date(2025, 12, 1), {date(2024, 11, 5): ["WI"]}),
        (date(2026, 11, 3), date(2028, 2, 29), {}),
        (date(2026, 11, 4), date(2026, 1, 1), {}),
    ],
)
def test_an_election_since_the_districts_raises_the_alarm(
    as_of: date, today: date, held: dict[date, list[str]]
) -> None:
    assert elections_since({"WI": as_of}, today) == held


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


def test_states_are_gathered_by_the_day_of_their_election() -> None:
    day, held = date(2024, 11, 5), date(2025, 11, 4)
    odd = dict.fromkeys(("LA", "MS", "NJ", "VA"), day)
    assert elections_since(odd, date(2025, 12, 1)) == {held: ["MS", "NJ", "VA"]}
    assert elections_since({**odd, **dict.fromkeys(("MS", "NJ", "VA"), held)}, date(2025, 12, 1)) == {}
    everywhere = elections_since(dict.fromkeys(STATES, day), date(2026, 11, 25))
    assert [(day, len(states)) for day, states in everywhere.items()] == [(date(2026, 11, 3), 47), (held, 3)]
