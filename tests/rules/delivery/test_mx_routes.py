"""In which order a domain's servers are asked."""

from __future__ import annotations

import pytest

from actionmail.rules.delivery.mx_routes import MxRecord, in_order, is_null


def records(*given: tuple[int, str]) -> list[MxRecord]:
    return [MxRecord(preference=preference, host=host) for preference, host in given]


def test_lower_numbers_come_first_and_equals_are_shuffled() -> None:
    found = records((20, "c"), (10, "a"), (20, "b"), (10, "a"), (30, "d"))
    assert in_order(found, own="x", shuffled=sorted) == ["a", "b", "c", "d"]
    assert in_order(found, own="x", shuffled=lambda hosts: sorted(hosts, reverse=True)) == ["a", "c", "b", "d"]


@pytest.mark.parametrize(("own", "hosts"), [("c.", ["a"]), ("B", ["a"]), ("a", []), ("d", ["a", "b", "c"])])
def test_this_machine_and_what_comes_after_it_is_left_out(own: str, hosts: list[str]) -> None:
    found = records((10, "a"), (20, "b"), (20, "c"), (30, "d"))
    assert in_order(found, own=own, shuffled=sorted) == hosts


def test_a_root_alone_is_a_null_mx_and_beside_others_nothing() -> None:
    assert is_null(records((0, "")))
    assert not is_null(records((0, ""), (10, "a")))
    assert not is_null([])
    assert in_order(records((0, ""), (10, "a")), own="x", shuffled=sorted) == ["a"]
