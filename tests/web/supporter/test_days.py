"""Days of action, from the agenda to the reminder's end, and the calendar files as they are served."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import vobject
from flask import Flask
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import select
from werkzeug.test import TestResponse

from actionmail.db.actions import Action
from actionmail.db.campaigns import Campaign
from actionmail.db.day_reminders import DayReminder
from actionmail.db.engine import Database
from actionmail.db.supporter_mail import SupporterMail
from actionmail.flows.actions import day_reminders
from actionmail.flows.campaigns.reading import all_columns
from actionmail.flows.campaigns.saving import save_campaign
from actionmail.settings import Settings
from tests.samples import NOW, action_day, sample_days
from tests.web.staff_pages import at
from tests.web.supporter_pages import BASE, SupporterBrowser, problems, title, words

REMIND = {"email": "mai@example.org", "zip": "53704", "consent": "y", "days": "midwest"}


@pytest.fixture
def clock(site: Flask) -> Callable[[datetime], Flask]:
    return lambda now: at(site, lambda: now)


@pytest.fixture
def week(clock: Callable[[datetime], Flask], database: Database) -> int:
    clock(NOW)
    with database.write() as session:
        return sample_days(session, then=["ab969"]).id


def save(database: Database, week: int, *days: dict[str, Any], now: datetime = NOW, **details: Any) -> None:
    with database.write() as session:
        columns = all_columns(session.get_one(Campaign, week))
        columns["details"] = {"reminders": True, "after": "", "day": list(days), **details}
        save_campaign(session, columns, [], by=None, now=now)


def change(database: Database, week: int, **columns: Any) -> None:
    with database.write() as session:
        for name, value in columns.items():
            setattr(session.get_one(Campaign, week), name, value)


def days_of(page: Any) -> list[str]:
    return re.findall(r'<li id="([a-z-]+)"', page.text)


def test_the_agenda_has_every_day_with_what_it_needs_to_be_joined(week: int, supporter: SupporterBrowser) -> None:
    page = supporter.get("/campaigns/week")
    assert days_of(page) == ["east", "midwest", "west"]
    said = words(page)
    assert "Tuesday, March 3, 2026 : East" in said
    assert "Has passed" in said
    assert "Friday, March 6, 2026 : Midwest" in said
    assert "Wisconsin and Minnesota. Host: Example Group" in said
    assert "Teach-in : Friday, 12:00 PM to 1:00 PM CST" in said
    assert 'datetime="2026-03-06T18:00:00+00:00"' in page.text
    assert page.text.count('href="https://example.org/join"') == 2  # not of the one that has passed
    assert "where you are" not in said
    for path in ("days.ics", "days/midwest.ics", "days/west.ics"):
        assert f"/campaigns/week/{path}" in page.text


def ask(supporter: SupporterBrowser, home: str) -> TestResponse:
    """Ask whose day it is, and follow where that leads."""
    told = supporter.post("/campaigns/week/days", home=home)
    assert told.status_code == 303
    assert not home or home not in told.location
    return supporter.get(told.location)


def test_a_zip_code_tells_whose_day_it_is_and_is_kept_nowhere(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/week")
    page = ask(supporter, "94103")
    assert page.status_code == 200
    said = words(page)
    assert "Your region's day is Saturday, March 7" in said
    assert "You may join every other day too." in said
    assert "kept it nowhere" in said
    assert "where you are: Friday, 10:00 AM to 11:00 AM PST" in said
    assert days_of(page) == ["east", "midwest", "west"]
    assert supporter.fields["zip"] == "94103"
    with database.read() as session:
        assert session.scalars(select(Action)).all() == []
    assert "94103" not in supporter.get("/campaigns/week").text


def test_what_nobody_sees_is_left_out_of_a_day_and_a_reminder(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/week")
    page = ask(supporter, "\u202d94103\u202c")
    assert "Your region's day is Saturday, March 7" in words(page)
    supporter.post("/campaigns/week", **{**REMIND, "name": "\u2068Mai Example\u2069"})
    with database.read() as session:
        assert session.scalars(select(Action)).one().name == "Mai Example"


def test_whose_day_has_passed_is_told_which_comes_next(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    save(
        database,
        week,
        action_day("midwest", date(2026, 3, 3), ["WI"]),
        action_day("west", date(2026, 3, 7), ["CA"]),
    )
    supporter.get("/campaigns/week")
    said = words(ask(supporter, "53703"))
    assert "Your region's day has passed. You may still join West on Saturday, March 7" in said
    save(database, week, action_day("west", date(2026, 3, 7), ["CA"]))
    said = words(ask(supporter, "53703"))
    assert "No region of this week has a day for Wisconsin alone. You may join every day." in said


@pytest.mark.parametrize(("typed", "said"), [("", "Enter the ZIP code"), ("abc", "ZIP"), ("99999", "ZIP")])
def test_what_is_no_zip_code_is_told_at_its_field_and_stays(
    week: int, supporter: SupporterBrowser, typed: str, said: str
) -> None:
    supporter.get("/campaigns/week")
    page = ask(supporter, typed)
    assert page.status_code == 400
    assert title(page).startswith("Error: ")
    assert said in problems(page)
    assert supporter.fields["home"] == typed


def test_the_answer_is_fetched_so_that_back_and_reload_ask_nothing(week: int, supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/week")
    wrong = supporter.post("/campaigns/week/days", home="abc")
    for _again in range(2):
        told = supporter.get(wrong.location)
        assert (told.status_code, supporter.fields["home"]) == (400, "abc")
    right = ask(supporter, "94103")
    assert right.status_code == 200
    assert "Your region's day is" in words(supporter.get(right.request.full_path))
    other = supporter.client.application.test_client().get(right.request.full_path, base_url=BASE)
    assert (other.status_code, other.location) == (303, "/campaigns/week")  # it is nobody else's


def test_what_to_do_once_a_day_has_passed_is_the_authors_or_what_is_offered_next(
    week: int, supporter: SupporterBrowser, database: Database, clock: Callable[[datetime], Flask]
) -> None:
    east = re.split(r'<li id="midwest"', supporter.get("/campaigns/week").text)[0]
    assert "What you can do now:" in east
    assert "/campaigns/ab969" in east
    save(
        database,
        week,
        action_day("east", date(2026, 3, 3), ["NY"], after="Write a letter to the editor."),
        action_day("west", date(2026, 3, 7), ["CA"]),
        after="The week is over: *thank you*.",
    )
    said = words(supporter.get("/campaigns/week"))
    assert "Write a letter to the editor." in said
    assert "What you can do now" not in said
    assert "The week is over" not in said
    clock(NOW + timedelta(days=10))
    page = supporter.get("/campaigns/week")
    assert "All days have passed. The week is over: thank you ." in words(page)
    assert 'name="email"' not in page.text
    refused = supporter.post("/campaigns/week", **REMIND)
    assert (refused.status_code, "has no day left to be reminded of" in problems(refused)) == (409, True)


def test_a_reminder_needs_no_name_and_leads_to_a_receipt(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/week")
    receipt = supporter.submit(**REMIND)
    assert title(receipt).startswith("We will remind you")
    said = words(receipt)
    assert "Friday, March 6, 2026: Midwest" in said
    assert "1 person wants to be reminded" in said
    assert "Thank you. " in said
    with database.read() as session:
        action = session.scalars(select(Action)).one()
        assert (action.name, action.state, action.details) == ("", "WI", {"days": ["midwest"]})
        assert [row.day for row in session.scalars(select(DayReminder))] == ["midwest"]
    undone = supporter.post(f"{supporter.path}/cancellation")
    assert undone.status_code == 303
    assert title(supporter.get(undone.location)).startswith("You get no reminder")
    with database.read() as session:
        assert session.scalars(select(DayReminder)).all() == []
    supporter.get(f"{supporter.path}/erasure")
    supporter.submit()
    with database.read() as session:
        assert session.scalars(select(Action)).one().email == ""


def test_what_is_wrong_with_it_is_told_at_its_field_and_nothing_is_lost(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    supporter.get("/campaigns/week")
    page = supporter.submit(email="mai", zip="53704", consent="")
    assert page.status_code == 400
    said = problems(page)
    for sentence in ('has no "@"', "Tick the days that you want", "Tick this box to say that we may keep"):
        assert sentence in said
    ticked = supporter.submit(**{**REMIND, "email": "mai"})
    assert re.search(r'value="midwest" checked', ticked.text)
    assert supporter.fields["email"] == "mai"
    save(database, week, action_day("west", date(2026, 3, 7), ["CA"]))
    gone = supporter.submit(**REMIND)
    assert (gone.status_code, "One of these days is not part of it any more" in problems(gone)) == (400, True)


def test_the_days_are_told_where_the_address_is_confirmed(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, week, confirm="always")
    supporter.get("/campaigns/week")
    receipt = supporter.submit(**REMIND)
    assert title(receipt).startswith("No reminder yet: please confirm")
    with database.read() as session:
        raw = session.scalars(select(SupporterMail).order_by(SupporterMail.id)).all()[0].raw.decode()
    found = re.search(r"/confirmations/[\w=\r\n-]+?(?=\r\n\r\n)", raw)
    assert found
    link = found[0].replace("=\r\n", "").replace("=3D", "=")
    asked = supporter.get(link)
    assert "They want to be reminded of: Friday, March 6, 2026: Midwest" in words(asked)
    assert title(supporter.submit()).startswith("We will remind you")


def token_of(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(DayReminder.token)).one()


def test_one_click_in_a_mail_program_ends_reminders(
    week: int, supporter: SupporterBrowser, database: Database, site: Flask, settings: Settings
) -> None:
    supporter.get("/campaigns/week")
    supporter.submit(**REMIND)
    path = f"/reminders/{token_of(database)}"
    asked = supporter.get(path)
    assert "End the reminders?" in title(asked)
    assert asked.headers["Cache-Control"] == "no-store"
    with database.write() as session:
        assert session.scalars(select(DayReminder)).all()  # looking ends nothing
        day_reminders.put_due(session, settings=settings, now=NOW + timedelta(days=1, hours=12))
        assert session.scalars(select(SupporterMail)).all()
    program = site.test_client()  # without a cookie, and with nothing but what RFC 8058 has it post
    for _ in range(2):
        answer = program.post(path, base_url=BASE, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)
        assert "You get no more reminders" in answer.text
    with database.read() as session:
        assert session.scalars(select(SupporterMail)).all() == []
        assert session.scalars(select(Action)).one().cancelled_at is not None
    again = supporter.get(path)
    assert (again.status_code, "No reminders come by this link" in title(again)) == (404, True)


def test_where_authors_remind_of_nothing_no_form_stands(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    save(database, week, action_day("west", date(2026, 3, 7), ["CA"]), reminders=False)
    assert 'name="email"' not in supporter.get("/campaigns/week").text


def test_a_closed_week_shows_its_agenda_and_asks_nothing(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    change(database, week, status="closed")
    page = supporter.get("/campaigns/week")
    assert days_of(page) == ["east", "midwest", "west"]
    assert "<form" not in page.text
    supporter.fields = {}
    assert supporter.post("/campaigns/week/days", home="53703").status_code in (403, 409)


def calendar(supporter: SupporterBrowser, path: str, **headers: str) -> Any:
    return supporter.client.get(f"/campaigns/week/{path}", base_url=BASE, headers=headers)


def read_by_both(raw: bytes) -> list[dict[str, tuple[int, str]]]:
    """Sequence and status by UID, as two parsers read them that know nothing of each other."""
    vobject.icalendar.registerTzid("America/Chicago", None)  # it keeps the zones of the first file that it reads
    ours = vobject.readOne(raw.decode())
    ours.validate(raiseException=True)
    first = {event.uid.value: (int(event.sequence.value), event.status.value) for event in ours.vevent_list}
    theirs = IcsCalendarStream.calendar_from_ics(raw.decode())
    second = {event.uid: (event.sequence or 0, str(event.status.value)) for event in theirs.events if event.status}
    return [first, second]


def test_the_calendar_file_is_served_as_one_and_only_once(week: int, supporter: SupporterBrowser) -> None:
    served = calendar(supporter, "days.ics")
    assert served.status_code == 200
    assert served.content_type == "text/calendar; charset=utf-8"
    assert served.headers["Content-Disposition"] == 'attachment; filename="week.ics"'
    expected = {f"week.{key}.1@127.0.0.1": (0, "CONFIRMED") for key in ("east", "midwest", "west")}
    assert read_by_both(served.data) == [expected, expected]
    assert calendar(supporter, "days.ics").headers["ETag"] == served.headers["ETag"]
    known = calendar(supporter, "days.ics", **{"If-None-Match": served.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    one = calendar(supporter, "days/midwest.ics")
    assert one.headers["Content-Disposition"] == 'attachment; filename="week-midwest.ics"'
    assert read_by_both(one.data) == [{"week.midwest.1@127.0.0.1": (0, "CONFIRMED")}] * 2
    assert b"X-WR-CALNAME:Week of action: Midwest" in one.data


def test_a_change_counts_on_and_a_day_taken_out_is_cancelled(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    before = calendar(supporter, "days.ics").headers["ETag"]
    save(
        database,
        week,
        action_day("midwest", date(2026, 3, 8), ["WI", "MN"]),
        action_day("west", date(2026, 3, 7), ["CA", "HI"]),
        now=NOW + timedelta(hours=1),
    )
    after = calendar(supporter, "days.ics", **{"If-None-Match": before})
    assert after.status_code == 200
    expected = {
        "week.midwest.1@127.0.0.1": (1, "CONFIRMED"),
        "week.west.1@127.0.0.1": (0, "CONFIRMED"),
        "week.east.1@127.0.0.1": (1, "CANCELLED"),
    }
    assert read_by_both(after.data) == [expected, expected]
    gone = calendar(supporter, "days/east.ics")
    assert read_by_both(gone.data) == [{"week.east.1@127.0.0.1": (1, "CANCELLED")}] * 2


def test_there_is_no_calendar_of_what_is_no_week_or_not_to_be_seen(
    week: int, supporter: SupporterBrowser, database: Database
) -> None:
    for path in ("/campaigns/week/days/north.ics", "/campaigns/ab969/days.ics", "/campaigns/nothing/days.ics"):
        assert supporter.client.get(path, base_url=BASE).status_code == 404
    supporter.get("/campaigns/ab969")
    assert supporter.post("/campaigns/ab969/days", home="53703").status_code == 404
    for status in ("draft", "scheduled", "archived"):
        change(database, week, status=status, opens_at=NOW + timedelta(days=1))
        assert calendar(supporter, "days.ics").status_code == 404
    change(database, week, status="closed")
    assert calendar(supporter, "days.ics").status_code == 200


def test_a_page_that_was_open_too_long_shows_the_days_again(week: int, supporter: SupporterBrowser) -> None:
    supporter.get("/campaigns/week")
    refused = supporter.post("/campaigns/week", **{**REMIND, "csrf_token": "old"})
    assert refused.status_code == 403
    assert re.search(r'value="midwest" checked', refused.text)
    asked = supporter.post("/campaigns/week/days", csrf_token="old", home="53703")
    assert (asked.status_code, days_of(asked)) == (403, ["east", "midwest", "west"])


def test_the_api_has_the_days_and_not_what_is_remembered_for_calendars(week: int, site: Flask) -> None:
    answer = site.test_client().get("/api/v1/campaigns", base_url=BASE).get_json()
    (listed,) = [campaign for campaign in answer["campaigns"] if campaign["slug"] == "week"]
    assert listed["kind"] == "days"
    assert list(listed["details"]) == ["reminders", "after", "day"]
    assert listed["details"]["day"][1]["date"] == "2026-03-06"
    assert listed["details"]["day"][1]["sessions"][0]["from"] == "12:00"


def test_a_day_is_read_in_another_language(week: int, supporter: SupporterBrowser, database: Database) -> None:
    spoken = {"day-west-text": "Traiga a su **vecina**."}
    change(database, week, translations={"es": spoken})
    page = supporter.get("/campaigns/week?lang=es")
    assert '<div lang="es"><p>Traiga a su <strong>vecina</strong>.</p></div>' in page.text.replace("\n", "")
    assert words(page).count("Bring a neighbor.") == 2
    assert "vecina" not in words(supporter.get("/campaigns/week?lang=en"))


def test_the_list_asks_for_nothing_once_all_days_have_passed(
    week: int, supporter: SupporterBrowser, clock: Callable[[datetime], Flask]
) -> None:
    assert "Remind me by mail : Week of action" in words(supporter.get("/?kind=days"))
    clock(NOW + timedelta(days=30))
    said = words(supporter.get("/?kind=days"))
    assert "Read on : Week of action" in said
    assert "Remind me by mail" not in said
