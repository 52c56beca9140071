"""An address of IPv4 is one visitor's network, and so is the /64 of one of IPv6; around it lie wider ones."""

from __future__ import annotations

import pytest

from actionmail.rules.actions.networks import network_of, networks_of


@pytest.mark.parametrize(
    ("address", "own", "near", "wide"),
    [
        ("", "", "", ""),
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24", "192.0.0.0/16"),
        ("2001:db8::1", "2001:db8::/64", "2001:db8::/48", ""),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64", "2001:db8::/48", ""),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64", "2001:db8::/48", ""),
        ("2001:db8:1:1::1", "2001:db8:1:1::/64", "2001:db8:1::/48", ""),
    ],
)
def test_networks(address: str, own: str, near: str, wide: str) -> None:
    networks = networks_of(address)
    assert network_of(address) == networks.own == own
    assert (networks.near, networks.wide) == (near, wide)
