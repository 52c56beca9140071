"""A call, from its page over "How did it go?" to the thanks, and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from actionmail.db.actions import Action, Draft
from actionmail.db.campaigns import Campaign
from actionmail.db.engine import Database
from actionmail.db.roster import Legislator
from tests.samples import NOW, sample_call, sample_legislator
from tests.web.staff_pages import at
from tests.web.supporter_pages import SupporterBrowser, problems, title, words

PAGE = "/campaigns/comment-line"
OWN = {"whom": "own", "name": "", "number": "", "tty": "", "chambers": ["upper", "lower"]}


@pytest.fixture
def call(site: Flask, database: Database) -> int:
    at(site, lambda: NOW)
    with database.write() as session:
        return sample_call(session, then=["ab969"], goal=50).id


@pytest.fixture
def own(site: Flask, database: Database) -> int:
    """A call to one's own legislators, of whom Senate 26 has a number, Assembly 76 one, and 77 none."""
    with database.write() as session:
        for legislator in session.scalars(select(Legislator)):
            legislator.phone = {"26": "608-266-2512", "76": "608-266-2513"}.get(legislator.district, "")
        script = "I am ____ from (city, state). {{ legislator_title }} {{ legislator_name }}, please act."
        return sample_call(session, state="WI", then=["ab969"], details={**OWN, "script": script}).id


def change(database: Database, number: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, number), name, value)


def actions(database: Database) -> list[Action]:
    with database.read() as session:
        return list(session.scalars(select(Action).order_by(Action.id)))


def tell(supporter: SupporterBrowser, outcome: str, **answers: str) -> Any:
    """Press one of the buttons of the page, and follow."""
    answer = supporter.post(f"{PAGE}/calls", outcome=outcome, **answers)
    return supporter.get(answer.location) if answer.status_code == 303 else answer


def fill(supporter: SupporterBrowser, **answers: str) -> Any:
    answer = supporter.post(f"{PAGE}/caller", **{"name": "", "city": "", "zip": "", **answers})
    return supporter.get(answer.location) if answer.status_code == 303 else answer


def test_its_page_says_whom_and_what_without_any_form(call: int, supporter: SupporterBrowser) -> None:
    page = supporter.get(PAGE)
    said = words(page)
    assert 'href="tel:+12024561111"' in page.text
    assert "two zero two, four five six, one one one one" in said
    assert 'href="tel:+12024566213"' in page.text
    assert "dial 711" in said
    # Wednesday, March 4, 2026, 10:12 in the East: closed, and said so with the next opening.
    assert "Nobody answers now. The next time is Wednesday, March 4, from 11 AM to 3 PM Eastern time." in said
    assert "Hours, in Eastern time: Tuesday to Thursday, 11 AM to 3 PM" in said
    assert "At other times you can still call" in said
    assert re.search(r"My name is .*______.* from .*______", said)
    assert "(your name)" in said


def test_hours_are_shown_by_the_callers_clocks_once_they_are_known(call: int, supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    said = words(fill(supporter, name="Mai Example", city="Madison", zip="53704"))
    assert "from 10 AM to 2 PM Central time" in said
    assert "Hours, in Central time, which is yours: Tuesday to Thursday, 10 AM to 2 PM" in said
    assert "My name is Mai Example from Madison, Wisconsin. Please act." in said


def test_a_call_needs_no_name_and_ends_in_thanks_with_what_is_next(
    call: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get(PAGE)
    thanks = tell(supporter, "voicemail")
    assert title(thanks).startswith("Thank you for calling")
    said = words(thanks)
    assert "1 call was made Goal: 50" in said
    assert "You told us: I left a message." in said
    assert "Whoever has it can see how your call went, so keep it to yourself." in said
    assert "Write to your legislators" in said
    [action] = actions(database)
    assert (action.name, action.email, action.zip, action.details["outcome"]) == ("", "", "", "voicemail")


def test_what_was_typed_goes_on_to_the_next_action(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    fill(supporter, name="Mai Example", zip="53704")
    thanks = tell(supporter, "spoke")
    assert "Mai Example" not in words(thanks)
    token = supporter.path.rpartition("/")[2]
    supporter.get(supporter.post(f"/receipts/{token}/next/ab969").location)
    assert supporter.fields["name"] == "Mai Example"
    assert [action.name for action in actions(database)] == [""]


def test_pressing_twice_counts_once(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    pressed = {**supporter.fields, "outcome": "spoke"}
    first = supporter.client.post(f"{PAGE}/calls", base_url="http://127.0.0.1:8000", data=pressed)
    again = supporter.client.post(f"{PAGE}/calls", base_url="http://127.0.0.1:8000", data=pressed)
    assert first.location == again.location
    assert len(actions(database)) == 1


def test_not_now_is_no_call_and_can_be_undone(call: int, supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    page = tell(supporter, "not_now")
    said = words(page)
    assert "Call again: the comment line" in said
    assert "the comment line: Not now" in said
    assert "0 calls were made" in said
    answer = supporter.post(f"{PAGE}/calls/undo")
    said = words(supporter.get(answer.location))
    assert "Not now" in said  # the button
    assert "the comment line: Not now" not in said


def test_a_wrong_answer_and_an_old_page_are_told(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    refused = tell(supporter, "shouted")
    assert refused.status_code == 400
    assert "Choose how the call went." in problems(refused)
    for wrong in ({"turn": "7"}, {"turn": "x"}, {"line": "nobody 911 "}, {"draft": "short"}):
        supporter.get(PAGE)
        refused = tell(supporter, "spoke", **wrong)
        assert refused.status_code == 409, wrong
        assert "This page was older than what you did since" in problems(refused)
    assert actions(database) == []


def test_what_nobody_sees_is_left_out_of_the_script(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    fill(supporter, name="\u2068Mai Example\u2069", city="\u202dMadison\u202c", zip="\uff15\uff13\uff17\uff10\uff13")
    with database.read() as session:
        (values,) = session.scalars(select(Draft.values))
    assert [values["who"][name] for name in ("name", "city", "zip")] == ["Mai Example", "Madison", "53703"]


def test_what_is_wrong_in_the_form_stands_at_its_field(call: int, supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    refused = fill(supporter, name="Mai " * 40, zip="123")
    assert refused.status_code == 400
    assert title(refused).startswith("Error: ")
    said = problems(refused)
    assert "Your name may have 120 characters at most" in said
    assert "ZIP" in said
    assert supporter.fields["zip"] == "123"


def test_what_was_typed_can_be_forgotten(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    fill(supporter, name="Mai Example")
    answer = supporter.post(f"{PAGE}/caller", go="forget")
    assert "Mai Example" not in supporter.get(answer.location).text
    with database.read() as session:
        assert session.scalars(select(Draft)).all() == []


def test_ones_own_legislators_are_found_and_called_one_after_the_other(
    own: int, supporter: SupporterBrowser, database: Database
) -> None:
    said = words(supporter.get(PAGE))
    assert "First, whom you call" in said
    assert "tel:" not in supporter.get(PAGE).text
    assert "Enter the ZIP code where you live" in problems(fill(supporter))
    supporter.get(PAGE)
    said = words(fill(supporter, zip="53704", name="Mai Example", city="Madison"))
    assert "Call Senator Uma Pattern" in said
    assert "I am Mai Example from Madison, Wisconsin. Senator Uma Pattern, please act." in said
    assert "2 are still to be called" in said
    said = words(tell(supporter, "busy"))
    assert "Call Representative Lara Sample" in said
    assert "Representative Lara Sample, please act." in said
    assert "Senator Uma Pattern: It was busy" in said
    thanks = tell(supporter, "spoke")
    assert "Go back to your calls : Senator Uma Pattern is not reached yet." in words(thanks)
    page = supporter.get(PAGE)
    assert "Call again: Senator Uma Pattern" in words(page)
    tell(supporter, "voicemail")
    said = words(supporter.get(PAGE))
    assert "You have called everybody" in said
    assert [action.details["outcome"] for action in actions(database)] == ["busy", "spoke", "voicemail"]
    assert {action.state for action in actions(database)} == {"WI"}


def test_where_the_zip_code_does_not_settle_the_caller_chooses(own: int, supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    asked = fill(supporter, zip="53703")
    assert title(asked).startswith("Which legislators are yours?")
    said = words(asked)
    assert "You call only the people who represent you, so please tell us who they are." in said
    assert "You call nobody in the Wisconsin State Assembly." in said
    assert "letter" not in said.lower()
    page = supporter.submit(lower="77")
    assert "Call Senator Uma Pattern" in words(page)
    assert "We know no phone number of Representative Tomas Mould." in words(page)


@pytest.fixture
def nationwide(site: Flask, database: Database) -> int:
    """A call to one's own senators in Congress, wherever one lives."""
    with database.write() as session:
        for state, name in (("WI", "Sam Sample"), ("WI", "Tess Zample"), ("TN", "Tom Other"), ("KY", "Kay Other")):
            senate = {"chamber": "us_upper", "district": "Statewide", "email": ""}
            family = name.split()[1]
            sample_legislator(session, state=state, name=name, family_name=family, phone="202-224-3121", **senate)
        script = "I am ____ from (city, state). {{ legislator_title }} {{ legislator_name }}, please act."
        return sample_call(session, details={**OWN, "chambers": ["us_upper"], "script": script}).id


def test_members_of_congress_are_called_from_every_state(
    nationwide: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get(PAGE)
    said = words(fill(supporter, zip="53704", name="Mai Example", city="Madison"))
    assert "I am Mai Example from Madison, Wisconsin. Senator Sam Sample, please act." in said
    assert "2 are still to be called" in said
    said = words(tell(supporter, "busy"))
    assert "Call Senator Tess Zample" in said
    tell(supporter, "voicemail")
    assert {action.state for action in actions(database)} == {"WI"}
    assert "Call Senator" not in words(fill(supporter, zip="94103"))  # California's are not in this roster


def test_where_a_zip_code_lies_in_two_states_the_caller_says_which(
    nationwide: int, supporter: SupporterBrowser
) -> None:
    said = words(supporter.get(PAGE))
    assert "Choose a state" not in said
    asked = fill(supporter, zip="42223", name="Mai Example")
    assert asked.status_code == 400
    assert "42223 lies in Kentucky and Tennessee" in problems(asked)
    assert supporter.fields["name"] == "Mai Example"
    for wrong in ("WI", "nowhere"):
        assert fill(supporter, zip="42223", state=wrong).status_code == 400
    chosen = fill(supporter, zip="42223", state="TN")
    assert "A part of it is in Kentucky: please check where you live." in words(chosen)
    page = supporter.submit(us_upper="Statewide")
    assert "Call Senator Tom Other" in words(page)
    said = words(fill(supporter, zip="53704", state="TN"))
    assert "Call Senator Sam Sample" in said
    assert "Choose a state" not in said


def test_the_office_in_the_district_comes_after_the_capitols(
    own: int, supporter: SupporterBrowser, database: Database
) -> None:
    with database.write() as session:
        senator = session.scalars(select(Legislator).where(Legislator.district == "26")).one()
        senator.district_phone = "608-555-0126"
        member = session.scalars(select(Legislator).where(Legislator.district == "76")).one()
        member.phone = member.district_phone = "608-555-0176"
    supporter.get(PAGE)
    page = fill(supporter, zip="53704")
    assert "tel:+16082662512" in page.text
    assert "The office in their district." not in words(page)
    page = tell(supporter, "no_answer")
    assert "Call Senator Uma Pattern The office in their district." in words(page)
    assert "tel:+16085550126" in page.text
    page = tell(supporter, "spoke")
    assert "Call Representative Lara Sample The office in their district." in words(page)
    tell(supporter, "spoke")
    offices = [action.details["office"] for action in actions(database)]
    assert offices == ["capitol", "district", "district"]


def test_a_zip_code_of_elsewhere_is_told_at_its_field(own: int, supporter: SupporterBrowser) -> None:
    supporter.get(PAGE)
    refused = fill(supporter, zip="94103")
    assert refused.status_code == 400
    assert "California" in problems(refused)


def test_a_closed_call_shows_its_script_and_takes_nothing(
    call: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get(PAGE)
    change(database, call, status="closed")
    assert tell(supporter, "spoke").status_code == 409
    page = supporter.get(PAGE)
    assert "Please act." in words(page)
    assert "How did it go?" not in words(page)
    assert "tel:" not in page.text
    assert actions(database) == []


@pytest.mark.parametrize("path", ["letter", "legislators"])
def test_the_steps_of_letters_lead_back_from_a_call(call: int, supporter: SupporterBrowser, path: str) -> None:
    supporter.get(PAGE)
    fill(supporter, name="Mai Example", zip="53704")
    assert supporter.get(f"{PAGE}/{path}").location == PAGE


def test_the_pages_of_a_call_are_not_there_for_other_kinds(supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/ab969")
    for path in ("calls", "calls/undo", "caller"):
        assert supporter.post(f"/campaigns/ab969/{path}", outcome="spoke").status_code == 409


def test_words_of_another_language_are_read_and_filled(
    call: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, call, translations={"es": {"script": "Me llamo [your name], de [city]."}})
    supporter.get(f"{PAGE}?lang=es")
    page = fill(supporter, name="Mai Example")
    assert "Me llamo Mai Example, de" in words(page)
    assert re.search(r'<blockquote class="letter script" lang="es"', page.text)


def test_a_receipt_erases_and_the_count_stays(call: int, supporter: SupporterBrowser, database: Database) -> None:
    supporter.get(PAGE)
    tell(supporter, "spoke")
    token = supporter.path.rpartition("/")[2]
    assert supporter.get(f"/receipts/{token}/erasure").status_code == 200
    said = words(supporter.get(supporter.post(f"/receipts/{token}/erasure").location))
    assert "Your data was erased" in said
    assert "1 call was made" in words(supporter.get(PAGE))
    [action] = actions(database)
    assert (action.details["outcome"], action.language) == ("spoke", "")
