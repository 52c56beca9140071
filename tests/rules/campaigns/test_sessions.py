from __future__ import annotations

from datetime import date

import pytest

from actionmail.rules.campaigns.sessions import is_over


@pytest.mark.parametrize(
    ("session", "last_year"),
    [("2021-2022", 2022), ("2027-28", 2028), ("2027/2028", 2028), ("2027", 2027), ("Regular session of 2027", 2027)],
)
def test_a_session_is_over_when_its_last_year_is(session: str, last_year: int) -> None:
    assert not is_over(session, date(last_year, 12, 31))
    assert is_over(session, date(last_year + 1, 1, 1))


@pytest.mark.parametrize("session", ["", "103rd General Assembly", "120th Congress", "SB 2022x", "12027"])
def test_a_name_without_years_tells_nothing(session: str) -> None:
    assert not is_over(session, date(2099, 1, 1))
