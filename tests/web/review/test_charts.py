"""The geometry of a chart."""

from __future__ import annotations

import pytest

from actionmail.web.review.charts import HEIGHT, column_chart, round_up, share


@pytest.mark.parametrize(
    ("number", "top"),
    [(0, 1), (1, 1), (3, 5), (5, 5), (6, 10), (11, 20), (49, 50), (501, 1_000), (1_001, 2_000)],
)
def test_the_upper_edge_is_a_round_number(number: int, top: int) -> None:
    assert round_up(number) == top


def test_columns_stand_on_the_base_as_high_as_their_numbers() -> None:
    chart = column_chart([0, 5, 10, 1])
    assert (chart.top, chart.width) == (10, 40)
    assert [column.height for column in chart.columns] == [0, 50, 100, 10]
    assert {column.y + column.height for column in chart.columns} == {HEIGHT}
    assert [column.x for column in chart.columns] == [1, 11, 21, 31]


def test_one_among_thousands_is_still_seen() -> None:
    assert column_chart([1, 10_000]).columns[0].height > 0


def test_nothing_at_all_is_drawn_without_a_fault() -> None:
    assert column_chart([]).columns == []
    assert [column.height for column in column_chart([0, 0]).columns] == [0, 0]
    assert (share(3, 4), share(0, 0)) == (75.0, 0.0)
