"""What a kept method means."""

from __future__ import annotations

import pytest

from actionmail.rules.districts.settlement import Settlement, settled_by


@pytest.mark.parametrize(
    ("method", "settlement"),
    [
        ("zip", Settlement.ZIP),
        ("zip-guess", Settlement.ZIP),
        ("state", Settlement.STATE),
        ("boundary", Settlement.STREET),
        ("geocoder", Settlement.STREET),
        ("openstates", Settlement.STREET),
        ("address", Settlement.STREET),
        ("zip+choice", Settlement.CHOICE),
        ("boundary+choice", Settlement.CHOICE),
        ("none+choice", Settlement.CHOICE),
        ("choice", Settlement.CHOICE),
        ("none", Settlement.UNKNOWN),
        ("", Settlement.UNKNOWN),
    ],
)
def test_a_method_says_what_settled(method: str, settlement: Settlement) -> None:
    assert settled_by(method) is settlement
