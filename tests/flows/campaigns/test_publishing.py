"""The render matrix over the roster, and what it keeps from being published."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import publishing, reading, saving
from actionmail.flows.campaigns.publishing import StatusChange
from actionmail.flows.campaigns.refusals import ChangeRefused, UnknownCampaign
from actionmail.rules.campaigns.problems import CampaignFileError
from actionmail.settings import bundled
from actionmail.web.campaigns.words import change_words
from tests.audit import audited
from tests.samples import (
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_legislators,
    sample_letter,
    sample_message,
)
from tests.wording import effect_words, raises

AB969 = (bundled("data") / "campaigns" / "ab969.toml").read_text(encoding="utf-8").replace('"draft"', '"live"')
DRAFT = AB969.replace('status = "live"', 'status = "draft"')
WRONG = DRAFT.replace("Please vote no on", "Please vote yes on")


def status(database: Database, slug: str = "ab969") -> str:
    with database.read() as session:
        return session.scalars(select(Campaign.status).where(Campaign.slug == slug)).one()


def load(database: Database, text: str, now: datetime) -> saving.LoadReport:
    with database.write() as session:
        return saving.load_campaign(session, text, source="file.toml", now=now)


def change(database: Database, change: StatusChange, now: datetime, opens_at: datetime | None = None) -> None:
    with database.write() as session:
        publishing.change_status(session, "ab969", change, by=None, now=now, how=publishing.Choice(opens_at=opens_at))


def test_the_matrix_is_over_todays_sitting_members_of_the_campaigns_chambers(
    any_database: Database, now: datetime
) -> None:
    with any_database.write() as session:
        sample_campaign(session)
        sample_legislators(session)
        sample_legislator(session, status="vacant", name="", family_name="", email="", district="78")
        sample_legislator(session, gone_at=now, district="79")
        sample_legislator(session, state="CA")
        sample_legislator(session, chamber="us_lower")
        sample_legislator(session, email="", district="80", name="Lou Quiet", family_name="Quiet")
    with any_database.read() as session:
        found = reading.matrix(session, "ab969")
    assert (found.targets, found.letters, found.is_clean) == (4, 1, True)
    assert [(one.letter, one.targets, one.without_address) for one in found.audiences] == [
        ("everyone", 1, 0),
        ("everyone", 3, 1),
    ]


def test_a_campaign_with_a_fault_is_not_published_and_once_mended_it_is(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_legislators(session)
    load(any_database, WRONG, now)
    with raises(ChangeRefused, match="position is: oppose") as refused:
        change(any_database, StatusChange.PUBLISH, now)
    assert refused.value.matrix is not None
    assert status(any_database) == "draft"
    load(any_database, DRAFT, now)
    change(any_database, StatusChange.PUBLISH, now)
    assert status(any_database) == "live"
    with any_database.read() as session:
        entry = audited(session)[-1]
    assert entry == (None, "campaign_published", "campaign ab969", {"before": "draft", "waiting": 0})


def test_nothing_is_published_that_reaches_nobody_or_is_over(database: Database, now: datetime) -> None:
    load(database, DRAFT, now)
    with raises(ChangeRefused, match="There is nobody to write to"):
        change(database, StatusChange.PUBLISH, now)
    with database.write() as session:
        sample_legislators(session)
        session.scalars(select(Campaign)).one().deadline_at = now
    with raises(ChangeRefused, match="deadline has passed"):
        change(database, StatusChange.PUBLISH, now)
    with pytest.raises(UnknownCampaign), database.write() as session:
        publishing.change_status(session, "none", StatusChange.PUBLISH, by=None, now=now)


@pytest.mark.parametrize(
    ("before", "possible"),
    [
        ("draft", [StatusChange.PUBLISH, StatusChange.SCHEDULE, StatusChange.ARCHIVE]),
        ("scheduled", [StatusChange.PUBLISH, StatusChange.SCHEDULE, StatusChange.UNSCHEDULE]),
        ("live", [StatusChange.PAUSE, StatusChange.CLOSE]),
        ("paused", [StatusChange.PUBLISH, StatusChange.CLOSE]),
        ("closed", [StatusChange.PUBLISH, StatusChange.ARCHIVE]),
        ("archived", [StatusChange.BRING_BACK]),
    ],
)
def test_only_what_fits_the_status_can_be_done(
    database: Database, now: datetime, before: str, possible: list[StatusChange]
) -> None:
    with database.write() as session:
        sample_legislators(session)
        campaign = sample_campaign(session, status=before)
        assert publishing.changes(campaign) == possible
    for one in StatusChange:
        with database.write() as session:
            session.scalars(select(Campaign)).one().status = before
        if one in possible:
            change(database, one, now, now + timedelta(days=1))
        else:
            with raises(ChangeRefused, match=f"You cannot {change_words(one)} ab969: it is {before}"):
                change(database, one, now)


def test_what_becomes_of_waiting_letters_is_said_before(database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        assert "No letter is waiting" in effect_words(session, campaign, StatusChange.PAUSE)
        action = sample_action(session, campaign)
        for state in ("queued", "deferred", "accepted", "held"):
            legislator = sample_legislator(session)
            sample_message(session, action, legislator, campaign.letters[0], state=state)
        said = effect_words(session, campaign, StatusChange.PAUSE)
    assert "2 letters that supporters have sent already are waiting; they go out all the same." in said


def test_a_file_does_not_open_again_what_staff_paused(database: Database, now: datetime) -> None:
    load(database, AB969, now)
    change(database, StatusChange.PAUSE, now)
    report = load(database, AB969.replace("Two minutes", "Three minutes"), now + timedelta(hours=1))
    assert (report.outcome, report.status) == ("changed", "paused")
    assert status(database) == "paused"
    assert load(database, AB969.replace("Two minutes", "Three minutes"), now).outcome == "unchanged"


def test_a_file_cannot_put_a_fault_into_a_live_campaign(database: Database, now: datetime) -> None:
    with database.write() as session:
        sample_legislators(session)
    live_and_wrong = WRONG.replace('status = "draft"', 'status = "live"')
    with raises(CampaignFileError, match="A live campaign may have no fault"):
        load(database, live_and_wrong, now)
    load(database, AB969, now)
    with raises(CampaignFileError, match='Letter "Both chambers": The letter says "Please vote yes'):
        load(database, WRONG, now)
    assert load(database, AB969, now).outcome == "unchanged"


def test_letters_of_other_languages_are_looked_at_too(database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        sample_legislators(session)
        spanish = "AB 969: vote no. [add your story here]"
        sample_letter(session, campaign, name="Spanish", language="es", place=2, body=spanish)
        session.expire(campaign)
        found = reading.matrix(session, "ab969")
    assert [(fault.letter, fault.kind, fault.targets) for fault in found.faults] == [("Spanish", "prompt", 3)]
    assert found.unused == ("Spanish",)
