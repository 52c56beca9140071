"""While many come from one network: a page on which the browser works; without script it goes on by mail."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import altcha
import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.actions import Action, Draft
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.rules.actions.pressure import TRAP
from actionmail.rules.actions.reviews import Review
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from tests.samples import sample_petition
from tests.web.supporter_pages import SupporterBrowser, title, words

SIGNER = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "consent": "y"}


@pytest.fixture
def site_settings(site_settings: Settings) -> Settings:
    """So that the second press is one too many."""
    return replace(site_settings, ask_hour=1, hold_hour=0)


@pytest.fixture
def crowded(site: Flask, database: Database) -> Flask:
    """Somebody acted from this address."""
    with database.write() as session:
        sample_petition(session)
    first = SupporterBrowser(site)
    first.get("/campaigns/clemency")
    assert title(first.submit(**{**SIGNER, "email": "first@example.org"})).startswith("You signed")
    return site


def checked(supporter: SupporterBrowser, **answers: str) -> Any:
    """A letter's press, up to the page on which the browser works."""
    supporter.to_letter(phone="608 555 0100")
    return supporter.send(personal="My two children go to school here.", **answers)


def solution(page: Any) -> str:
    """What the page's script would find."""
    (asked,) = re.findall(r'data-check="([^"]+)"', page.text)
    challenge = altcha.Challenge.from_dict(json.loads(html.unescape(asked)))
    found = altcha.solve_challenge(challenge)
    assert found is not None
    return str(altcha.Payload(challenge, found).to_base64())


def post_check(supporter: SupporterBrowser, page: Any, **answers: str) -> Any:
    (action,) = re.findall(r'<form method="post" action="([^"]+)" data-check', page.text)
    response = supporter.post(action, **answers)
    return supporter.get(response.location) if response.status_code == 303 else response


def actions(database: Database) -> list[Action]:
    with database.read() as session:
        return list(session.scalars(select(Action).order_by(Action.id)))


def test_a_browser_that_works_sends_the_letter(crowded: Flask, database: Database) -> None:
    supporter = SupporterBrowser(crowded)
    page = checked(supporter)
    assert title(page).startswith("One moment")
    assert "Nothing is sent yet" in words(page)
    receipt = post_check(supporter, page, work=solution(page))
    assert title(receipt).startswith("Your 2 letters are queued")
    action = actions(database)[-1]
    assert (action.email, action.unconfirmed, action.held_for) == ("mai@example.org", False, "")
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {State.QUEUED.value}
        assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_without_a_script_the_same_button_goes_on_by_mail(crowded: Flask, database: Database) -> None:
    supporter = SupporterBrowser(crowded)
    page = checked(supporter)
    assert "press this button: we mail you a link" in words(page)
    receipt = post_check(supporter, page)
    assert "Nothing is sent before you confirm by the link that we mail to mai@example.org" in words(receipt)
    assert actions(database)[-1].unconfirmed
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {State.UNCONFIRMED.value}
        assert session.scalar(select(func.count()).select_from(Confirmation)) == 1
        recipients = set(session.scalars(select(SupporterMail.recipient)))
    assert recipients == {"mai@example.org"}


def test_a_wrong_answer_goes_on_by_mail_too(crowded: Flask, database: Database) -> None:
    supporter = SupporterBrowser(crowded)
    page = checked(supporter)
    post_check(supporter, page, work="e30=")
    assert actions(database)[-1].unconfirmed


def test_all_that_was_typed_is_sent_as_it_was(crowded: Flask, database: Database) -> None:
    supporter = SupporterBrowser(crowded)
    page = checked(supporter, body_1='Say no.\n\n  "Indented", & <more>.', updates="y")
    post_check(supporter, page, work=solution(page))
    action = actions(database)[-1]
    assert action.wants_updates
    receipt = SupporterBrowser(crowded).get(f"/receipts/{action.receipt_token}")
    assert "My two children go to school here." in words(receipt)
    assert '"Indented", & <more>.' in html.unescape(receipt.text)


def test_back_and_reload_lose_nothing(crowded: Flask) -> None:
    supporter = SupporterBrowser(crowded)
    page = checked(supporter)
    assert title(supporter.get("/campaigns/ab969/check")) == title(page)
    letter = supporter.get("/campaigns/ab969/letter")
    assert "My two children go to school here." in letter.text


def test_a_petition_asks_too(crowded: Flask, database: Database) -> None:
    supporter = SupporterBrowser(crowded)
    supporter.get("/campaigns/clemency")
    page = supporter.submit(**SIGNER, comment="My cousin.", show_name="y")
    assert title(page).startswith("One moment")
    receipt = post_check(supporter, page, work=solution(page))
    assert title(receipt).startswith("You signed")
    assert actions(database)[-1].details == {"comment": "My cousin.", "show_name": True}


def test_the_page_of_nothing_begins_again(crowded: Flask) -> None:
    response = SupporterBrowser(crowded).get("/campaigns/ab969/check")
    assert (response.status_code, response.location) == (303, "/campaigns/ab969")


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_inline_script(crowded: Flask) -> None:
    page = checked(SupporterBrowser(crowded))
    assert not re.search(r"<script(?![^>]* src=)", page.text)
    assert all(source.startswith("/static/") for source in re.findall(r'<script[^>]* src="([^"]+)"', page.text))
    assert "'unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("step", ["who", "letter"])
def test_whoever_fills_what_nobody_sees_waits_for_staff(site: Flask, database: Database, step: str) -> None:
    supporter = SupporterBrowser(site)
    supporter.to_letter(**({"homepage": "https://spam.example"} if step == "who" else {}))
    receipt = supporter.send(**({"homepage": "https://spam.example"} if step == "letter" else {}))
    assert "the campaign's staff read letters before they go" in words(receipt)
    (action,) = actions(database)
    assert (action.held_for, action.review) == (TRAP, Review.WAITING)


def test_a_petition_that_waits_says_so_on_its_receipt(site: Flask, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    supporter = SupporterBrowser(site)
    supporter.get("/campaigns/clemency")
    receipt = supporter.submit(**SIGNER, homepage="x")
    assert "It counts once the staff have looked at it" in words(receipt)
    assert "1 person has signed" not in words(receipt)


def test_a_browser_without_styles_is_told_what_the_field_is(site: Flask) -> None:
    page = SupporterBrowser(site).get("/campaigns/ab969")
    assert '<label for="homepage">Leave this field empty</label>' in page.text
