"""Letters that staff read before they go: from the form to the receipt, over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.staff import Role
from actionmail.rules.actions.reviews import REVIEWS
from actionmail.web.campaigns.words.pages import READ
from tests.samples import NOW
from tests.web.staff_pages import StaffBrowser, hire, signed_in
from tests.web.supporter_pages import SupporterBrowser, title, words


@pytest.fixture
def reading_site(site: Flask, database: Database) -> Flask:
    with database.write() as session:
        session.execute(update(Campaign).values(review="edited"))
    hire(database, "rita@example.org", Role.REVIEWER)
    hire(database, "anna@example.org", Role.AUTHOR)
    site.extensions["actionmail"] = replace(site.extensions["actionmail"], clock=lambda: NOW)
    return site


@pytest.fixture
def supporter(reading_site: Flask) -> SupporterBrowser:
    return SupporterBrowser(reading_site)


@pytest.fixture
def reviewer(reading_site: Flask) -> StaffBrowser:
    return signed_in(reading_site, "rita@example.org")


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))


def written(supporter: SupporterBrowser, own: str = "My <b>daughter</b> is in third grade.") -> str:
    """The receipt's path."""
    page = supporter.to_letter()
    assert "reads letters with words of your own before they go" in words(page)
    return supporter.send(personal=own).request.path


def pressed(reviewer: StaffBrowser, noun: str, **values: str) -> TestResponse:
    page = reviewer.get("/staff/reviews")
    action = re.search(rf'action="(/staff/reviews/\d+/{noun})"', page.text)
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert action and seen
    return reviewer.post(action[1], **{"seen": seen[1], "after": "0", **values})


def test_every_setting_has_words() -> None:
    assert set(READ) == set(REVIEWS)


def test_the_campaigns_own_words_go_at_once(supporter: SupporterBrowser, database: Database) -> None:
    supporter.to_letter()
    supporter.send()
    assert states(database) == ["queued", "queued"]


def test_own_words_wait_and_are_shown_as_a_difference(
    supporter: SupporterBrowser, reviewer: StaffBrowser, database: Database
) -> None:
    receipt = written(supporter)
    assert states(database) == ["review", "review"]
    page = supporter.get(receipt)
    assert title(page).startswith("Your letter is kept, and staff read it before it goes")
    assert words(page).count("Not sent yet: the campaign's staff read letters before they go.") == 2
    listed = reviewer.get("/staff/reviews")
    assert "1 supporter waits" in words(listed)
    assert "<ins>My &lt;b&gt;daughter&lt;/b&gt; is in third grade.</ins>" in listed.text
    assert "2 letters" in words(reviewer.get("/staff/"))
    assert 'href="/staff/reviews"' in reviewer.get("/staff/").text


def test_letters_that_are_let_go_are_queued(
    supporter: SupporterBrowser, reviewer: StaffBrowser, database: Database
) -> None:
    receipt = written(supporter)
    done = pressed(reviewer, "approvals")
    assert (done.status_code, done.location) == (303, "/staff/reviews")
    assert states(database) == ["queued", "queued"]
    page = words(reviewer.get("/staff/reviews"))
    assert "Approved: 2 letters will be sent." in page
    assert "No letter waits to be read." in page
    assert title(supporter.get(receipt)).startswith("Your 2 letters are queued")


def test_letters_that_are_refused_say_why_on_the_receipt_and_another_can_be_written(
    supporter: SupporterBrowser, reviewer: StaffBrowser, database: Database
) -> None:
    receipt = written(supporter)
    refused = pressed(reviewer, "rejections", reason="  ")
    assert refused.status_code == 422
    assert "Say why, in a few words: the supporter is told." in words(refused)
    assert "<title>Error: Letters to read" in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    assert "<details open>" in refused.text
    assert pressed(reviewer, "rejections", reason="It names <i>a child</i>").status_code == 303
    assert states(database) == ["rejected", "rejected"]
    page = supporter.get(receipt)
    assert title(page).startswith("Your letter was not sent")
    assert "It names <i>a child</i>" in unescape(page.text)
    assert "<i>a child</i>" not in page.text
    written(SupporterBrowser(supporter.client.application), own="Another one.")
    assert states(database) == ["rejected", "rejected", "review", "review"]


def test_what_was_not_approved_marks_no_reason_that_nobody_gave(
    supporter: SupporterBrowser, reviewer: StaffBrowser
) -> None:
    written(supporter)
    reviewer.get("/staff/reviews")
    refused = pressed(reviewer, "approvals", seen="x")
    assert refused.status_code == 422
    assert "these letters are not those that you saw" in words(refused)
    assert "aria-invalid" not in refused.text
    assert "has-error" not in refused.text
    assert "<details open>" not in refused.text


def test_a_colleague_was_quicker(supporter: SupporterBrowser, reviewer: StaffBrowser, database: Database) -> None:
    written(supporter)
    page = reviewer.get("/staff/reviews")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    action = re.search(r'action="(/staff/reviews/\d+)/approvals"', page.text)
    assert seen and action
    assert reviewer.post(f"{action[1]}/approvals", seen=seen[1]).status_code == 303
    late = reviewer.post(f"{action[1]}/rejections", seen=seen[1], reason="No")
    assert late.status_code == 422
    assert "Nothing was decided: these letters do not wait any more." in words(late)
    assert states(database) == ["queued", "queued"]


def test_confirmed_letters_wait_too(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(confirm="always", review="all"))
    supporter.to_letter()
    supporter.send()
    assert states(database) == ["unconfirmed", "unconfirmed"]
    with database.read() as session:
        raw = session.scalars(select(SupporterMail.raw).where(SupporterMail.kind == "ask")).one()
    link = re.search(r"(/confirmations/\S+)\r?\n", str(message_from_bytes(raw, policy=default).get_content()))
    assert link
    owner = SupporterBrowser(supporter.client.application)
    owner.get(link[1])
    assert owner.post(link[1]).status_code == 303
    assert states(database) == ["review", "review"]


@pytest.mark.parametrize("path", ["/staff/reviews", "/staff/reviews?after=x"])
def test_authors_do_not_read_letters(reading_site: Flask, path: str) -> None:
    assert signed_in(reading_site, "anna@example.org").get(path).status_code == 403
