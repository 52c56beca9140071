"""All letters of a campaign or to a legislator, by days of any time zone."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.flows.review import reports
from actionmail.flows.review.numbers import Asked
from actionmail.flows.review.reports import Report
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return NOW.replace(day=day, hour=hour, minute=minute, second=0)


@pytest.fixture
def log(any_database: Database) -> Database:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        other = sample_campaign(session, slug="other", title="Another bill", bill="SB 1")
        tenth = sample_legislator(session, name="Uma Pattern", chamber="upper", district="10")
        ninth = sample_legislator(session, name="Tomas Mould", chamber="upper", district="9")
        for number, (into, made, states) in enumerate(
            (
                (campaign, at(4, 5, 59), ("accepted", "settled")),
                (campaign, at(4, 18, 30), ("bounced", "queued")),
                (other, at(5, 12), ("failed",)),
            )
        ):
            action = sample_action(session, into, created_at=made)
            for legislator, state in zip((tenth, ninth), states, strict=False):
                columns = {"supporter_key": str(number), "created_at": made, "state": state}
                sample_message(session, action, legislator, into.letters[0], **columns)
    return any_database


def made(database: Database, asked: Asked, legislator: int | None = None) -> Report:
    with database.snapshot() as session:
        return reports.report(session, asked, legislator=legislator)


def test_a_campaigns_letters_by_day_and_district(log: Database) -> None:
    report = made(log, Asked(campaign="ab969", timezone="America/Chicago"))
    assert (report.total.letters, report.total.taken, report.total.back, report.actions) == (4, 2, 1, 2)
    assert [(day, tally.letters) for day, tally in report.days] == [(date(2026, 3, 3), 2), (date(2026, 3, 4), 2)]
    assert [(member.seat.district, tally.letters, tally.back) for member, tally in report.members] == [
        ("9", 2, 0),
        ("10", 2, 1),
    ]
    assert [subject.bill for subject, _ in report.campaigns] == ["AB 969"]


def test_days_of_a_zone_half_an_hour_off_are_its_own(log: Database) -> None:
    report = made(log, Asked(campaign="ab969", timezone="Asia/Kolkata"))
    assert [(day, tally.letters) for day, tally in report.days] == [(date(2026, 3, 4), 2), (date(2026, 3, 5), 2)]


def test_a_legislators_letters_by_campaign(log: Database) -> None:
    report = made(log, Asked(), legislator=1)
    assert [(subject.title, subject.bill, tally.letters, tally.not_sent) for subject, tally in report.campaigns] == [
        ("Keep armed police out of Wisconsin's schools", "AB 969", 2, 0),
        ("Another bill", "SB 1", 1, 1),
    ]
    only = made(log, Asked(since=date(2026, 3, 5), until=date(2026, 3, 5)), legislator=1)
    assert (only.total.letters, only.actions) == (1, 1)


def test_those_are_quoted_who_agreed_and_count(log: Database) -> None:
    def words(report: Report) -> list[str]:
        return [quote.text for quote in report.quotes]

    with log.write() as session:
        for number, (text, ended) in enumerate((("I teach there.", None), ("Taken back.", NOW))):
            action = session.get_one(Action, number + 1)
            action.quotable, action.cancelled_at = text, ended
    report = made(log, Asked(campaign="ab969"))
    assert words(report) == ["I teach there."]
    seats = [(seat.state, seat.chamber, seat.district) for seat in report.quotes[0].seats]
    assert seats == [("WI", "upper", "26"), ("WI", "lower", "76")]
    assert words(made(log, Asked(), legislator=2)) == ["I teach there."]
    assert words(made(log, Asked(campaign="other"))) == []
    assert words(made(log, Asked(campaign="ab969", since=date(2026, 3, 5)))) == []


def test_nobody_is_named_by_what_they_wrote_of_themselves(log: Database) -> None:
    """They were told: with your district and without your name."""
    with log.write() as session:
        action = session.get_one(Action, 1)
        action.street = "2 Sample Street"
        action.quotable = "I am Mai  Example of 2 sample street. Mai's children (mai@example.org) may go to school."
        session.flush()
        assert action.email == "mai@example.org"
    (quote,) = made(log, Asked(campaign="ab969")).quotes
    assert quote.text == "I am (left out) of (left out). (left out)'s children ((left out)) may go to school."


def test_nothing_was_written(log: Database) -> None:
    report = made(log, Asked(campaign="none"))
    assert (report.total.letters, report.actions, report.days, report.members) == (0, 0, [], [])


def test_who_is_not_in_the_roster_is_nobody(log: Database) -> None:
    with log.read() as session:
        assert reports.member_of(session, 99) is None
        member = reports.member_of(session, 2)
    assert member is not None
    assert (member.name, member.seat.district) == ("Tomas Mould", "9")
