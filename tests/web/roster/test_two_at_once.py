"""Two people press the same button."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.db.roster import Correction, Legislator
from actionmail.flows.roster import corrections
from actionmail.flows.roster.dataset_versions import Curator
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.datasets import bring_people
from tests.people import seat_row
from tests.two_sessions import cross
from tests.web.staff_pages import hire, signed_in, staff_app


def test_a_correction_while_a_colleague_makes_one_is_no_error(
    settings: Settings, any_database: Database, tmp_path: Path
) -> None:
    url = any_database.engine.url.render_as_string(hide_password=False)
    hire(any_database, "rita@example.org", Role.REVIEWER)
    with any_database.write() as session:
        bring_people(session, [seat_row(1)], now=datetime.now(UTC))
        number = session.scalars(select(Legislator.id)).one()
    browser = signed_in(staff_app(replace(settings, database_url=url), tmp_path), "rita@example.org")
    browser.get(f"/staff/roster/{number}")
    colleague = Curator(by="ben@example.org", now=datetime.now(UTC))
    answers: list[TestResponse] = []

    def theirs(session: Session) -> None:
        corrections.correct(session, seat_row(1).key, "phone", "555-1111", why="They moved", curator=colleague)

    def ours(_session: Session) -> None:
        fields = {"field": "phone", "value": "555-2222", "why": "They moved"}
        answers.append(browser.post(f"/staff/roster/{number}/corrections", **fields))

    cross(any_database, theirs, ours)
    assert [answer.status_code for answer in answers] == [303]
    with any_database.read() as session:
        made = session.execute(select(Correction.value, Correction.ended_by).order_by(Correction.id)).all()
    assert [tuple(row) for row in made] == [("555-1111", "rita@example.org"), ("555-2222", "")]
