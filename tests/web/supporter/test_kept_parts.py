"""What pages have for everybody alike is made once, and nobody sees in it what is another's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment
from jinja2.runtime import Macro
from sqlalchemy import update

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import content
from actionmail.flows.campaigns.in_force import CampaignsInForce
from actionmail.web.platform import kept
from actionmail.web.platform.context import services
from actionmail.web.platform.kept import kept_part, made_of
from tests.samples import NOW
from tests.web.staff_pages import at
from tests.web.supporter_pages import BASE, SupporterBrowser, Within

SITES = ["https://partner.example"]
LANGUAGES = ("en", "hmn", "ar")  # the last is read from the right
PEOPLE = (
    {"name": "Mai Example", "email": "mai@example.org", "zip": "53704"},
    {"name": "Bo <b>Sample</b>", "email": "bo@example.org", "zip": "53703"},
)
CAMPAIGNS: Sequence[dict[str, Any]] = (
    {},
    {"goal": 50, "deadline_at": NOW + timedelta(days=3), "thanks": "You are many.", "review": "all"},
    {"confirm": "always", "translations": {"ar": {"title": "بلا شرطة"}}, "colours": ["#112233", "#334455"]},
)
Page = Callable[[], str]


@pytest.fixture
def house(site: Flask) -> Flask:
    """At an hour that stands still."""
    return at(site, lambda: NOW)


def visited(app: Flask, language: str, who: dict[str, str], *, is_sent: bool, is_within: bool) -> list[Page]:
    """One supporter's letter, or their receipt: what shows it again, and below a path that the server is mounted at."""
    browser = Within(app) if is_within else SupporterBrowser(app)
    network = f"10.{LANGUAGES.index(language)}.{PEOPLE.index(who)}.{2 * is_sent + is_within}"
    browser.client.environ_base["REMOTE_ADDR"] = network  # or it would be many from one place
    begun = browser.get(f"{'/embed' if is_within else '/campaigns'}/ab969?lang={language}")
    if is_within:
        browser.get(begun.location)
    place = "within" if is_within else "here"
    browser.submit(**{**who, "email": f"{language}.{is_sent}.{place}.{who['email']}".lower()})
    if browser.path.endswith("/legislators"):
        browser.submit(lower="77")
    assert browser.path.endswith("/letter")
    if who is PEOPLE[1]:
        own = {"personal": f"The words of {who['name']}", "subject_1": f"The subject of {who['name']}"}
        browser.submit(go="preview", quote="y", copy="y", **own)
    if is_sent:
        browser.send()
        assert "/receipts/" in browser.path
    address = browser.path
    bases = [BASE] if is_within else [BASE, f"{BASE}/tool"]
    return [lambda base=base: _shown(browser, address, base) for base in bases]  # type: ignore[misc]


def _shown(browser: SupporterBrowser, address: str, base: str) -> str:
    page = browser.client.get(address, base_url=base)
    assert page.status_code == 200
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text)


def forget(app: Flask, database: Database) -> None:
    """Have the process keep nothing."""
    app.extensions["actionmail"] = replace(app.extensions["actionmail"], campaigns=CampaignsInForce(database))


@pytest.mark.parametrize("columns", CAMPAIGNS)
def test_a_page_is_the_same_whoever_read_it_before(house: Flask, database: Database, columns: dict[str, Any]) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(sites=SITES, **columns))
    pages: list[Page] = []
    for language in LANGUAGES:
        for who in PEOPLE:
            for is_sent in (False, True):
                pages += visited(house, language, who, is_sent=is_sent, is_within=False)
    for who in PEOPLE:
        for is_sent in (False, True):
            pages += visited(house, "en", who, is_sent=is_sent, is_within=True)
    _agree(house, database, pages)
    before = {page() for page in pages}
    snapshot = house.extensions["actionmail"].campaigns.last("ab969")
    assert not [
        key for key in snapshot.made if "/embed/" in repr(key)
    ]  # what is one visitor's would be kept for nobody
    with database.write() as session:
        session.execute(update(Campaign).values(title="Renamed", privacy_line="Another line."))
    _agree(house, database, pages)
    assert not before & {page() for page in pages}


def _agree(app: Flask, database: Database, pages: Sequence[Page]) -> None:
    """Whether each page is the same after all of them, and where nothing is kept; and no two are."""
    for page in pages:
        page()
    after_others = [page() for page in pages]
    alone = []
    for page in pages:
        forget(app, database)
        alone.append(page())
    assert after_others == alone
    assert len(set(alone)) == len(alone)


@pytest.fixture
def macro() -> Macro:
    shown = "<p>{{ alike }} {{ own }}{{ 'x' if alike == 'asks' and own }}</p>"
    source = f"{{% macro part(alike, own=none) %}}{shown}{{% endmacro %}}"
    found = getattr(Environment(autoescape=True).from_string(source).module, "part")  # noqa: B009
    assert isinstance(found, Macro)
    return found


def _campaign(database: Database) -> Campaign:
    with database.read() as session:
        snapshot = services().campaigns.get("ab969", content.version(session))
    assert snapshot is not None
    return snapshot.campaign


def test_a_part_is_made_once_and_has_each_ones_own(house: Flask, database: Database, macro: Macro) -> None:
    with house.test_request_context(base_url=BASE):
        campaign = _campaign(database)
        parts = [kept_part(campaign, macro, "same", own=own) for own in ("Mai", "<b>Bo</b>")]
        assert parts == ["<p>same Mai</p>", "<p>same &lt;b&gt;Bo&lt;/b&gt;</p>"]
        snapshot = services().campaigns.last("ab969")
        assert snapshot is not None
        assert len([key for key in snapshot.made if macro in key]) == 1
        assert kept_part(campaign, macro, "other") == "<p>other None</p>"
        assert kept_part(campaign, macro, "never", is_kept=False, own="Mai") == "<p>never Mai</p>"
        assert kept_part(None, macro, "no campaign", own="Mai") == "<p>no campaign Mai</p>"
        assert len([key for key in snapshot.made if macro in key]) == 2


def test_a_part_that_asks_what_is_somebodys_own_is_not_made(house: Flask, database: Database, macro: Macro) -> None:
    with house.test_request_context(base_url=BASE), pytest.raises(TypeError, match="own is a visitor's own"):
        kept_part(_campaign(database), macro, "asks", own="Mai")


def test_what_is_made_of_a_campaign_is_bounded(house: Flask, database: Database) -> None:
    with house.test_request_context(base_url=BASE):
        campaign = _campaign(database)
        for number in range(kept.MOST + 10):
            assert made_of(campaign, number, lambda number=number: -number) == -number  # type: ignore[misc]
        snapshot = services().campaigns.last("ab969")
        assert snapshot is not None
        assert len(snapshot.made) == 10
        assert made_of(campaign, 3, lambda: 3) == 3
