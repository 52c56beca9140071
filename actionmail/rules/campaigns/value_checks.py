"""Checks of single values of a campaign and its letters, each cleaned or refused with a CampaignValueError."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from actionmail.rules.campaigns.leftovers import prompts
from actionmail.rules.campaigns.letter_language import MAX_SOURCE
from actionmail.rules.campaigns.plain_text import plain
from actionmail.rules.campaigns.problems import CampaignValueError, LetterError
from actionmail.rules.districts.states import FEDERAL_CHAMBERS
from actionmail.rules.roster import titles
from actionmail.rules.roster.seats import is_address

_TYPE_CODES: Final = {
    str: "value.no-text",
    int: "value.no-number",
    list: "value.no-list",
    dict: "value.no-table",
    date: "value.no-date",
}
LONGEST_TAG: Final = 16  # of a language
MAX_GOAL: Final = 10_000_000
MAX_DAYS: Final = 3650
MAX_NAMES: Final = 100
MAX_SUBJECTS: Final = 20
MAX_SLUG: Final = 80
MAX_URL: Final = 500
MAX_EMAIL: Final = 254
MAX_FILE_NAME: Final = 100
PICTURE_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*\.(?i:jpe?g|png|webp|gif)"
MAX_CATEGORIES: Final = 8
MAX_CATEGORY: Final = 40
MAX_THEN: Final = 5
MAX_SITES: Final = 30
# Nothing that means anything in a header: it is written into `frame-ancestors`.
_SITE: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?::[0-9]{1,5})?"
)

Columns = Mapping[str, tuple[Callable[[Any], Any], Any]]  # by key: the check, and the default or REQUIRED
REQUIRED: Final = object()


def line(limit: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        cleaned = text(value).strip()
        if not cleaned:
            raise CampaignValueError("value.empty")
        if "\n" in cleaned or "\t" in cleaned:
            raise CampaignValueError("value.not-one-line")
        if len(cleaned) > limit:
            raise CampaignValueError("value.too-long", length=len(cleaned), most=limit)
        return cleaned

    return check


def optional_line(limit: int) -> Callable[[Any], str]:
    return lambda value: line(limit)(value) if text(value).strip() else ""


def text(value: Any) -> str:
    is_a(str, value)
    try:
        return plain(value)
    except LetterError as error:
        raise CampaignValueError("value.in-text", problem=error.problem, line=error.line, column=error.column) from None


def paragraphs(value: Any) -> str:
    cleaned = text(value).strip()
    if not cleaned:
        raise CampaignValueError("value.empty")
    if len(cleaned) > MAX_SOURCE:
        raise CampaignValueError("value.too-long", length=len(cleaned), most=MAX_SOURCE)
    return cleaned


def optional_paragraphs(value: Any) -> str:
    return paragraphs(value) if text(value).strip() else ""


def finished_paragraphs(limit: int) -> Callable[[Any], str]:
    """Nothing, or paragraphs of at most so many characters together, in which nothing is left to be filled in."""

    def check(value: Any) -> str:
        cleaned = optional_paragraphs(value)
        if len(cleaned) > limit:
            raise CampaignValueError("value.too-long", length=len(cleaned), most=limit)
        for words in prompts(cleaned, of_staff=True):
            raise CampaignValueError("value.left-over", words=words)
        return cleaned

    return check


def is_a(kind: type, value: Any) -> None:
    if not isinstance(value, kind) or isinstance(value, bool | datetime):
        raise CampaignValueError(_TYPE_CODES[kind])


def one_of(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        is_a(str, value)
        if value in choices:
            return str(value)
        near = difflib.get_close_matches(value.lower()[:40], choices, n=1)
        if near:
            raise CampaignValueError("value.none-of-near", choices=", ".join(choices), near=near[0])
        raise CampaignValueError("value.none-of", choices=", ".join(choices))

    return check


def slug(value: Any) -> str:
    is_a(str, value)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > MAX_SLUG:
        raise CampaignValueError("value.no-slug", most=MAX_SLUG)
    return str(value)


def state(value: Any) -> str:
    is_a(str, value)
    if value not in titles.STATES:
        raise CampaignValueError("value.no-state")
    return str(value)


def optional_state(value: Any) -> str:
    """ "" is the whole country."""
    return "" if value == "" else state(value)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise CampaignValueError("value.no-flag")
    return value


def day(value: Any) -> date:
    is_a(date, value)
    if not 2000 <= value.year < 2200:
        raise CampaignValueError("value.wrong-year", year=value.year)
    return date(value.year, value.month, value.day)


def iso_day(value: Any) -> str:
    """A date of a file, or as it is typed, from 2000 to 2199; kept as text, as JSON has no dates."""
    try:
        listed = date.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        raise CampaignValueError("value.no-day") from None
    if type(listed) is not date:  # a datetime is one too
        raise CampaignValueError("value.no-day")
    return day(listed).isoformat()


def optional_url(value: Any) -> str:
    return url(value) if text(value).strip() else ""


def url(value: Any) -> str:
    """An address on the web that may stand behind a link: http or https, with a host, without a name or password."""
    cleaned = line(MAX_URL)(value)
    try:
        parts = urlsplit(cleaned)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_good = False
    if not is_good or re.search(r"[\s\\<>\"]", cleaned):
        raise CampaignValueError("value.no-url")
    return cleaned


def optional_email(value: Any) -> str:
    """An address to which mail could go by its spelling, or nothing."""
    if not text(value).strip():
        return ""
    cleaned = line(MAX_EMAIL)(value)
    if not is_address(cleaned):
        raise CampaignValueError("value.no-email")
    return cleaned


def optional_picture(value: Any) -> str:
    """The name of a picture's file, which lies beside the campaign's: no way to any other folder."""
    is_a(str, value)
    if value and (len(value) > MAX_FILE_NAME or not re.fullmatch(PICTURE_NAME, value)):
        raise CampaignValueError("value.no-picture-name", most=MAX_FILE_NAME)
    return str(value)


def categories(value: Any) -> list[str]:
    """Short words; each is part of an address, and of a comparison with JSON text in the database."""
    is_a(list, value)
    if len(value) > MAX_CATEGORIES:
        raise CampaignValueError("value.too-many-names", most=MAX_CATEGORIES)
    words = [line(MAX_CATEGORY)(word) for word in value]
    if any(re.search(r'["\\,]', word) for word in words):
        raise CampaignValueError("value.no-category")
    if len({word.casefold() for word in words}) != len(words):
        raise CampaignValueError("value.name-twice")
    return words


def slugs(value: Any) -> list[str]:
    is_a(list, value)
    if len(value) > MAX_THEN:
        raise CampaignValueError("value.too-many-names", most=MAX_THEN)
    listed = [slug(name) for name in value]
    if len(set(listed)) != len(listed):
        raise CampaignValueError("value.name-twice")
    return listed


def sites(value: Any) -> list[str]:
    """Origins of other sites, such as https://example.org: with no path, and http on one's own machine alone."""
    is_a(list, value)
    if len(value) > MAX_SITES:
        raise CampaignValueError("value.too-many-names", most=MAX_SITES)
    listed = [_site(name) for name in value]
    if len(set(listed)) != len(listed):
        raise CampaignValueError("value.name-twice")
    return listed


def _site(value: Any) -> str:
    cleaned = line(MAX_URL)(value).rstrip("/").lower()
    match = _SITE.fullmatch(cleaned)
    if match is None or (match["scheme"] == "http" and match["host"] not in ("localhost", "127.0.0.1")):
        raise CampaignValueError("value.no-site")
    return cleaned


def some_chambers(value: Any) -> list[str]:
    return chambers(value) if value != [] else []


def chambers(value: Any) -> list[str]:
    is_a(list, value)
    if not value or any(chamber not in ("upper", "lower", "legislature", *FEDERAL_CHAMBERS) for chamber in value):
        raise CampaignValueError("value.no-chambers")
    if len(set(value)) != len(value):
        raise CampaignValueError("value.chamber-twice")
    return list(value)


def language(value: Any) -> str:
    is_a(str, value)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) or len(value) > LONGEST_TAG:
        raise CampaignValueError("value.no-language")
    return str(value)


def timezone(value: Any) -> str:
    is_a(str, value)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CampaignValueError("value.no-time-zone") from None
    return str(value)


def instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise CampaignValueError("value.no-instant")
    if not 2000 <= value.year < 2200:
        raise CampaignValueError("value.wrong-year", year=value.year)
    return value


def goal(value: Any) -> int:
    is_a(int, value)
    if not 0 < value <= MAX_GOAL:
        raise CampaignValueError("value.no-goal", most=MAX_GOAL)
    return int(value)


def days(value: Any) -> int:
    is_a(int, value)
    if not 0 < value <= MAX_DAYS:
        raise CampaignValueError("value.no-days", most=MAX_DAYS)
    return int(value)


def subjects(value: Any) -> list[str]:
    is_a(list, value)
    if not 0 < len(value) <= MAX_SUBJECTS:
        raise CampaignValueError("value.no-subjects", most=MAX_SUBJECTS)
    for subject in value:
        is_a(str, subject)
    if len(set(value)) != len(value):
        raise CampaignValueError("value.subject-twice")
    return list(value)


def part(value: Any) -> str:
    is_a(str, value)
    return str(value)


def names(value: Any) -> list[str]:
    """Parties, or keys of committees or people."""
    is_a(list, value)
    if len(value) > MAX_NAMES:
        raise CampaignValueError("value.too-many-names", most=MAX_NAMES)
    listed = [line(120)(name) for name in value]
    if len(set(listed)) != len(listed):
        raise CampaignValueError("value.name-twice")
    return listed


def in_zone(instant: datetime | None, timezone: str) -> datetime | None:
    """An instant without an offset is meant in the campaign's time zone.

    Of the two in an hour that comes twice it is the first, so that no deadline is missed. Raises CampaignValueError for
    a time that the clocks leave out.
    """
    if instant is None or instant.tzinfo is not None:
        return instant
    meant = instant.replace(tzinfo=ZoneInfo(timezone))
    if meant.astimezone(UTC).astimezone(meant.tzinfo).replace(tzinfo=None) != instant:
        raise CampaignValueError("value.skipped-hour", time=f"{instant:%H:%M}", zone=timezone)
    return meant
