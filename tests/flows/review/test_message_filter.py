"""Each filter of the send log finds its letters, all of them, in pages without a gap, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, SearchText
from actionmail.db.counters import ActionMove, LetterMove, LetterSum
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.roster import Committee, CommitteeMember, Legislator
from actionmail.flows.actions import search_index
from actionmail.flows.privacy.erasure import erase
from actionmail.flows.review import message_filter
from actionmail.flows.review.filters import CannotMatch, Filter, Moment
from actionmail.flows.review.message_filter import Place, matching
from actionmail.rules.delivery.states import State
from bench.queue import fill_history, fill_log
from tests.samples import (
    NOW,
    make_searchable,
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_letter,
    sample_message,
)

NAMES = ["Mai Nguyễn Example", "Tou Vu Sample", "សុខា Madeup", "王芳 Fiction", "Noor Testcase", "Noor Instance"]
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


@pytest.fixture
def log(any_database: Database) -> Database:
    """Six supporters, each with a letter to the same three legislators; a second campaign in Minnesota."""
    with any_database.write() as session:
        campaign = sample_campaign(session)
        to_committee = sample_letter(session, campaign, name="committee", place=2)
        roys = sample_legislator(session, name="Uma Pattern", chamber="upper", district="26", party="Blue")
        hong = sample_legislator(session, name="Tomas Mould", district="76", party="Blue")
        other = sample_legislator(session, name="Ada Dummy", district="77", party="Green")
        _committee(session, "education", hong)
        for number, name in enumerate(NAMES):
            action = sample_action(
                session,
                campaign,
                name=name,
                email=f"person{number}@example.org",
                language="vi" if number == 0 else "en",
                source="flyer" if number in (1, 2) else "",
                created_at=at(number),
            )
            for legislator, letter in ((roys, campaign.letters[0]), (hong, to_committee), (other, campaign.letters[0])):
                sample_message(
                    session,
                    action,
                    legislator,
                    letter,
                    supporter_key=str(number),
                    created_at=at(number),
                    recipient=f"x@{legislator.district}.legis.example",
                    domain=f"{legislator.district}.legis.example",
                )
        away = sample_campaign(session, slug="hf3434", state="MN")
        ng = sample_legislator(session, state="MN", name="Leo Placeholder", district="1A", party="Green")
        action = sample_action(session, away, name="Ng Instance", created_at=at(9))
        sample_message(
            session, action, ng, away.letters[0], supporter_key="9", created_at=at(9), domain="house.example"
        )
        _history(session)
        while make_searchable(session):
            pass
    return any_database


def _committee(session: Session, key: str, member: Legislator) -> None:
    committee = Committee(key=key, state="WI", chamber="lower", name=key.title(), as_of=NOW.date())
    session.add(committee)
    session.flush()
    session.add(
        CommitteeMember(committee_id=committee.id, place=1, legislator_key=member.key, name=member.name, role="member")
    )


def _history(session: Session) -> None:
    """Letters 1 and 2 were accepted, 2 came back; 3 was accepted twice; 4 and 5 were refused."""
    for number, step, hours, code, enhanced, words in (
        (1, "accepted", 20, 250, "2.0.0", "250 2.0.0 Ok, no unknown user"),
        (2, "accepted", 21, 250, "2.0.0", ""),
        (2, "bounced", 30, 550, "5.1.1", "550 5.1.1 <x@76.legis.example>: User unknown"),
        (3, "accepted", 20.5, 250, "", ""),
        (3, "accepted", 40, 250, "", ""),
        (4, "failed", 22, 550, "5.7.1", "550-5.7.1 refused\n550 5.7.1 by policy 100%"),
        (5, "deferred", 22, 451, "4.7.1", "451 4.7.1 greylisted"),
        (5, "deferred", 23, 451, "4.7.1", "451 4.7.1 Greylisted"),
        (5, "failed", 24, 550, "5.7.1", "550 5.7.1 refused by policy"),
        (6, "held", 25, None, "", "the user is unknown, says staff"),
        (7, "bounced", 26, None, "5.0.0", "Unknown user"),
    ):
        session.add(
            Event(
                message_id=number,
                at=at(hours),
                from_state="sending",
                to_state=step,
                actor_kind="worker",
                smtp_code=code,
                enhanced=enhanced,
                text=words,
            )
        )
    session.flush()


def found(session: Session, **parts: Any) -> list[int]:
    try:
        return list(session.scalars(matching(session, Filter(**parts), limit=100)))
    except CannotMatch:
        return []


FIRST, SECOND, THIRD = [1, 4, 7, 10, 13, 16], [2, 5, 8, 11, 14, 17], [3, 6, 9, 12, 15, 18]
CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, list(range(1, 20))),
    ({"campaign": "hf3434"}, [19]),
    ({"campaign": "ab969", "letter": "committee"}, SECOND),
    ({"letter": "committee"}, list(range(1, 20))),  # of no campaign there is no such letter
    ({"target": "PATTERN"}, FIRST),
    ({"target": "nobody"}, []),
    ({"committee": "education"}, SECOND),
    ({"committee": "none"}, []),
    ({"us_state": "MN"}, [19]),
    ({"us_state": "WI", "district": "77"}, THIRD),
    ({"district": "1a"}, [19]),
    ({"party": "Blue"}, sorted(FIRST + SECOND)),
    ({"party": "Green", "us_state": "WI"}, THIRD),
    ({"domain": "76.LEGIS.example"}, SECOND),
    ({"code": "550"}, [2, 4, 5]),
    ({"code": "5.7.1"}, [4, 5]),
    ({"code": "451"}, [5]),
    ({"code": "250"}, []),
    ({"code": "5.9.9"}, []),
    ({"code": "huh"}, []),
    ({"answer": "unknown"}, [2, 7]),
    ({"answer": "user  UNKNOWN"}, [2, 7]),
    ({"answer": "policy refused"}, [4, 5]),
    ({"answer": "100%"}, [4]),
    ({"answer": "greylisted", "code": "550"}, [5]),
    ({"answer": "refused", "committee": "education"}, [5]),
    ({"answer": "unknown", "moment": Moment.BACK, "since": at(0)}, [2, 7]),
    ({"answer": "unknown", "words": "nguyen"}, [2]),
    ({"answer": "quota"}, []),
    ({"answer": "\u200b"}, []),
    ({"language": "vi"}, [1, 2, 3]),
    ({"language": "en", "us_state": "MN"}, [19]),
    ({"source": "flyer"}, [4, 5, 6, 7, 8, 9]),
    ({"source": "flyer", "target": "uma"}, [4, 7]),
    ({"words": "nguyen"}, [1, 2, 3]),
    ({"words": "noor"}, [13, 14, 15, 16, 17, 18]),
    ({"words": "NOOR instance"}, [16, 17, 18]),
    ({"words": "instance", "us_state": "MN"}, [19]),
    ({"words": "vu"}, [4, 5, 6]),
    ({"words": "ng"}, [19]),
    ({"words": "ខា"}, [7, 8, 9]),
    ({"words": "芳"}, [10, 11, 12]),
    ({"words": "person4@example.org", "district": "26"}, [13]),
    ({"words": "%"}, []),
    ({"words": "nobody"}, []),
    ({"since": at(4), "until": at(5)}, [13, 14, 15]),
    ({"since": at(9)}, [19]),
    ({"until": at(1), "party": "Green"}, [3]),
    ({"moment": Moment.ACCEPTED, "since": at(20), "until": at(21)}, [1]),
    ({"moment": Moment.ACCEPTED, "since": at(20), "until": at(50)}, [1, 2, 3]),
    ({"moment": Moment.ACCEPTED, "since": at(39)}, [3]),
    ({"moment": Moment.BACK, "since": at(0)}, [2, 7]),
    ({"moment": Moment.BACK, "until": at(30)}, [7]),
    ({"moment": Moment.ACCEPTED, "since": at(0), "committee": "education"}, [2]),
    ({"moment": Moment.ACCEPTED, "since": at(0), "words": "nguyen", "code": "550"}, [2]),
    ({"number": "7"}, [7]),
    ({"number": "7", "words": "nguyen"}, []),
]


@pytest.mark.parametrize(("parts", "right"), CASES, ids=lambda case: str(case)[:60] if isinstance(case, dict) else "")
def test_each_filter_finds_its_letters_and_no_others(log: Database, parts: dict[str, Any], right: list[int]) -> None:
    with log.read() as session:
        assert sorted(found(session, **parts)) == right


def test_what_happened_last_comes_first(log: Database) -> None:
    with log.read() as session:
        assert found(session, moment=Moment.ACCEPTED, since=at(0)) == [3, 2, 1]
        assert found(session, party="Blue")[:3] == [17, 16, 14]


@pytest.mark.slow
def test_pages_of_two_go_through_every_filter_and_back(log: Database) -> None:
    with log.read() as session:
        for parts, _ in CASES:
            everything = found(session, **parts)
            assert (parts, _pages(session, is_newer=False, **parts)) == (parts, everything)
            assert (parts, _pages(session, is_newer=True, **parts)) == (parts, everything[::-1])


@pytest.mark.parametrize("newest", [3, 100])
def test_many_letters_to_several_legislators_are_the_newest_however_they_are_walked(
    log: Database, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(message_filter, "FEW", 2)
    monkeypatch.setattr(message_filter, "NEWEST", newest)
    with log.read() as session:
        for limit in (1, 4, 9, 100):
            wanted = Filter(party="Blue")
            walked = list(session.scalars(matching(session, wanted, limit=limit)))
            assert walked == found(session, party="Blue")[:limit]


def _pages(session: Session, *, is_newer: bool, **parts: Any) -> list[int]:
    ids: list[int] = []
    everything = found(session, **parts)
    if not everything:
        return ids
    if is_newer:  # from the oldest on, which is put before what is behind it
        ids.append(everything[-1])
    place = Place(id=everything[-1], is_newer=True) if is_newer else None
    while page := list(session.scalars(matching(session, Filter(**parts), limit=2, place=place))):
        ids += page
        place = Place(id=page[-1], is_newer=is_newer)
    return ids


@pytest.mark.parametrize("words", ["example", "ingrid", "ingrid lee", "mai7", "nobodyhasit"])
def test_a_search_goes_through_every_block_in_order(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """However few texts are read first, and however small the blocks of PostgreSQL's index are."""
    monkeypatch.setattr(search_index, "READ_FIRST", 9)
    monkeypatch.setattr(search_index, "BLOCK", 16)
    fill_log(any_database, 200)
    fill_history(any_database, searchable=200)
    with any_database.read() as session:
        texts = session.execute(select(SearchText.action_id, SearchText.words).order_by(SearchText.action_id.desc()))
        right = [row.action_id for row in texts if all(word in row.words for word in words.split())]
        ids: list[int] = []
        place = None
        while page := list(session.scalars(matching(session, Filter(words=words), limit=7, place=place))):
            ids += page
            place = Place(id=page[-1])
        assert ids == right
        if not right:
            return
        back = Place(id=right[-1], is_newer=True)
        assert list(session.scalars(matching(session, Filter(words=words), limit=200, place=back))) == right[-2::-1]


def test_what_a_supporter_wrote_is_found_and_what_the_campaign_wrote_is_not(any_database: Database) -> None:
    raw = b"Subject: Vote no\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"
    with any_database.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(session, campaign)
        text = f"Dear Uma,\r\n\r\nMy daughter is in third grade.\r\n\r\n{campaign.letters[0].body}".encode()
        legislator = sample_legislator(session)
        message = sample_message(session, action, legislator, campaign.letters[0], subject="A mother asks")
        session.get_one(FrozenLetter, message.id).raw = raw % text
        assert search_index.waiting(session) == 1
        assert found(session, words="daughter") == []
        make_searchable(session)
        assert search_index.waiting(session) == 0
        assert found(session, words="daughter grade") == [message.id]
        assert found(session, words="mother") == [message.id]
        assert found(session, words="counsellors") == []


def test_a_corrected_organisation_is_found_by_its_new_name_alone(any_database: Database) -> None:
    with any_database.write() as session:
        campaign = sample_campaign(session)
        action = sample_action(session, campaign, details={"organisation": "Old Roofs"})
        sample_message(session, action, sample_legislator(session), campaign.letters[0])
        make_searchable(session)
        action.details, action.is_searchable = {"organisation": "New Roofs"}, False
        session.flush()
        make_searchable(session)
        assert found(session, words="old roofs") == []
        assert len(found(session, words="new roofs")) == 1


def test_nothing_of_an_erased_person_is_found_or_kept(log: Database) -> None:
    with log.write() as session:
        token = session.scalars(select(Action.receipt_token).where(Action.name == NAMES[0])).one()
        assert erase(session, token, now=NOW)
        assert found(session, words="nguyen") == []
        assert found(session, words="noor instance") == [18, 17, 16]
        words = session.scalars(select(SearchText.words)).all()
        assert not [text for text in words if "nguyen" in text]
        assert search_index.waiting(session) == 0
        assert make_searchable(session) == 0


def test_a_letter_is_shown_on_its_page_while_its_state_moves_on(log: Database) -> None:
    with log.write() as session:
        session.get_one(Message, 16).state = State.CANCELLED.value
        session.flush()
        older = matching(session, Filter(target="uma", state=State.QUEUED), limit=2, place=Place(id=16))
        assert list(session.scalars(older)) == [13, 10]


def test_a_seeded_log_is_added_up_as_workers_leave_theirs(any_database: Database) -> None:
    fill_log(any_database, 50)
    fill_history(any_database, searchable=50)
    with any_database.read() as session:
        assert {session.scalar(select(func.count()).select_from(moves)) for moves in (LetterMove, ActionMove)} == {0}
        assert session.scalar(select(func.sum(LetterSum.number)).where(LetterSum.span == "month")) == 50
