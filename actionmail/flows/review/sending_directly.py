"""What a machine lacks that sends letters straight to receiving domains, without a relay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select

from actionmail.db.engine import TROUBLE, Database
from actionmail.db.roster import Legislator
from actionmail.flows.review.installation import Check, Finding
from actionmail.rules.delivery.spf import Lets
from actionmail.rules.delivery.way_out import Greeted, WayOut
from actionmail.settings import Settings

# The look from here at servers of these domains.
AskWayOut = Callable[[Sequence[str]], WayOut]
_MOST_DOMAINS = 3


def way_out_findings(settings: Settings, database: Database | None, *, ask: AskWayOut) -> Iterator[Finding]:
    """Name, address and way out; nothing where a relay is set, or where no other machine may be reached."""
    if settings.relay is None or not settings.relay.is_direct or settings.loopback_only:
        return
    way_out = ask(_domains(database) if database is not None else [])
    has_addresses = bool(way_out.addresses)
    if way_out.name in way_out.unknown:
        yield Finding(check=Check.DNS, is_well=False, values={"name": way_out.name})
    else:
        values = {"name": way_out.name, "addresses": way_out.addresses}
        yield Finding(check=Check.HELO_NAME, is_well=has_addresses, values=values)
    if way_out.own:
        own = {"name": way_out.name, "addresses": way_out.misnamed or way_out.own}
        yield Finding(check=Check.PTR, is_well=not way_out.misnamed, values=own)
    yield from _permits(settings.mail_domain, way_out) if settings.mail_domain else ()
    yield from _visits(way_out)
    yield Finding(check=Check.DANE, is_well=True, values={"checks": way_out.checks_signatures})


def _permits(domain: str, way_out: WayOut) -> Iterator[Finding]:
    """One finding for all addresses of which SPF says the same."""
    for answer in Lets:
        addresses = [address for address, lets in way_out.lets.items() if lets is answer]
        if addresses:
            values = {"name": domain, "addresses": addresses, "lets": answer}
            is_well, is_known = answer is Lets.YES, answer is not Lets.UNTOLD
            yield Finding(check=Check.SPF_ADDRESS, is_well=is_well, is_known=is_known, values=values)


def _visits(way_out: WayOut) -> Iterator[Finding]:
    """One server that greets us is enough to see that port 25 is open."""
    if not way_out.visits:
        yield Finding(check=Check.NOBODY_TO_VISIT, is_well=False)
        return
    is_out = any(visit.greeted is not Greeted.NOBODY for visit in way_out.visits)
    domains = [visit.domain for visit in way_out.visits]
    words = next((visit.words for visit in way_out.visits if visit.words), "")
    yield Finding(check=Check.PORT_25, is_well=is_out, values={"domains": domains, "words": words})
    for visit in way_out.visits:
        if visit.greeted is Greeted.REFUSED:
            yield Finding(check=Check.UNWELCOME, is_well=False, values={"domain": visit.domain, "words": visit.words})


def _domains(database: Database) -> list[str]:
    """Where most legislators have their mailboxes."""
    try:
        with database.read() as session:
            addresses = session.scalars(
                select(Legislator.email).where(Legislator.gone_at.is_(None), Legislator.email != "")
            )
            counts = Counter(address.rpartition("@")[2].lower() for address in addresses)
    except TROUBLE:
        return []  # said by the database's own check
    return [domain for domain, _count in counts.most_common(_MOST_DOMAINS)]
