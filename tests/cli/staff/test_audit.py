"""The audit trail on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from actionmail.cli.staff.commands import staff as commands
from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.privacy import retention
from actionmail.flows.staff import Role, Verdict
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, ObjectKind
from actionmail.settings import Settings
from actionmail.web.staff import audit_words
from tests.audit import attempts
from tests.samples import light_hash


def run(settings: Settings, *arguments: str) -> list[str]:
    done = CliRunner().invoke(commands, list(arguments), obj=settings)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_staff_see_who_did_what(settings: Settings, database: Database, now: datetime) -> None:
    with database.write() as session:
        ada = staff.add(session, "ada@example.org", Role.ADMIN, light_hash(), now=now)
        anna = staff.add(session, "anna@example.org", Role.AUTHOR, light_hash(), by=ada.id, now=now)
        staff.set_role(session, anna.email, Role.REVIEWER, by=ada.id, now=now)
        session.execute(
            text(
                "INSERT INTO audit (at, actor_kind, action, object_kind, object_key, verb, subject) "
                "VALUES ('2025-03-04 15:12:05', '', '', '', '', 'sign-in refused', 'second factor')"
            )
        )
    assert run(settings, "audit") == [
        "4\t2025-03-04 15:12:05\t-\tsign-in refused: second factor",
        "3\t2026-03-04 15:12:05\tada@example.org\tchanged the role of anna@example.org\tbefore=author\tafter=reviewer",
        "2\t2026-03-04 15:12:05\tada@example.org\tadded the account anna@example.org\trole=author",
        "1\t2026-03-04 15:12:05\tcommand line\tadded the account ada@example.org\trole=admin",
    ]
    assert [line.partition("\t")[0] for line in run(settings, "audit", "--limit", "1", "--before", "3")] == ["2"]


def test_staff_see_what_was_tried(settings: Settings, database: Database) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        ada = staff.add(session, "ada@example.org", Role.ADMIN, light_hash(), now=now)
        for staff_id in (ada.id, ada.id, None):
            staff.sign_in(session, Verdict(staff_id=staff_id, fits=False, password_hash=""), now=now)
    hour = f"{now:%Y-%m-%d %H}:00"
    assert run(settings, "attempts") == [
        f"{hour}\tno account there is\trefused at the password once",
        f"{hour}\tada@example.org\trefused at the password 2 times",
    ]
    with database.write() as session:
        assert retention.purge_attempts(session, now=now + timedelta(days=89)) == 0
        assert retention.purge_attempts(session, now=now + timedelta(days=92)) == 2
        assert attempts(session) == []


@pytest.mark.parametrize("action", AuditAction)
def test_every_action_has_words(settings: Settings, database: Database, now: datetime, action: AuditAction) -> None:
    with database.write() as session:
        staff.record(
            session, action, ObjectKind.CAMPAIGN, "ab969", by=None, now=now, reason="it {rains}", letters=["a"]
        )
    (line,) = run(settings, "audit")
    assert line.endswith("\treason=it {rains}\tletters=a")


def test_every_attempt_has_words() -> None:
    assert set(audit_words.ATTEMPTS) == set(Attempt)
