"""Campaigns are written over HTTP: from nothing to published, every mistake at its field, nothing typed lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from actionmail.db.campaigns import Campaign, Letter
from actionmail.db.engine import Database
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from tests.audit import audited
from tests.samples import sample_campaign, sample_legislators
from tests.web.staff_pages import StaffBrowser, hire, revision, save, signed_in, staff_app, words

HOME = "/staff/campaigns/ab969"
BEGUN = {
    "title": "Keep schools calm",
    "slug": "ab970",
    "state": "WI",
    "session": "2027-2028",
    "bill": "AB 970",
    "bill_title": "School safety",
    "position": "oppose",
    "organisation": "Example Org",
    "timezone": "America/Chicago",
}
LETTER = {
    "name": "Both chambers",
    "language": "en",
    "subjects": "Oppose {{ bill }} - {{ place }}\r\n\r\n{{ bill }}: please vote no",
    "opening": "{{ salutation }}",
    "body": "I ask you to vote no on {{ bill }}.\r\n\r\nIt harms “students”.",
    "closing": "Sincerely,\r\n{{ supporter_name }}\r\n{{ address }}",
}


def campaign(database: Database, slug: str = "ab969") -> Campaign:
    with database.read() as session:
        found = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
        assert found.letters is not None
        return found


def in_use(database: Database, slug: str = "ab969") -> list[Letter]:
    return list(campaign(database, slug).letters)


def test_from_nothing_to_published(browser: StaffBrowser, database: Database) -> None:
    browser.get("/staff/drafts")
    begun = browser.post("/staff/drafts", **BEGUN)
    assert (begun.status_code, begun.location) == (303, "/staff/campaigns/ab970")
    assert "To do: Write the first letter" in words(browser.get(begun.location))
    assert "There is no letter yet." in words(browser.get(f"{begun.location}/letters"))
    new = f"{begun.location}/letter"
    assert save(browser, new, **LETTER, chambers=["upper", "lower"]).status_code == 303
    refused = browser.post(f"{begun.location}/changes/publish")
    assert refused.status_code == 422
    assert "its page has no text yet" in words(refused)
    page = {"summary": "Why.\r\n\r\nBecause.", "privacy_line": "To nobody else.", "notice": ""}
    assert save(browser, f"{begun.location}/page", **page).status_code == 303
    assert browser.post(f"{begun.location}/changes/publish").status_code == 303
    made = campaign(database, "ab970")
    assert (made.status, made.summary) == ("live", "Why.\n\nBecause.")
    letter = made.letters[0]
    assert letter.subjects == ["Oppose {{ bill }} - {{ place }}", "{{ bill }}: please vote no"]
    assert (letter.version, letter.saved_by) == (1, "anna@example.org")
    assert browser.get("/campaigns/ab970").status_code == 200
    with database.read() as session:
        made = [action for _, action, on, _ in audited(session) if on == "campaign ab970"]
    assert made == ["campaign_added", "campaign_changed", "campaign_changed", "campaign_published"]


def test_a_draft_names_every_mistake_at_its_field_and_keeps_what_was_typed(browser: StaffBrowser) -> None:
    browser.get("/staff/drafts")
    page = browser.post("/staff/drafts", **{**BEGUN, "slug": "Two Words", "state": "", "bill": " ", "position": ""})
    assert page.status_code == 422
    text = words(page)
    assert "Its part of the page&#39;s address" not in text
    assert "Number of the bill: It is empty." in text
    assert "State: Choose one." in text
    assert "Your position: Choose one." in text
    assert 'value="Two Words"' in page.text
    assert 'href="#position-0"' in page.text


def test_an_address_can_be_taken_once(browser: StaffBrowser) -> None:
    browser.get("/staff/drafts")
    page = browser.post("/staff/drafts", **{**BEGUN, "slug": "ab969"})
    assert page.status_code == 422
    assert "There is a campaign with this address already." in words(page)


def test_a_draft_has_the_zone_of_its_state_and_asks_whoever_never_confirmed(
    browser: StaffBrowser, database: Database
) -> None:
    for state, zone in (("CA", "America/Los_Angeles"), ("HI", "Pacific/Honolulu")):
        browser.post("/staff/drafts", **{**BEGUN, "slug": f"of-{state.lower()}", "state": state, "timezone": ""})
        with database.read() as session:
            begun = session.scalars(select(Campaign).where(Campaign.slug == f"of-{state.lower()}")).one()
        assert (begun.timezone, begun.confirm) == (zone, "new")
    country = browser.post("/staff/drafts", **{**BEGUN, "slug": "all", "kind": "news", "state": "", "timezone": ""})
    assert country.status_code == 422
    assert "Time zone: Choose one." in words(country)


def test_the_one_button_of_a_draft_is_its_next_open_thing(browser: StaffBrowser, database: Database) -> None:
    browser.post("/staff/drafts", **{**BEGUN, "slug": "next"})

    def buttons() -> list[str]:
        main = browser.get("/staff/campaigns/next").text.partition("<main")[2]
        return re.findall(r'<a class="button" href="/staff/campaigns/next/?([^"]*)"', main)

    assert buttons() == ["page"]
    with database.write() as session:
        session.execute(update(Campaign).values(summary="Why."))
    assert buttons() == ["letter"]
    assert save(browser, "/staff/campaigns/next/letter", **LETTER, chambers=["upper", "lower"]).status_code == 303
    assert buttons() == ["changes/publish"]


def test_supporters_may_write_to_their_own_members_of_congress(browser: StaffBrowser, database: Database) -> None:
    assert 'value="us_upper"' in browser.get(f"{HOME}/targets").text
    with database.write() as session:
        session.execute(update(Campaign).values(status="draft"))
    assert save(browser, f"{HOME}/targets", chambers=["upper", "lower", "us_lower"]).status_code == 303
    assert campaign(database).chambers == ["upper", "lower", "us_lower"]


def test_details_are_saved_in_the_campaigns_time_zone(browser: StaffBrowser, database: Database) -> None:
    form = {key: value for key, value in BEGUN.items() if key not in ("slug", "state")}
    typed = {
        **form,
        "bill": "AB 969",
        "deadline": "2027-02-11 09:00",
        "deadline_label": "Hearing",
        "goal": "1,000",
        "erase_after_days": "90",
    }
    typed["confirm"], typed["review"], typed["asks_street"] = "new", "edited", "y"
    assert save(browser, f"{HOME}/details", **typed).status_code == 303
    assert "Parties of legislators not shown Street and city everybody has to give them" in words(browser.get(HOME))
    saved = campaign(database)
    assert saved.deadline_at is not None
    assert saved.deadline_at.isoformat() == "2027-02-11T15:00:00+00:00"
    assert (saved.goal, saved.erase_after_days) == (1000, 90)
    assert (saved.confirm, saved.review, saved.asks_street, saved.shows_party) == ("new", "edited", True, False)
    shown = browser.get(f"{HOME}/details")
    assert '<input type="datetime-local" id="deadline" name="deadline" value="2027-02-11T09:00"' in shown.text
    assert "It is saved as Thursday, February 11, 2027, 9:00 AM CST, in America/Chicago." in words(shown)
    again = save(browser, f"{HOME}/details", **typed)
    assert again.status_code == 303
    assert "Nothing was different" in words(browser.get(HOME))
    wrong = save(browser, f"{HOME}/details", **{**typed, "deadline": "soon", "goal": "many"})
    assert wrong.status_code == 422
    assert "enter a date and a time" in words(wrong)
    assert '<input type="text" id="deadline" name="deadline" value="soon"' in wrong.text  # a picker would drop it
    assert "enter a number" in words(wrong)
    assert 'value="soon"' in wrong.text
    skipped = save(browser, f"{HOME}/details", **{**typed, "deadline": "2027-03-14 02:30"})
    assert (skipped.status_code, "There is no 02:30 on that day" in words(skipped)) == (422, True)
    assert 'value="2027-03-14 02:30"' in skipped.text
    far = save(browser, f"{HOME}/details", **{**typed, "deadline": "9999-12-31 23:59"})
    assert (far.status_code, "The year 9999 cannot be meant." in words(far)) == (422, True)


def test_wrong_letters_name_line_and_column_and_a_suggestion(browser: StaffBrowser, database: Database) -> None:
    path = f"{HOME}/letter?letter=everyone"
    wrong = {
        "name": "everyone",
        "language": "en",
        "subjects": "Fine {{ bill }}\nTo {{ legislator_name }}",
        "opening": "{{ salutation }}",
        "body": "One.\nTwo {{ biil }} <b>",
        "closing": "{{ 'x'*10**9 }}",
    }
    page = save(browser, path, **wrong, chambers="upper")
    assert page.status_code == 422
    text = words(page)
    assert 'Line 2, column 8: There is no field "biil"; did you mean bill?' in text
    assert 'Line 2, column 7: "legislator_name" differs from legislator to legislator' in text
    assert "Closing: Line 1, column 1:" in text
    assert "One.\nTwo {{ biil }} <b></textarea>" in unescape(page.text)
    assert [letter.version for letter in in_use(database)] == [1]


@pytest.mark.parametrize("bad", ["a\x00b", "a\u202eb", "{% for x in y %}", "x" * 30_000, "{{ a.b }}", "{% if city %}"])
def test_hostile_text_is_refused_with_a_sentence(browser: StaffBrowser, database: Database, bad: str) -> None:
    page = save(browser, f"{HOME}/letter", **{**LETTER, "body": bad}, chambers="upper")
    assert page.status_code == 422
    assert "Body: Line 1" in words(page)
    assert len(in_use(database)) == 1


def test_a_preview_shows_what_is_typed_and_saves_nothing(browser: StaffBrowser, database: Database) -> None:
    page = save(browser, f"{HOME}/letter", **LETTER, chambers=["upper", "lower"], go="preview", supporter="1")
    text = words(page)
    assert page.status_code == 200
    assert "Not saved yet: to Senator Uma Pattern" in text
    assert "Dear Senator Pattern, I ask you to vote no on AB 969." in text
    assert "Subject Oppose AB 969 - 12345" in text
    assert "I ask you to vote no on {{ bill }}." in unescape(page.text)
    assert len(in_use(database)) == 1


def test_a_preview_is_for_the_first_who_gets_the_letter_or_for_whom_one_picks(browser: StaffBrowser) -> None:
    typed = {**LETTER, "chambers": "lower", "go": "preview", "supporter": "1"}
    page = save(browser, f"{HOME}/letter", **typed)
    text = words(page)
    assert "Not saved yet: to Representative" in text
    assert "does not go to this legislator" not in text
    senator = re.search(r'<option value="(\d+)">Senator Uma Pattern', page.text)
    assert senator
    stray = words(save(browser, f"{HOME}/letter", **typed, legislator=senator[1]))
    assert "Not saved yet: to Senator Uma Pattern" in stray
    assert "this letter does not go to this legislator" in stray


def test_a_letter_is_previewed_as_soon_as_its_page_is_opened(browser: StaffBrowser) -> None:
    opened = browser.get(f"{HOME}/letter?letter=everyone")
    assert "As it is saved: to Senator Uma Pattern" in words(opened)
    assert "autofocus" not in opened.text
    save(browser, f"{HOME}/letter?letter=everyone", **LETTER, chambers="lower", go="keep")
    assert "Not saved yet: to Representative" in words(browser.get(f"{HOME}/letter?letter=everyone"))
    assert "saved: to" not in words(browser.get(f"{HOME}/letter"))


def test_a_preview_of_what_cannot_be_read_says_what_is_wrong(browser: StaffBrowser) -> None:
    wrong = save(browser, f"{HOME}/letter", **{**LETTER, "body": ""}, chambers="upper", go="preview")
    assert wrong.status_code == 422


def test_two_people_at_one_letter_are_told(app: Flask, browser: StaffBrowser, database: Database) -> None:
    hire(database, "sam@example.org", Role.ADMIN)
    other = signed_in(app, "sam@example.org")
    path = f"{HOME}/letter?letter=everyone"
    mine, theirs = {**LETTER, "name": "everyone"}, {**LETTER, "name": "everyone", "body": "Theirs on {{ bill }}."}
    seen = revision(browser.get(path))
    assert save(other, path, **theirs, chambers=["upper", "lower"]).status_code == 303
    page = browser.post(path, revision=seen, **mine, chambers=["upper", "lower"])  # type: ignore[arg-type]
    assert page.status_code == 409
    assert "sam@example.org changed this while you were writing, so nothing was saved." in words(page)
    assert "Body Theirs on {{ bill }}." in words(page)
    assert "It harms “students”." in page.text
    assert [letter.version for letter in in_use(database)] == [2]
    again = browser.post(path, revision=revision(page), **mine, chambers=["upper", "lower"])  # type: ignore[arg-type]
    assert again.status_code == 303
    assert [(letter.version, letter.saved_by) for letter in in_use(database)] == [(3, "anna@example.org")]


def test_two_people_at_one_page_are_told_and_at_two_pages_are_not(
    app: Flask, browser: StaffBrowser, database: Database
) -> None:
    hire(database, "sam@example.org", Role.ADMIN)
    other = signed_in(app, "sam@example.org")
    text = {"summary": "Mine.", "privacy_line": "Nobody.", "notice": ""}
    seen = revision(browser.get(f"{HOME}/page"))
    assert save(other, f"{HOME}/targets", chambers="lower").status_code == 422  # the letter is for both
    assert save(other, f"{HOME}/page", **{**text, "summary": "Theirs."}).status_code == 303
    page = browser.post(f"{HOME}/page", revision=seen, **text)
    assert page.status_code == 409
    assert "sam@example.org changed this" in words(page)
    assert "Theirs." in words(page)
    assert browser.post(f"{HOME}/page", revision=revision(page), **text).status_code == 303
    assert campaign(database).summary == "Mine."


def test_targets_follow_the_letters(browser: StaffBrowser, database: Database) -> None:
    refused = save(browser, f"{HOME}/targets", chambers="lower")
    assert 'The letter "everyone" is for the Wisconsin State Senate; change it first.' in words(refused)
    assert 'value="upper" checked' not in refused.text
    none = save(browser, f"{HOME}/targets")
    assert none.status_code == 422
    letter = {**LETTER, "name": "everyone"}
    assert save(browser, f"{HOME}/letter?letter=everyone", **letter, chambers="lower").status_code == 422  # it is live
    with database.write() as session:
        session.scalars(select(Campaign)).one().status = "paused"
    assert save(browser, f"{HOME}/letter?letter=everyone", **letter, chambers="lower").status_code == 303
    assert save(browser, f"{HOME}/targets", chambers="lower").status_code == 303
    assert campaign(database).chambers == ["lower"]


def test_a_live_campaign_takes_no_fault(browser: StaffBrowser, database: Database) -> None:
    path = f"{HOME}/letter?letter=everyone"
    yes = {**LETTER, "name": "everyone", "body": "Please vote yes on {{ bill }}."}
    page = save(browser, path, **yes, chambers=["upper", "lower"])
    assert page.status_code == 422
    assert "A live campaign may have no fault." in words(page)
    assert "Please vote yes on {{ bill }}." in page.text
    seen = revision(browser.get(f"{HOME}/letters"))
    assert browser.post(f"{HOME}/letters/removals", letter="everyone", revision=seen).status_code == 303
    assert "Nothing was changed." in words(browser.get(f"{HOME}/letters"))
    assert len(in_use(database)) == 1


def test_letters_are_ordered_taken_out_and_renamed(browser: StaffBrowser, database: Database) -> None:
    assert save(browser, f"{HOME}/letter", **{**LETTER, "name": "Senate"}, chambers="upper").status_code == 303
    again = save(browser, f"{HOME}/letter", **{**LETTER, "name": "Senate"}, chambers="upper")
    assert "Another letter of this campaign has this name." in words(again)
    seen = revision(browser.get(f"{HOME}/letters"))
    assert browser.post(f"{HOME}/letters/places", letter="Senate", revision=seen).status_code == 303
    assert [letter.name for letter in in_use(database)] == ["Senate", "everyone"]
    renamed = {**LETTER, "name": "Upper house"}
    assert save(browser, f"{HOME}/letter?letter=Senate", **renamed, chambers="upper").status_code == 303
    assert [letter.name for letter in in_use(database)] == ["Upper house", "everyone"]
    seen = revision(browser.get(f"{HOME}/letters"))
    assert browser.post(f"{HOME}/letters/removals", letter="Upper house", revision=seen).status_code == 303
    assert [letter.name for letter in in_use(database)] == ["everyone"]
    seen = revision(browser.get(f"{HOME}/letters"))
    assert browser.post(f"{HOME}/letters/removals", letter="Upper house", revision=seen).status_code == 404


def test_a_copy_is_a_draft_with_the_same_words(browser: StaffBrowser, database: Database) -> None:
    assert save(browser, f"{HOME}/copies", slug="ab969", title="Again").status_code == 422
    done = save(browser, f"{HOME}/copies", slug="ab969-b", title="Again")
    assert (done.status_code, done.location) == (303, "/staff/campaigns/ab969-b")
    copy = campaign(database, "ab969-b")
    assert (copy.status, copy.title, copy.bill, copy.deadline_at) == ("draft", "Again", "AB 969", None)
    assert [letter.body for letter in copy.letters] == [letter.body for letter in in_use(database)]


def test_archiving_takes_a_closed_campaign_out_of_sight(browser: StaffBrowser, database: Database) -> None:
    browser.get(HOME)
    assert browser.post(f"{HOME}/changes/archive").status_code == 422  # it is live
    browser.post(f"{HOME}/changes/close")
    assert "leaves the list" in words(browser.get(f"{HOME}/changes/archive"))
    assert browser.post(f"{HOME}/changes/archive").status_code == 303
    assert browser.get("/campaigns/ab969").status_code == 404
    assert "Archived Keep armed police" in words(browser.get("/staff/campaigns"))
    browser.get(f"{HOME}/changes/bring-back")
    assert browser.post(f"{HOME}/changes/bring-back").status_code == 303
    assert campaign(database).status == "draft"


@pytest.mark.parametrize("path", [f"{HOME}-none/details", f"{HOME}-none/letter", f"{HOME}/letter?letter=none"])
def test_what_is_not_there_is_404(browser: StaffBrowser, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/staff/drafts", *(f"{HOME}/{one}" for one in ("details", "page", "targets", "letter", "copies"))],
)
def test_a_reviewer_may_not(app: Flask, database: Database, path: str) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    browser = signed_in(app, "rita@example.org")
    assert browser.get(path).status_code == 403
    browser.get("/staff/")
    assert browser.post(path, **BEGUN).status_code == 403
    with database.read() as session:
        assert len(session.scalars(select(Campaign)).all()) == 1


def test_without_a_token_nothing_is_saved(browser: StaffBrowser, database: Database) -> None:
    browser.get("/staff/drafts")
    assert browser.post("/staff/drafts", **{**BEGUN, "csrf_token": "forged"}).status_code == 403
    with database.read() as session:
        assert len(session.scalars(select(Campaign)).all()) == 1


def test_where_two_people_publish_the_last_writer_cannot(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    for email in ("anna@example.org", "sam@example.org"):
        hire(database, email, Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        sample_campaign(session, status="draft")
    app = staff_app(replace(settings, two_person_publish=True), tmp_path)
    anna, sam = signed_in(app, "anna@example.org"), signed_in(app, "sam@example.org")
    assert save(anna, f"{HOME}/page", summary="Mine.", privacy_line="Nobody.", notice="").status_code == 303
    anna.get(f"{HOME}/changes/publish")
    refused = anna.post(f"{HOME}/changes/publish")
    assert refused.status_code == 422
    assert "you changed it last" in words(refused)
    sam.get(f"{HOME}/changes/publish")
    assert sam.post(f"{HOME}/changes/publish").status_code == 303
    assert campaign(database).status == "live"


@pytest.mark.parametrize(("status", "first"), [("live", "Pause it"), ("scheduled", "Unschedule it")])
def test_where_two_people_publish_one_cannot_change_what_is_open(
    settings: Settings, database: Database, tmp_path: Path, status: str, first: str
) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    with database.write() as session:
        sample_legislators(session)
        opens = datetime(2027, 1, 5, tzinfo=UTC) if status == "scheduled" else None
        sample_campaign(session, status=status, opens_at=opens, deadline_at=None)
    anna = signed_in(staff_app(replace(settings, two_person_publish=True), tmp_path), "anna@example.org")
    refused = save(
        anna, f"{HOME}/letter?letter=everyone", **{**LETTER, "name": "everyone"}, chambers=["upper", "lower"]
    )
    assert refused.status_code == 422
    assert f"here two people are needed for what supporters read. {first}" in words(refused)
    assert "I ask you to vote no on {{ bill }}." in unescape(refused.text)
    assert [letter.version for letter in in_use(database)] == [1]
    page = {"summary": "Read by nobody else.", "privacy_line": "Nobody.", "notice": ""}
    assert "two people are needed" in words(save(anna, f"{HOME}/page", **page))
    assert campaign(database).summary != page["summary"]
