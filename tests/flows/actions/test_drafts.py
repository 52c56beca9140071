"""What supporters typed so far, kept by two processes at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.actions import drafts
from tests.samples import sample_petition
from tests.two_sessions import cross

KEY = "k" * 32


def test_a_button_that_is_pressed_twice_at_once_keeps_one_draft(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        petition = sample_petition(session).id

    def keep(name: str) -> Callable[[Session], object]:
        def save(session: Session) -> None:
            values = {**(drafts.load(session, KEY, campaign_id=petition) or {}), name: True}
            drafts.save(session, KEY, campaign_id=petition, values=values, now=now)

        return save

    cross(any_database, keep("first"), keep("second"), after="INSERT INTO drafts")
    with any_database.read() as session:
        assert "second" in (drafts.load(session, KEY, campaign_id=petition) or {})
