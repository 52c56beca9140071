"""A statement, from its page to the receipt; corrected, withdrawn and erased by its link."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.web.supporter.kinds.statement import until_words
from tests.samples import sample_organisation, sample_statement
from tests.web.staff_pages import at
from tests.web.supporter_pages import SupporterBrowser, problems, title, words

SIGNER = {
    "organisation": "Example Legal Aid",
    "website": "aid.example.org",
    "city": "Madison",
    "state": "WI",
    "name": "Mai Example",
    "role": "Director",
    "email": "mai@aid.example.org",
    "consent": "y",
}


@pytest.fixture
def statement(site: Flask, database: Database) -> int:
    with database.write() as session:
        return sample_statement(session, goal=50).id


def sign(supporter: SupporterBrowser, **answers: str) -> Any:
    supporter.get("/campaigns/together")
    return supporter.submit(**{**SIGNER, **answers})


def receipt_of(database: Database) -> str:
    with database.read() as session:
        return f"/receipts/{session.scalars(select(Action.receipt_token).order_by(Action.id.desc())).first()}"


def approve(database: Database) -> None:
    with database.write() as session:
        for action in session.scalars(select(Action)):
            action.review = "approved"
            action.reviewed_at = action.created_at


def test_its_page_has_the_text_the_form_and_nobody_yet(statement: int, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/together")
    said = words(page)
    assert "We, the organisations below, stand with every student." in said
    assert "0 organisations have signed Goal: 50" in said
    assert "No organisation stands here yet." in said
    assert "zip" not in supporter.fields
    assert "Ours is another organisation" not in said


def test_an_organisation_signs_waits_for_staff_and_stands_in_the_list(
    statement: int, supporter: SupporterBrowser, database: Database
) -> None:
    receipt = sign(supporter, note="Call me.")
    assert title(receipt).startswith("Your organisation's signature is here")
    said = words(receipt)
    assert "To be looked at by the staff." in said
    assert "https://aid.example.org" in said
    assert "Example Legal Aid" not in words(supporter.get("/campaigns/together"))
    approve(database)
    page = supporter.get("/campaigns/together")
    assert "Example Legal Aid , Madison, Wisconsin" in words(page)
    assert "1 organisation has signed" in words(page)
    for secret in ("Mai Example", "mai@aid", "Director", "Call me."):
        assert secret not in page.text
    assert "Approved. It stands in the public list" in words(supporter.get(receipt_of(database)))


def test_what_nobody_sees_is_left_out_of_an_organisation(
    statement: int, supporter: SupporterBrowser, database: Database
) -> None:
    receipt = sign(
        supporter, organisation="\u2068Legal\u00a0Aid\u2069", city="\u202dMadison\u202c", note="\u200fCall me."
    )
    assert title(receipt).startswith("Your organisation's signature is here")
    with database.read() as session:
        details = session.scalars(select(Action)).one().details
    assert (details["organisation"], details["city"], details["note"]) == ("Legal Aid", "Madison", "Call me.")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("organisation", "x" * 10_000, "The organisation's name may have 200 characters at most; this has 10,000."),
        ("organisation", "", "Enter your organisation's name."),
        ("organisation", "Aid Помощь Βοήθεια עזרה", "This name is written in 4 scripts"),
        ("organisation", "Legal\u202eAid", "must be one line, without line breaks or invisible control characters"),
        ("website", "we have none", "Enter the address of a website, such as https://example.org, or leave it empty."),
        ("website", "https://ab--cd.example", "No website can be called so."),
        ("website", "javascript:alert(1)", "Enter the address of a website"),
        ("city", "", "Enter the city of your organisation."),
        ("state", "XX", "Choose the state of your organisation."),
        ("state", "", "Choose the state of your organisation."),
        ("name", "", "Enter your full name."),
        ("role", "", "Enter your role there."),
        ("email", "mai", 'This e-mail address has no "@"'),
        ("note", "x" * 1_001, "Your note may have 1,000 characters at most"),
        ("consent", "", "Tick this box to say that you may sign for the organisation."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    statement: int, supporter: SupporterBrowser, database: Database, field: str, typed: str, said: str
) -> None:
    page = sign(supporter, **{"note": "Call me.", field: typed})
    assert page.status_code == 400
    assert said in problems(page)
    assert f'id="{field}-error"' in page.text
    assert supporter.fields["organisation"] == (typed if field == "organisation" else "Example Legal Aid")
    assert supporter.fields["note"].strip() == (typed if field == "note" else "Call me.")
    assert supporter.fields["state"] == ("WI" if field != "state" else "")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Action)) == 0


@pytest.mark.parametrize(
    "name", ["ស្ថាប័ន ទីមួយ", "ສະມາຄົມ", "အဖွဲ့", "جمعية", "協會 Society", "Tổ chức", "Koom Haum", "تنظیم Ассоциация"]
)
def test_a_name_in_any_script_signs(statement: int, supporter: SupporterBrowser, database: Database, name: str) -> None:
    assert title(sign(supporter, organisation=name)).startswith("Your organisation's signature")
    approve(database)
    assert name in words(supporter.get("/campaigns/together"))


def test_the_summary_tells_in_the_order_of_the_page(statement: int, supporter: SupporterBrowser) -> None:
    said = problems(sign(supporter, **dict.fromkeys(SIGNER, "")))
    order = ["organisation's name", "the city", "the state", "full name", "your role", "e-mail address", "may sign"]
    places = [said.index(part) for part in order]
    assert places == sorted(places)


def test_a_free_mail_address_signs_and_was_told_before(statement: int, supporter: SupporterBrowser) -> None:
    assert "others are looked at more closely" in words(supporter.get("/campaigns/together"))
    assert title(sign(supporter, email="mai@gmail.com")).startswith("Your organisation's signature")


def test_a_second_signature_of_a_mailbox_is_told_at_the_address(statement: int, supporter: SupporterBrowser) -> None:
    sign(supporter)
    again = sign(supporter, organisation="Another Club", email="MAI+x@aid.example.org", website="")
    assert again.status_code == 409
    assert "Somebody signed this statement with this mailbox already" in problems(again)
    assert 'id="email-error"' in again.text
    assert supporter.fields["organisation"] == "Another Club"


def test_an_organisation_that_is_likely_there_is_asked_once(
    statement: int, supporter: SupporterBrowser, database: Database
) -> None:
    sign(supporter)
    approve(database)
    asked = sign(supporter, organisation="The Example Legal Aid, Inc.", email="kou@example.org", website="")
    assert asked.status_code == 400
    assert "Example Legal Aid stands in the list already." in problems(asked)
    assert supporter.fields["organisation"] == "The Example Legal Aid, Inc."
    done = supporter.submit(is_another="y", consent="y")
    assert title(done).startswith("Your organisation's signature")


def test_after_the_deadline_nothing_is_taken_nothing_is_lost_and_the_list_stays(
    site: Flask, statement: int, database: Database, now: datetime
) -> None:
    supporter = SupporterBrowser(at(site, lambda: now))
    sign(supporter)
    approve(database)
    supporter.get("/campaigns/together")
    with database.write() as session:
        session.get_one(Campaign, statement).deadline_at = now - timedelta(minutes=1)
    late = supporter.submit(**{**SIGNER, "organisation": "Late Club", "email": "kou@example.org", "note": "Please."})
    assert late.status_code == 409
    assert "Late Club" in words(late)
    assert "Please." in words(late)
    assert "takes no signatures any more" in words(supporter.get("/campaigns/together"))
    assert "Example Legal Aid" in words(supporter.get("/campaigns/together"))
    with database.write() as session:
        session.get_one(Campaign, statement).grace_until = now + timedelta(hours=1)
    page = supporter.get("/campaigns/together")
    assert "That day has passed; signatures are still taken until" in words(page)
    typed = {**SIGNER, "organisation": "Late Club", "email": "kou@example.org", "website": ""}
    assert title(supporter.submit(**typed)).startswith("Your organisation's signature")


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        ("2022-03-09T23:59", "by Wednesday, March 9, 2022"),
        ("2022-03-10T00:00", "by Wednesday, March 9, 2022"),
        ("2022-03-09T17:00", "by Wednesday, March 9, 2022, 5:00 PM EST"),
    ],
)
def test_by_when_is_said_in_the_campaigns_time_zone(deadline: str, said: str) -> None:
    assert until_words(datetime.fromisoformat(deadline).replace(tzinfo=ZoneInfo("America/New_York"))) == said


def test_a_correction_is_kept_and_looked_at_again(
    statement: int, supporter: SupporterBrowser, database: Database
) -> None:
    sign(supporter)
    approve(database)
    link = f"{receipt_of(database)}/organisation"
    supporter.get(link)
    assert supporter.fields["organisation"] == "Example Legal Aid"
    wrong = supporter.submit(organisation="x" * 201, website="none")
    assert wrong.status_code == 400
    assert "may have 200 characters at most" in problems(wrong)
    assert supporter.fields["website"] == "none"
    fixed = supporter.submit(organisation="Example Legal Help", website="help.example.org")
    assert "To be looked at by the staff." in words(fixed)
    assert "Example Legal Help" in words(fixed)
    assert "Example Legal" not in words(supporter.get("/campaigns/together"))


def test_a_withdrawn_signature_leaves_the_list_and_cannot_be_corrected(
    statement: int, supporter: SupporterBrowser, database: Database
) -> None:
    sign(supporter)
    approve(database)
    link = receipt_of(database)
    supporter.get(f"{link}/organisation")
    supporter.get(link)
    undone = supporter.get(supporter.post(f"{link}/cancellation").location)
    assert title(undone).startswith("You withdrew your organisation's signature")
    assert "Example Legal Aid" not in words(supporter.get("/campaigns/together"))
    assert supporter.get(f"{link}/organisation").status_code == 303
    late = supporter.post(f"{link}/organisation", **SIGNER)
    assert late.status_code == 409
    assert "This cannot be corrected" in problems(late)
    assert title(sign(supporter)).startswith("Your organisation's signature")


@pytest.mark.parametrize("takes_along", [False, True])
def test_the_contact_decides_whether_the_organisation_goes_with_them(
    statement: int, supporter: SupporterBrowser, database: Database, takes_along: bool
) -> None:
    sign(supporter)
    approve(database)
    link = receipt_of(database)
    asked = words(supporter.get(f"{link}/erasure"))
    assert "its name, website, city, state and logo stay under the statement as they are" in asked
    answers = {"ends": "y"} if takes_along else {}
    supporter.fields.pop("ends", None)
    erased = supporter.get(supporter.post(f"{link}/erasure", **answers).location)
    assert title(erased).startswith("Your data was erased")
    assert "Legal Aid" not in erased.text
    assert ("Example Legal Aid" in words(supporter.get("/campaigns/together"))) is not takes_along


def test_a_wrong_link_corrects_nothing(statement: int, supporter: SupporterBrowser) -> None:
    assert supporter.get("/receipts/none/organisation").status_code == 303
    supporter.get("/campaigns/together")
    assert supporter.post("/receipts/none/organisation", **SIGNER).status_code == 404


def test_a_declined_one_reads_why(statement: int, supporter: SupporterBrowser, database: Database) -> None:
    with database.write() as session:
        action = sample_organisation(
            session,
            session.get_one(Campaign, statement),
            "Moon <b>Aid</b>",
            review="declined",
            review_reason="We could <i>not</i> reach you.",
        )
        link = f"/receipts/{action.receipt_token}"
    page = supporter.get(link)
    assert "We could &lt;i&gt;not&lt;/i&gt; reach you." in page.text
    assert "Moon &lt;b&gt;Aid&lt;/b&gt;" in page.text
    assert re.search(r'href="/receipts/[\w-]+/organisation"', page.text)
