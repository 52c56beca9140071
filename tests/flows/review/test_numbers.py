"""What is counted, by whose days, and where counting ends."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import RowMapping, insert, select

from actionmail.db.actions import Action
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.review import numbers
from actionmail.flows.review.campaign_actions import Standing
from actionmail.flows.review.numbers import SUBJECTS_READ, Asked, Day, Numbers
from actionmail.rules.campaigns.subjects import offered
from actionmail.rules.delivery.states import State
from bench.queue import fill_log
from tests.db.test_plans import plan_of, statements
from tests.flows.actions.test_sums import add_all_up
from tests.samples import (
    NOW,
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_letter,
    sample_message,
    sample_petition,
)

CHICAGO = "America/Chicago"


ALONE = {"idempotency_key", "receipt_token", "supporter_key", "message_id"}


def fill_more(database: Database, letters: int) -> None:
    """So many that are like the only one and its action, of the day after."""
    with database.write() as session:
        action, message = (session.execute(select(one.__table__)).mappings().one() for one in (Action, Message))
        rows: dict[type, list[dict[str, object]]] = {Action: [], Message: []}
        for number in range(message["id"] + 1, message["id"] + 1 + letters):
            new = {"id": number, "created_at": at(5, 5)}
            rows[Action].append(_another(action, number) | new)
            rows[Message].append(_another(message, number) | new | {"action_id": number})
        for table, of_table in rows.items():
            session.execute(insert(table), of_table)


def _another(row: RowMapping, number: int) -> dict[str, object]:
    return {name: f"{value[:20]}{number}" if name in ALONE else value for name, value in row.items()}


def count(database: Database, asked: Asked) -> Numbers:
    with database.read() as session:
        return numbers.numbers(session, asked)


def at(day: int, hour: int) -> datetime:
    """In March 2026, UTC; Chicago is six hours behind until the 8th, then five."""
    return NOW.replace(day=day, hour=hour, minute=0, second=0)


@pytest.fixture
def log(any_database: Database) -> Database:
    with any_database.write() as session:
        campaign, petition = sample_campaign(session), sample_petition(session)
        senator = sample_legislator(session, name="Uma Pattern", chamber="upper", district="26")
        member = sample_legislator(session, name="Tomas Mould", district="77")
        away = sample_legislator(session, name="Leo Placeholder", state="MN", district="1A")
        for number, (made, state, language, source) in enumerate(
            (
                (at(4, 5), "settled", "en", ""),  # the 3rd in Chicago
                (at(4, 6), "bounced", "vi", "flyer"),
                (at(6, 12), "failed", "en", "flyer"),
            )
        ):
            action = sample_action(session, campaign, created_at=made, language=language, source=source)
            for legislator in (senator, member)[: 2 - number % 2]:
                columns = {"supporter_key": str(number), "created_at": made, "state": state}
                sample_message(session, action, legislator, campaign.letters[0], **columns)
        other = sample_campaign(session, slug="hf3434", state="MN")
        elsewhere = sample_action(session, other, created_at=at(6, 13), language="", unconfirmed=True)
        sample_message(session, elsewhere, away, other.letters[0], created_at=at(6, 13), state="unconfirmed")
        sample_action(session, petition, created_at=at(7, 0))
        sample_action(session, petition, created_at=at(7, 1), cancelled_at=NOW)
        sample_action(session, petition, created_at=at(7, 2), invalid_at=NOW)
    return any_database


def test_days_are_by_the_campaigns_clocks_and_without_a_gap(log: Database) -> None:
    told = count(log, Asked(campaign="ab969", timezone=CHICAGO))
    assert told.days == [
        Day(day=date(2026, 3, 3), actions=1, letters=2),
        Day(day=date(2026, 3, 4), actions=1, letters=1),
        Day(day=date(2026, 3, 5), actions=0, letters=0),
        Day(day=date(2026, 3, 6), actions=1, letters=2),
    ]
    assert {type(number) for day in told.days for number in (day.actions, day.letters)} == {int}
    only = count(log, Asked(campaign="ab969", timezone=CHICAGO, since=date(2026, 3, 2), until=date(2026, 3, 3)))
    assert [(day.day.day, day.letters) for day in only.days] == [(2, 0), (3, 2)]


def test_the_last_day_is_whole_on_the_day_on_which_clocks_change(log: Database) -> None:
    asked = Asked(timezone=CHICAGO, since=date(2026, 3, 8), until=date(2026, 3, 8))
    assert (asked.begins, asked.ends) == (at(8, 6), at(9, 5))


def test_letters_by_place_legislator_and_state(log: Database) -> None:
    told = count(log, Asked())
    assert told.letters == 6
    assert told.states == {State.UNCONFIRMED: 1, State.SETTLED: 2, State.BOUNCED: 1, State.FAILED: 2}
    assert [(state, tally.letters, tally.taken, tally.back, tally.not_sent) for state, tally in told.places] == [
        ("WI", 5, 2, 1, 2),
        ("MN", 1, 0, 0, 0),
    ]
    assert [(member.name, tally.letters, tally.back) for member, tally in told.members] == [
        ("Uma Pattern", 3, 1),
        ("Tomas Mould", 2, 0),
        ("Leo Placeholder", 1, 0),
    ]
    assert [(seat.chamber, seat.district, tally.letters) for seat, tally in told.seats][:2] == [
        ("upper", "26", 3),
        ("lower", "77", 2),
    ]


def test_every_letter_is_taken_or_back_or_not_sent_or_on_its_way(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        for state in State:
            action = sample_action(session, campaign)
            sample_message(session, action, legislator, campaign.letters[0], state=state, supporter_key=state.value)
    ((_, tally),) = count(any_database, Asked()).places
    unsent = (State.UNCONFIRMED, State.REVIEW, State.QUEUED, State.DEFERRED, State.HELD)
    on_their_way = (*unsent, State.SENDING, State.AMBIGUOUS)
    assert tally.letters - tally.taken - tally.back - tally.not_sent == len(on_their_way)


def test_actions_of_every_kind_by_where_they_stand(log: Database) -> None:
    told = count(log, Asked())
    assert told.standings == {Standing.COUNTS: 4, Standing.WAITING: 1, Standing.TAKEN_BACK: 1, Standing.INVALID: 1}
    assert told.actions == 4
    assert told.sources == [("", 2), ("flyer", 2)]
    assert told.languages == [("en", 3), ("vi", 1)]


def test_a_campaign_that_is_not_there_and_an_empty_time_have_none(log: Database) -> None:
    for asked in (Asked(campaign="none"), Asked(since=date(2030, 1, 1))):
        told = count(log, asked)
        assert (told.days, told.actions, told.letters, told.members) == ([], 0, 0, [])


def test_of_rotating_subjects_those_kept_come_first(any_database: Database) -> None:
    subjects = ["Vote no, {{ legislator_name }}", "Nurses, not police"]
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        letter = sample_letter(session, campaign, name="two", place=2, subjects=subjects)
        texts = (["Vote no, Lara Sample", "My own words"], ["Nurses, not police", "Nurses, not police"])
        for place, written in enumerate(texts):
            keys = [f"key-{number}" for number in range(50) if offered(f"key-{number}", 2) == place]
            for key, subject in zip(keys, [*written, ""], strict=False):
                action = sample_action(session, campaign, idempotency_key=key)
                sample_message(session, action, legislator, letter, supporter_key=key, subject=subject)
        sample_message(session, sample_action(session, campaign), legislator, campaign.letters[0], supporter_key="x")
    told = count(any_database, Asked())
    assert [(one.text, one.letter, one.offered, one.edited) for one in told.subjects] == [
        ("Nurses, not police", "two", 2, 0),
        ("Vote no, {{ legislator_name }}", "two", 2, 1),
    ]


def test_of_subjects_the_newest_of_each_letter_are_read(any_database: Database) -> None:
    with any_database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        letter = sample_letter(session, campaign, name="two", place=2, subjects=["Vote no", "Nurses, not police"])
        action = sample_action(session, campaign, created_at=at(4, 5))
        sample_message(session, action, legislator, letter, created_at=at(4, 5))
    fill_more(any_database, SUBJECTS_READ + 10)
    told = count(any_database, Asked())
    assert sum(one.offered for one in told.subjects) == SUBJECTS_READ
    assert sum(one.offered for one in count(any_database, Asked(until=date(2026, 3, 4))).subjects) == 1
    assert count(any_database, Asked(until=date(2026, 3, 3))).subjects == []


def test_an_action_that_another_stands_for_counts_while_that_one_does_not(any_database: Database) -> None:
    with any_database.write() as session:
        petition = sample_petition(session)
        first = sample_action(session, petition)
        second = sample_action(session, petition, merged_into=first.id, source="flyer")
        sample_action(session, petition, merged_into=second.id, cancelled_at=NOW)
        number = first.id
    told = count(any_database, Asked())
    assert told.standings == {Standing.COUNTS: 1, Standing.NOT_APPROVED: 1, Standing.TAKEN_BACK: 1}
    with any_database.write() as session:
        session.get_one(Action, number).invalid_at = NOW
    told = count(any_database, Asked())
    assert told.standings == {Standing.COUNTS: 1, Standing.INVALID: 1, Standing.TAKEN_BACK: 1}
    assert told.sources == [("flyer", 1)]


@pytest.mark.parametrize("is_added_up", [False, True])
def test_no_letter_or_action_is_read(any_database: Database, is_added_up: bool) -> None:
    """But for actions that another one stands for, along an index of theirs."""
    fill_log(any_database, 3_000)
    if is_added_up:
        add_all_up(any_database)
    since, until = NOW.date() - timedelta(days=40), NOW.date() + timedelta(days=1)
    for asked in (Asked(), Asked(campaign="ab969", timezone=CHICAGO), Asked(since=since, until=until)):
        look = partial(numbers.numbers, asked=asked)
        with statements(any_database, "messages") as seen, any_database.read() as session:
            look(session)
        assert (asked, seen) == (asked, [])
        plan = plan_of(any_database, look, table="actions")
        of_actions = [line for line in plan if re.search(r"\bactions\b(?!_)", line) and "pk_actions" not in line]
        assert of_actions
        assert (asked, [line for line in of_actions if "ix_actions_merged" not in line]) == (asked, [])
