"""No letter goes to somebody who holds the seat no more, or not yet, whatever happens at the same moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.roster import Legislator
from actionmail.flows.actions import receipt
from actionmail.flows.delivery import claim, out_of_office, start_bodies
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.states import State
from tests.datasets import bring_people, go_back
from tests.flows.delivery.test_delivery import fill
from tests.people import seat_row
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.two_sessions import cross

LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def letters(database: Database, *marked: dict[str, object]) -> list[int]:
    """Letters to one legislator, each with columns of its own."""
    with database.write() as session:
        campaign, legislator = sample_campaign(session), sample_legislator(session)
        ids = []
        for number, columns in enumerate(marked):
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            ids.append(sample_message(session, action, legislator, campaign.letters[0], **columns).id)
    return ids


def becomes(session: Session, **columns: object) -> None:
    session.execute(update(Legislator).values(columns))


def claimed(database: Database, now: datetime = NOW) -> list[int]:
    with database.write() as session:
        return claim(session, owner="w:1", now=now, limit=9, lease=LEASE).ids


def begun(database: Database, ids: list[int], now: datetime = NOW) -> list[int]:
    with database.write() as session:
        return start_bodies(session, ids, owner="w:1", now=now, lease=LEASE)


def ended(database: Database, now: datetime) -> int:
    with database.write() as session:
        return out_of_office.end_letters(session, now)


def stands(database: Database) -> list[tuple[str, str]]:
    """Each message's state, and the reason of its last event."""
    with database.read() as session:
        standing = []
        for message in session.scalars(select(Message).order_by(Message.id)):
            last = select(Event.reason_code).where(Event.message_id == message.id).order_by(Event.id.desc())
            standing.append((message.state, session.scalars(last).first() or ""))
        return standing


@pytest.mark.parametrize("state", [State.QUEUED, State.DEFERRED])
def test_a_letter_to_somebody_gone_is_not_sent_and_ends(any_database: Database, state: State) -> None:
    """Whether it was never tried, or was put off yesterday."""
    letters(any_database, {"state": state.value}, {"state": state.value})
    with any_database.write() as session:
        becomes(session, gone_at=NOW - HOUR)
    assert claimed(any_database) == []
    assert ended(any_database, NOW) == 2
    assert stands(any_database) == [("expired", Reason.TARGET_GONE)] * 2
    assert ended(any_database, NOW) == 0


def test_for_an_hour_somebody_may_go_back_on_the_import(any_database: Database) -> None:
    ids = fill(any_database, 1)
    with any_database.write() as session:
        becomes(session, gone_at=NOW)
    assert (claimed(any_database), ended(any_database, NOW + HOUR - timedelta(seconds=1))) == ([], 0)
    with any_database.write() as session:
        becomes(session, gone_at=None)
    assert claimed(any_database) == ids


def test_a_seat_corrected_to_vacant_gets_no_letter(any_database: Database) -> None:
    fill(any_database, 1)
    with any_database.write() as session:
        becomes(session, status="vacant")
    assert (claimed(any_database), ended(any_database, NOW)) == ([], 1)


@pytest.mark.parametrize("marked", [{"state": "ambiguous"}, {"state": "deferred", "possible_duplicate": True}])
def test_what_may_have_been_sent_is_a_persons_to_decide(any_database: Database, marked: dict[str, object]) -> None:
    letters(any_database, marked)
    with any_database.write() as session:
        becomes(session, gone_at=NOW - HOUR)
    assert (claimed(any_database), ended(any_database, NOW)) == ([], 1)
    assert stands(any_database) == [("held", Reason.TARGET_GONE_UNCLEAR)]


def test_a_term_ends_by_the_clock_of_its_state(any_database: Database) -> None:
    """In Wisconsin the fourth of January lasts until six in the morning, UTC."""
    ids = fill(any_database, 1)
    with any_database.write() as session:
        session.execute(update(Message).values(expires_at=NOW + timedelta(days=900)))
        becomes(session, ends=date(2027, 1, 4))
    assert claimed(any_database, datetime.fromisoformat("2027-01-05T06:00:00+00:00")) == []
    assert claimed(any_database, datetime.fromisoformat("2027-01-05T05:59:00+00:00")) == ids
    assert begun(any_database, ids, datetime.fromisoformat("2027-01-05T06:00:00+00:00")) == []


def test_a_letter_waits_for_the_first_day(any_database: Database) -> None:
    ids = fill(any_database, 1)
    first = datetime.fromisoformat("2027-01-04T06:00:00+00:00")
    with any_database.write() as session:
        session.execute(update(Message).values(expires_at=first + timedelta(days=1)))
        becomes(session, status="elected", begins=date(2027, 1, 4))
    before = first - timedelta(minutes=1)
    assert (claimed(any_database, before), ended(any_database, before)) == ([], 0)
    with any_database.write() as session:
        becomes(session, status="sitting")  # as the handover does
    assert (claimed(any_database, before), claimed(any_database, first)) == ([], ids)


def test_a_handover_while_a_worker_has_the_letters(any_database: Database) -> None:
    ids = fill(any_database, 2)
    assert claimed(any_database) == ids
    with any_database.write() as session:
        session.execute(update(Message).where(Message.id == ids[1]).values(possible_duplicate=True))
        becomes(session, gone_at=NOW)
    assert begun(any_database, ids) == []
    assert stands(any_database) == [("deferred", Reason.TARGET_GONE), ("held", Reason.TARGET_GONE_UNCLEAR)]
    assert claimed(any_database, NOW + LEASE) == []
    assert ended(any_database, NOW + HOUR) == 1
    assert stands(any_database)[0] == ("expired", Reason.TARGET_GONE)


def test_a_handover_at_the_very_moment(any_database: Database) -> None:
    ids = fill(any_database, 1)
    assert claimed(any_database) == ids
    bodies: list[list[int]] = []
    cross(
        any_database,
        lambda session: becomes(session, gone_at=NOW),
        lambda session: bodies.append(start_bodies(session, ids, owner="w:1", now=NOW, lease=LEASE)),
    )
    # SQLite has one writer, so the bodies come after the handover; on PostgreSQL before it, as long as it is not there.
    assert bodies == [[] if any_database.engine.dialect.name == "sqlite" else ids]


def test_another_workers_letters_are_left_alone(any_database: Database) -> None:
    ids = fill(any_database, 1)
    assert claimed(any_database) == ids
    with any_database.write() as session:
        becomes(session, gone_at=NOW)
    with any_database.write() as session:
        assert start_bodies(session, ids, owner="w:2", now=NOW, lease=LEASE) == []
    assert stands(any_database) == [("sending", "")]


def _moves(session: Session, house: str) -> None:
    """An import that has the legislator in this house, and a mailbox there."""
    district, email = {"lower": ("76", "rep@legis.example.org"), "upper": ("26", "sen@legis.example.org")}[house]
    row = seat_row(1, key="sample/mover", chamber=house, district=district, email=email)
    bring_people(session, [row], now=NOW, confirmed=True)


def _letter_to_the_representative(database: Database) -> int:
    with database.write() as session:
        _moves(session, "lower")
        campaign = sample_campaign(session)
        legislator = session.scalars(select(Legislator).where(Legislator.chamber == "lower")).one()
        action = sample_action(session, campaign, email="mai@example.org")
        return sample_message(session, action, legislator, campaign.letters[0], recipient=legislator.email).id


def test_a_letter_to_whoever_sits_in_another_house_by_now_is_not_sent_and_ends(any_database: Database) -> None:
    """It was written to the mailbox of the house that they left, in words for that house."""
    _letter_to_the_representative(any_database)
    with any_database.write() as session:
        _moves(session, "upper")
    assert (claimed(any_database), ended(any_database, NOW + HOUR - timedelta(seconds=1))) == ([], 0)
    assert ended(any_database, NOW + HOUR) == 1
    assert stands(any_database) == [("expired", Reason.TARGET_GONE)]
    with any_database.read() as session:
        token = session.scalars(select(Action.receipt_token)).one()
        shown = receipt.find(session, token, undo_seconds=60, now=NOW + HOUR)
    assert shown is not None
    assert [line.is_out_of_office for line in shown.lines] == [True]
    with any_database.write() as session:  # the new seat's own letters go
        campaign = session.scalars(select(Campaign)).one()
        senator = session.scalars(select(Legislator).where(Legislator.key == "sample/mover")).one()
        action = sample_action(session, campaign, email="zoe@example.org")
        to_senator = sample_message(session, action, senator, campaign.letters[0], recipient=senator.email).id
    assert (senator.email, claimed(any_database)) == ("sen@legis.example.org", [to_senator])


def test_going_back_on_the_import_lets_it_go(any_database: Database) -> None:
    letter = _letter_to_the_representative(any_database)
    with any_database.write() as session:
        _moves(session, "upper")
    assert claimed(any_database) == []
    with any_database.write() as session:
        go_back(session)
    assert claimed(any_database) == [letter]
    assert begun(any_database, [letter]) == [letter]


def test_a_change_of_houses_while_a_worker_has_the_letter(any_database: Database) -> None:
    letter = _letter_to_the_representative(any_database)
    assert claimed(any_database) == [letter]
    bodies: list[list[int]] = []
    cross(
        any_database,
        lambda session: _moves(session, "upper"),
        lambda session: bodies.append(start_bodies(session, [letter], owner="w:1", now=NOW, lease=LEASE)),
    )
    # SQLite has one writer, so the bodies come after the import; on PostgreSQL before it, as long as it is not there.
    assert bodies == [[] if any_database.engine.dialect.name == "sqlite" else [letter]]
    if any_database.engine.dialect.name == "sqlite":
        assert stands(any_database) == [("deferred", Reason.TARGET_GONE)]


def test_another_district_of_the_same_house_has_the_same_mailbox(any_database: Database) -> None:
    letter = _letter_to_the_representative(any_database)
    with any_database.write() as session:
        moved = seat_row(1, key="sample/mover", district="80", email="rep@legis.example.org")
        bring_people(session, [moved], now=NOW, confirmed=True)
    assert claimed(any_database) == [letter]


def test_others_go_on(any_database: Database) -> None:
    gone = fill(any_database, 1)
    with any_database.write() as session:
        becomes(session, gone_at=NOW)
    there = _second(any_database)
    assert claimed(any_database) == there
    assert begun(any_database, [*gone, *there]) == there


def _second(database: Database) -> list[int]:
    """A letter of the same campaign to another legislator."""
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        action = sample_action(session, campaign, email="zoe@example.org")
        legislator = sample_legislator(session, district="77")
        return [sample_message(session, action, legislator, campaign.letters[0]).id]


def test_the_receipt_says_why(any_database: Database) -> None:
    fill(any_database, 1)
    with any_database.write() as session:
        becomes(session, gone_at=NOW - HOUR)
        token = session.scalars(select(Action.receipt_token)).one()
    with any_database.read() as session:
        shown = receipt.find(session, token, undo_seconds=60, now=NOW)
    assert shown is not None
    assert [(line.state, line.is_out_of_office) for line in shown.lines] == [("queued", True)]
    assert ended(any_database, NOW) == 1
    with any_database.read() as session:
        shown = receipt.find(session, token, undo_seconds=60, now=NOW)
    assert shown is not None
    assert [(line.state, line.is_out_of_office) for line in shown.lines] == [("expired", True)]
