"""`actionmail doctor --probe`: a mail that goes out and comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim
import pytest
from click.testing import CliRunner, Result

from actionmail.cli.delivery.dkim import dkim as dkim_command
from actionmail.cli.delivery.inbound import inbound
from actionmail.cli.platform.doctor import doctor
from actionmail.db.engine import Database
from actionmail.flows.delivery import heartbeats, probes
from actionmail.flows.delivery.received import Kind
from actionmail.rules.delivery.tokens import verp_address
from actionmail.settings import Settings, parse_relay
from tests.cli.platform.test_doctor import small_data
from tests.flows.delivery.test_inbound import DOMAIN, SECRET, Post
from tests.gateways.scripted_smtp import Script, ScriptedServer, scripted_server
from tests.returned import report
from tests.samples import NOW
from tests.two_sessions import cross


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as one:
        yield one


@pytest.fixture
def here(settings: Settings, server: ScriptedServer, tmp_path: Path) -> Settings:
    relay = parse_relay(f"smtp://127.0.0.1:{server.port}")
    return replace(settings, data_dir=small_data(tmp_path / "data"), relay=relay)


def run(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(doctor, list(words), obj=settings)


def read(settings: Settings, raw: bytes, path: str, sender: str) -> Result:
    words = ["--stdin", "--recipient", path, "--sender", sender]
    return CliRunner().invoke(inbound, words, obj=replace(settings, relay=None), input=raw)


def probe_state(settings: Settings) -> str:
    rows = json.loads(run(settings, "--json").output)["findings"]
    return next((row["state"] for row in rows if row["check"] == "return_path"), "")


def test_a_probe_goes_to_its_own_return_path_and_is_known_when_it_comes_back(
    here: Settings, database: Database, server: ScriptedServer
) -> None:
    assert probe_state(here) == "", "nothing was ever tried, and no letter went"
    result = run(here, "--probe")
    assert "well: a probe went out to its own return path." in result.output
    assert "LOOK: The probe that went out 20" in result.output
    (taken,) = server.taken
    assert taken.recipients == (taken.sender,)
    assert re.fullmatch(r"b\+[a-z2-7]+@act\.example\.org", taken.sender)
    back = read(here, taken.raw, taken.sender, taken.sender)
    assert (back.exit_code, back.output) == (0, "probe: back\n")
    assert probe_state(here) == "well"
    assert "well: the probe that went out 20" in run(here).output


def test_to_an_address_elsewhere_a_report_or_an_answer_is_the_way_back(
    here: Settings, database: Database, server: ScriptedServer
) -> None:
    run(here, "--probe", "nobody@elsewhere.example")
    (taken,) = server.taken
    assert taken.recipients == ("nobody@elsewhere.example",)
    assert f"Reply-To: {taken.sender}".encode() in taken.raw.replace(b"\r\n ", b" ")
    raw = report("failed", "5.1.1", "550 no such user", to="nobody@elsewhere.example")
    assert read(here, raw, taken.sender, "").output == "probe: back\n"
    assert probe_state(here) == "well"


def test_a_probe_is_signed_as_letters_are(
    here: Settings, database: Database, server: ScriptedServer, tmp_path: Path
) -> None:
    signing = replace(here, dkim_folder=tmp_path / "dkim")
    for words in (["new", "s1", "--kind", "rsa"], ["use", "s1-rsa", "--unseen"]):
        done = CliRunner().invoke(dkim_command, words, obj=signing)
        assert done.exit_code == 0, done.output
    record = re.search(r'IN TXT ("v=DKIM1.+)', CliRunner().invoke(dkim_command, ["dns"], obj=signing).output)
    assert record
    said = record[1].replace('" "', "").strip('"').encode()
    run(signing, "--probe")
    assert dkim.verify(server.taken[0].raw, dnsfunc=lambda *_name, **_how: said)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"relay": None}, "ACTIONMAIL_SMTP_URL is not set"),
        ({"secret_key": ""}, "ACTIONMAIL_SECRET_KEY must be set"),
        ({"from_address": ""}, "ACTIONMAIL_FROM_ADDRESS must be set"),
        ({"database_url": ""}, "run `actionmail migrate`"),
        ({"database_url": "postgresql://nobody:hidden@127.0.0.1:1/none"}, "The database cannot be used"),
    ],
)
def test_without_what_it_needs_no_probe_goes_and_the_rest_is_told(
    here: Settings, database: Database, server: ScriptedServer, changed: dict[str, str], words: str
) -> None:
    result = run(replace(here, **changed), "--probe")
    assert (result.exit_code, server.taken) == (1, [])
    said = result.output.splitlines()
    (line,) = [line for line in said if line.startswith("AMISS: The probe did not go out to its own return path: ")]
    assert words in line
    assert "hidden" not in result.output
    assert "well: the ZIP table has 1 ZIP codes" in result.output


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: c@example.org", "nobody@-.example", "ü@example.org"])
def test_an_address_that_is_none_gets_nothing(
    here: Settings, database: Database, server: ScriptedServer, address: str
) -> None:
    result = run(here, "--probe", address)
    assert (result.exit_code, server.commands) == (1, [])
    assert "is no e-mail address that a mail server takes." in result.output
    assert probe_state(here) == ""


def test_a_probe_that_the_mail_server_refuses_keeps_from_running_and_is_not_waited_for(
    here: Settings, database: Database
) -> None:
    with scripted_server(Script(answers={"RCPT": [b"550 5.7.1 relaying denied"]})) as refusing:
        result = run(replace(here, relay=parse_relay(f"smtp://127.0.0.1:{refusing.port}")), "--probe")
    assert result.exit_code == 1
    assert "AMISS: The probe did not go out" in result.output
    assert "The mail server does not pass letters on to other domains" in result.output
    assert probe_state(here) == ""


def probe(post: Post, went: datetime, secret: str = SECRET) -> Kind:
    path = verp_address(probes.key_of(went), secret, DOMAIN)
    return post.back(report("failed", "5.1.1", "550 no", to=path), recipient=path).kind


def test_only_the_last_probe_counts(any_database: Database) -> None:
    post = Post(any_database)
    assert probe(post, NOW) is Kind.OLD, "none went out"
    with any_database.write() as session:
        went = probes.send_off(session, now=NOW + timedelta(microseconds=7))
    assert probe(post, NOW - timedelta(seconds=1)) is Kind.OLD
    assert probe(post, NOW, secret="another" * 8) is Kind.STRANGER
    with any_database.read() as session:
        assert heartbeats.seen_at(session, heartbeats.PROBE_BACK) is None
    assert probe(post, went) is Kind.PROBE
    assert probe(post, went) is Kind.PROBE, "read twice it is no fault"


def test_two_who_say_at_once_and_for_the_first_time_that_they_ran_both_may(any_database: Database) -> None:
    """Two mails piped in at the same moment, as the first that ever came back: neither goes back to the mail server."""
    early, late = datetime(2026, 3, 4, 15, 0, tzinfo=UTC), datetime(2026, 3, 4, 15, 1, tzinfo=UTC)
    cross(
        any_database,
        lambda session: heartbeats.beat(session, heartbeats.INBOUND, now=early),
        lambda session: heartbeats.beat(session, heartbeats.INBOUND, now=late),
    )
    with any_database.read() as session:
        assert heartbeats.seen_at(session, heartbeats.INBOUND) == late
