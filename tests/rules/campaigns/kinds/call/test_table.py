"""The table `[call]` in a campaign's file and form."""

from __future__ import annotations

from typing import Any

import pytest

from actionmail.rules.campaigns import kinds
from actionmail.rules.campaigns.campaign_file import read_campaign
from actionmail.rules.campaigns.campaign_form import check_details
from actionmail.rules.campaigns.file_writing import write_campaign
from actionmail.rules.campaigns.kinds.call.hours_text import typed_rows, written_rows
from actionmail.rules.campaigns.kinds.call.office_hours import OfficeHours, Span
from actionmail.rules.campaigns.kinds.call.table import fixed_line, hours_of
from actionmail.rules.campaigns.problems import CampaignFileError
from tests.wording import told

CALL = """\
slug = "comment-line"
kind = "call"
status = "draft"
title = "Call the comment line"
summary = "Why."
organisation = "Example Org"
privacy_line = "Nobody learns who called."
timezone = "America/New_York"

[call]
whom = "number"
name = "The comment line"
number = "202-456-1111 x12"
tty = "202-456-6213"
script = \"\"\"
My name is ____ from (city, state).
Please act.\"\"\"
timezone = "America/New_York"
closed = ["2022-11-24"]

[[call.hours]]
days = ["tue", "wed", "thu"]
from = "11:00"
to = "15:00"

[translations.es]
script = "Me llamo [your name], de [city]."
"""


def read(text: str) -> dict[str, Any]:
    return read_campaign(text, source="file.toml")[0]


def refusal(text: str) -> str:
    with pytest.raises(CampaignFileError) as caught:
        read(text)
    return told(caught.value)


def test_it_comes_out_as_it_went_in_to_the_byte() -> None:
    columns = read(CALL)
    assert write_campaign(columns, []) == CALL
    spans = (Span(days=("tue", "wed", "thu"), opens=660, closes=900),)
    hours = hours_of(columns["details"])
    assert isinstance(hours, OfficeHours)
    assert (hours.zone, hours.spans, len(hours.closed)) == ("America/New_York", spans, 1)
    line = fixed_line("comment-line", columns["details"])
    assert line.number.tel_uri == "tel:+12024561111,,12"
    assert line.tty is not None
    assert kinds.own_words(columns)["script"].startswith("My name is")


def test_numbers_times_and_dates_may_be_written_as_people_write_them() -> None:
    typed = (
        CALL.replace('"202-456-1111 x12"', '"+1 (202) 456.1111 ext. 12"')
        .replace('from = "11:00"', "from = 11:00:00")
        .replace('to = "15:00"', 'to = "3 p.m."')
        .replace('["2022-11-24"]', "[2022-11-24]")
    )
    assert write_campaign(read(typed), []) == CALL


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("456-1111 x12", "456-111", "line 13, column 10: number: This number has 9 digits"),
        ("456-1111 x12", "456-1111 / 202-456-1414", "line 13, column 10: number: These are several numbers"),
        ("202-456-1111 x12", "911-456-1111", "line 13, column 10: number: The numbering plan has no such number"),
        ("202-456-1111 x12", "900-456-1111", "line 13, column 10: number: "),
        ("202-456-1111 x12", "+44 20 7946 0018", "number: This number is not one of the United States"),
        ("202-456-1111 x12", "call me", "number: This is no phone number"),
        ('number = "202-456-1111 x12"\n', "", "line 10, column 1: number: Say which number is called."),
        ('name = "The comment line"\n', "", "name: Say who answers"),
        ('whom = "number"', 'whom = "own"', "line 12, column 8: name: This is only for a fixed number."),
        ('whom = "number"', 'whom = "owner"', "line 11, column 8: whom: It must be one of number, own, committee"),
        ("is ____ from", "is ____ and ____ from", "in line 1, column 21 of the text."),
        ("(city, state)", "[shoe size]", "[shoe size]"),
        ("(city, state)", "[stat]", "did you mean"),
        ("(city, state)", "{{ legislator_name }}", "A fixed number is nobody of the roster"),
        ("Please act.", "Please [act.", "bracket"),
        ("Please act.", "TODO", "TODO"),
        ('["tue", "wed", "thu"]', '["tue", "tues"]', "line 22, column 8: days: "),
        ('["tue", "wed", "thu"]', '["tue", "tue"]', "line 22, column 8: days: "),
        ('from = "11:00"', 'from = "11"', "line 23, column 8: from: It must be a time"),
        ('to = "15:00"', 'to = "3:00"', "line 24, column 6: to: It ends before it begins. Did you mean 15:00?"),
        ('to = "15:00"', 'to = "10:00"', "line 24, column 6: to: It ends before it begins."),
        ('timezone = "America/New_York"\nclosed', "closed", "timezone: Say by which clocks"),
        ('["2022-11-24"]', '["2022-13-24"]', "line 19, column 10: closed: "),
        (
            "[translations.es]",
            '[[call.hours]]\ndays = ["wed"]\nfrom = "14:00"\nto = "16:00"\n\n[translations.es]',
            "line 28, column 8: from: These hours overlap",
        ),
        ("Me llamo [your name]", "Me llamo [shoe size]", "script: "),
    ],
)
def test_what_is_wrong_has_line_column_and_a_sentence(before: str, after: str, said: str) -> None:
    assert before in CALL
    assert said in refusal(CALL.replace(before, after))


def test_legislators_are_those_of_a_state() -> None:
    own = CALL.replace('whom = "number"', 'whom = "own"\nchambers = ["upper"]')
    for line in ('name = "The comment line"\n', 'number = "202-456-1111 x12"\n', 'tty = "202-456-6213"\n'):
        own = own.replace(line, "")
    assert "line 10, column 1: It is about the legislators of a state" in refusal(own)
    columns = read(own.replace("summary", 'state = "WI"\nsummary'))
    assert kinds.chambers_of(columns) == ["upper"]
    assert kinds.problems("call", columns["details"], state="WI") == []
    assert [problem.code for problem in kinds.problems("call", columns["details"], state="")] == ["kind.needs-state"]
    assert write_campaign(columns, []).count("chambers") == 1


def test_members_of_congress_are_those_of_every_state() -> None:
    own = CALL.replace('whom = "number"', 'whom = "own"\nchambers = ["us_upper", "us_lower"]')
    for line in ('name = "The comment line"\n', 'number = "202-456-1111 x12"\n', 'tty = "202-456-6213"\n'):
        own = own.replace(line, "")
    columns = read(own)
    assert kinds.problems("call", columns["details"], state="") == []
    mixed = own.replace('["us_upper", "us_lower"]', '["us_upper", "lower"]')
    assert "It is about the legislators of a state" in refusal(mixed)


def test_a_draft_lacks_what_it_lacks() -> None:
    assert [problem.values["name"] for problem in kinds.problems("call", {}, state="")] == ["whom", "script"]


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("tue-thu 11:00-15:00", [{"days": ["tue", "wed", "thu"], "from": "11:00", "to": "15:00"}]),
        ("Tuesday to Thursday, 11 am to 3 pm", [{"days": ["tue", "wed", "thu"], "from": "11 am", "to": "3 pm"}]),
        ("Mon, Wed and Fri 9:00 – 12:00", [{"days": ["mon", "wed", "fri"], "from": "9:00", "to": "12:00"}]),
        ("\nmon 9:00-10:00\n\n", [{"days": ["mon"], "from": "9:00", "to": "10:00"}]),
        ("someday 9:00", [{"days": ["someday"], "from": "9:00", "to": ""}]),
        ("tue", [{"days": ["tue"], "from": "", "to": ""}]),
        ("", []),
    ],
)
def test_hours_are_typed_a_span_a_line(typed: str, rows: list[dict[str, Any]]) -> None:
    assert typed_rows(typed) == rows


def test_hours_are_shown_as_they_are_typed() -> None:
    rows = read(CALL)["details"]["hours"]
    assert written_rows(rows) == "tue wed thu 11:00-15:00"
    assert typed_rows(written_rows(rows)) == rows


def test_a_faulty_row_stands_at_its_row_and_key() -> None:
    details = {**read(CALL)["details"], "hours": typed_rows("mon 9:00-10:00\ntue 11:00-3:00\n")}
    assert check_details("call", details)[1].keys() == {"hours-1-to"}
    details["hours"] = typed_rows("lun 9-10:00")
    assert check_details("call", details)[1].keys() == {"hours-0-days", "hours-0-from"}
