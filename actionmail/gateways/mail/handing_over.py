"""What letters are handed to: the mail server that is set, or the receiving domains' own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from actionmail.gateways.mail.smtp import CONNECTIONS, SmtpRelay, Timeouts
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.rules.delivery.trouble import Trouble
from actionmail.rules.delivery.way_out import WayOut
from actionmail.settings import RelayAddress

if TYPE_CHECKING:
    from actionmail.gateways.mail.direct import MxRelay
    from actionmail.gateways.mail.direct.policies import PolicyStore


class HandsOver(Protocol):
    """`smtp.SmtpRelay` and `direct.MxRelay`."""

    def check(self) -> Trouble | None: ...

    def deliver(self, parcels: Sequence[Parcel]) -> Handover: ...

    def close(self) -> None: ...


def relay_to(
    address: RelayAddress,
    *,
    hello: str,
    policy_store: PolicyStore,
    only_here: bool,
    connections: int = 0,
    timeouts: Timeouts | None = None,
) -> HandsOver:
    """Connections are opened as they are needed, at most `connections` at once; 0: as many as fit.

    `policy_store` has MTA-STS policies; `only_here`: no other machine may be reached.
    """
    if address.is_direct:
        return _direct(hello, policy_store, only_here=only_here, connections=connections, timeouts=timeouts)
    return SmtpRelay(address, hello=hello, connections=connections or CONNECTIONS, timeouts=timeouts)


def look_out(hello: str, sender: str, domains: Sequence[str]) -> WayOut:
    """How this machine fares that is to send straight to receiving domains; servers of these are greeted.

    `sender` is the domain of return paths.
    """
    from actionmail.gateways.mail import direct
    from actionmail.gateways.mail.direct.looking import look

    lookups = direct.MailDns()
    routes = direct.Routes(lookups=lookups, policy_of=lambda domain: None, own=hello)
    return look(routes, lookups, domains, sender=sender)


def _direct(
    hello: str, policy_store: PolicyStore, *, only_here: bool, connections: int, timeouts: Timeouts | None
) -> MxRelay:
    from actionmail.gateways.mail import direct  # here, since few need a resolver
    from actionmail.gateways.mail.direct.policies import Policies, PolicyHosts

    lookups = direct.MailDns()

    def find(host: str, _port: int) -> list[str]:
        addresses, _is_secure, _name = lookups.addresses(host)
        return [address for address in addresses if direct.may_reach(address, only_here=only_here)]

    hosts = PolicyHosts(find=find)
    policies = Policies(ask_txt=lookups.txt, fetch=hosts.fetch, store=policy_store, clock=partial(datetime.now, UTC))
    routes = direct.Routes(lookups=lookups, policy_of=policies.of, own=hello, only_here=only_here)
    return direct.MxRelay(routes, connections=connections or direct.CONNECTIONS, timeouts=timeouts or direct.TIMEOUTS)
