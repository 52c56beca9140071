"""What doctor finds of a machine that sends straight to receiving domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from actionmail.cli.platform.doctor import status_of
from actionmail.cli.platform.doctor_words import sentence
from actionmail.db.engine import Database
from actionmail.flows.review.installation import Check, Finding
from actionmail.flows.review.sending_directly import way_out_findings
from actionmail.rules.delivery.spf import Lets
from actionmail.rules.delivery.way_out import Greeted, Visit, WayOut
from actionmail.settings import Settings, parse_relay
from tests.samples import sample_legislator

NAME = "mail.act.example.org"
WELL = WayOut(
    name=NAME,
    addresses=["192.0.2.5"],
    called={"192.0.2.5": [NAME]},
    visits=[Visit(domain="legislature.example", greeted=Greeted.WELL)],
)


@pytest.fixture
def direct(settings: Settings) -> Settings:
    return replace(settings, relay=parse_relay("mx:"), loopback_only=False)


def found(settings: Settings, database: Database, way_out: WayOut) -> dict[Check, Finding]:
    return {finding.check: finding for finding in way_out_findings(settings, database, ask=lambda domains: way_out)}


def test_where_all_is_right_it_is_said(direct: Settings, database: Database) -> None:
    looked = found(direct, database, WELL)
    assert all(finding.is_well for finding in looked.values())
    assert [sentence(finding) for finding in looked.values()][:3] == [
        "mail.act.example.org, which is given in EHLO, leads to 192.0.2.5.",
        "the DNS calls 192.0.2.5 by that name.",
        "port 25 is open on the way out: a server of legislature.example answered.",
    ]
    assert "MTA-STS policies are" in sentence(looked[Check.DANE])
    assert "are kept to" in sentence(found(direct, database, replace(WELL, checks_signatures=True))[Check.DANE])


@pytest.mark.parametrize(
    ("answer", "words", "status"),
    [
        (Lets.YES, "the SPF record of act.example.org lets 192.0.2.5 send.", 0),
        (Lets.NO, "Mail goes out from 192.0.2.5, and the SPF record of act.example.org does not let that send", 3),
        (Lets.BROKEN, "The SPF record of act.example.org cannot be used, so mail from 192.0.2.5 passes nowhere", 3),
        (Lets.UNTOLD, "Whether the SPF record of act.example.org lets 192.0.2.5 send hangs on a macro", 0),
    ],
)
def test_whether_spf_lets_this_machine_send_is_said(
    direct: Settings, database: Database, answer: Lets, words: str, status: int
) -> None:
    looked = found(direct, database, replace(WELL, lets={"192.0.2.5": answer}))
    assert words in sentence(looked[Check.SPF_ADDRESS])
    assert status_of(list(looked.values())) == status
    nobody = replace(direct, from_address="")
    assert Check.SPF_ADDRESS not in found(nobody, database, replace(WELL, lets={"192.0.2.5": answer}))


@pytest.mark.parametrize("relay", ["smtp://127.0.0.1:1025", ""])
def test_with_a_relay_nothing_is_asked(direct: Settings, database: Database, relay: str) -> None:
    assert found(replace(direct, relay=parse_relay(relay) if relay else None), database, WELL) == {}
    assert found(replace(direct, loopback_only=True), database, WELL) == {}


def visited(*visits: Visit) -> WayOut:
    return replace(WELL, visits=visits)


@pytest.mark.parametrize(
    ("way_out", "check", "words", "stops"),
    [
        (replace(WELL, addresses=[], called={}), Check.HELO_NAME, "has no address in the DNS", False),
        (replace(WELL, addresses=[], unknown=[NAME]), Check.DNS, "says nothing of mail.act.example.org", False),
        (replace(WELL, called={"192.0.2.5": ["host-5.isp.example"]}), Check.PTR, "goes out from 192.0.2.5", False),
        (replace(WELL, called={}), Check.PTR, "PTR record to mail.act.example.org", False),
        (
            visited(Visit(domain="a.example", greeted=Greeted.WELL, local="1.1.1.1")),
            Check.PTR,
            "goes out from 1.1.1.1",
            False,
        ),
        (
            visited(Visit(domain="a.example", greeted=Greeted.NOBODY, words="mx.a.example: timed out")),
            Check.PORT_25,
            "No mail server of a.example answers by port 25 (mx.a.example: timed out).",
            True,
        ),
        (
            visited(Visit(domain="a.example", greeted=Greeted.REFUSED, words="554 blocked")),
            Check.UNWELCOME,
            "The mail server of a.example does not want this machine: 554 blocked",
            False,
        ),
        (visited(), Check.NOBODY_TO_VISIT, "import the roster", False),
    ],
)
def test_what_is_lacking_is_said(
    direct: Settings, database: Database, way_out: WayOut, check: Check, words: str, stops: bool
) -> None:
    finding = found(direct, database, way_out)[check]
    assert not finding.is_well
    assert words in sentence(finding)
    assert finding.stops is stops


def test_servers_of_the_domains_with_most_legislators_are_visited(direct: Settings, database: Database) -> None:
    with database.write() as session:
        for number, domain in enumerate(["a.example", "b.example", "b.example", "c.example", "c.example", "d.example"]):
            sample_legislator(session, district=str(number), email=f"x{number}@{domain.upper()}")
        sample_legislator(session, district="99", email="")
    asked: list[Sequence[str]] = []

    def ask(domains: Sequence[str]) -> WayOut:
        asked.append(domains)
        return WELL

    list(way_out_findings(direct, database, ask=ask))
    assert len(asked[0]) == 3
    assert set(asked[0][:2]) == {"b.example", "c.example"}
