"""Newer datasets looked for where they are published, a server on this machine."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from actionmail.cli.platform.doctor import doctor
from actionmail.cli.roster.datasets import data
from actionmail.cli.roster.refresh_task import Refreshing, admin_mail
from actionmail.db.engine import Database
from actionmail.db.roster import DatasetRefresh, DatasetVersion, Legislator
from actionmail.flows.roster.district_files import COUNTIES, PLACES, ZIP_AREAS
from actionmail.flows.roster.refreshing import KINDS, refreshes
from actionmail.flows.staff import Role
from actionmail.gateways.mail.smtp import SmtpRelay
from actionmail.settings import Settings, parse_relay
from tests.gateways.files_server import FilesServer, files_server
from tests.gateways.scripted_smtp import scripted_server
from tests.people import path_of, people_zip, person
from tests.web.staff_pages import hire, signed_in, staff_app, words

FIRST, SECOND = "people-2026-08-05.zip", "people-2026-09-05.zip"


@pytest.fixture
def server() -> Iterator[FilesServer]:
    with files_server({}) as running:
        yield running


@pytest.fixture
def here(settings: Settings, tmp_path: Path, server: FilesServer) -> Settings:
    """Twenty people in force, and an address where newer ones are to be had."""
    folder = tmp_path / "data"
    folder.mkdir()
    here = replace(settings, data_dir=folder, from_address="letters@act.example.org")
    imported = CliRunner().invoke(data, ["import", "people", str(_people(tmp_path, 20, FIRST))], obj=here)
    assert imported.exit_code == 0, imported.output
    offer(server, here, tmp_path, 20)
    return here


def _people(folder: Path, count: int, name: str) -> Path:
    files = {path_of(n): person(n, district=str(n)) for n in range(1, count + 1)}
    return people_zip(folder, files, name)


def offer(
    server: FilesServer, here: Settings, folder: Path, count: int, *, apply: str = "never", more: str = ""
) -> str:
    server.files[f"/{SECOND}"] = _people(folder, count, SECOND).read_bytes()
    url = f"{server.url}/{SECOND}"
    (here.data_dir / "sources.toml").write_text(f'[people]\nurl = "{url}"\napply = "{apply}"\n')
    return url


def run(settings: Settings, *arguments: str) -> Result:
    env = {"XDG_CACHE_HOME": str(settings.data_dir.parent / "cache")}
    return CliRunner(env=env).invoke(data, ["refresh", *arguments], obj=settings)


def sitting(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(Legislator.id).where(Legislator.gone_at.is_(None))).all())


def test_what_is_newer_is_said_and_not_taken(
    here: Settings, database: Database, server: FilesServer, tmp_path: Path
) -> None:
    url = offer(server, here, tmp_path, 21)
    done = run(here)
    assert done.exit_code == 0, done.output
    assert "legislators: a newer version is there and was not taken (1 added).\n" in done.output
    assert f'From {url}, version "' in done.output
    assert "; of 2026-09-05; licence: CC0-1.0.\n" in done.output
    assert "1 would be added\n  WI lower 21: Sample Person 21\n" in done.output
    assert "Nothing was changed" not in done.output  # which would sound as if it had to be asked for otherwise
    assert done.output.endswith("Take it with: actionmail data refresh people --apply\n")
    assert sitting(database) == 20
    with database.read() as session:
        (look,) = refreshes(session)
    assert (look.comparison.outcome, look.comparison.counts["added"], look.needs_somebody) == ("waits", 1, True)


def test_with_apply_it_is_taken_and_its_version_names_the_address(
    here: Settings, database: Database, server: FilesServer, tmp_path: Path
) -> None:
    url = offer(server, here, tmp_path, 21)
    applied = run(here, "people", "--apply").output
    assert "is in force now (1 added)" in applied
    assert "1 added\n  WI lower 21: Sample Person 21\n" in applied
    assert "Nothing was changed" not in applied
    assert sitting(database) == 21
    with database.read() as session:
        version = session.scalars(select(DatasetVersion).order_by(DatasetVersion.id.desc())).first()
    assert version is not None
    assert (version.source, version.as_of.isoformat(), version.licence) == (url, "2026-09-05", "CC0-1.0")
    assert version.source_version.startswith('"')  # the server's ETag
    again = run(here, "--apply")
    assert "legislators: nothing new." in again.output
    assert "if-none-match" in server.asked[-1][1]  # and was not sent again


def test_by_its_setting_it_is_taken_unless_there_is_a_doubt(
    here: Settings, database: Database, server: FilesServer, tmp_path: Path
) -> None:
    offer(server, here, tmp_path, 10, apply="when-without-doubts")
    doubted = run(here)
    assert "somebody should look at it first (10 gone)" in doubted.output
    assert "Look at this: WI: 10 of 20 legislators would be gone (50 %).\n" in doubted.output
    assert "--dry-run" not in doubted.output
    assert doubted.output.endswith("Take it with: actionmail data refresh people --apply --yes\n")
    assert run(here, "--apply").exit_code == 0
    assert sitting(database) == 20
    offer(server, here, tmp_path, 21, apply="when-without-doubts")
    assert "is in force now (1 added)" in run(here).output
    assert sitting(database) == 21
    offer(server, here, tmp_path, 10)
    assert "is in force now (11 gone)" in run(here, "--apply", "--yes").output
    assert sitting(database) == 10


def test_a_dry_run_keeps_nothing(here: Settings, database: Database, server: FilesServer, tmp_path: Path) -> None:
    offer(server, here, tmp_path, 21, apply="when-without-doubts")
    dry = run(here, "--dry-run")
    assert "1 would be added" in dry.output
    assert dry.output.count("Nothing was changed (--dry-run).") == 1
    with database.read() as session:
        assert refreshes(session) == []
    assert sitting(database) == 20


def test_the_help_says_what_is_looked_for_and_what_is_not() -> None:
    says = " ".join(CliRunner().invoke(data, ["refresh", "--help"]).output.split())
    looked_for, by_hand = says.split("are not looked for")[0].split("without any")
    named = re.split(r"[,;]? ", looked_for.replace("- ", "-"))
    assert [kind for kind in KINDS if kind not in named] == []
    assert [kind for kind in (COUNTIES, ZIP_AREAS, PLACES, "points", "block") if kind not in by_hand] == []


def test_what_cannot_be_had_is_said_everywhere(here: Settings, database: Database, server: FilesServer) -> None:
    server.files.clear()
    failed = run(here)
    assert failed.exit_code == 1
    assert "legislators: it could not be had: " in failed.output
    checked = CliRunner().invoke(doctor, obj=here)
    assert "LOOK: The last look for newer data: legislators: it could not be had: " in checked.output


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[people\n", "sources.toml: not readable as TOML"),
        ('[peeple]\nurl = "https://example.org"\n', "'peeple' is no dataset"),
        ("people = 1\n", "write it as a table that begins with [people]"),
        ("[people]\n", "sources.toml: people: its url is missing"),
        ('[people]\nurl = "https://example.org"\napply = "always"\n', "not 'always'"),
        ('[people]\nurl = "https://example.org"\nevery = "day"\n', "'every' is none of"),
        ("[people]\nurl = 1\n", "url must be text"),
        ('[zips]\nurl = "https://example.org"\n', "give as-of, the day of the election"),
        ('[zips]\nurl = "https://example.org"\nas-of = "2024-11-05"\n', "without quotes"),
    ],
)
def test_a_file_of_sources_that_cannot_be_used_gets_a_sentence(here: Settings, text: str, sentence: str) -> None:
    (here.data_dir / "sources.toml").write_text(text)
    refused = run(here)
    assert (refused.exit_code, sentence in refused.output) == (1, True), refused.output


def test_without_sources_it_says_so(here: Settings) -> None:
    (here.data_dir / "sources.toml").unlink()
    assert "sources.toml: there is no such file" in run(here).output
    checked = CliRunner().invoke(doctor, obj=replace(here, refresh_hours=24))
    assert "LOOK: ACTIONMAIL_DATA_REFRESH_HOURS is 24" in checked.output


def test_a_private_address_is_refused(here: Settings, server: FilesServer) -> None:
    there = replace(here, loopback_only=False)
    assert "only https:// is fetched" in run(there).output


def test_the_admins_get_one_mail(here: Settings, database: Database, server: FilesServer, tmp_path: Path) -> None:
    hire(database, "ada@example.org", Role.ADMIN)
    hire(database, "rita@example.org", Role.REVIEWER)
    offer(server, here, tmp_path, 10)
    assert run(here).exit_code == 0
    with scripted_server() as smtp:
        relay = SmtpRelay(parse_relay(f"smtp://127.0.0.1:{smtp.port}"), hello="act.example.org")
        task = admin_mail(here, database.write, relay, clock=lambda: datetime.now(UTC))
        task.do()
        task.do()
        assert run(here).exit_code == 0  # the same again
        task.do()
        relay.close()
    (mail,) = smtp.taken
    assert "ada@example.org" in str(mail)
    with database.read() as session:
        assert session.scalars(select(DatasetRefresh.mail_due_at)).all() == [None]


def test_a_mail_server_that_is_away_is_tried_again(
    here: Settings, database: Database, server: FilesServer, tmp_path: Path
) -> None:
    hire(database, "ada@example.org", Role.ADMIN)
    offer(server, here, tmp_path, 21)
    assert run(here).exit_code == 0
    with scripted_server() as smtp:
        port = smtp.port
    relay = SmtpRelay(parse_relay(f"smtp://127.0.0.1:{port}"), hello="act.example.org")
    admin_mail(here, database.write, relay, clock=lambda: datetime.now(UTC)).do()
    relay.close()
    with database.read() as session:
        due = session.scalars(select(DatasetRefresh.mail_due_at)).one()
    assert due is not None
    assert due > datetime.now(UTC)


def test_the_roster_page_shows_the_last_look(
    here: Settings, database: Database, server: FilesServer, tmp_path: Path
) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    offer(server, here, tmp_path, 10)
    assert run(here).exit_code == 0
    page = words(signed_in(staff_app(here, tmp_path), "rita@example.org").get("/staff/roster"))
    assert "a newer version is there and was not taken, since somebody should look at it first (10 gone)." in page
    assert "WI: 10 of 20 legislators would be gone (50 %)." in page


def test_a_worker_starts_it_when_it_is_due(here: Settings, database: Database) -> None:
    started: list[Popen[bytes]] = []

    def start() -> Popen[bytes]:
        started.append(Popen([sys.executable, "-c", ""]))
        return started[-1]

    at = datetime.now(UTC)
    scheduled = replace(here, refresh_hours=24)
    looking = Refreshing(scheduled, database.write, clock=lambda: at, say=print, start=start)
    looking.look()
    looking.end(wait=True)
    assert [child.returncode for child in started] == [0]
    assert run(scheduled, "--if-due").exit_code == 0
    looking.look()
    assert len(started) == 1  # looked at since
    at += timedelta(hours=25)
    looking.look()
    assert len(started) == 2
    looking.end(wait=False)
    assert "or looked already" in run(scheduled, "--if-due").output


def test_one_that_is_ended_lets_go_of_the_dataset(here: Settings, database: Database, server: FilesServer) -> None:
    """As a worker ends it: by SIGTERM, in the middle of a download."""
    server.files["/people-2026-10-05.zip"] = b"x" * 500_000
    server.pause = 0.05
    (here.data_dir / "sources.toml").write_text(f'[people]\nurl = "{server.url}/people-2026-10-05.zip"\n')
    env = {
        **os.environ,
        "ACTIONMAIL_DATABASE_URL": here.database_url,
        "ACTIONMAIL_DATA_DIR": str(here.data_dir),
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
        "XDG_CACHE_HOME": str(here.data_dir.parent / "cache"),
    }
    child = Popen([sys.executable, "-m", "actionmail.cli", "data", "refresh"], env=env)
    while not server.asked and child.poll() is None:
        time.sleep(0.05)
    child.terminate()
    assert child.wait() == 128 + signal.SIGTERM
    with database.read() as session:
        assert session.scalars(select(DatasetRefresh.busy_until)).all() == [None]
    assert sitting(database) == 20
