"""Keys that sign letters are made, published, used and retired, and no letter is without one."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim
import pytest
from click.testing import CliRunner

from actionmail.cli import main
from actionmail.db.engine import Database
from actionmail.gateways.mail.dkim_folder import FolderError, KeyFolder
from actionmail.gateways.mail.maildir_server import open_inbox
from actionmail.rules.delivery.dkim_keys import KeyKind, KeyState, KnownKey, is_published, signing
from tests.letters_out import actionmail, queue_letter
from tests.letters_out import environment as letters_environment
from tests.trial_letters import trial_letter

DOMAIN = "act.example.org"


def environment(folder: Path) -> dict[str, str]:
    return {
        "ACTIONMAIL_CONFIG": "",
        "ACTIONMAIL_FROM_ADDRESS": f"letters@{DOMAIN}",
        "ACTIONMAIL_DKIM_FOLDER": str(folder),
        "ACTIONMAIL_LOOPBACK_ONLY": "1",
    }


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(main, ["dkim", *arguments], env=environment(folder))
    assert done.exit_code == status, done.output
    return done.output


def states(folder: Path) -> dict[str, KeyState]:
    known = KeyFolder(folder, DOMAIN).keys()
    return {key.selector: key.state for key in known}


def aged(folder: Path, **by: timedelta) -> None:
    """Make what `keys.json` says of every key's days older."""
    path = folder / "keys.json"
    entries = json.loads(path.read_text())
    for entry in entries:
        for name, time in by.items():
            if entry[name]:
                entry[name] = (datetime.fromisoformat(entry[name]) - time).isoformat()
    path.write_text(json.dumps(entries))


def holds(letter: bytes, folder: Path) -> list[bool]:
    """Of each signature, whether it holds by what the folder says the DNS has to say."""
    known = KeyFolder(folder, DOMAIN).keys()
    records = {f"{key.selector}._domainkey.{DOMAIN}.": key.record for key in known}

    def answer(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode()].encode()

    count = letter.count(b"DKIM-Signature:")
    return [dkim.DKIM(letter).verify(idx=index, dnsfunc=answer) for index in range(count)]


def test_new_keys_are_secret_and_their_records_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    said = run(folder, "new", "a")
    assert f'a-rsa._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=rsa; p=' in said
    assert f'a-ed25519._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=ed25519; p=' in said
    assert "then `actionmail dkim use a-rsa a-ed25519`" in said
    assert "PRIVATE" not in said
    assert "PRIVATE" not in (folder / "keys.json").read_text()
    for name in ("a-rsa.pem", "a-ed25519.pem"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert states(folder) == {"a-rsa": KeyState.NEW, "a-ed25519": KeyState.NEW}
    assert "There is a key a-rsa already" in run(folder, "new", "a", status=1)
    assert all(len(piece) < 256 for piece in said.split('"')[1::2])


def test_keys_overlap_and_no_letter_is_unsigned(tmp_path: Path) -> None:
    worker = KeyFolder(tmp_path, DOMAIN)
    letter = trial_letter()
    run(tmp_path, "new", "a")
    assert worker.sign(letter) == letter
    run(tmp_path, "use", "a-rsa", "a-ed25519", "--unseen")
    first = worker.sign(letter)
    assert holds(first, tmp_path) == [True, True]
    assert first.index(b"a=rsa-sha256") < first.index(b"a=ed25519-sha256")

    run(tmp_path, "new", "b")
    assert worker.sign(letter) == first
    said = run(tmp_path, "use", "b-rsa", "b-ed25519", "--unseen")
    assert "a-rsa: nothing is signed with it any more, and it may go from" in said
    second = worker.sign(letter)
    assert b"s=b-rsa" in second
    assert b"s=a-" not in second
    assert holds(first, tmp_path) == [True, True]  # on its way while the keys changed

    assert "may still be on their way" in run(tmp_path, "retire", "a-rsa", status=1)
    assert "Letters are signed with b-rsa" in run(tmp_path, "retire", "b-rsa", status=1)
    assert "was in use before" in run(tmp_path, "use", "a-rsa", "--unseen", status=1)
    aged(tmp_path, left=timedelta(days=8))
    assert f'a-rsa._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=rsa; p="' in run(tmp_path, "retire", "a-rsa")
    assert not (tmp_path / "a-rsa.pem").exists()
    assert worker.sign(letter) == second


def test_one_kind_alone_is_changed(tmp_path: Path) -> None:
    run(tmp_path, "new", "a")
    run(tmp_path, "use", "a-rsa", "a-ed25519", "--unseen")
    run(tmp_path, "new", "b", "--kind", "rsa")
    run(tmp_path, "use", "b-rsa", "--unseen")
    keys = KeyFolder(tmp_path, DOMAIN).keys()
    assert [key.selector for key in signing(keys)] == ["b-rsa", "a-ed25519"]


def test_a_key_that_the_dns_does_not_say_is_not_used(tmp_path: Path) -> None:
    run(tmp_path, "new", "a")
    said = run(tmp_path, "use", "a-rsa", status=1)
    assert "or could not be asked" in said
    assert states(tmp_path)["a-rsa"] is KeyState.NEW
    assert "the DNS was not asked" in run(tmp_path, "dns")


def test_a_key_that_others_may_read_is_refused_and_the_old_ones_go_on(tmp_path: Path) -> None:
    run(tmp_path, "new", "a")
    run(tmp_path, "use", "a-rsa", "--unseen")
    worker = KeyFolder(tmp_path, DOMAIN)
    letter = trial_letter()
    signed = worker.sign(letter)
    run(tmp_path, "new", "b")
    (tmp_path / "b-rsa.pem").chmod(0o644)
    assert "chmod 600" in run(tmp_path, "use", "b-rsa", "--unseen", status=1)
    assert states(tmp_path)["b-rsa"] is KeyState.NEW
    (tmp_path / "keys.json").write_text("[{")
    assert worker.sign(letter) == signed
    with pytest.raises(FolderError):
        KeyFolder(tmp_path, DOMAIN).sign(letter)
    assert "bring it back from a backup" in run(tmp_path, "dns", status=1)


@pytest.mark.parametrize("selector", ["../evil", "a b", "-x", "a" * 70])
def test_a_selector_that_is_none_makes_no_file(tmp_path: Path, selector: str) -> None:
    said = run(tmp_path / "keys", "new", "--", selector, status=1)
    assert "cannot be a DKIM selector" in said
    assert not list(tmp_path.rglob("*.pem"))


def test_without_a_folder_the_command_says_where(tmp_path: Path) -> None:
    given = {**environment(tmp_path), "ACTIONMAIL_DKIM_FOLDER": ""}
    done = CliRunner().invoke(main, ["dkim", "dns"], env=given)
    assert done.exit_code == 1
    assert "ACTIONMAIL_DKIM_FOLDER must be set" in done.output


def test_unknown_keys_are_told(tmp_path: Path) -> None:
    assert "There is no key x" in run(tmp_path, "use", "x", "--unseen", status=1)
    assert "There is no key x" in run(tmp_path, "retire", "x", status=1)
    assert "There are no keys yet" in run(tmp_path, "dns")


def test_doctor_knows_the_keys(tmp_path: Path) -> None:
    def doctor() -> str:
        return CliRunner().invoke(main, ["doctor"], env=environment(tmp_path)).output

    assert "LOOK: Letters are signed with no DKIM key" in doctor()
    run(tmp_path, "new", "a")
    run(tmp_path, "use", "a-rsa", "a-ed25519", "--unseen")
    assert "well: the DKIM keys that sign (2) can be read" in doctor()
    aged(tmp_path, used=timedelta(days=400))
    assert "LOOK: Letters are signed with a-rsa for more than a year" in doctor()
    (tmp_path / "a-rsa.pem").chmod(0o640)
    assert f"AMISS: Others than its owner may read {tmp_path}/a-rsa.pem" in doctor()


def test_a_key_has_three_states() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    key = KnownKey(selector="a", kind=KeyKind.RSA, record="v=DKIM1; k=rsa; p=AA", made=now)
    assert (key.state, key.may_go) == (KeyState.NEW, None)


def test_a_worker_signs_with_what_the_folder_says(tmp_path: Path, database: Database, sqlite_url: str) -> None:
    folder = tmp_path / "keys"
    run(folder, "new", "a")
    run(folder, "use", "a-rsa", "a-ed25519", "--unseen")
    queue_letter(database)
    with open_inbox(tmp_path / "letters", port=0, clock=lambda: datetime.now(UTC)) as inbox:
        env = {**letters_environment(sqlite_url, inbox.port), "ACTIONMAIL_DKIM_FOLDER": str(folder)}
        said = actionmail("worker", "--once", env=env)
        (kept,) = inbox.letters()
        letter = inbox.letter(kept.name)
    assert f"signs with rsa-sha256; a-rsa._domainkey.{DOMAIN}: v=DKIM1" in said
    assert "PRIVATE" not in said
    assert letter is not None
    assert holds(b"DKIM-Signature:" + letter.raw.partition(b"DKIM-Signature:")[2], folder) == [True, True]


def test_what_the_dns_says_is_the_key_or_is_not() -> None:
    record = "v=DKIM1; k=rsa; p=MIIBIj"
    assert is_published(record, ["v=spf1 -all", "k=rsa; p=MII BIj"])
    assert is_published(record, ["p=MIIBIj"])
    assert not is_published(record, ["v=DKIM1; k=ed25519; p=MIIBIj"])
    assert not is_published(record, ["v=DKIM1; p="])
    assert not is_published(record, [])
