"""Two people press the same button."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.engine import Database
from actionmail.db.roster import Correction, Legislator
from actionmail.flows.roster import corrections
from actionmail.flows.roster.dataset_versions import Curator
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.at_once import wait_until_it_waits
from tests.datasets import bring_people
from tests.people import seat_row
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
    answers: list[TestResponse] = []

    def press() -> None:
        answers.append(
            browser.post(f"/staff/roster/{number}/corrections", field="phone", value="555-2222", why="They moved")
        )

    second = threading.Thread(target=press, daemon=True)
    with any_database.write() as session:
        colleague = Curator(by="ben@example.org", now=datetime.now(UTC))
        corrections.correct(session, seat_row(1).key, "phone", "555-1111", why="They moved", curator=colleague)
        second.start()
        wait_until_it_waits(any_database, second)
    second.join(60)
    assert [answer.status_code for answer in answers] == [303]
    with any_database.read() as session:
        made = session.execute(select(Correction.value, Correction.ended_by).order_by(Correction.id)).all()
    assert [tuple(row) for row in made] == [("555-1111", "rita@example.org"), ("555-2222", "")]
