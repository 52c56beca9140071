"""`actionmail demo`, as far as it says no; `make demo ONCE=1` goes through all of it."""

from __future__ import annotations

import socket
from pathlib import Path

from click.testing import CliRunner

from actionmail.cli import main


def test_a_port_that_was_named_and_is_taken_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = CliRunner().invoke(main, ["demo", "--once", "--port", str(port), "--folder", str(tmp_path / "demo")])
    assert (refused.exit_code, refused.output) == (
        1,
        f"Error: Port {port} is in use here; name another one, or none.\n",
    )
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["lock"]
