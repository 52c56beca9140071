"""States that touch one another."""

from __future__ import annotations

from actionmail.rules.districts.neighbours import NEIGHBOURS
from actionmail.rules.districts.states import STATES


def test_every_state_but_three_has_neighbours_and_they_have_it() -> None:
    assert STATES.keys() - NEIGHBOURS.keys() == {"AK", "HI", "PR"}
    assert all(state in NEIGHBOURS[other] for state, others in NEIGHBOURS.items() for other in others)
    assert NEIGHBOURS["MD"] == {"DC", "DE", "PA", "VA", "WV"}
    assert NEIGHBOURS["TN"] == {"AL", "AR", "GA", "KY", "MO", "MS", "NC", "VA"}
