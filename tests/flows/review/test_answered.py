"""Which offices answered: by mail and as supporters say, each letter once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.returns import Return
from actionmail.flows.review import answered, exports, reports
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.numbers import Asked
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message

DAY = timedelta(days=1)


def came(session: Session, letter: Message, kind: str, at: datetime) -> None:
    number = session.query(Return).count()
    session.add(Return(message_id=letter.id, at=at, kind=kind, sha256=f"{number:064}", forwarded=True))
    session.flush()


def says(session: Session, letter: Message, is_answered: bool, words: str = "") -> None:
    session.add(SaidAnswer(message_id=letter.id, is_answered=is_answered, said_at=NOW + 14 * DAY, words=words))


def was_asked(session: Session, action: Action) -> None:
    session.add(
        AnswerQuestion(
            action_id=action.id, token=f"{action.id:043}", agreed_at=NOW, ask_at=None, asked_at=NOW + 14 * DAY
        )
    )


@pytest.fixture
def log(any_database: Database) -> Database:
    """Six letters to Uma, one to Tomas; two more that nobody knows anything of."""
    with any_database.write() as session:
        campaign = sample_campaign(session)
        uma = sample_legislator(session, id=1, name="Uma Pattern", chamber="upper", district="26")
        tomas = sample_legislator(session, id=2, name="Tomas Mould", district="77")
        letters = []
        for number in range(8):
            action = sample_action(session, campaign, email=f"mai{number}@example.org")
            to = tomas if number >= 6 else uma
            letter = sample_message(session, action, to, campaign.letters[0], state="settled")
            session.add(
                Event(message_id=letter.id, at=NOW, from_state="sending", to_state="accepted", actor_kind="worker")
            )
            if number not in (0, 7):
                was_asked(session, action)
            letters.append(letter)
        came(session, letters[0], "reply", NOW + 2 * DAY)  # by mail alone
        came(session, letters[0], "reply", NOW + 9 * DAY)
        came(session, letters[1], "reply", NOW + 6 * DAY)  # by mail, and its supporter says so
        came(session, letters[1], "auto reply", NOW + DAY)
        says(session, letters[1], True)
        says(session, letters[2], True, "Dear Mai")
        came(session, letters[3], "auto reply", NOW + DAY)
        says(session, letters[3], False)
        says(session, letters[6], False)
        came(session, letters[4], "bounce", NOW + DAY)
    return any_database


def test_each_letter_with_an_answer_counts_once(log: Database) -> None:
    with log.snapshot() as session:
        found = answered.by_legislator(session, [])
    uma, tomas = found[1], found[2]
    assert (uma.letters, uma.by_mail, uma.by_machine) == (3, 2, 1)
    assert (uma.asked, uma.said_yes, uma.said_no) == (5, 2, 1)
    assert uma.usual_wait == 4 * DAY
    assert (tomas.letters, tomas.asked, tomas.said_no, tomas.usual_wait) == (0, 1, 1, None)
    assert set(found) == {1, 2}


def test_of_one_legislator_and_of_one_of_whom_nothing_is_known(log: Database) -> None:
    with log.snapshot() as session:
        one = answered.of_legislator(session, 1)
        assert one is not None and one.letters == 3
        assert answered.of_legislator(session, 3) is None


def test_numbers_and_report_tell_who_answered(log: Database) -> None:
    asked = Asked(campaign="ab969", timezone="America/Chicago")
    with log.snapshot() as session:
        told = reports.who_answered(session, asked)
        report = reports.report(session, asked)
        office = reports.report(session, asked, legislator=2)
        nothing = reports.who_answered(session, Asked(campaign="none"))
    by_answers, by_seat = ["Uma Pattern", "Tomas Mould"], ["Tomas Mould", "Uma Pattern"]
    assert [member.name for member, _known in told] == by_answers
    assert [member.name for member, _known in report.answered] == by_seat
    assert dict(report.answered)[told[0][0]].letters == 3
    assert [(member.name, known.said_no) for member, known in office.answered] == [("Tomas Mould", 1)]
    assert nothing == []


def test_the_export_tells_of_each_letter_and_never_the_words(log: Database) -> None:
    with log.snapshot() as session:
        table = exports.message_table(session, Filter(campaign="ab969"), with_people=True)
        rows = [dict(zip(table.head, row, strict=True)) for row in table.rows]
    told = {row["letter_number"]: (row["answer_came_at"], row["supporter_says"]) for row in rows}
    assert list(told.values())[::-1] == [
        ("2026-03-06T15:12:05Z", ""),
        ("2026-03-10T15:12:05Z", "yes"),
        (None, "yes"),
        (None, "no"),
        (None, "asked"),
        (None, "asked"),
        (None, "no"),
        (None, ""),
    ]
    assert "Dear Mai" not in str(rows)
