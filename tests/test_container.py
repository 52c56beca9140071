"""The container's file and compose's: what they copy, run and set is there. They are not built here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from actionmail.cli import main
from actionmail.settings_names import known_names

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "container"
CONTAINERFILE = (FOLDER / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "actionmail"}


def is_a_command(words: list[str]) -> None:
    context = click.Context(main)
    command = main.get_command(context, words[0])
    assert command is not None, words
    command.make_context(words[0], list(words[1:]), parent=context, resilient_parsing=False)


def test_what_is_copied_is_there_and_not_kept_from_the_build() -> None:
    let_in = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    copied = [name for line in re.findall(r"^COPY (?!--)(.+)$", CONTAINERFILE, re.M) for name in line.split()[:-1]]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
    assert set(copied) == let_in
    assert (ROOT / ".dockerignore").read_text() == (ROOT / ".containerignore").read_text()
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["force-include"]) <= let_in, "what the wheel is made of"


def test_it_runs_a_command_of_ours_as_nobody_special() -> None:
    (command,) = re.findall(r"^CMD (\[.+\])$", CONTAINERFILE, re.M)
    is_a_command(json.loads(command))
    (made,) = re.findall(r"useradd --system --uid (\d+) .*actionmail", CONTAINERFILE)
    assert re.findall(r"^USER (.+)$", CONTAINERFILE, re.M) == [made]
    (python,) = set(re.findall(r"^FROM .*/python:3\.(\d+)-", CONTAINERFILE, re.M))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert int(python) >= int(wanted.removeprefix(">=3."))


def test_it_has_the_library_that_pillow_looks_for_when_it_shapes_text() -> None:
    """Its wheels hold Raqm and HarfBuzz, and neither of them FriBidi, which a small image lacks."""
    (installed,) = re.findall(r"apt-get install -y --no-install-recommends (.+?)&&", CONTAINERFILE)
    assert "libfribidi0" in installed.split()


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), "--no-color", FOLDER / "Containerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("service", OURS.values(), ids=OURS.keys())
def test_each_service_runs_a_command_with_settings_that_there_are(service: dict[str, Any]) -> None:
    is_a_command(service["command"])
    assert set(service["environment"]) <= known_names()
    files = {f"/run/secrets/{name}" for name in service["secrets"]}
    named = {value for name, value in service["environment"].items() if name.endswith("_FILE")}
    assert named <= files
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_only_this_machine_reaches_what_has_no_password() -> None:
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
