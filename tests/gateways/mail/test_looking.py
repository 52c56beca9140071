"""A look at the way out, with a name server and mail servers on this machine."""

from __future__ import annotations

import pytest

from actionmail.gateways.mail.direct import MailDns, Routes
from actionmail.gateways.mail.direct.looking import look
from actionmail.rules.delivery.spf import Lets
from actionmail.rules.delivery.way_out import Greeted, WayOut
from tests.gateways.scripted_smtp import HANG_UP, PATIENT, Script, scripted_server
from tests.name_server import name_server

RECORDS = {
    ("mail.act.example.org", "A"): ["127.0.0.1"],
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mail.act.example.org."],
    ("legislature.example", "MX"): ["10 mx1.legislature.example."],
    ("mx1.legislature.example", "A"): ["127.0.0.2"],
    ("city.example", "A"): ["127.0.0.9"],
    (".", "NS"): ["a.root.example."],
    ("act.example.org", "TXT"): ['"v=spf1 a:mail.act.example.org -all"'],
}


def looked(script: Script, *domains: str, **dns: object) -> tuple[WayOut, list[str]]:
    with scripted_server(script, "127.0.0.2") as server, name_server(RECORDS, **dns) as names:  # type: ignore[arg-type]
        lookups = MailDns(["127.0.0.1"], port=names.port, seconds=30)
        routes = Routes(
            lookups=lookups, policy_of=lambda domain: None, own="mail.act.example.org", port=server.port, only_here=True
        )
        way_out = look(routes, lookups, domains, sender="act.example.org", timeouts=PATIENT)
        return way_out, [command.upper() for command in server.commands]


def test_the_dns_is_asked_and_a_server_greeted_and_left() -> None:
    way_out, commands = looked(Script(), "legislature.example")
    (visit,) = way_out.visits
    assert (visit.greeted, visit.local[:4]) == (Greeted.WELL, "127.")
    assert list(way_out.addresses) == ["127.0.0.1"]
    assert way_out.called["127.0.0.1"] == ["mail.act.example.org"]
    assert way_out.misnamed == []
    assert way_out.lets == {"127.0.0.1": Lets.YES}
    assert not way_out.checks_signatures
    assert commands == ["EHLO MAIL.ACT.EXAMPLE.ORG", "QUIT"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            Script(answers={"CONNECT": [b"554 5.7.1 blocked"]}),
            "554 5.7.1 blocked",
        ),
        (Script(answers={"EHLO": [b"550 no"], "HELO": [b"550 5.7.1 bad name"]}), "550 5.7.1 bad name"),
    ],
)
def test_a_server_that_does_not_want_us_is_heard(script: Script, words: str) -> None:
    (visit,) = looked(script, "legislature.example")[0].visits
    assert (visit.greeted, visit.words) == (Greeted.REFUSED, words)


@pytest.mark.parametrize("domain", ["city.example", "nowhere.example"])
def test_where_nobody_answers_that_is_said(domain: str) -> None:
    (visit,) = looked(Script(), domain)[0].visits
    assert visit.greeted is Greeted.NOBODY
    assert visit.words


def test_a_server_that_hangs_up_has_not_answered() -> None:
    (visit,) = looked(Script(answers={"CONNECT": [HANG_UP] * 3}), "legislature.example")[0].visits
    assert visit.greeted is Greeted.NOBODY


def test_a_dns_that_says_nothing_is_no_fault_of_the_machine() -> None:
    broken = [("mail.act.example.org", "A"), ("mail.act.example.org", "AAAA")]
    way_out, _commands = looked(Script(), broken=broken)
    assert way_out.unknown == ["mail.act.example.org"]


def test_a_resolver_that_checks_signatures_is_known_by_the_root() -> None:
    assert looked(Script(), secure=["."])[0].checks_signatures
