"""Whoever is not signed in may make the database grow only so far."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from actionmail.db import Base
from actionmail.db.engine import Database
from actionmail.flows import staff
from actionmail.flows.staff import Person, Role, Verdict
from actionmail.rules.staff.passkeys import Site
from tests.audit import attempts
from tests.samples import light_hash

EMAIL = "anna@example.org"
TRIES = 1000


@pytest.fixture
def anna(any_database: Database, now: datetime) -> Person:
    with any_database.write() as session:
        return staff.add(session, EMAIL, Role.AUTHOR, light_hash(), now=now)


def rows(database: Database) -> int:
    """Of every table together."""
    total = 0
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            total += session.scalar(select(func.count()).select_from(table)) or 0
    return total


@pytest.mark.parametrize("is_known", [True, False])
def test_a_thousand_refused_sign_ins_add_a_row_or_two(
    any_database: Database, anna: Person, now: datetime, is_known: bool
) -> None:
    before = rows(any_database)
    verdict = Verdict(staff_id=anna.id if is_known else None, fits=False, password_hash="")
    for tenth in range(10):
        with any_database.write() as session:
            for number in range(TRIES // 10):
                at = now + timedelta(seconds=tenth * 100 + number)
                assert staff.sign_in(session, verdict, now=at) is None
    assert rows(any_database) - before <= 2


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org"])
def test_a_thousand_asked_resets_add_no_more_than_the_links_that_hold(
    any_database: Database, anna: Person, now: datetime, email: str
) -> None:
    before = rows(any_database)
    with any_database.write() as session:
        for _ in range(TRIES):
            staff.ask_for_reset(session, email, now=now)
    assert rows(any_database) - before <= staff.RESETS_AT_ONCE + 2


def test_a_thousand_false_codes_and_passkeys_add_a_row_or_two(
    any_database: Database, anna: Person, now: datetime
) -> None:
    before = rows(any_database)
    site = staff_site()
    with any_database.write() as session:
        for _ in range(TRIES):
            assert staff.second_step(session, anna.id, "000000", secret_key="k" * 40, now=now) is None
            refused = staff.sign_in_by_passkey(
                session, "none", "{}", half=None, site=site, secret_key="k" * 40, now=now
            )
            assert refused is None
    assert rows(any_database) - before <= 2


def staff_site() -> Site:
    return Site(host="localhost", origin="http://localhost:8000")


def test_refusals_at_the_same_time_count_each(any_database: Database, anna: Person, now: datetime) -> None:
    at_once, each = 8, 5
    barrier = threading.Barrier(at_once)

    def refused(staff_id: int | None) -> None:
        barrier.wait()
        for _ in range(each):
            with any_database.write() as session:
                verdict = Verdict(staff_id=staff_id, fits=False, password_hash="")
                assert staff.sign_in(session, verdict, now=now) is None

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(refused, [anna.id, None] * (at_once // 2)))
    with any_database.read() as session:
        assert sorted(attempts(session)) == [("sign_in", 0, 20), ("sign_in", anna.id, 20)]
