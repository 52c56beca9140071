"""The units of deploy/systemd: what they start is there, and systemd understands them."""

from __future__ import annotations

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from actionmail.cli import main

FOLDER = Path(__file__).parents[1] / "deploy" / "systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
PROGRAM = "/opt/actionmail/bin/actionmail"


def read(unit: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.read_text())
    return parser


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_what_a_unit_starts_is_a_command_with_its_options(unit: Path) -> None:
    program, name, *arguments = read(unit)["Service"]["ExecStart"].split()
    assert program == PROGRAM
    context = click.Context(main)
    command = main.get_command(context, name)
    assert command is not None
    command.make_context(name, arguments, parent=context)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_runs_as_its_user_and_may_do_little(unit: Path) -> None:
    service = read(unit)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("actionmail", "yes", "strict")
    assert "Environment" not in service, "secrets stand in the file that commands read"


def test_every_timer_has_its_service_and_what_runs_once_has_a_timer() -> None:
    timed = {timer.stem for timer in FOLDER.glob("*.timer")}
    once = {unit.stem for unit in SERVICES if read(unit)["Service"]["Type"] == "oneshot"}
    assert timed == once


def test_systemd_understands_them(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")  # macOS has none
    units = []
    for unit in FOLDER.iterdir():
        units.append(tmp_path / unit.name)
        units[-1].write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
