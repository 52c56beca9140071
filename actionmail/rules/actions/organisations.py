"""What an organisation gives when it signs a statement: its name, its website, and whose the contact's address is."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import idna

from actionmail.rules.actions.likely_duplicates import site_of

MAX_ORGANISATION: Final = 200
MAX_ROLE: Final = 120
MAX_NOTE: Final = 1_000
MAX_WEBSITE: Final = 300
MOST_SCRIPTS: Final = 3
MAX_REASON: Final = 1_000  # of the staff, who decline

# Mailboxes that anybody can have: they say nothing about an organisation, whatever its website is.
_FREE_MAIL: Final = frozenset(
    (
        "aol.com",
        "att.net",
        "comcast.net",
        "fastmail.com",
        "gmail.com",
        "gmx.com",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "mail.com",
        "me.com",
        "msn.com",
        "naver.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rocketmail.com",
        "sbcglobal.net",
        "verizon.net",
        "yahoo.com",
        "ymail.com",
        "zoho.com",
    )
)
# Han, Kana, Hangul and Bopomofo are written together, and are one script here, as in Unicode's report 39. Letters are
# told apart by the first word of their Unicode names.
_WRITTEN_TOGETHER: Final = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"))
_WIDTHS: Final = frozenset(("FULLWIDTH", "HALFWIDTH"))


class WebsiteFault(StrEnum):
    """Why a text is no website's address."""

    LONG = "long"
    NO_ADDRESS = "no-address"
    NO_HOST = "no-host"


class NoWebsite(ValueError):
    """What was typed is no address of a website."""

    def __init__(self, fault: WebsiteFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Mark(StrEnum):
    """Why staff look closer at a contact's address; NONE where it lies in the website's domain."""

    NONE = ""
    FREE_MAIL = "free-mail"
    OTHER_DOMAIN = "other-domain"
    NO_WEBSITE = "no-website"


def website_of(typed: str) -> str:
    """The address of a website with its scheme, its host in lower case and as A-labels; "" for an empty text.

    Raises NoWebsite. What stands behind the host is kept: many organisations are a page of another's site.
    """
    text = typed.strip()
    if not text:
        return ""
    if len(text) > MAX_WEBSITE:
        raise NoWebsite(WebsiteFault.LONG)
    if any(not character.isprintable() or character in ' <>"\\' for character in text):
        raise NoWebsite(WebsiteFault.NO_ADDRESS)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise NoWebsite(WebsiteFault.NO_ADDRESS) from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise NoWebsite(WebsiteFault.NO_ADDRESS)
    place = f"{_labels(host)}:{port}" if port else _labels(host)
    return parts._replace(netloc=place).geturl()


def _labels(host: str) -> str:
    """Raises NoWebsite for what no domain can be called (IDNA 2008, after the mapping of UTS 46)."""
    try:
        labels = idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise NoWebsite(WebsiteFault.NO_HOST) from None
    first, dot, last = labels.rpartition(".")
    if not dot or not first or last.isdigit():
        raise NoWebsite(WebsiteFault.NO_HOST)
    return labels


def mark_of(email: str, website: str) -> Mark:
    """What staff see beside the contact's address. Both as they are kept."""
    domain = email.rpartition("@")[2].lower()
    if domain in _FREE_MAIL:
        return Mark.FREE_MAIL
    host = site_of(website).partition("/")[0]
    if not host:
        return Mark.NO_WEBSITE
    is_inside = domain == host or domain.endswith(f".{host}") or host.endswith(f".{domain}")
    return Mark.NONE if is_inside else Mark.OTHER_DOMAIN


def scripts_in(name: str) -> int:
    """In how many scripts the letters of a name are."""
    scripts = set()
    for character in name:
        if unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lo"):
            scripts.add(_script(character))
    return len(scripts)


def _script(letter: str) -> str:
    first, _, rest = unicodedata.name(letter, "NONE").partition(" ")
    if first in _WIDTHS:
        first = rest.partition(" ")[0]
    return "CJK" if first in _WRITTEN_TOGETHER else first
