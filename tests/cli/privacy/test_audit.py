"""The audit trail on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from actionmail.cli.privacy.audit import audit
from actionmail.cli.staff.commands import staff as staff_commands
from actionmail.db.engine import Database
from actionmail.db.staff import AuditLink
from actionmail.flows import staff
from actionmail.flows.privacy import retention
from actionmail.flows.staff import Role, Verdict
from actionmail.rules.staff.audit_codes import Attempt, AuditAction, ObjectKind
from actionmail.settings import Settings
from actionmail.web.staff import audit_words
from tests.audit import attempts
from tests.samples import light_hash


def run(settings: Settings, *arguments: str, status: int = 0) -> list[str]:
    group = staff_commands if arguments[0] == "attempts" else audit
    done = CliRunner().invoke(group, list(arguments), obj=settings)
    assert done.exit_code == status, done.output
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
    assert run(settings, "list") == [
        "4\t2025-03-04 15:12:05\t-\tsign-in refused: second factor",
        "3\t2026-03-04 15:12:05\tada@example.org\tchanged the role of anna@example.org\tbefore=author\tafter=reviewer",
        "2\t2026-03-04 15:12:05\tada@example.org\tadded the account anna@example.org\trole=author",
        "1\t2026-03-04 15:12:05\tcommand line\tadded the account ada@example.org\trole=admin",
    ]
    assert [line.partition("\t")[0] for line in run(settings, "list", "--limit", "1", "--before", "3")] == ["2"]


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
    (line,) = run(settings, "list")
    assert line.endswith("\treason=it {rains}\tletters=a")


def test_every_attempt_has_words() -> None:
    assert set(audit_words.ATTEMPTS) == set(Attempt)


def test_entries_are_narrowed_by_who_what_on_what_and_since_when(
    settings: Settings, database: Database, now: datetime
) -> None:
    with database.write() as session:
        ada = staff.add(session, "ada@example.org", Role.ADMIN, light_hash(), now=now - timedelta(days=9))
        for number in (7, 8):
            looked = AuditAction.MESSAGE_VIEWED
            staff.record(session, looked, ObjectKind.MESSAGE, number, by=ada.id, now=now + timedelta(days=number - 7))
        staff.record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, 7, by=None, now=now)

    def numbers(*arguments: str) -> list[str]:
        return [line.partition("\t")[0] for line in run(settings, "list", *arguments)]

    assert numbers() == ["4", "3", "2", "1"]
    assert numbers("--who", "ADA@") == ["3", "2"]
    assert numbers("--action", "account_added") == ["1"]
    assert numbers("--object", "message:7") == ["4", "2"]
    assert numbers("--object", "account:ada@example.org") == ["1"]
    assert numbers("--object", "message") == ["4", "3", "2"]
    assert numbers("--since", "2026-03-05") == ["3"]
    assert numbers("--who", "%") == numbers("--object", "message:'") == []
    assert "--object begins with one of: account, action," in " ".join(run(settings, "list", "--object", "x", status=2))


def test_entries_come_as_json_lines(settings: Settings, database: Database, now: datetime) -> None:
    with database.write() as session:
        staff.add(session, "ada@example.org", Role.ADMIN, light_hash(), now=now)
    (line,) = run(settings, "list", "--json")
    assert json.loads(line) == {
        "number": 1,
        "at": "2026-03-04T15:12:05+00:00",
        "actor_kind": "command_line",
        "actor": "",
        "action": "account_added",
        "object_kind": "account",
        "object_key": "ada@example.org",
        "details": {"role": "admin"},
        "words": "",
    }


def test_the_chain_is_verified_with_its_count_and_its_head(
    settings: Settings, database: Database, now: datetime
) -> None:
    assert run(settings, "verify")[0] == "0 entries, each as it was written."
    with database.write() as session:
        for number in (1, 2, 3):
            staff.record(session, AuditAction.MESSAGE_VIEWED, ObjectKind.MESSAGE, number, by=None, now=now)
    with database.read() as session:
        head = session.scalars(select(AuditLink.sha256).order_by(AuditLink.position.desc())).first()
    said = ["3 entries, each as it was written.", f"To be noted elsewhere: 3:{head}"]
    assert run(settings, "verify") == run(settings, "verify", "--noted", f"3:{head}") == said
    assert "--noted is the number" in " ".join(run(settings, "verify", "--noted", "3", status=2))
    assert run(settings, "verify", "--noted", f"4:{head}", status=1)[0].startswith("The trail ends before")
    assert run(settings, "verify", "--noted", f"2:{head}", status=1)[0].startswith("Entry 2 does not fit")
    with database.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit SET object_key = '9' WHERE id = 2"))
    assert run(settings, "verify", status=1)[0] == (
        "Entry 2 does not fit: it, or its link, was changed after it was written."
    )
