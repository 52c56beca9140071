"""A look at the way out of this machine: for `doctor`, before any letter goes straight to a receiving domain."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Final, Protocol

from actionmail.gateways.mail.direct.lookups import LookupFailed
from actionmail.gateways.mail.direct.opening import NotReached, Opening, Refused, Unopened, opened
from actionmail.gateways.mail.direct.routes import NoRoute, Routes
from actionmail.gateways.mail.smtp.errors import Lost
from actionmail.gateways.mail.smtp.timeouts import Timeouts
from actionmail.rules.delivery.mx_routes import Server
from actionmail.rules.delivery.spf import Lets, SpfDns, lets
from actionmail.rules.delivery.states import server_words
from actionmail.rules.delivery.trouble import Loss
from actionmail.rules.delivery.way_out import Greeted, Visit, WayOut

_PATIENCE: Final = Timeouts(connect=10.0, greeting=20.0, mail=10.0, handover=45.0)


class Names(Protocol):
    """See `lookups.MailDns`."""

    def addresses(self, host: str) -> tuple[list[str], bool, str]: ...

    def names(self, address: str) -> list[str]: ...

    def txt(self, name: str) -> list[str]: ...

    def mail_hosts(self, domain: str) -> list[str]: ...

    def checks_signatures(self) -> bool: ...


def look(
    routes: Routes, names: Names, domains: Iterable[str], *, sender: str, timeouts: Timeouts = _PATIENCE
) -> WayOut:
    """Ask the DNS about this machine, and greet a server of each domain, without a letter for it.

    `sender` is the domain of return paths.
    """
    visits = [_visit(routes, domain, timeouts) for domain in domains]
    unknown: list[str] = []
    addresses = _addresses(names, routes.own, unknown)
    called = {}
    for address in sorted({*addresses, *(visit.local for visit in visits if visit.local)}):
        try:
            called[address] = names.names(address)
        except LookupFailed:
            unknown.append(address)
    seen = WayOut(
        name=routes.own,
        addresses=addresses,
        called=called,
        visits=visits,
        unknown=unknown,
        checks_signatures=names.checks_signatures(),
    )
    return replace(seen, lets=_lets(names, sender, seen.own))


def _lets(names: Names, sender: str, own: Iterable[str]) -> dict[str, Lets]:
    """Of each address; none where the DNS does not say, which is told of the record itself."""
    asking = SpfDns(txt=names.txt, addresses=lambda host: names.addresses(host)[0], mail_hosts=names.mail_hosts)
    try:
        return {address: lets(sender, address, asking) for address in own}
    except LookupFailed:
        return {}


def _addresses(names: Names, name: str, unknown: list[str]) -> Sequence[str]:
    try:
        return names.addresses(name)[0]
    except LookupFailed:
        unknown.append(name)
        return ()


def _visit(routes: Routes, domain: str, timeouts: Timeouts) -> Visit:
    """The first server of the domain that answers decides."""
    opening = Opening(hello=routes.own, timeouts=timeouts, trust=ssl.create_default_context())
    words = ""
    try:
        for server in routes.servers(domain):
            if isinstance(server, NoRoute):
                words = server.detail
                continue
            visit = _greet(server, domain, opening)
            if visit.greeted is not Greeted.NOBODY:
                return visit
            words = visit.words
    except NoRoute as error:
        words = error.detail
    return Visit(domain=domain, greeted=Greeted.NOBODY, words=words)


def _greet(server: Server, domain: str, opening: Opening) -> Visit:
    words = ""
    for address in server.addresses:
        try:
            connection = opened(server, address, opening, monotonic() + opening.timeouts.handover)
        except Refused as error:
            refusal = server_words(f"{error.code} {error.words}")
            return Visit(domain=domain, greeted=Greeted.REFUSED, words=refusal)
        except NotReached as error:
            words = error.why if Loss.read(error.why) else f"{server.host}: {error.why}"
            continue
        except Unopened:  # it answers, and lacks what its own domain wants of it
            return Visit(domain=domain, greeted=Greeted.WELL)
        local = connection.sock.getsockname()[0] if connection.sock else ""
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError, Lost):
            connection.close()
        return Visit(domain=domain, greeted=Greeted.WELL, local=local)
    return Visit(domain=domain, greeted=Greeted.NOBODY, words=words)
