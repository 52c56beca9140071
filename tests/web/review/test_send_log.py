"""The send log over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Letter
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.review import send_log
from actionmail.flows.review.send_log import PAGE_SIZE
from actionmail.flows.staff import Role
from actionmail.rules.delivery.reasons import Reason
from actionmail.rules.delivery.returned import Unreadable
from actionmail.rules.delivery.states import State
from actionmail.settings import Settings
from actionmail.web.review.words import REASON_WORDS, STATE_WORDS, UNREADABLE_WORDS
from tests.audit import audited
from tests.samples import NOW, make_searchable, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, hire, signed_in, staff_app, words


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    return staff_app(settings, tmp_path)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


@pytest.fixture
def letter(database: Database) -> int:
    """One letter, deferred once."""
    with database.write() as session:
        campaign = sample_campaign(session)
        message = sample_message(
            session,
            sample_action(session, campaign),
            sample_legislator(session, name="Uma <Pattern>"),
            campaign.letters[0],
            state="deferred",
            attempts=1,
            next_attempt_at=NOW + timedelta(minutes=30),
        )
        session.add(
            Event(
                message_id=message.id,
                at=NOW,
                from_state="sending",
                to_state="deferred",
                actor_kind="worker",
                actor_id="host:1",
                attempt=1,
                phase="rcpt",
                smtp_code=451,
                enhanced="4.7.1",
                text="4.7.1 <b>Greylisted</b>, try later",
            )
        )
        return message.id


def test_how_each_chamber_was_found_is_shown(browser: StaffBrowser, database: Database, letter: int) -> None:
    with database.write() as session:
        action = session.scalars(select(Action)).one()
        action.lookup = {
            "method": "address+choice",
            "data_version": "1 lower:2",
            "districts": ["upper/26", "lower/76", "us_upper/Statewide"],
            "basis": {
                "upper": {"method": "boundary", "data_version": "upper-1", "confidence": "high"},
                "lower": {"method": "geocoder+choice", "data_version": "geocoder:2024", "confidence": "low"},
                "us_upper": {"method": "state", "data_version": "", "confidence": "high"},
            },
        }
    page = words(browser.get(f"/staff/messages/{letter}"))
    assert "Wisconsin State Senate, District 26 by the street, on our own map; confidence: high; data: upper-1" in page
    assert (
        "Wisconsin State Assembly, District 76 by the street, as the geocoder says, and chosen by the supporter; "
        "confidence: low; data: geocoder:2024" in page
    )
    assert "the whole state the same for everybody in the state; confidence: high" in page


def test_an_action_from_before_there_was_a_confidence_per_chamber(
    browser: StaffBrowser, database: Database, letter: int
) -> None:
    page = words(browser.get(f"/staff/messages/{letter}"))
    assert "Wisconsin State Assembly, District 76 chosen by the supporter; data: sample" in page
    with database.write() as session:
        session.scalars(select(Action)).one().lookup = {
            "method": "address",
            "data_version": "1 lower:2",
            "districts": ["lower/76"],
            "confidence": "medium",
        }
    page = words(browser.get(f"/staff/messages/{letter}"))
    assert "Wisconsin State Assembly, District 76 by the street; confidence: medium; data: 1 lower:2" in page


def test_an_empty_log_says_so(browser: StaffBrowser) -> None:
    page = browser.get("/staff/messages")
    assert page.status_code == 200
    assert "No letter was sent yet." in words(page)
    assert "<table" not in page.text


def test_a_line_says_in_plain_words_what_became_of_a_letter(browser: StaffBrowser, letter: int) -> None:
    page = browser.get("/staff/messages")
    assert '<time datetime="2026-03-04T15:12:05Z" title="2026-03-04 15:12:05 UTC">2026-03-04 15:12</time>' in page.text
    assert f'href="/staff/messages/{letter}"' in page.text
    assert "Uma &lt;Pattern&gt;" in page.text
    assert '<span class="badge warn" title="To be tried again later">Tried again</span>' in page.text
    assert "Tried again 1" in words(page)
    assert "Times are UTC" in words(page)
    assert "Keep armed police out of Wisconsin's schools" in words(page)


def test_every_state_has_words_that_promise_no_reading() -> None:
    assert STATE_WORDS.keys() == set(State)
    assert REASON_WORDS.keys() == set(Reason)
    assert UNREADABLE_WORDS.keys() == set(Unreadable)
    assert not [text for text in STATE_WORDS.values() if "delivered" in text.split() or "read" in text.split()]


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("", True),
        ("campaign=ab969&state=deferred&target=uma&since=2026-03-04&until=2026-03-04&number=", True),
        ("state=failed", False),
        ("answer=greylisted+LATER", True),
        ("answer=greylisted+never", False),
        ("answer=%00%25", False),
        ("target=somebody", False),
        ("since=2026-03-05", False),
        ("until=2026-03-03", False),
        ("number=am.none@act.example.org", False),
        ("target=%00&number=+", True),
    ],
)
def test_filters_are_an_address(browser: StaffBrowser, letter: int, query: str, shows: bool) -> None:
    page = browser.get(f"/staff/messages?{query}")
    assert page.status_code == 200
    assert (f'href="/staff/messages/{letter}"' in page.text) is shows
    assert ("No letter fits these filters." in page.text) is not shows


def test_a_message_id_finds_its_letter(browser: StaffBrowser, letter: int, database: Database) -> None:
    with database.read() as session:
        message_id = session.get_one(Message, letter).message_id
    for number in (message_id, message_id.strip("<>"), str(letter)):
        page = browser.client.get("/staff/messages", query_string={"number": number}, base_url="http://127.0.0.1:8000")
        assert f'href="/staff/messages/{letter}"' in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", "Write a day, such as 2026-03-04"),
        ("until=2026-02-30", "Write a day, such as 2026-03-04"),
        ("since=0000-01-01", "Write a day, such as 2026-03-04"),
        ("until=9999-12-31T23:59", "Write a day, such as 2026-03-04"),
        ("code=huh", "such as 550"),
        ("code=250", "an answer that was no yes"),
        ("zone=Mars/Olympus", "Not a valid choice"),
        ("words=" + "x" * 10_000, "longer than 254"),
        ("state=lost", "Not a valid choice"),
        ("campaign=none", "Not a valid choice"),
        ("target=" + "x" * 241, "longer than 240"),
        ("answer=" + "x" * 10_000, "longer than 254"),
    ],
)
def test_a_filter_that_cannot_be_is_named_and_kept(browser: StaffBrowser, query: str, sentence: str) -> None:
    page = browser.get(f"/staff/messages?{query}")
    assert page.status_code == 422
    assert "<title>Error: Send log" in page.text
    assert sentence in words(page)


@pytest.mark.parametrize("typed", ["%", "'", "\\", "%00", "<b>", "{{ 7*7 }}"])
def test_what_nobody_can_look_for_is_an_empty_result(browser: StaffBrowser, letter: int, typed: str) -> None:
    page = browser.client.get("/staff/messages", query_string={"words": typed}, base_url=browser.site)
    assert page.status_code == 200
    assert "No letter fits these filters." in page.text


def test_a_supporter_is_found_by_name_and_what_is_set_can_be_taken_away(
    browser: StaffBrowser, letter: int, database: Database
) -> None:
    before = browser.get("/staff/messages?words=mai+example&campaign=ab969")
    assert "1 of the newest cannot be found by words yet." in words(before)
    with database.write() as session:
        make_searchable(session)
    page = browser.get("/staff/messages?words=mai+example&campaign=ab969")
    assert f'href="/staff/messages/{letter}"' in page.text
    assert "cannot be found by words yet" not in page.text
    assert (
        'href="/staff/messages?campaign=ab969"><span class="hidden">Take away the filter </span>Found: mai ex'
        in page.text
    )
    assert 'href="/staff/messages?words=mai+example"' in page.text


@pytest.mark.parametrize(
    "typed", ["\u2068Mai\u00a0Exam\u200bple\u2069", "mailto:mai@example.org", "mai\uff20example.org\u200b"]
)
def test_what_is_looked_for_is_taken_as_it_was_meant(
    browser: StaffBrowser, letter: int, database: Database, typed: str
) -> None:
    with database.write() as session:
        make_searchable(session)
    page = browser.client.get("/staff/messages", query_string={"words": typed}, base_url=browser.site)
    assert f'href="/staff/messages/{letter}"' in page.text


def test_a_message_id_in_the_search_finds_its_letter(browser: StaffBrowser, letter: int, database: Database) -> None:
    with database.read() as session:
        message_id = session.get_one(Message, letter).message_id
    for typed in (message_id, message_id.strip("<>")):
        page = browser.client.get("/staff/messages", query_string={"words": typed}, base_url=browser.site)
        assert f'href="/staff/messages/{letter}"' in page.text


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("since=2026-03-04T09:12&until=2026-03-04T09:12&campaign=ab969", True),  # the campaign's: Central
        ("since=2026-03-04T09:13&campaign=ab969", False),
        ("since=2026-03-04T09:13", True),  # UTC
        ("until=2026-03-04T09:11&campaign=ab969", False),
        ("since=2026-03-04T10:12&until=2026-03-04T10:12&zone=America/New_York", True),
        ("since=2026-03-04 10:13&zone=America/New_York", False),
        ("moment=accepted&since=2026-03-01", False),
    ],
)
def test_moments_are_those_of_the_clocks_that_are_named(
    browser: StaffBrowser, letter: int, query: str, shows: bool
) -> None:
    page = browser.get(f"/staff/messages?{query}")
    assert page.status_code == 200
    assert (f'href="/staff/messages/{letter}"' in page.text) is shows


def test_times_are_shown_on_the_clocks_of_the_campaign(browser: StaffBrowser, letter: int) -> None:
    page = browser.get("/staff/messages?campaign=ab969")
    assert ">2026-03-04 09:12</time>" in page.text
    assert "Times are Central time (America/Chicago)" in words(page)


def test_filters_are_kept_under_a_name_and_forgotten(browser: StaffBrowser, letter: int) -> None:
    browser.get("/staff/messages?state=deferred&campaign=ab969&nonsense=1")
    kept = browser.post("/staff/messages/views", query="state=deferred&campaign=ab969&nonsense=1", name=" To  watch ")
    assert (kept.status_code, kept.location) == (303, "/staff/messages?campaign=ab969&state=deferred")
    page = browser.get("/staff/messages")
    assert "Kept as the view “To watch”." in page.text
    assert '<a class="chip view" href="/staff/messages?campaign=ab969&amp;state=deferred">' in page.text
    page = browser.get("/staff/messages?campaign=ab969&state=deferred")
    assert "Forget the view “To watch”" in page.text
    removal = re.search(r'action="(/staff/messages/views/\d+/removals)"', page.text)
    assert removal
    assert browser.post(removal[1]).status_code == 303
    assert "The view is forgotten." in browser.get("/staff/messages").text
    assert browser.post(removal[1]).status_code == 404


def test_a_view_keeps_no_words_that_may_name_a_supporter_and_says_so(browser: StaffBrowser, letter: int) -> None:
    """Else nothing of them would go when the supporter is erased."""
    kept = browser.post("/staff/messages/views", query="state=deferred&words=Mai+Example", name="Watch")
    assert (kept.status_code, kept.location) == (303, "/staff/messages?words=Mai+Example&state=deferred")
    page = browser.get("/staff/messages")
    assert "“Watch”, without the words and the number that were looked for: they may name a supporter." in page.text
    assert '<a class="chip view" href="/staff/messages?state=deferred">' in page.text


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("", "state=held", "Give the view a name."),
        ("x" * 81, "state=held", "at most 80 characters"),
        ("Watch", "", "Nothing is filtered"),
        ("Watch", "state=lost", "Not a valid choice"),
        ("Watch", "words=Mai&number=7&answer=mai", "may name a supporter, so no view keeps them, and nothing else"),
        ("Taken", "state=held", "There is a view of that name"),
    ],
)
def test_a_view_that_cannot_be_kept_is_told_and_the_filters_stay(
    browser: StaffBrowser, letter: int, name: str, query: str, sentence: str
) -> None:
    browser.get("/staff/messages?state=held")
    browser.post("/staff/messages/views", query="state=failed", name="Taken")
    refused = browser.post("/staff/messages/views", query=query, name=name)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert "<title>Error: Send log" in refused.text


def test_pages_keep_the_filters(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session)
        for n in range(PAGE_SIZE + 1):
            action = sample_action(session, campaign)
            sample_message(session, action, legislator, campaign.letters[0], supporter_key=str(n))
    first = browser.get("/staff/messages?campaign=ab969")
    older = next(line for line in first.text.splitlines() if "Older letters" in line).split('href="')[1].split('"')[0]
    assert "campaign=ab969" in older
    second = browser.get(unescape(older))
    assert second.text.count('<tr role="row">') == 2  # its head and the one letter left
    assert "Newer letters" in second.text
    assert "Older letters" not in second.text


@pytest.mark.parametrize("query", ["before=x", "before=-1", f"before={10**30}", f"after={10**30}", "after=0"])
def test_a_page_that_is_not_there_is_no_error(browser: StaffBrowser, letter: int, query: str) -> None:
    assert browser.get(f"/staff/messages?{query}").status_code == 200


def test_one_letter_shows_its_events_and_the_letter_as_it_goes(browser: StaffBrowser, letter: int) -> None:
    page = browser.get(f"/staff/messages/{letter}")
    text = words(page)
    assert page.status_code == 200
    assert "4.7.1 &lt;b&gt;Greylisted&lt;/b&gt;, try later" in page.text
    assert "by worker host:1, attempt 1, at RCPT, SMTP code 451, status 4.7.1" in text
    assert "not before 2026-03-04 15:42:05 UTC" in text
    assert "Page read in English" in text
    assert "(the letter below fits it)" in text
    assert "Reply-To: Mai Example <mai@example.org>" in unescape(page.text)
    assert "Please vote no.\n\nMai Example" in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize(
    ("reason", "text", "shown"),
    [
        (Reason.CONNECTION_LOST, "broke_off (Connection reset by peer)", "The connection broke off: Connection reset"),
        (Reason.GIVEN_BACK, "unreachable (no_answer)", "cannot be reached: the mail server did not answer in time."),
        (Reason.NONE, "The mail server ended the connection.", "The mail server ended the connection."),
    ],
)
def test_what_a_worker_met_is_told_in_words(
    browser: StaffBrowser, letter: int, database: Database, reason: Reason, text: str, shown: str
) -> None:
    with database.write() as session:
        session.add(
            Event(
                message_id=letter,
                at=NOW,
                from_state="sending",
                to_state="deferred",
                actor_kind="worker",
                actor_id="host:1",
                reason_code=reason.value,
                text=text,
            )
        )
    page = unescape(browser.get(f"/staff/messages/{letter}").text)
    assert shown in page
    assert REASON_WORDS[reason] in page
    assert "no_answer" not in page and "broke_off" not in page


def test_a_look_is_written_down(browser: StaffBrowser, letter: int, database: Database) -> None:
    browser.get(f"/staff/messages/{letter}")
    with database.read() as session:
        assert audited(session)[-1][1:] == ("message_viewed", f"message {letter}", {})


def test_an_erased_letter_says_so(browser: StaffBrowser, letter: int, database: Database) -> None:
    with database.write() as session:
        session.execute(delete(FrozenLetter))
        session.scalars(select(Action)).one().erased_at = NOW
    page = browser.get(f"/staff/messages/{letter}")
    assert "The letter was erased, with the supporter's name and address, on 2026-03-04 15:12 UTC" in words(page)
    assert "<pre" not in page.text


@pytest.mark.parametrize("number", ["0", "99", str(10**30)])
def test_a_letter_that_is_not_there_is_404(browser: StaffBrowser, number: str) -> None:
    assert browser.get(f"/staff/messages/{number}").status_code == 404
    browser.get("/staff/")
    assert browser.post(f"/staff/messages/{number}/cancellations", reason="why").status_code == 404


def test_an_act_that_is_none_is_404(browser: StaffBrowser, letter: int) -> None:
    assert browser.post(f"/staff/messages/{letter}/edits", reason="why").status_code == 404


def test_cancelling_asks_why_and_is_then_shown(browser: StaffBrowser, letter: int) -> None:
    browser.get(f"/staff/messages/{letter}")
    refused = browser.post(f"/staff/messages/{letter}/cancellations", reason=" ")
    assert refused.status_code == 422
    assert "Say why, in a few words" in words(refused)
    assert "<title>Error: Letter" in refused.text

    done = browser.post(f"/staff/messages/{letter}/cancellations", reason="The office asked <for> it")
    assert (done.status_code, done.location) == (303, f"/staff/messages/{letter}")
    page = browser.get(done.location)
    assert "Done. This message is now: not sent: cancelled." in words(page)
    assert "by rita@example.org, attempt 1 The office asked &lt;for&gt; it" in " ".join(
        page.text.replace("<blockquote>", " ").replace("</p>", " ").split()
    )
    assert "Change what happens" not in page.text


def test_an_act_that_came_too_late_keeps_its_reason(browser: StaffBrowser, letter: int, database: Database) -> None:
    browser.get(f"/staff/messages/{letter}")
    with database.write() as session:
        session.get_one(Message, letter).state = "held"
    late = browser.post(f"/staff/messages/{letter}/cancellations", reason="Asked for")
    assert late.status_code == 422
    assert "You cannot cancel this message now. It has moved on" in words(late)
    assert "\nAsked for</textarea>" in late.text


def test_what_is_not_counted_to_the_end_can_be(
    browser: StaffBrowser, letter: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_log, "COUNTED", 1)
    with database.write() as session:
        action = session.scalars(select(Action)).one()
        for number in range(2):
            legislator = sample_legislator(session, key=f"ocd-person/{number:08d}", district=str(number + 1))
            sample_message(session, action, legislator, session.scalars(select(Letter)).one())
    for path in ("/staff/messages?campaign=ab969", "/staff/messages?"):
        page = browser.get(path)
        assert "more than 1" in words(page)
        link = re.search(r'href="([^"]*count=all[^"]*)"', page.text)
        assert link is not None
        whole = browser.get(unescape(link[1]))
        assert "more than" not in words(whole)
        assert "count=all" not in whole.text
    assert "All 3" in words(browser.get("/staff/messages?campaign=ab969&count=all"))
