"""The logo of an organisation: looked at anew after each change, public with its signer and gone with it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.pictures import OrganisationLogo
from actionmail.flows.actions import logos, organisations, receipt
from actionmail.flows.actions.logos import PreparedLogo
from actionmail.flows.campaigns.refusals import FormRefused
from actionmail.flows.privacy import erasure
from actionmail.flows.review import organisations as reviewing
from actionmail.flows.review.organisations import Change, Refusal, ReviewRefused, Standing
from actionmail.gateways.pictures.reencoding import reencode
from actionmail.rules.actions.reviews import Review
from actionmail.settings import Settings
from tests.pictures import drawn, encoded, png, speckled
from tests.samples import NOW, sample_organisation, sample_statement
from tests.two_sessions import cross

TOKEN, OTHER = "r" * 43, "s" * 43


@pytest.fixture
def database(any_database: Database) -> Database:
    """An organisation that stands in the public list, and one that waits."""
    with any_database.write() as session:
        campaign = sample_statement(session)
        sample_organisation(session, campaign, "Moon Aid", receipt_token=TOKEN, review="approved", reviewed_at=NOW)
        sample_organisation(session, campaign, "Sun Aid", receipt_token=OTHER)
    return any_database


def prepared(content: bytes = b"", alternative: str = "") -> PreparedLogo:
    return logos.prepare(content or png(), alternative, reencode=reencode)


def campaign_of(session: Session) -> Campaign:
    return session.scalars(select(Campaign)).one()


def action_of(session: Session, token: str = TOKEN) -> Action:
    return session.scalars(select(Action).where(Action.receipt_token == token)).one()


def approve(session: Session, token: str = TOKEN) -> None:
    action = action_of(session, token)
    action.review, action.reviewed_at = Review.APPROVED, NOW
    session.flush()


def stored(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(OrganisationLogo.action_id).order_by(OrganisationLogo.action_id)))


def test_a_logo_is_looked_at_before_anybody_sees_it(database: Database) -> None:
    logo = prepared(encoded(speckled(900, 600), "PNG"), "A moon")
    assert logo.file is not None
    assert (logo.file.width, logo.file.height) == (480, 320)
    with database.write() as session:
        assert logos.keep(session, TOKEN, logo)
        assert action_of(session).review == Review.WAITING
        assert logos.public_file(session, logo.file.sha256) is None
        assert logos.public(session, campaign_of(session)) == {}
        assert logos.file_under(session, campaign_of(session), action_of(session).id) == logo.file
        approve(session)
        assert logos.public_file(session, logo.file.sha256) == logo.file
        assert logos.public(session, campaign_of(session))[action_of(session).id].alternative == "A moon"


def test_the_same_again_is_no_change_and_other_words_are_one(database: Database) -> None:
    with database.write() as session:
        logos.keep(session, TOKEN, prepared())
        approve(session)
        assert not logos.keep(session, TOKEN, prepared())
        assert action_of(session).review == Review.APPROVED
        assert logos.keep(session, TOKEN, PreparedLogo(file=None, alternative="A moon"))
        assert action_of(session).review == Review.WAITING
        row = session.scalars(select(OrganisationLogo)).one()
        assert (row.alternative, row.width) == ("A moon", 60)


def test_words_alone_are_no_logo(database: Database) -> None:
    with database.write() as session, pytest.raises(FormRefused) as caught:
        logos.keep(session, TOKEN, PreparedLogo(file=None, alternative="A moon"))
    assert [problem.code for problem in caught.value.faults["upload"]] == ["picture.none"]
    assert stored(database) == []


def test_two_may_have_the_same_and_each_goes_with_its_own_signer(database: Database) -> None:
    with database.write() as session:
        for token in (TOKEN, OTHER):
            logos.keep(session, token, prepared())
            approve(session, token)
    with database.write() as session:
        receipt.cancel(session, TOKEN, now=NOW)
    assert len(stored(database)) == 1
    with database.read() as session:
        logo = prepared().file
        assert logo is not None
        assert logos.public_file(session, logo.sha256) == logo
    with database.write() as session:
        receipt.cancel(session, OTHER, now=NOW)
        assert logos.public_file(session, logo.sha256) is None
    assert stored(database) == []


def test_it_stays_where_only_the_contact_is_erased_and_goes_with_the_organisation(database: Database) -> None:
    with database.write() as session:
        logos.keep(session, TOKEN, prepared())
        logos.keep(session, OTHER, prepared())
        approve(session)
        erasure.erase(session, TOKEN, now=NOW)
        assert list(logos.public(session, campaign_of(session))) == [action_of(session).id]
        erasure.erase(session, OTHER, now=NOW, is_ended=True)
    with database.read() as session:
        assert stored(database) == [action_of(session).id]


def test_one_that_nobody_confirmed_goes_with_who_typed_it(database: Database) -> None:
    with database.write() as session:
        action_of(session).unconfirmed = True
        logos.keep(session, TOKEN, prepared())
        erasure.erase(session, TOKEN, now=NOW)
    assert stored(database) == []


def test_a_withdrawn_signature_takes_no_logo(database: Database) -> None:
    with database.write() as session:
        receipt.cancel(session, TOKEN, now=NOW)
        with pytest.raises(organisations.CannotCorrect):
            logos.keep(session, TOKEN, prepared())
        with pytest.raises(organisations.CannotCorrect):
            logos.take_away(session, TOKEN)


def test_taking_it_away_leaves_what_staff_decided(database: Database) -> None:
    with database.write() as session:
        logos.keep(session, TOKEN, prepared())
        approve(session)
        logos.take_away(session, TOKEN)
        assert action_of(session).review == Review.APPROVED
    assert stored(database) == []


def test_two_logos_at_once_are_one_after_the_other(database: Database) -> None:
    first, second = prepared(), prepared(encoded(drawn(20, 20), "PNG"))
    cross(
        database,
        lambda session: logos.keep(session, TOKEN, first),
        lambda session: logos.keep(session, TOKEN, second),
    )
    with database.read() as session:
        assert logos.own_file(session, TOKEN) == second.file


def test_a_logo_that_comes_while_its_signer_withdraws_does_not_stay(database: Database) -> None:
    def keep(session: Session) -> None:
        with pytest.raises(organisations.CannotCorrect):
            logos.keep(session, TOKEN, prepared())

    cross(database, lambda session: receipt.cancel(session, TOKEN, now=NOW), keep)
    assert stored(database) == []
    with database.write() as session:
        logos.keep(session, OTHER, prepared())
    logo = prepared(encoded(drawn(20, 20), "PNG"))
    cross(
        database,
        lambda session: logos.keep(session, OTHER, logo),
        lambda session: receipt.cancel(session, OTHER, now=NOW),
    )
    assert stored(database) == []


def test_staff_do_not_approve_a_logo_that_they_did_not_see(database: Database, settings: Settings) -> None:
    with database.read() as session:
        (row,) = reviewing.page(session, campaign_of(session), Standing.WAITING).rows
    change = Change(number=row.signer.number, seen=row.revision, by=1, now=NOW)
    refusals: list[Refusal] = []

    def approve_it(session: Session) -> None:
        with pytest.raises(ReviewRefused) as caught:
            reviewing.approve(session, campaign_of(session), change, settings=settings)
        refusals.append(caught.value.refusal)

    cross(database, lambda session: logos.keep(session, OTHER, prepared()), approve_it)
    assert refusals == [Refusal.CHANGED]
    with database.read() as session:
        assert action_of(session, OTHER).review == Review.WAITING
