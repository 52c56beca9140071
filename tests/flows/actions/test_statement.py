"""Organisations that sign: looked at first, asked about where they are likely there already, corrected and erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import confirmation, organisations, receipt, submitting, taking
from actionmail.flows.actions.refusals import ActedBefore, CampaignClosed, LikelySigned
from actionmail.flows.actions.taking import Press
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import erasure, retention
from actionmail.flows.review import organisations as reviewing
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.states import Handover, Parcel
from actionmail.settings import Settings
from tests.samples import sample_organisation, sample_statement
from tests.two_sessions import cross


@pytest.fixture
def statement(any_database: Database, now: datetime) -> int:
    with any_database.write() as session:
        return sample_statement(session, deadline_at=now + timedelta(days=1)).id


def press(campaign: int, key: str = "k" * 32, name: str = "Example Legal Aid", **different: Any) -> Press:
    own = {"organisation": name, "website": "https://aid.example.org", "city": "Madison", "state": "WI"}
    return replace(
        Press(
            campaign_id=campaign,
            key=key,
            name="Mai Example",
            email="mai@aid.example.org",
            zip="",
            state="WI",
            consent_text="Sign",
            details={**own, "role": "director", "note": "Call me.", "is_another": False},
        ),
        **different,
    )


def only(session: Session) -> Action:
    return session.scalars(select(Action)).one()


def names(session: Session) -> list[str]:
    return [one.organisation for one in organisations.public_signers(session, session.scalars(select(Campaign)).one())]


def test_a_signature_counts_and_is_seen_once_it_is_approved(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        action = taking.take(session, press(statement), settings=settings, now=now)
        assert (action.review, action.state) == (Review.WAITING, "WI")
        assert (names(session), submitting.actions_so_far(session, statement)) == ([], 0)
        action.review = Review.APPROVED
        session.flush()
        assert (names(session), submitting.actions_so_far(session, statement)) == (["Example Legal Aid"], 1)


def test_organisations_stand_by_the_alphabet_or_by_approval(
    any_database: Database, statement: int, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = session.get_one(Campaign, statement)
        for number, name in enumerate(["The Zebra Center", "Ötzi Club", "an Apple Union", "ʻAna Hale", "Moon Aid"]):
            at = now + timedelta(minutes=number)
            sample_organisation(session, campaign, name, review="approved", reviewed_at=at)
        assert names(session) == ["ʻAna Hale", "an Apple Union", "Moon Aid", "Ötzi Club", "The Zebra Center"]
        campaign.details = {**campaign.details, "order": "approval"}
        assert names(session) == ["The Zebra Center", "Ötzi Club", "an Apple Union", "ʻAna Hale", "Moon Aid"]


def test_what_is_likely_there_already_is_a_question_and_no_wall(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = session.get_one(Campaign, statement)
        sample_organisation(session, campaign, "Legal Aid, Example Inc.", review="approved", reviewed_at=now)
        sample_organisation(session, campaign, "Example Legal Aid (waits)", details={"organisation": "x"})
    with any_database.write() as session, pytest.raises(LikelySigned) as caught:
        taking.take(session, press(statement), settings=settings, now=now)
    assert (caught.value.names, caught.value.field) == (("Legal Aid, Example Inc.",), "is_another")
    with any_database.write() as session:
        pressed = press(statement)
        again = replace(pressed, details={**pressed.details, "is_another": True})
        assert taking.take(session, again, settings=settings, now=now).details["is_another"] is True


def test_who_is_not_approved_is_named_to_nobody(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        sample_organisation(session, session.get_one(Campaign, statement), "Example Legal Aid")
        assert taking.take(session, press(statement), settings=settings, now=now).review == Review.WAITING


def test_a_mailbox_signs_once(any_database: Database, statement: int, settings: Settings, now: datetime) -> None:
    with any_database.write() as session:
        taking.take(session, press(statement), settings=settings, now=now)
    with any_database.write() as session, pytest.raises(ActedBefore):
        other = press(statement, "b" * 32, "Another", email="MAI+x@aid.example.org")
        taking.take(session, other, settings=settings, now=now)


def test_after_the_deadline_only_the_grace_that_staff_gave_lets_in(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    late = now + timedelta(days=1)
    with any_database.write() as session, pytest.raises(CampaignClosed):
        taking.take(session, press(statement), settings=settings, now=late)
    with any_database.write() as session:
        reviewing.give_grace(session, "together", hours=2, by=None, now=late)
    with any_database.write() as session, pytest.raises(CampaignClosed):
        taking.take(session, press(statement), settings=settings, now=late + timedelta(hours=2))
    with any_database.write() as session:
        taking.take(session, press(statement), settings=settings, now=late + timedelta(hours=1))


def test_who_signs_in_the_grace_is_asked_and_can_confirm_in_it(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    late = now + timedelta(days=1, hours=1)
    with any_database.write() as session:
        session.get_one(Campaign, statement).confirm = "always"
        reviewing.give_grace(session, "together", hours=2, by=None, now=now)
        assert taking.take(session, press(statement), settings=settings, now=late).unconfirmed
        waits = session.scalars(select(Confirmation)).one()
        assert waits.expires_at == now + timedelta(days=1, hours=2)
        token = waits.token
    with any_database.write() as session:
        assert confirmation.expire(session, now=late) == 0
    parcels: list[Parcel] = []

    class Relay:
        def deliver(self, given: Sequence[Parcel]) -> Handover:
            parcels.extend(given)
            return Handover(outcomes={})

    supporter_mail.send(any_database.write, Relay(), from_address="staff@example.org", now=late)
    assert [parcel.recipient for parcel in parcels] == ["mai@aid.example.org"]
    with any_database.write() as session:
        asked = confirmation.confirm(session, token, undo_seconds=0, now=late + timedelta(minutes=5))
        assert asked is not None
        action = only(session)
        assert (asked.standing, action.unconfirmed, action.review) == ("confirmed", False, Review.WAITING)


def test_the_end_of_the_grace_and_a_signature_at_once_go_one_after_the_other(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    late = now + timedelta(days=1, hours=1)
    with any_database.write() as session:
        reviewing.give_grace(session, "together", hours=2, by=None, now=now)
    refused = []

    def end(session: Session) -> None:
        reviewing.give_grace(session, "together", hours=0, by=None, now=late)

    def sign(session: Session) -> None:
        try:
            taking.take(session, press(statement), settings=settings, now=late)
        except CampaignClosed:
            refused.append(True)

    cross(any_database, end, sign, after="UPDATE campaigns")
    assert refused == [True]
    with any_database.read() as session:
        assert session.scalars(select(Action)).all() == []


def test_a_signature_at_the_deadline_that_began_before_the_grace_ended_is_kept(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    late = now + timedelta(days=1, hours=1)
    with any_database.write() as session:
        reviewing.give_grace(session, "together", hours=2, by=None, now=now)

    def sign(session: Session) -> None:
        taking.take(session, press(statement), settings=settings, now=late)

    def end(session: Session) -> None:
        reviewing.give_grace(session, "together", hours=0, by=None, now=late)

    cross(any_database, sign, end, after="INSERT INTO actions")
    with any_database.read() as session:
        assert only(session).review == Review.WAITING
        assert session.get_one(Campaign, statement).grace_until is None


def test_a_correction_is_looked_at_again_and_the_same_words_are_none(
    any_database: Database, statement: int, now: datetime
) -> None:
    with any_database.write() as session:
        campaign = session.get_one(Campaign, statement)
        action = sample_organisation(session, campaign, "Exmaple Aid", review="approved", reviewed_at=now)
        token, same = action.receipt_token, dict(action.details)
    with any_database.write() as session:
        assert not organisations.correct(session, token, {"organisation": same["organisation"]})
        assert only(session).review == Review.APPROVED
    with any_database.write() as session:
        assert organisations.correct(session, token, {"organisation": "Example Aid", "state": "MN"})
    with any_database.read() as session:
        action = only(session)
        assert (action.review, action.reviewed_at, action.state) == (Review.WAITING, None, "MN")
        assert (action.details["organisation"], action.details["role"]) == ("Example Aid", "director")
        assert names(session) == []


def test_what_was_withdrawn_is_not_corrected(any_database: Database, statement: int, now: datetime) -> None:
    with any_database.write() as session:
        campaign = session.get_one(Campaign, statement)
        token = sample_organisation(session, campaign, "Example Aid", review="approved").receipt_token
        assert receipt.cancel(session, token, now=now) == 1
        assert names(session) == []
    with any_database.write() as session, pytest.raises(organisations.CannotCorrect):
        organisations.correct(session, token, {"organisation": "Another"})


@pytest.mark.parametrize("is_ended", [False, True])
def test_erasing_the_contact_leaves_the_organisation_unless_they_take_it_along(
    any_database: Database, statement: int, settings: Settings, now: datetime, is_ended: bool
) -> None:
    with any_database.write() as session:
        action = taking.take(session, press(statement), settings=settings, now=now)
        action.review = Review.APPROVED
        supporter_mail.put(
            session,
            supporter_mail.Kind.DECISION,
            recipient=action.email,
            raw=b"Approved",
            due=now,
            action_id=action.id,
        )
        token = action.receipt_token
    with any_database.write() as session:
        assert erasure.erase(session, token, now=now, is_ended=is_ended)
    with any_database.read() as session:
        action = only(session)
        assert (action.name, action.email, action.city, action.review_reason) == ("", "", "", "")
        assert session.scalars(select(SupporterMail)).all() == []
        if is_ended:
            assert (action.details, names(session), action.mailbox_key) == ({}, [], None)
        else:
            assert sorted(action.details) == ["city", "organisation", "state", "website"]
            assert names(session) == ["Example Legal Aid"]


def test_what_nobody_confirmed_is_erased_with_its_organisation(
    any_database: Database, statement: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        session.get_one(Campaign, statement).confirm = "always"
        taking.take(session, press(statement), settings=settings, now=now)
    with any_database.write() as session:
        confirmation.expire(session, now=now + timedelta(days=8))
        assert retention.erase_unconfirmed(session, now=now + timedelta(days=60), limit=5) == 1
        assert only(session).details == {}
