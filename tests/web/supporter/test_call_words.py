"""Numbers and hours in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actionmail.rules.campaigns.kinds.call.office_hours import OfficeHours, Span
from actionmail.rules.campaigns.kinds.call.phone_numbers import phone_number
from actionmail.web.supporter.call_words import aloud, shown, standing, week_words

HOURS = OfficeHours(
    zone="America/New_York",
    spans=(
        Span(days=("tue", "wed", "thu"), opens=660, closes=900),
        Span(days=("fri",), opens=570, closes=720),
        Span(days=("fri",), opens=780, closes=1440),
    ),
)
WEDNESDAY = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)  # noon in the East


@pytest.mark.parametrize(
    ("typed", "read", "heard"),
    [
        ("202 456 1111", "202-456-1111", "two zero two, four five six, one one one one"),
        ("608-266-2512 x12", "608-266-2512, extension 12", "six zero eight, two six six, two five one two, "),
        ("1-800-FLOWERS", "1-800-FLOWERS (800-356-9377)", "eight zero zero, three five six, nine three seven seven"),
    ],
)
def test_a_number_is_shown_and_read_aloud(typed: str, read: str, heard: str) -> None:
    assert shown(phone_number(typed)) == read
    assert aloud(phone_number(typed)).startswith(heard)
    assert aloud(phone_number(typed)).endswith("extension one two") == ("x12" in typed)


def test_a_week_is_said_by_the_offices_clocks_and_by_the_callers() -> None:
    assert week_words(HOURS, "", WEDNESDAY) == [
        "Tuesday to Thursday, 11 AM to 3 PM",
        "Friday, 9:30 AM to noon and 1 PM to midnight",
    ]
    assert week_words(HOURS, "Pacific/Honolulu", WEDNESDAY) == [
        "Tuesday to Thursday, 6 AM to 10 AM",
        "Friday, 4:30 AM to 7 AM and 8 AM to 7 PM",
    ]


@pytest.mark.parametrize(
    ("zone", "hour", "said"),
    [
        ("", 17, "Somebody should answer now, until 3 PM Eastern time."),
        ("America/Los_Angeles", 17, "Somebody should answer now, until noon Pacific time."),
        ("America/Phoenix", 17, "Somebody should answer now, until 1 PM Mountain time."),
        ("", 21, "Nobody answers now. The next time is Thursday, March 5, from 11 AM to 3 PM Eastern time."),
        ("Pacific/Guam", 21, "Nobody answers now. The next time is Friday, March 6, from 2 AM to 6 AM Chamorro time."),
    ],
)
def test_it_is_said_whether_somebody_answers(zone: str, hour: int, said: str) -> None:
    assert standing(HOURS, zone, WEDNESDAY.replace(hour=hour)) == said


def test_where_nobody_ever_answers_that_is_said() -> None:
    assert standing(OfficeHours(zone="America/New_York", spans=()), "", WEDNESDAY).startswith("Nobody answers")
