"""TXT records from a real name server, on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset
import pytest

from actionmail.gateways.mail.dns import Dns
from actionmail.rules.campaigns.preflight import NoAnswer

RECORDS = {
    "act.example.org.": ['"v=spf1 mx -all"', '"other"'],
    "s1._domainkey.act.example.org.": ['"v=DKIM1; p=MI" "IB"'],
    "empty.example.org.": [],
}


@contextmanager
def name_server(*, fails: bool = False, silent: bool = False) -> Iterator[int]:
    """Answers on a UDP port of 127.0.0.1 until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    wire, client = listener.recvfrom(4096)
                except TimeoutError:
                    continue
                if not silent:
                    listener.sendto(answer(wire, fails), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


def answer(wire: bytes, fails: bool) -> bytes:
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    name = query.question[0].name.to_text()
    if fails:
        response.set_rcode(dns.rcode.SERVFAIL)
    elif name not in RECORDS:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif RECORDS[name]:
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *RECORDS[name]))
    return response.to_wire()


def test_records_come_whole() -> None:
    with name_server() as port:
        dns_here = Dns(["127.0.0.1"], port=port, seconds=60)
        assert sorted(dns_here.txt("act.example.org")) == ["other", "v=spf1 mx -all"]
        assert dns_here.txt("s1._domainkey.act.example.org") == ["v=DKIM1; p=MIIB"]


@pytest.mark.parametrize("name", ["nowhere.example.org", "empty.example.org"])
def test_no_such_name_and_no_such_record_are_none(name: str) -> None:
    with name_server() as port:
        assert Dns(["127.0.0.1"], port=port, seconds=60).txt(name) == []


def test_a_failing_or_silent_server_is_no_answer() -> None:
    with name_server(fails=True) as port, pytest.raises(NoAnswer):
        Dns(["127.0.0.1"], port=port, seconds=60).txt("act.example.org")
    with name_server(silent=True) as port, pytest.raises(NoAnswer, match="too long"):
        Dns(["127.0.0.1"], port=port, seconds=0.3).txt("act.example.org")


@pytest.mark.parametrize("name", ["a..example.org", "x" * 70 + ".example.org"])
def test_a_name_that_cannot_be_asked_is_no_answer(name: str) -> None:
    with pytest.raises(NoAnswer):
        Dns(["127.0.0.1"], port=9).txt(name)
