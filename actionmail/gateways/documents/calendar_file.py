"""Days of action as a file that calendars take: iCalendar (RFC 5545), by icalendar.

Nothing in it depends on when it is written, so the same days are the same bytes. There is no METHOD: that is for
invitations, and PUBLISH asks for an ORGANIZER (RFC 5546 3.2.1.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vDuration, vText, vUri

from actionmail.gateways.documents.calendar_zones import zone_component
from actionmail.rules.campaigns.kinds.days.listed_events import CalendarOf, DayEvent, ListedEvent

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_PRODUCT: Final = "-//ActionMail//Days of action//EN"
_BEFORE_SESSION: Final = timedelta(minutes=-30)
_EVENING_BEFORE: Final = timedelta(hours=-6)  # of a whole day, which begins at midnight
_AGAIN: Final = timedelta(hours=12)  # when a calendar that subscribed should look again


class _Text(vText):
    """A text as RFC 5545 3.3.11 escapes it: icalendar makes a line's end of a backslash before an N."""

    def to_ical(self) -> bytes:
        escaped = re.sub(r"[\\;,]", r"\\\g<0>", self)
        return re.sub(r"\r\n?|\n", r"\\n", escaped).encode()


def calendar_file(entries: Sequence[ListedEvent], of: CalendarOf) -> bytes:
    """The file of these events: CRLF line ends, lines folded at 75 octets, a VTIMEZONE for each zone in it.

    What was cancelled stays in it as such, so that it goes from the calendars that have it.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    name = f"{of.title}: {of.region}" if of.region else of.title
    calendar.add("name", _Text(name))
    calendar.add("x-wr-calname", _Text(name))  # for Apple and Google, which came before RFC 7986
    calendar.add("url", vUri(of.page_url))
    calendar.add("refresh-interval", vDuration(_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_AGAIN))  # the same for Outlook
    for zone, first, last in _zones([entry.event for entry in entries]):
        calendar.add_component(zone_component(zone, first, last))
    for entry in entries:
        calendar.add_component(_event(entry, of))
    return bytes(calendar.to_ical())


def _zones(events: Iterable[DayEvent]) -> list[tuple[str, date, date]]:
    """Each zone with the first and the last day on which something is in it."""
    days: dict[str, list[date]] = {}
    for event in events:
        if event.zone:
            days.setdefault(event.zone, []).append(event.day)
    return [(zone, min(of_zone), max(of_zone)) for zone, of_zone in sorted(days.items())]


def _event(entry: ListedEvent, of: CalendarOf) -> Event:
    listed, event = entry.event, Event()
    event.add("uid", f"{of.slug}.{listed.key.replace('/', '.')}@{of.host}")
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    begins, ends = _times(listed)
    event.add("dtstart", begins)
    event.add("dtend", ends)
    summary = ": ".join(text for text in (of.title, listed.region, listed.title) if text)
    event.add("summary", _Text(summary))
    page = f"{of.page_url}#{listed.key.partition('/')[0]}"
    words = "\n\n".join(text for text in (listed.text, listed.host, listed.link, page) if text)
    event.add("description", _Text(words))
    if listed.link:
        event.add("location", _Text(listed.link))  # Google and Outlook show no URL of an event
    event.add("url", vUri(listed.link or page))
    event.add("transp", "OPAQUE" if listed.zone else "TRANSPARENT")
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    if not entry.is_cancelled:
        event.add_component(_alarm(summary, _BEFORE_SESSION if listed.zone else _EVENING_BEFORE))
    return event


def _times(event: DayEvent) -> tuple[date, date] | tuple[datetime, datetime]:
    if event.begins is None or event.ends is None:
        return event.day, event.day + timedelta(days=1)
    zone = ZoneInfo(event.zone)
    return event.begins.astimezone(zone), event.ends.astimezone(zone)


def _alarm(words: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _Text(words))
    alarm.add("trigger", before)
    return alarm
