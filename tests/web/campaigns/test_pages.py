"""The staff's pages on campaigns over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from actionmail.flows.campaigns import saving
from actionmail.flows.staff import Role
from actionmail.settings import Settings, bundled
from tests.audit import actions, audited
from tests.samples import (
    NOW,
    sample_action,
    sample_campaign,
    sample_legislator,
    sample_letter,
    sample_message,
    sample_petition,
)
from tests.web.staff_pages import StaffBrowser, hire, revision, staff_app, words

HOME = "/staff/campaigns/ab969"


def change(database: Database, **columns: object) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        for name, value in columns.items():
            setattr(campaign, name, value)


def legislator_id(database: Database, name: str) -> int:
    with database.read() as session:
        return session.scalars(select(Legislator.id).where(Legislator.name == name)).one()


def test_every_campaign_is_listed_with_its_status_and_counts(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_action(session, session.scalars(select(Campaign)).one())
        sample_campaign(session, slug="secret", status="draft", title="A <draft>")
    page = browser.get("/staff/campaigns")
    assert page.status_code == 200
    assert "Keep armed police out of Wisconsin's schools Kind Letter Bill AB 969, WI: oppose Status live Supporters 1 Letters 1" in words(page)  # fmt: skip  # noqa: E501
    assert "A &lt;draft&gt;" in page.text
    assert "a draft: nobody sees it" in page.text
    assert 'href="/staff/campaigns"' in browser.get("/staff/").text


def test_campaigns_of_one_title_are_told_apart_by_their_addresses(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_campaign(session, slug="again", status="archived")
    text = words(browser.get("/staff/campaigns"))
    assert "schools (ab969)" in text
    assert "schools (again)" in text


def test_no_campaign_yet_says_how_to_get_one(settings: Settings, database: Database, tmp_path: Path) -> None:
    hire(database, "anna@example.org", Role.ADMIN)
    browser = StaffBrowser(staff_app(settings, tmp_path))
    browser.sign_in("anna@example.org")
    assert "There is no campaign yet." in words(browser.get("/staff/campaigns"))


def test_one_campaign_says_who_gets_which_letter(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_legislator(session, email="", district="78")
        sample_letter(session, session.scalars(select(Campaign)).one(), name="Never", place=2)
    text = words(browser.get(f"{HOME}/letters"))
    assert "Wisconsin State Senate Letter everyone Members 1 No address 0" in text
    assert "Wisconsin State Assembly Letter everyone Members 3 No address 1" in text
    assert "Nobody gets: Never." in text
    assert "Check of every letter : no fault" in text
    assert "everyone , version 1 of 2026-03-04 15:12 UTC" in text


def test_the_check_lists_faults_with_letter_and_legislators(browser: StaffBrowser, database: Database) -> None:
    assert "There is no fault." in words(browser.get(f"{HOME}/check"))
    change(database, position="support")
    text = words(browser.get(f"{HOME}/check"))
    assert "2 faults" in text
    assert (
        'everyone: The letter says "I ask you to vote no on AB 969", but the campaign\'s position is: support.' in text
    )
    assert "For 3 legislators: Senator Uma Pattern, district 26" in text


def test_the_form_offers_to_hold_back_what_waits_and_later_to_release_it(
    browser: StaffBrowser, database: Database
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        action = sample_action(session, campaign)
        sample_message(session, action, sample_legislator(session), campaign.letters[0])
        token = action.receipt_token
    asked = browser.get(f"{HOME}/changes/close")
    assert "1 letter that waits is held back: none goes out unless staff release it" in words(asked)
    assert 'value="" checked' in asked.text  # the letters go out, unless somebody chooses
    assert browser.post(f"{HOME}/changes/close", letters="hold").status_code == 303
    assert "On hold, not sent: the campaign was stopped" in words(browser.get(f"/receipts/{token}"))
    again = words(browser.get(f"{HOME}/changes/publish"))
    assert "No letter is waiting to be sent. 1 letter was held back before, and stay so." not in again
    assert "1 letter was held back before, and stays so." in again
    assert "released, to go out now" in again
    assert browser.post(f"{HOME}/changes/publish", letters="release").status_code == 303
    assert "Queued: it waits for its turn to leave." in words(browser.get(f"/receipts/{token}"))


def test_pausing_says_first_what_happens_and_is_written_down(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        sample_message(session, sample_action(session, campaign), sample_legislator(session), campaign.letters[0])
    asked = words(browser.get(f"{HOME}/changes/pause"))
    assert "1 letter that a supporter has sent already is waiting; it goes out all the same." in asked
    done = browser.post(f"{HOME}/changes/pause")
    assert (done.status_code, done.location) == (303, HOME)
    assert "This campaign is now paused: the page takes no letters." in words(browser.get(HOME))
    with database.read() as session:
        (entry,) = audited(session, "campaign_paused")
    assert entry[0] is not None
    assert entry[2:] == ("campaign ab969", {"before": "live", "waiting": 1})
    again = browser.post(f"{HOME}/changes/pause")
    assert again.status_code == 422
    assert "You cannot pause ab969: it is paused." in words(again)


def test_a_faulty_campaign_is_not_published_and_the_faults_are_shown(browser: StaffBrowser, database: Database) -> None:
    change(database, status="draft", position="support")
    browser.get(f"{HOME}/changes/publish")
    refused = browser.post(f"{HOME}/changes/publish")
    assert refused.status_code == 422
    assert "You cannot publish ab969: the letters have 2 faults." in words(refused)
    assert "What has to be mended first" in refused.text
    change(database, position="oppose")
    assert browser.post(f"{HOME}/changes/publish").status_code == 303
    with database.read() as session:
        assert session.scalars(select(Campaign.status)).one() == "live"


@pytest.mark.parametrize(
    "path",
    [
        "/staff/campaigns/none",
        "/staff/campaigns/none/check",
        "/staff/campaigns/none/file",
        f"{HOME}/changes/delete",
        f"{HOME}/differences?letter=everyone&old=1&new=9",
    ],
)
def test_what_is_not_there_is_404(browser: StaffBrowser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_preview_is_in_the_form_that_is_sent(browser: StaffBrowser, database: Database) -> None:
    number = legislator_id(database, "Uma Pattern")
    page = browser.get(f"{HOME}/preview?legislator={number}&supporter=0&subject=0")
    text = words(page)
    assert "everyone, version 1, to Senator Uma Pattern" in text
    assert "From Mai Example via Example Org <letters@act.example.org>" in text
    assert "Reply-To Mai Example <supporter@example.org>" in text
    assert "Subject Oppose AB 969 - a constituent in 12345" in text
    assert "Dear Senator Pattern, I ask you to vote no on AB 969." in text
    assert "Message-ID: <am.preview@act.example.org>" in text
    assert "Content-Transfer-Encoding: 7bit" in text
    assert "Sent by Mai Example using Example Org's action page." in text
    with database.read() as session:
        assert actions(session) == ["account_added", "signed_in"]


def test_a_preview_for_somebody_without_an_address_says_so(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        number = sample_legislator(session, email="", name="Lou Quiet", family_name="Quiet").id
    text = words(browser.get(f"{HOME}/preview?legislator={number}&supporter=1&subject=0"))
    assert "We know no e-mail address of this legislator, so this letter would not go." in text
    assert "Dear Representative Quiet," in text
    assert "on the wire" not in text


def test_a_preview_of_what_is_not_to_choose_is_refused(browser: StaffBrowser, database: Database) -> None:
    assert "Dear Senator Pattern," in words(browser.get(f"{HOME}/preview"))
    for query in ("legislator=999999", "legislator=x", "supporter=7", "subject=-1", f"legislator={'9' * 30}"):
        assert browser.get(f"{HOME}/preview?{query}").status_code == 422
    change(database, state="CA")
    assert "no sitting member" in words(browser.get(f"{HOME}/preview"))


def restore(browser: StaffBrowser, version: str) -> TestResponse:
    seen = revision(browser.get(f"{HOME}/versions"))
    return browser.post(f"{HOME}/restorations", letter="Both chambers", version=version, revision=seen)


def test_an_old_version_is_compared_and_restored(browser: StaffBrowser, database: Database) -> None:
    sample = (bundled("data") / "campaigns" / "ab969.toml").read_text(encoding="utf-8")
    later = sample.replace("Please vote no on {{ bill }}.", "Please vote no on {{ bill }} <now>.")
    with database.write() as session:
        saving.load_campaign(session, sample, source="a", now=NOW)
        saving.load_campaign(session, later, source="a", now=NOW + timedelta(hours=1))
    page = browser.get(f"{HOME}/versions")
    assert "until 2026-03-04 16:12 UTC" in words(page)
    compared = browser.get(f"{HOME}/differences?letter=Both+chambers&old=1&new=2")
    assert "<ins> &lt;now&gt;</ins>" in compared.text
    assert "<del>" not in compared.text
    restored = restore(browser, "1")
    assert restored.status_code == 303
    assert "Done. New: Both chambers (version 3)." in words(browser.get(f"{HOME}/versions"))
    with database.read() as session:
        newest = session.scalars(select(Letter).where(Letter.version == 3)).one()
    assert newest.saved_by == "anna@example.org"
    again = restore(browser, "3")
    assert again.status_code == 422
    assert "is the one in use" in words(again)
    assert restore(browser, "9").status_code == 404


def test_a_campaign_is_given_out_as_a_file(browser: StaffBrowser) -> None:
    response = browser.get(f"{HOME}/file")
    assert response.headers["Content-Disposition"] == 'attachment; filename="ab969.toml"'
    assert response.text.startswith('slug = "ab969"\n')


@pytest.mark.parametrize(
    "path", ["", "/ab969", "/ab969/check", "/ab969/preview", "/ab969/versions", "/ab969/file", "/ab969/changes/pause"]
)
def test_a_reviewer_may_not(app: Flask, database: Database, path: str) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    browser = StaffBrowser(app)
    browser.sign_in("rita@example.org")
    assert browser.get(f"/staff/campaigns{path}").status_code == 403
    assert "/staff/campaigns" not in browser.get("/staff/").text
    browser.get("/staff/")
    assert browser.post(f"{HOME}/changes/pause").status_code == 403
    with database.read() as session:
        assert session.scalars(select(Campaign.status)).one() == "live"
        assert "permission_refused" in actions(session)


def test_nobody_gets_in_unasked(app: Flask) -> None:
    assert StaffBrowser(app).get(HOME).status_code == 303


def test_the_pages_of_a_campaign_are_tabs_of_which_one_is_current(browser: StaffBrowser, database: Database) -> None:
    pages = {
        "": "Overview",
        "/letters": "Letters",
        "/letter?letter=everyone": "Letters",
        "/check": "Letters",
        "/rules": "Targets",
        "/targets": "Targets",
        "/details": "Details",
        "/translations/es": "Translations",
        "/picture": "Picture",
        "/changes/pause": "Overview",
    }
    for path, name in pages.items():
        page = browser.get(f"{HOME}{path}").text
        tabs = page.partition('aria-label="Pages of this campaign"')[2].partition("</nav>")[0]
        assert re.findall(r'aria-current="true">([^<]+)', tabs) == [name], path
    with database.write() as session:
        sample_petition(session, slug="law", kind="news", details={})
    page = browser.get("/staff/campaigns/law").text
    assert ">Letters</a>" not in page
    assert ">Targets</a>" not in page


def test_a_draft_ticks_off_what_is_done(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        session.scalars(select(Campaign)).one().status = "draft"
    text = words(browser.get(HOME))
    assert "Done: What the page says" in text
    assert "Done: One letter" in text
    assert "Done: Check of every letter : no fault." in text
    assert "If you like: A picture" in text
    change(database, summary="")
    text = words(browser.get(HOME))
    assert "To do: Write what the page says" in text
    assert "Nothing is missing" not in text
