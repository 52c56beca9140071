"""Whatever a file holds, the check and the loading refuse it with line and reason, in little time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actionmail.db.engine import Database
from actionmail.rules.campaigns.letter_language import MAX_SOURCE
from actionmail.settings import Settings, bundled
from tests.cli.campaigns.test_commands import run
from tests.growth import LINEAR, growth
from tests.hostile import BOMBS, GROWING, HEADERS, PASTED

SAMPLE = (bundled("data") / "campaigns" / "ab969.toml").read_text(encoding="utf-8")
_HEAD, _, _REST = SAMPLE.partition('body = """\n')


def with_body(text: str) -> str:
    """The sample, with this for its letter's body."""
    return f"{_HEAD}body = {json.dumps(text)}\n{_REST.partition(chr(34) * 3)[2]}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hostile.toml"


def refused(settings: Settings, *words: str) -> str:
    """What was said to this; that it is one sentence with status 1."""
    result = run(settings, *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 500
    return result.stderr


@pytest.mark.parametrize("name", BOMBS)
def test_every_door_for_files_refuses_it_with_its_place(
    settings: Settings, database: Database, file: Path, name: str
) -> None:
    text, _ = BOMBS[name]
    file.write_text(with_body(text), encoding="utf-8")
    for words in (("letters", "check", str(file)), ("campaigns", "load", str(file))):
        said = refused(settings, *words)
        assert "hostile.toml, line " in said
        assert ", column " in said
    if "is HTML" not in said:  # a part by itself is only read; what part it is, is not known
        part = file.with_suffix(".txt")
        part.write_text(text, encoding="utf-8")
        assert "hostile.txt, line " in refused(settings, "letters", "check", str(part))


@pytest.mark.parametrize("subject", HEADERS)
def test_a_subject_holds_no_other_header(settings: Settings, file: Path, subject: str) -> None:
    begin = SAMPLE.index("subjects = ")
    end = SAMPLE.index("]", begin)
    file.write_text(SAMPLE[:begin] + f"subjects = [{json.dumps(subject)}" + SAMPLE[end:], encoding="utf-8")
    said = refused(settings, "letters", "check", str(file))
    assert "belongs to the head of a message" in said or "A subject is one line." in said


def test_what_a_word_processor_pastes_is_taken(settings: Settings, database: Database, file: Path) -> None:
    file.write_text(with_body(f"Please vote no on {{{{ bill }}}}. {PASTED}"), encoding="utf-8")
    assert run(settings, "campaigns", "load", str(file)).exit_code == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * 10_000_000,
        b"x" * 20_000_000,
        b"a = " + b"[" * 100_000,
        b"\x00" * 10_000_000,
        b'body = """' + b"{{ bill }}" * 1_000_000,
        SAMPLE.encode("utf-16"),
    ],
    ids=["10 MB", "20 MB", "brackets", "NUL", "fields", "UTF-16"],
)
def test_large_and_strange_files_are_refused(settings: Settings, database: Database, file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    assert "hostile.toml" in refused(settings, "letters", "check", str(file))
    assert "Not loaded: hostile.toml" in refused(settings, "campaigns", "load", str(file))


_LARGE: dict[str, Callable[[int], bytes]] = {
    "characters": lambda size: b"x" * size,
    "brackets": lambda size: b"a = " + b"[" * size,
    "NUL": lambda size: b"\x00" * size,
    "fields": lambda size: b'body = """' + b"{{ bill }}" * (size // 10),
}


@pytest.mark.parametrize("name", _LARGE)
@pytest.mark.parametrize("size", [200_000, 1_000_000], ids=["as long as is taken", "longer"])
def test_a_file_takes_no_longer_than_it_is(settings: Settings, tmp_path: Path, name: str, size: int) -> None:
    short, long = tmp_path / "short.toml", tmp_path / "long.toml"
    short.write_bytes(_LARGE[name](size))
    long.write_bytes(_LARGE[name](2 * size))
    assert growth(lambda file: refused(settings, "letters", "check", str(file)), short, long) <= LINEAR


@pytest.mark.parametrize("name", ["nested", "fields", "long", "underscores"])  # the rules' tests ask all of them
def test_a_letter_takes_no_longer_than_it_is(settings: Settings, file: Path, name: str) -> None:
    def check(size: int) -> None:
        file.write_text(with_body(GROWING[name](size)), encoding="utf-8")
        assert "Traceback" not in run(settings, "letters", "check", str(file)).stderr

    assert growth(check, MAX_SOURCE // 2, MAX_SOURCE) <= LINEAR


_MEASURED = """
import sys
from pathlib import Path
from click.testing import CliRunner
from actionmail.cli.campaigns.commands import letters
for name in sys.argv[1:]:
    assert CliRunner().invoke(letters, ["check", name]).exit_code == 1, name
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(peak.split()[1])
"""


def test_it_takes_less_than_300_mb(tmp_path: Path) -> None:
    raws = {
        "large": b"x" * 10_000_000,
        "fields": b'a = """' + b"{{ bill }}" * 1_000_000,
        "deep": b"a = " + b"[" * 10**6,
    }
    raws |= {name: with_body(text).encode() for name, (text, _) in BOMBS.items()}
    for name, raw in raws.items():
        (tmp_path / f"{name}.toml").write_bytes(raw)
    files = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run([sys.executable, "-c", _MEASURED, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 300 * 1024
