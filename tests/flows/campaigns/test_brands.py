"""The look of an organisation: saved by one of two, never with a logo that is gone, and part of what is in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actionmail.db.engine import Database
from actionmail.flows.campaigns import brands, content, pictures, reading
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.flows.campaigns.pictures import UnknownPicture
from actionmail.flows.campaigns.refusals import ChangeRefused, FormRefused, Overtaken
from actionmail.flows.campaigns.saving import Author, export, load_campaign
from actionmail.flows.staff import Role
from actionmail.rules.campaigns.branding import Brand
from actionmail.rules.replacing import replace
from tests.pictures import keep_picture
from tests.samples import sample_campaign
from tests.two_sessions import cross
from tests.web.staff_pages import ANNA, hire

OURS = "Example Community Group"
TEAL, MAROON = ["#0d5160", "#f5b63e"], ["#7a1030", "#ffd98a"]


@pytest.fixture
def anna(any_database: Database) -> Author:
    return Author(id=hire(any_database, ANNA, Role.AUTHOR).id, email=ANNA)


@pytest.fixture
def organisation(any_database: Database) -> str:
    with any_database.write() as session:
        return sample_campaign(session).organisation


def keep(session: Session, organisation: str, by: Author, now: datetime, *, logo: int = 0, **values: Any) -> bool:
    """As from a page that was opened at this moment."""
    seen = brands.saved(session, organisation, ours=OURS).revision
    typed = {"colours": TEAL, "font": "", **values}
    return brands.save(session, organisation, typed, logo=logo, seen=seen, by=by, now=now)


def test_what_is_saved_is_the_look_of_its_campaigns_from_the_next_request_on(
    any_database: Database, organisation: str, anna: Author, now: datetime
) -> None:
    kept = CampaignsInForce(any_database)

    def look() -> brands.Look:
        with any_database.read() as session:
            found = kept.get("ab969", content.version(session))
        assert found is not None
        return found.look

    assert (look().brand, look().logo) == (Brand(), None)
    with any_database.write() as session:
        assert keep(session, organisation, anna, now, logo=keep_picture(session, now))
    assert look().brand == Brand(colours=tuple(TEAL))
    assert look().logo is not None
    with any_database.write() as session:
        assert not keep(session, organisation, anna, now, logo=1)


def test_a_campaigns_own_colours_come_from_its_file_and_lie_over_its_organisations(
    any_database: Database, organisation: str, anna: Author, now: datetime
) -> None:
    with any_database.write() as session:
        keep(session, organisation, anna, now, font="serif")
        file = 'thanks = "You make us many."\ncolours = ["7A1030", "#FFD98A"]\n' + export(session, "ab969")
        assert load_campaign(session, file, source="ab969.toml", now=now).outcome == "changed"
        assert 'colours = ["#7a1030", "#ffd98a"]' in export(session, "ab969")
        assert 'thanks = "You make us many."' in export(session, "ab969")
        campaign = reading.campaign_of(session, "ab969")
        assert brands.look_of(session, campaign).brand == Brand(colours=tuple(MAROON), font="serif")


def test_of_two_who_save_at_once_the_second_is_told(
    any_database: Database, organisation: str, anna: Author, now: datetime
) -> None:
    with any_database.read() as session:
        seen = brands.saved(session, organisation, ours=OURS).revision
    came: list[object] = []

    def save(colours: list[str]) -> Any:
        def press(session: Session) -> None:
            try:
                values = {"colours": colours, "font": ""}
                came.append(brands.save(session, organisation, values, logo=0, seen=seen, by=anna, now=now))
            except Overtaken as error:
                came.append(error.stored["colours"])

        return press

    cross(any_database, save(TEAL), save(MAROON))
    assert came == [True, TEAL]


def test_colours_that_cannot_be_read_are_refused_and_nothing_is_kept(
    any_database: Database, organisation: str, anna: Author, now: datetime
) -> None:
    with pytest.raises(FormRefused) as refused, any_database.write() as session:
        keep(session, organisation, anna, now, colours=["#ffcc00", "#ffffff"])
    assert [problem.code for problem in refused.value.faults["colours"]] == ["value.colour-too-light"]
    with any_database.read() as session:
        assert brands.organisation_look(session, organisation).brand == Brand()


def test_a_logo_in_use_is_not_deleted_and_one_that_is_gone_not_taken(
    any_database: Database, organisation: str, anna: Author, now: datetime
) -> None:
    with any_database.write() as session:
        number = keep_picture(session, now)
        keep(session, organisation, anna, now, logo=number)
    with pytest.raises(ChangeRefused), any_database.write() as session:
        pictures.remove(session, number, uses=brands.uses, by=anna, now=now)
    with any_database.write() as session:
        keep(session, organisation, anna, now, logo=0)
        pictures.remove(session, number, uses=brands.uses, by=anna, now=now)
    with pytest.raises(UnknownPicture), any_database.write() as session:
        keep(session, organisation, anna, now, logo=number)


def test_only_organisations_that_there_are_have_a_look(any_database: Database, organisation: str) -> None:
    with any_database.read() as session:
        assert brands.organisations(session, ours=OURS) == list(dict.fromkeys([OURS, organisation]))
        assert replace(brands.saved(session, OURS, ours=OURS), organisation="") == brands.Saved(
            organisation="", colours=(), font="", logo=0
        )
        with pytest.raises(brands.UnknownOrganisation):
            brands.saved(session, "Nobody", ours=OURS)
