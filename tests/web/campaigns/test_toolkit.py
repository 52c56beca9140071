"""Staff write a toolkit, and see where people came from."""

from __future__ import annotations

from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns import pictures
from actionmail.flows.campaigns.saving import Author
from actionmail.flows.staff import Role
from actionmail.gateways.pictures.reencoding import reencode
from tests.pictures import png
from tests.samples import NOW, sample_action, sample_petition, sample_toolkit
from tests.web.staff_pages import StaffBrowser, hire, save, words

HOME = "/staff/campaigns/ride"


def kept(database: Database) -> dict[str, object]:
    with database.read() as session:
        return dict(session.scalars(select(Campaign.details).where(Campaign.slug == "ride")).one())


def test_a_toolkit_is_written_with_a_picture_that_is_there(browser: StaffBrowser, database: Database) -> None:
    prepared = pictures.prepare(png(), {"en": "Riders at a stop."}, reencode=reencode)
    by = Author(id=hire(database, "kim@example.org", Role.AUTHOR).id, email="kim@example.org")
    with database.write() as session:
        sha256 = pictures.add(session, prepared, by=by, now=NOW).large.sha256
        sample_toolkit(session, {}, status="draft")
    assert "There is nothing to share" in words(browser.get(HOME))
    assert "Riders at a stop." in words(browser.get(f"{HOME}/kind"))
    typed = {"hashtags": "#Clemency  Justice", "x": "Sign it.", "pictures": sha256}
    assert save(browser, f"{HOME}/kind", **typed).status_code == 303
    details = kept(database)
    assert (details["hashtags"], details["pictures"]) == (["#Clemency", "#Justice"], [sha256])
    page = browser.get(f"{HOME}/kind")
    assert "#Clemency #Justice" in page.text
    assert f'value="{sha256}" checked' in page.text
    assert "nothing to share" not in words(browser.get(HOME))


def test_what_is_too_long_is_told_at_its_field_and_nothing_is_lost(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_toolkit(session, {}, status="draft")
    refused = save(browser, f"{HOME}/kind", x="a" * 257, sms="Typed.", hashtags="bad!")
    assert refused.status_code == 422
    assert "A hashtag is" in words(refused)
    assert "Typed." in refused.text
    refused = save(browser, f"{HOME}/kind", x="a" * 257, sms="Typed.", hashtags="")
    assert "The text for X is too long: with hashtags and link 281 characters" in words(refused)
    assert 'id="x-error"' in refused.text
    assert kept(database) == {}


def test_a_translation_that_is_too_long_is_told_at_its_field(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_toolkit(session, {"x": "Sign."}, status="draft")
    refused = save(browser, f"{HOME}/translations/es", x="a" * 257)
    assert refused.status_code == 422
    assert "The text for X is too long" in words(refused)


def test_staff_are_told_what_is_missing_and_where_people_came_from(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        petition = sample_petition(session)
        sample_action(session, petition, source="bluesky", idempotency_key="a")
        sample_action(session, petition, idempotency_key="b")
        sample_toolkit(session, {"x": "Sign.", "share": "clemency", "pictures": ["0" * 64]})
    page = words(browser.get(HOME))
    assert "1 of its pictures is not on this site" in page
    assert "Who acts there by its links is counted there." in page
    for shown in (page, words(browser.get("/staff/campaigns/clemency"))):
        assert "bluesky How many 1" in shown
        assert "a link without a code How many 1" in shown
    with database.write() as session:
        session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one().status = "draft"
    assert "cannot be seen by the public" in words(browser.get(HOME))
