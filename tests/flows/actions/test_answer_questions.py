"""Asking supporters whether offices answered: those who agreed, once, of letters that went; and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.db.throttles import Switch
from actionmail.flows.actions import answer_questions
from actionmail.flows.actions.answer_questions import Saying
from actionmail.flows.delivery import supporter_mail
from actionmail.flows.privacy import erasure, supporter_export
from actionmail.rules import speech
from actionmail.rules.delivery.states import Handover, Outcome, Parcel, Phase, State
from actionmail.settings import Settings
from actionmail.web.platform import tongues
from tests.samples import NOW, sample_action, sample_campaign, sample_legislators, sample_message
from tests.two_sessions import cross

TWO_WEEKS = NOW + timedelta(days=14)


def agreed(database: Database, *states: str, at: datetime = NOW, **columns: Any) -> int:
    """An action whose supporter agreed, with a letter in each of these states, taken at `at` where one was taken."""
    with database.write() as session:
        campaign = session.scalar(select(Campaign)) or sample_campaign(session)
        people = sample_legislators(session)
        action = sample_action(session, campaign, **columns)
        for state, person in zip(states, people, strict=False):
            message = sample_message(session, action, person, campaign.letters[0], state=state)
            if state in ("accepted", "settled", "bounced"):
                session.add(
                    Event(
                        message_id=message.id,
                        at=at,
                        from_state="sending",
                        to_state="accepted",
                        actor_kind="worker",
                        actor_id="w",
                        reason_code="",
                        attempt=1,
                    )
                )
        answer_questions.agree(session, action.id, now=NOW)
        return action.id


def look(database: Database, settings: Settings, at: datetime) -> int:
    with database.write() as session:
        return answer_questions.put_due(session, settings=settings, now=at)


def waiting(database: Database) -> list[SupporterMail]:
    with database.read() as session:
        return list(session.scalars(select(SupporterMail).order_by(SupporterMail.id)))


def question(database: Database, action: int) -> AnswerQuestion | None:
    with database.read() as session:
        return session.get(AnswerQuestion, action)


def token_of(database: Database, action: int) -> str:
    found = question(database, action)
    assert found is not None
    return found.token


def numbers(database: Database, action: int) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(Message.id).where(Message.action_id == action).order_by(Message.id)))


def mail_of(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=default))


def test_who_agreed_is_asked_once_two_weeks_after_the_letters_went(any_database: Database, settings: Settings) -> None:
    action = agreed(any_database, "settled", "accepted")
    assert look(any_database, settings, TWO_WEEKS - timedelta(hours=1)) == 0
    assert look(any_database, settings, TWO_WEEKS) == 1
    assert look(any_database, settings, TWO_WEEKS + timedelta(days=30)) == 0
    (mail,) = waiting(any_database)
    letter = mail_of(mail.raw)
    token, (first, second) = token_of(any_database, action), numbers(any_database, action)
    page = f"http://127.0.0.1:8000/answers/{token}"
    assert mail.recipient == letter["To"] == "mai@example.org"
    assert letter["Subject"].endswith("did they answer you?")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == f"<{page}/stop>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = letter.get_content()
    for number in (first, second):
        for said in ("yes", "no"):
            assert f"{page}?letter={number}&answer={said}" in text.replace("=\n", "")
    assert "Mai Example" not in text  # who typed the address may be somebody else


def test_the_mail_is_in_the_language_of_the_page_as_far_as_we_speak_it(database: Database, settings: Settings) -> None:
    agreed(database, "accepted", language="es")
    agreed(database, "accepted", language="tlh", email="tou@example.org")
    speech.learn(tongues.read([tongues.TRANSLATIONS]))
    try:
        look(database, settings, TWO_WEEKS)
    finally:
        speech.learn({})
    spanish, english = (mail_of(mail.raw) for mail in waiting(database))
    assert spanish["Subject"].endswith("¿le respondieron?")
    assert "Sí, respondieron: http://127.0.0.1:8000/answers/" in spanish.get_content()
    assert "answer=yes&lang=es" in spanish.get_content()
    assert english["Subject"].endswith("did they answer you?")
    assert "lang=" not in english.get_content()


def test_the_two_weeks_begin_when_the_last_letter_went(any_database: Database, settings: Settings) -> None:
    action = agreed(any_database, "accepted", at=NOW + timedelta(days=3))
    assert look(any_database, settings, TWO_WEEKS) == 1
    assert waiting(any_database) == []
    found = question(any_database, action)
    assert found is not None and found.ask_at == TWO_WEEKS + timedelta(days=3)
    look(any_database, settings, TWO_WEEKS + timedelta(days=3))
    assert len(waiting(any_database)) == 1


@pytest.mark.parametrize("state", ["queued", "deferred", "held", "review", "unconfirmed", "ambiguous"])
def test_while_a_letter_is_on_its_way_nobody_is_asked(database: Database, settings: Settings, state: str) -> None:
    action = agreed(database, "accepted", state)
    for days in range(60):
        look(database, settings, TWO_WEEKS + timedelta(days=days))
    assert waiting(database) == []
    assert question(database, action) is None  # it was too long ago by then


@pytest.mark.parametrize(
    ("states", "columns"),
    [
        (("bounced", "failed"), {}),
        (("no_channel",), {}),
        (("cancelled",), {}),
        (("accepted",), {"cancelled_at": NOW}),
        (("accepted",), {"invalid_at": NOW}),
    ],
)
def test_where_there_is_nothing_to_ask_nobody_is(
    any_database: Database, settings: Settings, states: Sequence[str], columns: dict[str, Any]
) -> None:
    action = agreed(any_database, *states, **columns)
    look(any_database, settings, TWO_WEEKS)
    assert waiting(any_database) == []
    assert question(any_database, action) is None


def test_of_many_letters_the_mail_links_the_page_alone(database: Database, settings: Settings) -> None:
    action = agreed(database, "accepted")
    with database.write() as session:
        campaign, kept = session.scalars(select(Campaign)).one(), session.get_one(Action, action)
        for person in [person for _ in range(2) for person in sample_legislators(session)]:
            sample_message(session, kept, person, campaign.letters[0], state="accepted")
    look(database, settings, TWO_WEEKS)
    (mail,) = waiting(database)
    text = mail_of(mail.raw).get_content()
    assert "each of the 7 legislators" in text
    assert "answer=" not in text


def test_the_mail_goes_though_the_campaign_is_over_and_waits_while_it_is_stopped(
    any_database: Database, settings: Settings
) -> None:
    agreed(any_database, "accepted")
    look(any_database, settings, TWO_WEEKS)
    sent: list[Parcel] = []

    class Relay:
        def deliver(self, parcels: Sequence[Parcel]) -> Handover:
            sent.extend(parcels)
            taken = Outcome(state=State.ACCEPTED, phase=Phase.BODY, code=250)
            return Handover(outcomes={parcel.id: taken for parcel in parcels})

    def send() -> int:
        return supporter_mail.send(any_database.write, Relay(), from_address="x@act.example.org", now=TWO_WEEKS)[0]

    with any_database.write() as session:
        session.scalars(select(Campaign)).one().status = "closed"
        session.add(Switch(scope="domain", key="example.org", actor_kind="staff", at=NOW))
    assert send() == 0
    with any_database.write() as session:
        session.delete(session.scalars(select(Switch)).one())
    assert send() == 1
    assert [parcel.recipient for parcel in sent] == ["mai@example.org"]
    assert waiting(any_database) == []


def test_two_workers_ask_once(any_database: Database, settings: Settings) -> None:
    agreed(any_database, "accepted")
    cross(
        any_database,
        lambda session: answer_questions.put_due(session, settings=settings, now=TWO_WEEKS),
        lambda session: answer_questions.put_due(session, settings=settings, now=TWO_WEEKS),
    )
    assert len(waiting(any_database)) == 1


def asked(database: Database, settings: Settings, *states: str) -> tuple[int, str]:
    action = agreed(database, *(states or ("accepted", "settled")))
    look(database, settings, TWO_WEEKS)
    return action, token_of(database, action)


def say(database: Database, token: str, said: dict[int, Saying], at: datetime = TWO_WEEKS) -> bool:
    with database.write() as session:
        return answer_questions.say(session, token, said, now=at)


def test_what_is_said_is_kept_and_can_be_changed(any_database: Database, settings: Settings) -> None:
    action, token = asked(any_database, settings)
    first, second = numbers(any_database, action)
    said = {first: Saying(is_answered=True, words="Dear Mai, no."), second: Saying(is_answered=False, words="ignored")}
    assert say(any_database, token, said)
    assert say(any_database, token, said, TWO_WEEKS + timedelta(days=1))  # once more: nothing changes
    with any_database.read() as session:
        found = answer_questions.find(session, token)
        assert found is not None
        assert [(one.is_answered, one.words) for one in found.letters] == [(True, "Dear Mai, no."), (False, "")]
        assert session.get_one(SaidAnswer, first).said_at == TWO_WEEKS
        reasons = session.scalars(select(Event.reason_code).where(Event.actor_kind == "supporter").order_by(Event.id))
        assert list(reasons) == ["said_answered", "said_not_answered"]
    assert say(any_database, token, {first: Saying(is_answered=False)})
    with any_database.read() as session:
        assert (session.get_one(SaidAnswer, first).is_answered, session.get_one(SaidAnswer, first).words) == (False, "")


def test_nothing_is_said_of_others_letters_or_by_a_link_that_was_not_mailed(
    any_database: Database, settings: Settings
) -> None:
    action, token = asked(any_database, settings, "accepted", "bounced")
    other = agreed(any_database, "accepted", email="tou@example.org")
    (theirs,) = numbers(any_database, other)
    back = numbers(any_database, action)[1]
    assert say(any_database, token, {theirs: Saying(is_answered=True), back: Saying(is_answered=True)})
    assert not say(any_database, token_of(any_database, other), {theirs: Saying(is_answered=True)})
    assert not say(any_database, "x" * 43, {theirs: Saying(is_answered=True)})
    with any_database.read() as session:
        assert session.scalar(select(func.count()).select_from(SaidAnswer)) == 0


def test_who_wants_no_more_is_asked_no_more_under_that_address(any_database: Database, settings: Settings) -> None:
    action, token = asked(any_database, settings, "accepted")
    also = agreed(any_database, "accepted", email="MAI@example.org")
    other = agreed(any_database, "accepted", email="tou@example.org")
    with any_database.write() as session:
        assert answer_questions.stop(session, token)
        assert answer_questions.stop(session, token)
        assert not answer_questions.stop(session, "x" * 43)
    assert waiting(any_database) == []
    assert question(any_database, also) is None
    assert question(any_database, other) is not None
    (first,) = numbers(any_database, action)
    assert say(any_database, token, {first: Saying(is_answered=True)})  # they may still say it


def test_erasing_leaves_yes_and_no_and_nothing_else(any_database: Database, settings: Settings) -> None:
    action, token = asked(any_database, settings)
    first, second = numbers(any_database, action)
    say(any_database, token, {first: Saying(is_answered=True, words="Dear Mai"), second: Saying(is_answered=False)})
    with any_database.write() as session:
        assert erasure.erase(session, session.get_one(Action, action).receipt_token, now=TWO_WEEKS)
    assert question(any_database, action) is None
    assert waiting(any_database) == []
    with any_database.read() as session:
        assert answer_questions.find(session, token) is None
        rows = session.execute(select(SaidAnswer.is_answered, SaidAnswer.words).order_by(SaidAnswer.message_id))
        assert [tuple(row) for row in rows] == [(True, ""), (False, "")]


def test_a_supporters_own_file_tells_of_it(database: Database, settings: Settings) -> None:
    action, token = asked(database, settings, "accepted")
    (first,) = numbers(database, action)
    say(database, token, {first: Saying(is_answered=True, words="Dear Mai")})
    with database.snapshot() as session:
        document = b"".join(supporter_export.export(session, action, secret=settings.secret_key, now=TWO_WEEKS))
    assert b'"may_be_asked_for_answers": {"agreed_at"' in document
    assert b'"words": "Dear Mai"' in document
    assert token.encode() not in document


def test_a_restored_database_asks_nobody_again(any_database: Database, settings: Settings) -> None:
    agreed(any_database, "settled")
    later = agreed(any_database, "settled", email="tou@example.org", at=NOW + timedelta(days=30))
    with any_database.write() as session:
        session.get_one(AnswerQuestion, later).ask_at = TWO_WEEKS + timedelta(days=30)
        answer_questions.not_again(session, now=TWO_WEEKS + timedelta(days=1))
    look(any_database, settings, TWO_WEEKS + timedelta(days=2))
    assert waiting(any_database) == []
    look(any_database, settings, TWO_WEEKS + timedelta(days=30))
    assert [mail.recipient for mail in waiting(any_database)] == ["tou@example.org"]
