"""The delivery commands, through click's own runner on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from actionmail.cli import main
from actionmail.db.actions import Draft
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.throttles import Rate
from actionmail.flows import staff
from actionmail.flows.actions import petition_mails
from actionmail.flows.actions.petition_mails import Written
from actionmail.flows.delivery.office_answers import keep_forward
from actionmail.flows.delivery.received import ForwardLetter
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from tests.any_state import any_state
from tests.audit import audited
from tests.flows.actions.test_confirmation import Site
from tests.flows.delivery.test_crash import fill
from tests.gateways.scripted_smtp import Script, scripted_server
from tests.rules.delivery.test_dkim import ED25519, holds, pem
from tests.samples import light_hash, sample_campaign, sample_legislator, sample_petition


@pytest.fixture
def runner(sqlite_url: str) -> CliRunner:
    return CliRunner(env={"ACTIONMAIL_DATABASE_URL": sqlite_url, "ACTIONMAIL_SMTP_URL": ""})


def run(runner: CliRunner, *arguments: str, **env: str) -> Result:
    return runner.invoke(main, arguments, env=env)


def test_a_worker_without_a_mail_server_refuses_with_a_sentence(runner: CliRunner) -> None:
    result = run(runner, "worker")
    assert result.exit_code == 1
    assert "ACTIONMAIL_SMTP_URL is not set" in result.output


def test_a_worker_on_missing_tables_says_what_to_run(
    runner: CliRunner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('new')}/new.sqlite3"
    result = run(runner, "worker", ACTIONMAIL_SMTP_URL="smtp://127.0.0.1:9", ACTIONMAIL_DATABASE_URL=url)
    assert result.exit_code == 1
    assert "actionmail migrate" in result.output


def test_once_says_what_became_of_the_letters(runner: CliRunner, database: Database) -> None:
    fill(database, 2)
    with scripted_server() as server:
        result = run(runner, "worker", "--once", ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}")
    assert result.exit_code == 0
    assert "2 claimed: 2 accepted" in result.output
    assert "@" not in result.output


def test_letters_are_signed_with_the_keys_given(runner: CliRunner, database: Database, tmp_path: Path) -> None:
    fill(database, 1)
    key = tmp_path / "s2.pem"
    key.write_bytes(pem(ED25519.key))
    with scripted_server(Script(answers={"BODY": [b"451 4.3.0 later"]})) as server:
        env = {
            "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        }
        result = run(runner, "worker", "--once", "--dkim", f"s2.ed:{key}", **env)
    assert ED25519.record in result.output
    assert holds(server.bodies[0])


def test_a_worker_forgets_settles_and_passes_on_beside(runner: CliRunner, database: Database) -> None:
    now = datetime.now(UTC)
    quiet, fresh = fill(database, 2)
    with database.write() as session, any_state(session):
        for id_, age in ((quiet, 73), (fresh, 71)):
            message = session.get_one(Message, id_)
            message.state, message.next_attempt_at = "accepted", None
            message.updated_at = now - timedelta(hours=age)
        for key, age in (("old", 25), ("new", 23)):
            at = now - timedelta(hours=age)
            session.add(Draft(key=key, campaign_id=message.campaign_id, values={}, updated_at=at))
        raw = b"Subject: An answer\r\n\r\nThank you.\r\n"
        answer = ForwardLetter(message=fresh, recipient="mai1@example.org", raw=raw)
        keep_forward(session, answer, now=now)
        anna = staff.add(session, "anna@example.org", staff.Role.AUTHOR, light_hash(), now=now)
        for age in (1, 4, 13):  # hours
            staff.begin(session, anna, user_agent="", now=now - timedelta(hours=age))
    with scripted_server() as server:
        env = {
            "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        }
        result = run(runner, "worker", "--once", **env)
    assert result.exit_code == 0
    for line in (
        "1 drafts forgotten",
        "2 old sessions of staff forgotten",
        "1 letters settled",
        "1 mails went to supporters",
    ):
        assert line in result.output
    assert "@" not in result.output
    assert [taken.recipients for taken in server.taken] == [("mai1@example.org",)]
    with database.read() as session:
        assert list(session.scalars(select(Draft.key))) == ["new"]
        assert [session.get_one(Message, id_).state for id_ in (quiet, fresh)] == ["settled", "accepted"]


def test_a_worker_asks_supporters_and_ends_what_they_did_not_confirm(
    runner: CliRunner, database: Database, settings: Settings, tmp_path: Path
) -> None:
    key = tmp_path / "s2.pem"
    key.write_bytes(pem(ED25519.key))
    now = datetime.now(UTC)
    site = Site(database, settings, now)
    old = site.write(now=now - timedelta(days=8))
    asked = site.write(now=now - timedelta(minutes=1))
    with scripted_server() as server:
        alone = run(runner, "worker", "--once", ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}")
        env = {
            "ACTIONMAIL_SMTP_URL": f"smtp://127.0.0.1:{server.port}",
            "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org",
        }
        result = run(runner, "worker", "--once", "--dkim", f"s2.ed:{key}", **env)
    assert "ACTIONMAIL_FROM_ADDRESS is not set: mail to supporters waits" in alone.output
    assert "1 supporters' letters were not confirmed in time" in alone.output
    assert "1 mails went to supporters" in result.output
    assert "@" not in alone.output + result.output.replace(ED25519.record, "")
    (taken,) = server.taken
    assert taken.recipients == ("mai@example.org",)
    assert holds(taken.raw)
    assert (site.states(old), site.states(asked)) == (["expired"] * 2, ["unconfirmed"] * 2)
    assert "2  unconfirmed  waiting for the supporter to confirm" in run(runner, "queue", "status").output


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"nonsense", "PEM")])
def test_a_key_that_will_not_do_stops_the_start(
    runner: CliRunner, database: Database, tmp_path: Path, content: bytes | None, words: str
) -> None:
    key = tmp_path / "key.pem"
    if content:
        key.write_bytes(content)
    env = {"ACTIONMAIL_SMTP_URL": "smtp://127.0.0.1:9", "ACTIONMAIL_FROM_ADDRESS": "letters@act.example.org"}
    result = run(runner, "worker", "--once", "--dkim", f"s1:{key}", **env)
    assert result.exit_code == 1
    assert words in result.output


def test_once_ends_with_a_sentence_when_the_mail_server_is_out_of_order(runner: CliRunner, database: Database) -> None:
    fill(database, 2)
    with scripted_server(Script(answers={"CONNECT": [b"421 busy"]})) as server:
        result = run(runner, "worker", "--once", ACTIONMAIL_SMTP_URL=f"smtp://127.0.0.1:{server.port}")
    assert result.exit_code == 1
    assert "greeting is 421" in result.output


def test_status_names_states_pauses_and_how_to_end_them(runner: CliRunner, database: Database) -> None:
    fill(database, 3)
    assert run(runner, "queue", "pause", "--campaign", "ab969", "--reason", "the office called").exit_code == 0
    assert run(runner, "queue", "pause", "--domain", "Legis.Example", "--reason", "bounces").exit_code == 0
    output = run(runner, "queue", "status").output
    assert "3  queued" in output
    assert "paused: --campaign ab969" in output
    assert "the office called" in output
    assert "paused: --domain legis.example" in output
    assert run(runner, "queue", "resume", "--campaign", "ab969").stdout == "resumed\n"
    assert run(runner, "queue", "resume", "--campaign", "ab969").stdout == "it was not paused\n"
    assert "ab969" not in run(runner, "queue", "status").output


def test_status_names_whoever_asked_to_slow_down(runner: CliRunner, database: Database) -> None:
    fill(database, 1)
    moment = datetime.now(UTC)
    with database.write() as session:
        for scope, key, halvings in (("all", "", 1), ("domain", "legis.example", 2), ("target", "1", 1)):
            session.add(Rate(scope=scope, key=key, used=0, at=moment, halvings=halvings, slowed_at=moment))
    lines = [line for line in run(runner, "queue", "status").output.splitlines() if line.startswith("slowed")]
    assert lines == [
        "slowed: the mail server asked for it; the rate is halved once, once less every hour",
        "slowed: legis.example asked for it; the rate is halved 2 times, once less every hour",
        "slowed: Lara Sample (--target 1) asked for it; the rate is halved once, once less every hour",
    ]


def test_a_pause_and_its_end_stand_in_the_audit_trail(runner: CliRunner, database: Database) -> None:
    run(runner, "queue", "pause", "--all", "--reason", "the office called")
    run(runner, "queue", "resume", "--all", "--reason", "they are well")
    run(runner, "queue", "resume", "--all")
    with database.read() as session:
        assert audited(session) == [
            (None, "stop_set", "stop all", {"reason": "the office called"}),
            (None, "stop_lifted", "stop all", {"reason": "they are well"}),
        ]


def test_what_is_paused_is_not_sent(runner: CliRunner, database: Database) -> None:
    fill(database, 3)
    run(runner, "queue", "pause", "--all", "--reason", "stop")
    with scripted_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert "no letter may go right now" in run(runner, "worker", "--once", ACTIONMAIL_SMTP_URL=url).output
        run(runner, "queue", "resume", "--all")
        run(runner, "worker", "--once", ACTIONMAIL_SMTP_URL=url)
    assert len(server.taken) == 3


def test_cancelling_asks_first(runner: CliRunner, database: Database) -> None:
    fill(database, 3)
    asked = runner.invoke(main, ["queue", "cancel", "--all", "--reason", "withdrawn"], input="n\n")
    assert "Cancel 3 letters for good?" in asked.output
    assert "3  queued" in run(runner, "queue", "status").output
    assert "3 letters cancelled" in run(runner, "queue", "cancel", "--all", "--reason", "withdrawn", "--yes").output
    assert "3  cancelled" in run(runner, "queue", "status").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "exactly one of"),
        (["--all", "--domain", "x.example"], "exactly one of"),
        (["--campaign", "nothing"], "no campaign nothing"),
        (["--target", "4711"], "no legislator"),
    ],
)
def test_a_scope_that_is_none_is_a_sentence(
    runner: CliRunner, database: Database, arguments: list[str], words: str
) -> None:
    result = run(runner, "queue", "pause", *arguments, "--reason", "x")
    assert result.exit_code != 0
    assert words in result.output


def test_a_target_is_named_by_number(runner: CliRunner, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session)
        number = str(sample_legislator(session).id)
    assert run(runner, "queue", "pause", "--target", number, "--reason", "x").exit_code == 0
    assert f"--target {number}" in run(runner, "queue", "status").output


@pytest.mark.parametrize("hours", ["8", "8-25", "x-y", "-"])
def test_hours_that_are_none_are_a_sentence(runner: CliRunner, hours: str) -> None:
    assert "is not like 8-18" in run(runner, "worker", "--hours", hours).output


@pytest.mark.parametrize("command", [["worker"], ["queue"], ["queue", "status"], ["queue", "pause"], ["inbox"]])
def test_help_explains(runner: CliRunner, command: list[str]) -> None:
    result = run(runner, *command, "--help")
    assert result.exit_code == 0
    assert len(result.output) > 150


def test_an_answer_is_explained(runner: CliRunner) -> None:
    result = run(runner, "queue", "explain", "550 5.4.5 This account has used up what it may send today")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "meaning: our account has sent what it may for now",
        "about:   us",
        "letter:  waits; no try is used up",
        "also:    the worker pauses, and says what is wrong; the letter stays in line",
        "source:  Gmail: 5.4.5",
    ]
    assert "accepted" in run(runner, "queue", "explain", "--phase", "body", "250 2.0.0 Ok").output


def test_an_answer_in_words_that_no_server_is_known_for_is_explained_by_their_sense(runner: CliRunner) -> None:
    lines = run(runner, "queue", "explain", "553 5.7.1 that return path belongs to another account").output.splitlines()
    assert lines[1] == "about:   us"
    assert lines[4] == "source:  the sense of the words, no one server's"


@pytest.mark.parametrize("answer", ["", "no", "5501 x", "hello 550", "\x00", "999 x"])
def test_what_is_no_answer_gets_a_sentence(runner: CliRunner, answer: str) -> None:
    result = run(runner, "queue", "explain", answer)
    assert result.exit_code == 2
    assert "An answer begins with its code" in result.output
    assert "Give an answer" in run(runner, "queue", "explain").output


def test_status_names_a_petitions_mail_until_it_has_gone(
    runner: CliRunner, database: Database, settings: Settings, now: datetime
) -> None:
    with database.write() as session:
        petition = sample_petition(session)
        petition.details = {**petition.details, "to_email": "office@example.org"}
        written = Written(recipient="office@example.org", subject="A petition", text="Here.", paper_sha256="", seen=0)
        petition_mails.queue(session, petition.slug, written, settings=settings, by=None, now=now)
    line = "petition clemency, mail 1 to Governor Example: It waits for a worker."
    assert line in run(runner, "queue", "status").output
    with database.write() as session:
        petition_mails.change(session, "clemency", 1, State.CANCELLED, by=None, now=now)
    assert "petition" not in run(runner, "queue", "status").output
