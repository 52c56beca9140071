"""A campaign's picture: never one that is gone, whoever deletes it at this moment, and kept by copies."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.campaigns import campaign_pictures, editing, pictures, reading
from actionmail.flows.campaigns.pictures import UnknownPicture
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff import Role
from tests.pictures import keep_picture
from tests.samples import sample_campaign, sample_petition
from tests.two_sessions import cross
from tests.web.staff_pages import ANNA, hire


@pytest.fixture
def anna(any_database: Database) -> Author:
    return Author(id=hire(any_database, ANNA, Role.AUTHOR).id, email=ANNA)


@pytest.fixture
def post(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_petition(session)
        keep_picture(session, now)


class _Desk:
    """One of the staff, who saw the page when it had no picture."""

    def __init__(self, database: Database, by: Author, now: datetime) -> None:
        self.by = by
        self.now = now
        self.came: list[object] = []
        with database.read() as session:
            self.seen = campaign_pictures.picture_revision(reading.campaign_of(session, "clemency"))

    def choose(self, session: Session, words: str = "") -> None:
        try:
            report = campaign_pictures.choose(session, "clemency", 1, words, seen=self.seen, by=self.by, now=self.now)
            self.came.append(report.outcome)
        except UnknownPicture as error:
            self.came.append(error)

    def delete(self, session: Session) -> None:
        try:
            pictures.remove(session, 1, uses=campaign_pictures.uses, by=self.by, now=self.now)
            self.came.append("deleted")
        except ChangeRefused as error:
            self.came.append(error)


def test_a_picture_chosen_while_somebody_deletes_it_is_gone(
    any_database: Database, post: None, anna: Author, now: datetime
) -> None:
    desk = _Desk(any_database, anna, now)
    cross(any_database, desk.delete, desk.choose)
    assert desk.came[0] == "deleted"
    assert isinstance(desk.came[1], UnknownPicture)
    with any_database.read() as session:
        assert reading.campaign_of(session, "clemency").picture_id is None


def test_a_picture_deleted_while_somebody_chooses_it_stays(
    any_database: Database, post: None, anna: Author, now: datetime
) -> None:
    desk = _Desk(any_database, anna, now)
    cross(any_database, desk.choose, desk.delete)
    assert desk.came[0] == "changed"
    assert isinstance(desk.came[1], ChangeRefused)
    assert desk.came[1].problem.values["titles"] == ["A second chance after long sentences"]
    with any_database.read() as session:
        campaign = reading.campaign_of(session, "clemency")
        assert (campaign.picture, campaign.picture_id, campaign.picture_alt) == ("clemency.png", 1, "A door.")


def test_two_who_choose_at_once_do_not_overwrite_each_other(
    any_database: Database, post: None, anna: Author, now: datetime
) -> None:
    desk = _Desk(any_database, anna, now)

    def late(session: Session) -> None:
        with pytest.raises(Overtaken):
            desk.choose(session, "Theirs")

    cross(any_database, lambda session: desk.choose(session, "Mine"), late)
    with any_database.read() as session:
        assert reading.campaign_of(session, "clemency").picture_alt == "Mine"


def test_copies_keep_it_and_what_is_taken_away_takes_its_words_along(
    any_database: Database, post: None, anna: Author, now: datetime
) -> None:
    desk = _Desk(any_database, anna, now)
    with any_database.write() as session:
        desk.choose(session, "The door.")
    with any_database.write() as session:
        campaign = reading.campaign_of(session, "clemency")
        campaign.translations = {"es": {"picture_alt": "La puerta."}, "vi": {"title": "Hai", "picture_alt": "Cửa."}}
    with any_database.write() as session:
        copy = editing.duplicate(session, "clemency", {"slug": "copy", "title": "Copy"}, by=anna, now=now)
        assert (copy.picture, copy.picture_id, copy.picture_alt) == ("clemency.png", 1, "The door.")
        assert campaign_pictures.uses(session, 1) == ["A second chance after long sentences", "Copy"]
    with any_database.write() as session:
        seen = campaign_pictures.picture_revision(reading.campaign_of(session, "clemency"))
        campaign_pictures.take_away(session, "clemency", seen=seen, by=anna, now=now)
    with any_database.read() as session:
        campaign = reading.campaign_of(session, "clemency")
        assert (campaign.picture, campaign.picture_id, campaign.picture_alt) == ("", None, "")
        assert campaign.translations == {"vi": {"title": "Hai"}}


def test_words_that_are_too_long_are_refused_at_their_field(
    any_database: Database, post: None, anna: Author, now: datetime
) -> None:
    desk = _Desk(any_database, anna, now)
    with pytest.raises(FormRefused) as refused, any_database.write() as session:
        desk.choose(session, "a" * 10_000)
    assert list(refused.value.faults) == [campaign_pictures.ALT]


def test_another_picture_is_another_campaign_to_who_publishes_it(
    any_database: Database, anna: Author, now: datetime
) -> None:
    with any_database.write() as session:
        keep_picture(session, now)
        campaign = sample_campaign(session)
        before = reading.campaign_revision(campaign)
        campaign.picture_id = 1
        session.flush()
        assert reading.campaign_revision(campaign) != before
