"""While a campaign's letters are held back none of them goes out, whatever happens at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows import staff
from actionmail.flows.actions import confirmation, receipt, submitting
from actionmail.flows.actions.refusals import CampaignClosed
from actionmail.flows.campaigns import publishing
from actionmail.flows.campaigns.publishing import StatusChange, Waiting
from actionmail.flows.delivery import campaign_holds, claim, record, recover, release, start_bodies
from actionmail.flows.review import message_changes
from actionmail.flows.review.message_changes import Act
from actionmail.flows.staff import Role
from actionmail.rules.delivery.reasons import Actor, Reason
from actionmail.rules.delivery.states import Outcome, Phase, State
from actionmail.settings import Settings
from tests import returned
from tests.flows.actions.test_confirmation import Site
from tests.flows.actions.test_submitting import campaign_in, prepared, submission
from tests.flows.delivery.test_delivery import fill
from tests.flows.delivery.test_inbound import Post
from tests.returned import mail, report
from tests.samples import NOW, light_hash
from tests.two_sessions import cross

LEASE = timedelta(minutes=5)
LATER = Outcome(state=State.DEFERRED, phase=Phase.RCPT, code=451, enhanced="4.3.0", text="451 4.3.0 Later")
LOST = Outcome(state=State.AMBIGUOUS, phase=Phase.BODY, text="The connection broke.")
Step = Callable[[Session], object]


def hold(session: Session) -> None:
    publishing.change_status(
        session, "ab969", StatusChange.PAUSE, by=None, now=NOW, how=publishing.Choice(letters=Waiting.HOLD)
    )


def go_on(session: Session) -> None:
    publishing.change_status(
        session, "ab969", StatusChange.PUBLISH, by=None, now=NOW, how=publishing.Choice(letters=Waiting.RELEASE)
    )


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))


def held_with_campaign(database: Database) -> int:
    with database.read() as session:
        return campaign_holds.held_back(session, session.scalars(select(Campaign.id)).one())


def nothing_goes_before_it_is_released(database: Database, letters: int) -> None:
    """Every letter is held with its campaign; none can be claimed; all can once they are released."""
    assert states(database) == ["held"] * letters
    assert held_with_campaign(database) == letters
    much_later = NOW + timedelta(hours=90)
    with database.write() as session:
        assert claim(session, owner="w:1", now=much_later, limit=9, lease=LEASE).ids == []
        go_on(session)
        assert len(claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids) == letters


def leased(database: Database) -> list[int]:
    ids = fill(database, 2)
    with database.write() as session:
        assert claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids == ids
        assert start_bodies(session, ids, owner="w:1", now=NOW, lease=LEASE) == ids
    return ids


def recording(ids: list[int], outcome: Outcome) -> Step:
    return lambda session: record(
        session, dict.fromkeys(ids, outcome), owner="w:1", now=NOW, jitter=lambda: 0.0
    )  # fmt: skip


def test_a_letter_that_is_queued_while_staff_hold_the_campaign_back_is_not_sent(
    any_database: Database, settings: Settings
) -> None:
    with campaign_in(any_database) as campaign_id:
        ready = prepared(any_database, submission(any_database, campaign_id), settings, NOW)
    cross(
        any_database,
        lambda session: submitting.take_action(session.connection(), ready, now=NOW, settings=settings),
        hold,
        after="FROM content_changes",
    )
    nothing_goes_before_it_is_released(any_database, letters=2)


def test_a_letter_that_is_queued_after_staff_held_the_campaign_back_is_refused(
    any_database: Database, settings: Settings
) -> None:
    with campaign_in(any_database) as campaign_id:
        ready = prepared(any_database, submission(any_database, campaign_id), settings, NOW)

    def press(session: Session) -> None:
        with pytest.raises(CampaignClosed):
            submitting.take_action(session.connection(), ready, now=NOW, settings=settings)

    cross(any_database, hold, press)
    assert states(any_database) == []


def test_a_letter_that_is_confirmed_while_staff_hold_the_campaign_back_is_not_sent(
    any_database: Database, settings: Settings
) -> None:
    site = Site(any_database, settings, NOW)
    action = site.write()
    token = site.token(action)
    cross(
        any_database,
        lambda session: confirmation.confirm(session, token, undo_seconds=0, now=NOW),
        hold,
        after="FROM messages",
    )
    nothing_goes_before_it_is_released(any_database, letters=2)


@pytest.mark.parametrize("outcome", [LATER, LOST], ids=["later", "ambiguous"])
@pytest.mark.parametrize("order", ["held first", "answer first", "one after the other"])
def test_leased_letters_that_come_back_while_the_campaign_is_held_wait_for_staff(
    any_database: Database, outcome: Outcome, order: str
) -> None:
    ids = leased(any_database)
    answer = recording(ids, outcome)
    if order == "one after the other":
        with any_database.write() as session:
            hold(session)
        with any_database.write() as session:
            answer(session)
    elif order == "held first":
        cross(any_database, hold, answer)
    else:
        cross(any_database, answer, hold)
    nothing_goes_before_it_is_released(any_database, letters=2)
    with any_database.read() as session:
        may_be_twice = list(session.scalars(select(Message.possible_duplicate).order_by(Message.id)))
    assert may_be_twice == [outcome is LOST] * 2


@pytest.mark.parametrize("order", ["held first", "given back first"])
def test_letters_given_back_while_the_campaign_is_held_wait_for_staff(any_database: Database, order: str) -> None:
    ids = leased(any_database)

    def back(session: Session) -> None:
        assert release(session, ids, Reason.TOLD_TO_STOP, owner="w:1", now=NOW) == 2

    if order == "held first":
        cross(any_database, hold, back)
    else:
        cross(any_database, back, hold)
    nothing_goes_before_it_is_released(any_database, letters=2)


@pytest.mark.parametrize("order", ["held first", "recovered first"])
def test_what_a_dead_worker_left_of_a_held_campaign_waits_for_staff(any_database: Database, order: str) -> None:
    ids = leased(any_database)

    def recover_all(session: Session) -> None:
        assert sorted(recover(session, actor=Actor.worker("w:2"), now=NOW + LEASE)) == ids  # of one time, in any order

    if order == "held first":
        cross(any_database, hold, recover_all)
    else:
        cross(any_database, recover_all, hold)
    nothing_goes_before_it_is_released(any_database, letters=2)


def test_leased_letters_whose_bodies_have_not_begun_do_not_go_once_the_campaign_is_held(any_database: Database) -> None:
    ids = fill(any_database, 2)
    with any_database.write() as session:
        claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE)
    with any_database.write() as session:
        hold(session)
    with any_database.write() as session:
        assert start_bodies(session, ids, owner="w:1", now=NOW, lease=LEASE) == []
    nothing_goes_before_it_is_released(any_database, letters=2)


@pytest.mark.parametrize("order", ["held first", "report first"])
@pytest.mark.parametrize(
    "words", [("5.2.2", "552 5.2.2 Mailbox full"), ("4.4.7", "451 4.4.7 expired")], ids=["full", "gave up"]
)
def test_the_retry_of_a_letter_that_came_back_waits_while_its_campaign_is_held(
    any_database: Database, words: tuple[str, str], order: str
) -> None:
    post = Post(any_database)
    post.send()
    raw = report("failed", *words, to=post.paths[0])

    def come_back(session: Session) -> None:
        post.receive(session, raw)

    if order == "held first":
        cross(any_database, hold, come_back)
    else:
        cross(any_database, come_back, hold)
    nothing_goes_before_it_is_released(any_database, letters=1)


@pytest.mark.parametrize("kind", ["delay notice", "automatic answer"])
def test_mail_that_comes_back_meanwhile_changes_nothing_of_the_hold(any_database: Database, kind: str) -> None:
    post = Post(any_database)
    post.send(state="queued")
    with any_database.write() as session:
        hold(session)
    notice = report("delayed", "4.4.1", "timed out", to=post.paths[0])
    post.back(notice if kind == "delay notice" else mail(returned.VACATION, to=post.paths[0]))
    with any_database.read() as session:
        token = session.scalars(select(Action.receipt_token)).one()
        shown = receipt.find(session, token, undo_seconds=0, now=NOW)
    assert shown is not None
    assert [line.is_held_back for line in shown.lines] == [True]
    nothing_goes_before_it_is_released(any_database, letters=1)


def test_staff_may_release_one_letter_of_a_campaign_that_stays_held(any_database: Database) -> None:
    first, _other = fill(any_database, 2)
    with any_database.write() as session:
        hold(session)
        member = staff.add(session, "rita@example.org", Role.REVIEWER, light_hash(), now=NOW)
    with any_database.write() as session:
        message_changes.change(session, first, Act.RELEASE, reason="The office asked.", by=member.id, now=NOW)
    assert states(any_database) == ["queued", "held"]
    with any_database.write() as session:
        assert claim(session, owner="w:1", now=NOW, limit=9, lease=LEASE).ids == [first]
        start_bodies(session, [first], owner="w:1", now=NOW, lease=LEASE)
    with any_database.write() as session:
        recording([first], LATER)(session)
    assert states(any_database) == ["deferred", "held"]
