"""What stands in people's calendars of the days: each event's revision, and those that were taken back.

A calendar knows an event by its UID and takes a newer one by its SEQUENCE (RFC 5545 3.8.4.7, 3.8.7.4). So what was
listed once is kept, and only `revised` decides what is a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from msgspec import Struct, structs

from actionmail.rules.campaigns.kinds.days.days import ActionDay
from actionmail.rules.replacing import replace


class DayEvent(Struct, frozen=True, kw_only=True):
    """One session, or a whole day without any, as a calendar has it.

    `begins` and `ends` are aware and in UTC, None for a whole day; `zone` is the one to show them in. `title` is the
    session's or "".
    """

    key: str  # "great-lakes/1": the day's key, and the session's number or "day"
    day: date
    region: str
    title: str
    host: str
    text: str
    link: str
    begins: datetime | None = None
    ends: datetime | None = None
    zone: str = ""


class ListedEvent(Struct, frozen=True, kw_only=True):
    """An event as it was last given out; `sequence` counts its changes from 0."""

    event: DayEvent
    changed_at: datetime
    sequence: int = 0
    is_cancelled: bool = False


class CalendarOf(Struct, frozen=True, kw_only=True):
    """Whose days they are: the campaign's title, slug and page, and the host that makes its UIDs nobody else's.

    `region` is the one whose day alone is in the file, or "".
    """

    title: str
    slug: str
    page_url: str
    host: str
    region: str = ""


# Writes a calendar's file (`gateways/documents/calendar_file`).
WriteCalendar = Callable[[Sequence[ListedEvent], CalendarOf], bytes]


def events_of(day: ActionDay) -> tuple[DayEvent, ...]:
    """The events of one day: its sessions, or the whole day where it has none."""
    whole = DayEvent(
        key=f"{day.key}/day",
        day=day.day,
        region=day.region,
        title="",
        host=day.host,
        text=day.text,
        link=day.link,
    )
    events = []
    for number, session in enumerate(day.sessions, 1):
        event = replace(
            whole,
            key=f"{day.key}/{number}",
            title=session.title,
            link=session.link or day.link,
            begins=day.begins(session),
            ends=day.ends(session),
            zone=session.zone,
        )
        events.append(event)
    return tuple(events) or (whole,)


def revised(listed: Iterable[ListedEvent], days: Iterable[ActionDay], now: datetime) -> tuple[ListedEvent, ...]:
    """What is to be listed now: what is as it was stays as it was, what changed counts one on, what is gone is
    cancelled and stays so. In the order of the days, those that are gone last.
    """
    before = {entry.event.key: entry for entry in listed}
    entries: list[ListedEvent] = []
    for day in days:
        for event in events_of(day):
            known = before.pop(event.key, None)
            if known is None:
                entries.append(ListedEvent(event=event, changed_at=now))
            elif known.event == event and not known.is_cancelled:
                entries.append(known)
            else:
                entries.append(ListedEvent(event=event, changed_at=now, sequence=known.sequence + 1))
    for gone in before.values():
        if not gone.is_cancelled:
            gone = replace(gone, changed_at=now, sequence=gone.sequence + 1, is_cancelled=True)
        entries.append(gone)
    return tuple(entries)


def to_json(entry: ListedEvent) -> dict[str, Any]:
    """The entry as JSON can keep it; `from_json` reads it back."""
    table = {**structs.asdict(entry.event), "changed_at": entry.changed_at}
    table |= {"sequence": entry.sequence, "is_cancelled": entry.is_cancelled}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in table.items()}


def from_json(table: Mapping[str, Any]) -> ListedEvent:
    """The entry that `to_json` wrote."""
    texts = {key: table[key] for key in ("key", "region", "title", "host", "text", "link", "zone")}
    begins, ends = _instant(table["begins"]), _instant(table["ends"])
    event = DayEvent(**texts, day=date.fromisoformat(table["day"]), begins=begins, ends=ends)
    changed_at = datetime.fromisoformat(table["changed_at"]).astimezone(UTC)
    return ListedEvent(
        event=event, changed_at=changed_at, sequence=table["sequence"], is_cancelled=table["is_cancelled"]
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
