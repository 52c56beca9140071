"""Filters under a name: two at once keep one."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.review import saved_views
from actionmail.flows.review.saved_views import CannotKeep, Fault
from tests.samples import NOW, light_hash
from tests.two_sessions import cross


@pytest.fixture
def reviewer(any_database: Database) -> int:
    with any_database.write() as session:
        return staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id


def test_views_are_listed_by_name_and_no_more_are_kept_than_can_be_read(any_database: Database, reviewer: int) -> None:
    with any_database.write() as session:
        for number in range(saved_views.MOST, 0, -1):
            saved_views.keep(session, f"View {number:02}", "state=held", by=reviewer, now=NOW)
        with pytest.raises(CannotKeep) as refused:
            saved_views.keep(session, "One more", "state=held", by=reviewer, now=NOW)
        assert refused.value.fault is Fault.TOO_MANY
        names = [view.name for view in saved_views.views(session)]
    assert names == [f"View {number:02}" for number in range(1, saved_views.MOST + 1)]


def test_of_two_who_keep_a_view_of_one_name_at_once_one_is_told(any_database: Database, reviewer: int) -> None:
    told: list[Fault] = []

    def second(session: Session) -> None:
        try:
            saved_views.keep(session, "Watch", "state=failed", by=reviewer, now=NOW)
        except CannotKeep as error:
            told.append(error.fault)

    cross(
        any_database,
        lambda session: saved_views.keep(session, "Watch", "state=held", by=reviewer, now=NOW),
        second,
    )
    with any_database.read() as session:
        assert [(view.name, view.query) for view in saved_views.views(session)] == [("Watch", "state=held")]
    assert told == [Fault.NAME_TAKEN]
