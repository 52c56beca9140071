"""The command group `tokens`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from actionmail.cli.staff.tokens import tokens
from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.settings import Settings
from tests.audit import audited


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(tokens, list(arguments), obj=settings)


def test_a_token_is_made_listed_and_revoked(settings: Settings, database: Database) -> None:
    made = run(settings, "new", "Newsletter", "--scope", "read:updates", "--scope", "read:letters")
    assert made.exit_code == 0, made.output
    secret = made.output.split()[-1]
    assert made.output.startswith("Token 1, shown this once: amt_")
    now = datetime.now(UTC)
    with database.read() as session:
        assert staff.bearer(session, secret, now=now) is not None
    listed = run(settings, "list").output
    assert listed == "1\tNewsletter\tread:letters read:updates\tnever used\tholds\n"
    assert run(settings, "revoke", "1").exit_code == 0
    assert "revoked" in run(settings, "list").output
    again = run(settings, "revoke", "1")
    assert (again.exit_code, "no such token" in again.output) == (1, True)
    with database.read() as session:
        assert staff.bearer(session, secret, now=now) is None
        assert [entry[1] for entry in audited(session)] == ["api_token_made", "api_token_revoked"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("",), "1 to 60 characters"),
        (("x" * 61,), "1 to 60 characters"),
        (("Newsletter", "--until", "soon"), "--until is a day"),
        (("Newsletter", "--until", "2020-01-01"), "over already"),
    ],
)
def test_what_cannot_be_made_so_gets_a_sentence(
    settings: Settings, database: Database, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = run(settings, "new", *arguments, "--scope", "read:letters")
    assert (refused.exit_code, sentence in refused.output) == (1, True), refused.output
