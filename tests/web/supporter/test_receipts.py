"""The receipt, what it offers, and the page for an office that checks a letter."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from actionmail.db.actions import Action, Draft
from actionmail.db.engine import Database
from actionmail.db.messages import Event, FrozenLetter, Message
from actionmail.flows.delivery import campaign_holds
from actionmail.rules.delivery.envelope import letter_text
from actionmail.rules.delivery.reasons import Actor
from actionmail.rules.delivery.states import State
from actionmail.web.supporter.receipt_words import STATE_WORDS
from tests.any_state import any_state
from tests.samples import NOW
from tests.web.supporter_pages import SupporterBrowser, problems, title, words


@pytest.fixture
def receipt(supporter: SupporterBrowser) -> str:
    """The address of a fresh receipt with two queued letters."""
    supporter.to_letter()
    supporter.send(personal="My own words.")
    return supporter.path


def set_state(database: Database, state: str) -> None:
    with database.write() as session, any_state(session):
        session.execute(text("UPDATE messages SET state = :state"), {"state": state})


def test_every_state_has_words_and_none_claims_too_much() -> None:
    assert set(STATE_WORDS) == set(State)
    for _, said in STATE_WORDS.values():
        assert not re.search(r"\b(delivered|has read|was read|sent to)\b", said)


@pytest.mark.parametrize("state", list(State))
def test_a_receipt_tells_each_state(
    supporter: SupporterBrowser, database: Database, receipt: str, state: State
) -> None:
    set_state(database, state)
    page = supporter.get(receipt)
    assert page.status_code == 200
    assert STATE_WORDS[state][1] in words(page)


def test_a_receipt_of_mixed_letters_does_not_say_that_all_are_queued(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    assert title(supporter.get(receipt)).startswith("Your 2 letters are queued")
    with database.write() as session, any_state(session):
        first = session.scalar(select(func.min(Message.id)))
        session.execute(text("UPDATE messages SET state = 'accepted' WHERE id = :first"), {"first": first})
    assert title(supporter.get(receipt)).startswith("What became of your letters")


def test_a_link_without_cookies_says_that_they_must_be_allowed(supporter: SupporterBrowser, receipt: str) -> None:
    supporter.client.delete_cookie("actionmail", domain="127.0.0.1")
    page = supporter.post(f"{receipt}/cancellation")
    assert page.status_code == 403
    assert "allow cookies for this site" in problems(page)


def test_a_receipt_needs_no_cookie_and_is_kept_by_nobody(site: Flask, receipt: str) -> None:
    page = SupporterBrowser(site).get(receipt)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_a_receipt_shows_and_gives_the_letter_as_it_goes(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    with database.read() as session:
        letter = letter_text(session.scalars(select(FrozenLetter.raw)).first() or b"")
    assert " ".join(letter.split()) in words(supporter.get(receipt))
    copy = supporter.client.get(f"{receipt}/letters.txt", base_url="http://127.0.0.1:8000")
    assert letter in copy.text
    assert copy.mimetype == "text/plain"
    assert copy.headers["Cache-Control"] == "no-store"


def test_an_unknown_receipt_is_not_found(supporter: SupporterBrowser) -> None:
    for path in ("/receipts/none", "/receipts/none/letters.txt", "/receipts/none/erasure"):
        page = supporter.get(path)
        assert page.status_code == 404
        assert "We do not know this receipt" in words(page)


def test_letters_can_be_taken_back_until_they_leave(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    assert "Nothing leaves before" in words(supporter.get(receipt))
    answer = supporter.post(f"{receipt}/cancellation")
    assert answer.status_code == 303
    page = supporter.get(receipt)
    assert "You took your letter back" in title(page)
    assert "cancellation" not in page.text
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {"cancelled"}
        events = session.execute(select(Event.from_state, Event.to_state, Event.actor_kind).order_by(Event.id)).all()
        assert [tuple(event) for event in events[2:]] == [("queued", "cancelled", "supporter")] * 2
        assert session.scalars(select(Action)).one().cancelled_at


def test_who_took_a_letter_back_may_write_again(supporter: SupporterBrowser, database: Database, receipt: str) -> None:
    supporter.post(f"{receipt}/cancellation")
    supporter.to_letter()
    assert "queued" in title(supporter.send())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message).where(Message.state == "queued")) == 2


@pytest.mark.parametrize("state", ["sending", "accepted", "bounced", "ambiguous"])
def test_what_has_left_is_not_taken_back(
    supporter: SupporterBrowser, database: Database, receipt: str, state: str
) -> None:
    set_state(database, state)
    page = supporter.post(f"{receipt}/cancellation")
    assert page.status_code == 409
    assert "too late" in problems(page)
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {state}


def test_a_letter_on_hold_is_taken_back_and_staff_see_by_whom(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Message.campaign_id)).first() or 0
        campaign_holds.hold(session, campaign, actor=Actor.staff(1), now=NOW)
    page = supporter.get(receipt)
    said = "You can take back the 2 letters that have not left yet: then none of them is ever sent, whatever the"
    assert said in words(page)
    assert supporter.post(f"{receipt}/cancellation").status_code == 303
    assert "You took your letter back" in title(supporter.get(receipt))
    with database.write() as session:
        assert campaign_holds.release(session, campaign, actor=Actor.staff(1), now=NOW) == 0
        assert set(session.scalars(select(Message.state))) == {"cancelled"}
        last = session.execute(
            select(Event.from_state, Event.to_state, Event.actor_kind).order_by(Event.id.desc())
        ).first()
    assert last is not None
    assert tuple(last) == ("held", "cancelled", "supporter")


def test_a_letter_on_hold_that_a_server_may_have_is_not_taken_back(
    supporter: SupporterBrowser, database: Database, receipt: str
) -> None:
    with database.write() as session:
        first, second = session.scalars(select(Message).order_by(Message.id))
        first.state = second.state = "held"
        session.add(Event(message_id=first.id, at=NOW, from_state="sending", to_state="ambiguous", actor_kind="worker"))
        other = second.target_name
    page = supporter.get(receipt)
    assert f"You can take back the letter to {other}: then it is never sent" in words(page)
    assert "Take this letter back" in words(page)
    assert supporter.post(f"{receipt}/cancellation").status_code == 303
    with database.read() as session:
        assert list(session.scalars(select(Message.state).order_by(Message.id))) == ["held", "cancelled"]
    assert "Take this letter back" not in words(supporter.get(receipt))


def test_erasing_asks_first_and_then_forgets(supporter: SupporterBrowser, database: Database, receipt: str) -> None:
    page = supporter.get(f"{receipt}/erasure")
    assert "will not be sent" in words(page)
    with database.read() as session:
        assert session.scalars(select(Action)).one().name == "Mai Example"
    page = supporter.submit()
    assert "Your data was erased" in title(page)
    assert "Mai" not in page.text
    assert supporter.get(f"{receipt}/erasure").status_code == 303


def test_erasing_forgets_what_this_browser_typed_and_did_not_send_and_no_other(
    supporter: SupporterBrowser, site: Flask, database: Database, receipt: str
) -> None:
    supporter.to_letter(name="Mai Again")
    SupporterBrowser(site).to_letter(name="Mai Elsewhere")
    supporter.get(f"{receipt}/erasure")
    supporter.submit()
    with database.read() as session:
        assert [draft.values["who"]["name"] for draft in session.scalars(select(Draft))] == ["Mai Elsewhere"]


def test_an_old_page_cannot_cancel_but_says_so(supporter: SupporterBrowser, receipt: str) -> None:
    page = supporter.post(f"{receipt}/cancellation", csrf_token="old")
    assert page.status_code == 403
    assert "Nothing was changed" in problems(page)
    assert supporter.post(f"{receipt}/cancellation").status_code == 303


def test_an_office_can_verify_a_letter(supporter: SupporterBrowser, database: Database, receipt: str) -> None:
    with database.read() as session:
        letter = letter_text(session.scalars(select(FrozenLetter.raw)).first() or b"")
    found = re.search(r"http://127\.0\.0\.1:8000(/v/\S+)", letter)
    assert found
    page = supporter.get(found[1])
    assert page.status_code == 200
    assert "This letter is genuine" in title(page)
    said = words(page)
    assert "Mai Example" in said
    assert "Senator Uma Pattern" in said
    assert "mai@example.org" not in said
    assert "53704" not in said.replace("constituent in 53704", "")
    assert "My own words" not in said


@pytest.mark.parametrize("token", ["x", "none-of-ours", "a" * 60])
def test_a_forged_link_verifies_nothing(supporter: SupporterBrowser, token: str) -> None:
    page = supporter.get(f"/v/{token}")
    assert page.status_code == 404
    assert "We do not know this letter" in words(page)
