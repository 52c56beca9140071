"""From the box beside the letters to what is said by the mailed link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actionmail.db.actions import Action
from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.engine import Database
from actionmail.db.messages import Event, Message
from actionmail.flows.actions import answer_questions
from actionmail.settings import Settings
from tests.any_state import any_state
from tests.web.staff_pages import at
from tests.web.supporter_pages import BASE, SupporterBrowser, problems, title, words


def questions(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AnswerQuestion)) or 0


def said(database: Database) -> list[tuple[bool, str]]:
    with database.read() as session:
        rows = session.execute(select(SaidAnswer.is_answered, SaidAnswer.words).order_by(SaidAnswer.message_id))
        return [tuple(row) for row in rows]


@pytest.fixture
def link(site: Flask, supporter: SupporterBrowser, database: Database, site_settings: Settings) -> str:
    """The path of the mailed link, two weeks after two letters went."""
    supporter.begin()
    supporter.submit(lower="77")
    supporter.send(ask="y")
    with any_state_of(database) as session:
        action = session.scalars(select(Action)).one()
        for message in session.scalars(select(Message)):
            message.state = "accepted"
            session.add(
                Event(
                    message_id=message.id,
                    at=action.created_at,
                    from_state="sending",
                    to_state="accepted",
                    actor_kind="worker",
                )
            )
    later = action.created_at + timedelta(days=14)
    at(site, lambda: later)
    with database.write() as session:
        answer_questions.put_due(session, settings=site_settings, now=later)
        return f"/answers/{session.scalars(select(AnswerQuestion.token)).one()}"


@contextmanager
def any_state_of(database: Database) -> Iterator[Session]:
    with database.write() as session, any_state(session):
        yield session


def test_nobody_is_asked_who_did_not_tick_the_box(supporter: SupporterBrowser, database: Database) -> None:
    page = supporter.to_letter()
    assert "Ask me in two weeks whether they answered" in words(page)
    assert not re.search(r'name="ask"[^>]* checked', page.text)
    supporter.send()
    assert questions(database) == 0


def test_the_box_stays_ticked_while_the_letter_is_written(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    page = supporter.submit(go="preview", ask="y")
    assert supporter.fields.get("ask") == "y"
    assert page.status_code == 200
    supporter.send()
    assert questions(database) == 1


def test_opening_the_link_says_nothing(link: str, supporter: SupporterBrowser, database: Database) -> None:
    numbers = ids(database)
    for query in ("", f"?letter={numbers[0]}&answer=yes", f"?letter={numbers[1]}&answer=no", "?letter=x&answer=maybe"):
        page = supporter.get(f"{link}{query}")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
    assert said(database) == []
    chosen = supporter.get(f"{link}?letter={numbers[1]}&answer=no")
    assert re.findall(r'name="(answer_\d)" value="(\w+)" checked', chosen.text) == [("answer_1", "no")]


def test_the_page_speaks_the_language_of_the_mail(link: str, supporter: SupporterBrowser) -> None:
    page = supporter.get(f"{link}?lang=es")
    assert "¿Le respondieron?" in words(page)
    page = supporter.submit()
    assert "Elija una respuesta para al menos uno de ellos." in problems(page)


def ids(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(Message.id).order_by(Message.id)))


def test_a_press_of_the_button_says_it_and_it_can_be_changed(
    link: str, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get(f"{link}?letter={ids(database)[0]}&answer=yes")
    page = supporter.submit()
    assert "Thank you, that is noted." in words(page)
    assert said(database) == [(True, "")]
    supporter.get(link)
    supporter.submit(answer_0="no", answer_1="yes", words_1="Dear Mai,\r\n\r\nwe hear you.")
    assert said(database) == [(False, ""), (True, "Dear Mai,\n\nwe hear you.")]


def test_words_alone_say_that_there_was_an_answer(link: str, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(link)
    supporter.submit(words_0="We hear you.")
    assert said(database) == [(True, "We hear you.")]


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, "Choose an answer for at least one of them."),
        ({"answer_0": "perhaps"}, "Not a valid choice"),
        ({"answer_0": "yes", "words_0": "x" * 10_001}, "The answer may have 10,000 characters at most"),
        ({"answer_0": "yes", "words_0": "a\x00b"}, "In line 1"),
    ],
)
def test_what_cannot_be_kept_is_told_and_stays_typed(
    link: str, supporter: SupporterBrowser, database: Database, answers: dict[str, str], problem: str
) -> None:
    supporter.get(link)
    page = supporter.submit(**answers)
    assert page.status_code == 422
    assert problem in problems(page)
    assert title(page).startswith("Error: ")
    assert said(database) == []
    if "words_0" in answers and "\x00" not in answers["words_0"]:
        assert answers["words_0"] in page.text


def test_a_form_that_was_open_too_long_keeps_what_was_typed(
    link: str, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get(link)
    page = supporter.submit(csrf_token="old", answer_0="yes", words_0="We hear you.")
    assert page.status_code == 403
    assert "We hear you." in page.text
    assert said(database) == []


def test_the_questions_end_by_a_button_or_one_click_in_a_mail_program(
    link: str, supporter: SupporterBrowser, database: Database, site: Flask
) -> None:
    page = supporter.get(f"{link}/stop")
    assert "Ask you no more?" in words(page)
    done = site.test_client().post(f"{link}/stop", base_url=BASE, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert "We ask you no more" in words(done)
    assert site.test_client().post(f"{link}/stop", base_url=BASE).status_code == 200


@pytest.mark.parametrize("path", ["/answers/nothing", "/answers/" + "x" * 43])
def test_a_link_that_is_not_whole_says_so(site: Flask, supporter: SupporterBrowser, path: str) -> None:
    for response in (supporter.get(path), supporter.post(path, answer_0="yes")):
        assert response.status_code in {400, 404}
        assert "Nothing to say by this link" in words(response)
    assert "No question comes by this link" in words(supporter.get(f"{path}/stop"))


def test_once_all_is_erased_the_link_opens_nothing(link: str, supporter: SupporterBrowser, database: Database) -> None:
    with database.read() as session:
        receipt = session.scalars(select(Action.receipt_token)).one()
    supporter.get(f"/receipts/{receipt}/erase")
    supporter.get(link)
    supporter.submit(answer_0="yes", words_0="We hear you.")
    supporter.get(f"/receipts/{receipt}/erasure")
    supporter.submit()
    assert supporter.get(link).status_code == 404
    assert said(database) == [(True, "")]
