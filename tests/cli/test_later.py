from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from actionmail.cli import main

GROUPS = (["data"], ["data", "import"])


@pytest.mark.parametrize("group", GROUPS)
def test_help_lists_every_command_and_each_can_be_called(group: list[str]) -> None:
    listed = CliRunner().invoke(main, [*group, "--help"]).output.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert len(names) > 10
    for name in names:
        called = CliRunner().invoke(main, [*group, name, "--help"])
        assert (called.exit_code, f"{' '.join(group)} {name}" in called.output) == (0, True), called.output


def test_a_command_that_there_is_none_of_is_said() -> None:
    called = CliRunner().invoke(main, ["data", "lode"])
    assert (called.exit_code, "No such command 'lode'" in called.output) == (2, True)


def test_loading_does_not_carry_what_maps_need() -> None:
    asked = "import sys; from actionmail.cli import main; main(['data', 'load', '--help'], standalone_mode=False); "
    asked += "print([name for name in ('shapely', 'numpy', 'requests') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
