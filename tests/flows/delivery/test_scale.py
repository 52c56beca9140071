"""The claim reads along its index: as many steps for a full table as for an empty one."""

from __future__ import annotations

from sqlalchemy import text

from actionmail.db.engine import Database
from actionmail.flows.delivery import claim
from tests.executed import executed
from tests.flows.delivery.test_rates import LEASE, START, fill
from tests.samples import sample_campaign


def test_no_statement_of_a_claim_scans_the_messages(database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        for target in range(1, 5):
            fill(session, campaign, target, 3)
    with executed(database.engine) as seen, database.write() as session:
        assert len(claim(session, owner="test:1", now=START, limit=8, lease=LEASE).ids) == 8
    assert any("ix_messages_due" in statement for statement, _parameters in seen)
    with database.engine.connect() as connection:
        for statement, parameters in seen:
            if not statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "INSERT")):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
            steps = [row[3] for row in plan]
            assert not any("SCAN messages" in step or step == "SCAN line" for step in steps), (statement, steps)
        assert connection.execute(text("SELECT count(*) FROM messages WHERE state = 'sending'")).scalar() == 8
