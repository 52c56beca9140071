"""Copying the whole database while everything runs, and bringing it back."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner, Result
from sqlalchemy import func, make_url, select, text, update

from actionmail.cli.delivery.waiting import now
from actionmail.cli.platform.backup import backup
from actionmail.cli.platform.restore import restore
from actionmail.db.actions import Action
from actionmail.db.engine import Database, _alembic
from actionmail.db.messages import Event, Message
from actionmail.db.petitions import PetitionMail
from actionmail.flows.delivery.claim import claim
from actionmail.flows.delivery.stops import stops
from actionmail.flows.privacy.audit_chain import verify
from actionmail.flows.privacy.erasure import erase
from actionmail.gateways.backups.archive import About, new_archive, read_archive
from actionmail.gateways.backups.databases import copy_out
from actionmail.gateways.backups.faults import BackupFault
from actionmail.rules.delivery.reasons import Reason
from actionmail.settings import Settings
from actionmail.web.review.words import pause_words
from tests import encryption
from tests.any_state import any_state
from tests.audit import audited
from tests.conftest import unavailable
from tests.postgres import PostgresServer, client_programs
from tests.samples import NOW, sample_action, sample_campaign, sample_legislators, sample_message, sample_petition

TOKEN = "Ab-_" * 10 + "xyz"


@pytest.fixture
def of_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and psql are those of the tests' server: an older pg_dump refuses it."""
    monkeypatch.setenv("PATH", str(client_programs()), prepend=os.pathsep)


@pytest.fixture
def place(any_database: Database, request: pytest.FixtureRequest, tmp_path: Path, of_postgres: None) -> Iterator[str]:
    """The URL of an empty place of the same kind."""
    if any_database.engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'back.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.empty_database() as url:
        yield url


@pytest.fixture
def here(any_database: Database, settings: Settings) -> Settings:
    return replace(settings, database_url=any_database.engine.url.render_as_string(hide_password=False))


def made(settings: Settings, place: Path, *options: str) -> Result:
    result = CliRunner().invoke(backup, [str(place), *options], obj=settings)
    assert result.exit_code == 0, result.output
    return result


def bring_back(settings: Settings, url: str, file: Path, *options: str) -> Result:
    return CliRunner().invoke(restore, [str(file), *options], obj=replace(settings, database_url=url))


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.engine.dispose()


def fill(database: Database) -> None:
    """One letter in each state that matters; the second supporter's waits for staff."""
    with database.write() as session:
        campaign = sample_campaign(session)
        first, second, third = sample_legislators(session)
        one = sample_action(session, campaign, receipt_token=TOKEN)
        two = sample_action(session, campaign, email="tou@example.org", name="Tou Other")
        sample_message(session, one, first, campaign.letters[0])
        sample_message(session, one, second, campaign.letters[0], state="accepted")
        with any_state(session):
            for person, legislator, state in (
                (one, third, "sending"),
                (two, first, "ambiguous"),
                (two, second, "deferred"),
                (two, third, "review"),
            ):
                message = sample_message(session, person, legislator, campaign.letters[0])
                session.flush()
                message.state = state
        petition = sample_petition(session)
        session.add(
            PetitionMail(
                campaign_id=petition.id,
                place=1,
                state="queued",
                recipient_name="The Governor",
                recipient="governor@ny.example",
                domain="ny.example",
                subject="A petition",
                text="Here it is.",
                paper_sha256="",
                message_id="<p.1@act.example.org>",
                next_attempt_at=NOW,
                created_at=NOW,
                updated_at=NOW,
            )
        )


def test_what_may_have_gone_out_since_is_held_and_nothing_goes_by_itself(
    any_database: Database, here: Settings, place: str, tmp_path: Path
) -> None:
    fill(any_database)
    file = tmp_path / "one.zip"
    told = made(here, file)
    assert f"Written: {file}" in told.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    back = bring_back(here, place, file)
    assert back.exit_code == 0, back.output
    assert "Held, since they may have been sent since then: 4 letters and 1 mail of petitions." in back.output
    with opened(place) as restored:
        assert restored.is_current()
        with restored.read() as session:
            states = session.execute(select(Message.state, Message.possible_duplicate).order_by(Message.id)).all()
            assert [tuple(row) for row in states] == [
                ("held", True),
                ("accepted", False),
                ("held", True),
                ("held", True),
                ("held", True),
                ("review", True),
            ]
            reasons = session.scalars(select(Event.reason_code).order_by(Event.id.desc()).limit(4)).all()
            assert set(reasons) == {Reason.RESTORED}
            assert session.scalars(select(PetitionMail.state)).all() == ["held"]
            ((_, _, on, details),) = audited(session, "restored")
            assert (on, details["held"]) == (f"database {any_database.engine.dialect.name}", 4)
            assert verify(session).fault is None
        with restored.write() as session:  # and what comes to wait does not go either
            letter = session.get_one(Message, 6)
            letter.next_attempt_at = NOW
            session.execute(update(Message).where(Message.id == 6).values(state="queued"))
        with restored.write() as session:
            assert claim(session, owner="w:1", now=now(), limit=9, lease=timedelta(minutes=5)).ids == []


def test_a_backup_is_of_one_moment_while_others_write(
    any_database: Database, here: Settings, place: str, tmp_path: Path
) -> None:
    """Each of their transactions adds a pair; the backup ends though they never pause, and has no half of one."""
    with any_database.write() as session:
        session.execute(text("CREATE TABLE pairs (number INTEGER, half INTEGER, filling TEXT)"))
    done, commits = threading.Event(), [0]

    def write() -> None:
        while not done.is_set():
            with any_database.write() as session:
                for half in (1, 2):
                    row = {"number": commits[0], "half": half, "filling": "x" * 2000}
                    session.execute(text("INSERT INTO pairs VALUES (:number, :half, :filling)"), row)
            commits[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while commits[0] < 20:
            assert writer.is_alive()
        before = commits[0]
        made(here, tmp_path / "one.zip")
        during = commits[0] - before
    finally:
        done.set()
        writer.join()
    assert during > 0
    back = bring_back(here, place, tmp_path / "one.zip")
    assert back.exit_code == 0, back.output
    with opened(place) as restored, restored.read() as session:
        halves = dict(session.execute(text("SELECT half, count(*) FROM pairs GROUP BY half")).all())
    assert halves[1] == halves[2] >= before


def test_a_place_that_is_not_empty_stays_as_it_is(
    any_database: Database, here: Settings, place: str, tmp_path: Path
) -> None:
    fill(any_database)
    file = tmp_path / "one.zip"
    made(here, file)
    with opened(place) as occupied:
        occupied.upgrade()
    back = bring_back(here, place, file)
    assert back.exit_code == 1
    assert "not empty" in back.output
    with opened(place) as occupied, occupied.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_what_is_left_of_sqlites_log_is_not_empty_either(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    made(settings, tmp_path / "one.zip")
    (tmp_path / "back.sqlite3-wal").write_bytes(b"of another one")
    back = bring_back(settings, f"sqlite:///{tmp_path / 'back.sqlite3'}", tmp_path / "one.zip")
    assert (back.exit_code, (tmp_path / "back.sqlite3").exists()) == (1, False)


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_off_restores_nothing(
    any_database: Database, here: Settings, place: str, tmp_path: Path, part: float
) -> None:
    fill(any_database)
    file = tmp_path / "one.zip"
    made(here, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    assert_refused(any_database, bring_back(here, place, file), place, tmp_path)
    damaged = bytearray(whole)
    damaged[int(len(whole) * 0.4)] ^= 0xFF
    file.write_bytes(damaged)
    assert_refused(any_database, bring_back(here, place, file), place, tmp_path)


def test_no_damaged_byte_is_taken_for_the_database(tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    about = About(kind="sqlite", made_at=NOW, version="0.1.0", revision="0036")
    database = b"abc" * 300
    with file.open("wb") as out, new_archive(out, about) as member:
        member.write(database)
    whole = file.read_bytes()
    refused = 0
    for place in range(len(whole)):
        for mask in (0xFF, 0x01, 0x80):
            damaged = bytearray(whole)
            damaged[place] ^= mask
            file.write_bytes(damaged)
            try:
                with read_archive(file) as (_, stream):
                    assert stream.read() == database
            except (BackupFault, OSError):  # what the command tells
                refused += 1
    assert refused > len(whole)


def assert_refused(any_database: Database, back: Result, place: str, tmp_path: Path) -> None:
    assert back.exit_code == 1
    assert back.output.startswith("Error: ")
    assert "Traceback" not in back.output
    if any_database.engine.dialect.name == "sqlite":
        assert [file.name for file in tmp_path.iterdir()] == ["one.zip"]
    else:
        with opened(place) as still:
            assert still.is_empty()


def test_a_restore_that_is_ended_in_the_middle_sends_nothing(
    any_database: Database, here: Settings, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nothing is in place yet; on PostgreSQL all letters are stopped from the first moment on."""
    fill(any_database)
    made(here, tmp_path / "one.zip")

    def end(*_arguments: object, **_others: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("actionmail.cli.platform.restore.settle_restored", end)
    assert bring_back(here, place, tmp_path / "one.zip").exit_code == 1
    if any_database.engine.dialect.name == "sqlite":
        assert [file.name for file in tmp_path.iterdir()] == ["one.zip"]
        return
    with opened(place) as restored, restored.write() as session:
        assert claim(session, owner="w:1", now=now(), limit=9, lease=timedelta(minutes=5)).ids == []
        (stop,) = stops(session)
        assert pause_words(stop).startswith("A restore did not come to its end")


@pytest.mark.postgres
def test_a_dump_that_fails_half_way_leaves_postgres_empty(
    postgres: PostgresServer, settings: Settings, tmp_path: Path, of_postgres: None
) -> None:
    file = tmp_path / "one.zip"
    about = About(kind="postgresql", made_at=NOW, version="0.1.0", revision="0036")
    with file.open("wb") as out, new_archive(out, about) as member:
        member.write(b"CREATE TABLE public.one (number integer);\nINSERT INTO public.none VALUES (1);\n")
    with postgres.empty_database() as url:
        back = bring_back(settings, url, file)
        assert (back.exit_code, "psql: " in back.output) == (1, True), back.output
        with opened(url) as database:
            assert database.is_empty()


def test_other_files_and_kinds_and_versions_are_refused(database: Database, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "one.zip"
    place = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    for kind, revision, said in (("postgresql", "0001", "another kind"), ("sqlite", "9999", "does not know")):
        about = About(kind=kind, made_at=NOW, version="7.0", revision=revision)
        with file.open("wb") as out, new_archive(out, about) as member:
            member.write(b"nothing")
        back = bring_back(settings, place, file)
        assert (back.exit_code, said in back.output) == (1, True), back.output
    about = About(kind="sqlite", made_at=NOW, version="0.1.0", revision=database.revision())
    with file.open("wb") as out, new_archive(out, about) as member:
        member.write(b"no database" * 1000)
    back = bring_back(settings, place, file)
    assert (back.exit_code, "SQLite says" in back.output) == (1, True), back.output
    assert [one.name for one in tmp_path.iterdir()] == ["one.zip"]


def test_an_older_backup_is_brought_up_to_date(database: Database, settings: Settings, tmp_path: Path) -> None:
    with database.engine.begin() as connection:
        command.downgrade(_alembic(connection), "0035")
    about = About(kind="sqlite", made_at=NOW, version="0.1.0", revision=database.revision())
    with (tmp_path / "one.zip").open("wb") as out, new_archive(out, about) as member:
        copy_out(database.engine.url, member)
    place = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    assert bring_back(settings, place, tmp_path / "one.zip").exit_code == 0
    with opened(place) as restored:
        assert (about.revision, restored.is_current()) == ("0035", True)


def test_who_was_erased_since_is_erased_again_where_the_lost_place_tells_it(
    any_database: Database, here: Settings, place: str, tmp_path: Path
) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        sample_action(session, campaign, receipt_token=TOKEN)
        sample_action(session, campaign, email="tou@example.org", name="Tou Other")
    file = tmp_path / "one.zip"
    made(here, file)
    with any_database.write() as session:
        erase(session, TOKEN, now=now())
    back = bring_back(here, place, file, "--erased-in", here.database_url)
    assert back.exit_code == 0, back.output
    assert "Erased again: 1 action." in back.output
    with opened(place) as restored, restored.read() as session:
        rows = session.execute(select(Action.email, Action.erased_at.is_not(None)).order_by(Action.id)).all()
    assert [tuple(row) for row in rows] == [("", True), ("tou@example.org", False)]


def test_without_the_lost_place_it_says_that_the_erased_are_back(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    made(settings, tmp_path / "one.zip")
    back = bring_back(settings, f"sqlite:///{tmp_path / 'back.sqlite3'}", tmp_path / "one.zip")
    assert "Whoever was erased since then is back" in back.output


def test_of_a_folders_backups_the_newest_are_kept(database: Database, settings: Settings, tmp_path: Path) -> None:
    for name in ("actionmail-20260101T000000Z.zip", "actionmail-20260102T000000Z.zip.age", "mine.zip"):
        (tmp_path / name).write_bytes(b"")
    told = made(settings, tmp_path, "--keep", "2")
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 3
    assert names[0] == "actionmail-20260102T000000Z.zip.age"
    assert names[2] == "mine.zip"
    assert "Deleted: " in told.output
    with database.read() as session:
        assert len(audited(session, "backed_up")) == 1
    again = CliRunner().invoke(backup, [str(tmp_path / "mine.zip")], obj=settings)
    assert (again.exit_code, (tmp_path / "mine.zip").read_bytes()) == (1, b"")


def test_a_database_that_cannot_note_its_copy_says_so_behind_the_copy(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.write() as session:
        session.execute(
            text("CREATE TRIGGER no_writes BEFORE INSERT ON heartbeats BEGIN SELECT RAISE(ABORT, 'read-only'); END")
        )
    result = CliRunner().invoke(backup, [str(tmp_path / "one.zip")], obj=settings)
    assert result.exit_code == 1
    assert result.output.startswith("Written: ")
    assert "Error: The copy is whole, but the database could not note it: read-only." in result.output
    assert (tmp_path / "one.zip").exists()


def test_nothing_is_left_where_it_cannot_be_written(database: Database, settings: Settings, tmp_path: Path) -> None:
    result = CliRunner().invoke(backup, [str(tmp_path / "nowhere" / "one.zip")], obj=settings)
    assert result.exit_code == 1
    assert result.output.startswith("Error: No such file or directory")
    with database.read() as session:
        assert not audited(session, "backed_up")


def test_a_copy_that_a_killed_backup_left_is_taken_away_by_the_next(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    folder = Path(str(make_url(settings.database_url).database)).parent
    left = folder / ".actionmail-copy-left"
    left.mkdir()
    (left / "actionmail.sqlite3").write_bytes(b"personal")
    made(settings, tmp_path / "one.zip")
    assert not [file for file in folder.iterdir() if file.name.startswith(".actionmail-copy-")]


def test_a_backup_goes_to_a_key_of_gnupg(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not encryption.is_there():
        unavailable(encryption.ADVICE)
    fill(database)
    home = tmp_path / "gnupg"
    home.mkdir(0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    make = [
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        "backup@example.org",
        "future-default",
    ]
    subprocess.run(make, check=True, capture_output=True)
    file = tmp_path / "one.zip.gpg"
    made(settings, file, "--gpg", "backup@example.org")
    assert b"tou@example.org" not in file.read_bytes()
    back = bring_back(settings, f"sqlite:///{tmp_path / 'back.sqlite3'}", file)
    assert back.exit_code == 0, back.output
    failed = CliRunner().invoke(backup, [str(tmp_path / "two"), "--gpg", "nobody@example.org"], obj=settings)
    assert (failed.exit_code, "gpg: " in failed.output, (tmp_path / "two").exists()) == (1, True, False)
    subprocess.run(["gpgconf", "--kill", "all"], check=False)
    file.write_bytes(file.read_bytes()[:-200])
    back = bring_back(settings, f"sqlite:///{tmp_path / 'third.sqlite3'}", file)
    assert (back.exit_code, (tmp_path / "third.sqlite3").exists()) == (1, False)


def test_a_backup_goes_to_a_key_of_age(database: Database, settings: Settings, tmp_path: Path) -> None:
    if not encryption.is_there():
        unavailable(encryption.ADVICE)
    fill(database)
    identity = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", str(identity)], check=True, capture_output=True)
    key = identity.read_text().partition("public key: ")[2].split()[0]
    file = tmp_path / "one.zip.age"
    made(settings, file, "--age", key)
    place = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    unnamed = bring_back(settings, place, file)
    assert (unnamed.exit_code, "--identity" in unnamed.output) == (1, True)
    back = bring_back(settings, place, file, "--identity", str(identity))
    assert back.exit_code == 0, back.output


def test_a_program_that_is_not_there_is_named(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(backup, [str(tmp_path / "one"), "--age", "age1x"], obj=settings)
    assert (result.exit_code, "There is no program age." in result.output) == (1, True)
    assert list(tmp_path.iterdir()) == []
