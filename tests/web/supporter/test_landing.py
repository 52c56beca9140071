"""A campaign's page as it is come to, and its receipt: when it is decided, how many took part, share, copy, by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import update

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Legislator
from actionmail.db.supporter_mail import SupporterMail
from tests.any_state import any_state
from tests.samples import sample_petition
from tests.web.supporter_pages import BASE, SupporterBrowser, words

PAGE = "/campaigns/ab969"
THANKS = "You wrote in your own words.\nThat is what they remember."


def change(database: Database, **columns: object) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(**columns))


def at(site: Flask, moment: datetime) -> None:
    site.extensions["actionmail"] = replace(site.extensions["actionmail"], clock=lambda: moment)


def test_the_kept_page_counts_the_days_anew_at_each_visit(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    hearing = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
    change(database, deadline_at=hearing, deadline_label="Hearing at the Capitol", timezone="America/Chicago")
    for before, said in (
        (timedelta(days=3), "Hearing at the Capitol in 3 days"),
        (timedelta(days=1), "Hearing at the Capitol tomorrow"),
        (timedelta(hours=2, minutes=1), "Hearing at the Capitol in less than 3 hours"),
        (timedelta(minutes=5), "Hearing at the Capitol in less than 1 hour"),
    ):
        at(site, hearing - before)
        assert said in words(SupporterBrowser(site).get(PAGE))


def test_without_words_of_its_own_a_deadline_is_told_in_the_campaigns_zone(
    site: Flask, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, deadline_at=datetime(2026, 3, 11, 15, 0, tzinfo=UTC), deadline_label="")
    at(site, datetime(2026, 3, 9, 15, 0, tzinfo=UTC))
    assert "Until March 11, 2026, 10:00 AM CDT in 2 days" in words(supporter.get(PAGE))


@pytest.mark.parametrize(("goal", "bar"), [(1, 'max="1" value="1"'), (500, 'max="500" value="1"'), (None, "")])
def test_the_bar_says_no_more_and_no_less_than_the_number(
    site: Flask, supporter: SupporterBrowser, database: Database, goal: int | None, bar: str
) -> None:
    change(database, goal=goal)
    supporter.to_letter()
    supporter.send()
    page = SupporterBrowser(site).get(PAGE)
    assert "1 person has written" in words(page)
    assert ("<progress" in page.text) == bool(goal)
    assert bar in page.text


def test_street_city_and_phone_stand_folded_until_they_hold_something(supporter: SupporterBrowser) -> None:
    assert "<details>" in supporter.get(PAGE).text
    assert "<details open>" in supporter.submit(name="", phone="608 555 0100").text


def test_the_receipt_thanks_in_the_authors_words_in_the_readers_language(
    supporter: SupporterBrowser, database: Database
) -> None:
    change(database, thanks=THANKS, translations={"es": {"thanks": "Gracias por sus palabras."}})
    supporter.to_letter()
    page = supporter.send()
    assert "Thank you, Mai Example. You wrote in your own words. That is what they remember. Example Org" in words(page)
    with database.write() as session:
        session.execute(update(Action).values(language="es"))
    assert "Gracias por sus palabras." in words(supporter.get(supporter.path))


def test_nobody_is_thanked_for_a_letter_that_did_not_go(supporter: SupporterBrowser, database: Database) -> None:
    change(database, thanks=THANKS)
    supporter.to_letter()
    supporter.send()
    with database.write() as session, any_state(session):
        session.execute(update(Message).values(state="failed"))
    assert "You wrote in your own words." not in words(supporter.get(supporter.path))


def test_every_network_is_one_plain_link_with_its_source(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    page = supporter.send()
    links = [unescape(link) for link in re.findall(r'class="button secondary" href="([^"]+)"', page.text)]
    schemes = {urlsplit(link).scheme for link in links}
    assert schemes == {"https", "mailto", "sms"}
    for network in ("wa.me", "facebook.com", "bsky.app", "joinmastodon.org"):
        assert any(network in link for link in links)
    for source in ("signal", "copy", "share"):
        assert f"/campaigns/ab969?source={source}" in page.text
    assert "<script src" in page.text
    assert "http" not in "".join(re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="([^"]+)"', page.text))


def test_the_qr_code_leads_to_the_page_with_its_source(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    assert f'src="{PAGE}/qr.svg"' in supporter.send().text
    drawn = supporter.client.get(f"{PAGE}/qr.svg", base_url=BASE)
    assert (drawn.mimetype, drawn.text[:5]) == ("image/svg+xml", "<?xml")
    assert "sandbox" in drawn.headers["Content-Security-Policy"]
    assert supporter.client.get("/campaigns/none/qr.svg", base_url=BASE).status_code == 404


def test_a_copy_is_mailed_to_who_ticks_the_box_and_to_nobody_else(
    supporter: SupporterBrowser, database: Database
) -> None:
    supporter.to_letter()
    assert "goes to mai@example.org" not in words(supporter.send())
    other = SupporterBrowser(supporter.client.application)
    other.to_letter(email="kou@example.org")
    assert "The copy that you asked for goes to kou@example.org." in words(other.send(copy="y"))
    with database.read() as session:
        assert [mail.recipient for mail in session.query(SupporterMail)] == ["kou@example.org"]


@pytest.mark.parametrize("state", ["no_channel", "bounced", "failed", "expired"])
def test_where_a_letter_did_not_arrive_stand_the_form_with_the_words_and_then_the_phone_with_the_script(
    supporter: SupporterBrowser, database: Database, state: str
) -> None:
    with database.write() as session:
        session.execute(update(Legislator).values(website="https://legis.example/form", phone="608 555 0199"))
    supporter.to_letter()
    supporter.send()
    with database.write() as session, any_state(session):
        session.execute(update(Message).values(state=state))
    said = words(supporter.get(supporter.path))
    form = said.index("the form on their website")
    letter = said.index("Your letter to copy")
    script = said.index("Hello, my name is Mai Example, and I live in 53704. I ask Senator")
    assert form < letter < script
    assert "to oppose AB 969. Thank you for noting it." in said


def test_what_an_office_hears_is_english_on_every_page(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Legislator).values(phone="608 555 0199"))
    supporter.get(f"{PAGE}?lang=es")
    supporter.to_letter()
    supporter.send()
    with database.write() as session, any_state(session):
        session.execute(update(Message).values(state="bounced"))
    page = supporter.get(supporter.path).text
    assert "Qué decir por teléfono" in page
    assert (
        '<blockquote lang="en" dir="ltr"><p>Hello, my name is Mai Example, and I live in 53704. I ask Senator' in page
    )


def test_what_comes_next_is_named_as_it_is_read_there(supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session, slug="first", translations={"es": {"title": "Una segunda oportunidad"}})
        sample_petition(session, slug="second", title="In no other language")
    change(database, then=["first", "second"])
    supporter.get(f"{PAGE}?lang=es")
    supporter.to_letter()
    page = supporter.send().text
    assert '<h2 id="next-1" lang="es">Una segunda oportunidad</h2>' in page
    assert '<h2 id="next-2" lang="en">In no other language</h2>' in page


def test_whoever_presses_keys_comes_to_the_form_at_once(supporter: SupporterBrowser, database: Database) -> None:
    before = supporter.get(PAGE).text.partition("<header")[0]
    assert re.findall(r'<a class="skip" href="(#\w+)">', before) == ["#main", "#act"]


def test_the_devices_own_way_to_share_is_hidden_until_a_script_finds_one(supporter: SupporterBrowser) -> None:
    supporter.to_letter()
    page = supporter.send()
    assert "<li hidden data-native-item>" in page.text
    query = parse_qs(urlsplit(unescape(re.findall(r'data-native="([^"]+)"', page.text)[0])).query)
    assert query == {"source": ["share"]}
