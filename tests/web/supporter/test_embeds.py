"""A campaign within a page of another website: all steps without a cookie, and shown by listed sites alone."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.flows.staff import Role
from actionmail.web.platform import embedding
from tests.samples import NOW, sample_days, sample_petition
from tests.web.staff_pages import at, hire
from tests.web.supporter_pages import BASE, WHO, SupporterBrowser, Within, title, words

SITES = ["https://partner.example", "https://coalition.example:8443"]
SIGNER = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "consent": "y"}


@pytest.fixture
def shown(site: Flask, database: Database) -> Flask:
    with database.write() as session:
        sample_petition(session, sites=SITES)
        session.execute(update(Campaign).where(Campaign.slug == "ab969").values(sites=SITES))
    return site


@pytest.fixture
def within(shown: Flask) -> Within:
    return Within(shown)


def actions(database: Database) -> list[Action]:
    with database.read() as session:
        return list(session.scalars(select(Action)))


def test_a_letter_goes_through_all_steps_without_a_cookie(within: Within, database: Database) -> None:
    within.open("/embed/ab969?source=partner")
    within.submit(**WHO)
    assert "Who represents you" in words(within.seen[-1])
    within.submit(lower="76")
    receipt = within.submit(go="send", consent="y", personal="My two children go to school here.")
    assert title(receipt).startswith("Your 2 letters are queued")
    (action,) = actions(database)
    assert (action.source, action.email) == ("partner", "mai@example.org")
    with database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 2
    assert not any("Set-Cookie" in response.headers for response in within.seen)
    assert all(response.request.path.startswith("/embed/") for response in within.seen)


def test_a_zip_code_that_is_kept_nowhere_stands_in_no_address_either(
    within: Within, database: Database, shown: Flask
) -> None:
    with database.write() as session:
        sample_days(session, sites=SITES)
    at(shown, lambda: NOW)
    within.open("/embed/week")
    for home, status in (("9410", 400), ("94103", 200)):
        answer = within.post(within.action, home=home)
        assert (answer.status_code, within.fields["home"]) == (status, home)  # at once, as it came


def test_a_page_that_tells_of_a_database_that_is_away_can_be_seen_there_too(
    within: Within, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    within.open()
    within.submit(**{**WHO, "zip": "53704"})

    def away(*_: object) -> None:
        raise InterfaceError("SELECT 1", None, Exception("the database is away"))

    monkeypatch.setattr(database.engine.pool, "connect", away)
    page = within.post(within.action, go="send", consent="y", personal="My words.")
    assert page.status_code == 503
    assert "My words." in words(page)
    assert f"frame-ancestors 'self' {' '.join(SITES)};" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers


def test_every_page_of_it_names_who_may_show_it_and_the_pages_themselves_nobody(within: Within, shown: Flask) -> None:
    within.open()
    within.submit(**{**WHO, "zip": "53704"})
    within.submit(go="send", consent="y")
    pages = [response for response in within.seen if response.mimetype == "text/html" and response.status_code == 200]
    assert len(pages) == 3
    for page in pages:
        assert (
            "frame-ancestors 'self' https://partner.example https://coalition.example:8443;"
            in (page.headers["Content-Security-Policy"])
        )
        assert "X-Frame-Options" not in page.headers
        assert "'unsafe" not in page.headers["Content-Security-Policy"]
    alone = SupporterBrowser(shown).get("/campaigns/ab969")
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    assert alone.headers["X-Frame-Options"] == "DENY"


def test_mistakes_are_told_and_nothing_is_lost(within: Within) -> None:
    within.open()
    page = within.submit(**{**WHO, "email": "mai@nowhere"})
    assert title(page).startswith("Error:")
    assert 'value="Mai Example"' in page.text
    page = within.submit(**{**WHO, "zip": "53704"})
    page = within.submit(go="send", personal="Mine.")
    assert "Tick this box to say that we may send the letter in your name." in words(page)
    assert "Mine." in page.text


def test_a_petition_and_a_second_signer_in_the_same_frame(within: Within, database: Database) -> None:
    within.open("/embed/clemency")
    receipt = within.submit(**SIGNER)
    assert title(receipt).startswith("You signed")
    within.get(re.sub(r"/receipts/.*", "/campaigns/clemency", within.seen[-1].request.path))
    receipt = within.submit(**{**SIGNER, "email": "pao@example.org"})
    assert title(receipt).startswith("You signed")
    assert [action.email for action in actions(database)] == ["mai@example.org", "pao@example.org"]


def test_a_letter_is_taken_back_and_a_double_press_is_one(within: Within, database: Database) -> None:
    within.open()
    within.submit(**{**WHO, "zip": "53704"})
    last = dict(within.fields), within.action
    within.submit(go="send", consent="y")
    within.fields, within.action = last
    receipt = within.submit(go="send", consent="y")
    assert len(actions(database)) == 1
    assert title(receipt).startswith("Your 2 letters are queued")
    (path,) = re.findall(r'action="([^"]+/cancellation)"', receipt.text)
    within.post(path)
    assert actions(database)[0].cancelled_at is not None


def test_links_that_lead_elsewhere_open_there_and_the_receipts_is_the_pages_own(
    within: Within, database: Database
) -> None:
    page = within.open()
    elsewhere = re.findall(r'<a [^>]*target="_blank" href="([^"]+)"', page.text)
    assert "/privacy" in elsewhere
    within.submit(**{**WHO, "zip": "53704"})
    receipt = within.submit(go="send", consent="y")
    own = f"{BASE}/receipts/{actions(database)[0].receipt_token}"
    assert f'href="{own}"' in receipt.text
    assert f'data-copy="{own}"' in receipt.text
    for href in re.findall(r'<a (?![^>]*target=)[^>]*href="([^"]+)"', receipt.text):
        assert href.startswith(("/embed/", "#", "mailto:", "tel:", "sms:")), href


def test_the_language_chosen_is_kept_from_step_to_step(within: Within, database: Database) -> None:
    with database.write() as session:
        translations = {"es": {"title": "Sin policía armada", "summary": "Dos párrafos."}}
        session.execute(update(Campaign).where(Campaign.slug == "ab969").values(translations=translations))
    within.open("/embed/ab969?lang=es")
    page = within.submit(**{**WHO, "zip": "53704"})
    assert "Sin policía armada" in page.text


def test_who_is_signed_in_is_nobody_there(shown: Flask, database: Database) -> None:
    """So that no page of others can press buttons of the staff."""
    hire(database, "rita@example.org", Role.ADMIN)
    within = Within(shown)
    within.open()
    root = within.action.partition("/campaigns/")[0]
    for path in ("/staff/", "/staff/sign-in", "/", "/privacy", "/api/v1/campaigns", "/campaigns/clemency", "//x"):
        assert within.get(root + path).status_code == 404


@pytest.mark.parametrize(
    "change", [lambda root: root[:-3] + "abc", lambda root: root + "x", lambda root: "/embed/" + "a" * 60]
)
def test_a_state_that_is_not_ours_opens_nothing(within: Within, change: object) -> None:
    within.open()
    root = within.action.partition("/campaigns/")[0]
    assert callable(change)
    assert within.get(f"{change(root)}/campaigns/ab969").status_code == 404


def test_a_visit_that_is_over_begins_again(shown: Flask) -> None:
    serializer = URLSafeTimedSerializer(str(shown.secret_key), salt="actionmail embedded", signer=Then)
    old = serializer.dumps({"s": "ab969", "t": {}, "v": {}})
    response = Within(shown).get(f"/embed/{old}/campaigns/ab969")
    assert (response.status_code, response.location) == (303, "/embed/ab969")


class Then(TimestampSigner):
    """Signs as a day ago and a minute."""

    def get_timestamp(self) -> int:
        return super().get_timestamp() - embedding.SECONDS - 60


@pytest.mark.parametrize("slug", ["ab969", "nothing"])
def test_where_no_site_is_listed_it_is_shown_nowhere(site: Flask, slug: str) -> None:
    response = Within(site).get(f"/embed/{slug}")
    assert response.status_code == 404
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_a_visit_ends_where_its_site_is_taken_off_the_list(within: Within, database: Database) -> None:
    within.open()
    with database.write() as session:
        session.execute(update(Campaign).values(sites=[]))
    assert within.submit(**WHO).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected", "missing"),
    [
        ("accent=%230a5a3c", "--accent: #0a5a3c", ""),
        ("accent=%23ffff00", "", "#ffff00"),  # nobody could read it on white
        ("paper=%23102030&accent=%23ffee88", "color-scheme: dark", ""),
        ("paper=%23ffffff&ink=%23fefefe", "--ink: #1a2426", "#fefefe"),
        ("accent=red;}body{display:none", "", "display"),
        ("", "", "accent"),
    ],
)
def test_colours_are_taken_as_far_as_they_can_be_read(within: Within, query: str, expected: str, missing: str) -> None:
    page = within.open(f"/embed/ab969?{query}")
    (path,) = re.findall(r'href="(/embed/[^"]+/theme\.css)"', page.text)
    css = within.get(path)
    assert css.mimetype == "text/css"
    assert expected in css.text
    assert not missing or missing not in css.text


def test_the_one_lines_script_may_be_loaded_by_pages_of_others(site: Flask) -> None:
    response = Within(site).get("/embed.js")
    assert response.mimetype in ("text/javascript", "application/javascript")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_visit_keeps_no_street_and_nothing_typed_in_addresses(within: Within) -> None:
    within.open()
    within.submit(**{**WHO, "zip": "53703", "street": "2 E Main St"})
    within.submit(go="address", street="")
    for response in within.seen:
        for address in (response.request.path, response.headers.get("Location", "")):
            if state := re.match(r"/embed/(\.?)([\w-]{20,})\.", address):
                raw = base64.urlsafe_b64decode(f"{state[2]}==")
                kept = (zlib.decompress(raw) if state[1] else raw).decode()
                assert "Main" not in kept and "Mai" not in kept and "@" not in kept
