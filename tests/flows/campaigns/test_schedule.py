"""A scheduled campaign opens by itself, at its time and only without a fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.actions import submitting
from actionmail.flows.campaigns import opening, publishing, saving
from actionmail.flows.campaigns.publishing import StatusChange
from actionmail.flows.campaigns.refusals import ChangeRefused
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.settings import bundled
from actionmail.web.campaigns.words import not_opened
from tests.audit import actions
from tests.samples import sample_campaign, sample_legislators
from tests.wording import raises

OPENS = datetime(2026, 3, 10, 9, 0)  # noqa: DTZ001  # in the campaign's time zone, as people type it
OPENS_UTC = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


def scheduled(database: Database, now: datetime, **columns: object) -> None:
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, status="draft", **columns)
    with database.write() as session:
        publishing.change_status(
            session, "ab969", StatusChange.SCHEDULE, by=None, now=now, how=publishing.Choice(opens_at=OPENS)
        )


def campaign(database: Database) -> Campaign:
    with database.read() as session:
        return session.scalars(select(Campaign)).one()


def open_due(database: Database, now: datetime) -> int:
    with database.write() as session:
        return opening.open_due(session, now=now)


def verbs(database: Database) -> list[str]:
    with database.read() as session:
        return actions(session)


def test_it_opens_at_its_time_and_not_before(any_database: Database, now: datetime) -> None:
    scheduled(any_database, now)
    assert campaign(any_database).opens_at == OPENS_UTC
    before = OPENS_UTC - timedelta(seconds=1)
    assert open_due(any_database, before) == 0
    assert not submitting.is_open(campaign(any_database), before)
    with any_database.read() as session:
        assert not opening.is_due(session, now=before)
        assert opening.is_due(session, now=OPENS_UTC)
    assert open_due(any_database, OPENS_UTC) == 1
    assert open_due(any_database, OPENS_UTC) == 0
    opened = campaign(any_database)
    assert (opened.status, opened.opens_at, opened.not_opened) == ("live", None, "")
    assert submitting.is_open(opened, OPENS_UTC)
    assert verbs(any_database) == ["campaign_scheduled", "campaign_opened"]


def test_a_fault_that_came_up_meanwhile_keeps_it_closed_until_it_is_mended(
    any_database: Database, now: datetime
) -> None:
    scheduled(any_database, now)
    with any_database.write() as session:
        for row in session.scalars(select(Legislator)):
            row.gone_at = now
    for minute in range(3):
        assert open_due(any_database, OPENS_UTC + timedelta(minutes=minute)) == 0
    closed = campaign(any_database)
    assert closed.status == "scheduled"
    assert not_opened(closed.not_opened).startswith("You cannot publish ab969: the letters have")
    assert verbs(any_database) == ["campaign_scheduled", "campaign_not_opened"]  # said once
    with any_database.read() as session:
        assert not opening.is_due(session, now=OPENS_UTC)  # visitors do not have it checked again and again
    with any_database.write() as session:
        for row in session.scalars(select(Legislator)):
            row.gone_at = None
    assert open_due(any_database, OPENS_UTC + timedelta(minutes=9)) == 1
    assert campaign(any_database).not_opened == ""


def test_it_is_refused_where_publishing_would_be(database: Database, now: datetime) -> None:
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, status="draft", position="support")

    def schedule(at: datetime) -> None:
        with database.write() as session:
            publishing.change_status(
                session, "ab969", StatusChange.SCHEDULE, by=None, now=now, how=publishing.Choice(opens_at=at)
            )

    with raises(ChangeRefused, match="You cannot schedule ab969: the letters have 2 faults") as refused:
        schedule(OPENS)
    assert refused.value.matrix is not None
    with database.write() as session:
        row = session.scalars(select(Campaign)).one()
        row.position, row.deadline_at = "oppose", OPENS_UTC
    with raises(ChangeRefused, match="its deadline is over by then"):
        schedule(OPENS)
    with raises(ChangeRefused, match="a time that has passed"):
        schedule(now)
    assert campaign(database).status == "draft"


def test_a_scheduled_campaign_takes_no_fault_and_no_deadline_before_it_opens(database: Database, now: datetime) -> None:
    scheduled(database, now)
    with database.read() as session:
        text = saving.export(session, "ab969")
    assert "opens = 2026-03-10T09:00:00-05:00" in text
    wrong = text.replace("vote no on", "vote yes on")
    late = text.replace("timezone", "deadline = 2026-03-09T09:00:00\ntimezone").replace('"scheduled"', '"draft"')
    late = late.replace("opens = 2026-03-10T09:00:00-05:00\n", "")
    for one, why in ((wrong, "A scheduled campaign may have no fault"), (late, "opens only after this deadline")):
        with raises(CampaignFileError, match=why), database.write() as session:
            saving.load_campaign(session, one, source="file.toml", now=now)
    for _ in range(2):
        with database.write() as session:
            report = saving.load_campaign(session, text, source="file.toml", now=now)
    assert (report.outcome, campaign(database).opens_at) == ("unchanged", OPENS_UTC)


def test_unscheduled_it_is_a_draft_and_never_opens(database: Database, now: datetime) -> None:
    scheduled(database, now)
    with database.write() as session:
        publishing.change_status(session, "ab969", StatusChange.UNSCHEDULE, by=None, now=now)
    assert open_due(database, OPENS_UTC) == 0
    assert (campaign(database).status, campaign(database).opens_at) == ("draft", None)


AB969 = (bundled("data") / "campaigns" / "ab969.toml").read_text(encoding="utf-8").replace('"draft"', '"live"')


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('status = "scheduled"', 'needs a line "opens"'),
        ('status = "draft"\nopens = 2027-02-11T09:00:00', "opens by itself"),
        ('status = "scheduled"\nopens = 2027-02-11T09:00:00\ndeadline = 2027-02-11T09:00:00', "is over by then"),
        ('status = "scheduled"\nopens = "tomorrow"', "It must be a date with a time"),
    ],
)
def test_a_file_says_when_a_scheduled_campaign_opens(database: Database, now: datetime, line: str, why: str) -> None:
    text = AB969.replace('status = "live"', line)
    with raises(CampaignFileError, match=why) as refused, database.write() as session:
        saving.load_campaign(session, text, source="file.toml", now=now)
    assert refused.value.line in {4, 5}


def test_a_new_campaign_can_be_scheduled_by_its_file(database: Database, now: datetime) -> None:
    text = AB969.replace('status = "live"', 'status = "scheduled"\nopens = 2026-03-10T09:00:00')
    with database.write() as session:
        sample_legislators(session)
        saving.load_campaign(session, text, source="file.toml", now=now)
    assert campaign(database).opens_at == OPENS_UTC
    assert open_due(database, OPENS_UTC) == 1
