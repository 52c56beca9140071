"""What is typed into the editor and not saved is there when one comes back; colleagues hear of it, not its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.engine import Database
from actionmail.db.unsaved_edits import PageDraft
from actionmail.flows.campaigns import unsaved_edits
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.disks import writing_refused
from tests.samples import sample_campaign, sample_legislators
from tests.web.campaigns.test_editor import LETTER
from tests.web.staff_pages import StaffBrowser, at, hire, revision, signed_in, staff_app, words

HOME = "/staff/campaigns/ab969"
LETTER_PAGE = f"{HOME}/letter?letter=everyone"
PAGE = {"summary": "Typed, not saved.", "privacy_line": "Nobody.", "notice": ""}
AT = datetime(2026, 3, 4, 20, 5, tzinfo=UTC)  # 14:05 in Chicago


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "anna@example.org", Role.AUTHOR)
    hire(database, "sam@example.org", Role.ADMIN)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session)
    app = staff_app(settings, tmp_path)
    at(app, lambda: AT)
    return app


@pytest.fixture
def anna(app: Flask) -> StaffBrowser:
    return signed_in(app, "anna@example.org")


@pytest.fixture
def sam(app: Flask) -> StaffBrowser:
    return signed_in(app, "sam@example.org")


def type_in(browser: StaffBrowser, path: str, *, go: str = "keep", **values: object) -> str:
    seen = revision(browser.get(path))
    return words(browser.post(path, revision=seen, go=go, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "typed", "shown"),
    [
        (f"{HOME}/details", {"title": "Typed, not saved.", "deadline": "soon", "goal": "many"}, "soon"),
        (f"{HOME}/page", PAGE, "Typed, not saved."),
        (f"{HOME}/translations/zh-Hans", {"title": "Typed, not saved."}, "Typed, not saved."),
        (
            LETTER_PAGE,
            {**LETTER, "body": "Typed, not saved. {{ oops", "chambers": "upper"},
            "Typed, not saved. {{ oops",
        ),
        (f"{HOME}/letter", {"name": "", "body": "Typed, not saved."}, "Typed, not saved."),
    ],
)
def test_what_was_typed_is_there_again_until_it_is_discarded(
    app: Flask, anna: StaffBrowser, path: str, typed: dict[str, str], shown: str
) -> None:
    before = anna.get(path).text
    assert "Draft kept 14:05." in type_in(anna, path, **typed)
    at(app, lambda: AT + timedelta(days=1))
    anna = signed_in(app, "anna@example.org")
    back = anna.get(path)
    assert "You have unsaved changes from 2026-03-04 14:05" in words(back)
    assert shown in unescape(back.text)
    gone = anna.post(path, go="discard")
    assert (gone.status_code, gone.location.rpartition("?")[2]) == (303, path.rpartition("?")[2] or gone.location)
    after = anna.get(path)
    assert "discarded" in words(after)
    assert "unsaved changes from" not in words(after)
    assert shown not in unescape(after.text) and shown not in unescape(before)


def test_saving_ends_the_draft(anna: StaffBrowser) -> None:
    type_in(anna, f"{HOME}/page", **PAGE)
    saved = anna.post(f"{HOME}/page", revision=revision(anna.get(f"{HOME}/page")), **PAGE)
    assert saved.status_code == 303
    assert "unsaved" not in words(anna.get(f"{HOME}/page"))


def test_what_equals_the_saved_words_is_no_draft(anna: StaffBrowser, database: Database) -> None:
    type_in(anna, f"{HOME}/page", **PAGE)
    seen = revision(anna.get(f"{HOME}/page"))
    anna.post(f"{HOME}/page", revision=seen, **PAGE)
    late = anna.post(f"{HOME}/page", revision=seen, go="keep", **PAGE)  # it was under way when the button was pressed
    assert "Nothing here is unsaved." in words(late)
    with database.read() as session:
        assert session.scalar(select(func.count()).where(PageDraft.typed_at.is_not(None))) == 0


def test_the_buttons_keep_it_too(anna: StaffBrowser) -> None:
    assert "Draft kept 14:05." in type_in(
        anna, LETTER_PAGE, go="preview", **{**LETTER, "body": "By the button {{ bill }}."}
    )
    assert "By the button" in anna.get(LETTER_PAGE).text
    assert "Draft kept 14:05." in type_in(anna, f"{HOME}/details", go="", title="", goal="many")
    assert 'value="many"' in anna.get(f"{HOME}/details").text


def test_a_draft_overtaken_by_a_colleague_says_so_and_is_compared_when_saved(
    app: Flask, anna: StaffBrowser, sam: StaffBrowser
) -> None:
    type_in(anna, f"{HOME}/page", **PAGE)
    seen = revision(sam.get(f"{HOME}/page"))
    assert sam.post(f"{HOME}/page", revision=seen, **{**PAGE, "summary": "Theirs."}).status_code == 303
    back = anna.get(f"{HOME}/page")
    assert "Somebody saved this page after you began" in words(back)
    refused = anna.post(f"{HOME}/page", revision=revision(back), **PAGE)
    assert refused.status_code == 409
    assert "Theirs." in words(refused)
    assert "Typed, not saved." in anna.get(f"{HOME}/page").text


def test_a_colleague_hears_who_is_at_the_page_and_never_what_was_typed(
    app: Flask, anna: StaffBrowser, sam: StaffBrowser
) -> None:
    anna.get(f"{HOME}/page")
    at(app, lambda: AT + timedelta(minutes=9))
    assert "anna@example.org opened this page at 14:05." in words(sam.get(f"{HOME}/page"))
    assert "anna@example.org" not in words(sam.get(f"{HOME}/details"))
    at(app, lambda: AT + timedelta(minutes=20))
    assert "anna@example.org" not in words(sam.get(f"{HOME}/page"))
    type_in(anna, f"{HOME}/page", **PAGE)
    at(app, lambda: AT + timedelta(minutes=90))
    theirs = sam.get(f"{HOME}/page")
    assert "anna@example.org has unsaved changes on this page since 14:25." in words(theirs)
    assert "Typed, not saved." not in theirs.text


def test_more_than_fits_is_not_kept_and_stays_on_the_page(anna: StaffBrowser) -> None:
    seen = revision(anna.get(f"{HOME}/page"))
    page = anna.post(
        f"{HOME}/page", revision=seen, go="keep", **{**PAGE, "summary": "x" * (unsaved_edits.MAX_KEPT + 1)}
    )
    assert "This is too much to keep" in words(page)
    assert "x" * 1000 in page.text


def test_what_was_typed_is_read_where_nothing_can_be_written(app: Flask, anna: StaffBrowser) -> None:
    type_in(anna, f"{HOME}/page", **PAGE)
    at(app, lambda: AT + timedelta(minutes=10))  # long enough for the session to be noted as seen
    with writing_refused(app.extensions["actionmail"].database):
        for path in (HOME, f"{HOME}/page"):
            page = anna.get(path)
            assert page.status_code == 200
        assert "Typed, not saved." in page.text
        assert anna.post(f"{HOME}/page", revision="", go="keep", **PAGE).status_code == 503


def test_drafts_that_nobody_came_back_to_are_forgotten(any_database: Database) -> None:
    anna = hire(any_database, "anna@example.org", Role.AUTHOR)
    with any_database.write() as session:
        campaign = sample_campaign(session)
    page = unsaved_edits.EditorPage(campaign_id=campaign.id, name="page", staff_id=anna.id)
    with any_database.write() as session:
        unsaved_edits.keep(session, page, {"summary": ["Mine \x00 \ud800"]}, seen="", now=AT)
        unsaved_edits.keep(session, page, {"summary": ["Mine."]}, seen="s", now=AT)
    with any_database.write() as session:
        assert unsaved_edits.purge(session, now=AT + unsaved_edits.KEPT_FOR) == 0
        unsaved_edits.come_to(session, page, now=AT)
        assert unsaved_edits.kept(session, page) == unsaved_edits.Kept(values={"summary": ["Mine."]}, seen="s", at=AT)
        assert unsaved_edits.purge(session, now=AT + unsaved_edits.KEPT_FOR + timedelta(seconds=1)) == 1
        assert unsaved_edits.kept(session, page) is None
