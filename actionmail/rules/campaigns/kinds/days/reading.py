"""Days of action as a file or a form has them: read with every fault at its own path, and written again."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlsplit

from actionmail.rules.campaigns import value_checks as checks
from actionmail.rules.campaigns.clock_times import DAY, is_skipped, minute_of_day, written
from actionmail.rules.campaigns.kinds.days.days import ActionDay, Session
from actionmail.rules.campaigns.kinds.typed_tables import Faults, TypedTable, a_date
from actionmail.rules.campaigns.problems import CampaignValueError, Problem

MAX_DAYS: Final = 60
MAX_SESSIONS: Final = 20
MAX_LINK: Final = 500
MAX_REGION: Final = 80
_DAY_KEYS: Final = ("key", "date", "region", "states", "host", "link", "text", "after", "sessions")
_SESSION_KEYS: Final = ("title", "from", "to", "timezone", "link")
_NONE: Final[tuple[str, ...]] = ()
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def read_days(tables: Any, faults: Faults, path: str = "days") -> list[ActionDay]:
    """The days that are right; what is wrong with the others is added to `faults` ("days.2.sessions.0.to")."""
    rows = TypedTable({path: tables}, faults).tables(path, MAX_DAYS)
    return [day for row in rows if (day := read_day(row)) is not None]


def read_day(row: TypedTable) -> ActionDay | None:
    """One day, None where something is wrong with it, which is added to the row's faults."""
    before = sum(map(len, row.faults.values()))
    row.only(*_DAY_KEYS)
    key, day = row.value("key", checks.slug), row.value("date", a_date)
    region, states = row.value("region", checks.line(MAX_REGION)), row.value("states", region_states, _NONE)
    if states == _NONE:
        row.fault("states", Problem("days.no-state"))
    host, link = row.value("host", checks.line(120), ""), row.value("link", web_link, "")
    text, after = row.value("text", checks.paragraphs, ""), row.value("after", checks.paragraphs, "")
    sessions = [_read_session(session) for session in row.tables("sessions", MAX_SESSIONS)]
    whole = [session for session in sessions if session is not None]
    if day is not None:
        _check_clocks(row, sessions, day)
    if sum(map(len, row.faults.values())) > before:
        return None
    assert key and day and region and states
    assert host is not None and link is not None and text is not None and after is not None
    return ActionDay(
        key=key,
        day=day,
        region=region,
        states=states,
        host=host,
        link=link,
        text=text,
        after=after,
        sessions=tuple(whole),
    )


def _read_session(row: TypedTable) -> Session | None:
    row.only(*_SESSION_KEYS)
    title, link = row.value("title", checks.line(200), ""), row.value("link", web_link, "")
    begins, ends = row.value("from", minute_of_day), row.value("to", minute_of_day)
    zone = row.value("timezone", checks.timezone)
    if begins is not None and ends is not None and ends <= begins:
        later = ends + DAY // 2
        near = {"near": written(later)} if begins < later < DAY else {}
        row.fault("to", Problem("days.ends-before-begins-near" if near else "days.ends-before-begins", near))
        return None
    if title is None or link is None or begins is None or ends is None or zone is None:
        return None
    return Session(title=title, begins=begins, ends=ends, zone=zone, link=link)


def _check_clocks(row: TypedTable, sessions: list[Session | None], day: Any) -> None:
    """Whether the clocks show each time on that day."""
    for number, session in enumerate(sessions):
        if session is None:
            continue
        for key, minute in (("from", session.begins), ("to", session.ends)):
            if is_skipped(day, minute, session.zone):
                values = {"time": written(minute), "zone": session.zone}
                row.fault(f"sessions.{number}.{key}", Problem("value.skipped-hour", values))


def region_states(value: Any) -> tuple[str, ...]:
    """The codes of states, each once. Raises CampaignValueError."""
    if not isinstance(value, list | tuple):
        raise CampaignValueError("value.no-list")
    if not value:
        raise CampaignValueError("days.no-state")
    states = [checks.state(state) for state in value]
    for state in states:
        if states.count(state) > 1:
            raise CampaignValueError("days.state-twice-in-region", state=state)
    return tuple(states)


def web_link(value: Any) -> str:
    """An address that begins with https:// or http:// and names a host. Raises CampaignValueError."""
    link = checks.line(MAX_LINK)(value)
    try:
        parts = urlsplit(link)
        is_link = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_link = False
    if not is_link or re.search(r"[\s<>\"\\^`{|}]", link):
        raise CampaignValueError("value.no-web-link")
    return link


def new_key(region: str, taken: Collection[str]) -> str:
    """A key for a new day: of the region's name, such as "great-lakes", with a number where that is taken."""
    slug = _NO_SLUG.sub("-", region.lower())[: checks.MAX_SLUG - 4].strip("-") or "day"
    key, number = slug, 2
    while key in taken:
        key, number = f"{slug}-{number}", number + 1
    return key
