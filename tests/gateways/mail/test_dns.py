"""Records from a real name server, on this machine."""

from __future__ import annotations

import pytest

from actionmail.gateways.mail.dns import Dns
from actionmail.rules.campaigns.preflight import NoAnswer
from tests.name_server import name_server

RECORDS = {
    ("act.example.org", "TXT"): ['"v=spf1 mx -all"', '"other"'],
    ("s1._domainkey.act.example.org", "TXT"): ['"v=DKIM1; p=MI" "IB"'],
    ("empty.example.org", "TXT"): [],
    ("mail.example.org", "A"): ["8.8.8.1", "8.8.8.2", "8.8.8.3"],
    ("1.8.8.8.in-addr.arpa", "PTR"): ["mail.example.org."],
    ("2.8.8.8.in-addr.arpa", "PTR"): ["other.example.org."],
    ("other.example.org", "A"): ["8.8.8.9"],
}


def test_records_come_whole() -> None:
    with name_server(RECORDS) as names:
        dns_here = Dns(["127.0.0.1"], port=names.port, seconds=60)
        assert sorted(dns_here.txt("act.example.org")) == ["other", "v=spf1 mx -all"]
        assert dns_here.txt("s1._domainkey.act.example.org") == ["v=DKIM1; p=MIIB"]


@pytest.mark.parametrize("name", ["nowhere.example.org", "empty.example.org"])
def test_no_such_name_and_no_such_record_are_none(name: str) -> None:
    with name_server(RECORDS) as names:
        assert Dns(["127.0.0.1"], port=names.port, seconds=60).txt(name) == []


def test_a_failing_or_silent_server_is_no_answer() -> None:
    with name_server(RECORDS, fails=True) as names, pytest.raises(NoAnswer):
        Dns(["127.0.0.1"], port=names.port, seconds=60).txt("act.example.org")
    with name_server(RECORDS, silent=True) as names, pytest.raises(NoAnswer, match="too long"):
        Dns(["127.0.0.1"], port=names.port, seconds=0.3).txt("act.example.org")


@pytest.mark.parametrize("name", ["a..example.org", "x" * 70 + ".example.org"])
def test_a_name_that_cannot_be_asked_is_no_answer(name: str) -> None:
    with pytest.raises(NoAnswer):
        Dns(["127.0.0.1"], port=9).txt(name)


def test_a_name_counts_for_an_address_where_it_leads_back() -> None:
    with name_server(RECORDS) as names:
        dns_here = Dns(["127.0.0.1"], port=names.port, seconds=60)
        found = dict(dns_here.names("mail.example.org"))
        assert found == {"8.8.8.1": ["mail.example.org"], "8.8.8.2": [], "8.8.8.3": []}
        assert dns_here.names("8.8.8.1") == [("8.8.8.1", ["mail.example.org"])]
        assert dns_here.names("nowhere.example.org") == []
