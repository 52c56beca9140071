"""What the DNS says of whoever sends the letters, as findings of the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from actionmail.flows.review.installation import Check, Finding
from actionmail.rules.campaigns.preflight import AskNames, AskTxt, Looked, NoAnswer, Verdict, look_at_sender
from actionmail.settings import Settings

# The hosts that take a domain's mail, none where it takes none. Raises NoAnswer.
AskHosts = Callable[[str], Sequence[str]]
_CHECKS: Final = {
    Looked.SPF: Check.SPF,
    Looked.DKIM: Check.DKIM_RECORD,
    Looked.DMARC: Check.DMARC,
    Looked.POINTER: Check.POINTER,
}
_NO_ANSWER: Final = "preflight.dns-no-answer"


class SenderDns(Struct, frozen=True, kw_only=True):
    """The DNS as it is asked here. `records` are those of the DKIM keys that sign now, by selector."""

    ask_txt: AskTxt
    ask_names: AskNames
    ask_hosts: AskHosts
    records: Mapping[str, str]


def sender_findings(settings: Settings, dns: SenderDns) -> Iterator[Finding]:
    """SPF, DKIM, DMARC, the relay's name, and where mail comes back to; nothing where no other machine may be reached.

    What cannot be told from here is not known, which is no fault; a DNS that does not answer is to be looked at.
    """
    if settings.loopback_only or not settings.from_address:
        return
    for finding in look_at_sender(settings, ask_txt=dns.ask_txt, ask_names=dns.ask_names, records=dns.records):
        is_known = finding.verdict is not Verdict.UNKNOWN or finding.problem.code == _NO_ANSWER
        is_well = finding.verdict is Verdict.WELL
        yield Finding(check=_CHECKS[finding.what], is_well=is_well, is_known=is_known, values={"found": finding})
    yield _way_back(settings.mail_domain, dns.ask_hosts)


def _way_back(domain: str, ask: AskHosts) -> Finding:
    """Return paths are addresses of the domain."""
    try:
        hosts = ask(domain)
    except NoAnswer:
        return Finding(check=Check.DNS, is_well=False, values={"name": domain})
    return Finding(check=Check.WAY_BACK, is_well=bool(hosts), values={"name": domain, "hosts": list(hosts)})
