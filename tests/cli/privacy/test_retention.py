"""What goes some time after a campaign's end, on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from sqlalchemy import select

from actionmail.cli.privacy.retention import retention
from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.settings import Settings
from tests.samples import sample_action, sample_petition


def run(settings: Settings, *arguments: str) -> list[str]:
    result = CliRunner().invoke(retention, list(arguments), obj=settings)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_a_dry_run_counts_by_campaign_and_erases_nobody(settings: Settings, database: Database) -> None:
    assert run(settings, "--dry-run") == ["No campaign says how long it keeps its supporters."]
    now = datetime.now(UTC)
    with database.write() as session:
        for slug, columns in (
            ("a-over", {"deadline_at": now - timedelta(days=9), "erase_after_days": 7}),
            ("b-soon", {"deadline_at": now - timedelta(days=9), "erase_after_days": 30}),
            ("c-on", {"erase_after_days": 1000}),
        ):
            sample_action(session, sample_petition(session, slug=slug, **columns))
    ended = f"{now - timedelta(days=9):%Y-%m-%d}"
    lines = [
        f"a-over: ended {ended}; 1 action to go now",
        f"b-soon: ended {ended}; 1 action to go on {now + timedelta(days=21):%Y-%m-%d}",
        "c-on: goes on; 1 action would go 1,000 days after its end",
    ]
    assert run(settings, "--dry-run") == lines
    with database.read() as session:
        assert session.scalars(select(Action.erased_at)).all() == [None] * 3
    assert run(settings) == [*lines, "Erased: 1 action."]
    with database.read() as session:
        assert [at is None for at in session.scalars(select(Action.erased_at).order_by(Action.id))] == [
            False,
            True,
            True,
        ]
    assert run(settings)[-1] == "Erased: 0 actions."
