"""Staff write campaigns of every kind."""

from __future__ import annotations

from html import unescape
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.flows.campaigns.publishing import StatusChange, change_status
from actionmail.flows.staff import Role
from tests.samples import NOW, sample_action, sample_call, sample_petition, sample_statement
from tests.web.staff_pages import StaffBrowser, hire, revision, save, signed_in, words

DRAFT = {
    "kind": "petition",
    "slug": "clemency",
    "title": "A second chance",
    "state": "",
    "organisation": "Example Justice Network",
    "timezone": "America/New_York",
}
PETITION = {"to": "The Governor", "text": "Let people earn a second chance.", "comments": "y", "public_names": "y"}


def campaign_of(database: Database, slug: str = "clemency") -> Campaign:
    with database.read() as session:
        return session.scalars(select(Campaign).where(Campaign.slug == slug)).one()


def test_a_petition_is_drafted_filled_in_and_published(browser: StaffBrowser, database: Database) -> None:
    browser.get("/staff/drafts")
    assert browser.post("/staff/drafts", **DRAFT).location == "/staff/campaigns/clemency"
    page = words(browser.get("/staff/campaigns/clemency"))
    assert "Kind Petition" in page
    assert 'The petition is not complete: "to" is empty.' in page
    assert "Letters waiting" not in page
    browser.get("/staff/campaigns/clemency/changes/publish")
    save(browser, "/staff/campaigns/clemency/page", summary="Why.", privacy_line="To the Governor.")
    refused = browser.post("/staff/campaigns/clemency/changes/publish")
    assert refused.status_code == 422
    assert 'The petition is not complete: "to" is empty.' in words(refused)
    assert save(browser, "/staff/campaigns/clemency/kind", **PETITION).status_code == 303
    assert campaign_of(database).details["to"] == "The Governor"
    asked = words(browser.get("/staff/campaigns/clemency/changes/publish"))
    assert "The page opens at once, and supporters can act." in asked
    assert "letter" not in asked
    assert browser.post("/staff/campaigns/clemency/changes/publish").status_code == 303
    campaign = campaign_of(database)
    assert (campaign.status, campaign.day is None, campaign.posted_on) == ("live", False, None)


def test_a_letter_still_needs_its_bill(browser: StaffBrowser) -> None:
    browser.get("/staff/drafts")
    refused = browser.post("/staff/drafts", **{**DRAFT, "kind": "letter"})
    assert refused.status_code == 422
    said = words(refused)
    for label in ("Legislative session", "Number of the bill", "State", "Your position"):
        assert f"{label}: " in said


def test_what_is_wrong_with_the_petition_is_told_at_its_field_and_nothing_is_lost(
    browser: StaffBrowser, database: Database
) -> None:
    with database.write() as session:
        sample_petition(session, status="draft")
    refused = save(browser, "/staff/campaigns/clemency/kind", **{**PETITION, "to": "", "text": "Typed."})
    assert refused.status_code == 422
    assert "To whom: It is empty." in words(refused)
    assert "Typed." in refused.text


def test_a_live_petition_cannot_lose_its_text(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    assert save(browser, "/staff/campaigns/clemency/kind", **{**PETITION, "text": ""}).status_code == 422
    assert campaign_of(database).details["text"] == "Let people earn a second chance."


def test_a_colleague_who_was_quicker_is_not_overwritten(browser: StaffBrowser, database: Database, app: Flask) -> None:
    with database.write() as session:
        sample_petition(session)
    hire(database, "kim@example.org", Role.AUTHOR)
    kim = signed_in(app, "kim@example.org")
    seen = revision(browser.get("/staff/campaigns/clemency/kind"))
    save(kim, "/staff/campaigns/clemency/kind", **{**PETITION, "to": "Somebody else"})
    late = browser.post("/staff/campaigns/clemency/kind", revision=seen, **PETITION)
    assert late.status_code == 409
    assert "Somebody else" in words(late)
    assert campaign_of(database).details["to"] == "Somebody else"


def test_how_it_stands_in_the_news_is_written_on_a_page(browser: StaffBrowser, database: Database) -> None:
    typed = {
        "posted_on": "2022-02-14",
        "organisation_url": "https://example.org",
        "categories": "Schools\nSafety",
        "listed": "y",
        "link_url": "https://example.org/letter",
        "link_text": "The full letter",
        "then": "clemency",
    }
    assert save(browser, "/staff/campaigns/ab969/post", **typed).status_code == 303
    campaign = campaign_of(database, "ab969")
    assert (campaign.categories, campaign.then, campaign.listed) == (["Schools", "Safety"], ["clemency"], True)
    page = browser.get("/staff/campaigns/ab969/post")
    assert 'value="2022-02-14"' in page.text
    assert "Schools\nSafety" in page.text
    refused = save(browser, "/staff/campaigns/ab969/post", **{**typed, "posted_on": "14 Feb", "then": "ab969"})
    assert refused.status_code == 422
    assert "Day in the news: enter a day such as 2022-02-18." in words(refused)
    refused = save(browser, "/staff/campaigns/ab969/post", **{**typed, "then": "ab969"})
    assert "A campaign cannot be offered after itself." in words(refused)


@pytest.mark.parametrize("page", ["letter", "targets", "rules", "check", "preview", "versions"])
def test_pages_about_letters_are_not_there_for_other_kinds(
    browser: StaffBrowser, database: Database, page: str
) -> None:
    with database.write() as session:
        sample_petition(session)
    missing = browser.get(f"/staff/campaigns/clemency/{page}")
    assert (missing.status_code, "is no campaign of letters" in words(missing)) == (404, True)


def test_a_petition_is_translated_with_the_words_of_its_kind(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    page = browser.get("/staff/campaigns/clemency/translations/es")
    assert "What supporters sign" in words(page)
    done = save(browser, "/staff/campaigns/clemency/translations/es", title="Otra", text="Que puedan ganarse otra.")
    assert done.status_code == 303
    assert campaign_of(database).translations == {"es": {"title": "Otra", "text": "Que puedan ganarse otra."}}


def test_each_kind_calls_its_own_words_by_its_own_names(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session, translations={"es": {"title": "Otra"}})
        sample_statement(session, translations={"es": {"title": "Juntos"}})
    assert "what supporters sign" in words(browser.get("/staff/campaigns/clemency/translations"))
    assert "what organisations sign" in words(browser.get("/staff/campaigns/together/translations"))


def test_a_statement_is_written(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_statement(session, status="draft", details={})
    page = words(browser.get("/staff/campaigns/together"))
    assert 'The statement is not complete: "text" is empty.' in page
    wrong = save(browser, "/staff/campaigns/together/kind", text="", order="nothing")
    assert wrong.status_code == 422
    done = save(browser, "/staff/campaigns/together/kind", text="We stand together.", order="approval")
    assert done.status_code == 303
    assert campaign_of(database, "together").details == {"text": "We stand together.", "order": "approval"}


def test_the_list_and_the_copy_keep_the_kind(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    assert "Petition" in words(browser.get("/staff/campaigns"))
    browser.get("/staff/campaigns/clemency/copies")
    assert browser.post("/staff/campaigns/clemency/copies", slug="again", title="Again").status_code == 303
    copy = campaign_of(database, "again")
    assert (copy.kind, copy.status, copy.details["to"]) == ("petition", "draft", "Governor Example")


def test_reviewers_take_out_what_is_not_genuine_and_put_it_back(app: Flask, database: Database) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    with database.write() as session:
        campaign = sample_petition(session)
        sample_action(session, campaign, name="Mai Example", details={"comment": "=HYPERLINK()"})
        sample_action(session, campaign, name="Bot", email="b@bots.example", state="NY")
    rita = signed_in(app, "rita@example.org")
    assert "/staff/campaigns/clemency/actions" in rita.get("/staff/").text
    page = rita.get("/staff/campaigns/clemency/actions?text=bots.example")
    assert "1 fits" in words(page)
    assert "Mai Example" not in words(page)
    address = "/staff/campaigns/clemency/actions?text=bots.example"
    without = rita.post(address, seen="1", reason="")
    assert (without.status_code, "Say why" in words(without)) == (422, True)
    more = rita.post(address, seen="2", reason="Bots")
    assert (more.status_code, "Nothing was changed" in words(more)) == (409, True)
    assert rita.post(address, seen="1", reason="Bots").status_code == 303
    places = words(rita.get("/staff/campaigns/clemency/places"))
    assert "Wisconsin" not in places.replace("New York", "") or "New York How many 1" in places
    back = "/staff/campaigns/clemency/actions?text=bots.example&standing=invalid"
    assert "Taken out: Bots" in words(rita.get(back))
    assert rita.post(back, seen="1").status_code == 303
    assert "2 fit" in words(rita.get("/staff/campaigns/clemency/actions"))


@pytest.mark.parametrize(
    "typed",
    ["mailto:mai\uff20example.org\u200b", "\u2068Mai\u00a0Exam\u200bple\u2069", "\uff15\uff13\uff17\uff10\uff13"],
)
def test_who_signed_is_found_as_it_was_meant(app: Flask, database: Database, typed: str) -> None:
    hire(database, "rita@example.org", Role.REVIEWER)
    with database.write() as session:
        campaign = sample_petition(session)
        sample_action(session, campaign, name="Mai Example", email="mai@example.org", zip="53703")
        sample_action(session, campaign, name="Tou Other", email="tou@example.net", zip="10001")
    page = signed_in(app, "rita@example.org").get(f"/staff/campaigns/clemency/actions?{urlencode({'text': typed})}")
    assert "1 fits" in words(page)
    assert "Mai Example" in words(page)


def test_authors_do_not_read_who_signed(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session)
    assert browser.get("/staff/campaigns/clemency/actions").status_code == 403
    assert browser.get("/staff/campaigns/clemency/places").status_code == 200


def test_a_news_post_has_nothing_more_to_fill_in(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_petition(session, kind="news", details={}, status="draft")
        change_status(session, "clemency", StatusChange.PUBLISH, by=None, now=NOW)
    assert browser.get("/staff/campaigns/clemency/kind").status_code == 404
    assert "Who took part" not in words(browser.get("/staff/campaigns/clemency"))


CALL = {
    "whom": "number",
    "name": "the comment line",
    "number": "(202) 456-1111",
    "script": "My name is ____ from (city, state).",
    "timezone": "America/New_York",
    "hours": "Tuesday to Thursday, 11 am to 3 pm",
    "closed": "2022-11-24",
}


def test_a_call_is_written_on_its_page_and_shown_as_it_is_kept(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_call(session, status="draft", details={"script": "", "hours": []})
    page = browser.get("/staff/campaigns/comment-line/kind")
    assert "so these are Congress&#39;s alone, for callers anywhere" in page.text
    assert "United States House of Representatives" in words(page)
    assert save(browser, "/staff/campaigns/comment-line/kind", **CALL).status_code == 303
    details = campaign_of(database, "comment-line").details
    assert (details["number"], details["closed"]) == ("202-456-1111", ["2022-11-24"])
    assert details["hours"] == [{"days": ["tue", "wed", "thu"], "from": "11:00", "to": "15:00"}]
    shown = browser.get("/staff/campaigns/comment-line/kind").text
    assert "tue wed thu 11:00-15:00" in shown
    assert "2022-11-24" in shown
    assert 'script = "My name is ____ from (city, state)."' in browser.get("/staff/campaigns/comment-line/file").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("number", "202-456-111", "The number: This number has 9 digits; a number with its area code has 10."),
        ("number", "", "The number: Say which number is called."),
        ("name", "", "Who answers there: Say who answers at the number."),
        ("whom", "", "Whom supporters call: "),
        ("script", "Vote ____ now.", "What callers read aloud: Nothing says what is to be written on this line."),
        ("script", "{{ legislator_name }}", "What callers read aloud: A fixed number is nobody of the roster"),
        ("timezone", "", "By which clocks somebody answers: Choose one."),
        ("closed", "24 Nov", "Days on which nobody answers: It must be a date"),
        ("hours", "tue 11:00-3:00", "In line 1: It ends before it begins. Did you mean 15:00?"),
        ("hours", "tue 9:00-12:00\nsomeday 9-10:00", "In line 2: There is a word here that is no day."),
        ("hours", "tue 9:00-12:00\ntue 11:00-13:00", "In line 2: These hours overlap with others on the same day."),
    ],
)
def test_what_is_wrong_with_a_call_stands_at_its_field(
    browser: StaffBrowser, database: Database, field: str, typed: str, said: str
) -> None:
    with database.write() as session:
        sample_call(session, status="draft")
    refused = save(browser, "/staff/campaigns/comment-line/kind", **{**CALL, field: typed})
    assert refused.status_code == 422
    assert said in words(refused)
    assert typed in unescape(refused.text)
    assert campaign_of(database, "comment-line").details["number"] == "202-456-1111"


def test_a_call_to_legislators_offers_those_of_the_state(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        sample_call(session, status="draft", state="WI")
    page = browser.get("/staff/campaigns/comment-line/kind")
    assert "Wisconsin State Assembly" in words(page)
    own = {"whom": "own", "name": "", "number": "", "tty": "", "chambers": "us_upper", "hours": "", "timezone": ""}
    assert save(browser, "/staff/campaigns/comment-line/kind", **{**CALL, **own, "closed": ""}).status_code == 303
    assert campaign_of(database, "comment-line").details["chambers"] == ["us_upper"]


def test_what_callers_lack_is_told_by_whether_it_is_published_and_only_where_they_lack_something(
    browser: StaffBrowser, database: Database
) -> None:
    with database.write() as session:
        sample_call(session, status="draft", details={"hours": []})
    assert "Before you publish No hours are given" in words(browser.get("/staff/campaigns/comment-line/calls"))
    with database.write() as session:
        call = session.scalars(select(Campaign).where(Campaign.slug == "comment-line")).one()
        call.details = {**call.details, "hours": [{"days": ["tue"], "from": "11:00", "to": "15:00"}]}
    said = words(browser.get("/staff/campaigns/comment-line/calls"))
    assert "Before you publish" not in said
    assert "Nothing is missing" not in said


def test_calls_are_counted_for_staff_and_what_is_missing_is_told(browser: StaffBrowser, database: Database) -> None:
    own = {"whom": "own", "name": "", "number": "", "tty": "", "chambers": ["upper", "lower"], "hours": []}
    with database.write() as session:
        call = sample_call(session, state="WI", details=own)
        details = {"target": "gone", "office": "capitol", "digits": "6082662512", "extension": "", "outcome": "busy"}
        sample_action(session, call, name="", email="", zip="", city="", lookup={}, details=details)
    page = browser.get("/staff/campaigns/comment-line/calls")
    said = words(page)
    assert "608-266-2512" in said
    assert "It was busy" in said
    assert "No hours are given" in said
    assert "The roster has no number that works of 3 whom supporters would call" in said
    assert "What callers lack" in said
    assert "Before you publish" not in said  # it is
    assert browser.get("/staff/campaigns/ab969/calls").status_code == 404
    before = words(browser.get("/staff/preflight"))
    assert "Calls: amiss. Of whom supporters of comment-line call, the roster has no number that works of" in before
    assert "Calls: not known. comment-line says no hours" in before
    assert "comment-line asks nobody" not in before
    assert "ab969 asks nobody" in before
    assert "Calls by number and by hour" in words(browser.get("/staff/campaigns/comment-line"))
