"""Old databases come up to date with what is in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from actionmail.db import engine
from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.staff import AuditEntry
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows import staff
from actionmail.flows.campaigns.reading import last_author
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import audit
from tests.samples import light_hash, sample_action, sample_campaign, sample_legislator, sample_message


def test_campaigns_from_before_there_were_rules_write_to_the_same_people(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session)
    _down_to(any_database, before="0006")
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
    _down_to(any_database, before="0009")
    any_database.upgrade()
    with any_database.read() as session:
        campaign = session.scalars(select(Campaign)).one()
    assert (campaign.stage, campaign.translations) == ("", {})


def test_before_there_was_confirmation_nobody_was_asked_and_answers_went_to_supporters(
    any_database: Database, now: datetime
) -> None:
    with any_database.write() as session:
        action = sample_action(session, sample_campaign(session))
        campaign = session.get_one(Campaign, action.campaign_id)
        message = sample_message(session, action, sample_legislator(session), campaign.letters[0])
        supporter_mail.put(
            session,
            supporter_mail.Kind.ANSWER,
            message_id=message.id,
            recipient="mai@example.org",
            raw=b"Thanks",
            due=now,
        )
        supporter_mail.put(
            session, supporter_mail.Kind.ASK, message_id=message.id, recipient="mai@example.org", raw=b"?", due=now
        )
    _down_to(any_database, before="0010")
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        assert session.scalars(select(Campaign.confirm)).one() == "off"
        assert session.scalars(select(Action.unconfirmed)).one() is False
        mail = session.scalars(select(SupporterMail)).one()
    assert (mail.kind, mail.recipient, mail.raw) == ("answer", "mai@example.org", b"Thanks")
    assert (mail.attempts, mail.next_attempt_at) == (0, now)
    with any_database.write() as session:
        supporter_mail.drop(session, [mail.message_id])
        assert session.scalars(select(SupporterMail)).all() == []


def test_translations_from_before_are_told_from_the_words_of_the_upgrade(any_database: Database) -> None:
    with any_database.write() as session:
        sample_campaign(session, translations={"es": {"title": "Que no vuelva"}})
        sample_campaign(session, slug="plain")
    _down_to(any_database, before="0011")
    any_database.upgrade()
    with any_database.read() as session:
        found = {one.slug: one for one in session.scalars(select(Campaign))}
    assert found["ab969"].translated_from == {"es": {"title": found["ab969"].title}}
    assert found["plain"].translated_from == {}


def test_entries_of_before_there_were_codes_stay_readable(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        anna = staff.add(session, "anna@example.org", staff.Role.AUTHOR, light_hash(), now=now).id
        campaign = sample_campaign(session)
        session.flush()
    _down_to(any_database, before="0014")
    old = [
        (anna, "changed campaign", "campaign ab969: new Everybody (version 2)"),
        (None, "opened", "campaign ab969: at its time"),
        (anna, "changed role", f"staff {anna} from author to admin"),
        (None, "sign-in refused", "sign-in"),
    ]
    insert = text(
        "INSERT INTO audit (at, staff_id, verb, subject) VALUES ('2026-03-04 15:12:05', :by, :verb, :subject)"
    )
    with any_database.engine.begin() as connection:
        for by, verb, subject in old:
            connection.execute(insert, {"by": by, "verb": verb, "subject": subject})
    any_database.upgrade()
    assert any_database.is_current()
    with any_database.read() as session:
        found = list(reversed(audit.entries(session, limit=4)))
        assert [entry.words for entry in found] == [f"{verb}: {subject}" for _, verb, subject in old]
        assert [entry.action for entry in found] == ["campaign_changed", "campaign_opened", "role_changed", None]
        assert [entry.actor for entry in found] == ["staff", "clock", "staff", None]
        assert [entry.object_key for entry in found] == ["ab969", "ab969", "anna@example.org", ""]
        assert last_author(session, session.get_one(Campaign, campaign.id)) == "anna@example.org"
    with pytest.raises(DatabaseError, match="append-only"), any_database.write() as session:
        session.execute(update(AuditEntry).values(action=""))


def _down_to(database: Database, *, before: str) -> None:
    folder = str(Path(engine.__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    revision = ScriptDirectory(folder).get_revision(before).down_revision
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(revision))
