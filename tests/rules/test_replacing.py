"""Another of the same kind, with some of its values changed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec import Struct

from actionmail.rules.replacing import replace


class Seat(Struct, frozen=True, kw_only=True):
    state: str
    district: str = "1"


@dataclass(frozen=True, kw_only=True)
class House:
    state: str
    chamber: str = "lower"


def test_a_struct_and_a_dataclass_alike() -> None:
    seat, house = Seat(state="WI"), House(state="WI")
    assert replace(seat, district="76") == Seat(state="WI", district="76")
    assert replace(house, chamber="upper") == House(state="WI", chamber="upper")
    assert (seat, house) == (Seat(state="WI"), House(state="WI"))


@pytest.mark.parametrize("record", [Seat(state="WI"), House(state="WI")])
def test_a_value_that_it_has_not_is_refused(record: Seat | House) -> None:
    with pytest.raises(TypeError):
        replace(record, nothing="")  # type: ignore[call-arg]
