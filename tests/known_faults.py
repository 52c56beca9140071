"""Whether known faults are in any library of an installation, as the Python Packaging Advisory Database has them.

`python -m tests.known_faults REQUIREMENTS` (`make audit`). Status 0: none is known. 1: some are. 3: nobody told, which
is no answer: an index that mirrors packages need not have the advisories.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

FOUND, NOT_TOLD = 1, 3
_AUDIT: Final = ("tool", "run", "pip-audit>=2.9,<3", "--disable-pip", "--require-hashes", "--format", "json")

# What is told of each library of some requirements; None where nobody can be asked.
Ask = Callable[[str], list[dict[str, Any]] | None]


def audit(requirements: str, ask: Ask) -> tuple[int, str]:
    """Status and words. The first library is asked about alone: where nothing is told of it, it is the only one."""
    first, _, _ = requirements.partition("\n    # via")
    told = ask(first)
    if told and not any("skip_reason" in one for one in told):
        told = ask(requirements)
    if told is None or not told:
        return NOT_TOLD, "Nobody could be asked about known faults. Run this where PyPI itself is reached."
    if faults := [_of(one) for one in told if one.get("vulns")]:
        return FOUND, "\n".join(faults)
    if skipped := [one["name"] for one in told if "skip_reason" in one]:
        return NOT_TOLD, (
            f"The index here tells nothing of known faults ({', '.join(skipped)}). Run this where PyPI itself is "
            "reached."
        )
    return 0, f"No fault is known in any of {len(told)} libraries."


def _of(one: dict[str, Any]) -> str:
    faults = [f"{fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}" for fault in one["vulns"]]
    return f"{one['name']} {one['version']}: {'; '.join(faults)}"


def asking(uv: Sequence[str]) -> Ask:
    """By pip-audit, which `uv` runs."""

    def ask(requirements: str) -> list[dict[str, Any]] | None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "requirements.txt"
            file.write_text(requirements, encoding="utf-8")
            done = subprocess.run([*uv, *_AUDIT, "--requirement", file], capture_output=True, text=True, check=False)
        try:
            return list(json.loads(done.stdout)["dependencies"])
        except (ValueError, KeyError):
            print(done.stderr, file=sys.stderr)
            return None

    return ask


def main() -> None:
    status, words = audit(Path(sys.argv[1]).read_text(encoding="utf-8"), asking(sys.argv[2:] or ["uv"]))
    print(words)
    sys.exit(status)


if __name__ == "__main__":
    main()
