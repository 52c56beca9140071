"""A supporter acts: all or nothing, and once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from functools import partial
from types import NoneType
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.actions import composing, drafts, receipt, submitting
from actionmail.flows.actions.composing import Recipients, Supporter, Words
from actionmail.flows.actions.presses import Submission
from actionmail.flows.actions.refusals import (
    AlreadyActed,
    CampaignClosed,
    LetterRefused,
    NoLegislators,
    TargetsChanged,
    Unwritable,
)
from actionmail.flows.campaigns.recipients import targets_of
from actionmail.flows.privacy import erasure
from actionmail.rules.actions.paragraph_bucket import paragraph_bucket_of
from actionmail.rules.campaigns.letter_faults import Fault, Part
from actionmail.rules.delivery import envelope, tokens
from actionmail.settings import Settings
from tests.db.test_group_commit import Crowd
from tests.samples import sample_campaign, sample_legislator, sample_legislators, sample_letter

SEATS = [("upper", "26"), ("lower", "76")]
MAI = Supporter(name="Mai Example", email="mai@example.org", zip="53703")


@contextmanager
def campaign_in(database: Database, **columns: Any) -> Iterator[int]:
    with database.write() as session:
        campaign = sample_campaign(session, **columns)
        sample_legislators(session)
        number = campaign.id
    yield number


def submission(database: Database, campaign_id: int, **parts: Any) -> Submission:
    """What the page would post, with the fingerprint of what it shows now."""
    made = Submission(
        **{
            "campaign_id": campaign_id,
            "key": "k" * 32,
            "supporter": MAI,
            "seats": SEATS,
            "lookup": {"method": "zip", "districts": ["upper/26", "lower/76"]},
            "seen": "",
            "consent_text": "Send this in my name",
            **parts,
        }
    )
    return made if made.seen else replace(made, seen=shown(database, made).fingerprint)


def shown(database: Database, made: Submission, words: Words | None = None) -> Recipients:
    """What the page shows now, with these words in it."""
    with database.read() as session:
        campaign = session.get_one(Campaign, made.campaign_id)
        found = composing.compose_all(campaign, targets_of(session, campaign), made.seats, made.supporter, key=made.key)
    return composing.with_words(found, words or Words())


def prepared(
    database: Database, made: Submission, settings: Settings, now: datetime, words: Words | None = None
) -> submitting.PreparedAction:
    found = shown(database, made, words)
    with database.read() as session:
        campaign = session.get_one(Campaign, made.campaign_id)
    return submitting.prepare(campaign, found, made, settings=settings, now=now)


def take(database: Database, made: Submission, settings: Settings, now: datetime, words: Words | None = None) -> Action:
    """As the page does it: prepare, then one transaction."""
    ready = prepared(database, made, settings, now, words)
    with database.write() as session:
        token = submitting.take_action(session.connection(), ready, now=now, settings=settings)
        return session.scalars(select(Action).where(Action.receipt_token == token)).one()


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_press_that_fails_in_its_session_takes_nobody_elses_along(
    database: Database, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three that are committed together, on SQLite."""

    def fail(session: Any, campaign: Any, ready: Any, *_: Any, **__: Any) -> None:
        if ready.submission.supporter.name == "Second":
            session.add(Draft(key="taken", campaign_id=campaign.id, values={}, updated_at=now))

    monkeypatch.setattr(submitting, "_put_mails", fail)
    with campaign_in(database) as campaign_id, database.write() as session:
        drafts.save(session, "taken", campaign_id=campaign_id, values={}, now=now)
    crowd = Crowd(database)
    for name in ("First", "Second", "Third"):
        who = replace(MAI, name=name, email=f"{name}@example.org")
        made = submission(database, campaign_id, key=name * 6, supporter=who, wants_copy=True)
        ready = prepared(database, made, settings, now)
        crowd.comes(partial(submitting.take_action, prepared=ready, now=now, settings=settings))
    assert [type(error) for error in crowd.goes_on()] == [NoneType, AlreadyActed, NoneType]
    with database.read() as session:
        assert session.scalars(select(Action.name).order_by(Action.id)).all() == ["First", "Third"]


def test_the_number_of_the_own_paragraph_is_kept(any_database: Database, settings: Settings, now: datetime) -> None:
    own = "My two children go to school here, and they are afraid of officers with guns."
    with campaign_in(any_database) as campaign_id:
        made = submission(any_database, campaign_id)
        action = take(any_database, made, settings, now, Words(personal=own))
    assert action.paragraph_bucket == paragraph_bucket_of(own)


def test_one_transaction_holds_the_action_its_letters_and_their_first_events(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    settings = replace(settings, undo_seconds=60)
    with campaign_in(any_database) as campaign_id:
        made = submission(any_database, campaign_id)
        with any_database.write() as session:
            drafts.save(session, made.key, campaign_id=campaign_id, values={}, now=now)
        action = take(any_database, made, settings, now, Words(personal="My own words."))
    with any_database.read() as session:
        messages = session.scalars(select(Message).order_by(Message.id)).all()
        assert [message.target_name for message in messages] == ["Senator Uma Pattern", "Representative Lara Sample"]
        for message in messages:
            assert message.state == "queued"
            assert message.next_attempt_at == now + timedelta(seconds=60)
            assert message.expires_at == now + timedelta(hours=96)
            assert message.domain == "legis.example"
            raw = session.get_one(FrozenLetter, message.id).raw
            assert message.sha256 == hashlib.sha256(raw).hexdigest()
            parsed = message_from_bytes(raw, policy=SMTP)
            assert parsed["Message-ID"] == message.message_id
            assert parsed["Subject"] == message.subject
            assert parsed["Reply-To"] == "Mai Example <mai@example.org>"
            assert parsed["Date"] == "Wed, 04 Mar 2026 09:12:05 -0600"
            key = tokens.message_key(message.message_id)
            assert tokens.read_token(message.return_path, settings.secret_key) == key
        events = session.execute(select(Event.from_state, Event.to_state, Event.actor_kind)).all()
        assert [tuple(event) for event in events] == [("", "queued", "supporter")] * 2
    assert action.receipt_token
    assert count(any_database, Draft) == 0


def test_what_the_page_shows_is_what_goes(database: Database, settings: Settings, now: datetime) -> None:
    words = Words(personal="Top.", bodies={"everyone": "{{ name }} {% if x %}"}, subjects={"everyone": "Mine"})
    with campaign_in(database) as campaign_id:
        made = submission(database, campaign_id)
    found = shown(database, made, words)
    assert "{{ name }} {% if x %}" in found.copies[0].filled.text  # shown as plain text, and refused by `faults`
    words = replace(words, bodies={"everyone": "100 % & <b> \\ $name"})
    found = shown(database, made, words)
    take(database, made, settings, now, words)
    with database.read() as session:
        letters = [envelope.letter_text(raw) for raw in session.scalars(select(FrozenLetter.raw))]
    for copy, letter in zip(found.copies, letters, strict=True):
        assert letter.startswith(copy.filled.text)


def test_the_same_key_is_the_same_action(any_database: Database, settings: Settings, now: datetime) -> None:
    with campaign_in(any_database) as campaign_id:
        made = submission(any_database, campaign_id)
        tokens = {take(any_database, made, settings, now).receipt_token for _ in range(3)}
    assert len(tokens) == 1
    assert count(any_database, Message) == 2


def test_presses_at_the_same_moment_are_one_action(any_database: Database, settings: Settings, now: datetime) -> None:
    with campaign_in(any_database) as campaign_id:
        made = submission(any_database, campaign_id)
    tokens: list[str] = []
    gate = threading.Barrier(4)

    def press() -> None:
        gate.wait()
        tokens.append(take(any_database, made, settings, now).receipt_token)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    assert count(any_database, Action) == 1
    assert count(any_database, Message) == 2


def overtaken(database: Database, press: Callable[[], str]) -> list[str]:
    """Have another press commit after the next one looked for what there is, and before it writes; what it came to."""
    begun: list[bool] = []
    pressed: list[str] = []

    def overtake(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not begun and statement.startswith("INSERT INTO actions"):
            begun.append(True)
            pressed.append(press())

    event.listen(database.engine, "before_cursor_execute", overtake)
    return pressed


@pytest.mark.postgres
def test_a_press_that_another_overtakes_is_the_same_action(
    postgres_url: str, settings: Settings, now: datetime
) -> None:
    database = Database(postgres_url)
    with campaign_in(database) as campaign_id:
        made = submission(database, campaign_id)
    ready = prepared(database, made, settings, now)
    overtaking = overtaken(database, lambda: take(database, made, settings, now).receipt_token)
    with database.put() as connection:
        token = submitting.take_action(connection, ready, now=now, settings=settings)
    assert overtaking == [token]
    assert count(database, Message) == 2
    database.engine.dispose()


@pytest.mark.postgres
def test_of_two_letters_of_one_supporter_at_the_same_moment_the_second_is_refused(
    postgres_url: str, settings: Settings, now: datetime
) -> None:
    database = Database(postgres_url)
    with campaign_in(database) as campaign_id:
        made = submission(database, campaign_id)
    ready = prepared(database, made, settings, now)
    from_another_browser = replace(made, key="other" * 5)
    overtaking = overtaken(database, lambda: take(database, from_another_browser, settings, now).receipt_token)
    with pytest.raises(AlreadyActed), database.put() as connection:
        submitting.take_action(connection, ready, now=now, settings=settings)
    assert len(overtaking) == 1
    assert (count(database, Action), count(database, Message)) == (1, 2)
    database.engine.dispose()


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "paused"},
        {"status": "closed"},
        {"status": "draft"},
        {"deadline_at": datetime.fromisoformat("2026-03-04T15:12:05+00:00")},
    ],
)
def test_a_campaign_that_is_not_open_takes_nothing(
    database: Database, settings: Settings, now: datetime, columns: dict[str, Any]
) -> None:
    with campaign_in(database, **columns) as campaign_id, pytest.raises(CampaignClosed):
        take(database, submission(database, campaign_id), settings, now)
    assert count(database, Action) == 0


def test_a_letter_does_not_outlive_the_deadline(database: Database, settings: Settings, now: datetime) -> None:
    deadline = now + timedelta(hours=5)
    with campaign_in(database, deadline_at=deadline) as campaign_id:
        take(database, submission(database, campaign_id), settings, now)
    with database.read() as session:
        assert set(session.scalars(select(Message.expires_at))) == {deadline}


def test_a_second_letter_to_the_same_legislators_is_refused(
    any_database: Database, settings: Settings, now: datetime
) -> None:
    with campaign_in(any_database) as campaign_id:
        take(any_database, submission(any_database, campaign_id), settings, now)
        again = submission(any_database, campaign_id, key="other" * 5, supporter=replace(MAI, email="MAI@example.org"))
        with pytest.raises(AlreadyActed) as refused:
            take(any_database, again, settings, now)
    assert refused.value.names == ("Senator Uma Pattern", "Representative Lara Sample")
    assert count(any_database, Action) == 1


def test_only_the_legislator_not_written_to_gets_a_letter(
    database: Database, settings: Settings, now: datetime
) -> None:
    with campaign_in(database) as campaign_id:
        take(database, submission(database, campaign_id, seats=SEATS[:1]), settings, now)
        action = take(database, submission(database, campaign_id, key="other" * 5), settings, now)
    assert action.lookup["written_before"] == ["Senator Uma Pattern"]
    with database.read() as session:
        found = receipt.find(session, action.receipt_token, undo_seconds=0, now=now)
    assert found
    assert [line.name for line in found.lines] == ["Representative Lara Sample"]


def test_who_took_it_back_may_write_again(any_database: Database, settings: Settings, now: datetime) -> None:
    with campaign_in(any_database) as campaign_id:
        action = take(any_database, submission(any_database, campaign_id), settings, now)
        with any_database.write() as session:
            assert receipt.cancel(session, action.receipt_token, now=now) == 2
            assert receipt.cancel(session, action.receipt_token, now=now) == 0
            assert receipt.cancel(session, "unknown", now=now) is None
            assert submitting.actions_so_far(session, campaign_id) == 0
        take(any_database, submission(any_database, campaign_id, key="other" * 5), settings, now)
    assert count(any_database, Message) == 4


def test_no_address_is_a_state_and_a_vacant_seat_is_not(database: Database, settings: Settings, now: datetime) -> None:
    with database.write() as session:
        campaign_id = sample_campaign(session).id
        sample_legislator(session, chamber="upper", district="26", status="vacant", name="", email="")
        sample_legislator(session, name="Nora Nomail", email="", email_note="missing")
        sample_legislator(session, name="Mae Mail")
    take(database, submission(database, campaign_id), settings, now)
    with database.read() as session:
        found = {
            message.target_name: (message.state, message.next_attempt_at)
            for message in session.scalars(select(Message))
        }
    assert found == {"Representative Nora Nomail": ("no_channel", None), "Representative Mae Mail": ("queued", now)}
    assert count(database, FrozenLetter) == 1
    assert count(database, Event) == 2


def test_nobody_to_write_to_is_refused(database: Database, settings: Settings, now: datetime) -> None:
    with database.write() as session:
        campaign_id = sample_campaign(session).id
    with pytest.raises(NoLegislators):
        take(database, submission(database, campaign_id), settings, now)


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (Words(personal="[add your story here]"), Fault.LEFT_OVER, Part.PERSONAL),
        (Words(bodies={"everyone": ""}), Fault.NO_TEXT, Part.BODY),
        (Words(subjects={"everyone": ""}), Fault.NO_SUBJECT, Part.SUBJECT),
        (Words(subjects={"everyone": "s" * 200}), Fault.LONG_SUBJECT, Part.SUBJECT),
        (Words(personal="a\x00b"), Fault.UNREADABLE, Part.PERSONAL),
        (Words(subjects={"everyone": "a\rBcc: x@example.org\x00"}), Fault.UNREADABLE, Part.SUBJECT),
        (Words(bodies={"everyone": "a\u202eb"}), Fault.UNREADABLE, Part.BODY),
    ],
)
def test_a_letter_that_cannot_go_leaves_nothing_behind(
    database: Database, settings: Settings, now: datetime, words: Words, code: Fault, part: Part
) -> None:
    with campaign_in(database) as campaign_id, pytest.raises(LetterRefused) as refused:
        take(database, submission(database, campaign_id), settings, now, words)
    assert [(fault.code, fault.part) for fault in refused.value.faults] == [(code, part)]
    assert count(database, Action) == count(database, Message) == 0


def test_a_name_that_would_add_a_header_leaves_nothing_behind(
    database: Database, settings: Settings, now: datetime
) -> None:
    supporter = replace(MAI, name="Mai\r\nBcc: x@example.org")
    with campaign_in(database) as campaign_id, pytest.raises(Unwritable) as refused:
        take(database, submission(database, campaign_id, supporter=supporter), settings, now)
    assert refused.value.error.field == "supporter name"
    assert count(database, Action) == 0


def test_another_letter_than_the_one_seen_is_not_sent(database: Database, settings: Settings, now: datetime) -> None:
    with campaign_in(database) as campaign_id:
        made = submission(database, campaign_id)
        with database.write() as session:
            campaign = session.get_one(Campaign, campaign_id)
            campaign.letters[0].retired_at = now
            sample_letter(session, campaign, version=2, body="Another text.")
        with pytest.raises(TargetsChanged):
            take(database, made, settings, now)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE legislators SET email = 'new@legis.example' WHERE district = '76'",
        "UPDATE campaigns SET bill = 'AB 970'",
    ],
)
def test_a_correction_between_preparing_and_queueing_stops_the_letters(
    any_database: Database, settings: Settings, now: datetime, change: str
) -> None:
    with campaign_in(any_database) as campaign_id:
        ready = prepared(any_database, submission(any_database, campaign_id), settings, now)
    with any_database.write() as session:
        session.execute(text(change))
    with pytest.raises(TargetsChanged), any_database.put() as connection:
        submitting.take_action(connection, ready, now=now, settings=settings)
    assert count(any_database, Action) == 0


def test_the_first_letter_that_fits_the_chamber_is_taken(database: Database, settings: Settings, now: datetime) -> None:
    with campaign_in(database) as campaign_id:
        with database.write() as session:
            campaign = session.get_one(Campaign, campaign_id)
            campaign.letters[0].chambers = ["upper"]
            sample_letter(session, campaign, name="lower", place=2, chambers=["lower"], body="For the Assembly.")
        take(database, submission(database, campaign_id), settings, now)
    with database.read() as session:
        letters = [envelope.letter_text(raw) for raw in session.scalars(select(FrozenLetter.raw))]
    assert ["For the Assembly." in letter for letter in letters] == [False, True]


def test_subjects_vary_between_supporters_and_stay_the_same_for_one(database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        campaign.letters[0].subjects = ["One", "Two", "Three"]
        sample_legislators(session)
    with database.read() as session:
        campaign = session.scalars(select(Campaign)).one()

        def subject(key: str) -> str:
            return (
                composing.compose_all(campaign, targets_of(session, campaign), SEATS, MAI, key=key)
                .copies[0]
                .filled.subject
            )

        assert {subject(f"key {number}") for number in range(30)} == {"One", "Two", "Three"}
        assert len({subject("the same") for _ in range(5)}) == 1


def test_the_supporters_key_needs_the_secret() -> None:
    key = submitting.supporter_key_of("Mai@example.org", "one secret")
    assert key == submitting.supporter_key_of("mai@example.org", "one secret")
    assert key != submitting.supporter_key_of("mai@example.org", "another secret")
    assert "mai" not in key
    assert len(key) == 64


def test_words_for_a_web_form_are_kept_and_erased(database: Database, settings: Settings, now: datetime) -> None:
    with database.write() as session:
        campaign_id = sample_campaign(session).id
        sample_legislator(session, name="Nora Nomail", email="", website="https://legis.example/nomail")
    action = take(database, submission(database, campaign_id), settings, now)
    with database.write() as session:
        found = receipt.find(session, action.receipt_token, undo_seconds=60, now=now)
        assert found is not None
        (line,) = found.lines
        assert line.state == "no_channel"
        assert line.letter.startswith("Dear Representative")
        assert not line.can_be_taken_back
        assert erasure.erase(session, action.receipt_token, now=now)
    assert count(database, FrozenLetter) == 0
