"""The page of numbers: charts with words and tables, for authors too, and nobody's name."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.answers import AnswerQuestion, SaidAnswer
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, at, signed_in, words

PAGE = "/staff/numbers"


@pytest.fixture
def author(app: Flask, database: Database) -> StaffBrowser:
    with database.write() as session:
        campaign = sample_campaign(session, slug="hf3434", title="Ethnic studies")
        for number, state in enumerate(("accepted", "bounced")):
            action = sample_action(session, campaign, language="vi", source="flyer")
            legislator = sample_legislator(session, name=f"Uma {number}", district=str(number + 1))
            sample_message(session, action, legislator, campaign.letters[0], supporter_key=str(number), state=state)
    return signed_in(at(app, lambda: NOW), "anna@example.org")


def test_charts_say_in_words_what_they_show_and_have_their_numbers_in_tables(author: StaffBrowser) -> None:
    page = author.get(PAGE)
    text = words(page)
    assert "Made from 2026-02-03 to 2026-03-04; days begin at midnight in UTC." in text
    assert "From 2026-02-03 to 2026-03-04: 2 in all, most on 2026-03-04: 2." in text
    for name in re.findall(r'aria-labelledby="([^"]+)"', page.text):
        for part in name.split():
            assert page.text.count(f'id="{part}"') == 1
    assert page.text.count('role="img"') == 2
    for row in (
        "Vietnamese Actions 2",
        "flyer Actions 2",
        "Wisconsin Letters 2 Taken 1 Came back 1 Not sent 0",
        "Wisconsin State Assembly, District 1 Letters 1 Taken 1",
        "Uma 1 Letters 1 Taken 0 Came back 1",
        "2026-03-04 Actions 2 Letters 2",
    ):
        assert row in text
    assert "mai@example.org" not in text
    assert "Mai Example" not in text


def test_a_page_has_no_style_of_its_own(author: StaffBrowser) -> None:
    assert not re.search(r"\sstyle=|<style", author.get(PAGE).text)


def test_a_campaigns_days_are_its_own(author: StaffBrowser) -> None:
    text = words(author.get(f"{PAGE}?campaign=hf3434"))
    assert "Whenever they were made; days begin at midnight in America/Chicago." in text
    assert "Nobody took part in this time." in words(author.get(f"{PAGE}?campaign=ab969"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-03-04&until=2026-03-03", "The last day lies before the first."),
        ("since=0001-01-01", "Choose a day from 2000 to 2199."),
        ("until=huh", "Write the day as year-month-day, such as 2026-03-04."),
        ("campaign=none%00", "Not a valid choice"),
    ],
)
def test_what_cannot_be_counted_is_told(author: StaffBrowser, query: str, sentence: str) -> None:
    answer = author.get(f"{PAGE}?{query}")
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_who_answered_is_told_with_what_the_numbers_cannot_tell(author: StaffBrowser, database: Database) -> None:
    assert "Which offices answered" not in words(author.get(PAGE))
    with database.write() as session:
        letter = session.scalars(select(Message).where(Message.state == "accepted")).one()
        session.add(SaidAnswer(message_id=letter.id, is_answered=True, said_at=NOW, words="Dear Mai"))
        session.add(
            AnswerQuestion(action_id=letter.action_id, token="t" * 43, agreed_at=NOW, ask_at=None, asked_at=NOW)
        )
    text = words(author.get(PAGE))
    assert "Uma 0 Answered 1 Supporters asked 1 Say: nothing came 0 Usual wait not known" in text
    assert "Answers go straight to supporters" in text
    assert "Dear Mai" not in text
