"""The settings' names: all that the code reads, in one list, in the documents; and what is told of others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from actionmail.cli import main
from actionmail.settings_names import SETTINGS, known_names, sentence_of_unknown, unknown_names
from tests.settings_table import DOCUMENT, rewritten
from tests.test_settings import command

CODE = Path(__file__).resolve().parent.parent / "actionmail"
QUOTED = re.compile(r'"(ACTIONMAIL_[A-Z_]+)"')
SECRETLY_READ = re.compile(r'secret_setting[(, ]+[\w.]+, "(ACTIONMAIL_[A-Z_]+)"')


def sources() -> str:
    files = [path for path in CODE.rglob("*.py") if path.name != "settings_names.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_the_list_has_every_name_that_the_code_reads_and_no_other() -> None:
    read = set(QUOTED.findall(sources()))
    assert {setting.name for setting in SETTINGS} <= read <= known_names()


def test_what_may_lie_in_a_file_of_its_own_is_what_is_read_so() -> None:
    assert {setting.name for setting in SETTINGS if setting.is_secret} == set(SECRETLY_READ.findall(sources()))


def test_the_table_in_the_documents_is_written_from_the_list() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert "<!-- table of settings -->" in text
    assert rewritten(text) == text, "run `make settings-table`"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ACTIONMAIL_DATABSE_URL", "ACTIONMAIL_DATABASE_URL"),
        ("ACTIONMAIL_PROXY", "ACTIONMAIL_PROXIES"),
        ("ACTIONMAIL_SECRETKEY_FILE", "ACTIONMAIL_SECRET_KEY_FILE"),
        ("actionmail_base_url", "ACTIONMAIL_BASE_URL"),
        ("ACTIONMAIL_SMTP_USER_FILE", "ACTIONMAIL_SMTP_URL_FILE"),
        ("ACTIONMAIL_XYZ", ""),
    ],
)
def test_a_name_that_is_none_is_told_with_the_one_that_may_be_meant(name: str, meant: str) -> None:
    (unknown,) = unknown_names([name, "HOME", "ACTIONMAIL_TEST_CHROMIUM", *known_names()])
    assert (unknown.name, unknown.meant) == (name, meant)
    assert sentence_of_unknown(unknown).startswith(f"{name} is no setting")


def test_a_command_says_so_before_its_work_and_doctor_among_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "actionmail.env"
    file.write_text(
        f"ACTIONMAIL_DATABASE_URL=sqlite:///{tmp_path}/one.sqlite3\nACTIONMAIL_SECRET_KEYY=hidden\n"
        "ACTIONMAIL_LOOPBACK_ONLY=1\n"
    )
    made = command("--config", str(file), "migrate", folder=tmp_path)
    told = "ACTIONMAIL_SECRET_KEYY is no setting, so it does nothing; ACTIONMAIL_SECRET_KEY may be meant."
    assert (made.returncode, made.stderr.splitlines()[0]) == (0, f"Warning: {told}")
    looked = command("--config", str(file), "doctor", folder=tmp_path)
    assert f"LOOK: {told}" in looked.stdout
    assert (looked.stderr, "hidden" in looked.stdout) == ("", False)


def test_help_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONMAIL_COLOUR", "blue")
    assert "is no setting" not in CliRunner().invoke(main, ["--help"]).output
