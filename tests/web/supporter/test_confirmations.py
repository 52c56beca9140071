"""Confirming by the mailed link, and what the pages around it say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.db.supporter_mail import SupporterMail
from tests.samples import NOW
from tests.web.supporter_pages import BASE, SupporterBrowser, problems, title, words


@pytest.fixture
def asking_site(site: Flask, database: Database) -> Flask:
    with database.write() as session:
        session.execute(update(Campaign).values(confirm="always"))
    at(site)
    return site


@pytest.fixture
def supporter(asking_site: Flask) -> SupporterBrowser:
    """Whoever writes; the mail goes to the owner of the address."""
    return SupporterBrowser(asking_site)


@pytest.fixture
def receipt(supporter: SupporterBrowser) -> str:
    supporter.to_letter()
    return supporter.send().request.path


@pytest.fixture
def owner(asking_site: Flask, receipt: str) -> SupporterBrowser:
    """Whoever reads the mail, in another browser."""
    return SupporterBrowser(asking_site)


@pytest.fixture
def link(database: Database, receipt: str) -> str:
    with database.read() as session:
        raw = session.scalars(select(SupporterMail.raw).where(SupporterMail.kind == "ask")).one()
    found = re.search(r"(/confirmations/\S+)\r?\n", str(message_from_bytes(raw, policy=default).get_content()))
    assert found
    return found[1]


def at(site: Flask, **later: float) -> None:
    """Let the application's clock stand at so much after NOW."""
    moment = NOW + timedelta(**later)
    site.extensions["actionmail"] = replace(site.extensions["actionmail"], clock=lambda: moment)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Message.state).order_by(Message.id)))


def kept(database: Database) -> tuple[list[str], int, int]:
    with database.read() as session:
        numbers = [session.scalar(select(func.count()).select_from(one)) or 0 for one in (Event, SupporterMail)]
    return states(database), numbers[0], numbers[1]


def test_the_page_says_before_the_button_that_a_mail_follows(supporter: SupporterBrowser, database: Database) -> None:
    assert "We then mail you a link: your letter goes out when you confirm by it." in words(supporter.to_letter())
    with database.write() as session:
        session.execute(update(Campaign).values(confirm="new"))
    assert "If you never confirmed your e-mail address here" in words(supporter.get("/campaigns/ab969/letter"))


def test_the_receipt_says_that_nothing_is_sent_yet(supporter: SupporterBrowser, receipt: str) -> None:
    page = supporter.get(receipt)
    text = words(page)
    assert title(page).startswith("Not sent yet: please confirm")
    assert "Nothing is sent before you confirm by the link that we mail to mai@example.org." in text
    assert "It works until March 11, 2026, 10:12 AM CDT." in text
    assert text.count("Not sent: it waits for you to confirm it.") == 2
    assert "Nothing leaves before you confirm. You can take back" in text


def test_opening_the_link_shows_the_letters_and_changes_nothing(
    owner: SupporterBrowser, database: Database, link: str
) -> None:
    before = kept(database)
    for _ in range(2):
        page = owner.get(link)
        assert page.status_code == 200
        assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
        text = words(page)
        assert "Send these 2 letters?" in text
        assert "NOT sent yet. Somebody who gave the name Mai Example and the address mai@example.org wrote" in text
        assert "Senator Uma Pattern" in text
        assert "I ask you to vote no on AB 969." in text
    assert '<pre class="letter" lang="en"><strong lang="es">Asunto: ' in owner.get(f"{link}?lang=es").text
    owner.get(f"{link}/denial")
    assert owner.client.head(link, base_url=BASE).status_code == 200
    assert kept(database) == before


def test_the_button_sends_and_leads_to_the_receipt(
    owner: SupporterBrowser, database: Database, link: str, receipt: str
) -> None:
    owner.get(link)
    done = owner.post(link)
    assert (done.status_code, done.location) == (303, receipt)
    assert states(database) == ["queued"] * 2
    page = owner.get(receipt)
    assert "Your 2 letters are queued" in words(page)
    assert "Mail me the link again" not in words(page)
    again = owner.get(link)
    assert "You confirmed this already" in words(again)
    assert "This wasn't me" not in words(again)
    assert "You confirmed this already" in words(owner.get(f"{link}/denial"))
    for path in (link, f"{link}/denial"):
        owner.get("/campaigns/ab969")  # a page with a form
        assert owner.post(path).status_code == 409
    assert states(database) == ["queued"] * 2


def test_no_other_site_can_press_the_button(owner: SupporterBrowser, database: Database, link: str) -> None:
    for path in (link, f"{link}/denial"):
        owner.fields = {}
        forged = owner.post(path)
        assert forged.status_code == 403
        assert "Nothing was changed. Please press the button again" in problems(forged)
    assert states(database) == ["unconfirmed"] * 2


def test_it_was_not_me_asks_once_more_and_erases_all(
    owner: SupporterBrowser, database: Database, link: str, receipt: str
) -> None:
    SupporterBrowser(owner.client.application).to_letter()  # whoever it was goes on
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1
    owner.get(link)
    page = owner.get(f"{link}/denial")
    assert "Was this not you? Nothing was sent. Somebody typed mai@example.org" in words(page)
    done = owner.submit()
    assert "Nothing was sent, and all of it is erased" in words(done)
    assert states(database) == ["cancelled"] * 2
    with database.read() as session:
        action = session.scalars(select(Action)).one()
        assert (action.name, action.email) == ("", "")
        assert session.scalar(select(func.count()).select_from(FrozenLetter)) == 0
        assert session.scalar(select(func.count()).select_from(SupporterMail)) == 0
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert "mai@example.org" not in words(owner.get(link))
    assert "Your data was erased" in words(owner.get(receipt))


def test_links_that_are_wrong_over_or_taken_back_say_so(
    owner: SupporterBrowser, asking_site: Flask, database: Database, link: str, receipt: str
) -> None:
    unknown = owner.get("/confirmations/unknown")
    assert (unknown.status_code, "We do not know this link" in words(unknown)) == (404, True)
    owner.get(link)
    for path in ("/confirmations/unknown", "/confirmations/unknown/denial"):
        owner.get(link)
        assert owner.post(path).status_code == 404
    owner.get(link)
    at(asking_site, days=7)
    late = owner.post(link)
    assert (late.status_code, "It is too late to confirm this" in words(late)) == (409, True)
    assert "Nothing was sent: this link worked until March 11" in words(late)
    at(asking_site, days=1)
    with database.write() as session:
        session.execute(update(Campaign).values(status="paused"))
    owner.get(receipt)
    stopped = owner.post(link)
    assert "This campaign takes no letters now" in words(stopped)
    shown = words(owner.get(receipt))
    assert "The campaign is paused at the moment: you can confirm by the link" in shown
    assert "Mail me the link again" not in shown
    assert "you can send your letters by this same link" in words(stopped)
    assert states(database) == ["unconfirmed"] * 2
    with database.write() as session:
        session.execute(update(Campaign).values(status="live"))
    owner.get(receipt)
    owner.post(f"{receipt}/cancellation")
    assert states(database) == ["cancelled"] * 2
    assert "Nothing is sent by this link" in words(owner.get(link))
    assert "You took your letter back" in words(owner.get(receipt))


def test_the_link_can_be_mailed_again_a_few_times(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    def again() -> tuple[int, str]:
        with database.write() as session:  # the worker sent it
            session.query(SupporterMail).where(SupporterMail.kind == "ask").delete()
        supporter.get("/campaigns/ab969")
        page = supporter.post(f"{receipt}/confirmation-mail")
        shown = supporter.get(page.location) if page.status_code == 303 else page
        return page.status_code, words(shown)

    for _ in range(2):
        status, text = again()
        assert (status, "We mail you the link once more." in text) == (303, True)
    status, text = again()
    assert status == 429
    assert "We wrote to this e-mail address several times today" in text
    supporter.get(receipt)
    supporter.post(f"{receipt}/cancellation")
    status, text = again()
    assert (status, "There is nothing to confirm at the moment" in text) == (409, True)


def test_whose_address_had_too_many_mails_keeps_what_was_typed(supporter: SupporterBrowser, database: Database) -> None:
    for _ in range(3):
        supporter.to_letter()
        supporter.send()
    supporter.to_letter()
    refused = supporter.send(personal="My own words.")
    assert refused.status_code == 409
    assert "write no more for some hours" in problems(refused)
    assert "My own words." in refused.text
    assert len(states(database)) == 6


def test_what_was_not_confirmed_in_time_is_said_on_the_receipt(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    with database.write() as session:
        session.execute(update(Message).values(state="expired"))
    assert "Not sent: nobody confirmed it in time." in words(supporter.get(receipt))


def test_the_campaigns_page_counts_who_confirmed(supporter: SupporterBrowser, database: Database, link: str) -> None:
    assert "person has written" not in words(supporter.get("/campaigns/ab969"))
    supporter.get(link)
    supporter.post(link)
    assert "1 person has written" in words(supporter.get("/campaigns/ab969"))
