from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionmail.rules.roster.seats import clean, cleaned_cells


@given(st.lists(st.text("a| \t\n\u00a0\u2011é", max_size=6), max_size=5))
def test_cells_together_are_cleaned_as_each_is(cells: list[str]) -> None:
    assert cleaned_cells(cells) == [clean(cell) for cell in cells]


@pytest.mark.parametrize("cell", ["", "Sample Person", "a|b", "| a", " a", "a ", "a  b", "a\tb", "a |"])
def test_a_cell_is_cleaned_wherever_it_stands(cell: str) -> None:
    for cells in ([cell], [cell, "x"], ["x", cell], ["", cell, ""]):
        assert cleaned_cells(cells) == [clean(each) for each in cells]
