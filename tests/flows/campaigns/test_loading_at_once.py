"""The same new campaign loaded by two at the same moment: one adds it, the other is told or finds it."""

from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import func, select

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.rules.campaigns.problems import CampaignFileError
from tests.flows.campaigns.test_saving import MINIMAL, load


def test_one_new_campaign_loaded_twice_at_once_is_there_once(any_database: Database, now: datetime) -> None:
    gate, outcomes = threading.Barrier(4), []

    def press() -> None:
        gate.wait()
        try:
            outcomes.append(load(any_database, MINIMAL.replace('"live"', '"draft"'), now).outcome)
        except CampaignFileError as error:
            outcomes.append(error.problem.code)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("added") == 1
    assert set(outcomes) <= {"added", "unchanged", "saving.address-taken"}
    assert len(outcomes) == 4
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1
        assert session.scalar(select(func.count()).select_from(Letter)) == 1
