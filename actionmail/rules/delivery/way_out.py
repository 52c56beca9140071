"""Whether a machine is one that sends mail straight to receiving domains: its name, its address, its way out.

Large providers and many offices refuse a machine whose address has no name in the DNS, or whose name in EHLO is not its
address's (Gmail, Outlook.com and Yahoo ask for it in their rules for senders).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address

from msgspec import Struct

from actionmail.rules.delivery.spf import Lets


class Greeted(StrEnum):
    """How a receiving domain's server met us."""

    WELL = "well"
    REFUSED = "refused"
    NOBODY = "nobody"  # answered


class Visit(Struct, frozen=True, kw_only=True):
    """What came of going to one domain. `words` are the server's, or the system's; `local` is our address there."""

    domain: str
    greeted: Greeted
    words: str = ""
    local: str = ""


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """What was seen. `addresses` are those of `name`, which is given in EHLO; `called` is what PTR says of addresses.

    `lets` is, of each own address, whether the domain of return paths lets it send (SPF). `unknown` are addresses and
    names of which the DNS said nothing just now. `checks_signatures`: the resolver is on this machine, and checks
    DNSSEC.
    """

    name: str
    addresses: Sequence[str] = ()
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)
    visits: Sequence[Visit] = ()
    lets: Mapping[str, Lets] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    checks_signatures: bool = False

    @property
    def own(self) -> list[str]:
        """The addresses from which mail goes: as connections had them, or the name's, behind a router that maps it."""
        public = {visit.local for visit in self.visits if visit.local and ip_address(visit.local).is_global}
        return sorted(public) or sorted(self.addresses)

    @property
    def misnamed(self) -> list[str]:
        """Own addresses that the DNS does not call by the name, or to which the name does not lead."""
        wrong = []
        for address in self.own:
            is_called = self.name in self.called.get(address, ())
            if address not in self.unknown and not (is_called and address in self.addresses):
                wrong.append(address)
        return wrong
