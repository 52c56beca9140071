"""docs/security.md names tests that are there, and how long things last as the code has it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from actionmail.flows.privacy import retention
from actionmail.flows.staff import links, passkeys, sessions, signing_in
from actionmail.web.platform.security import TOKEN_SECONDS
from actionmail.web.supporter.step import _RECEIPT_SECONDS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
THREATS = DOCUMENT.partition("## Threats")[2].partition("\n## ")[0]


def rows(table: str) -> list[list[str]]:
    found = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in found[1:]]


def test_each_threat_names_tests_and_each_of_them_is_there() -> None:
    defined: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        defined |= set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))
    threats = rows(THREATS)
    assert len(threats) > 25
    for threat in threats:
        named = re.findall(r"`(test_\w+)`", threat[-1])
        assert named, threat[0]
        assert set(named) <= defined, set(named) - defined


@pytest.mark.parametrize(
    ("what", "lasts"),
    [
        ("a form's token", timedelta(seconds=TOKEN_SECONDS)),
        ("what was typed and not sent", retention.DRAFTS_LAST),
        ("a staff session", sessions.SESSION_LENGTH),
        ("after the password, before the second factor", sessions.HALF_LENGTH),
        ("having shown one's password of late", sessions.FRESH),
        ("a challenge for a passkey", passkeys.CHALLENGE_LENGTH),
        ("an invitation", links.INVITATION_LENGTH),
        ("a link for a new password", links.RESET_LENGTH),
        ("a lockout after wrong passwords", signing_in.LOCKOUT),
        ("counts of refused sign-ins", retention.ATTEMPTS_LAST),
    ],
)
def test_things_last_as_long_as_the_document_says(what: str, lasts: timedelta) -> None:
    table = DOCUMENT.partition("## How long what lasts")[2].partition("\n## ")[0]
    (said,) = [row[1] for row in rows(table) if row[0] == what]
    number, unit = re.match(r"(\d+) (minute|hour|day)", said).groups()  # type: ignore[union-attr]
    assert timedelta(**{f"{unit}s": int(number)}) == lasts


def test_a_receipt_is_known_for_half_an_hour_and_an_idle_session_ends() -> None:
    assert timedelta(seconds=_RECEIPT_SECONDS) == timedelta(minutes=30)
    assert f"{sessions.IDLE_LENGTH // timedelta(hours=1)} hours without a page" in DOCUMENT
