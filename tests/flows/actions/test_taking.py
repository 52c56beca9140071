"""Simple actions: taken once, one a mailbox, confirmed, taken back; and two at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import confirmation, receipt, submitting, taking
from actionmail.flows.actions.refusals import ActedBefore, CampaignClosed, OtherState, TooManyAsks
from actionmail.flows.actions.taking import Press
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import erasure, retention
from actionmail.rules.delivery.states import Handover, Outcome, Phase, State
from actionmail.settings import Settings
from tests.samples import sample_petition
from tests.two_sessions import cross


@pytest.fixture
def petition(any_database: Database) -> int:
    with any_database.write() as session:
        return sample_petition(session).id


def press(campaign: int, key: str = "k" * 32, **different: Any) -> Press:
    return replace(
        Press(
            campaign_id=campaign,
            key=key,
            name="Mai Example",
            email="mai@example.org",
            zip="53704",
            state="WI",
            consent_text="Sign",
            details={"comment": "", "show_name": True},
        ),
        **different,
    )


def change(database: Database, number: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, number), name, value)


def counted(database: Database, campaign: int) -> int:
    with database.read() as session:
        return submitting.actions_so_far(session, campaign)


def test_the_deadline_and_the_status_are_asked_in_the_transaction(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    for columns in ({"deadline_at": now}, {"deadline_at": None, "status": "paused"}, {"status": "closed"}):
        change(any_database, petition, **columns)
        with any_database.write() as session, pytest.raises(CampaignClosed):
            taking.take(session, press(petition), settings=settings, now=now)
    assert counted(any_database, petition) == 0


def test_who_lives_elsewhere_is_refused_by_the_kind(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    change(any_database, petition, details={"only_from_state": True})
    with any_database.write() as session, pytest.raises(OtherState):
        taking.take(session, press(petition), settings=settings, now=now)
    with any_database.write() as session:
        taking.take(session, press(petition, state="NY"), settings=settings, now=now)
    assert counted(any_database, petition) == 1


def test_a_post_takes_nothing(any_database: Database, settings: Settings, now: datetime) -> None:
    with any_database.write() as session:
        number = sample_petition(session, slug="post", kind="news", details={}).id
    with any_database.write() as session, pytest.raises(CampaignClosed):
        taking.take(session, press(number), settings=settings, now=now)


def test_of_two_signatures_of_a_mailbox_at_once_one_is_kept(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    refused = []

    def first(session: Session) -> None:
        taking.take(session, press(petition, "a" * 32), settings=settings, now=now)

    def second(session: Session) -> None:
        try:
            taking.take(session, press(petition, "b" * 32, email="MAI@example.org"), settings=settings, now=now)
        except ActedBefore:
            refused.append(True)

    cross(any_database, first, second, after="INSERT INTO actions")
    assert refused == [True]
    assert counted(any_database, petition) == 1


def test_two_people_who_press_the_button_of_one_page_at_once_each_sign(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    """As at a table with one tablet, whose page was opened twice by Back."""
    tokens = []

    def sign(session: Session, email: str) -> None:
        made = press(petition, email=email)
        tokens.append(taking.take(session, made, settings=settings, now=now).receipt_token)

    cross(
        any_database,
        lambda session: sign(session, "mai@example.org"),
        lambda session: sign(session, "bo@example.org"),
        after="INSERT INTO actions",
    )
    assert (len(set(tokens)), counted(any_database, petition)) == (2, 2)


def test_who_was_erased_does_not_come_back_by_the_same_press(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    """A browser that is started anew sends again what it sent last."""
    with any_database.write() as session:
        token = taking.take(session, press(petition), settings=settings, now=now).receipt_token
    with any_database.write() as session:
        assert erasure.erase(session, token, now=now)
    with any_database.write() as session:
        assert taking.take(session, press(petition), settings=settings, now=now).receipt_token == token
    with any_database.read() as session:
        assert list(session.scalars(select(Action.email))) == [""]


def test_one_button_pressed_in_two_processes_at_once_is_one_action(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    tokens = []

    def once(session: Session) -> None:
        tokens.append(taking.take(session, press(petition), settings=settings, now=now).receipt_token)

    cross(any_database, once, once, after="INSERT INTO actions")
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


def waiting(database: Database, petition: int, settings: Settings, now: datetime, *emails: str) -> list[str]:
    """Signatures that wait to be confirmed; the tokens of their links."""
    change(database, petition, confirm="always")
    tokens = []
    for number, email in enumerate(emails):
        with database.write() as session:
            action = taking.take(session, press(petition, f"{number}" * 32, email=email), settings=settings, now=now)
            tokens.append(session.get_one(Confirmation, action.id).token)
    return tokens


def test_of_two_links_of_a_mailbox_confirmed_at_once_one_counts(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    tokens = waiting(any_database, petition, settings, now, "mai@example.org", "mai+b@example.org")

    def confirm(token: str) -> Any:
        return lambda session: confirmation.confirm(session, token, undo_seconds=60, now=now)

    cross(any_database, confirm(tokens[0]), confirm(tokens[1]), after="UPDATE actions")
    assert counted(any_database, petition) == 1
    with any_database.read() as session:
        standings = {confirmation.find(session, token, now=now).standing.value for token in tokens}  # type: ignore[union-attr]
    assert standings == {"confirmed", "taken back"}


def test_confirming_and_taking_back_at_once_leave_no_signature_that_is_both(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    (token,) = waiting(any_database, petition, settings, now, "mai@example.org")
    with any_database.read() as session:
        receipt_token = session.scalars(select(Action.receipt_token)).one()
    cross(
        any_database,
        lambda session: receipt.cancel(session, receipt_token, now=now),
        lambda session: confirmation.confirm(session, token, undo_seconds=60, now=now),
    )
    assert counted(any_database, petition) == 0
    with any_database.read() as session:
        assert session.scalars(select(Action.mailbox_key)).one() is None


class Relay:
    """Takes every mail."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def deliver(self, parcels: Any) -> Handover:
        self.taken += [parcel.raw for parcel in parcels]
        outcomes = {parcel.id: Outcome(state=State.ACCEPTED, phase=Phase.BODY) for parcel in parcels}
        return Handover(outcomes=outcomes)


def test_the_mail_that_asks_goes_out_while_the_page_is_open_and_not_after_it_was_taken_back(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    waiting(any_database, petition, settings, now, "mai@example.org", "kou@example.org")
    relay = Relay()

    def send(at: datetime) -> int:
        return supporter_mail.send(any_database.write, relay, from_address="act@example.org", now=at)[0]

    change(any_database, petition, status="paused")
    assert send(now) == 0
    change(any_database, petition, status="live")
    assert send(now) == 2
    with any_database.write() as session:
        first = session.scalars(select(Action).order_by(Action.id)).first()
        assert first is not None
        receipt.cancel(session, first.receipt_token, now=now)
    assert send(now + timedelta(days=2)) == 1  # the reminder of the other
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(SupporterMail)) == 0
    for raw in relay.taken:
        assert "signed a petition" in " ".join(message_from_bytes(raw, policy=default).get_content().split())


def test_a_mailbox_is_asked_a_few_times_a_day_and_no_more(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    with pytest.raises(TooManyAsks):
        waiting(any_database, petition, settings, now, *[f"mai+{number}@example.org" for number in range(20)])


def test_what_nobody_confirms_ends_and_is_erased_a_month_later(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    (token,) = waiting(any_database, petition, settings, now, "mai@example.org")
    late = now + timedelta(days=8)
    with any_database.write() as session:
        assert confirmation.expire(session, now=late) == 1
        asked = confirmation.find(session, token, now=late)
    assert asked is not None
    assert asked.standing is confirmation.LinkState.OVER
    with any_database.write() as session:
        assert retention.erase_unconfirmed(session, now=late + timedelta(days=31), limit=10) == 1
        assert session.scalars(select(Action.email)).one() == ""
    assert counted(any_database, petition) == 0


def test_erasing_leaves_no_word_of_the_signer(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        pressed = press(petition, details={"comment": "My cousin.", "show_name": True})
        token = taking.take(session, pressed, settings=settings, now=now).receipt_token
    with any_database.write() as session:
        assert erasure.erase(session, token, now=now)
    with any_database.read() as session:
        action = session.scalars(select(Action)).one()
    kept = (action.name, action.email, action.zip, action.city, action.details, action.mailbox_key)
    assert kept == ("", "", "", "", {}, None)
    assert counted(any_database, petition) == 0


def test_taking_back_twice_is_taking_back_once(
    any_database: Database, petition: int, settings: Settings, now: datetime
) -> None:
    with any_database.write() as session:
        token = taking.take(session, press(petition), settings=settings, now=now).receipt_token
    with any_database.write() as session:
        assert [receipt.cancel(session, token, now=now) for _ in range(2)] == [1, 0]
