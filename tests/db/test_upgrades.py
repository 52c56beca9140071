"""Old databases come up to date with what is in them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select

from actionmail.db import engine
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from tests.samples import sample_campaign


def test_campaigns_from_before_there_were_rules_write_to_the_same_people(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    folder = str(Path(engine.__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    before = ScriptDirectory(folder).get_revision("0006").down_revision
    with any_database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(before))
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        campaign, letter = session.scalars(select(Campaign)).one(), session.scalars(select(Letter)).one()
    assert (campaign.chambers, campaign.targets) == (["upper", "lower"], [])
    assert (letter.chambers, letter.parties, letter.committees) == (["upper", "lower"], [], [])
    assert (letter.own, letter.to) == ("any", "ask")


def test_campaigns_from_before_translations_have_none(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    folder = str(Path(engine.__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    before = ScriptDirectory(folder).get_revision("0009").down_revision
    with any_database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(before))
    any_database.upgrade()
    with any_database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
    assert (campaign.stage, campaign.translations) == ("", {})
