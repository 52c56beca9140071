from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from actionmail.rules.districts.states import STATES, TERRITORIES
from actionmail.rules.districts.time_zones import ZONES, sure_zone, zones_of

WINTER, SUMMER = datetime(2022, 1, 12, 18, tzinfo=UTC), datetime(2022, 7, 12, 18, tzinfo=UTC)


def test_every_state_and_territory_has_its_zones() -> None:
    assert set(ZONES) == {*STATES, *TERRITORIES}
    for state, zones in ZONES.items():
        assert len(set(zones)) == len(zones), state
        assert all(ZoneInfo(zone).key == zone for zone in zones)


@pytest.mark.parametrize(
    ("states", "zones"),
    [
        (("WI",), ("America/Chicago",)),
        (("TN",), ("America/Chicago", "America/New_York")),
        (("GA", "FL"), ("America/New_York", "America/Chicago")),
        (("XX",), ()),
        ((), ()),
    ],
)
def test_the_zones_of_some_states(states: tuple[str, ...], zones: tuple[str, ...]) -> None:
    assert zones_of(states) == zones


def test_a_zone_is_sure_where_all_clocks_show_the_same() -> None:
    assert sure_zone(ZONES["MI"][:1], WINTER) == "America/Detroit"
    assert sure_zone(ZONES["MI"], WINTER) == ""
    assert (sure_zone(ZONES["AZ"], WINTER), sure_zone(ZONES["AZ"], SUMMER)) == ("America/Phoenix", "")
    assert sure_zone((), WINTER) == ""
