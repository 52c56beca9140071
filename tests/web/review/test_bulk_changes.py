"""Many letters at once, over HTTP: the look, the press, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.messages import Message
from actionmail.db.roster import Correction, Legislator
from actionmail.flows.review.bulk_changes import AT_ONCE, Chosen, ToLegislator
from actionmail.flows.review.filters import Filter
from actionmail.flows.review.message_changes import Act, Refusal
from actionmail.flows.staff import Role
from actionmail.settings import Settings
from actionmail.web.review.bulk_words import ACTS, WHY_NOT
from tests.audit import audited
from tests.flows.delivery.test_delivery import fill
from tests.samples import NOW, sample_action, sample_campaign, sample_legislator, sample_message
from tests.web.staff_pages import StaffBrowser, at, hire, signed_in, staff_app, words

REASON = "The office asked <us>"


@pytest.fixture
def app(settings: Settings, database: Database, tmp_path: Path) -> Flask:
    hire(database, "rita@example.org", Role.REVIEWER)
    return at(staff_app(settings, tmp_path), lambda: NOW)


@pytest.fixture
def browser(app: Flask) -> StaffBrowser:
    return signed_in(app, "rita@example.org")


@pytest.fixture
def letters(database: Database) -> list[int]:
    return fill(database, 3)


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def press(browser: StaffBrowser, path: str, reason: str = REASON) -> tuple[int, str]:
    """Look, then press; the status, and the words of the page that one comes to."""
    token = seen(browser.get(path).text)
    done = browser.post(path, reason=reason, seen=token)
    return done.status_code, words(browser.get(done.location) if done.location else done)


def states(database: Database) -> dict[str, int]:
    with database.read() as session:
        return dict(session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def test_every_act_and_every_refusal_has_words() -> None:
    assert ACTS.keys() == set(Act)
    assert WHY_NOT.keys() == set(Refusal) - {Refusal.NO_REASON, Refusal.REASON_TOO_LONG}
    assert Filter() != Chosen(ids=()) != ToLegislator(number=1)


def test_the_acts_are_named_with_the_letters_that_they_would_reach(browser: StaffBrowser, letters: list[int]) -> None:
    page = browser.get("/staff/messages/many?campaign=ab969&state=queued&domain=legis.example")
    said = words(page)
    assert "of the campaign Keep armed police out of Wisconsin's schools" in said
    assert "in the state: waiting to be sent" in said
    assert "to addresses at legis.example" in said
    assert 'href="/staff/messages/many/holds?campaign=ab969&amp;state=queued&amp;domain=legis.example"' in page.text
    assert "All letters there are" in words(browser.get("/staff/messages/many"))


def test_the_look_says_what_would_be_changed_and_changes_nothing(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    page = browser.get("/staff/messages/many/holds?campaign=ab969")
    said = words(page)
    assert "Hold: 3 letters" in said
    assert "waiting to be sent Letters 3" in said
    assert f'href="/staff/messages/{letters[-1]}"' in page.text
    assert states(database) == {"queued": 3}


def test_a_press_changes_what_was_seen_and_says_how_many(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    status, said = press(browser, "/staff/messages/many/holds?campaign=ab969")
    assert status == 303
    assert "Done. 3 letters held." in said
    assert states(database) == {"held": 3}
    with database.read() as session:
        assert audited(session, "messages_held") == [
            (1, "messages_held", "messages filter", {"campaign": "ab969", "count": 3, "reason": REASON})
        ]


def test_a_press_without_a_reason_keeps_everything(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    for reason, sentence in ((" ", "Say why, in a few words"), ("x" * 501, "at most 500 characters; this has 501")):
        status, said = press(browser, "/staff/messages/many/holds", reason)
        assert status == 422
        assert sentence in said
    assert states(database) == {"queued": 3}


def test_what_came_meanwhile_is_told_with_the_new_count(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    path = "/staff/messages/many/holds?campaign=ab969"
    token = seen(browser.get(path).text)
    with database.write() as session:
        action = sample_action(session, first_campaign(session), email="late@example.org")
        sample_message(session, action, sample_legislator(session), first_campaign(session).letters[0])
    page = browser.post(path, reason=REASON, seen=token)
    assert page.status_code == 409
    assert "Nothing was changed. 1 letter came since you looked: it would be 4 letters now." in words(page)
    assert "\nThe office asked &lt;us&gt;</textarea>" in page.text
    assert states(database) == {"queued": 4}
    assert browser.post(path, reason=REASON, seen=seen(page.text)).status_code == 303
    assert states(database) == {"held": 4}


def first_campaign(session: Session) -> Campaign:
    return session.scalars(select(Campaign)).one()


def test_what_moved_on_meanwhile_is_counted(browser: StaffBrowser, database: Database, letters: list[int]) -> None:
    path = "/staff/messages/many/holds"
    token = seen(browser.get(path).text)
    with database.write() as session:
        session.execute(update(Message).where(Message.id == letters[0]).values(state="sending"))
    done = browser.post(path, reason=REASON, seen=token)
    assert "Done. 2 letters held. 1 had moved on meanwhile." in words(browser.get(done.location))
    again = browser.post(path, reason=REASON, seen=token)
    assert again.status_code == 409
    assert "none of the letters that you saw stands where this could begin any more" in words(again)


@pytest.mark.parametrize("token", ["", "nonsense", "%00"])
def test_a_press_that_says_not_what_was_seen_changes_nothing(
    browser: StaffBrowser, database: Database, letters: list[int], token: str
) -> None:
    browser.get("/staff/messages/many/holds")
    assert browser.post("/staff/messages/many/holds", reason=REASON, seen=token).status_code in (409, 422)
    assert states(database) == {"queued": 3}


def test_letters_that_are_chosen_one_by_one(browser: StaffBrowser, database: Database, letters: list[int]) -> None:
    query = "&".join(f"ids={number}" for number in (letters[0], letters[2], 99_999, "x"))
    status, said = press(browser, f"/staff/messages/many/holds?{query}")
    assert (status, states(database)) == (303, {"held": 2, "queued": 1})
    assert "Done. 2 letters held." in said


def test_letters_are_ticked_in_the_log_and_one_comes_back_to_its_filters(
    browser: StaffBrowser, letters: list[int]
) -> None:
    log = browser.get("/staff/messages?campaign=ab969").text
    form = re.search(r'<form id="ticked" method="get" action="([^"]*)">(.*?)</form>', log, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2])
    assert hidden == [("ids", "0"), ("campaign", "ab969")]
    boxes = re.findall(r'<input type="checkbox" name="ids" value="(\d+)" form="ticked">', log)
    assert sorted(map(int, boxes)) == letters
    ticked = f"{form[1]}?ids=0&campaign=ab969&ids={letters[0]}&ids={letters[2]}"
    page = browser.get(ticked)
    assert "Which letters: chosen in the send log" in words(page)
    assert '<a href="/staff/messages?campaign=ab969">Back</a>' in page.text
    assert f"holds?ids=0&amp;ids={letters[0]}&amp;ids={letters[2]}&amp;campaign=ab969" in page.text
    assert "Hold: 2 letters" in words(browser.get(ticked.replace("many", "many/holds")))


def test_nothing_ticked_is_not_everything(browser: StaffBrowser, letters: list[int]) -> None:
    for path in ("/staff/messages/many", "/staff/messages/many/holds"):
        page = browser.get(f"{path}?ids=0")
        assert (page.status_code, "No letter is ticked." in words(page)) == (422, True)


def test_all_letters_to_a_legislator_go_to_the_new_address(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    with database.write() as session:
        number = session.scalars(select(Legislator.id)).one()
        session.execute(update(Legislator).values(email="rep@new.example"))
        key = session.get_one(Legislator, number).key
        session.add(correction(key))
    assert "3 letters to Lara Sample, whose address was corrected, are for a former one." in words(
        browser.get("/staff/")
    )
    page = browser.get(f"/staff/roster/{number}")
    path = f"/staff/messages/many/new-addresses?legislator={number}"
    assert f'href="{path}"' in page.text
    assert "3 letters are for a former address" in words(page)
    assert "The roster has: rep@new.example" in words(browser.get(path))
    status, said = press(browser, path)
    assert (status, "3 letters sent to the new address" in said) == (303, True)
    assert "former address" not in said
    with database.read() as session:
        assert set(session.scalars(select(Message.recipient))) == {"rep@new.example"}


def correction(key: str) -> Correction:
    return Correction(
        legislator_key=key,
        field="email",
        value="rep@new.example",
        replaced="rep@old.example",
        was_malformed=False,
        why="The office moved",
        made_by="rita@example.org",
        made_at=NOW,
        ended_by="",
    )


def test_one_letter_goes_to_the_new_address_from_its_page(browser: StaffBrowser, database: Database) -> None:
    with database.write() as session:
        campaign = sample_campaign(session)
        legislator = sample_legislator(session)
        letter = sample_message(
            session, sample_action(session, campaign), legislator, campaign.letters[0], state="bounced"
        ).id
    page = browser.get(f"/staff/messages/{letter}")
    assert "The address must be mended first." in words(page)
    assert "Send to the new address" not in words(page)
    with database.write() as session:
        session.execute(update(Legislator).values(email="rep@new.example"))
    page = browser.get(f"/staff/messages/{letter}")
    assert "The roster has another address by now: rep@new.example" in words(page)
    refused = browser.post(f"/staff/messages/{letter}/new-address", reason=" ")
    assert (refused.status_code, "Say why, in a few words" in words(refused)) == (422, True)
    done = browser.post(f"/staff/messages/{letter}/new-address", reason=REASON)
    assert done.status_code == 303
    said = words(browser.get(done.location))
    assert "This message has the new address, and is now: waiting to be sent." in said
    assert "Earlier versions" in said
    assert "(the version below fits it)" in said
    late = browser.post(f"/staff/messages/{letter}/new-address", reason=REASON)
    assert "The roster has no other address." in words(late)
    assert browser.post("/staff/messages/4711/new-address", reason=REASON).status_code == 404


@pytest.mark.parametrize(
    "query", ["state=lost", "since=yesterday", "campaign=none", "legislator=4711", "target=" + "x" * 300]
)
def test_an_address_that_names_no_letters_is_a_sentence(browser: StaffBrowser, letters: list[int], query: str) -> None:
    for path in ("/staff/messages/many", "/staff/messages/many/holds"):
        page = browser.get(f"{path}?{query}")
        assert page.status_code == 422
        assert "This address names no letters that there could be." in words(page)
    assert browser.post(f"/staff/messages/many/holds?{query}", reason=REASON, seen="").status_code in (409, 422)


def test_an_act_that_is_none_is_not_there(browser: StaffBrowser) -> None:
    assert browser.get("/staff/messages/many/edits").status_code == 404


def test_an_author_may_change_no_letters(app: Flask, database: Database, letters: list[int]) -> None:
    hire(database, "anna@example.org", Role.AUTHOR)
    author = signed_in(app, "anna@example.org")
    for path in ("/staff/messages/many", "/staff/messages/many/holds", "/staff/stops"):
        assert author.get(path).status_code == 403
    assert author.post("/staff/messages/many/holds", reason=REASON, seen="").status_code == 403
    assert author.post("/staff/stops", what="all", reason=REASON).status_code == 403


def test_a_letter_whose_deadline_is_over_is_left_alone(
    browser: StaffBrowser, database: Database, letters: list[int]
) -> None:
    with database.write() as session:
        first_campaign(session).deadline_at = NOW - timedelta(minutes=1)
        session.execute(update(Message).values(state="held"))
    said = words(browser.get("/staff/messages/many/releases"))
    assert "There is no letter that this could change." in said
    assert "3 of them would come after their campaign's deadline, so they are left alone." in said


def test_work_that_breaks_off_says_how_far_it_came_and_is_pressed_again(
    browser: StaffBrowser, database: Database, app: Flask
) -> None:
    """Between two batches somebody else takes the database for longer than a page waits."""
    letters = fill(database, AT_ONCE + 1)
    path = "/staff/messages/many/holds"
    token = seen(browser.get(path).text)
    engine = app.extensions["actionmail"].database.engine
    other = database.engine.connect()
    held = len(letters) - 1

    def take(_connection: object) -> None:
        with database.read() as session:
            count = session.scalar(select(func.count()).where(Message.state == "held"))
        if count == held and not other.in_transaction():
            other.begin()  # BEGIN IMMEDIATE

    event.listen(engine, "begin", take, insert=True)
    page = browser.post(path, reason=REASON, seen=token)
    event.remove(engine, "begin", take)
    other.close()
    assert page.status_code == 503
    assert f"{held} letters held; 1 are left." in words(page)
    assert states(database) == {"held": held, "queued": 1}
    done = browser.post(path, reason=REASON, seen=seen(page.text))
    assert done.status_code == 303
    assert states(database) == {"held": len(letters)}
