"""A petition, from its page to the receipt, and back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.confirmations import Confirmation
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from tests.samples import sample_petition
from tests.web.supporter_pages import SupporterBrowser, problems, title, words

SIGNER = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "consent": "y"}


@pytest.fixture
def petition(site: Flask, database: Database) -> int:
    with database.write() as session:
        return sample_petition(session, goal=200, then=["ab969"]).id


def change(database: Database, number: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, number), name, value)


def sign(supporter: SupporterBrowser, **answers: str) -> Any:
    supporter.get("/campaigns/clemency")
    return supporter.submit(**{**SIGNER, **answers})


def test_its_page_says_to_whom_what_and_how_many(petition: int, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/clemency")
    said = words(page)
    assert "To Governor Example, Governor of New York" in said
    assert "Let people earn a second chance." in said
    assert "0 people have signed Goal: 200" in said
    assert re.search(r'<progress max="200" value="0"', page.text)


def test_signing_leads_to_a_receipt_and_counts(petition: int, supporter: SupporterBrowser, database: Database) -> None:
    receipt = sign(supporter, comment="My cousin.", show_name="y", city="Madison")
    assert title(receipt).startswith("You signed")
    assert "1 person has signed Goal: 200" in words(receipt)
    assert "My cousin." in words(receipt)
    with database.read() as session:
        action = session.scalars(select(Action)).one()
        drafts = session.scalar(select(func.count()).select_from(Draft))
    assert (action.state, action.lookup["districts"]) == ("WI", ["upper/26", "lower/76"])
    assert action.details == {"comment": "My cousin.", "show_name": True}
    assert drafts == 0
    page = words(supporter.get("/campaigns/clemency"))
    assert "1 person has signed" in page
    assert "Mai Example , Madison, Wisconsin" in page
    assert "mai@example.org" not in page
    assert "My cousin." not in page


def test_who_goes_back_at_somebody_elses_device_signs_for_themselves(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    """At a table with one tablet the page that Back shows again still has the key of whoever signed before."""
    sign(supporter)
    first = supporter.path
    supporter.get("/campaigns/clemency")
    with database.read() as session:
        supporter.fields["draft"] = session.scalars(select(Action.idempotency_key)).one()
    shown = dict(supporter.fields)
    receipts = []
    for name, email in (("Bo Other", "bo@example.org"), ("Bo Other", "bo@example.org"), ("Mai", "mai@example.org")):
        supporter.fields = dict(shown)
        answer = supporter.post("/campaigns/clemency", **{**SIGNER, "name": name, "email": email})
        assert answer.status_code == 303
        receipts.append(answer.location)
    assert receipts[0] == receipts[1], "the second press is the same signature"
    assert (receipts[0] != first, receipts[2]) == (True, first)
    assert "Thank you, Bo Other." in words(supporter.get(receipts[0]))
    with database.read() as session:
        assert sorted(session.scalars(select(Action.name))) == ["Bo Other", "Mai Example"]


def test_what_nobody_sees_is_left_out_of_a_signature(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    typed = {
        "email": "mailto:mai\uff20example.org\u200b",
        "zip": "\uff15\uff13\uff17\uff10\uff14",
        "city": "\u2068Madison\u2069",
    }
    sign(supporter, **typed, name="\u202dMai Example\u202c", comment="\u200fשלום, \u061cmy cousin.\u00a0")
    with database.read() as session:
        action = session.scalars(select(Action)).one()
    assert (action.name, action.email, action.zip) == ("Mai Example", "mai@example.org", "53704")
    assert (action.city, action.details["comment"]) == ("Madison", "שלום, my cousin.")


def test_who_does_not_agree_stands_in_no_list(petition: int, supporter: SupporterBrowser) -> None:
    sign(supporter)
    assert "Who signed" not in words(supporter.get("/campaigns/clemency"))


def test_nothing_typed_is_lost_where_something_is_wrong(petition: int, supporter: SupporterBrowser) -> None:
    page = sign(supporter, email="mai", comment="x" * 1_001, consent="")
    assert page.status_code == 400
    assert title(page).startswith("Error: ")
    said = problems(page)
    assert 'This e-mail address has no "@"' in said
    assert "Your comment may have 1,000 characters at most" in said
    assert "Tick this box to say that you sign the petition." in said
    assert supporter.fields["name"] == "Mai Example"
    assert supporter.fields["comment"] == "x" * 1_001


def test_pressing_twice_is_signing_once(petition: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get("/campaigns/clemency")
    first = supporter.post("/campaigns/clemency", **SIGNER)
    second = supporter.post("/campaigns/clemency", **SIGNER)
    assert (first.status_code, first.location) == (303, second.location)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 1


def test_a_mailbox_signs_once_however_it_is_written(petition: int, supporter: SupporterBrowser) -> None:
    sign(supporter)
    again = sign(supporter, email="MAI+news@example.org", name="Another")
    assert again.status_code == 409
    assert "It takes one signature each." in problems(again)
    assert supporter.fields["name"] == "Another"


def test_a_signature_that_is_taken_back_counts_no_more_and_can_be_given_again(
    petition: int, supporter: SupporterBrowser
) -> None:
    receipt = sign(supporter)
    token = re.search(r"/receipts/([\w-]+)/cancellation", receipt.text)
    assert token
    undone = supporter.get(supporter.post(f"/receipts/{token[1]}/cancellation").location)
    assert title(undone).startswith("You took your signature back")
    assert "0 people have signed" in words(supporter.get("/campaigns/clemency"))
    assert title(sign(supporter)).startswith("You signed")


def test_erasing_takes_the_signature_off_the_petition(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    receipt = sign(supporter, comment="My cousin.", show_name="y")
    token = re.search(r"/receipts/([\w-]+)/cancellation", receipt.text)
    assert token
    supporter.get(f"/receipts/{token[1]}/erasure")
    erased = supporter.get(supporter.post(f"/receipts/{token[1]}/erasure").location)
    assert title(erased).startswith("Your data was erased")
    assert "cousin" not in erased.text
    with database.read() as session:
        action = session.scalars(select(Action)).one()
    assert (action.name, action.email, action.zip, action.city, action.details) == ("", "", "", "", {})
    assert (action.mailbox_key, action.cancelled_at is None) == (None, False)
    assert "0 people have signed" in words(supporter.get("/campaigns/clemency"))


def test_only_the_states_own_people_sign_where_the_petition_says_so(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        campaign = session.get_one(Campaign, petition)
        campaign.details = {**campaign.details, "only_from_state": True}
    page = sign(supporter)
    assert page.status_code == 400
    assert "This is for people who live in New York" in problems(page)


def test_after_the_deadline_nothing_is_taken_and_the_page_stays_to_be_read(
    petition: int, supporter: SupporterBrowser, database: Database, now: datetime
) -> None:
    supporter.get("/campaigns/clemency")
    change(database, petition, deadline_at=now - timedelta(minutes=1))
    late = supporter.submit(**SIGNER)
    assert late.status_code == 409
    assert "takes no signatures any more" in words(late)
    with database.read() as session:
        assert session.scalars(select(Action)).all() == []
    page = supporter.get("/campaigns/clemency")
    assert page.status_code == 200
    assert "Let people earn a second chance." in words(page)


def test_the_next_action_is_filled_in_without_a_word_in_its_address(petition: int, supporter: SupporterBrowser) -> None:
    receipt = sign(supporter, city="Madison")
    token = re.search(r"/receipts/([\w-]+)/cancellation", receipt.text)
    assert token
    answer = supporter.post(f"/receipts/{token[1]}/next/ab969")
    assert (answer.status_code, answer.location) == (303, "/campaigns/ab969")
    supporter.get(answer.location)
    filled = {name: supporter.fields[name] for name in ("name", "email", "zip", "city", "street")}
    expected = {"name": "Mai Example", "email": "mai@example.org", "zip": "53704", "city": "Madison", "street": ""}
    assert filled == expected
    assert supporter.post(f"/receipts/{token[1]}/next/other").status_code == 409


def test_it_counts_once_the_mailed_link_is_confirmed(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, petition, confirm="new")
    receipt = sign(supporter, comment="My cousin.", show_name="y")
    assert title(receipt).startswith("Not signed yet: please confirm")
    assert "0 people have signed" in words(supporter.get("/campaigns/clemency"))
    with database.read() as session:
        token = session.scalars(select(Confirmation.token)).one()
        mails = session.scalars(select(SupporterMail).order_by(SupporterMail.id)).all()
    assert [mail.kind for mail in mails] == ["ask", "reminder"]
    assert b"signed a petition" in mails[0].raw
    assert b"Mai" not in mails[0].raw
    page = supporter.get(f"/confirmations/{token}")
    assert "NOT counted yet." in words(page)
    done = supporter.get(supporter.post(f"/confirmations/{token}").location)
    assert title(done).startswith("You signed")
    assert "1 person has signed" in words(supporter.get("/campaigns/clemency"))
    with database.read() as session:
        assert session.scalars(select(SupporterMail)).all() == []


def test_a_strangers_unconfirmed_signature_does_not_keep_the_owner_from_signing(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, petition, confirm="always")
    sign(supporter, name="A Stranger")
    sign(supporter, name="Mai Example")
    with database.read() as session:
        tokens = dict(
            session.execute(
                select(Action.name, Confirmation.token).join(Action, Action.id == Confirmation.action_id)
            ).all()
        )
    supporter.get(f"/confirmations/{tokens['Mai Example']}")
    supporter.post(f"/confirmations/{tokens['Mai Example']}")
    with database.read() as session:
        counted = session.scalars(select(Action.name).where(Action.mailbox_key.is_not(None))).all()
    assert counted == ["Mai Example"]
    assert "Nothing is counted by this link" in title(supporter.get(f"/confirmations/{tokens['A Stranger']}"))


def test_who_says_that_it_was_not_them_has_it_erased(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, petition, confirm="always")
    sign(supporter)
    with database.read() as session:
        token = session.scalars(select(Confirmation.token)).one()
    supporter.get(f"/confirmations/{token}/denial")
    denied = supporter.get(supporter.post(f"/confirmations/{token}/denial").location)
    assert "Nothing was counted, and all of it is erased" in title(denied)
    with database.read() as session:
        assert session.scalars(select(Action.email)).one() == ""


def test_the_news_lists_it_among_the_others(petition: int, supporter: SupporterBrowser, database: Database) -> None:
    change(database, petition, posted_on=date(2022, 2, 14), categories=["Justice"])
    page = supporter.get("/")
    said = words(page)
    assert said.index("Keep armed police") < said.index("A second chance")
    assert "Sign the petition : A second chance" in said
    narrowed = words(supporter.get("/?category=justice"))
    assert "A second chance" in narrowed
    assert "Keep armed police" not in narrowed


def test_whoever_read_other_words_signs_nothing_and_is_shown_those_of_now(
    petition: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/clemency")
    with database.write() as session:
        campaign = session.get_one(Campaign, petition)
        campaign.details = {**campaign.details, "text": "Lock them up."}
    page = supporter.submit(**SIGNER)
    assert (page.status_code, "so nothing was added. Please look at it again." in problems(page)) == (409, True)
    assert "Lock them up." in words(page)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 0
    assert supporter.submit(**SIGNER).status_code == 200
    assert supporter.path.startswith("/receipts/")
