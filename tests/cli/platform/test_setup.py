"""`actionmail setup`: all that an installation needs, once; and nothing more when it is run again."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwnam

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from actionmail.cli import main
from actionmail.cli.platform.service_files import Place, Proxy, proxy_lines, units
from actionmail.cli.platform.service_user import can_run
from actionmail.db.engine import Database
from actionmail.flows import staff as accounts
from actionmail.settings import Settings, bundled
from actionmail.settings_reading import pairs_of, with_pairs
from tests.open_python import open_python
from tests.test_settings import command

ME = getpass.getuser()
PASSWORD = "correct horse battery staple"
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to other users of the machine, other than pytest's own; with five legislators to load."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "data").mkdir(mode=0o755)
        rows = (bundled("data") / "legislators.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        (path / "data" / "legislators.csv").write_text("".join(rows[:6]), encoding="utf-8")
        shutil.copyfile(bundled("data") / "zip_districts.csv.gz", path / "data" / "zip_districts.csv.gz")
        yield path


def full(folder: Path) -> list[str]:
    return [
        *("--database-url", f"sqlite:///{folder}/one.sqlite3", "--base-url", "https://act.example.net"),
        *("--from-address", "letters@act.example.net", "--smtp-url", "smtp+starttls://mail.example.net:587"),
        *("--set", f"ACTIONMAIL_DATA_DIR={folder}/data", "--user", ME, "--organisation", "'Example'"),
    ]


def run(folder: Path, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["--config", str(folder / "actionmail.env"), "setup", *arguments], input=given)


def settings_in(folder: Path) -> dict[str, str]:
    file = folder / "actionmail.env"
    return pairs_of(file.read_text(), file)


def people(folder: Path) -> list[str]:
    database = Database(f"sqlite:///{folder}/one.sqlite3")
    with database.read() as session:
        found = [f"{account.email} {account.role.value}" for account in accounts.accounts(session)]
    database.engine.dispose()
    return found


def test_one_command_makes_an_installation(folder: Path) -> None:
    done = run(folder, *full(folder), "--admin", "ada@example.net", "--password-stdin", given=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    file = folder / "actionmail.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = settings_in(folder)
    assert (kept["ACTIONMAIL_PROXIES"], kept["ACTIONMAIL_ORGANISATION"]) == ("1", "'Example'")
    assert people(folder) == ["ada@example.net admin"]
    assert "5 legislators and 0 vacant seats" in done.output
    for told in ("actionmail-worker.service", "server_name act.example.net;", f"--config {file} serve"):
        assert told in done.output
    for secret in (kept["ACTIONMAIL_SECRET_KEY"], PASSWORD):
        assert secret not in done.output
    looked = command("--config", str(file), "queue", "status", folder=folder)
    assert (looked.returncode, looked.stdout) == (0, "there is no letter yet\n"), looked.stderr


def test_again_it_changes_nothing_by_itself(folder: Path) -> None:
    run(folder, *full(folder), "--admin", "ada@example.net", "--password-stdin", given=f"{PASSWORD}\n")
    file = folder / "actionmail.env"
    file.write_text("# ours\nACTIONMAIL_UNDO_SECONDS=90\n" + file.read_text())
    before, stood = file.read_bytes(), file.stat()
    again = run(folder, "--user", ME)
    assert again.exit_code == 0, again.output
    assert (file.read_bytes(), file.stat().st_ino) == (before, stood.st_ino)
    for told in ("stays as it is", "is up to date", "is there, as of", "1 are there"):
        assert told in again.output
    same_person = run(folder, "--user", ME, "--admin", "Ada@example.net")
    assert "has one already; it stays as it is" in same_person.output
    changed = run(folder, "--user", ME, "--set", "ACTIONMAIL_UNDO_SECONDS=30")
    assert changed.exit_code == 0, changed.output
    assert file.read_bytes() == before.replace(b"SECONDS=90", b"SECONDS=30")


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(folder: Path) -> None:
    wrong = run(
        folder,
        *("--base-url", "http://act.example.net", "--database-url", f"sqlite:///{folder}/none/one.sqlite3"),
        *("--smtp-url", "smtp://ada:hid/den@mail.example.net", "--admin", "ada", "--user", ME),
        *("--set", "ACTIONMAIL_UNDO=1", "--set", "colour=blue", "--proxies", "one"),
    )
    assert wrong.exit_code == 1
    said = wrong.output.splitlines()
    told = [line.removeprefix("Error: ").split(" ")[0] for line in said]
    assert told == [
        "ACTIONMAIL_UNDO",
        "--set",
        "ACTIONMAIL_BASE_URL",
        "ACTIONMAIL_SMTP_URL",
        "ACTIONMAIL_PROXIES",
        "ACTIONMAIL_FROM_ADDRESS",
        "There",
        "--admin",
    ], wrong.output
    assert "hid" not in wrong.output
    assert sorted(path.name for path in folder.iterdir()) == ["data"]


def test_a_database_that_is_away_is_a_mistake_too(folder: Path) -> None:
    wrong = run(folder, *full(folder), "--database-url", "postgresql://ada:hidden@127.0.0.1:1/acts")
    assert (wrong.exit_code, "ada:***@127.0.0.1:1/acts cannot be used" in wrong.output) == (1, True)
    assert not (folder / "actionmail.env").exists()


def test_a_person_is_asked_for_what_is_missing_and_again_for_what_cannot_be(folder: Path) -> None:
    answers = [
        *("http://act.example.net", "https://act.example.net", "Example", "", "letters@act.example.net"),
        *("smtp+starttls://mail.example.net", "ada", "hid/den", "nobody", "ada@example.net", "", ""),
    ]
    done = run(
        folder,
        *("--input", "--user", ME, "--set", f"ACTIONMAIL_DATA_DIR={folder}/data"),
        *("--database-url", f"sqlite:///{folder}/one.sqlite3"),
        given="\n".join(answers) + "\n",
    )
    assert done.exit_code == 0, done.output
    assert "Error: ACTIONMAIL_BASE_URL must be https://" in done.output
    assert "Error: That is no e-mail address." in done.output
    assert settings_in(folder)["ACTIONMAIL_SMTP_PASSWORD"] == "hid/den"
    assert "hid/den" not in done.output
    assert re.search(r"https://act\.example\.net/staff/\S+", done.output), "the link by which a password is chosen"
    asked = run(folder, "--input", "--user", ME, given="ada@example.net\n\n\n")
    assert "The mail server" not in asked.output


def test_a_file_that_others_may_read_is_closed(folder: Path) -> None:
    run(folder, *full(folder))
    file = folder / "actionmail.env"
    file.chmod(0o644)
    run(folder, "--user", ME)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    run(folder, "--user", ME, "--organisation", "Another")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640, "as somebody wanted it"


def test_units_are_written_where_none_is(folder: Path) -> None:
    place = folder / "units"
    place.mkdir()
    (place / "actionmail-web.service").write_text("ours")
    done = run(folder, *full(folder), "--units", str(place))
    assert done.exit_code == 0, done.output
    assert (place / "actionmail-web.service").read_text() == "ours"
    assert "actionmail-web.service is there, and another one; it stays." in done.output
    text = (place / "actionmail-worker.service").read_text()
    assert f"User={ME}\n" in text
    assert f"ReadWritePaths={folder}\n" in text
    assert "# ---" not in done.output.partition("for the proxy")[0].replace("# --- ", "", 1)


@pytest.mark.skipif(not IS_ROOT, reason="only root can be another user")
def test_a_user_for_the_services_must_be_there_and_able_to_run_it(folder: Path) -> None:
    no_user = run(folder, *full(folder), "--user", "no-such-user")
    assert "There is no user no-such-user" in no_user.output
    if not can_run(getpwnam("nobody")):
        assert "nobody cannot run" in run(folder, *full(folder), "--user", "nobody").output


@pytest.mark.skipif(not IS_ROOT, reason="only root can be another user")
def test_root_makes_it_all_for_the_services_user(folder: Path) -> None:
    state = folder / "state"
    state.mkdir()
    shutil.chown(state, "nobody")
    options = [option.replace(f"{folder}/one", f"{state}/one") for option in full(folder)]
    with open_python() as python:
        done = command(
            *("--config", str(folder / "actionmail.env"), "setup", *options, "--user", "nobody"),
            *("--admin", "ada@example.net"),
            folder=folder,
            program=python.program,
            **python.environment,
        )
    assert done.returncode == 0, done.stderr
    owners = {path.name: path.owner() for path in [folder / "actionmail.env", *state.iterdir()]}
    assert set(owners.values()) == {"nobody"}, owners


@given(
    st.dictionaries(
        st.sampled_from(["ACTIONMAIL_A", "ACTIONMAIL_AB", "B"]),
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" '\"#\\=")),
    )
)
def test_what_is_written_is_read_back_and_the_rest_left_alone(values: dict[str, str]) -> None:
    before = "# ACTIONMAIL_A=1\nB=old\n\nACTIONMAIL_A=x\n B=older\n;c"
    text = with_pairs(before, values)
    expected = {"B": "older", "ACTIONMAIL_A": "x", **values}
    assert pairs_of(text, Path("x")) == expected
    assert text.startswith("# ACTIONMAIL_A=1\nB=old\n")
    assert with_pairs(text, values) == text


def test_the_documents_have_the_proxies_lines_as_they_are_shown() -> None:
    document = (Path(__file__).parents[3] / "docs" / "install.md").read_text(encoding="utf-8")
    for proxy in Proxy:
        lines = proxy_lines(proxy, Settings(base_url="https://act.example.org")).splitlines()
        block = "".join(f"    {line}\n" for line in lines)
        assert block in document, proxy


def test_in_a_home_the_services_may_read_it() -> None:
    settings = Settings(database_url="sqlite:////home/ada/acts/one.sqlite3")
    place = Place(user="ada", config=Path("/etc/actionmail.env"), settings=settings)
    for name, text in units(place):
        if name.endswith(".service"):
            assert "ProtectHome=read-only\n" in text
            assert "ReadWritePaths=/home/ada/acts\n" in text
            assert "--config" not in text
