"""Calls: told once, in order, undone, put off, counted; and two at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.roster import Committee, CommitteeMember
from actionmail.flows.actions import calling, receipt, submitting
from actionmail.flows.actions.calling import Told
from actionmail.flows.actions.refusals import CampaignClosed, PageTooOld
from actionmail.flows.privacy import erasure
from actionmail.rules.campaigns.kinds.call.calls import Line, Outcome
from actionmail.rules.campaigns.kinds.call.table import fixed_line
from actionmail.rules.replacing import replace
from tests.samples import sample_call, sample_legislator
from tests.two_sessions import cross

SITTING = "s" * 32


@pytest.fixture
def call(any_database: Database) -> int:
    with any_database.write() as session:
        return sample_call(session).id


def told(campaign: int, turn: int = 0, outcome: Outcome = Outcome.SPOKE, **different: Any) -> Told:
    line = fixed_line("comment-line", {"number": "202-456-1111", "tty": "", "hours": []})
    press = Told(campaign_id=campaign, sitting=SITTING, turn=turn, line=line, outcome=outcome)
    return replace(press, **different)


def tell(database: Database, press: Told, now: datetime) -> str:
    with database.write() as session:
        return calling.tell(session, press, now=now).receipt_token


def counted(database: Database, campaign: int) -> int:
    with database.read() as session:
        return submitting.actions_so_far(session, campaign)


def outcomes(database: Database, campaign: int) -> list[Outcome]:
    with database.read() as session:
        return [turn.call.outcome for turn in calling.turns(session, campaign, SITTING)[0]]


def change(database: Database, number: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, number), name, value)


def test_a_call_is_kept_without_anybodys_name(any_database: Database, call: int, now: datetime) -> None:
    tell(any_database, told(call, state="WI"), now)
    with any_database.read() as session:
        action = session.scalars(select(Action)).one()
    assert action.details == {
        "target": "comment-line",
        "office": "fixed",
        "digits": "2024561111",
        "extension": "",
        "outcome": "spoke",
    }
    assert (action.name, action.email, action.zip, action.city, action.consent_address) == ("", "", "", "", "")
    assert (action.state, action.mailbox_key, SITTING in action.idempotency_key) == ("WI", None, False)


def test_a_second_press_is_the_same_call(any_database: Database, call: int, now: datetime) -> None:
    first = tell(any_database, told(call), now)
    assert tell(any_database, told(call), now) == first
    assert tell(any_database, told(call, outcome=Outcome.BUSY), now) == first
    assert counted(any_database, call) == 1
    assert outcomes(any_database, call) == [Outcome.SPOKE]


def test_two_presses_at_the_same_moment_count_once(any_database: Database, call: int, now: datetime) -> None:
    tokens: list[str] = []

    def press(session: Any) -> None:
        tokens.append(calling.tell(session, told(call), now=now).receipt_token)

    cross(any_database, press, press)
    assert len(set(tokens)) == 1
    assert counted(any_database, call) == 1


def test_two_presses_that_both_saw_nothing_count_once(any_database: Database, call: int, now: datetime) -> None:
    """The second looks before the first is in: the unique key decides."""
    tokens: list[str] = []

    def press(session: Any) -> None:
        tokens.append(calling.tell(session, told(call), now=now).receipt_token)

    cross(any_database, press, press, after="FROM campaigns")
    assert len(set(tokens)) == 1
    assert counted(any_database, call) == 1


def test_calls_go_on_turn_by_turn(any_database: Database, call: int, now: datetime) -> None:
    tell(any_database, told(call, 0, Outcome.BUSY), now)
    tell(any_database, told(call, 1, Outcome.VOICEMAIL), now)
    assert outcomes(any_database, call) == [Outcome.BUSY, Outcome.VOICEMAIL]
    for turn in (3, calling.MOST_TURNS):
        with pytest.raises(PageTooOld):
            tell(any_database, told(call, turn), now)
    with pytest.raises(PageTooOld):
        tell(any_database, told(call, 2, line=None), now)


def test_a_sitting_is_bounded(any_database: Database, call: int, now: datetime) -> None:
    for turn in range(calling.MOST_TURNS):
        tell(any_database, told(call, turn, Outcome.BUSY), now)
    with pytest.raises(PageTooOld):
        tell(any_database, told(call, calling.MOST_TURNS), now)
    assert counted(any_database, call) == calling.MOST_TURNS


def test_a_closed_campaign_takes_no_call(any_database: Database, call: int, now: datetime) -> None:
    for columns in ({"deadline_at": now}, {"deadline_at": None, "status": "paused"}):
        change(any_database, call, **columns)
        with pytest.raises(CampaignClosed):
            tell(any_database, told(call), now)


def test_a_call_put_off_is_none(any_database: Database, call: int, now: datetime) -> None:
    tell(any_database, told(call, outcome=Outcome.NOT_NOW), now)
    assert counted(any_database, call) == 0
    assert outcomes(any_database, call) == [Outcome.NOT_NOW]


@pytest.mark.parametrize("outcome", [Outcome.SPOKE, Outcome.NOT_NOW])
def test_what_was_told_can_be_undone_once(any_database: Database, call: int, now: datetime, outcome: Outcome) -> None:
    tell(any_database, told(call, outcome=outcome), now)
    undone = []
    for _ in range(2):
        with any_database.write() as session:
            undone.append(calling.undo(session, call, SITTING, 0, now=now))
    assert undone == [True, False]
    assert (counted(any_database, call), outcomes(any_database, call)) == (0, [])
    tell(any_database, told(call, 1), now)
    assert outcomes(any_database, call) == [Outcome.SPOKE]


def test_its_receipt_takes_it_back_too_and_erasure_leaves_the_count(
    any_database: Database, call: int, now: datetime
) -> None:
    taken_back, erased = (tell(any_database, told(call, turn), now) for turn in (0, 1))
    with any_database.write() as session:
        assert receipt.cancel(session, taken_back, now=now) == 1
        assert erasure.erase(session, erased, now=now)
    assert counted(any_database, call) == 1
    assert outcomes(any_database, call) == [Outcome.SPOKE]


def test_counts_are_by_number_and_by_hour(any_database: Database, call: int, now: datetime) -> None:
    tell(any_database, told(call, 0, Outcome.BUSY), now)
    tell(any_database, told(call, 1, Outcome.NOT_NOW), now)
    tell(any_database, told(call, 0, Outcome.SPOKE, sitting="t" * 32), now + timedelta(hours=2))
    tell(any_database, told(call, 1, Outcome.SPOKE, sitting="t" * 32), now + timedelta(hours=2))
    with any_database.write() as session:
        calling.undo(session, call, "t" * 32, 1, now=now)
    with any_database.read() as session:
        counts = calling.counts(session, session.get_one(Campaign, call))
    assert [(name, digits, dict(tally)) for name, digits, _, tally in counts.lines] == [
        ("the comment line", "2024561111", {Outcome.BUSY: 1, Outcome.NOT_NOW: 1, Outcome.SPOKE: 1})
    ]
    assert [(hour.hour, hour.minute, tally.total()) for hour, tally in counts.hours] == [(12, 0, 1), (10, 0, 2)]


@pytest.fixture
def committee(any_database: Database) -> int:
    with any_database.write() as session:
        members = [
            sample_legislator(session, name="Uma Pattern", family_name="Pattern", phone="608-266-2512"),
            sample_legislator(session, name="Lara Sample", phone=""),
            sample_legislator(session, name="Abe Gone", phone="608-266-2513", status="vacant"),
            sample_legislator(session, name="Zoe Wrong", family_name="Wrong", phone="12"),
        ]
        board = Committee(
            key="c1", state="WI", chamber="lower", name="Samples", source="made up", as_of=members[0].as_of
        )
        session.add(board)
        session.flush()
        for place, member in enumerate(members):
            seat = {"place": place, "legislator_key": member.key, "name": member.name, "role": ""}
            session.add(CommitteeMember(committee_id=board.id, **seat))
        details = {"whom": "committee", "name": "", "number": "", "tty": "", "committees": ["c1"]}
        return sample_call(session, state="WI", details=details).id


def test_a_committees_members_are_called_and_who_has_no_number_is_told(any_database: Database, committee: int) -> None:
    with any_database.read() as session:
        campaign = session.get_one(Campaign, committee)
        found = calling.to_call(session, campaign)
        assert list(calling.without_phone(session, campaign)) == list(found.without_phone)
    lines: tuple[Line, ...] = found.lines.lines
    assert [found.callees[line.target].name for line in lines] == ["Representative Uma Pattern"]
    assert lines[0].hours is not None
    assert found.without_phone == ("Representative Lara Sample", "Representative Zoe Wrong")
    assert [target for target, _, _ in found.lines.unusable] != []


def test_ones_own_are_those_of_the_seats(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        sample_legislator(session, chamber="upper", district="26", name="Uma Pattern", phone="608-266-2512")
        sample_legislator(session, chamber="upper", district="27", name="Nan Other", phone="")
        details = {"whom": "own", "name": "", "number": "", "tty": "", "chambers": ["upper"]}
        campaign = sample_call(session, state="WI", details=details)
        found = calling.to_call(session, campaign, [("upper", "26")])
        assert [callee.name for callee in found.callees.values()] == ["Senator Uma Pattern"]
        assert calling.to_call(session, campaign).lines.lines == ()
        assert calling.without_phone(session, campaign) == ["Senator Nan Other"]
        assert session.scalar(select(func.count()).select_from(Action)) == 0
