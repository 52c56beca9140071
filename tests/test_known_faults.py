"""What `make audit` says of what it is told, and that silence is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.known_faults import FOUND, NOT_TOLD, audit

LOCKED = """# by uv
click==8.1.7 \\
    --hash=sha256:aa
    # via actionmail
jinja2==3.1.2 \\
    --hash=sha256:bb
    # via flask
"""
WELL = {"name": "click", "version": "8.1.7", "vulns": []}
FAULTY = {
    "name": "jinja2",
    "version": "3.1.2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.3"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SKIPPED = {"name": "click", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("first", "told", "status", "words"),
    [
        ([WELL], [WELL, FAULTY], FOUND, "jinja2 3.1.2: PYSEC-1, mended in 3.1.3; PYSEC-2, mended in no version"),
        ([WELL], [WELL, WELL], 0, "No fault is known in any of 2 libraries."),
        ([SKIPPED], None, NOT_TOLD, "The index here tells nothing of known faults (click)."),
        ([WELL], [WELL, SKIPPED], NOT_TOLD, "The index here tells nothing of known faults (click)."),
        (None, None, NOT_TOLD, "Nobody could be asked about known faults."),
        ([WELL], None, NOT_TOLD, "Nobody could be asked about known faults."),
        ([], None, NOT_TOLD, "Nobody could be asked about known faults."),
    ],
)
def test_what_is_told_is_said(
    first: list[dict[str, Any]] | None, told: list[dict[str, Any]] | None, status: int, words: str
) -> None:
    asked: list[str] = []

    def ask(requirements: str) -> list[dict[str, Any]] | None:
        asked.append(requirements)
        return first if len(asked) == 1 else told

    found, said = audit(LOCKED, ask)
    assert (found, words in said) == (status, True), said
    assert asked[0] == "# by uv\nclick==8.1.7 \\\n    --hash=sha256:aa"
    assert asked[1:] in ([], [LOCKED])
