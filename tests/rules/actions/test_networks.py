"""An address of IPv4 is one visitor's network, and so is the /64 of one of IPv6."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("", ""),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
    ],
)
def test_network(address: str, network: str) -> None:
    assert network_of(address) == network
