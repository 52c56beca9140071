"""Days of action in a campaign's file and form, and what calendars are given of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.campaign_form import check_details
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.kinds.days.week import KIND, days_in, listed_in, warnings
from actionmail.rules.campaigns.problems import CampaignFileError
from tests.wording import told

THEN, LATER = datetime(2022, 2, 8, 12, tzinfo=UTC), datetime(2022, 2, 9, 12, tzinfo=UTC)
WEEK = """\
slug = "week"
kind = "days"
status = "draft"
title = "Week of action"
summary = "Why."
organisation = "Example Org"
privacy_line = "For reminders alone."
timezone = "America/Chicago"

[days]
reminders = false
after = "Write a letter."

[[days.day]]
key = "midwest"
date = 2022-03-09
region = "Midwest"
states = ["WI", "MN"]
host = "Example Group"
link = "https://example.org/midwest"
text = \"\"\"
Bring a neighbor.

Bring soup.\"\"\"
after = "Come on Friday."

[[days.day.sessions]]
title = "Teach-in"
from = "12:00"
to = "13:30"
timezone = "America/Chicago"
link = "https://example.org/join"

[[days.day.sessions]]
from = "18:00"
to = "24:00"
timezone = "America/Chicago"

[[days.day]]
key = "west"
date = 2022-03-13
region = "West"
states = ["CA"]

[[days.day.sessions]]
from = "12:00"
to = "13:00"
timezone = "America/Los_Angeles"

[translations.es]
title = "Semana"
after = "Escriba una carta."
day-midwest-after = "Venga el viernes."
"""
LAST = '[[days.day.sessions]]\nfrom = "12:00"'


def details(text: str = WEEK) -> dict[str, Any]:
    read: dict[str, Any] = read_campaign(text, source="file.toml")[0]["details"]
    return read


def test_a_week_is_read_and_comes_out_the_same_to_the_byte() -> None:
    columns, letters = read_campaign(WEEK, source="file.toml")
    assert write_campaign(columns, letters) == WEEK
    midwest, west = days_in(columns["details"])
    assert (midwest.states, midwest.after, len(midwest.sessions)) == (("WI", "MN"), "Come on Friday.", 2)
    assert west.begins(west.sessions[0]) == datetime(2022, 3, 13, 19, tzinfo=UTC)
    own = kinds.own_words(columns)
    assert (own["after"], own["day-midwest-after"], own["day-west-text"]) == ("Write a letter.", "Come on Friday.", "")


def test_times_and_dates_are_read_as_people_write_them() -> None:
    typed = WEEK.replace('from = "12:00"\nto = "13:30"', "from = 12:00:00\nto = '1:30 p.m.'").replace(
        "date = 2022-03-09", 'date = "2022-03-09"'
    )
    assert details(typed) == details()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('["WI", "MN"]', "[]", "line 18, column 10: states: A region covers at least one state."),
        ('["WI", "MN"]', '["WI", "WI"]', "line 18, column 10: states: It names WI twice."),
        ('["CA"]', '["CA", "MN"]', "line 43, column 10: states: MN is in the region “Midwest” already."),
        ('["CA"]', '["XX"]', "line 43, column 10: states: It must be the two capital letters of a state"),
        ('key = "west"', 'key = "midwest"', "line 40, column 7: key: Another day has the name “midwest” already."),
        ('key = "west"', 'key = "West"', "line 40, column 7: key: It must be small letters, digits"),
        ("date = 2022-03-13", "date = 2022-03-13T10:00:00", "line 41, column 8: date: It must be a date such as"),
        ("date = 2022-03-13", 'date = "13 March"', "line 41, column 8: date: It must be a date such as 2022-02-18."),
        ("date = 2022-03-13", "date = 1022-03-13", "line 41, column 8: date: The year 1022 cannot be meant."),
        ('to = "24:00"', 'to = "17:00"', "line 36, column 6: to: It ends before it begins."),
        ('to = "24:00"', 'to = "7:00"', "line 36, column 6: to: It ends before it begins; do you mean 19:00?"),
        ('to = "24:00"', 'to = "24:01"', "line 36, column 6: to: It must be a time such as 15:00 or 3 pm."),
        (
            'from = "12:00"\nto = "13:00"',
            'from = "2:30"\nto = "13:00"',
            "line 46, column 8: from: There is no 02:30 on that day in America/Los_Angeles",
        ),
        ('"America/Los_Angeles"', '"Pacific"', "line 48, column 12: timezone: It must be a time zone"),
        ('"https://example.org/join"', '"javascript:alert(1)"', "line 32, column 8: link: It must be an address that"),
        ('region = "West"', "", 'line 39, column 1: "region" is missing in [[days.day]] 2'),
        ('from = "18:00"\n', "", 'line 34, column 1: "from" is missing in [[days.day.sessions]] 2'),
        ('from = "18:00"', 'form = "18:00"', 'line 35, column 8: There is no "form" here; did you mean from?'),
        (
            "day-midwest-after",
            "day-midwest-over",
            'There is no "day-midwest-over" here; did you mean day-midwest-after?',
        ),
        ("day-midwest-after", "day-south-text", 'There is no "day-south-text" here'),
        ("[[days.day]]", "[[days.days]]", 'There is no "days" here'),
        (LAST, LAST.replace("[[", "[").replace("]]", "]"), "begin each with a line [[days.day.sessions]]."),
    ],
)
def test_a_mistake_is_told_with_its_place(before: str, after: str, said: str) -> None:
    assert before in WEEK
    with pytest.raises(CampaignFileError) as caught:
        read_campaign(WEEK.replace(before, after), source="file.toml")
    assert said in told(caught.value)


def test_a_week_without_days_or_with_too_many_is_refused() -> None:
    for days, said in (("", "There is no day; add one."), (_many(61), "There are 61; at most 60 are taken.")):
        with pytest.raises(CampaignFileError) as caught:
            read_campaign(WEEK[: WEEK.index("[[days.day]]")] + days, source="file.toml")
        assert said in told(caught.value)
    assert [problem.code for problem in kinds.problems("days", {})] == ["days.none"]


def _many(count: int) -> str:
    day = '[[days.day]]\nkey = "d{0}"\ndate = 2022-03-09\nregion = "R"\nstates = ["WI"]\n'
    return "".join(day.format(number) for number in range(count))


def test_a_form_tells_each_mistake_at_its_own_field() -> None:
    typed = details()
    typed["day"][1]["sessions"][0]["to"] = "soon"
    typed["day"][1]["region"] = ""
    _, faults = check_details("days", typed)
    assert {key: problems[0].code for key, problems in faults.items()} == {
        "day-1-region": "value.empty",
        "day-1-sessions-0-to": "value.no-clock-time",
    }
    typed["day"][1]["region"], typed["day"][1]["sessions"][0]["to"] = "West", "11:00"
    assert list(check_details("days", typed)[1]) == ["day-1-sessions-0-to"]
    typed["day"][1]["sessions"] = []
    assert check_details("days", typed)[1] == {}


def test_states_without_a_day_and_doubled_hours_are_only_to_be_looked_at() -> None:
    doubled = details(WEEK.replace("2022-03-13", "2022-11-06").replace('"12:00"\nto = "13:00"', '"1:30"\nto = "13:00"'))
    assert [problem.problem.code for problem in warnings(doubled)] == ["days.hour-twice", "days.states-left-out"]


def test_calendars_are_told_of_changes_and_removals_once_supporters_saw_the_page() -> None:
    first = KIND.remember({}, details(), False, THEN)
    assert [(entry.event.key, entry.sequence) for entry in listed_in(first)] == [
        ("midwest/1", 0),
        ("midwest/2", 0),
        ("west/1", 0),
    ]
    assert KIND.remember(first, details(), True, LATER) == first
    moved = details(WEEK.replace("2022-03-09", "2022-03-10"))
    second = KIND.remember(first, moved, True, LATER)
    assert [(entry.sequence, entry.changed_at) for entry in listed_in(second)] == [(1, LATER), (1, LATER), (0, THEN)]
    del moved["day"][0]
    third = listed_in(KIND.remember(second, moved, True, LATER))
    assert [(entry.event.key, entry.sequence, entry.is_cancelled) for entry in third] == [
        ("west/1", 0, False),
        ("midwest/1", 2, True),
        ("midwest/2", 2, True),
    ]
    unseen = listed_in(KIND.remember(first, moved, False, LATER))
    assert [(entry.event.key, entry.sequence) for entry in unseen] == [("west/1", 0)]


def test_what_is_remembered_is_in_no_file_and_on_no_page() -> None:
    columns, letters = read_campaign(WEEK, source="file.toml")
    columns["details"] = KIND.remember({}, columns["details"], True, THEN)
    assert write_campaign(columns, letters) == WEEK
    assert "listed" not in kinds.whole("days", columns["details"])


def test_words_go_with_their_day_and_are_written_in_its_place() -> None:
    columns, letters = read_campaign(WEEK, source="file.toml")
    columns["details"]["day"].reverse()
    columns["translations"]["es"] |= {"day-west-text": "Al oeste.", "day-midwest-text": "Al centro."}
    written = write_campaign(columns, letters).partition("[translations.es]")[2]
    assert [line.partition(" ")[0] for line in written.splitlines() if line] == [
        "title",
        "after",
        "day-west-text",
        "day-midwest-text",
        "day-midwest-after",
    ]
    del columns["details"]["day"][1]
    assert list(kinds.still_said(columns)["es"]) == ["title", "after", "day-west-text"]
    columns["translations"]["es"] = {"day-midwest-text": "Al centro."}
    assert kinds.still_said(columns) == {}
    assert "day-midwest" not in write_campaign(columns, letters)
