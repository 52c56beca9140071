"""What people put their names to stays as it was when they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.actions import taking
from actionmail.flows.actions.refusals import PageTooOld
from actionmail.flows.campaigns.reading import all_columns
from actionmail.flows.campaigns.refusals import ChangeRefused
from actionmail.flows.campaigns.saving import save_campaign
from actionmail.settings import Settings
from actionmail.web.campaigns.words import sentence
from tests.flows.actions.test_taking import press
from tests.samples import NOW, sample_action, sample_organisation, sample_petition, sample_statement
from tests.two_sessions import cross


def save(session: Session, campaign: Campaign, now: datetime = NOW, **details: Any) -> str:
    """What came of changing the campaign's details so."""
    columns = {**all_columns(campaign), "details": {**campaign.details, **details}}
    return save_campaign(session, columns, [], by=None, now=now).outcome


@pytest.mark.parametrize("state", [{}, {"unconfirmed": True}])
def test_a_petition_that_somebody_signed_keeps_its_text_and_whom_it_is_for(
    any_database: Database, state: dict[str, Any]
) -> None:
    with any_database.write() as session:
        petition = sample_petition(session)
        assert save(session, petition, text="Let people earn a second chance, please.") == "changed"
        sample_action(session, petition, **state)
        for details in ({"text": "Lock them up."}, {"to": "Somebody else"}):
            with pytest.raises(ChangeRefused) as refused:
                save(session, petition, **details)
        assert sentence(refused.value.problem).startswith("1 signature stands under it, so")
        assert save(session, petition, to_email="governor@example.gov", comments=False) == "changed"
        assert save(session, petition) == "unchanged"


def test_a_statement_keeps_its_text_while_an_organisation_stands_below_it(any_database: Database) -> None:
    with any_database.write() as session:
        statement = sample_statement(session)
        for name in ("Example Legal Aid", "Example Library"):
            sample_organisation(session, statement, name)
        with pytest.raises(ChangeRefused) as refused:
            save(session, statement, text="Something else.")
        assert sentence(refused.value.problem).startswith("2 signatures stand under it, so")
        assert save(session, statement, order="approval") == "changed"


@pytest.mark.parametrize("column", ["cancelled_at", "invalid_at"])
def test_who_took_it_back_or_is_taken_out_keeps_nobody_from_other_words(any_database: Database, column: str) -> None:
    with any_database.write() as session:
        petition = sample_petition(session)
        sample_action(session, petition)
        session.execute(update(Action).values({column: NOW}))
        assert save(session, petition, text="Something else.") == "changed"


def test_of_other_words_and_a_signature_at_once_one_is_refused(any_database: Database, settings: Settings) -> None:
    with any_database.write() as session:
        number = sample_petition(session).id
    refused = []

    def sign(session: Session) -> None:
        try:
            taking.take(session, press(number, signed=shown), settings=settings, now=NOW)
        except PageTooOld:
            refused.append("signature")

    def change(session: Session) -> None:
        try:
            save(session, session.get_one(Campaign, number), text="Lock them up.")
        except ChangeRefused:
            refused.append("words")

    with any_database.read() as session:
        shown = taking.signed_words(session.get_one(Campaign, number))
    cross(any_database, change, sign, after="UPDATE campaigns")
    with any_database.write() as session:
        assert save(session, session.get_one(Campaign, number), text="Let people hope.") == "changed"
    with any_database.read() as session:
        shown = taking.signed_words(session.get_one(Campaign, number))
    cross(any_database, sign, change, after="INSERT INTO actions")
    assert refused == ["signature", "words"]
    with any_database.read() as session:
        assert session.get_one(Campaign, number).details["text"] == "Let people hope."
