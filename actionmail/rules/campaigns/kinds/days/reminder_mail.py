"""The mail that reminds of a day of action. All in it is ours or the staff's: its address may be a stranger's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from actionmail.rules.campaigns.kinds.days.days import ActionDay, Session
from actionmail.rules.districts.time_zones import sure_zone

_MOST_TEXT: Final = 4_000  # characters of the day's own words; all of them stand on the page


@dataclass(frozen=True, kw_only=True)
class Reminding:
    """What the mail tells. `zones` are those in which the supporter may be; `end` is the link to end such mail."""

    campaign: str
    organisation: str
    day: ActionDay
    zones: Collection[str]
    page: str
    calendar: str
    end: str


def subject(reminding: Reminding) -> str:
    """With the date, which stays right whenever the mail is read."""
    day = reminding.day
    return f"Reminder: {day.region}, {day.day:%A, %B} {day.day.day}: {reminding.campaign}"


def text(reminding: Reminding) -> str:
    """Plain, lines ending in LF."""
    day = reminding.day
    head = [f"{reminding.campaign}\n{day.region}: {day.day:%A, %B} {day.day.day}, {day.day.year}"]
    if day.host:
        head.append(f"Host: {day.host}")
    sessions = [_session(day, session, reminding.zones) for session in day.sessions]
    words = day.text if len(day.text) <= _MOST_TEXT else f"{day.text[:_MOST_TEXT].rstrip()}…"
    ends = (
        f"All days, and how to join: {reminding.page}",
        f"For your calendar: {reminding.calendar}",
        f"You get this because you asked {reminding.organisation} to remind you. To get no more reminders of this, "
        f"open this address and press the button there:\n\n{reminding.end}",
    )
    return "\n\n".join(part for part in (*head, *sessions, day.link, words, *ends) if part)


def _session(day: ActionDay, session: Session, zones: Collection[str]) -> str:
    begins, ends = day.begins(session), day.ends(session)
    lines = [session.title] if session.title else []
    lines.append(clock_times(begins, ends, session.zone))
    theirs = sure_zone(zones, begins)
    if theirs and not same_clock(begins, theirs, session.zone):
        lines.append(f"Where you are: {clock_times(begins, ends, theirs)}")
    if session.link:
        lines.append(session.link)
    return "\n".join(lines)


def same_clock(at: datetime, zone: str, other: str) -> bool:
    """Whether the clocks of two zones show the same at a moment."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()


def clock_times(begins: datetime, ends: datetime, zone: str) -> str:
    """ "Wednesday, 3:00 PM to 4:30 PM CST" by the clocks of a zone; the day of the end too, where it is another."""
    first, last = begins.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    until = f"{last:%-I:%M %p %Z}" if first.date() == last.date() else f"{last:%A, %-I:%M %p %Z}"
    return f"{first:%A, %-I:%M %p} to {until}"
