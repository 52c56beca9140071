"""The send log: finding letters, looking at one, and changing what happens to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows import staff
from actionmail.flows.delivery import claim
from actionmail.flows.review import message_changes, message_detail, send_log
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import Act, MessageChangeRefused, Refusal
from actionmail.flows.review.send_log import PAGE_SIZE, LogEntry
from actionmail.rules.delivery.states import State, may_follow
from tests.audit import audited
from tests.samples import NOW, light_hash, sample_action, sample_campaign, sample_legislator, sample_message

REASON = "The office asked for it"


@pytest.fixture
def reviewer(any_database: Database) -> int:
    with any_database.write() as session:
        return staff.add(session, "rita@example.org", staff.Role.REVIEWER, light_hash(), now=NOW).id


def letters_to(session: Session, names: list[str], campaign: Campaign | None = None, **columns: Any) -> list[int]:
    campaign = campaign or sample_campaign(session)
    return [
        sample_message(
            session,
            sample_action(session, campaign),
            sample_legislator(session, name=name),
            campaign.letters[0],
            supporter_key=f"{campaign.id}-{place}",
            **columns,
        ).id
        for place, name in enumerate(names)
    ]


def one_letter(database: Database, **columns: Any) -> int:
    with database.write() as session:
        return letters_to(session, ["Uma Pattern"], **columns)[0]


def ids(lines: Any) -> list[int]:
    return [line.id for line in lines]


def found(session: Session, **parts: Any) -> list[int]:
    return ids(send_log.page(session, Filter(**parts)).entries)


def test_an_empty_log_is_an_empty_page(any_database: Database) -> None:
    with any_database.read() as session:
        page = send_log.page(session, Filter())
        assert (page.entries, page.older, page.newer) == ([], None, None)
        assert send_log.counts(session, Filter()) == {}


def test_a_line_tells_time_campaign_legislator_state_and_attempts(any_database: Database) -> None:
    number = one_letter(any_database, state="deferred", attempts=2)
    with any_database.read() as session:
        (line,) = send_log.page(session, Filter()).entries
    assert line == LogEntry(
        id=number,
        at=NOW,
        campaign="ab969",
        target_name="Uma Pattern",
        subject="Oppose AB 969 - a constituent in 53703",
        supporter="Mai Example",
        state=State.DEFERRED,
        attempts=2,
    )


def test_pages_go_from_the_newest_to_the_oldest_and_back_without_a_gap(any_database: Database) -> None:
    with any_database.write() as session:
        numbers = letters_to(session, [f"Name {n}" for n in range(2 * PAGE_SIZE + 1)])[::-1]
        first = send_log.page(session, Filter())
        second = send_log.page(session, Filter(), before=first.older)
        third = send_log.page(session, Filter(), before=second.older)
        assert ids(first.entries) + ids(second.entries) + ids(third.entries) == numbers
        assert (first.newer, third.older) == (None, None)
        back = send_log.page(session, Filter(), after=third.newer)
        assert back.entries == second.entries
        assert send_log.page(session, Filter(), after=back.newer).entries == first.entries
        assert send_log.page(session, Filter(), after=back.newer).newer is None


@pytest.mark.parametrize("beyond", [-1, 0, 2**63, 10**30])
def test_a_page_beyond_the_ends_is_no_error(any_database: Database, beyond: int) -> None:
    number = one_letter(any_database)
    with any_database.read() as session:
        assert ids(send_log.page(session, Filter(), before=beyond).entries) == ([number] if beyond > 0 else [])
        assert ids(send_log.page(session, Filter(), after=beyond).entries) == ([] if beyond > 0 else [number])
        assert found(session, number=f"{10**30}") == found(session, number="0") == []


def test_each_filter_narrows(any_database: Database) -> None:
    with any_database.write() as session:
        first = letters_to(session, ["Uma Pattern", "Tomas Mould"], sample_campaign(session))
        other = sample_campaign(session, slug="sb1161", title="Safer rides")
        second = letters_to(session, ["Uma Pattern"], other, state="failed", created_at=NOW + timedelta(days=1))
        message_id = session.get_one(Message, first[0]).message_id
        everything = [*second, *first[::-1]]

        assert found(session) == everything
        assert found(session, campaign="sb1161") == second
        assert found(session, campaign="none") == []
        assert found(session, state=State.QUEUED) == first[::-1]
        assert found(session, target="pattern") == [second[0], first[0]]
        assert found(session, target="%") == found(session, target="_") == []
        assert found(session, target="mould", campaign="sb1161") == []
        tomorrow = NOW + timedelta(days=1)
        assert found(session, since=tomorrow) == second
        assert found(session, until=tomorrow) == first[::-1]
        assert found(session, since=NOW, until=tomorrow + timedelta(seconds=1)) == everything
        assert found(session, since=tomorrow + timedelta(seconds=1)) == found(session, until=NOW) == []
        assert found(session, number=message_id) == found(session, number=message_id.strip("<>")) == first[:1]
        assert found(session, number=str(first[0])) == first[:1]
        assert found(session, number="am.other@act.example.org") == []


def test_counts_follow_every_filter_but_the_state(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        letters_to(session, ["Uma Pattern", "Tomas Mould"], campaign)
        letters_to(session, ["Uma Pattern"], sample_campaign(session, slug="sb1161"), state="failed")
        assert send_log.counts(session, Filter(state=State.FAILED)) == {State.QUEUED: 2, State.FAILED: 1}
        assert send_log.counts(session, Filter(target="uma")) == {State.QUEUED: 1, State.FAILED: 1}
        assert send_log.counts(session, Filter(campaign="ab969")) == {State.QUEUED: 2}
        choices = send_log.choices(session, "ab969")
        assert choices.campaigns == [("ab969", campaign.title), ("sb1161", campaign.title)]
        assert (choices.letters, choices.timezone) == (["everyone"], "America/Chicago")
        assert send_log.choices(session, "").letters == []


def test_looking_shows_the_letter_as_it_went_and_is_written_down(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database)
    with any_database.write() as session:
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
        assert detail is not None and detail.letter is not None
        assert detail.letter.is_intact
        assert ("Subject", "Oppose AB 969 - a constituent in 53703") in detail.letter.headers
        assert "Please vote no.\n\nMai Example" in detail.letter.text
        assert detail.letter.raw.startswith("Date: Wed, 04 Mar 2026")
        assert audited(session)[-1] == (reviewer, "message_viewed", f"message {number}", {})


def test_a_letter_that_is_not_the_one_frozen_is_said_to_differ(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database, sha256="0" * 64)
    with any_database.write() as session:
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
    assert detail is not None and detail.letter is not None
    assert not detail.letter.is_intact


@pytest.mark.parametrize("number", [0, -1, 4, 2**63, 10**30])
def test_an_unknown_number_shows_and_changes_nothing(any_database: Database, reviewer: int, number: int) -> None:
    with any_database.write() as session:
        assert message_detail.look(session, number, by=reviewer, now=NOW) is None
        with pytest.raises(MessageChangeRefused, match=Refusal.UNKNOWN_MESSAGE):
            message_changes.change(session, number, Act.CANCEL, reason=REASON, by=reviewer, now=NOW)


def test_an_erased_letter_is_gone_but_its_events_stay(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database)
    with any_database.write() as session:
        message_changes.change(session, number, Act.CANCEL, reason=REASON, by=reviewer, now=NOW)
        session.execute(delete(FrozenLetter))
        session.scalars(select(Action)).one().erased_at = NOW
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
    assert detail is not None
    assert (detail.letter, detail.erased_at, len(detail.steps)) == (None, NOW, 1)


def test_a_change_keeps_its_reason_in_the_event_and_in_the_trail(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database)
    with any_database.write() as session:
        state = message_changes.change(session, number, Act.CANCEL, reason="  Asked\r\nfor ", by=reviewer, now=NOW)
        assert state is State.CANCELLED
        message = session.get_one(Message, number, populate_existing=True)
        assert (message.state, message.next_attempt_at) == ("cancelled", None)
        event = session.scalars(select(Event)).one()
        assert (event.from_state, event.to_state, event.text) == ("queued", "cancelled", "Asked for")
        assert (event.actor_kind, event.actor_id) == ("staff", str(reviewer))
        assert audited(session)[-1][1:] == ("message_cancelled", f"message {number}", {"reason": "Asked for"})
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
        assert detail is not None
        assert [step.staff for step in detail.steps] == ["rita@example.org"]


def test_a_reason_that_names_the_supporter_is_kept_without_them(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database)
    reason = "Mai Example (mai@example.org) asked for it"
    with any_database.write() as session:
        message_changes.change(session, number, Act.CANCEL, reason=reason, by=reviewer, now=NOW)
    with any_database.read() as session:
        kept = {"reason": "(left out) ((left out)) asked for it"}
        assert audited(session)[-1][1:] == ("message_cancelled", f"message {number}", kept)
        assert session.scalars(select(Event.text).order_by(Event.id)).all()[-1] == kept["reason"]


@pytest.mark.parametrize("reason", ["", " \n\t", "\0\x1b", "x" * 501])
def test_a_change_without_a_usable_reason_is_refused(any_database: Database, reviewer: int, reason: str) -> None:
    number = one_letter(any_database)
    with pytest.raises(MessageChangeRefused, match="reason"), any_database.write() as session:
        message_changes.change(session, number, Act.CANCEL, reason=reason, by=reviewer, now=NOW)


@pytest.mark.parametrize("state", list(State))
def test_what_is_offered_is_what_succeeds_and_the_table_permits_it(
    any_database: Database, reviewer: int, state: State
) -> None:
    number = one_letter(any_database, state=state.value)
    with any_database.read() as session:
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
        assert detail is not None
    for act in set(Act) - {Act.READDRESS}:  # see test_readdressing.py
        with any_database.write_sessions() as session:  # never committed: each act meets the same state
            if act in detail.acts:
                after = message_changes.change(session, number, act, reason=REASON, by=reviewer, now=NOW)
                assert may_follow(state, after)
            else:
                with pytest.raises(MessageChangeRefused, match=Refusal.MOVED_ON):
                    message_changes.change(session, number, act, reason=REASON, by=reviewer, now=NOW)


@pytest.mark.parametrize("state", ["queued", "deferred", "ambiguous"])
def test_a_letter_on_hold_is_not_sent_until_it_is_released(any_database: Database, reviewer: int, state: str) -> None:
    number = one_letter(any_database, state=state, next_attempt_at=NOW)

    def claimed() -> list[int]:
        with any_database.write() as session:
            return claim(session, owner="test:1", now=NOW, limit=9, lease=timedelta(minutes=5)).ids

    with any_database.write() as session:
        assert message_changes.change(session, number, Act.HOLD, reason=REASON, by=reviewer, now=NOW) is State.HELD
    assert claimed() == []
    with any_database.write() as session:
        message_changes.change(session, number, Act.RELEASE, reason=REASON, by=reviewer, now=NOW)
    assert claimed() == [number]


def test_what_waits_to_be_confirmed_can_be_cancelled_and_nothing_else(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database, state="unconfirmed")
    with any_database.write() as session:
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
        assert detail is not None
        assert detail.acts == [Act.CANCEL]
        assert (
            message_changes.change(session, number, Act.CANCEL, reason=REASON, by=reviewer, now=NOW) is State.CANCELLED
        )


@pytest.mark.parametrize("state", [State.SENDING, State.ACCEPTED, State.CANCELLED, State.NO_CHANNEL, State.BOUNCED])
def test_what_is_on_the_wire_gone_or_final_is_not_for_staff(
    any_database: Database, reviewer: int, state: State
) -> None:
    number = one_letter(any_database, state=state.value)
    with any_database.write() as session:
        detail = message_detail.look(session, number, by=reviewer, now=NOW)
    assert detail is not None
    assert detail.acts == []


def test_a_failed_letter_queued_again_is_due_with_time_to_succeed_and_the_same_bytes(
    any_database: Database, reviewer: int
) -> None:
    number = one_letter(any_database, state="failed", attempts=14, next_attempt_at=None, expires_at=NOW)
    later = NOW + timedelta(days=1)
    with any_database.write() as session:
        before = session.get_one(FrozenLetter, number).raw
        message_changes.change(session, number, Act.REQUEUE, reason=REASON, by=reviewer, now=later)
        message = session.get_one(Message, number, populate_existing=True)
        assert (message.state, message.next_attempt_at) == ("queued", later)
        assert message.expires_at == later + timedelta(hours=96)
        assert (message.attempts, message.possible_duplicate) == (14, False)
        assert session.get_one(FrozenLetter, number).raw == before


@pytest.mark.parametrize("past", ["accepted", "ambiguous"])
def test_a_letter_that_may_have_arrived_is_flagged_when_released(
    any_database: Database, reviewer: int, past: str
) -> None:
    number = one_letter(any_database, state="held", body_started_at=NOW)
    with any_database.write() as session:
        session.add(Event(message_id=number, at=NOW, from_state="sending", to_state=past, actor_kind="worker"))
        message_changes.change(session, number, Act.RELEASE, reason=REASON, by=reviewer, now=NOW)
        message = session.get_one(Message, number, populate_existing=True)
        assert (message.possible_duplicate, message.body_started_at) == (True, None)


def test_nothing_is_sent_again_against_the_supporters_will_or_too_late(any_database: Database, reviewer: int) -> None:
    number = one_letter(any_database, state="held")

    def release(session: Session, now: datetime = NOW) -> None:
        message_changes.change(session, number, Act.RELEASE, reason=REASON, by=reviewer, now=now)

    with any_database.write_sessions() as session:
        session.scalars(select(Action)).one().cancelled_at = NOW
        with pytest.raises(MessageChangeRefused, match=Refusal.TAKEN_BACK):
            release(session)
    with any_database.write_sessions() as session:
        session.execute(delete(FrozenLetter))
        with pytest.raises(MessageChangeRefused, match=Refusal.ERASED):
            release(session)
    with any_database.write_sessions() as session:
        deadline = datetime(2026, 3, 5, tzinfo=UTC)
        session.scalars(select(Campaign)).one().deadline_at = deadline
        with pytest.raises(MessageChangeRefused, match=Refusal.DEADLINE_PASSED):
            release(session, deadline)
        release(session, NOW)
        assert session.get_one(Message, number, populate_existing=True).expires_at == deadline


def test_counts_stop_at_a_bound_or_go_on_to_the_end(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        letters_to(session, ["Uma Pattern", "Tomas Mould", "Ina Sample"], campaign)
        for wanted in (Filter(), Filter(campaign="ab969"), Filter(target="a")):
            assert send_log.counts(session, wanted, most=1) == {State.QUEUED: 2}
            assert send_log.counts(session, wanted, most=send_log.EVERY) == {State.QUEUED: 3}
