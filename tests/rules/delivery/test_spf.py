"""Whether a domain lets an address send (RFC 7208), by records as a DNS would have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from actionmail.rules.delivery.spf import Lets, SpfDns, lets

ADDRESSES: Mapping[str, Sequence[str]] = {
    "act.example": ["192.0.2.1", "2001:db8::1"],
    "mail.example": ["192.0.2.65", "2001:db8:0:1::65"],
    "four.example": ["192.0.2.129"],
}
MX: Mapping[str, Sequence[str]] = {"act.example": ["mail.example"]}
OTHERS: Mapping[str, str] = {
    "included.example": "v=spf1 ip4:198.51.100.0/24 -all",
    "soft.example": "v=spf1 ~all",
    "loop.example": "v=spf1 include:loop.example -all",
    "macro.example": "v=spf1 exists:%{i}.allowed.example -all",
}


def asked(record: str | None, address: str = "192.0.2.1") -> Lets:
    records = {"act.example": [record] if record is not None else [], **{name: [text] for name, text in OTHERS.items()}}
    dns = SpfDns(
        txt=lambda name: ["something else", *records.get(name, [])],
        addresses=lambda host: ADDRESSES.get(host, []),
        mail_hosts=lambda domain: MX.get(domain, []),
    )
    return lets("act.example", address, dns)


@pytest.mark.parametrize(
    ("record", "address", "answer"),
    [
        ("v=spf1 a -all", "192.0.2.1", Lets.YES),
        ("v=spf1 a -all", "2001:db8::1", Lets.YES),
        ("v=spf1 a -all", "192.0.2.2", Lets.NO),
        ("v=spf1 a/24 -all", "192.0.2.200", Lets.YES),
        ("v=spf1 a//64 -all", "2001:db8::ffff", Lets.YES),
        ("v=spf1 a//64 -all", "192.0.2.2", Lets.NO),  # the bits of the other kind of address
        ("v=spf1 a:mail.example/26//64 -all", "192.0.2.100", Lets.YES),
        ("v=spf1 mx -all", "192.0.2.65", Lets.YES),
        ("v=spf1 mx:act.example -all", "192.0.2.1", Lets.NO),
        ("v=spf1 ip4:192.0.2.0/28 ~all", "192.0.2.15", Lets.YES),
        ("v=spf1 ip4:192.0.2.0/28 ~all", "192.0.2.16", Lets.NO),
        ("v=spf1 ip4:192.0.2.1", "2001:db8::1", Lets.NO),  # nothing matches: neutral
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::", Lets.YES),
        ("v=spf1 -ip4:192.0.2.1 +all", "192.0.2.1", Lets.NO),  # the first that matches decides
        ("v=spf1 ?all", "192.0.2.1", Lets.NO),
        ("V=SPF1 A -ALL", "192.0.2.1", Lets.YES),
        ("v=spf1 include:included.example -all", "198.51.100.7", Lets.YES),
        ("v=spf1 include:included.example a -all", "192.0.2.1", Lets.YES),  # their "-all" is not ours
        ("v=spf1 include:soft.example -all", "192.0.2.1", Lets.NO),
        ("v=spf1 redirect=included.example", "198.51.100.7", Lets.YES),
        ("v=spf1 a redirect=included.example", "192.0.2.1", Lets.YES),
        ("v=spf1 exp=why.example a -all", "192.0.2.1", Lets.YES),
        ("v=spf1 a:none.example a:none.example a -all", "192.0.2.1", Lets.YES),
        ("v=spf1 a:none.example a:none.example mx:none.example a -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 a:four.example a:four.example a:four.example a -all", "192.0.2.1", Lets.YES),
        ("v=spf1 a:four.example a:four.example a:four.example a -all", "2001:db8::1", Lets.BROKEN),
        ("v=spf1 exists:%{i}.allowed.example -all", "192.0.2.1", Lets.UNTOLD),
        ("v=spf1 include:macro.example -all", "192.0.2.1", Lets.UNTOLD),
        ("v=spf1 a include:macro.example -all", "192.0.2.1", Lets.YES),  # it matched before
        ("v=spf1 ptr -all", "192.0.2.1", Lets.UNTOLD),
        ("v=spf1 include:%{d}.example -all", "192.0.2.1", Lets.UNTOLD),
        (None, "192.0.2.1", Lets.BROKEN),
        ("v=spf1 include:nowhere.example -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 include:loop.example -all", "192.0.2.1", Lets.BROKEN),  # more than ten lookups
        ("v=spf1 " + "a:four.example " * 11 + "-all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 " + "a:four.example " * 9 + "a -all", "192.0.2.1", Lets.YES),
        ("v=spf1 ip4:192.0.2.999 -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 ip4 -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 a/99 -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 unheard-of -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 a:mail.example/x -all", "192.0.2.1", Lets.BROKEN),
        ("v=spf1 include: -all", "192.0.2.1", Lets.BROKEN),
    ],
)
def test_the_record_decides(record: str | None, address: str, answer: Lets) -> None:
    assert asked(record, address) is answer


def test_a_host_with_very_many_servers_cannot_be_asked() -> None:
    dns = SpfDns(
        txt=lambda name: ["v=spf1 mx -all"],
        addresses=lambda host: [],
        mail_hosts=lambda domain: [f"{number}.example" for number in range(11)],
    )
    assert lets("act.example", "192.0.2.1", dns) is Lets.BROKEN
