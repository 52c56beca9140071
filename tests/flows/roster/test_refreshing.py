"""Two processes look for newer datasets at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.roster.importing import import_dataset
from actionmail.flows.roster.legislators import LegislatorsDataset
from actionmail.flows.roster.refreshing import (
    BUSY,
    Found,
    Import,
    Outcome,
    Outside,
    Refresh,
    Wish,
    begin,
    claim_mail,
    finish,
    is_due,
    mail_taken,
    refresh,
    refreshes,
)
from actionmail.rules.roster.doubts import doubt
from actionmail.rules.roster.sources import Source
from tests.datasets import DAY, NOW, provenance
from tests.people import seat_row
from tests.two_sessions import cross

PEOPLE = Source(kind="people", url="https://example.org/people.zip")
WAITS = Found(
    outcome=Outcome.DOUBTED,
    provenance=provenance(),
    counts={"added": 1},
    doubts=[doubt("still_to_come", as_of=DAY)],
)


def beginning(begun: list[bool]) -> Callable[[Session], object]:
    return lambda session: begun.append(begin(session, PEOPLE, now=NOW))


def test_of_two_only_one_looks(any_database: Database) -> None:
    for _ in range(2):  # the first time there is no row yet
        begun: list[bool] = []
        cross(any_database, beginning(begun), beginning(begun))
        assert sorted(begun) == [False, True]
        with any_database.write() as session:
            finish(session, PEOPLE, WAITS, now=NOW)


def test_what_died_does_not_keep_others_away(any_database: Database) -> None:
    with any_database.write() as session:
        assert begin(session, PEOPLE, now=NOW)
    with any_database.write() as session:
        assert not begin(session, PEOPLE, now=NOW + BUSY - timedelta(seconds=1))
        assert not is_due(session, ["people"], every=timedelta(0), now=NOW)
        assert begin(session, PEOPLE, now=NOW + BUSY)


def test_an_import_of_somebody_else_meanwhile_is_not_written_over(any_database: Database) -> None:
    """What was compared without a doubt is a doubt by the time it would be written: it is left."""
    rows = {count: [seat_row(number) for number in range(1, count + 1)] for count in (1, 2, 30)}

    def take(how: Import) -> list[object]:
        dataset = LegislatorsDataset(rows=rows[2])
        with any_database.write() as session:
            report = import_dataset(session, dataset, provenance(), now=NOW, dry_run=how is Import.DRY)
        if how is Import.DRY:
            with any_database.write() as session:
                import_dataset(session, LegislatorsDataset(rows=rows[30]), provenance(), now=NOW)
        return [report]

    with any_database.write() as session:
        import_dataset(session, LegislatorsDataset(rows=rows[1]), provenance(), now=NOW)
    outside = Outside(write=any_database.write, fetch=lambda source: [provenance()], take=take, clock=lambda: NOW)  # type: ignore[arg-type]
    found = refresh(outside, PEOPLE, Wish(apply=True))
    assert found is not None
    assert (found.outcome, found.counts["gone"]) == (Outcome.DOUBTED, 28)
    with any_database.read() as session:
        assert [look.comparison.outcome for look in refreshes(session)] == [Outcome.DOUBTED]


def test_a_look_that_fails_in_the_program_lets_go(any_database: Database) -> None:
    def broken(source: Source) -> list[object]:
        raise ZeroDivisionError

    outside = Outside(write=any_database.write, fetch=broken, take=lambda how: [], clock=lambda: NOW)  # type: ignore[arg-type]
    try:
        refresh(outside, PEOPLE, Wish())
    except ZeroDivisionError:
        with any_database.write() as session:
            assert refreshes(session) == []
            assert begin(session, PEOPLE, now=NOW)
    else:
        raise AssertionError


def test_the_admins_are_told_by_one_worker_and_of_the_latest(any_database: Database) -> None:
    with any_database.write() as session:
        begin(session, PEOPLE, now=NOW)
        finish(session, PEOPLE, WAITS, now=NOW)
    claimed: list[list[Refresh]] = []
    cross(
        any_database,
        lambda session: claimed.append(claim_mail(session, now=NOW)),
        lambda session: claimed.append(claim_mail(session, now=NOW)),
    )
    assert sorted(map(len, claimed)) == [0, 1]
    (told,) = [look for looks in claimed for look in looks]
    later = NOW + timedelta(days=1)
    with any_database.write() as session:
        begin(session, PEOPLE, now=later)
        finish(session, PEOPLE, Found(outcome=Outcome.APPLIED, counts={"added": 2}), now=later)
        mail_taken(session, [told])
        assert [look.comparison.outcome for look in claim_mail(session, now=later)] == [Outcome.APPLIED]


def test_what_is_kept_is_what_was_found(any_database: Database) -> None:
    with any_database.write() as session:
        begin(session, PEOPLE, now=NOW)
        finish(session, PEOPLE, WAITS, now=NOW)
    with any_database.read() as session:
        (look,) = refreshes(session)
    assert look.comparison.doubts[0].values == {"as_of": DAY.isoformat()}
    assert look.comparison.provenance is not None
    assert (look.comparison.provenance.as_of, look.comparison.counts) == (DAY, {"added": 1})


def test_of_thousands_of_doubts_the_first_are_kept(any_database: Database) -> None:
    many = [doubt("house_not_in_calendar", where=f"WI {number}") for number in range(5_000)]
    with any_database.write() as session:
        begin(session, PEOPLE, now=NOW)
        finish(session, PEOPLE, Found(outcome=Outcome.DOUBTED, doubts=many), now=NOW)
    with any_database.read() as session:
        (look,) = refreshes(session)
    assert (len(look.comparison.doubts), look.comparison.further_doubts) == (20, 4_980)
