"""Letters that staff read before they go: kept, let go, refused; two at once; and in time."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.staff import AuditEntry
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows import staff
from actionmail.flows.actions import organisations, receipt
from actionmail.flows.campaigns.reading import supporters
from actionmail.flows.delivery import claim
from actionmail.flows.privacy.erasure import erase
from actionmail.flows.review import letter_reviews
from actionmail.flows.review.letter_reviews import Refusal, Reviewer, ReviewRefused
from actionmail.rules.actions.reviews import Review, must_review
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from tests.audit import audited
from tests.samples import NOW, light_hash, sample_action, sample_campaign, sample_legislators, sample_message
from tests.two_sessions import cross

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def reviewer(any_database: Database) -> Reviewer:
    with any_database.write() as session:
        person = staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW)
    return Reviewer(staff=person.id, now=LATER)


@pytest.fixture
def number(any_database: Database) -> int:
    """The action of a supporter whose two letters wait to be read."""
    with any_database.write() as session:
        campaign = sample_campaign(session, review="all")
        action = sample_action(session, campaign, review="waiting")
        for legislator in sample_legislators(session)[:2]:
            sample_message(session, action, legislator, campaign.letters[0], state="review", next_attempt_at=None)
        return action.id


def seen(database: Database) -> str:
    with database.read() as session:
        return letter_reviews.waiting(session)[0].seen


def states(session: Session) -> list[str]:
    return list(session.scalars(select(Message.state).order_by(Message.id)))


@pytest.mark.parametrize(
    ("setting", "is_edited", "right"),
    [("off", True, False), ("edited", False, False), ("edited", True, True), ("all", False, True)],
)
def test_whose_letters_are_read(setting: str, is_edited: bool, right: bool) -> None:
    assert must_review(setting, is_edited=is_edited) is right


def test_what_waits_is_shown_beside_what_the_campaign_wrote(any_database: Database, number: int) -> None:
    with any_database.read() as session:
        (waiting,) = letter_reviews.waiting(session)
        assert letter_reviews.count(session) == 1
    assert (waiting.number, waiting.supporter, waiting.campaign) == (number, "Mai Example", "ab969")
    (letter,) = waiting.letters
    assert list(letter.targets) == ["Uma Pattern", "Lara Sample"]
    old = "\n".join("".join(piece.text for piece in row.old) for row in letter.rows if row.old)
    new = "\n".join("".join(piece.text for piece in row.new) for row in letter.rows if row.new)
    assert "I ask you to vote no on AB 969." in old
    assert "Please vote no." in new
    assert "Mai Example" in old


def test_nothing_of_it_is_claimed_while_it_waits(any_database: Database, number: int) -> None:
    with any_database.write() as session:
        assert claim(session, owner="w", now=LATER, limit=10, lease=timedelta(minutes=5)).ids == []


def test_approved_letters_go_dated_now(any_database: Database, number: int, reviewer: Reviewer) -> None:
    before = seen(any_database)
    with any_database.write() as session:
        assert supporters(session) == {}
        assert letter_reviews.approve(session, number, seen=before, by=reviewer) == 2
        assert states(session) == ["queued", "queued"]
        assert audited(session)[-1][1:] == ("letters_approved", f"action {number}", {})
        for message, frozen in session.execute(select(Message, FrozenLetter).join(FrozenLetter)):
            assert message_from_bytes(frozen.raw)["Date"] == "Wed, 04 Mar 2026 11:12:05 -0600"
            assert hashlib.sha256(frozen.raw).hexdigest() == message.sha256
            assert message.expires_at == LATER + timedelta(hours=96)
        assert len(supporters(session)) == 1
        assert letter_reviews.count(session) == 0
        session.flush()
        assert len(claim(session, owner="w", now=LATER, limit=10, lease=timedelta(minutes=5)).ids) == 2


def test_rejected_letters_end_and_their_supporter_is_told(
    any_database: Database, number: int, reviewer: Reviewer, settings: Settings
) -> None:
    before = seen(any_database)
    with any_database.write() as session:
        reason = "It names a child.\r\nBcc: x@example.org"
        letter_reviews.reject(session, number, reason=reason, seen=before, by=reviewer, settings=settings)
        assert states(session) == ["rejected", "rejected"]
        mail = session.scalars(select(SupporterMail)).one()
        text = mail.raw.decode()
        assert mail.recipient == "mai@example.org"
        assert "It names a child. Bcc: x@example.org" in text.replace("=\r\n", "").replace("=20", " ")
        assert message_from_bytes(mail.raw)["Bcc"] is None
        assert supporters(session) == {}
        shown = receipt.find(session, session.get_one(Action, number).receipt_token, undo_seconds=0, now=LATER)
        assert shown is not None
        assert (shown.review, shown.review_reason) == (Review.DECLINED, "It names a child. Bcc: x@example.org")
        keys = set(session.scalars(select(Message.supporter_key)))
        assert len(keys) == 2  # nobody's: who was refused may write again


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_a_reason_is_needed(
    any_database: Database, number: int, reviewer: Reviewer, settings: Settings, reason: str
) -> None:
    before = seen(any_database)
    with any_database.write() as session:
        with pytest.raises(ReviewRefused):
            letter_reviews.reject(session, number, reason=reason, seen=before, by=reviewer, settings=settings)
        assert states(session) == ["review", "review"]


def test_why_is_kept_for_good_without_the_supporter(
    any_database: Database, number: int, reviewer: Reviewer, settings: Settings
) -> None:
    before = seen(any_database)
    with any_database.write() as session:
        reason = "Mai Example wrote it twice"
        letter_reviews.reject(session, number, reason=reason, seen=before, by=reviewer, settings=settings)
        assert session.get_one(Action, number).review_reason == reason
        events = session.scalars(select(Event.text).where(Event.to_state == "rejected")).all()
        trail = [str(entry.details) for entry in session.scalars(select(AuditEntry))]
    assert len(events) == 2
    assert not [words for words in (*events, *trail) if "Mai" in words]


def test_what_was_not_seen_is_not_decided_on(any_database: Database, number: int, reviewer: Reviewer) -> None:
    with any_database.write() as session:
        with pytest.raises(ReviewRefused) as refused:
            letter_reviews.approve(session, number, seen="something else", by=reviewer)
        assert refused.value.refusal is Refusal.CHANGED
        session.scalars(select(Campaign)).one().deadline_at = LATER
        session.flush()
        with pytest.raises(ReviewRefused) as refused:
            letter_reviews.approve(session, number, seen=letter_reviews.waiting(session)[0].seen, by=reviewer)
        assert refused.value.refusal is Refusal.DEADLINE_PASSED
        with pytest.raises(ReviewRefused) as refused:
            letter_reviews.approve(session, 10**9, seen="", by=reviewer)
        assert refused.value.refusal is Refusal.UNKNOWN


def test_of_two_who_decide_at_once_the_second_is_told(
    any_database: Database, number: int, reviewer: Reviewer, settings: Settings
) -> None:
    before, told = seen(any_database), []

    def second(session: Session) -> None:
        try:
            letter_reviews.reject(session, number, reason="No", seen=before, by=reviewer, settings=settings)
        except ReviewRefused as error:
            told.append(error.refusal)

    cross(any_database, lambda session: letter_reviews.approve(session, number, seen=before, by=reviewer), second)
    with any_database.read() as session:
        assert states(session) == ["queued", "queued"]
        assert session.scalars(select(SupporterMail)).all() == []
        steps = session.scalars(select(Event.to_state).where(Event.actor_kind == "staff")).all()
    assert told == [Refusal.GONE]
    assert list(steps) == ["queued", "queued"]


def test_whoever_takes_it_back_or_is_erased_meanwhile_is_not_sent(
    any_database: Database, number: int, reviewer: Reviewer
) -> None:
    before, told = seen(any_database), []

    def second(session: Session) -> None:
        try:
            letter_reviews.approve(session, number, seen=before, by=reviewer)
        except ReviewRefused as error:
            told.append(error.refusal)

    def first(session: Session) -> None:
        token = session.get_one(Action, number).receipt_token
        assert receipt.cancel(session, token, now=LATER) == 2
        assert erase(session, token, now=LATER)

    cross(any_database, first, second)
    with any_database.read() as session:
        assert states(session) == ["cancelled", "cancelled"]
    assert told == [Refusal.GONE]


def test_what_nobody_reads_ends_in_its_time(any_database: Database, number: int) -> None:
    with any_database.write() as session:
        assert letter_reviews.expire(session, now=LATER) == 0
        assert letter_reviews.expire(session, now=NOW + timedelta(hours=97)) == 2
        assert states(session) == [State.EXPIRED, State.EXPIRED]


def test_what_was_let_go_in_a_campaign_that_holds_its_letters_is_held_with_them(
    any_database: Database, number: int, reviewer: Reviewer
) -> None:
    before = seen(any_database)
    with any_database.write() as session:
        session.scalars(select(Campaign)).one().holds_letters = True
        session.flush()
        letter_reviews.approve(session, number, seen=before, by=reviewer)
        assert states(session) == ["held", "held"]


def test_the_pages_of_organisations_are_not_for_letters_that_staff_read(any_database: Database, number: int) -> None:
    with any_database.write() as session:
        token = session.get_one(Action, number).receipt_token
        assert organisations.is_correctable(session, token) is None
        with pytest.raises(organisations.CannotCorrect):
            organisations.correct(session, token, {"organisation": "x", "state": "WI"})
