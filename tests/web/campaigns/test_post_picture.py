"""The picture of a campaign is chosen or uploaded; and the whole page is looked at before anybody sees it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.rules.campaigns.pictures import MAX_UPLOAD
from tests.pictures import keep_picture, png
from tests.samples import sample_campaign, sample_petition
from tests.web.staff_pages import BASE, StaffBrowser, revision, words

PAGE = "/staff/campaigns/clemency/picture"


@pytest.fixture
def post(database: Database, now: datetime) -> None:
    with database.write() as session:
        sample_petition(session, status="draft")
        keep_picture(session, now, es="Una puerta.")


def kept(database: Database) -> tuple[str, int | None, str]:
    with database.read() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "clemency")).one()
        return campaign.picture, campaign.picture_id, campaign.picture_alt


def upload(browser: StaffBrowser, content: bytes, **typed: str) -> TestResponse:
    page = browser.get(PAGE)
    fields = {"csrf_token": browser._token, "revision": revision(page), "en": "A gate.", **typed}
    data = {**fields, "upload": (BytesIO(content), "gate.png")}
    return browser.client.post(f"{PAGE}/uploads", base_url=BASE, data=data, content_type="multipart/form-data")


def test_one_of_the_library_is_chosen_and_has_its_own_words_until_others_are_typed(
    post: None, browser: StaffBrowser, database: Database
) -> None:
    page = browser.get(PAGE)
    assert "There is no picture yet." in words(page)
    nothing = browser.post(PAGE, revision=revision(page), picture_alt="")
    assert (nothing.status_code, "Choose a picture first." in words(nothing)) == (422, True)
    assert browser.post(PAGE, revision=revision(page), picture="1", picture_alt="").location == PAGE
    assert kept(database) == ("clemency.png", 1, "A door.")
    page = browser.get(PAGE)
    assert 'id="picture_alt" name="picture_alt" value=""' in page.text
    browser.post(PAGE, revision=revision(page), picture_alt="The door of the court.")
    assert kept(database) == ("clemency.png", 1, "The door of the court.")
    page = browser.get(PAGE)
    assert 'value="The door of the court."' in page.text
    browser.post(PAGE, revision=revision(page), go="none", picture="1", picture_alt="")
    assert kept(database) == ("", None, "")


def test_words_of_the_picture_before_are_none_of_the_next(
    post: None, browser: StaffBrowser, database: Database, now: datetime
) -> None:
    browser.post(PAGE, revision=revision(browser.get(PAGE)), picture="1", picture_alt="The door of the court.")
    upload(browser, png(90, 90))
    assert kept(database) == ("clemency.png", 2, "A gate.")
    browser.post(PAGE, revision=revision(browser.get(PAGE)), picture="2", picture_alt="The gate of the court.")
    page = browser.get(PAGE)
    browser.post(PAGE, revision=revision(page), picture="1", picture_alt="The gate of the court.")
    assert kept(database) == ("clemency.png", 1, "A door.")


def test_what_was_chosen_from_an_old_page_is_asked_again(post: None, browser: StaffBrowser, database: Database) -> None:
    before = revision(browser.get(PAGE))
    browser.post(PAGE, revision=before, picture="1", picture_alt="First")
    late = browser.post(PAGE, revision=before, picture="1", picture_alt="Second")
    assert late.status_code == 409
    assert 'value="Second"' in late.text
    browser.post(PAGE, revision=revision(late), picture="1", picture_alt="Second")
    assert kept(database)[2] == "Second"


@pytest.mark.parametrize("number", ["99", "2147483648", "x", "-1", "%00"])
def test_a_picture_that_is_none_is_told(post: None, browser: StaffBrowser, database: Database, number: str) -> None:
    answer = browser.post(PAGE, revision=revision(browser.get(PAGE)), picture=number, picture_alt="Typed")
    assert answer.status_code in (409, 422)
    assert 'value="Typed"' in answer.text
    assert kept(database) == ("", None, "")


def test_words_of_ten_thousand_characters_are_told_at_their_field(
    post: None, browser: StaffBrowser, database: Database
) -> None:
    answer = browser.post(PAGE, revision=revision(browser.get(PAGE)), picture="1", picture_alt="a" * 10_000)
    assert answer.status_code == 422
    assert 'id="picture_alt-error"' in answer.text and "a" * 10_000 in answer.text
    assert kept(database) == ("", None, "")


def test_another_is_uploaded_and_shown_and_the_same_again_is_the_one_that_there_is(
    post: None, browser: StaffBrowser, database: Database
) -> None:
    assert upload(browser, png(90, 90)).location == PAGE
    assert kept(database) == ("clemency.png", 2, "A gate.")
    assert "Done. The page shows this picture" in words(browser.get(PAGE))
    assert upload(browser, png(60, 30), en="A side door.").location == PAGE
    assert kept(database) == ("clemency.png", 1, "A side door.")


@pytest.mark.parametrize(
    ("content", "typed", "status", "told"),
    [
        (b"no picture", {}, 422, "This is no picture that can be taken here."),
        (b"", {}, 422, "Choose a file."),
        (png(), {"en": ""}, 422, "Say in a sentence what the picture shows"),
        (b"a" * (MAX_UPLOAD + 500_000), {}, 413, "The file has more than 20 MB."),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field(
    post: None, browser: StaffBrowser, database: Database, content: bytes, typed: dict[str, str], status: int, told: str
) -> None:
    answer = upload(browser, content, **typed)
    assert (answer.status_code, told in words(answer)) == (status, True)
    assert kept(database) == ("", None, "")


def test_a_form_of_another_site_uploads_nothing(post: None, browser: StaffBrowser, database: Database) -> None:
    assert upload(browser, png(90, 90), csrf_token="forged").status_code == 403
    assert kept(database) == ("", None, "")


def test_a_picture_that_a_page_shows_is_not_deleted(post: None, browser: StaffBrowser, database: Database) -> None:
    browser.post(PAGE, revision=revision(browser.get(PAGE)), picture="1", picture_alt="")
    browser.get("/staff/pictures/1/deletion")
    refused = browser.post("/staff/pictures/1/deletion")
    assert refused.status_code == 409
    assert 'It is shown by "A second chance after long sentences", so it was not deleted.' in words(refused)


def test_the_draft_of_each_kind_is_looked_at_whole_by_staff_alone(
    post: None, browser: StaffBrowser, app: Flask, database: Database
) -> None:
    with database.write() as session:
        sample_campaign(session, slug="ab969-draft", status="draft", translations={"es": {"title": "Escuelas seguras"}})
        sample_petition(session, slug="law", kind="news", details={}, title="It is law", status="archived")
    for slug, told in (("ab969-draft", "Who are you?"), ("clemency", "Sign the petition"), ("law", "It is law")):
        address = f"/staff/campaigns/{slug}/whole-page"
        page = browser.get(address)
        assert page.status_code == 200
        assert told in words(page)
        assert "This is a preview. Nobody but staff sees this page. Nothing can be sent from here." in words(page)
        assert page.text.count("<form") == page.text.count('<fieldset class="bare" disabled>')
        policy = page.headers["Content-Security-Policy"]
        assert policy.count("form-action") == 1 and "form-action 'none'" in policy
        assert "no-store" in page.headers["Cache-Control"]
        assert 'property="og:' not in page.text
        assert browser.post(address).status_code == 405
        assert browser.get(f"/campaigns/{slug}").status_code == 404
        stranger = app.test_client().get(address, base_url=BASE)
        assert (stranger.status_code, "sign-in" in stranger.location) == (303, True)
    spanish = browser.get("/staff/campaigns/ab969-draft/whole-page?lang=es")
    assert "Escuelas seguras" in words(spanish)
    assert 'href="/staff/campaigns/ab969-draft/whole-page?lang=en"' in spanish.text
