"""After an erasure nothing of the person is left: not in the database's files, not in the words of mail servers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from actionmail.db.actions import Action, SearchText
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.throttles import Switch
from actionmail.flows.actions import drafts, search_index
from actionmail.flows.delivery import claim, record, recover, supporter_mail
from actionmail.flows.privacy import erasure, supporter_erasure
from actionmail.flows.privacy.erasure import BeingSent
from actionmail.flows.privacy.supporter_erasure import Erasing
from actionmail.rules.actions.search_words import grams_of, search_terms
from actionmail.rules.delivery.reasons import Actor, PauseReason, Reason
from actionmail.rules.delivery.states import Outcome, Phase, Signal, State
from actionmail.rules.staff.audit_codes import ErasureReason
from tests.samples import (
    make_searchable,
    sample_action,
    sample_campaign,
    sample_legislators,
    sample_message,
    sample_petition,
)
from tests.two_sessions import cross

NAME, ADDRESS, STREET, TOWN = "Zebulon Quackenbush", "zq@erased.example.org", "77 Quince Alley", "Quincyville"
PHONE, ZIP, NETWORK, WORDS = "608 555 0177", "54999", "203.0.113.177", "My quail farm needs quinoa"
TRACES = [*NAME.split(), ADDRESS, STREET, TOWN, PHONE, ZIP, NETWORK, WORDS, "quail", "qqqq-source"]
PERSON = {"name": NAME, "email": ADDRESS, "street": STREET, "city": TOWN, "zip": ZIP, "phone": PHONE}
LEASE = timedelta(minutes=5)
# What a mail server may quote of a letter that it refuses.
QUOTES = f'550 5.7.1 Message from "{NAME}" <{ADDRESS}>, {STREET}, tel. {PHONE}, was refused'


def files(database: Database) -> bytes:
    """The database as it lies on the disk at this moment, the write-ahead log too."""
    path = Path(str(database.engine.url.database))
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def others(session: Session, first: int, count: int) -> None:
    """So many other people beside, so that rows move from page to page."""
    campaign = sample_petition(session, slug=f"petition-{first}")
    for number in range(first, first + count):
        sample_action(session, campaign, email=f"mai{number}@example.org", details={"comment": "x" * (number % 400)})
    while make_searchable(session):
        pass


def acted(session: Session, now: datetime) -> int:
    """All that one person can leave here; the number of their first action."""
    extra = {"consent_address": NETWORK, "source": "qqqq-source", "lookup": {"districts": ["lower/76"], "zip": ZIP}}
    campaign = sample_campaign(session)
    wrote = sample_action(session, campaign, **PERSON, **extra)
    for legislator in sample_legislators(session)[:2]:
        message = sample_message(session, wrote, legislator, campaign.letters[0], subject=f"{WORDS} {ZIP}")
        raw = f"Reply-To: {NAME} <{ADDRESS}>\r\n\r\n{WORDS}\r\n{STREET} {TOWN} {PHONE}\r\n" * 80  # on several pages
        session.get_one(FrozenLetter, message.id).raw = raw.encode()
    sample_action(session, sample_petition(session), **{**PERSON, "email": ADDRESS.upper()}, details={"comment": WORDS})
    values = {"who": {**PERSON}, "personal": WORDS}
    drafts.save(session, "key", campaign_id=campaign.id, values=values, now=now)
    kind = supporter_mail.Kind.ANSWER
    answer = f"Dear {NAME}, {WORDS}".encode()
    supporter_mail.put(session, kind, recipient=ADDRESS, raw=answer, due=now, message_id=message.id)
    session.add(
        Confirmation(action_id=wrote.id, token="t" * 43, supporter_key="k" * 64, mailbox_key="m" * 64, expires_at=now)
    )
    while make_searchable(session):
        pass
    return wrote.id


def refused(words: str = QUOTES) -> Outcome:
    return Outcome(
        state=State.FAILED,
        phase=Phase.BODY,
        code=550,
        enhanced="5.7.1",
        text=words,
        signal=Signal.SUSPECT_DOMAIN,
    )


def erase_all(session: Session, number: int, now: datetime) -> None:
    found = supporter_erasure.prospect(session, number)
    assert found is not None
    how = Erasing(reason=ErasureReason.REQUEST)
    supporter_erasure.erase_supporter(session, number, seen=found.seen, how=how, by=None, now=now)


def test_nothing_of_an_erased_person_is_left_in_the_files(database: Database, now: datetime) -> None:
    with database.write() as session:
        others(session, 0, 300)
    with database.write() as session:
        number = acted(session, now)
    with database.write() as session:
        others(session, 300, 300)
    with database.write() as session:
        ids = claim(session, owner="w:1", now=now, limit=1, lease=LEASE).ids
    with database.write() as session:
        record(session, dict.fromkeys(ids, refused()), owner="w:1", now=now, jitter=lambda: 0.5)
    before = files(database)
    assert [trace for trace in TRACES if trace.encode() not in before] == []
    with database.write() as session:
        erase_all(session, number, now)
    assert database.empty_log()
    after = files(database)
    assert [trace for trace in TRACES if trace.lower().encode() in after.lower()] == []
    with database.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_nor_is_it_in_what_is_searched_once_the_index_is_merged(any_database: Database, now: datetime) -> None:
    """FTS5 keeps what was deleted until parts are merged, as numbers that can be guessed back."""
    with any_database.write() as session:
        others(session, 0, 300)
        number = acted(session, now)
        own = grams_of("quackenbush") - grams_of("mai example madison")
        erase_all(session, number, now)
        others(session, 300, 300)
    if any_database.engine.dialect.name == "sqlite":
        assert indexed(any_database, own)
    is_left, turns = True, 0
    while is_left:
        with any_database.write() as session:
            is_left = search_index.merge(session, is_first=turns == 0)
        turns += 1
        assert turns < 100
    assert not indexed(any_database, own)
    with any_database.read() as session:
        found = search_index.hits(
            session, search_terms("mai599"), lambda number: select(Action.id).where(Action.id == number), limit=9
        )
        assert len(session.scalars(found).all()) == 1


def indexed(database: Database, grams: Collection[int]) -> set[int]:
    """Which of these stand in the index as it is stored. FTS5 leaves out of a term what the term before has too."""
    if database.engine.dialect.name != "sqlite":
        with database.read() as session:
            kept = session.scalars(select(SearchText.grams)).all()
        return set(grams) & {gram for row in kept for gram in row or ()}
    with database.read() as session:
        blocks = b"".join(session.scalars(text("SELECT block FROM search_grams_data")))
    return {gram for gram in grams if f"{gram:x}"[-5:].encode() in blocks}


@pytest.mark.slow
def test_nothing_of_many_is_left_in_the_files_wherever_their_rows_were_moved(database: Database, now: datetime) -> None:
    """Rows of all sizes come and go in any order, so that pages are split, filled and emptied."""
    chance = Random(5)
    with database.write() as session:
        campaign, petition = sample_campaign(session), sample_petition(session)
        legislators = sample_legislators(session)
    people: list[tuple[int, str]] = []
    for _ in range(500):
        sign = "".join(chance.choices("bcdfghjkmpqrtvwxz", k=10))
        with database.write() as session:
            session.add_all([campaign, petition])
            action = sample_action(session, campaign, name=sign, email=f"{sign}@example.org", street=sign, phone=sign)
            message = sample_message(session, action, legislators[0], campaign.letters[0], subject=sign)
            session.get_one(FrozenLetter, message.id).raw = sign.encode() * chance.choice([1, 30, 900])
            if chance.random() < 0.5:
                details = {"comment": sign * chance.choice([1, 90])}
                sample_action(session, petition, name=sign, email=f"{sign}@example.org", details=details)
            typed = {"who": {"email": f"{sign}@example.org"}, "personal": sign * chance.choice([1, 50])}
            drafts.save(session, sign, campaign_id=campaign.id, values=typed, now=now)
        people.append((action.id, sign))
    chance.shuffle(people)
    for number, _sign in people[:400]:
        with database.write() as session:
            erase_all(session, number, now)
    assert database.empty_log()
    left = files(database)
    assert [sign for _, sign in people[:400] if sign.encode() in left] == []
    assert all(sign.encode() in left for _, sign in people[400:])


def test_the_log_cannot_be_emptied_while_somebody_reads_what_was_before(database: Database, now: datetime) -> None:
    with database.write() as session:
        number = acted(session, now)
    with database.snapshot() as reader:
        assert reader.scalar(select(Action.name).where(Action.id == number)) == NAME
        with database.write() as session:
            erase_all(session, number, now)
        assert not database.empty_log()
    assert database.empty_log()
    assert NAME.encode() not in files(database)


@pytest.mark.postgres
def test_postgres_has_no_log_of_ours_to_empty(postgres_url: str) -> None:
    database = Database(postgres_url)
    assert database.empty_log()
    database.engine.dispose()


@pytest.mark.parametrize("state", [State.FAILED, State.DEFERRED, State.ACCEPTED])
def test_what_a_server_quotes_of_a_supporter_is_kept_without_them(
    any_database: Database, now: datetime, state: State
) -> None:
    with any_database.write() as session:
        acted(session, now)
        ids = claim(session, owner="w:1", now=now, limit=2, lease=LEASE).ids
    outcome = Outcome(state=state, phase=Phase.BODY, code=451, enhanced="4.7.1", text=QUOTES)
    with any_database.write() as session:
        record(session, dict.fromkeys(ids, outcome), owner="w:1", now=now, jitter=lambda: 0.5)
    with any_database.read() as session:
        words = session.scalars(select(Event.text).where(Event.smtp_code.is_not(None))).all()
    assert words == ['550 5.7.1 Message from "(left out)" <(left out)>, (left out), tel. (left out), was refused'] * 2


def test_why_a_domain_is_stopped_is_kept_without_them(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        acted(session, now)
        campaign = sample_campaign(session, slug="other")
        ids = list(session.scalars(select(Message.id)))
        for legislator in sample_legislators(session):
            action = sample_action(session, campaign, **PERSON)
            ids.append(sample_message(session, action, legislator, campaign.letters[0]).id)
        claimed = claim(session, owner="w:1", now=now, limit=9, lease=LEASE).ids
        assert sorted(claimed) == sorted(ids)
    with any_database.write() as session:
        record(session, dict.fromkeys(ids, refused()), owner="w:1", now=now, jitter=lambda: 0.5)
    with any_database.read() as session:
        stops = session.execute(select(Switch.reason_code, Switch.words)).all()
    assert [code for code, _ in stops] == [PauseReason.REFUSED]
    assert not any(trace in words for _, words in stops for trace in (NAME, ADDRESS, PHONE, STREET))


def test_an_answer_that_comes_after_the_erasure_is_kept_without_its_words(
    any_database: Database, now: datetime
) -> None:
    """The lease ran out, the letter was given back, its supporter erased; then the worker woke up."""
    with any_database.write() as session:
        number = acted(session, now)
        ids = claim(session, owner="w:1", now=now, limit=1, lease=LEASE).ids
    later = now + 2 * LEASE
    with any_database.write() as session:
        recover(session, actor=Actor.worker("w:2"), now=later)
    with any_database.write() as session:
        erase_all(session, number, later)
    with any_database.write() as session:
        record(session, dict.fromkeys(ids, refused()), owner="w:1", now=later, jitter=lambda: 0.5)
    with any_database.read() as session:
        (event,) = session.scalars(select(Event).where(Event.smtp_code == 550))
        assert (event.text, event.reason_code, event.to_state) == ("", Reason.ANSWER_TOO_LATE, "cancelled")


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))


@pytest.mark.parametrize("is_worker_first", [True, False])
def test_an_erasure_and_a_worker_at_once(any_database: Database, now: datetime, is_worker_first: bool) -> None:
    """Whoever is first: the letter is either sent and nothing erased, or erased and never sent."""
    with any_database.write() as session:
        number = acted(session, now)
    claimed: list[int] = []
    refusals: list[BeingSent] = []

    def work(session: Session) -> None:
        claimed.extend(claim(session, owner="w:1", now=now, limit=9, lease=LEASE).ids)

    def erase(session: Session) -> None:
        try:
            erase_all(session, number, now)
        except BeingSent as error:
            refusals.append(error)
            session.rollback()

    if is_worker_first:
        cross(any_database, work, erase)
        assert len(claimed) == 2
        assert [(error.number, error.until) for error in refusals] == [(claimed[0], now + LEASE)]
        assert states(any_database) == ["sending", "sending"]
        with any_database.read() as session:
            assert session.get_one(Action, number).name == NAME
        return
    cross(any_database, erase, work)
    assert (claimed, refusals) == ([], [])
    assert states(any_database) == ["cancelled", "cancelled"]


def test_nothing_is_erased_of_all_while_one_letter_is_on_the_wire(any_database: Database, now: datetime) -> None:
    with any_database.write() as session:
        number = acted(session, now)
        claim(session, owner="w:1", now=now, limit=1, lease=LEASE)
    with pytest.raises(BeingSent), any_database.write() as session:
        erase_all(session, number, now)
    with any_database.read() as session:
        assert session.scalars(select(Action.id).where(Action.erased_at.is_not(None))).all() == []


def test_a_receipt_of_an_unproven_address_takes_no_draft_of_others(database: Database, now: datetime) -> None:
    """Anybody may type an address; what others type under it is theirs."""
    with database.write() as session:
        number = acted(session, now)
        token = session.get_one(Action, number).receipt_token
    with database.write() as session:
        assert erasure.erase(session, token, now=now)
        assert len(drafts.of_address(session, ADDRESS)) == 1
