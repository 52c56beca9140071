"""The mail that reminds of a day of action. All in it is ours or the staff's: its address may be a stranger's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from actionmail.rules import moments
from actionmail.rules.campaigns.kinds.days.days import ActionDay, Session
from actionmail.rules.districts.time_zones import sure_zone
from actionmail.rules.speech import gettext

_MOST_TEXT: Final = 4_000  # characters of the day's own words; all of them stand on the page


class Reminding(Struct, frozen=True, kw_only=True):
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
    return gettext(
        "Reminder: %(region)s, %(day)s: %(campaign)s",
        region=day.region,
        day=moments.weekday_day(day.day),
        campaign=reminding.campaign,
    )


def text(reminding: Reminding) -> str:
    """Plain, lines ending in LF."""
    day = reminding.day
    head = [f"{reminding.campaign}\n{day.region}: {moments.weekday_date(day.day)}"]
    if day.host:
        head.append(gettext("Host: %(host)s", host=day.host))
    sessions = [_session(day, session, reminding.zones) for session in day.sessions]
    words = day.text if len(day.text) <= _MOST_TEXT else f"{day.text[:_MOST_TEXT].rstrip()}…"
    ends = (
        gettext("All days, and how to join: %(link)s", link=reminding.page),
        gettext("For your calendar: %(link)s", link=reminding.calendar),
        gettext(
            "You get this because you asked %(organisation)s to remind you. To get no more reminders of this, open "
            "this address and press the button there:",
            organisation=reminding.organisation,
        ),
        reminding.end,
    )
    return "\n\n".join(part for part in (*head, *sessions, day.link, words, *ends) if part)


def _session(day: ActionDay, session: Session, zones: Collection[str]) -> str:
    begins, ends = day.begins(session), day.ends(session)
    lines = [session.title] if session.title else []
    lines.append(clock_times(begins, ends, session.zone))
    theirs = sure_zone(zones, begins)
    if theirs and not same_clock(begins, theirs, session.zone):
        lines.append(gettext("Where you are: %(times)s", times=clock_times(begins, ends, theirs)))
    if session.link:
        lines.append(session.link)
    return "\n".join(lines)


def same_clock(at: datetime, zone: str, other: str) -> bool:
    """Whether the clocks of two zones show the same at a moment."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()


def clock_times(begins: datetime, ends: datetime, zone: str) -> str:
    """ "Wednesday, 3:00 PM to 4:30 PM CST" by the clocks of a zone; the day of the end too, where it is another."""
    first, last = begins.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    from_day, until = moments.weekday(first.weekday()), moments.clock_and_zone(last)
    if first.date() != last.date():
        until = moments.beside([moments.weekday(last.weekday()), until])
    return gettext("%(day)s, %(begins)s to %(ends)s", day=from_day, begins=moments.clock(first), ends=until)
