"""The calendar file through two parsers that did not write it: vobject, which reads zones by their rules, and ical."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil import tz as dateutil_zones
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from actionmail.gateways.documents.calendar_file import MEDIA_TYPE, calendar_file
from actionmail.gateways.documents.calendar_zones import zone_component
from actionmail.rules.campaigns.kinds.days.days import ActionDay, Session
from actionmail.rules.campaigns.kinds.days.listed_events import CalendarOf, revised
from actionmail.rules.districts.time_zones import ZONES, zones_of

THEN, LATER = datetime(2022, 4, 20, 12, tzinfo=UTC), datetime(2022, 4, 21, 12, tzinfo=UTC)
EVERY_ZONE = zones_of(ZONES)
KHMER = "សប្ដាហ៍នៃសកម្មភាព ដើម្បីសិទ្ធិរបស់យើងទាំងអស់គ្នា " * 3
OF = CalendarOf(
    title="Week of action; freedom, now \\Now",
    slug="week-of-action",
    page_url="https://act.example.org/campaigns/week-of-action/days",
    host="act.example.org",
)


def session(zone: str, **changes: Any) -> Session:
    values: dict[str, Any] = {"title": KHMER.strip(), "begins": 720, "ends": 790, "zone": zone}
    return Session(**values | {"link": "https://example.org/join?a=1,2;b=3"} | changes)


def day(key: str = "midwest", on: date = date(2022, 5, 4), **changes: Any) -> ActionDay:
    values: dict[str, Any] = {"region": "Midwest", "states": ("WI",), "sessions": (session("America/Chicago"),)}
    values |= {
        "host": "Example, Group; \\ “Mai”",
        "text": f"{KHMER}\n\nBEGIN:VEVENT\nBring: a sign\\n, a friend; by C:\\New",
    }
    return ActionDay(key=key, day=on, **values | changes)


def written(*days: ActionDay) -> bytes:
    return calendar_file(revised((), days, THEN), OF)


def by_uid(events: Any) -> dict[str, Any]:
    return {event.uid.value if hasattr(event.uid, "value") else event.uid: event for event in events}


def parsed_by_vobject(raw: bytes) -> dict[str, Any]:
    for zone in EVERY_ZONE:  # vobject keeps the zones of the first file that it reads, and reads all others by them
        vobject.icalendar.registerTzid(zone, None)
    calendar = vobject.readOne(raw.decode())
    calendar.validate(raiseException=True)
    return by_uid(calendar.contents.get("vevent", ()))


def parsed_by_ical(raw: bytes) -> dict[str, Any]:
    return by_uid(IcsCalendarStream.calendar_from_ics(raw.decode()).events)


def test_lines_are_folded_at_75_octets_between_characters_and_end_in_crlf() -> None:
    raw = written(day())
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(len(line) > 70 for line in lines)
    for line in lines:
        line.decode()  # no character is split
    assert MEDIA_TYPE == "text/calendar; charset=utf-8"


def test_both_parsers_read_what_was_written() -> None:
    listed = day()
    raw = written(listed)
    uid = "week-of-action.midwest.1@act.example.org"
    summary = f"Week of action; freedom, now \\Now: Midwest: {KHMER.strip()}"
    join = "https://example.org/join?a=1,2;b=3"
    words = "\n\n".join((listed.text, listed.host, join, f"{OF.page_url}#midwest"))
    ours, theirs = parsed_by_vobject(raw)[uid], parsed_by_ical(raw)[uid]
    assert (ours.summary.value, ours.description.value) == (summary, words)
    assert (theirs.summary, theirs.description) == (summary, words)
    assert (ours.location.value, theirs.location) == (join, join)
    assert (ours.url.value, str(theirs.url)) == (join, join)
    begins = datetime(2022, 5, 4, 17, tzinfo=UTC)
    assert (ours.dtstart.value, ours.dtend.value) == (begins, begins + timedelta(minutes=70))
    assert (theirs.dtstart, theirs.dtend) == (begins, begins + timedelta(minutes=70))
    assert (ours.sequence.value, theirs.sequence) == ("0", 0)
    assert theirs.last_modified == theirs.dtstamp == THEN
    assert (ours.status.value, theirs.status) == ("CONFIRMED", "CONFIRMED")
    assert ours.valarm.trigger.value == theirs.alarm[0].trigger == timedelta(minutes=-30)


def test_text_that_looks_like_the_format_adds_nothing_to_it() -> None:
    raw = written(day(text="x\r\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil", region="A\nATTENDEE:mailto:mai@example.org"))
    for events in (parsed_by_vobject(raw), parsed_by_ical(raw)):
        assert list(events) == ["week-of-action.midwest.1@act.example.org"]
    assert not [line for line in raw.split(b"\r\n") if line.startswith((b"ATTENDEE", b"UID:evil"))]


@pytest.mark.parametrize("year", [2006, 2007, 2022, 2026, 2037])
def test_every_zone_of_the_states_is_read_by_its_rules(year: int) -> None:
    """On the days of changing clocks too; the rules were others up to 2006."""
    days = []
    for number, zone in enumerate(EVERY_ZONE):
        for month, of_month in ((1, 1), (3, 11), (3, 14), (4, 2), (7, 4), (10, 29), (11, 1), (11, 6), (12, 31)):
            on = date(year, month, of_month)
            times = (session(zone, begins=1, ends=200), session(zone, begins=600, ends=1440))
            days.append(day(key=f"z{number}-{month}-{of_month}", on=on, sessions=times, text="", host=""))
    raw = written(*days)
    expected = {}
    for listed in days:
        for number, part in enumerate(listed.sessions, 1):
            uid = f"week-of-action.{listed.key}.{number}@act.example.org"
            expected[uid] = (listed.begins(part), listed.ends(part))
    ours = {uid: (event.dtstart.value, event.dtend.value) for uid, event in parsed_by_vobject(raw).items()}
    theirs = {uid: (event.dtstart, event.dtend) for uid, event in parsed_by_ical(raw).items()}
    assert {uid: tuple(at.astimezone(UTC) for at in both) for uid, both in ours.items()} == expected
    assert {uid: tuple(at.astimezone(UTC) for at in both) for uid, both in theirs.items()} == expected


@pytest.mark.parametrize("zone", [*EVERY_ZONE, "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_a_zones_own_rules_are_right_without_its_name(zone: str, tmp_path: Any) -> None:
    """As Outlook reads it, which does not know the name: around every change of three years, and in between."""
    first, last = date(2022, 1, 1), date(2024, 12, 31)
    file = Calendar()
    component = zone_component(zone, first, last)
    component["TZID"] = "Nowhere"
    file.add_component(component)
    path = tmp_path / "zone.ics"
    path.write_bytes(file.to_ical())
    by_rules = dateutil_zones.tzical(str(path)).get("Nowhere")
    clock = ZoneInfo(zone)
    shown = datetime(2022, 1, 1)  # noqa: DTZ001 - as clocks show it
    while shown.year <= last.year:
        meant, read = shown.replace(tzinfo=clock), shown.replace(tzinfo=by_rules)
        is_plain = meant.utcoffset() == meant.replace(fold=1).utcoffset()
        if is_plain:
            assert read.utcoffset() == meant.utcoffset(), shown
        tomorrow = (shown + timedelta(days=1)).replace(tzinfo=clock)
        is_quiet = (shown - timedelta(days=1)).replace(tzinfo=clock).utcoffset() == tomorrow.utcoffset()
        shown += timedelta(hours=12) if is_quiet else timedelta(minutes=30)


@pytest.mark.parametrize("zone", EVERY_ZONE)
def test_a_zone_is_told_in_the_way_that_outlook_reads(zone: str) -> None:
    """One rule for each change, and no list of dates (MS-STANOICAL 2.2.47)."""
    text = zone_component(zone, date(2022, 1, 1), date(2024, 12, 31)).to_ical().decode()
    assert "RDATE" not in text
    changes = 0 if zone.split("/")[1] in ("Phoenix", "Honolulu", "Puerto_Rico", "Guam", "Pago_Pago") else 2
    assert text.count("RRULE:") == changes
    assert "UNTIL" not in text
    assert text.count("BEGIN:STANDARD") == 1


def test_zones_that_nothing_is_in_are_not_in_the_file() -> None:
    raw = written(day(), day(key="west", sessions=(session("America/Los_Angeles"),)), day(key="south", sessions=()))
    assert [line for line in raw.decode().split("\r\n") if line.startswith("TZID:")] == [
        "TZID:America/Chicago",
        "TZID:America/Los_Angeles",
    ]


def test_a_day_without_sessions_is_a_whole_day() -> None:
    raw = written(day(sessions=()))
    uid = "week-of-action.midwest.day@act.example.org"
    ours, theirs = parsed_by_vobject(raw)[uid], parsed_by_ical(raw)[uid]
    assert (ours.dtstart.value, ours.dtend.value) == (date(2022, 5, 4), date(2022, 5, 5))
    assert (theirs.dtstart, theirs.dtend) == (date(2022, 5, 4), date(2022, 5, 5))
    assert ours.transp.value == "TRANSPARENT"
    assert str(theirs.url) == f"{OF.page_url}#midwest"


def test_a_change_keeps_the_uid_and_counts_on_and_a_removal_is_cancelled() -> None:
    listed = revised((), (day(), day(key="west")), THEN)
    entries = revised(listed, (day(on=date(2022, 5, 6)),), LATER)
    raw = calendar_file(entries, OF)
    theirs, ours = parsed_by_ical(raw), parsed_by_vobject(raw)
    moved, gone = "week-of-action.midwest.1@act.example.org", "week-of-action.west.1@act.example.org"
    assert set(theirs) == set(ours) == {moved, gone}
    assert (theirs[moved].sequence, theirs[moved].last_modified, theirs[moved].status) == (1, LATER, "CONFIRMED")
    assert (theirs[gone].sequence, theirs[gone].last_modified, theirs[gone].status) == (1, LATER, "CANCELLED")
    assert (ours[gone].status.value, ours[gone].dtstart.value.day) == ("CANCELLED", 4)
    assert (len(theirs[moved].alarm), len(theirs[gone].alarm)) == (1, 0)


def test_the_same_days_are_the_same_bytes() -> None:
    assert written(day()) == written(day())


def test_the_file_names_the_campaign_and_the_region_where_it_is_of_one() -> None:
    lines = written(day()).decode().replace("\r\n ", "").split("\r\n")
    assert "X-WR-CALNAME:Week of action\\; freedom\\, now \\\\Now" in lines
    assert "CALSCALE:GREGORIAN" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H" in lines
    assert not [line for line in lines if line.startswith("METHOD")]
    of_one = CalendarOf(
        title="Week", slug="w", page_url="https://act.example.org/w", host="act.example.org", region="West"
    )
    assert b"X-WR-CALNAME:Week: West\r\n" in calendar_file(revised((), (day(),), THEN), of_one)


def test_no_day_gives_an_empty_calendar_and_uids_are_never_shared() -> None:
    assert parsed_by_vobject(written()) == {}
    days = [day(key=key) for key in ("a", "a-1", "a-1-1")]
    uids = list(parsed_by_ical(written(*days)))
    assert len(set(uids)) == 3
    assert all(before != after for before, after in pairwise(sorted(uids)))
