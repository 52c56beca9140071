"""The whole command, sending straight to domains, where only this machine may be reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner

from actionmail.cli.delivery.queue import explain
from actionmail.cli.delivery.worker import worker
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.settings import Settings, parse_relay
from tests.samples import sample_action, sample_campaign, sample_legislator, sample_message


def test_a_worker_without_a_way_to_any_domain_says_so_and_burns_no_letter(
    settings: Settings, database: Database
) -> None:
    """This machine's DNS is out of reach here, so no domain is found."""
    until = datetime.now(UTC) + timedelta(days=1)
    with database.write() as session:
        campaign = sample_campaign(session)
        for number, domain in enumerate(["one.example", "two.example"]):
            person = sample_legislator(session, district=str(number), email=f"rep@{domain}")
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            sample_message(session, action, person, campaign.letters[0], expires_at=until)
    done = CliRunner().invoke(worker, ["--once"], obj=replace(settings, relay=parse_relay("mx:")))
    assert done.exit_code == 1
    assert "delivers to the receiving domains' own servers, as act.example.org" in done.output
    assert "No mail server of any receiving domain answers." in done.output
    with database.read() as session:
        assert {(row.state, row.attempts) for row in session.query(Message)} == {("deferred", 0)}
        assert session.query(Event).filter(Event.reason_code == "given_back").count() == 2


def test_an_answer_is_explained_as_a_relays_or_as_the_domains_word() -> None:
    answer = "554 5.7.1 <x@legislature.example>: Relay access denied"
    relays = CliRunner().invoke(explain, [answer]).output
    domains = CliRunner().invoke(explain, ["--direct", answer]).output
    assert "about:   us" in relays and "the worker pauses" in relays
    assert "about:   the receiving domain" in domains and "held until a person has looked" in domains
    taken = CliRunner().invoke(explain, ["--direct", "--phase", "body", "250 ok"]).output
    assert "accepted" in taken
