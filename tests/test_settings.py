"""Where settings come from: the environment, one file, and files with one secret each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from actionmail import settings_reading as module
from actionmail.cli import main
from actionmail.settings import Settings
from actionmail.settings_reading import CONFIG, FilterKind, SettingsError, load_config

KEY = "0123456789abcdef" * 4


def command(
    *arguments: str, folder: Path, program: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ACTIONMAIL_")}
    return subprocess.run(
        [program, "-m", "actionmail.cli", *arguments],
        env={**kept, "PYTHONPATH": str(Path.cwd()), CONFIG: "", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_reads_the_file_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "actionmail.env"
    first, second = tmp_path / "first.sqlite3", tmp_path / "second.sqlite3"
    file.write_text(f"# ours\n\nACTIONMAIL_DATABASE_URL='sqlite:///{first}'\nACTIONMAIL_ORGANISATION=A = B\n")
    made = command("--config", str(file), "migrate", folder=tmp_path)
    assert (made.returncode, made.stderr) == (0, f"In the database sqlite:///{first}:\n")
    assert first.is_file()
    made = command(
        "migrate", folder=tmp_path, ACTIONMAIL_CONFIG=str(file), ACTIONMAIL_DATABASE_URL=f"sqlite:///{second}"
    )
    assert (made.returncode, second.is_file()) == (0, True)


def test_no_command_makes_a_database_that_nobody_named(tmp_path: Path) -> None:
    for arguments in (["migrate"], ["data", "load"], ["queue", "status"], ["audit", "list"], ["worker", "--once"]):
        refused = command(*arguments, folder=tmp_path, ACTIONMAIL_SMTP_URL="smtp://127.0.0.1:1")
        assert refused.returncode == 1, arguments
        assert refused.stderr.startswith("Error: ACTIONMAIL_DATABASE_URL is not set"), refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_only_reads_does_not_say_where_it_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite3'}"
    command("migrate", folder=tmp_path, ACTIONMAIL_DATABASE_URL=url)
    read = command("queue", "status", folder=tmp_path, ACTIONMAIL_DATABASE_URL=url)
    assert (read.returncode, read.stdout, read.stderr) == (0, "there is no letter yet\n", "")


def test_a_file_that_cannot_be_read_stops_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_config({}, str(tmp_path / "none.env"))
    monkeypatch.setattr(module, "DEFAULT_CONFIG", tmp_path)  # there, and not to be read
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_config({})
    monkeypatch.setattr(module, "DEFAULT_CONFIG", tmp_path / "none.env")
    nothing: dict[str, str] = {}
    load_config(nothing)
    assert nothing == {}


@pytest.mark.parametrize("content", [b"ACTIONMAIL_SECRET_KEY: hidden", b"export A=hidden", b"A=\xff"])
def test_a_line_that_is_no_setting_is_named_and_not_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "actionmail.env"
    file.write_bytes(b"A=1\n" + content)
    with pytest.raises(SettingsError) as caught:
        load_config({}, str(file))
    assert "hidden" not in str(caught.value)
    assert "line 2" in str(caught.value) or "UTF-8" in str(caught.value)


def test_what_needs_no_settings_reads_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONFIG)
    monkeypatch.setattr(module, "DEFAULT_CONFIG", tmp_path)
    assert CliRunner().invoke(main, ["secret"]).exit_code == 0
    assert CliRunner().invoke(main, ["queue", "status"]).exit_code == 1


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    assert Settings.from_env({"ACTIONMAIL_SECRET_KEY_FILE": str(secret)}).secret_key == KEY
    relay = tmp_path / "relay"
    relay.write_text("smtp+starttls://anna:p%2Fw@mail.example.org\n")
    read = Settings.from_env({"ACTIONMAIL_SMTP_URL_FILE": str(relay)})
    assert read.relay is not None
    assert read.relay.password == "p/w"
    with pytest.raises(SettingsError, match="both set"):
        Settings.from_env({"ACTIONMAIL_SECRET_KEY_FILE": str(secret), "ACTIONMAIL_SECRET_KEY": KEY})
    with pytest.raises(SettingsError, match=r"names .*none, which cannot be read: No such file"):
        Settings.from_env({"ACTIONMAIL_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        "ACTIONMAIL_BASE_URL": "act.example.org",
        "ACTIONMAIL_PROXIES": "one",
        "ACTIONMAIL_FROM_ADDRESS": "nobody",
        "ACTIONMAIL_SMTP_URL": "smtp://mail",
        "ACTIONMAIL_UNDO_SECONDS": "-1",
        "ACTIONMAIL_ASK_HOUR": "many",
        "ACTIONMAIL_LOOPBACK_ONLY": "maybe",
        "ACTIONMAIL_SMTP_PASSWORD": "hidden",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(wrong)
    names = [line.split()[0] for line in str(caught.value).splitlines()]
    assert sorted(names) == sorted(set(wrong) - {"ACTIONMAIL_SMTP_URL"})


def test_all_that_the_pages_need_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings().for_web()
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "pa?ss", "12/34", "p[a", "p]a", "1?2@x"])
def test_a_password_that_cuts_the_address_is_not_shown_and_told_how_to_write(password: str) -> None:
    for scheme in ("smtp+starttls", "smtps"):
        with pytest.raises(SettingsError) as caught:
            Settings.from_env({"ACTIONMAIL_SMTP_URL": f"{scheme}://anna:{password}@mail.example.org:587"})
        assert "/ is written as %2F, # as %23, ? as %3F" in str(caught.value)
        for part in ("pa/", "'pa'", "12", "p[a", "p]a", "anna"):
            assert part not in str(caught.value)


def test_user_and_password_may_stand_apart(tmp_path: Path) -> None:
    env = {"ACTIONMAIL_SMTP_URL": "smtps://mail.example.org", "ACTIONMAIL_SMTP_USER": "anna@example.org"}
    relay = Settings.from_env({**env, "ACTIONMAIL_SMTP_PASSWORD": "p/#?@%2F ü"}).relay
    assert relay is not None
    assert (relay.host, relay.port, relay.username, relay.password) == (
        "mail.example.org",
        465,
        "anna@example.org",
        "p/#?@%2F ü",
    )
    (tmp_path / "password").write_text("p/w\n")
    relay = Settings.from_env({**env, "ACTIONMAIL_SMTP_PASSWORD_FILE": str(tmp_path / "password")}).relay
    assert relay is not None
    assert relay.password == "p/w"
    for wrong, said in (
        ({"ACTIONMAIL_SMTP_URL": "smtps://bob:x@mail.example.org"}, "setting of its own"),
        ({"ACTIONMAIL_SMTP_USER": ""}, "without ACTIONMAIL_SMTP_USER"),
        ({"ACTIONMAIL_SMTP_URL": "smtp://mail.example.org"}, "no encryption"),
    ):
        with pytest.raises(SettingsError, match=said):
            Settings.from_env({**env, "ACTIONMAIL_SMTP_PASSWORD": "x", **wrong})


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("amqp://anna:p%2Fw@mq.example.org", "mq.example.org", 5672),
        ("amqp://anna:x@mq.example.org:5673//", "mq.example.org", 5673),
        ("amqps://anna:x@[2001:db8::1]/act", "2001:db8::1", 5671),
        ("redis://127.0.0.1", "127.0.0.1", 6379),
        ("rediss://:x@redis.example.org:6380/3", "redis.example.org", 6380),
    ],
)
def test_a_broker_is_read(url: str, host: str, port: int, tmp_path: Path) -> None:
    file = tmp_path / "broker"
    file.write_text(f"{url}\n")
    for env in ({"ACTIONMAIL_BROKER_URL": url}, {"ACTIONMAIL_BROKER_URL_FILE": str(file)}):
        broker = Settings.from_env(env).for_broker()
        assert (broker.host, broker.port, broker.url) == (host, port, url)


@pytest.mark.parametrize(
    "url",
    [
        *(f"amqp://anna:{password}@mq.example.org/act" for password in ("pa/ss", "pa#ss", "pa?ss", "12/34", "p[a")),
        *("sqs://anna:hidden@", "anna:hidden@mq.example.org", "amqp://anna:hidden@mq.example.org:port/act"),
        *("amqp://anna:hidden@one.example.org;amqp://two.example.org", "redis://:hidden@redis.example.org/act"),
        *("redis://:hidden@redis.example.org?db=3", "amqp://"),
    ],
)
def test_a_broker_that_cannot_be_read_is_told_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"ACTIONMAIL_BROKER_URL": url})
    assert str(caught.value).startswith("ACTIONMAIL_BROKER_URL cannot be read: it must look like")
    for part in ("anna", "hidden", "pa/", "12", "p[a"):
        assert part not in str(caught.value)


@pytest.mark.parametrize(
    ("database", "replica", "said"),
    [
        ("postgresql://one/a", "postgresql://hidden@two:x/a", "must look like postgresql://"),
        ("postgresql://one/a", "sqlite:////srv/hidden.sqlite3", "must look like postgresql://"),
        ("postgresql://one/a", "postgresql://u:hid/den@two/a", "must look like postgresql://"),
        ("sqlite:////srv/one.sqlite3", "postgresql://hidden@two/a", "ACTIONMAIL_DATABASE_URL is not PostgreSQL"),
    ],
)
def test_what_is_no_replica_is_told_and_not_shown(database: str, replica: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        Settings.from_env({"ACTIONMAIL_DATABASE_URL": database, "ACTIONMAIL_READ_DATABASE_URL": replica})
    assert "hid" not in str(refused.value)


def test_a_replica_is_named_and_shown_nowhere() -> None:
    both = {"ACTIONMAIL_DATABASE_URL": "postgresql://one/a", "ACTIONMAIL_READ_DATABASE_URL": "postgresql://h:x@two/a"}
    settings = Settings.from_env(both)
    assert settings.read_database_url == "postgresql://h:x@two/a"
    assert "h:x" not in repr(settings)


def test_letters_may_go_straight_to_the_receiving_domains() -> None:
    for url in ("mx:", "mx://", "MX:"):
        settings = Settings.from_env({"ACTIONMAIL_SMTP_URL": url, "ACTIONMAIL_HELO_NAME": "Mail1.Example.org."})
        assert settings.relay is not None and settings.relay.is_direct
        assert settings.for_worker().helo_name == "mail1.example.org"
    for wrong in ("mx://mail.example.org", "mx:mail.example.org", "mx://anna:x@"):
        with pytest.raises(SettingsError, match="ACTIONMAIL_SMTP_URL"):
            Settings.from_env({"ACTIONMAIL_SMTP_URL": wrong})
    for name in ("ACTIONMAIL_SMTP_USER", "ACTIONMAIL_SMTP_PASSWORD", "ACTIONMAIL_SMTP_TOKEN_COMMAND"):
        with pytest.raises(SettingsError, match="nobody to sign in to"):
            Settings.from_env({"ACTIONMAIL_SMTP_URL": "mx:", name: "x"})
    for name in ("mail", "mail example.org", "[192.0.2.1]", "192.0.2.1", "-.example.org", "x" * 300 + ".org"):
        with pytest.raises(SettingsError, match="ACTIONMAIL_HELO_NAME"):
            Settings.from_env({"ACTIONMAIL_HELO_NAME": name})


def test_an_address_under_which_nothing_answers_is_refused() -> None:
    for url in ("https://[::1]", "https://[2001:db8::1]:8443", "http://[::1]:8000", "https://["):
        with pytest.raises(SettingsError, match="ACTIONMAIL_BASE_URL"):
            Settings.from_env({"ACTIONMAIL_BASE_URL": url})


@pytest.mark.parametrize(
    ("value", "kind", "port", "url"),
    [
        ("spamd://127.0.0.1", FilterKind.SPAMD, 783, ""),
        ("spamd://[::1]:1783", FilterKind.SPAMD, 1783, ""),
        ("rspamd+http://127.0.0.1", FilterKind.RSPAMD, 11333, "http://127.0.0.1:11333"),
        ("rspamd+https://filter.example.org:443/", FilterKind.RSPAMD, 443, "https://filter.example.org:443"),
        ("off", FilterKind.NONE, 0, ""),
    ],
)
def test_a_spam_filter_is_named_by_what_it_speaks(value: str, kind: FilterKind, port: int, url: str) -> None:
    found = Settings.from_env({"ACTIONMAIL_SPAM_FILTER": value}).spam_filter
    assert found is not None
    assert (found.kind, found.port, found.url) == (kind, port, url)


def test_without_a_word_a_filter_that_is_installed_is_asked() -> None:
    assert Settings.from_env({}).spam_filter is None


@pytest.mark.parametrize(
    "value",
    [
        "http://127.0.0.1:11333",
        "spamd+http://x",
        "rspamd://x",
        "spamd://",
        "spamd://h:99999",
        "rspamd+http://u:p@h",
        "x",
    ],
)
def test_what_names_no_spam_filter_is_told(value: str) -> None:
    with pytest.raises(SettingsError, match="must look like spamd://"):
        Settings.from_env({"ACTIONMAIL_SPAM_FILTER": value})


def test_a_filter_elsewhere_is_none_where_only_this_machine_may_be_reached() -> None:
    given = {"ACTIONMAIL_SPAM_FILTER": "spamd://filter.example.org", "ACTIONMAIL_LOOPBACK_ONLY": "1"}
    found = Settings.from_env(given).spam_filter
    assert found is not None
    assert found.kind is FilterKind.NONE
