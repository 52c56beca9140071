"""What doctor finds of the domain that letters come from, by a real name server on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from actionmail.cli.platform.doctor import status_of
from actionmail.cli.platform.doctor_words import sentence
from actionmail.flows.review.installation import Check, Finding
from actionmail.flows.review.sender import SenderDns, sender_findings
from actionmail.gateways.mail.dns import Dns
from actionmail.settings import Settings, parse_relay
from tests.name_server import Records, name_server

RECORDS: Mapping[tuple[str, str], Sequence[str]] = {
    ("act.example.org", "TXT"): ['"v=spf1 mx -all"'],
    ("act.example.org", "MX"): ["20 second.example.org.", "10 mail.example.org."],
    ("s1._domainkey.act.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=MIIB"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
    ("mail.example.org", "A"): ["8.8.8.1"],
    ("1.8.8.8.in-addr.arpa", "PTR"): ["mail.example.org."],
}


@pytest.fixture
def real(settings: Settings) -> Settings:
    relay = parse_relay("smtp+starttls://mail.example.org:587")
    return replace(settings, loopback_only=False, relay=relay, dkim_selectors=("s1",))


def found(settings: Settings, records: Records, **how: bool) -> list[Finding]:
    with name_server(records, **how) as names:
        dns = Dns(["127.0.0.1"], port=names.port, seconds=0.3 if how else 60)
        asking = SenderDns(ask_txt=dns.txt, ask_names=dns.names, ask_hosts=dns.mail_hosts, records={})
        return list(sender_findings(settings, asking))


def without(*names: tuple[str, str]) -> Records:
    return {name: said for name, said in RECORDS.items() if name not in names}


def test_a_sender_in_order_is_well(real: Settings) -> None:
    looked = found(real, RECORDS)
    assert [one.check for one in looked] == [Check.SPF, Check.DKIM_RECORD, Check.DMARC, Check.POINTER, Check.WAY_BACK]
    assert status_of(looked) == 0
    told = [sentence(one) for one in looked]
    assert told[0].startswith("SPF: act.example.org says: v=spf1 mx -all.")
    assert told[-1] == "mail to act.example.org goes to mail.example.org and second.example.org."


@pytest.mark.parametrize(
    ("gone", "check", "words"),
    [
        (("act.example.org", "TXT"), Check.SPF, "SPF: act.example.org has no SPF record. Let act.example.org have"),
        (("s1._domainkey.act.example.org", "TXT"), Check.DKIM_RECORD, "DKIM: There is no key at s1._domainkey."),
        (("_dmarc.example.org", "TXT"), Check.DMARC, "Publish a TXT record at _dmarc.act.example.org"),
        (("1.8.8.8.in-addr.arpa", "PTR"), Check.POINTER, "8.8.8.1, an address of mail.example.org, has no name"),
        (("act.example.org", "MX"), Check.WAY_BACK, "Mail to act.example.org goes nowhere"),
    ],
)
def test_what_the_dns_lacks_is_to_be_looked_at_and_keeps_nothing_from_running(
    real: Settings, gone: tuple[str, str], check: Check, words: str
) -> None:
    looked = found(real, without(gone))
    (amiss,) = [one for one in looked if not one.is_well]
    assert (amiss.check, words in sentence(amiss), status_of(looked)) == (check, True, 3), sentence(amiss)


def test_a_domain_that_takes_no_mail_is_said(real: Settings) -> None:
    """RFC 7505."""
    looked = found(real, {**RECORDS, ("act.example.org", "MX"): ["0 ."]})
    assert [one.check for one in looked if not one.is_well] == [Check.WAY_BACK]


def test_a_domain_without_an_mx_record_takes_mail_at_its_own_address(real: Settings) -> None:
    """RFC 5321 5.1."""
    looked = found(real, {**without(("act.example.org", "MX")), ("act.example.org", "A"): ["8.8.8.2"]})
    assert sentence(looked[-1]) == "mail to act.example.org goes to act.example.org."


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fails", "silent"])
def test_a_dns_that_does_not_answer_is_to_be_looked_at(real: Settings, how: str) -> None:
    looked = found(real, RECORDS, **{how: True})
    assert len(looked) == 5
    assert not any(one.is_well for one in looked)
    assert status_of(looked) == 3


def test_what_cannot_be_told_from_here_is_no_fault(real: Settings) -> None:
    """A mail server on this machine, which signs itself."""
    here = replace(real, relay=parse_relay("smtp://127.0.0.1:25"), dkim_selectors=())
    looked = {one.check: one for one in found(here, RECORDS)}
    unknown = [check for check, one in looked.items() if not one.is_known]
    assert (unknown, status_of(list(looked.values()))) == ([Check.DKIM_RECORD, Check.POINTER], 0)
    assert "has to sign. Send yourself a test" in sentence(looked[Check.DKIM_RECORD])


def test_an_installation_that_reaches_nothing_asks_nothing(real: Settings) -> None:
    with name_server(RECORDS) as names:
        dns = Dns(["127.0.0.1"], port=names.port, seconds=60)
        asking = SenderDns(ask_txt=dns.txt, ask_names=dns.names, ask_hosts=dns.mail_hosts, records={})
        assert list(sender_findings(replace(real, loopback_only=True), asking)) == []
        assert list(sender_findings(replace(real, from_address=""), asking)) == []
        assert names.asked == []
